package libh3lp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/jarcoal/httpmock"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *libh3lptest.Server, opts ...libh3lp.Option) *libh3lp.Client {
	t.Helper()
	c, err := libh3lp.New(libh3lp.Config{Region: libh3lp.US, Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
		append([]libh3lp.Option{libh3lp.WithTransport(sim.Transport())}, opts...)...)
	require.NoError(t, err)
	return c
}

const (
	base     = "https://us.libraryh3lp.com"
	api      = base + "/2011-12-03"
	password = "pass-word-of-jane-77"
	cookie   = "libraryh3lp-session=7f1c2a90-3f53"
)

// mocked returns a client whose requests are answered by a mock transport of its
// own, which logs in whoever asks.
func mocked(t testing.TB, opts ...libh3lp.Option) (*libh3lp.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	mt.RegisterResponder("POST", api+"/auth/login", resttest.Answer(200, `{"success": true, "username": "jane", "account_id": 1085}`,
		"Set-Cookie", cookie+"; Path=/; Domain=elsewhere.example; Secure"))
	c, err := libh3lp.New(libh3lp.Config{Region: libh3lp.US, Username: "jane", Password: core.NewSecret(password)},
		append([]libh3lp.Option{libh3lp.WithTransport(mt), libh3lp.WithMaxAttempts(1)}, opts...)...)
	require.NoError(t, err)
	return c, mt
}

func str(id int64) string { return fmt.Sprint(id) }

// pathEnds matches requests by the end of their path.
func pathEnds(end string) func(*http.Request, []byte) bool {
	return func(r *http.Request, _ []byte) bool { return strings.HasSuffix(r.URL.Path, end) }
}
