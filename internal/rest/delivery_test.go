package rest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// proxy is a small proxy on loopback that tunnels, or refuses with a status.
type proxy struct {
	url     *url.URL
	refuse  atomic.Int64
	asked   atomic.Int64
	tunnels sync.WaitGroup
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	p := &proxy{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		if status := int(p.refuse.Load()); status != 0 {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			io.WriteString(w, "<html>the proxy says no</html>")
			return
		}
		out, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		in, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			out.Close()
			return
		}
		in.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
		p.tunnels.Go(func() { pipe(out, buffered.Reader); out.Close() })
		p.tunnels.Go(func() { pipe(in, bufio.NewReader(out)); in.Close() })
	}))
	t.Cleanup(func() { srv.Close(); p.tunnels.Wait() })
	var err error
	p.url, err = url.Parse(srv.URL)
	require.NoError(t, err)
	return p
}

func pipe(to io.Writer, from io.Reader) { io.Copy(to, from) }

// overTLS returns a server that counts its connections, and its roots.
func overTLS(t *testing.T, h http.HandlerFunc) (base *url.URL, roots *x509.CertPool, opened *atomic.Int64) {
	t.Helper()
	opened = new(atomic.Int64)
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots = x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return mustURL(srv.URL), roots, opened
}

// transports are those that a caller may bring: ours, and one that knows nothing of
// us. Behind a wrapper that net/http knows nothing of it is the same.
func transports(roots *x509.CertPool, p *proxy) map[string]http.RoundTripper {
	ours, gos := core.NewTransport(), http.DefaultTransport.(*http.Transport).Clone()
	for _, t := range []*http.Transport{ours, gos} {
		t.TLSClientConfig = &tls.Config{RootCAs: roots}
		t.Proxy = http.ProxyURL(p.url)
	}
	return map[string]http.RoundTripper{"ours": ours, "Go's": gos, "wrapped": roundTrip(ours.RoundTrip)}
}

func TestATunnelThatTheProxyRefusesIsNotSent(t *testing.T) {
	var served atomic.Int64
	base, roots, _ := overTLS(t, func(w http.ResponseWriter, _ *http.Request) { served.Add(1); io.WriteString(w, okBody) })
	for _, status := range []int{403, 407, 429, 500, 502, 503} {
		p := newProxy(t)
		p.refuse.Store(int64(status))
		for name, rt := range transports(roots, p) {
			for _, op := range opsByClass {
				tries := 1
				if op.Replay == Once && name == "ours" {
					tries = 2 // each a pause
				}
				c := newClient(rt, func(c *Config) { c.MaxAttempts = tries })
				before := p.asked.Load()
				r := call(op, new(thing))
				r.Base = base
				_, err := c.Do(t.Context(), r)
				e := failure(t, err)
				assert.Equal(t, core.AppliedNo, e.Applied, "%s %d %s: %v", name, status, op.Name, e)
				if status == 407 {
					assert.Equal(t, core.ClassUnauthenticated, e.Class, "%s: %v", name, e)
					assert.Contains(t, e.Error(), "the proxy requires authentication")
					assert.EqualValues(t, 1, p.asked.Load()-before, "no second try helps")
					continue
				}
				assert.Equal(t, core.ClassUnavailable, e.Class, "%s %d: %v", name, status, e)
				assert.Contains(t, e.Message, "no connection: ")
				assert.Contains(t, e.Message, http.StatusText(status))
				assert.EqualValues(t, tries, p.asked.Load()-before, "it is tried again whatever the operation")
			}
			(&Client{cfg: Config{Transport: rt}}).CloseIdle()
		}
	}
	require.Zero(t, served.Load())
}

func TestAProxyThatComesBackIsUsedForACreateToo(t *testing.T) {
	var served atomic.Int64
	base, roots, _ := overTLS(t, func(w http.ResponseWriter, _ *http.Request) { served.Add(1); io.WriteString(w, okBody) })
	p := newProxy(t)
	p.refuse.Store(503)
	rt := transports(roots, p)["ours"]
	c := newClient(roundTrip(func(r *http.Request) (*http.Response, error) {
		res, err := rt.RoundTrip(r)
		p.refuse.Store(0)
		return res, err
	}))
	r := call(opCreate, new(thing))
	r.Base = base
	_, err := c.Do(t.Context(), r)
	require.NoError(t, err)
	require.EqualValues(t, 1, served.Load())
	rt.(*http.Transport).CloseIdleConnections()
}

func TestAProxyThatIsDownLeavesNoDoubt(t *testing.T) {
	rt := core.NewTransport()
	rt.Proxy = http.ProxyURL(mustURL("http://127.0.0.1:1"))
	for _, op := range opsByClass {
		c := newClient(rt, func(c *Config) { c.MaxAttempts = 2 })
		e := failure(t, do(t.Context(), c, op))
		require.Equal(t, core.ClassUnavailable, e.Class)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Equal(t, 2, e.Attempts)
		require.Contains(t, e.Message, "no connection: proxyconnect")
	}
}

func TestAHandshakeThatBreaksOffLeavesNoDoubt(t *testing.T) {
	for name, serve := range map[string]func(net.Conn){
		"closes at once":   func(net.Conn) {},
		"closes after all": func(c net.Conn) { c.Read(make([]byte, 4096)) },
		"alert":            func(c net.Conn) { c.Read(make([]byte, 4096)); c.Write([]byte{21, 3, 3, 0, 2, 2, 40}) },
		"garbage":          func(c net.Conn) { c.Read(make([]byte, 4096)); c.Write([]byte("HTTP/1.0 400 Bad Request\r\n\r\n")) },
		"is silent":        func(c net.Conn) { io.Copy(io.Discard, c) },
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		var wg sync.WaitGroup
		wg.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				wg.Go(func() { serve(conn); conn.Close() })
			}
		})
		rt := core.NewTransport()
		c := newClient(rt, func(c *Config) { c.MaxAttempts, c.AttemptTimeout = 1, time.Second/2 })
		r := call(opCreate, new(thing))
		r.Base = mustURL("https://" + l.Addr().String())
		_, err = c.Do(t.Context(), r)
		e := failure(t, err)
		assert.Equal(t, core.ClassUnavailable, e.Class, name)
		assert.Equal(t, core.AppliedNo, e.Applied, "%s: %v", name, e)
		assert.Contains(t, e.Message, "no connection", name)
		rt.CloseIdleConnections()
		l.Close()
		wg.Wait()
	}
}

func TestAConnectionThatWasHadLeavesADoubt(t *testing.T) {
	c, base := overTCP(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	r := call(opCreate, new(thing))
	r.Base = base
	_, err := c.Do(t.Context(), r)
	require.Equal(t, core.AppliedUnknown, failure(t, err).Applied)
}

func TestAProxysAnswerToAPlainRequestIsNotTheVendors(t *testing.T) {
	vendors := func(_ []byte, e *core.Error) { e.Message, e.Hint = "from the vendor", "get the scope people_write" }
	for status, want := range map[int]struct {
		class         core.Class
		message, hint string
	}{
		407: {core.ClassUnauthenticated, "the proxy requires authentication", "core.NewTransport"},
		403: {core.ClassPermission, "", "whoever runs the proxy or firewall"},
	} {
		for _, body := range []string{page, "  <!DOCTYPE html>no"} {
			e := failure(t, do(t.Context(), newClient(talk(says(status, body)), func(c *Config) { c.Explain = vendors }), opGet))
			require.Equal(t, want.class, e.Class)
			require.Contains(t, e.Message, want.message)
			require.Contains(t, e.Hint, want.hint)
			require.NotContains(t, e.Error(), "people_write")
		}
	}
	e := failure(t, do(t.Context(), newClient(talk(says(403, `{}`)), func(c *Config) { c.Explain = vendors }), opGet))
	require.Contains(t, e.Error(), "people_write")
}

// TestACrowdKeepsItsConnections: 64 callers over TLS, who have a connection each. From
// then on the crowd opens hardly any; with Go's default transport it opens one for almost every call.
func TestACrowdKeepsItsConnections(t *testing.T) {
	var present sync.WaitGroup // of the first round: all are on their way at once
	present.Add(64)
	var arrived atomic.Int64
	base, roots, opened := overTLS(t, func(w http.ResponseWriter, _ *http.Request) {
		if arrived.Add(1) <= 64 {
			present.Done()
			present.Wait()
		}
		io.WriteString(w, okBody)
	})
	rt := core.NewTransport()
	rt.TLSClientConfig = &tls.Config{RootCAs: roots}
	rt.Proxy = http.ProxyFromEnvironment // which names none for loopback
	c := newClient(rt)
	defer c.CloseIdle()

	crowd := func(calls int) {
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				for range calls {
					r := call(opGet, new(thing))
					r.Base = base
					_, err := c.Do(t.Context(), r)
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
	}
	crowd(1)
	require.LessOrEqual(t, opened.Load(), int64(80))
	crowd(40)
	require.LessOrEqual(t, opened.Load(), int64(80), "2,560 calls later")
}

// idler counts how often its idle connections are closed.
type idler struct {
	http.RoundTripper
	closed int
}

func (i *idler) CloseIdleConnections() { i.closed++ }

func TestAnUnguardedCreateAfterAPauseTakesAFreshConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt := &idler{RoundTripper: talk(ok())}
		c := newClient(rt)
		send := func(op *Op) int {
			before := rt.closed
			require.NoError(t, do(t.Context(), c, op))
			return rt.closed - before
		}
		require.Equal(t, 0, send(opGet))
		require.Equal(t, 0, send(opCreate), "the connection is a fresh one")
		time.Sleep(staleAfter)
		require.Equal(t, 0, send(opCreate))
		time.Sleep(staleAfter + time.Second)
		require.Equal(t, 0, send(opPut), "net/http, and we, send it again")
		time.Sleep(staleAfter + time.Second)
		require.Equal(t, 1, send(opCreate))
		require.Equal(t, 0, send(opCreate))
		time.Sleep(staleAfter + time.Second)

		r := call(opGet, new(thing))
		r.Base = mustURL("https://elsewhere.example")
		_, err := c.Do(t.Context(), r)
		require.NoError(t, err)
		require.Equal(t, 1, send(opCreate), "it was another host that was spoken to")
	})
}

func TestAServerThatClosesIdleConnectionsLosesNoCreate(t *testing.T) {
	var created atomic.Int64
	c, base := overTCP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { created.Add(1); io.WriteString(w, okBody) }))
	rt := &idler{RoundTripper: c.cfg.Transport}
	c.cfg.Transport = rt
	for range 3 {
		c.used.at = map[string]time.Time{base.Host: time.Now().Add(-time.Minute)}
		r := call(opCreate, new(thing))
		r.Base = base
		_, err := c.Do(t.Context(), r)
		require.NoError(t, err)
	}
	require.Equal(t, 3, rt.closed)
	require.EqualValues(t, 3, created.Load())
	rt.RoundTripper.(*http.Transport).CloseIdleConnections()
}
