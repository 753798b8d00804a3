package liveperson_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/jarcoal/httpmock"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/leaktest"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// TestMain fails the package where goroutines of ours are left at the end.
func TestMain(m *testing.M) { leaktest.Main(m) }

var bearer = liveperson.Bearer{Token: core.NewSecret(livepersontest.Bearer)}

// setting changes what a client of a test is made of.
type setting func(*liveperson.Config, *[]liveperson.Option)

func attempts(n int) setting {
	return func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.MaxAttempts = n }
}

func transport(rt http.RoundTripper) setting {
	return func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.Transport = rt }
}

// readBack is for how long a change is looked for.
func readBack(d time.Duration) setting {
	return func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.ReadBack = d }
}

func option(o liveperson.Option) setting {
	return func(_ *liveperson.Config, opts *[]liveperson.Option) { *opts = append(*opts, o) }
}

// client returns a client that is changed by settings.
func client(t testing.TB, cfg liveperson.Config, settings ...setting) *liveperson.Client {
	t.Helper()
	var opts []liveperson.Option
	for _, set := range settings {
		set(&cfg, &opts)
	}
	c, err := liveperson.New(cfg, opts...)
	require.NoError(t, err)
	return c
}

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *livepersontest.Server, settings ...setting) *liveperson.Client {
	t.Helper()
	return overAs(t, sim, bearer, settings...)
}

func overAs(t testing.TB, sim *livepersontest.Server, auth liveperson.Credentials, settings ...setting) *liveperson.Client {
	t.Helper()
	return client(t, liveperson.Config{
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
		AccountID:     livepersontest.AccountID, Auth: auth, DomainURL: "https://" + livepersontest.HostDomain,
	}, settings...)
}

const base = "https://config.example.test"

// mocked returns a client with a plain base URL whose requests are answered by a
// mock transport of its own. It looks once for what does not show.
func mocked(t testing.TB, settings ...setting) (*liveperson.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	return client(t, liveperson.Config{
		ClientOptions: core.ClientOptions{Transport: mt, MaxAttempts: 1, ReadBack: -1},
		AccountID:     "acc", Auth: bearer, BaseURL: base,
	}, settings...), mt
}

// notFound is the vendor's own word for it.
const notFound = `{"error":{"message":"Data Not Found","responseStatus":"NOT_FOUND"}}`

const usersURL = base + "/api/account/acc/configuration/le-users/users"

type step = httpmock.Responder

func says(status int, body string, headers ...string) step {
	return resttest.Answer(status, body, headers...)
}

func at(id int64) string { return usersURL + "/" + str(id) }

// with returns a user with some of its members replaced, or with null left out.
func with(doc string, members map[string]string) string {
	var user map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &user); err != nil {
		panic(err)
	}
	for name, v := range members {
		if user[name] = json.RawMessage(v); v == "" {
			delete(user, name)
		}
	}
	out, _ := json.Marshal(user)
	return string(out)
}

// shortOf is a user as a list shows it that was not asked for more.
func shortOf(id int64) string {
	return fmt.Sprintf(`{"id":%[1]d,"pid":"p","deleted":false,"loginName":"u%[1]d"}`, id)
}

// showing answers with the user whose id the address ends in, as newUser was asked for.
func showing(login string) step {
	return func(r *http.Request) (*http.Response, error) {
		return says(200, with(shown(login), map[string]string{"id": path.Base(r.URL.Path)}))(r)
	}
}

func str(id int64) string { return strconv.FormatInt(id, 10) }

// newUser is a user that can be created.
func newUser(login string) liveperson.User {
	return liveperson.User{
		LoginName: login, FullName: core.Set("Full " + login), Nickname: core.Set("nick " + login), Email: core.Set(login + "@example.test"),
		PasswordSh: core.NewSecret("Init-pass-77"), IsEnabled: core.Set(true), MaxChats: core.Set[int64](2),
		ProfileIDs: []int64{livepersontest.ProfileAgent}, MemberOf: &liveperson.Membership{AgentGroupID: core.Set(liveperson.MainGroup)},
	}
}
