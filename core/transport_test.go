package core_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestNewTransport_BoundsTheHeaders: in size, however many they are.
func TestNewTransport_BoundsTheHeaders(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		value := strings.Repeat("x", 100)
		for i := range n {
			w.Header().Set("X-Filler-"+strconv.Itoa(i), value)
		}
	}))
	defer srv.Close()
	rt := core.NewTransport()
	defer rt.CloseIdleConnections()

	for n, ok := range map[int]bool{1000: true, 20_000: false} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"?n="+strconv.Itoa(n), nil)
		require.NoError(t, err)
		res, err := rt.RoundTrip(req)
		if !ok {
			require.ErrorContains(t, err, "headers exceeded 1048576 bytes")
			continue
		}
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.GreaterOrEqual(t, len(res.Header), n)
	}
}

const (
	callers  = 64
	maxConns = 80
)

// TestNewTransport_OpensFewConnections: a crowd that begins all at once, when there is no
// connection yet, opens hardly more of them than there are callers.
func TestNewTransport_OpensFewConnections(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		for _, proxied := range []bool{false, true} {
			t.Run(fmt.Sprintf("HTTP/2 %v, proxy %v", h2, proxied), func(t *testing.T) {
				srv, opened := countingServer(t, h2)
				rt := core.NewTransport()
				defer rt.CloseIdleConnections()
				roots := x509.NewCertPool()
				roots.AddCert(srv.Certificate())
				rt.TLSClientConfig = &tls.Config{RootCAs: roots}
				rt.Proxy = nil
				if proxied {
					rt.Proxy = http.ProxyURL(connectProxy(t))
				}

				crowd(t, rt, srv.URL, callers, 20)
				require.LessOrEqual(t, opened.Load(), int64(maxConns))
				crowd(t, rt, srv.URL, callers, 20)
				require.LessOrEqual(t, opened.Load(), int64(maxConns))

				// More callers than connections wait for each other, and no longer.
				crowd(t, rt, srv.URL, 4*callers, 5)
				require.LessOrEqual(t, opened.Load(), int64(maxConns))
			})
		}
	}
}

// countingServer is a server over TLS that counts its connections.
func countingServer(t *testing.T, h2 bool) (*httptest.Server, *atomic.Int64) {
	opened := new(atomic.Int64)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.ProtoMajor == 2) != h2 {
			http.Error(w, r.Proto, http.StatusHTTPVersionNotSupported)
		}
	}))
	srv.EnableHTTP2 = h2
	// As many streams as there are callers: a server that allows fewer, Go's own 250, gets
	// further connections for the rest, and that is not what is counted here.
	srv.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 4 * callers}
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv, opened
}

// crowd sends n requests for each of so many callers, who all begin at once.
func crowd(t *testing.T, rt http.RoundTripper, url string, callers, n int) {
	t.Helper()
	var wg sync.WaitGroup
	failed := make(chan error, callers)
	for range callers {
		wg.Go(func() {
			for range n {
				req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
				res, err := rt.RoundTrip(req)
				if err == nil && res.StatusCode != http.StatusOK {
					err = errors.New(res.Status)
				}
				if err != nil {
					failed <- err
					return
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		})
	}
	wg.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
}

// connectProxy is a proxy that opens tunnels.
func connectProxy(t *testing.T) *url.URL {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there, err := net.Dial("tcp", r.Host)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			there.Close()
			return
		}
		io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { io.Copy(there, here); there.Close() }()
		go func() { io.Copy(here, there); here.Close() }()
	}))
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	require.NoError(t, err)
	return u
}
