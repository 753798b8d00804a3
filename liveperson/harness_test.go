package liveperson_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

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

// over returns a client of a simulator, in memory.
func over(t testing.TB, sim *livepersontest.Server, opts ...liveperson.Option) *liveperson.Client {
	t.Helper()
	return overAs(t, sim, bearer, opts...)
}

func overAs(t testing.TB, sim *livepersontest.Server, auth liveperson.Credentials, opts ...liveperson.Option) *liveperson.Client {
	t.Helper()
	c, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, Auth: auth, DomainURL: "https://" + livepersontest.HostDomain,
	}, append([]liveperson.Option{liveperson.WithTransport(sim.Transport())}, opts...)...)
	require.NoError(t, err)
	return c
}

const base = "https://config.example.test"

// mocked returns a client with a plain base URL whose requests are answered by a
// mock transport of its own.
func mocked(t testing.TB, opts ...liveperson.Option) (*liveperson.Client, *httpmock.MockTransport) {
	t.Helper()
	mt := httpmock.NewMockTransport()
	c, err := liveperson.New(liveperson.Config{AccountID: "acc", Auth: bearer, BaseURL: base},
		append([]liveperson.Option{liveperson.WithTransport(mt), liveperson.WithMaxAttempts(1)}, opts...)...)
	require.NoError(t, err)
	return c, mt
}

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

func str(id int64) string { return strconv.FormatInt(id, 10) }

// newUser is a user that can be created.
func newUser(login string) liveperson.User {
	return liveperson.User{
		LoginName: login, FullName: core.Set("Full " + login), Nickname: core.Set("nick " + login), Email: core.Set(login + "@example.test"),
		PasswordSh: core.NewSecret("Init-pass-77"), IsEnabled: core.Set(true), MaxChats: core.Set[int64](2),
		ProfileIDs: []int64{livepersontest.ProfileAgent}, MemberOf: &liveperson.Membership{AgentGroupID: core.Set(liveperson.MainGroup)},
	}
}
