package lucs_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

// adjust changes the configuration of a client.
type adjust func(*lucs.Config)

func attempts(n int) adjust { return func(cfg *lucs.Config) { cfg.MaxAttempts = n } }

func unpaced(cfg *lucs.Config) { cfg.RateLimit = core.RateLimit{PerSecond: 100_000, Burst: 1000} }

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *lucstest.Server, adjusts ...adjust) *lucs.Client {
	t.Helper()
	return overAs(t, sim, lucs.Dialect{}, adjusts...)
}

func overAs(t testing.TB, sim *lucstest.Server, d lucs.Dialect, adjusts ...adjust) *lucs.Client {
	t.Helper()
	cfg := configOf(sim, d)
	for _, adjust := range adjusts {
		adjust(&cfg)
	}
	c, err := lucs.New(cfg)
	require.NoError(t, err)
	return c
}

func configOf(sim *lucstest.Server, d lucs.Dialect) lucs.Config {
	return lucs.Config{BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)}, Dialect: d,
		ClientOptions: core.ClientOptions{Transport: sim.Transport()}}
}

const (
	base  = "https://lucs.example.test/api"
	key   = "key-SECRET-0815"
	aGUID = "11111111-2222-4333-8444-555555555555"
	other = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
)

// mocked returns a client whose requests are answered by a mock transport of its own. It
// sends each request once, and looks once after a change.
func mocked(t testing.TB, d lucs.Dialect, adjusts ...adjust) (*lucs.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	cfg := lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(key)}, Dialect: d,
		ClientOptions: core.ClientOptions{Transport: mt, MaxAttempts: 1, ReadBack: -1}}
	for _, adjust := range adjusts {
		adjust(&cfg)
	}
	c, err := lucs.New(cfg)
	require.NoError(t, err)
	return c, mt
}

// roundTrip answers everything with an empty object, and shows where it was sent.
type roundTrip func(url string)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) {
	f(r.URL.String())
	return httpmock.NewStringResponse(200, "{}"), nil
}

const newcomer = "sip:n@example.internal"

// creating is a server that gives a create the answer, and whose one service
// answers with a status and the users.
func creating(t *testing.T, answered string, status int, users string) (*lucs.Store, *httpmock.MockTransport) {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{})
	mt.RegisterResponder("POST", base+"/v1.0/users", resttest.Answer(200, answered))
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
	mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", resttest.Answer(status, users))
	return c.Store(), mt
}

// silent are writes whose answers omit the user.
func silent() []lucstest.Option {
	return []lucstest.Option{lucstest.WithControlAnswer(lucstest.AnswerEmpty), lucstest.WithCreateAnswer(lucstest.AnswerPartial),
		lucstest.WithDirectRoutes(),
		lucstest.WithSuccessStatus(204, "Users.Replace", "Users.Delete", "Users.Block", "Users.Unblock")}
}

var noemi = core.UserSpec{Login: "sip:noemi.graf@example.internal", Fields: map[string]any{"DefaultProfile": "Early Shift",
	"NumberOfSimultaneousIm": 2}}

func set(name string, v any) core.UserChange {
	return core.UserChange{Fields: map[string]any{name: v}}
}

// twoServices is a server whose first service answers with a status, and whose
// second holds the user; the POSTs do what they are to.
func twoServices(t *testing.T, status int, inSecond bool) (*lucs.Client, *httpmock.MockTransport) {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{})
	blocked := "false"
	mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		user := `{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","PresenceState":"DoNotDisturb","IsBlockedByLuwareApi":` + blocked + `}`
		switch path := strings.TrimPrefix(r.URL.Path, "/api/v1.0/"); {
		case path == "services":
			return httpmock.NewStringResponse(200, `[{"Id":"1"},{"Id":"2"}]`), nil
		case path == "services/1/users":
			return httpmock.NewStringResponse(status, ""), nil
		case path == "services/2/users" && inSecond:
			return httpmock.NewStringResponse(200, "["+user+"]"), nil
		case path == "services/2/users":
			return httpmock.NewStringResponse(200, "[]"), nil
		case strings.HasSuffix(path, "/block"), strings.HasSuffix(path, "/unblock"):
			blocked = "false"
			if strings.HasSuffix(path, "/block") {
				blocked = "true"
			}
			return httpmock.NewStringResponse(200, `{"IsBlockedByLuwareApi":`+blocked+`}`), nil
		}
		return httpmock.NewStringResponse(200, ""), nil
	})
	return c, mt
}

func clearing(names ...string) core.UserChange {
	change := core.UserChange{Fields: map[string]any{}}
	for _, name := range names {
		change.Fields[name] = core.Clear[any]()
	}
	return change
}

// withUser is a server of one service that shows its one user as it is, and keeps
// what is sent in body.
func withUser(t *testing.T, user string, body *string) *lucs.Store {
	t.Helper()
	c, mt := mocked(t, lucs.Dialect{Routes: lucs.Routes{ReplaceUser: "PUT /users/{userId}"}})
	mt.RegisterResponder("GET", base+"/v1.0/services", resttest.Answer(200, `[{"Id":"`+other+`"}]`))
	mt.RegisterResponder("GET", base+"/v1.0/services/"+other+"/users", resttest.Answer(200, "["+user+"]"))
	mt.RegisterResponder("PUT", base+"/v1.0/users/"+aGUID, resttest.AnswerTo(nil, body, 200, ""))
	return c.Store()
}
