package rest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// overTCP returns a client and the base of a real server on loopback.
func overTCP(t *testing.T, h http.Handler, set ...func(*Config)) (*Client, *url.URL) {
	t.Helper()
	srv := httptest.NewServer(h)
	c := newClient(nil, append([]func(*Config){func(c *Config) { c.Transport = core.NewTransport() }}, set...)...)
	t.Cleanup(func() { c.CloseIdle(); srv.Close() })
	base, err := ParseBase(srv.URL, false)
	require.NoError(t, err)
	return c, base
}

func TestOnlyHTTPSIsABaseExceptToThisMachineOrWhereAllowed(t *testing.T) {
	for raw, allowed := range map[string][2]bool{ // without and with the option
		"https://api.vendor.example":                {true, true},
		"HTTPS://api.vendor.example":                {true, true},
		"https://api.vendor.example:8443/v1/":       {true, true},
		"https://api.vendor.example/a%2Fb":          {true, true},
		"https://[2001:db8::1]/v1":                  {true, true},
		"http://127.0.0.1:8080":                     {true, true},
		"http://127.9.9.9":                          {true, true},
		"http://[::1]:8080/v1":                      {true, true},
		"http://[::ffff:127.0.0.1]":                 {true, true},
		"http://localhost/v1":                       {true, true},
		"http://LocalHost:1":                        {true, true},
		"http://api.vendor.example":                 {false, true},
		"http://10.0.0.1":                           {false, true},
		"http://0.0.0.0":                            {false, true},
		"http://127.0.0.1.evil.example":             {false, true},
		"http://localhost.evil.example":             {false, true},
		"http://evil.example/localhost":             {false, true},
		"":                                          {},
		" ":                                         {},
		"api.vendor.example":                        {},
		"/v1":                                       {},
		"//api.vendor.example":                      {},
		"https://":                                  {},
		"https:///v1":                               {},
		"https://:443":                              {},
		"https:api.vendor.example":                  {},
		"ftp://api.vendor.example":                  {},
		"file:///etc/passwd":                        {},
		"javascript:alert(1)":                       {},
		"mailto:a@vendor.example":                   {},
		"https://user@api.vendor.example":           {},
		"https://user:hush@api.vendor.example":      {},
		"http://user:hush@127.0.0.1":                {},
		"http://user:hush@api.vendor.example":       {},
		"https://api.vendor.example?key=hush":       {},
		"https://api.vendor.example?":               {},
		"https://api.vendor.example/#hush":          {},
		"https://user:hush@api.vendor.example:port": {},
		"https://user:hush@%zz":                     {},
		"https://user:hush@api.vendor.example/%zz":  {},
		"ftp://user:hush@api.vendor.example":        {},
		"https://api.vendor.example/\x7fhush":       {},
		"https://[::1":                              {},
	} {
		for i, option := range []bool{false, true} {
			u, err := ParseBase(raw, option)
			if allowed[i] {
				if assert.NoError(t, err, "%q %v", raw, option) {
					assert.NotEmpty(t, u.Host)
				}
				continue
			}
			if assert.Error(t, err, "%q %v", raw, option) {
				assert.Nil(t, u)
				assert.NotContains(t, err.Error(), "hush", "%q", raw)
				assert.NotContains(t, err.Error(), "user:", "%q", raw)
			}
		}
	}
}

// elsewhere is a server that nobody may talk to.
func elsewhere(t *testing.T) (base string, hits *atomic.Int64) {
	hits = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		w.Write([]byte(okBody))
	}))
	t.Cleanup(srv.Close)
	return srv.URL, hits
}

func TestNoRedirectToAnotherOriginIsFollowed(t *testing.T) {
	other, hits := elsewhere(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, op := range opsByClass {
			c, base := overTCP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other+"/x?code=hush", status)
			}), func(c *Config) { c.Auth = fixed("the-key") })
			r := call(op, new(thing))
			r.Base = base
			_, err := c.Do(t.Context(), r)
			e := failure(t, err)
			require.Equal(t, core.ClassProtocol, e.Class)
			require.Equal(t, status, e.Status)
			require.Contains(t, e.Message, "another origin")
			require.NotContains(t, e.Error(), "hush")
		}
	}
	require.Zero(t, hits.Load(), "nothing, and no credential, went to the other origin")
}

func TestNoRedirectToAnotherOriginIsFollowedByAList(t *testing.T) {
	other, hits := elsewhere(t)
	c, base := overTCP(t, http.RedirectHandler(other, http.StatusFound), func(c *Config) { c.Auth = fixed("the-key") })
	for _, err := range List[thing](t.Context(), c, Request{Op: opList, Base: base}, nil) {
		require.Equal(t, core.ClassProtocol, failure(t, err).Class)
	}
	require.Zero(t, hits.Load())
}

func TestAnotherSchemePortOrHostIsAnotherOrigin(t *testing.T) {
	for other, same := range map[string]bool{
		"https://vendor.example/x":         true,
		"https://VENDOR.example/x":         true,
		"https://vendor.example:443/x":     true,
		"http://vendor.example/x":          false,
		"https://vendor.example:444/x":     false,
		"https://www.vendor.example/x":     false,
		"https://vendor.example.evil.io/x": false,
		"https://vendor.example@evil.io/x": false,
	} {
		require.Equal(t, same, SameOrigin(mustURL("https://vendor.example/api"), mustURL(other)), other)
	}
}

func TestAReadFollowsARedirectWithinTheOriginWithItsCredential(t *testing.T) {
	p := talk(says(301, "", "Location", "/api/moved/t1"), ok())
	c := newClient(p, func(c *Config) { c.Auth = fixed("the-key") })
	require.NoError(t, do(t.Context(), c, opGet))
	log := p.all()
	require.Len(t, log, 2)
	require.Equal(t, "https://vendor.example/api/moved/t1", log[1].URL)
	require.Equal(t, "Bearer the-key", log[0].Header.Get("Authorization"))
	require.Equal(t, "Bearer the-key", log[1].Header.Get("Authorization"))
}

func TestARedirectAfterARenewalCarriesTheNewToken(t *testing.T) {
	p := talk(says(401, ""), says(307, "", "Location", "/api/moved/t1"), ok())
	c := newClient(p, func(c *Config) { c.Auth = &bearer{NewTokens((&numbered{}).fetch)} })
	require.NoError(t, do(t.Context(), c, opGet))
	require.Equal(t, "Bearer tok-2", p.all()[2].Header.Get("Authorization"))
}

func TestAnAnonymousReadIsRedirectedWithoutACredential(t *testing.T) {
	p := talk(says(301, "", "Location", "/api/moved/t1"), ok())
	r := call(opGet, nil)
	r.Anonymous = true
	_, err := newClient(p, func(c *Config) { c.Auth = fixed("the-key") }).Do(t.Context(), r)
	require.NoError(t, err)
	for _, s := range p.all() {
		require.Empty(t, s.Header.Get("Authorization"))
	}
}

func TestAListFollowsARedirectWithinTheOrigin(t *testing.T) {
	p := talk(says(302, "", "Location", "/api/things?page=1"), says(200, `[{"id":"a"},{"id":"b"}]`))
	n := 0
	for _, err := range List[thing](t.Context(), newClient(p), Request{Op: opList, Base: testBase}, nil) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 2, n)
}

func TestAWriteIsNeverRedirected(t *testing.T) {
	for _, op := range opsByClass[1:] {
		for _, status := range []int{301, 302, 303, 307, 308} {
			p := talk(says(status, "", "Location", "/api/things/t2"), ok())
			e := failure(t, do(t.Context(), newClient(p), op))
			require.Equal(t, core.ClassProtocol, e.Class)
			require.Equal(t, 1, p.sends(), "%s %d", op.Replay, status)
		}
	}
}

func TestARedirectLoopEnds(t *testing.T) {
	p := talk(says(302, "", "Location", "/api/things/t1"))
	e := failure(t, do(t.Context(), newClient(p), opGet))
	require.Equal(t, 302, e.Status)
	require.Equal(t, 4, p.sends())
}

func TestTheUserOfARedirectIsNotSent(t *testing.T) {
	p := talk(says(302, "", "Location", "https://mallory:hush@vendor.example/api/things/t2"), ok())
	require.NoError(t, do(t.Context(), newClient(p, func(c *Config) { c.Auth = fixed("the-key") }), opGet))
	require.Equal(t, "Bearer the-key", p.all()[1].Header.Get("Authorization"))
}

func TestOurTransportKeepsIdleConnectionsForACrowd(t *testing.T) {
	tr := core.NewTransport()
	require.GreaterOrEqual(t, tr.MaxIdleConnsPerHost, 200)
	require.GreaterOrEqual(t, tr.MaxIdleConns, tr.MaxIdleConnsPerHost)
	require.True(t, tr.ForceAttemptHTTP2)
	require.NotNil(t, tr.Proxy)
	c := New(Config{})
	require.IsType(t, tr, c.cfg.Transport)
	given := talk(ok())
	require.Same(t, given, New(Config{Transport: given}).cfg.Transport)
}

func TestAFailedCallDoesNotEmptyTheConnectionPool(t *testing.T) {
	var n, connections atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) % 5 {
		case 0:
			w.WriteHeader(404)
		case 1:
			w.Write([]byte(okBody))
		case 2:
			w.WriteHeader(400)
			w.Write([]byte(`{"message":"no"}`))
		case 3:
			w.WriteHeader(502)
			w.Write([]byte(page))
		case 4:
			w.Header().Set("Retry-After", "9999")
			w.WriteHeader(429)
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	c := newClient(core.NewTransport(), func(c *Config) { c.MaxAttempts = 1 })
	defer c.CloseIdle()
	failed := 0
	for i := range 50 {
		r := call(opsByClass[i%4], new(thing))
		r.Base = mustURL(srv.URL)
		if _, err := c.Do(t.Context(), r); err != nil {
			failed++
		}
	}
	require.Equal(t, 40, failed)
	require.EqualValues(t, 1, connections.Load())
}

func TestACanceledWaitDoesNotEmptyTheConnectionPool(t *testing.T) {
	var connections atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(429)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	var end context.CancelFunc
	rt := core.NewTransport()
	defer rt.CloseIdleConnections()
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		end = cancel
		// The record of the attempt comes once the answer has been read, before the wait.
		c := newClient(rt, func(c *Config) { c.Logger = onRecord("rollcall attempt", func() { end() }) })
		r := call(opGet, nil)
		r.Base = mustURL(srv.URL)
		_, err := c.Do(ctx, r)
		require.Equal(t, core.ClassCanceled, failure(t, err).Class)
		cancel()
	}
	require.EqualValues(t, 1, connections.Load())
}
