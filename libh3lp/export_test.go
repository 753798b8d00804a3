package libh3lp

import (
	"net/http"

	"github.com/rollcall-go/rollcall/core"
)

// For the tests in package libh3lp_test.

func CookieOf(h http.Header) string { return cookieOf(h) }

func Inspect(body []byte) *core.Error { return inspect(body) }

func SessionEnded(status int, body []byte) bool { return sessionEnded(status, nil, body) }

func ParseResources(body []byte) ([]Resource, error) { return parseResources(body) }

// One reads an answer that is one user.
func One(data []byte) (User, bool, error) {
	var o one[User]
	err := o.UnmarshalJSON(data)
	return o.value, o.shown, err
}
