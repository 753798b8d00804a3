package allclients

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// crossing carries a create by a way of its own, and everything else to a simulator.
type crossing struct {
	create, rest http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c *crossing) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(core.OperationOf(r.Context()), ".Create") {
		return c.create.RoundTrip(r)
	}
	return c.rest.RoundTrip(r)
}

// throughProxy is the clients' own transport, with a proxy.
func throughProxy(address string) http.RoundTripper {
	t := core.NewTransport()
	t.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address})
	return t
}

// refusing is a proxy that answers each CONNECT with a status.
func refusing(t *testing.T, status int) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http.MethodConnect, r.Method)
		if status == http.StatusProxyAuthRequired {
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "<html>no</html>")
	}))
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}

// closed is an address at which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// leadingTo is the clients' own transport, which reaches an address whatever the host.
func leadingTo(address string) http.RoundTripper {
	t := core.NewTransport()
	t.Proxy = nil
	t.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return t
}

// ways that do not lead to the vendor, and what the error then says.
func ways(t *testing.T) map[string]struct {
	http.RoundTripper
	class core.Class
	says  string
} {
	t.Helper()
	type way = struct {
		http.RoundTripper
		class core.Class
		says  string
	}
	tls := httptest.NewUnstartedServer(http.NotFoundHandler()) // with a certificate that no client knows
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	plain := httptest.NewServer(http.NotFoundHandler()) // which speaks no TLS
	t.Cleanup(tls.Close)
	t.Cleanup(plain.Close)

	out := map[string]way{
		"the proxy is down":                 {throughProxy(closed(t)), core.ClassUnavailable, "no connection"},
		"the proxy requires authentication": {throughProxy(refusing(t, 407)), core.ClassUnauthenticated, "the proxy requires authentication"},
		"nobody listens":                    {leadingTo(closed(t)), core.ClassUnavailable, "no connection"},
		"unknown certificate":               {leadingTo(tls.Listener.Addr().String()), core.ClassUnavailable, "certificate"},
		"no TLS":                            {leadingTo(plain.Listener.Addr().String()), core.ClassUnavailable, ""},
	}
	for _, status := range []int{403, 429, 503} {
		out[fmt.Sprintf("the proxy answers %d", status)] = way{throughProxy(refusing(t, status)), core.ClassUnavailable, "proxy"}
	}
	return out
}

// TestCreate_ThatNeverLeftIsNotApplied: whatever is between us and the vendor, a create
// that did not reach it leaves no doubt, and once the way is free it is sent.
func TestCreate_ThatNeverLeftIsNotApplied(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for name, way := range ways(t) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				x := &crossing{create: way}
				a := v.account(t, core.ClientOptions{Transport: x, MaxAttempts: 1})
				x.rest = a.sim.Transport()

				_, err := a.store.CreateUser(t.Context(), a.spec)
				e := resttest.ErrorOf(t, err)
				require.Equal(t, []any{way.class, core.AppliedNo, "", 0}, []any{e.Class, e.Applied, e.Doubt, e.Status}, "%v", err)
				require.Contains(t, err.Error(), way.says)
				require.NotContains(t, err.Error(), "applied: unknown")

				x.create = a.sim.Transport()
				_, err = a.store.CreateUser(t.Context(), a.spec)
				require.NoError(t, err, "it is safe to send it again")
			})
		}
	})
}

// TestCreate_IsSentAgainByTheClientWhereItNeverLeft: although a create is sent once.
func TestCreate_IsSentAgainByTheClientWhereItNeverLeft(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		t.Parallel()
		tries := 0
		x := &crossing{}
		a := v.account(t, core.ClientOptions{Transport: x})
		down := throughProxy(refusing(t, http.StatusServiceUnavailable))
		x.rest = a.sim.Transport()
		x.create = roundTripper(func(r *http.Request) (*http.Response, error) {
			if tries++; tries == 1 {
				return down.RoundTrip(r)
			}
			return x.rest.RoundTrip(r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := a.store.CreateUser(ctx, a.spec)
		require.NoError(t, err)
		require.Equal(t, 2, tries)
	})
}
