package allclients

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
)

// logins are the operations that let a client in, by vendor. LUCS has a fixed key.
var logins = map[string][]string{
	"avaya":      {"Token"},
	"libh3lp":    {"Login"},
	"liveperson": {"Token", "Login"},
	"webex":      {"Token.Refresh", "Token.Retrieve"},
}

func isLogin(op string) bool {
	return slices.ContainsFunc([]string{"Token", "Login"}, func(name string) bool { return op == name || strings.HasPrefix(op, name+".") })
}

// TestLogin_ARefusalIsRemembered: twenty calls with a dead credential must not ask twenty
// times, which locks accounts.
func TestLogin_ARefusalIsRemembered(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for name, no := range map[string]struct {
			status int
			kind   string
			body   string
			after  string
		}{
			"401":        {401, "application/json", `{"error":"invalid_client"}`, ""},
			"400":        {400, "application/json", `{"error":"invalid_client"}`, ""},
			"403":        {403, "application/json", `{"error":"locked"}`, ""},
			"an hour":    {503, "application/json", `{}`, "3600"},
			"login page": {200, "text/html", "<!DOCTYPE html><html>please log in</html>", ""},
		} {
			for _, op := range logins[v.name] {
				synctest.Test(t, func(t *testing.T) {
					a, asked, broken := (*account)(nil), 0, true
					a = v.account(t, core.ClientOptions{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
						if !broken || core.OperationOf(r.Context()) != op {
							return a.sim.Transport().RoundTrip(r)
						}
						asked++
						h := http.Header{"Content-Type": {no.kind}}
						if no.after != "" {
							h.Set("Retry-After", no.after)
						}
						return &http.Response{StatusCode: no.status, Header: h, Body: io.NopCloser(strings.NewReader(no.body)), Request: r}, nil
					})})
					for range 20 {
						e := resttest.ErrorOf(t, a.calls[op](t.Context()))
						require.Equal(t, core.AppliedNo, e.Applied, "%s: %s: %v", name, op, e)
					}
					require.Equal(t, 1, asked, "%s: %s", name, op)

					broken = false
					time.Sleep(20 * time.Minute)
					require.NoError(t, a.calls[op](t.Context()), "%s: %s: it was fixed", name, op)
				})
			}
		}
	})
}

var life = regexp.MustCompile(`"(expires_in|refresh_token_expires_in|sessionTTl)":\s*("[^"]*"|[^,}\s]+)`)

// TestLogin_ALifeInAnyFormLeavesTheTokenGood: the token is what the answer is for.
func TestLogin_ALifeInAnyFormLeavesTheTokenGood(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for _, written := range []string{`900.5`, `"900"`, `1e30`, `1e999`, `"soon"`, `[]`, `{}`, `null`, `-1`, `0`, `true`} {
			for _, op := range logins[v.name] {
				synctest.Test(t, func(t *testing.T) {
					a := (*account)(nil)
					a = v.account(t, core.ClientOptions{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
						res, err := a.sim.Transport().RoundTrip(r)
						if err != nil || core.OperationOf(r.Context()) != op {
							return res, err
						}
						body, err := io.ReadAll(res.Body)
						body = life.ReplaceAll(body, []byte(`"$1":`+written))
						res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
						return res, errors.Join(err, res.Body.Close())
					})})
					for range 3 {
						require.NoError(t, a.calls[op](t.Context()), "%s: %s", op, written)
					}
					require.LessOrEqual(t, len(a.sim.Requests(op)), 3)
				})
			}
		}
	})
}
