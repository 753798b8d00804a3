package core

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxConns is how many connections a host gets at once: for 64 callers and some more.
// Replacements for closed connections come on top.
const maxConns = 72

// NewTransport returns the transport that a client brings when it is given none, to
// be changed and handed back in ClientOptions.Transport: for a proxy, own root
// certificates, or tracing around it. Take it rather than Go's default transport,
// which keeps two idle connections per host: a crowd of callers then opens a new
// connection for almost every request.
//
//	t := core.NewTransport()
//	t.Proxy = http.ProxyURL(proxy)                         // or nil, for none
//	t.TLSClientConfig = &tls.Config{RootCAs: roots}        // HTTP/2 stays on
//	opts.Transport = otelhttp.NewTransport(t)              // what wraps it sees each attempt
//
// The proxy is that of the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, as
// http.ProxyFromEnvironment reads them) unless Proxy is set. It is the one thing
// that a client takes from the environment. A proxy that refuses to open a tunnel is
// told in an *Error: ErrUnauthenticated where it wants a login, else ErrUnavailable.
//
// The headers of an answer may take 1 MiB in all, where Go's default is 10: a hundred
// times what a vendor sends, and a bound on what a broken or hostile server makes each
// of many calls hold. What is larger ends the attempt without an answer.
//
// A host gets 72 connections at most, and a request that finds none free waits for one.
// Without a bound net/http opens one for each request that has to wait while the first
// ones are being made, twice as many as there are callers. A list that is read as it
// arrives holds its connection until it ends: programs that walk more lists than that at
// the same time, and call the vendor from within, should raise MaxConnsPerHost. Over
// HTTP/2 one connection carries as many requests at once as the server allows.
//
// Connections stay open for 45 seconds when idle, less than the minute after which
// common load balancers close them. Package net/http prints bytes that a server sends
// beyond its answer through the standard log ("Unsolicited response received on idle
// HTTP channel"), whatever they hold: programs that log should send that log to
// where secrets may go, or discard it.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: tunnelled,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           512,
		MaxIdleConnsPerHost:    256, // for whoever raises the next
		MaxConnsPerHost:        maxConns,
		IdleConnTimeout:        45 * time.Second,
		TLSHandshakeTimeout:    15 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}
}

// tunnelled turns a proxy's refusal of a tunnel into a clear error. Package net/http
// would pass on only the words of the status.
func tunnelled(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}

	e := &Error{Op: http.MethodConnect, Class: ClassUnavailable, Status: res.StatusCode, Applied: AppliedNo,
		Message: "the proxy refused to open a tunnel"}
	if res.StatusCode == http.StatusProxyAuthRequired {
		e.Class, e.Message = ClassUnauthenticated, "the proxy requires authentication"
	}
	return e
}
