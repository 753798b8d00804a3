package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestHeaders_EachRequestHasItsOwnCredential(t *testing.T) {
	seen := make(chan string, 1000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		seen <- req.Method + " " + req.Header.Get("Authorization") + " " + req.Header.Get("If-Match") + " " + req.Header.Get("Content-Type")
		fmt.Fprint(w, okBody)
	}))
	defer srv.Close()
	key := &changing{}
	tr := core.NewTransport()
	defer tr.CloseIdleConnections()
	c := newClient(tr, func(c *Config) { c.Auth = key })
	send := func(op *Op, header http.Header) string {
		r := call(op, new(thing))
		r.Base, r.Header = mustURL(srv.URL), header
		_, err := c.Do(t.Context(), r)
		require.NoError(t, err)
		return <-seen
	}

	key.set("one")
	require.Equal(t, "GET one  ", send(opGet, nil))
	require.Equal(t, "GET one  ", send(opGet, nil))
	require.Equal(t, "PUT one  application/json", send(opPut, nil))
	require.Equal(t, "GET one x ", send(opGet, http.Header{"If-Match": {"x"}}))
	require.Equal(t, "GET one  ", send(opGet, nil))
	key.set("two")
	require.Equal(t, "GET two  ", send(opGet, nil))
	require.Equal(t, "PUT two  application/json", send(opPut, nil))
	require.Equal(t, "GET two  ", send(opGet, nil))
}

// TestHeaders_AreSharedSafely is for the race detector.
func TestHeaders_AreSharedSafely(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { fmt.Fprint(w, okBody) }))
	defer srv.Close()
	key := &changing{}
	tr := core.NewTransport()
	defer tr.CloseIdleConnections()
	c := newClient(tr, func(c *Config) { c.Auth = key })

	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for n := range 50 {
				if n%10 == 0 {
					key.set(fmt.Sprint(i, n))
				}
				r := call([]*Op{opGet, opPut}[n/5%2], new(thing))
				r.Base = mustURL(srv.URL)
				_, err := c.Do(t.Context(), r)
				require.NoError(t, err)
			}
		})
	}
	wg.Wait()
}

// scribbler is a transport that writes to what it is given, which none may and some do.
type scribbler struct{ http.RoundTripper }

func (s scribbler) RoundTrip(req *http.Request) (*http.Response, error) {
	req.Header.Set("X-Trace", "1")
	req.Header.Del("Authorization")
	return s.RoundTripper.RoundTrip(req)
}

func TestHeaders_ATransportThatWritesToThemDisturbsNobody(t *testing.T) {
	p := talk(ok())
	c := newClient(scribbler{p}, func(c *Config) { c.Auth = fixed("k") })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				require.NoError(t, do(t.Context(), c, opGet))
			}
		})
	}
	wg.Wait()
}

// changing is a credential that somebody else changes.
type changing struct {
	mu  sync.Mutex
	key string
}

func (a *changing) set(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.key = key
}

// Authorize implements Auth.
func (a *changing) Authorize(_ context.Context, req *http.Request) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	req.Header["Authorization"] = []string{a.key}
	return "", nil
}

// Renew implements Auth.
func (*changing) Renew(string) bool { return false }
