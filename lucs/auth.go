package lucs

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Credentials is an APIKey.
type Credentials interface {
	// prepare checks the values and returns what puts them on requests, and the
	// secrets that no error may repeat.
	prepare() (rest.Auth, []core.Secret, error)
}

// APIKey is a key that an administrator generated in the WebConfigurator. It sees the
// organization units and has the API roles that it was given there. There is nothing
// to renew: a 401 is returned at once.
type APIKey struct {
	Key core.Secret
	// Header carries the key: "Authorization" unless set. No page names it; see the
	// server's own Swagger page.
	Header string
	// Prefix stands before the key, as it is: nothing unless set. An example is
	// "Bearer ", with the blank.
	Prefix string
}

// prepare trims blanks around a key. HTTP would trim them too, and an error of the
// server could then repeat the key in a form that is not blanked.
func (k APIKey) prepare() (rest.Auth, []core.Secret, error) {
	invalid := func(why string) (rest.Auth, []core.Secret, error) {
		return nil, nil, core.Invalid(vendor, "New", why)
	}
	key, header := strings.Trim(k.Key.Reveal(), " \t\r\n"), cmp.Or(k.Header, "Authorization")

	switch {
	case key == "":
		return invalid("APIKey.Key is missing")
	case !travels(key):
		return invalid("APIKey.Key contains a character that a header cannot carry")
	case !travels(k.Prefix):
		return invalid("APIKey.Prefix contains a character that a header cannot carry")
	case !isToken(header):
		return invalid(fmt.Sprintf("APIKey.Header %q is not the name of a header", header))
	}

	if header = http.CanonicalHeaderKey(header); slices.Contains(takenHeaders, header) {
		return invalid(fmt.Sprintf("APIKey.Header %q already has a meaning of its own", header))
	}
	secret := core.NewSecret(key)
	return keyAuth{secret, header, k.Prefix}, []core.Secret{secret}, nil
}

// prepared is the credential of a configuration. With a hook it may be missing.
func prepared(auth Credentials, hooked bool) (rest.Auth, []core.Secret, error) {
	switch {
	case !rest.Absent(auth):
		return auth.prepare()
	case hooked:
		return nil, nil, nil
	}
	return nil, nil, core.Invalid(vendor, "New", "Auth is missing")
}

// takenHeaders cannot carry a key: HTTP and this client use them for something else.
var takenHeaders = []string{"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Accept", "Accept-Encoding",
	"User-Agent"}

// travels reports whether a header can carry a text.
func travels(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f })
}

// isToken reports whether a word can be a method or the name of a header.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// keyAuth puts the API key on each request.
type keyAuth struct {
	key            core.Secret
	header, prefix string
}

// Authorize implements rest.Auth.
func (a keyAuth) Authorize(_ context.Context, req *http.Request) (string, error) {
	req.Header[a.header] = []string{a.prefix + a.key.Reveal()}
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
