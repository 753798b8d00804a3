package libh3lp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

// option changes the configuration of a client under test.
type option func(*libh3lp.Config)

func attempts(n int) option { return func(c *libh3lp.Config) { c.MaxAttempts = n } }

func transportOf(rt http.RoundTripper) option { return func(c *libh3lp.Config) { c.Transport = rt } }

func authorized(by libh3lp.Credentials) option { return func(c *libh3lp.Config) { c.Auth = by } }

func blockLog(log func(context.Context, core.Block) error) option {
	return func(c *libh3lp.Config) { c.BlockLog = log }
}

// client returns a client that the options change.
func client(t testing.TB, cfg libh3lp.Config, opts ...option) *libh3lp.Client {
	t.Helper()
	for _, o := range opts {
		o(&cfg)
	}
	c, err := libh3lp.New(cfg)
	require.NoError(t, err)
	return c
}

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *libh3lptest.Server, opts ...option) *libh3lp.Client {
	t.Helper()
	return client(t, libh3lp.Config{
		ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Region: libh3lp.US,
		Auth: libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
	}, opts...)
}

const (
	base     = "https://us.libraryh3lp.com"
	api      = base + "/2011-12-03"
	password = "pass-word-of-jane-77"
	cookie   = "libraryh3lp-session=7f1c2a90-3f53"
)

// mocked returns a client whose requests are answered by a mock transport of its
// own, which logs in whoever asks. It looks once at a write.
func mocked(t testing.TB, opts ...option) (*libh3lp.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	mt.RegisterResponder("POST", api+"/auth/login", resttest.Answer(200, `{"success": true, "username": "jane", "account_id": 1085}`,
		"Set-Cookie", cookie+"; Path=/; Domain=elsewhere.example; Secure"))
	return client(t, libh3lp.Config{
		ClientOptions: core.ClientOptions{Transport: mt, MaxAttempts: 1, ReadBack: -1}, Region: libh3lp.US,
		Auth: libh3lp.Login{Username: "jane", Password: core.NewSecret(password)},
	}, opts...), mt
}

func str(id int64) string { return fmt.Sprint(id) }

// pathEnds matches requests by the end of their path.
func pathEnds(end string) func(*http.Request, []byte) bool {
	return func(r *http.Request, _ []byte) bool { return strings.HasSuffix(r.URL.Path, end) }
}

func queue(user, id string) core.Assignment {
	return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: id}}
}

// inTurn answers with each in its turn, and then with the last.
func inTurn(responders ...httpmock.Responder) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		next := responders[0]
		if len(responders) > 1 {
			responders = responders[1:]
		}
		return next(r)
	}
}
