package liveperson_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// TestClient_PrintsNoSecret plants secrets everywhere and looks for them in
// every error, log line and dump.
func TestClient_PrintsNoSecret(t *testing.T) {
	const (
		clientSecret = "planted-client-secret"
		loginPass    = "planted-login-pass"
		userPass     = "planted-user-pass-1"
		newPass      = "planted-new-pass-22"
	)
	var out lockedBuffer
	logger := out.logger()
	sim := livepersontest.NewServer(livepersontest.WithClient("cid", clientSecret), livepersontest.WithLogin("ops", loginPass),
		livepersontest.WithPasswordEcho(), livepersontest.WithOAuth1Key(livepersontest.OAuth1Key{
			ConsumerKey: "ck", ConsumerSecret: "planted-consumer-secret", AccessToken: "planted-access-token",
			AccessTokenSecret: "planted-token-secret"}))
	var secrets []string
	for i, auth := range []liveperson.Credentials{
		liveperson.ClientCredentials{ID: "cid", Secret: core.NewSecret(clientSecret)},
		liveperson.Login{Username: "ops", Password: core.NewSecret(loginPass)},
		liveperson.Bearer{Token: core.NewSecret(livepersontest.Bearer)},
		liveperson.APIKey{AppKey: "ck", Secret: core.NewSecret("planted-consumer-secret"), AccessToken: core.NewSecret("planted-access-token"),
			AccessTokenSecret: core.NewSecret("planted-token-secret")},
	} {
		c := overAs(t, sim, auth, func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.Logger = logger })
		dump := func(v any) {
			fmt.Fprintf(&out, "%v %+v %#v\n", v, v, v)
			if err, ok := v.(error); ok && err != nil {
				fmt.Fprintln(&out, err.Error(), resttest.ErrorOf(t, err).Err)
			}
			data, _ := json.Marshal(v)
			out.Write(data)
		}
		login := "u" + fmt.Sprint(i)
		nu := newUser(login)
		nu.PasswordSh = core.NewSecret(userPass)
		dump(nu)
		u, err := c.Users.Create(t.Context(), nu)
		require.NoError(t, err)
		dump(u)
		dump(*u)
		require.NoError(t, c.Users.ResetPassword(t.Context(), u.ID, core.NewSecret(newPass)))
		u, err = c.Users.Get(t.Context(), u.ID)
		require.NoError(t, err)
		dump(u)
		// A vendor that repeats everything it was sent, and more.
		for _, op := range []string{"Users.Create", "Users.Replace", "Users.ResetPassword", "Users.List", "Token", "Login"} {
			sim.Fault(livepersontest.Fault{Op: op, Times: 2, Status: 400, Body: `{"error":{"message":"you sent ` +
				strings.Join([]string{userPass, newPass, []string{clientSecret, loginPass, livepersontest.Bearer,
					"planted-token-secret planted-consumer-secret"}[i]}, " ") +
				`","internalCode":"` + userPass + `"}}`})
		}
		_, err = c.Users.Create(t.Context(), nu)
		require.Error(t, err)
		dump(err)
		_, err = c.Users.Modify(t.Context(), u.ID, func(u *liveperson.User) error { u.PasswordSh = core.NewSecret(newPass); return nil })
		require.Error(t, err)
		dump(err)
		err = c.Users.ResetPassword(t.Context(), u.ID, core.NewSecret(newPass))
		require.Error(t, err)
		dump(err)
		for _, err := range c.Users.List(t.Context(), liveperson.UserListOptions{}) {
			require.Error(t, err)
			dump(err)
		}
		sim.ExpireTokens()
		sim.EndSessions()
		if _, err = c.Users.Get(t.Context(), u.ID); err != nil {
			dump(err)
		}
		dump(c)
		dump(*c.Users)
		dump(c.Store())
		dump(auth)
		fmt.Fprintf(&out, "%+v\n", liveperson.Config{Auth: auth})
		for _, r := range sim.Requests() { // what was handed out meanwhile
			if h := r.Header.Get("Authorization"); strings.HasPrefix(h, "Bearer ") {
				secrets = append(secrets, strings.TrimPrefix(h, "Bearer "))
			}
		}
		sim.Reset()
		c.Close(t.Context())
	}
	all := out.String()
	assert.NotEmpty(t, all)
	assert.Contains(t, all, "rollcall attempt")
	assert.Contains(t, all, "[redacted]")
	for _, s := range append(secrets, "planted-", livepersontest.Bearer) {
		if i := strings.Index(all, s); i >= 0 {
			t.Errorf("%q is in: %s", s, all[max(0, i-200):min(len(all), i+50)])
		}
	}
}

// TestClient_SendsReadsAndWritesToTheirHosts: a read that a write stands on goes to the read-write host,
// plain reads to the other, which may lag.
func TestClient_SendsReadsAndWritesToTheirHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer(livepersontest.WithReplicationDelay(time.Minute))
		id := sim.AddUser(`{"loginName":"a"}`)
		hosts := map[string]int{}
		c := over(t, sim, transport(roundTrip(func(r *http.Request) (*http.Response, error) {
			hosts[r.Method+" "+r.URL.Host]++
			return sim.Transport().RoundTrip(r)
		})))
		for i := range 3 {
			_, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Nickname = core.Set(fmt.Sprint(i)); return nil })
			require.NoError(t, err)
		}
		u, err := c.Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.NotEqual(t, "2", u.Nickname.Or(""), "the replica lags")
		time.Sleep(2 * time.Minute) // in the bubble
		u, err = c.Users.Get(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, "2", u.Nickname.Or(""))
		assert.Equal(t, map[string]int{
			"GET " + livepersontest.HostDomain: 2, "GET " + livepersontest.HostReadWrite: 3,
			"PUT " + livepersontest.HostReadWrite: 3, "GET " + livepersontest.HostReadOnly: 2,
		}, maps.Clone(hosts))
	})
}
