package liveperson_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

var (
	clientCredentials = liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)}
	login             = liveperson.Login{Username: livepersontest.Username, Password: core.NewSecret(livepersontest.Password)}
	apiKey            = liveperson.APIKey{AppKey: livepersontest.ConsumerKey, Secret: core.NewSecret(livepersontest.ConsumerSecret),
		AccessToken: core.NewSecret(livepersontest.AccessToken), AccessTokenSecret: core.NewSecret(livepersontest.AccessTokenSecret)}
)

func crowd(t *testing.T, c *liveperson.Client, id int64, n int) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			_, err := c.Users.Get(t.Context(), id)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
}

func TestEveryWayToAuthenticate(t *testing.T) {
	for name, auth := range map[string]liveperson.Credentials{
		"client credentials": clientCredentials, "bearer": bearer, "login": login, "api key": apiKey,
	} {
		t.Run(name, func(t *testing.T) {
			sim := livepersontest.NewServer(livepersontest.WithSampleData())
			id := sim.AddUser(`{"loginName":"a"}`)
			c := overAs(t, sim, auth, option(liveperson.WithAgentView()))
			_, err := c.Users.Modify(t.Context(), id, func(u *liveperson.User) error { u.Nickname = core.Set("n"); return nil })
			require.NoError(t, err)
			_, err = c.Store().Presence(t.Context(), str(id))
			require.NoError(t, err)
			require.NoError(t, c.Close(t.Context()))
		})
	}
}

func TestOneTokenForAllAndAnotherAfterA401(t *testing.T) {
	for name, form := range map[string]livepersontest.ExpiresIn{
		"string": livepersontest.ExpiresInString, "number": livepersontest.ExpiresInNumber, "none": livepersontest.ExpiresInOmitted,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sim := livepersontest.NewServer(livepersontest.WithExpiresIn(form))
				id := sim.AddUser(`{"loginName":"a"}`)
				c := overAs(t, sim, clientCredentials)
				crowd(t, c, id, 30)
				assert.Len(t, sim.Requests("Token"), 1)
				tok := sim.Requests("Token")[0]
				assert.Equal(t, "application/x-www-form-urlencoded", tok.Header.Get("Content-Type"))
				assert.Empty(t, tok.Header.Get("Authorization"))
				form, _ := url.ParseQuery(string(tok.Body))
				assert.Equal(t, url.Values{"grant_type": {"client_credentials"}, "client_id": {livepersontest.ClientID},
					"client_secret": {livepersontest.ClientSecret}}, form)

				sim.ExpireTokens()
				crowd(t, c, id, 30)
				assert.Len(t, sim.Requests("Token"), 2)
				for _, r := range sim.Requests("Users.Get") {
					assert.NotEqual(t, 0, r.Status)
				}
				time.Sleep(61 * time.Minute) // it ran out: no 401 is needed to know
				before := len(sim.Requests("Users.Get"))
				crowd(t, c, id, 5)
				assert.Len(t, sim.Requests("Token"), 3)
				assert.Len(t, sim.Requests("Users.Get"), before+5)
			})
		})
	}
}

func TestRefusedCredentialsFailAtOnce(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	for name, auth := range map[string]liveperson.Credentials{
		"client": liveperson.ClientCredentials{ID: "x", Secret: core.NewSecret("wrong")},
		"bearer": liveperson.Bearer{Token: core.NewSecret("wrong")},
		"login":  liveperson.Login{Username: "x", Password: core.NewSecret("wrong")},
		"key": liveperson.APIKey{AppKey: livepersontest.ConsumerKey, Secret: core.NewSecret("wrong"),
			AccessToken:       core.NewSecret(livepersontest.AccessToken),
			AccessTokenSecret: core.NewSecret("wrong")},
	} {
		sim.Reset()
		_, err := overAs(t, sim, auth).Users.Get(t.Context(), id)
		require.ErrorIs(t, err, core.ErrUnauthenticated, name)
		n := 0
		for _, r := range sim.Requests() {
			if !strings.HasPrefix(r.Op, "Domain") {
				n++
			}
		}
		assert.Equal(t, 1, n, name)
		if name == "key" {
			e := resttest.ErrorOf(t, err)
			assert.Equal(t, "signature_invalid", e.Code)
			assert.Equal(t, "the signature does not match the request", e.Message)
		}
		if name == "client" {
			assert.Equal(t, "invalid_client", resttest.ErrorOf(t, err).Code)
		}
	}
	sim.BlockLogin("ops.blocked")
	_, err := overAs(t, sim, liveperson.Login{Username: "ops.blocked", Password: core.NewSecret("xxxx")}).Users.Get(t.Context(), id)
	require.ErrorIs(t, err, core.ErrPermission)
	assert.Equal(t, 451, resttest.ErrorOf(t, err).Status)
}

func TestSessionIsRefreshedBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer(livepersontest.WithSessionTTL(time.Hour))
		id := sim.AddUser(`{"loginName":"a"}`)
		c := overAs(t, sim, login)
		for range 20 {
			crowd(t, c, id, 3)
			time.Sleep(10 * time.Minute)
		}
		assert.Len(t, sim.Requests("Login"), 1)
		refreshes := sim.Requests("Login.Refresh")
		assert.NotEmpty(t, refreshes)
		assert.Contains(t, refreshes[0].Header.Get("Cookie"), "Session_id=s-")
		assert.Contains(t, string(refreshes[0].Body), `"csrf":"`)
		for _, r := range refreshes {
			assert.Equal(t, 200, r.Status)
		}
		for _, r := range sim.Requests("Users.Get") {
			assert.Equal(t, 200, r.Status)
		}

		// Left alone for longer than it lives, it is opened anew.
		time.Sleep(2 * time.Hour)
		crowd(t, c, id, 20)
		assert.Len(t, sim.Requests("Login"), 2)

		// A refresh that fails for a passing reason leaves the session in use.
		time.Sleep(50 * time.Minute)
		sim.Fault(livepersontest.Fault{Op: "Login.Refresh", Times: -1, Status: 500})
		crowd(t, c, id, 1)
		assert.Len(t, sim.Requests("Login"), 2)

		require.NoError(t, c.Close(t.Context()))
		assert.Len(t, sim.Requests("Login.Logout"), 1)
		assert.Equal(t, 200, sim.Requests("Login.Logout")[0].Status)
		require.NoError(t, c.Close(t.Context()))
		assert.Len(t, sim.Requests("Login.Logout"), 1)
		_, err := c.Users.Get(t.Context(), id)
		require.ErrorIs(t, err, core.ErrInvalid)
	})
}

func TestLogsInAgainOnceForAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer(livepersontest.WithSingleSession())
		id := sim.AddUser(`{"loginName":"a"}`)
		c := overAs(t, sim, login)
		crowd(t, c, id, 30)
		assert.Len(t, sim.Requests("Login"), 1)
		sim.EndSessions()
		crowd(t, c, id, 30)
		assert.Len(t, sim.Requests("Login"), 2)
		assert.Empty(t, sim.Requests("Login.Refresh"), "a session that was refused is not refreshed")
	})
}

func TestLoginRefusedForTheRateWaitsFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(livepersontest.Fault{Op: "Login", Status: 429})
		c := overAs(t, sim, login)
		start := time.Now()
		crowd(t, c, id, 1)
		took := time.Since(start)
		assert.GreaterOrEqual(t, took, 5*time.Second)
		assert.Less(t, took, 8*time.Second)
		sim.Fault(livepersontest.Fault{Op: "Users.Get", Status: 429})
		start = time.Now()
		crowd(t, c, id, 1)
		assert.Less(t, time.Since(start), 4*time.Second)
	})
}

func TestCloseDuringALoginLeavesNoSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(livepersontest.Fault{Op: "Login", Delay: time.Second})
		c := overAs(t, sim, login)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Users.Get(ctx, id)
			assert.Error(t, err)
		})
		synctest.Wait()
		require.NoError(t, c.Close(t.Context()))
		cancel()
		wg.Wait()
		time.Sleep(time.Minute)
		assert.Len(t, sim.Requests("Login.Logout"), 1)
	})
}

// TestOAuth1Vectors: the example of RFC 5849, section 3.4.1.1, without its form
// body, and the one that Twitter's documentation made known.
func TestOAuth1Vectors(t *testing.T) {
	u, _ := url.Parse("http://EXAMPLE.COM:80/r%20v/X?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2=&a3=2+q")
	assert.Equal(t, "GET&http%3A%2F%2Fexample.com%2Fr%2520v%2FX&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D"+
		"%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7",
		liveperson.BaseString("get", u, [2]string{"oauth_consumer_key", "9djdj82h48djs9d2"}, [2]string{"oauth_token", "kkk9d7dh3k39sjv7"},
			[2]string{"oauth_signature_method", "HMAC-SHA1"}, [2]string{"oauth_timestamp", "137131201"}, [2]string{"oauth_nonce", "7d8f3e4a"}))

	key := liveperson.APIKey{AppKey: "xvz1evFS4wEEPTGEFPHBog", Secret: core.NewSecret("kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"),
		AccessToken:       core.NewSecret("370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
		AccessTokenSecret: core.NewSecret("LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE")}
	u, _ = url.Parse(
		"https://api.twitter.com/1.1/statuses/update.json?include_entities=true&status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21")
	h := key.Header("POST", u, "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", time.Unix(1318622958, 0))
	assert.Contains(t, h, `oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"`)
	assert.True(t, strings.HasPrefix(h, `OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_token="370773112-`))
	assert.NotContains(t, h, "\n")
}

// TestOAuth1SignsEachAttempt: a nonce is good once.
func TestOAuth1SignsEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(livepersontest.Fault{Op: "Users.Get", LoseAnswer: true, Times: 2})
		_, err := overAs(t, sim, apiKey, option(liveperson.WithMethodOverride())).Users.Modify(t.Context(), id,
			func(u *liveperson.User) error { u.Nickname = core.Set("n"); return nil })
		require.NoError(t, err)
	})
}

// TestAServerThatRepeatsTheCredential in its error.
func TestAServerThatRepeatsTheCredential(t *testing.T) {
	for name, auth := range map[string]liveperson.Credentials{"client credentials": clientCredentials, "bearer": bearer, "login": login,
		"key": apiKey} {
		sim := livepersontest.NewServer()
		var said string
		c := overAs(t, sim, auth, transport(roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.Contains(r.URL.Path, "/configuration/") && !strings.Contains(r.URL.Path, "/logout") {
				return sim.Transport().RoundTrip(r)
			}
			said = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") + r.Header.Get("Cookie")
			return httpmock.NewStringResponse(400, "you sent "+said), nil
		})))
		_, err := c.Users.Get(t.Context(), 5)
		require.ErrorIs(t, err, core.ErrInvalid)
		if name != "key" { // a signature is good for nothing
			assert.NotContains(t, err.Error(), said, name)
		}
		assert.NotContains(t, err.Error(), livepersontest.AccessToken, name)
		if err := c.Close(t.Context()); name == "login" {
			require.Error(t, err)
			assert.NotContains(t, err.Error(), strings.TrimPrefix(said, "Session_id="), name)
		}
	}
}
