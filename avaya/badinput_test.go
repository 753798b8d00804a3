package avaya_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

const someUser = "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b"

// bearer is a configuration with a token that was got elsewhere.
func bearer(base string) avaya.Config {
	cfg := config(base)
	cfg.Auth = avaya.Bearer{Token: core.NewSecret("fixed-bearer-token")}
	return cfg
}

// mocked is a client over one canned answer.
func mocked(t *testing.T, method, path string, responder httpmock.Responder) (*avaya.Client, *httpmock.MockTransport) {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder(method, "https://api.test"+path, responder)
	cfg := bearer("https://api.test")
	cfg.Transport, cfg.MaxAttempts = mock, 1
	c, err := avaya.New(cfg)
	require.NoError(t, err)
	return c, mock
}

const usersPath = "/api/admin/user/v1/accounts/QWERTY/users"

func TestASettingThatIsMissingOrWrongIsNamed(t *testing.T) {
	good := config("https://eu.api.example.com")
	for name, tc := range map[string]struct {
		edit func(*avaya.Config)
		says string
	}{
		"no base URL":      {func(c *avaya.Config) { c.BaseURL = "" }, "base URL is missing"},
		"foreign http":     {func(c *avaya.Config) { c.BaseURL = "http://eu.api.example.com" }, "plain http"},
		"user in URL":      {func(c *avaya.Config) { c.BaseURL = "https://me:hunter22@x.example" }, "must not hold a user"},
		"ftp":              {func(c *avaya.Config) { c.BaseURL = "ftp://x.example" }, "https://host"},
		"garbage":          {func(c *avaya.Config) { c.BaseURL = "https://\x7f" }, "cannot be parsed"},
		"account":          {func(c *avaya.Config) { c.AccountID = "QWERT/" }, "AccountID"},
		"no account":       {func(c *avaya.Config) { c.AccountID = "" }, "AccountID"},
		"no app key":       {func(c *avaya.Config) { c.AppKey = core.Secret{} }, "AppKey"},
		"split app key":    {func(c *avaya.Config) { c.AppKey = core.NewSecret("hunter22\nX-Evil: 1") }, "AppKey"},
		"no credentials":   {func(c *avaya.Config) { c.Auth = nil }, "Auth is missing"},
		"nil credentials":  {func(c *avaya.Config) { c.Auth = (*avaya.ClientCredentials)(nil) }, "Auth is missing"},
		"nil bearer":       {func(c *avaya.Config) { c.Auth = (*avaya.Bearer)(nil) }, "Auth is missing"},
		"no client id":     {func(c *avaya.Config) { c.Auth = avaya.ClientCredentials{Secret: core.NewSecret("s")} }, "ClientCredentials.ID"},
		"no client secret": {func(c *avaya.Config) { c.Auth = avaya.ClientCredentials{ID: "i"} }, "ClientCredentials.Secret"},
		"no token":         {func(c *avaya.Config) { c.Auth = avaya.Bearer{} }, "Bearer.Token is missing"},
		"split token":      {func(c *avaya.Config) { c.Auth = avaya.Bearer{Token: core.NewSecret("hunter22\nX-Evil: 1")} }, "Bearer.Token"},
	} {
		cfg := good
		tc.edit(&cfg)
		_, err := avaya.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid, name)
		require.ErrorContains(t, err, tc.says, name)
		require.NotContains(t, err.Error(), "hunter22")
	}
	_, err := avaya.New(good)
	require.NoError(t, err)
	cfg := good
	cfg.BaseURL = "http://127.0.0.1:8080"
	_, err = avaya.New(cfg)
	require.NoError(t, err, "this machine may be spoken to in the clear")
	cfg.BaseURL = "http://eu.api.example.com"
	cfg.AllowInsecureHTTP = true
	_, err = avaya.New(cfg, nil)
	require.NoError(t, err, "and an option that is nil is none")
	for _, bad := range []core.ClientOptions{{RateLimit: core.RateLimit{Burst: 1}}, {RateLimit: core.RateLimit{PerSecond: 1, Burst: -1}},
		{MaxAttempts: -1}, {MaxWait: -1}, {AttemptTimeout: -1}} {
		cfg := good
		cfg.ClientOptions = bad
		_, err := avaya.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid)
	}
}

func TestAnImpossibleIDIsNotSent(t *testing.T) {
	c, mock := mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, "{}"))
	ctx := t.Context()
	for _, id := range []string{"", " ", ".", "..", "a/../b", "a/b", `a\b`, "a\nb", "\x00", strings.Repeat("x", 2000)} {
		_, getErr := c.Users.Get(ctx, id)
		_, putErr := c.Users.Replace(ctx, avaya.User{UserID: id, LoginID: "l", FirstName: "f", LastName: "l", OrganizationNodeID: "QWERTY"})
		_, modErr := c.Users.Modify(ctx, id, func(*avaya.User) error { return nil })
		_, statusErr := c.Users.ListStatuses(ctx, id)
		_, settleErr := c.Users.Settle(ctx, id)
		_, profileErr := c.Profiles.Get(ctx, id)
		_, profilePutErr := c.Profiles.Replace(ctx, avaya.Profile{ProfileID: id, ProfileName: "Nights"})
		_, groupErr := c.Groups.Get(ctx, id)
		for _, err := range []error{getErr, putErr, modErr, statusErr, settleErr, profileErr, profilePutErr, groupErr, c.Users.Delete(ctx, id), c.Store().DeleteUser(ctx, id)} {
			require.ErrorIs(t, err, core.ErrInvalid, "%q", id)
			require.Zero(t, errorOf(t, err).Attempts)
		}
	}
	require.Zero(t, mock.GetTotalCallCount())
}

func TestAProfileIDMayHoldWhatMustBeEscaped(t *testing.T) {
	c, _ := mocked(t, "GET", "/api/admin/user/v1/accounts/QWERTY/profiles/A%20b.-_", httpmock.NewStringResponder(200, `{"profileId":"A b.-_","profileName":"x"}`))
	p, err := c.Profiles.Get(t.Context(), "A b.-_")
	require.NoError(t, err)
	require.Equal(t, "A b.-_", p.ProfileID)
}

func TestAnAnswerThatMakesNoSenseIsAProtocolError(t *testing.T) {
	for name, body := range map[string]string{
		"empty":            "",
		"html":             "<!doctype html><title>Welcome</title>",
		"garbage":          "\x00\xff\xfe",
		"cut":              `{"userId":"` + someUser + `","loginId":"a`,
		"an array":         `[{"userId":"` + someUser + `"}]`,
		"a string":         `"hello"`,
		"null":             `null`,
		"no id":            `{"loginId":"a"}`,
		"id of wrong type": `{"userId":{"a":1}}`,
		"wrong type deep":  `{"userId":"` + someUser + `","features":{"voice":[1]}}`,
		"number too large": `{"userId":"` + someUser + `","features":{"chat":{"multiplicity":99999999999999999999}}}`,
		"trailing":         `{"userId":"` + someUser + `"} {"userId":"b"}`,
	} {
		c, _ := mocked(t, "GET", usersPath+"/"+someUser, httpmock.NewStringResponder(200, body))
		_, err := c.Users.Get(t.Context(), someUser)
		require.ErrorIs(t, err, core.ErrProtocol, name)
		require.NotContains(t, err.Error(), "\n", name)
		require.Equal(t, core.AppliedNo, appliedOf(t, err), name)

		c, _ = mocked(t, "POST", usersPath, httpmock.NewStringResponder(202, body))
		_, err = c.Users.Create(t.Context(), avaya.User{LoginID: "l@x", FirstName: "f", LastName: "l"})
		require.ErrorIs(t, err, core.ErrProtocol, name)
		require.Equal(t, core.AppliedUnknown, appliedOf(t, err), name)
	}
}

func TestEachStatusHasItsClass(t *testing.T) {
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

func TestAListThatRepeatsItsPageEnds(t *testing.T) {
	page := `{"pagination":{"pageSize":50,"total":500},"users":[{"userId":"a"},{"userId":"b"}]}`
	c, _ := mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, page))
	all, err := core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, all, 2)

	n := 0
	c, _ = mocked(t, "GET", usersPath, func(*http.Request) (*http.Response, error) {
		n++
		return httpmock.NewStringResponse(200, fmt.Sprintf(`{"pagination":{"pageNumber":1,"pageSize":50,"total":4},"users":[{"userId":"a%d"},{"userId":"b%d"}]}`, n, n)), nil
	})
	_, err = core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete, "page 2 that calls itself page 1")

	c, _ = mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, `{"users":[{"userId":"a"}]}`))
	_, err = core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrProtocol, "a page that names no total")

	c, _ = mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, `{"pagination":{"total":7},"users":[]}`))
	_, err = core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{}))
	require.ErrorIs(t, err, core.ErrIncomplete, "an empty page of a list that is not empty")
}

func TestAListCanBeWalkedTwiceAndLeftEarly(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.AddUsers(130)
		list := b.client.Users.List(b.Context(), avaya.UserListOptions{})
		require.Empty(b, b.srv.Requests(), "nothing is sent before the walk")
		for range list {
			break
		}
		require.Len(b, b.srv.Requests("Users.List"), 1, "left early, the rest is not fetched")
		for range 2 {
			all, err := core.Collect(list)
			require.NoError(b, err)
			require.Len(b, all, 130)
		}
	})
}

func TestAHugeErrorIsReadOnlyInPart(t *testing.T) {
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

func TestNoSecretIsEverPrinted(t *testing.T) {
	secrets := []string{"planted-app-key", "planted-client-secret", "planted-token", "Planted-Passw0rd!"}
	everything := strings.Join(secrets, " ")
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", "https://api.test/api/auth/v1/QWERTY/protocol/openid-connect/token",
		httpmock.NewStringResponder(200, `{"access_token":"planted-token","expires_in":900}`))
	mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		res := httpmock.NewStringResponse(400, fmt.Sprintf(`{"type":"x#%[1]s","title":"%[1]s","status":400,"detail":"%[1]s",
			"violations":[{"field":"%[1]s","message":"%[1]s"}]}`, everything))
		res.Header = http.Header{"X-Request-Id": {everything}}
		return res, nil
	})
	var log bytes.Buffer
	cfg := config("https://api.test")
	cfg.AppKey = core.NewSecret(secrets[0])
	cfg.Auth = avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(secrets[1])}
	cfg.Transport, cfg.Logger = mock, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := avaya.New(cfg)
	require.NoError(t, err)
	_, err = c.Users.Create(t.Context(), avaya.User{LoginID: "l@x", FirstName: "f", LastName: "l", Password: core.NewSecret(secrets[3])})
	require.Error(t, err)
	_, listErr := core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{Filter: avaya.Equals("loginId", "who@x")}))
	require.Error(t, listErr)
	own := fmt.Sprintf("%v %+v %#v %#v", err, err, err, *errorOf(t, err)) + strings.SplitAfter(log.String(), "\n")[1]
	require.NotContains(t, own, secrets[3], "the password that this call has set")
	all := own + log.String() + fmt.Sprintf("%v %+v %#v %+v %#v", listErr, cfg, cfg, c, errorOf(t, listErr))
	for _, secret := range secrets[:3] {
		require.NotContains(t, all, secret)
	}
	require.NotContains(t, log.String(), "who@x", "a query is not logged")
	require.NotContains(t, listErr.Error(), "who@x")
	require.NotEmpty(t, log.String())
}

func TestACancelledContextIsTold(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Fault{Op: "Users.Create", Delay: time.Hour})
		ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
		defer cancel()
		_, err := b.store.CreateUser(ctx, core.UserSpec{Login: "c@example.com", FirstName: "Ca", LastName: "Ncel"})
		require.ErrorIs(b, err, core.ErrCanceled)
		require.Equal(b, core.AppliedUnknown, appliedOf(b, err), "it was on its way")
		_, err = b.store.GetUser(ctx, someUser)
		require.ErrorIs(b, err, core.ErrCanceled)
		require.Equal(b, core.AppliedNo, appliedOf(b, err))
		require.Empty(b, b.srv.Requests("Users.Get"))
	})
}
