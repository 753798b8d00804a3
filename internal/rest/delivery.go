package rest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// delivery watches whether an attempt got a connection. Until it has one nothing of
// it can have left the machine, whatever the error says: a proxy's refusal of the
// tunnel comes as bare words, and a handshake that broke off as an EOF.
type delivery struct {
	asked, got atomic.Bool
	trace      httptrace.ClientTrace
}

// watch returns a context under which a transport of net/http tells of its
// connections, also one that another transport wraps.
func watch(ctx context.Context) (context.Context, *delivery) {
	d := new(delivery)
	d.trace.GetConn = func(string) { d.asked.Store(true) }
	d.trace.GotConn = func(httptrace.GotConnInfo) { d.got.Store(true) }
	return httptrace.WithClientTrace(ctx, &d.trace), d
}

// judge marks the error of an attempt that asked for a connection and got none. A
// transport that does not report its connections leaves the error as it is.
func (d *delivery) judge(err error) error {
	if d != nil && d.asked.Load() && !d.got.Load() {
		return &unconnected{err}
	}
	return err
}

// unconnected marks the error of an attempt that got no connection.
type unconnected struct{ err error }

func (u *unconnected) Error() string { return u.err.Error() }
func (u *unconnected) Unwrap() error { return u.err }

// neverSent reports whether the connection failed before the request could
// leave, so that nothing was done whatever the operation.
func neverSent(err error) bool {
	if _, ok := errors.AsType[*unconnected](err); ok {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	return untrusted(err)
}

// wantsProxyLogin reports a proxy that refused the tunnel because it wants a login: in
// the words of core.NewTransport, or in those that another transport of net/http
// passes on.
func wantsProxyLogin(err error) bool {
	if !neverSent(err) {
		return false
	}
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e.Status == http.StatusProxyAuthRequired
	}
	return strings.Contains(strings.ToLower(err.Error()), strings.ToLower(http.StatusText(http.StatusProxyAuthRequired)))
}

const (
	proxyLogin     = "the proxy requires authentication"
	proxyLoginHint = "put the login into the proxy's URL (HTTPS_PROXY), or give a transport that has it: see core.NewTransport"
)

// staleAfter is how long a host may have been left alone before a write that must
// not be sent twice takes a fresh connection. A balancer may close an idle one at the
// moment it is used again, and then nobody can tell whether the write arrived. Many
// close after a minute, some after 15 seconds.
const staleAfter = 10 * time.Second

// lastUse remembers when each host was last heard of.
type lastUse struct {
	mu sync.Mutex
	at map[string]time.Time
}

// stale reports a host that was left alone for long, or not spoken to yet: its
// connections, if there are any, are another client's.
func (l *lastUse) stale(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, known := l.at[host]
	return !known || time.Since(at) > staleAfter
}

func (l *lastUse) note(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil {
		l.at = map[string]time.Time{}
	}
	l.at[host] = time.Now()
}

// freshen closes the idle connections, where the transport can, before a write that
// must not be sent twice goes to a host that was left alone.
func (x *exchange) freshen() {
	if x.op.Replay == Once && x.client.used.stale(x.plain.URL.Host) {
		x.client.CloseIdle()
	}
}
