package avaya_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestProblem_EachStatusHasItsClass(t *testing.T) {
	for status, class := range map[int]core.Class{
		400: core.ClassInvalid, 401: core.ClassUnauthenticated, 403: core.ClassPermission, 404: core.ClassNotFound,
		405: core.ClassInvalid, 408: core.ClassUnavailable, 409: core.ClassConflict, 410: core.ClassNotFound,
		415: core.ClassInvalid, 423: core.ClassUnavailable, 451: core.ClassPermission,
		500: core.ClassUnavailable, 502: core.ClassUnavailable, 503: core.ClassUnavailable, 504: core.ClassUnavailable,
		301: core.ClassProtocol, 304: core.ClassProtocol,
	} {
		c, _ := mocked(t, "GET", usersPath+"/"+someUser, httpmock.NewStringResponder(status, `{"title":"Refused"}`))
		_, err := c.Users.Get(t.Context(), someUser)
		e := errorOf(t, err)
		require.Equal(t, class, e.Class, "%d: %v", status, err)
		require.Equal(t, status, e.Status)
	}
}

func TestProblem_AHugeOneIsReadInPart(t *testing.T) {
	sent := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for range 640 { // 40 MB
			n, err := w.Write(chunk)
			if sent += n; err != nil {
				return
			}
		}
	}))
	defer srv.Close()
	cfg := bearer(srv.URL)
	cfg.MaxAttempts = 1
	c, err := avaya.New(cfg)
	require.NoError(t, err)
	defer c.CloseIdleConnections()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = c.Users.Get(t.Context(), someUser)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, core.ErrUnavailable)
	require.Less(t, len(err.Error()), 1000)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20))
}

func TestProblem_InsideASuccessIsAnError(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Status: 200, ContentType: "application/json",
			Body: `{"type":"about:blank#forbidden","title":"Forbidden","status":"403","detail":"not yours"}`})
		_, err := b.client.Users.Get(b.Context(), "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b")
		require.ErrorIs(b, err, core.ErrPermission)
		require.ErrorContains(b, err, "not yours")
	})
}

func TestProblem_IsReadInEveryForm(t *testing.T) {
	for name, opts := range map[string][]avayatest.Option{
		"plain":            nil,
		"status as string": {avayatest.WithStringStatus()},
		"other type base":  {avayatest.WithTypeBase(avayatest.TypeBaseOneCloud1)},
	} {
		t.Run(name, func(t *testing.T) {
			simulate(t, func(b *bench) {
				spec := core.UserSpec{Login: "d@example.com", FirstName: "Du", LastName: "Plicate"}
				_, err := b.store.CreateUser(b.Context(), spec)
				require.NoError(b, err)
				_, err = b.store.CreateUser(b.Context(), spec)
				require.ErrorIs(b, err, core.ErrConflict)
				e := errorOf(b, err)
				require.Equal(b, "conflict", e.Code)
				require.Contains(b, e.Message, "loginId")
				require.Equal(b, 409, e.Status)
				require.Equal(b, core.AppliedNo, e.Applied)

				_, err = b.store.CreateUser(b.Context(), core.UserSpec{Login: "nope", FirstName: "X", LastName: "Yz"})
				require.ErrorIs(b, err, core.ErrInvalid)
				require.NotEmpty(b, errorOf(b, err).Message)
			}, opts...)
		})
	}
}

func TestProblem_AFirewallsPageIsPermissionDenied(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Firewalled("Users.Get"))
		_, err := b.client.Users.Get(b.Context(), "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b")
		require.ErrorIs(b, err, core.ErrPermission)
		require.ErrorContains(b, err, "HTML")
	})
}
