package lucs

import (
	"context"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
)

// keyAuth puts the API key on each request. There is nothing to renew: a 401 is
// returned at once.
type keyAuth struct {
	key            core.Secret
	header, prefix string
}

// Authorize implements rest.Auth.
func (a keyAuth) Authorize(_ context.Context, req *http.Request) (string, error) {
	if a.header != none && !a.key.IsZero() {
		req.Header[a.header] = []string{a.prefix + a.key.Reveal()}
	}
	return "", nil
}

// Renew implements rest.Auth.
func (keyAuth) Renew(string) bool { return false }

// hooked runs the caller's hook on a copy of each request, so that one attempt
// does not see what the last one's hook did.
type hooked struct {
	next http.RoundTripper
	hook func(*http.Request)
}

// RoundTrip implements http.RoundTripper.
func (h *hooked) RoundTrip(req *http.Request) (*http.Response, error) {
	own := req.Clone(req.Context())
	h.hook(own)
	return h.next.RoundTrip(own)
}

// CloseIdleConnections closes those of the transport below, if it can.
func (h *hooked) CloseIdleConnections() {
	if t, ok := h.next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
