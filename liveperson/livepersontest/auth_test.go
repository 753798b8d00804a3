package livepersontest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestServer_BaseURIs(t *testing.T) {
	c := newCentre(t)
	c.bearer = ""
	require.Equal(t, m{"service": "accountConfigReadWrite", "account": AccountID, "baseURI": HostReadWrite},
		c.get(domain+"accountConfigReadWrite/baseURI.json?version=1.0").is(200).Object())
	var all struct {
		BaseURIs []struct{ Service, Account, BaseURI string }
	}
	c.get(domain + "baseURI.json?version=1.0").is(200).Decode(&all)
	found := map[string]string{}
	for _, b := range all.BaseURIs {
		require.Equal(t, AccountID, b.Account)
		found[b.Service] = b.BaseURI
	}
	require.Equal(t, map[string]string{
		"accountConfigReadOnly": HostReadOnly, "accountConfigReadWrite": HostReadWrite, "agentVep": HostLogin,
		"sentinel": HostSentinel, "agentManagerWorkspace": HostWorkspace,
	}, found)
	c.get(domain + "sentinel/baseURI.json").is(400)
	c.get(domain + "sentinel/baseURI.json?version=2").is(400)
	c.get(strings.Replace(domain, AccountID, "1", 1) + "sentinel/baseURI.json?version=1.0").is(401)

	c = newCentre(t, WithDomainLists())
	require.Contains(t, c.get(domain+"sentinel/baseURI.json?version=1.0").is(200).Object(), "baseURIs")
}

func TestServer_ServiceNamesAreCaseSensitive(t *testing.T) {
	newCentre(t).get(domain + "AccountConfigReadOnly/baseURI.json?version=1.0").is(404)
	newCentre(t, WithUnknownServiceStatus(400)).get(domain + "nonesuch/baseURI.json?version=1.0").is(400)
	require.Empty(t, newCentre(t, WithUnknownServiceStatus(200)).
		get(domain+"domain/baseURI.json?version=1.0").is(200).Object())
}

func TestServer_BaseURIHasNoScheme(t *testing.T) {
	c := newCentre(t)
	base, err := c.Start()
	require.NoError(t, err)
	defer c.Close()
	c.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	got := c.get(base + account + "/service/agentVep/baseURI.json?version=1.0").is(200).Object()["baseURI"]
	require.Equal(t, strings.TrimPrefix(base, "http://"), got, "the listener's own host and port, bare")
}

func TestServer_TwoListeners(t *testing.T) {
	c := newCentre(t)
	everything, readOnly, err := c.StartSplit()
	require.NoError(t, err)
	defer c.Close()
	c.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	host := func(service string) any {
		return c.get(everything + account + "/service/" + service + "/baseURI.json?version=1.0").is(200).Object()["baseURI"]
	}
	require.Equal(t, strings.TrimPrefix(readOnly, "http://"), host("accountConfigReadOnly"))
	require.Equal(t, strings.TrimPrefix(everything, "http://"), host("accountConfigReadWrite"))
	require.Equal(t, strings.TrimPrefix(everything, "http://"), host("sentinel"))
	for _, base := range []string{everything, readOnly} {
		c.get(base + account + "/configuration/le-users/users?v=6.0").is(200)
	}
	require.Equal(t, "GET", c.do("POST", readOnly+account+"/configuration/le-users/users?v=6.0", agent("a")).is(405).Header.Get("Allow"))
	c.do("POST", everything+account+"/configuration/le-users/users?v=6.0", agent("a")).is(201)
	c.get(readOnly + account + "/service/baseURI.json?version=1.0").is(404)
}

func TestServer_TheReadOnlyHostRefusesWrites(t *testing.T) {
	c := newCentre(t)
	id := c.AddUser(m{"loginName": "a"})
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		c.do(method, reader+"users?v=6.0", "[]").is(405)
		c.do(method, reader+"users/"+text(id)+"?v=6.0", "{}").is(405)
	}
	c.do("POST", reader+"users?v=6.0", "[]", "X-HTTP-Method-Override", "DELETE").is(405)
	c.get(reader + "users?v=6.0").is(200)
	c.get(writer + "users?v=6.0").is(200)
	// Each host serves its own service.
	c.get("https://" + HostSentinel + account + "/configuration/le-users/users?v=6.0").is(404)
	c.get("https://elsewhere.test" + account + "/configuration/le-users/users?v=6.0").is(200)
}

func TestServer_ReplicationDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t, WithReplicationDelay(10*time.Second))
		seeded := c.AddUser(m{"loginName": "seeded"})
		created := c.create(agent("created"))
		names := func(base string) []any {
			return simnettest.Each(c.get(base+"users?v=6.0").is(200).Array(), "loginName")
		}
		require.Equal(t, []any{"seeded", "created"}, names(writer))
		require.Equal(t, []any{"seeded"}, names(reader))
		require.Less(t, c.get(reader+"users?v=6.0").revision(), c.Revision("users"))
		c.get(reader + "users/" + text(created) + "?v=6.0").is(404)
		time.Sleep(5 * time.Second)
		c.do("DELETE", userURL(seeded), nil).is(200)
		time.Sleep(5 * time.Second)
		require.Equal(t, []any{"seeded", "created"}, names(reader))
		time.Sleep(5 * time.Second)
		require.Equal(t, []any{"created"}, names(reader))
		require.Equal(t, c.Revision("users"), c.get(reader+"users?v=6.0").revision())
	})
}

const form = "application/x-www-form-urlencoded"

func credentials(id, secret string) string {
	return url.Values{"client_id": {id}, "client_secret": {secret}, "grant_type": {"client_credentials"}}.Encode()
}

func (c *centre) token() string {
	c.t.Helper()
	return c.do("POST", tokenURL, credentials(ClientID, ClientSecret), "Content-Type", form).is(200).Object()["access_token"].(string)
}

func TestServer_SentinelTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t, WithTokenLifetime(10*time.Minute))
		c.bearer = ""
		r := c.do("POST", tokenURL+"?v=2.0", credentials(ClientID, ClientSecret), "Content-Type", form).is(200)
		require.Equal(t, "application/json;charset=utf-8", r.Header.Get("Content-Type"))
		require.Equal(t, "600", r.Object()["expires_in"], "a string")
		require.Equal(t, "Bearer", r.Object()["token_type"])
		c.bearer = r.Object()["access_token"].(string)
		require.Len(t, strings.Split(c.bearer, "."), 3)
		c.get(writer + "users?v=6.0").is(200)
		time.Sleep(10 * time.Minute)
		c.get(writer + "users?v=6.0").is(401)
		c.bearer = c.token()
		c.get(writer + "users?v=6.0").is(200)
		c.ExpireTokens()
		c.get(writer + "users?v=6.0").is(401)

		refused := c.do("POST", tokenURL, credentials(ClientID, "wrong"), "Content-Type", form).is(401)
		require.Equal(t, "invalid_client", refused.Object()["error"])
		c.do("POST", tokenURL, m{"client_id": ClientID}).is(400)
		c.do("POST", tokenURL+"?"+credentials(ClientID, ClientSecret), "", "Content-Type", form).is(400)
		basic := base64.StdEncoding.EncodeToString([]byte(ClientID + ":" + ClientSecret))
		c.do("POST", tokenURL, "grant_type=client_credentials", "Content-Type", form, "Authorization", "Basic "+basic).is(401)
		c.do("POST", tokenURL, "grant_type=password", "Content-Type", form).is(400)
	})
	for option, want := range map[ExpiresIn]any{ExpiresInNumber: "3600", ExpiresInOmitted: nil} {
		c := newCentre(t, WithExpiresIn(option), WithClient("other", "hidden"))
		o := c.do("POST", tokenURL, credentials("other", "hidden"), "Content-Type", form).is(200)
		if want == nil {
			require.NotContains(t, o.Object(), "expires_in")
		} else {
			require.Contains(t, o.Body, `"expires_in":3600`)
		}
	}
}

func TestServer_TokenScopes(t *testing.T) {
	for _, test := range []struct {
		scopes      []string
		read, write int
	}{
		{[]string{"users.external"}, 200, 201},
		{[]string{"users.read", "users.write"}, 200, 201},
		{[]string{"users.read"}, 200, 403},
		{[]string{"users.write"}, 403, 201},
		{[]string{"msg.read"}, 403, 403},
		{nil, 200, 201}, // the default scopes
	} {
		var opts []Option
		if test.scopes != nil {
			opts = append(opts, WithScopes(test.scopes...))
		}
		c := newCentre(t, opts...)
		c.bearer = c.token()
		c.get(writer + "users?v=6.0").is(test.read)
		c.do("POST", writer+"users?v=6.0", agent("a")).is(test.write)
	}
	c := newCentre(t, WithScopes())
	c.bearer = c.token()
	c.get(writer + "users?v=6.0").is(403)
}

func (c *centre) login(username, password string) *reply {
	c.t.Helper()
	return c.do("POST", loginURL+"/login?v=1.3", m{"username": username, "password": password})
}

func TestServer_LoginRefreshLogout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t, WithSessionTTL(time.Hour))
		c.bearer = ""
		r := c.login(Username, Password).is(200)
		answer := r.Object()
		require.Equal(t, "3600000", answer["sessionTTl"])
		cookie := r.Header.Get("Set-Cookie")
		require.True(t, strings.HasPrefix(cookie, "Session_id="+answer["sessionId"].(string)), cookie)
		cookie, _, _ = strings.Cut(cookie, ";")
		require.Equal(t, Username, answer["config"].(m)["loginName"])
		require.Contains(t, answer["csdsCollectionResponse"].(m), "baseURIs")
		require.True(t, strings.HasSuffix(r.Body, `"bearer":"`+answer["bearer"].(string)+`"}`), "at the end of the body")
		csrf := m{"csrf": answer["csrf"]}
		c.bearer = answer["bearer"].(string)
		c.get(writer + "users?v=6.0").is(200)

		time.Sleep(50 * time.Minute)
		require.Empty(t, c.do("POST", loginURL+"/refresh", csrf, "Cookie", cookie).is(200).Body)
		time.Sleep(50 * time.Minute)
		c.get(writer + "users?v=6.0").is(200)

		for _, op := range []string{"/refresh", "/logout"} {
			c.do("POST", loginURL+op, csrf).is(401) // no cookie
			wrong := c.do("POST", loginURL+op, m{"csfr": answer["csrf"]}, "Cookie", cookie).is(401).Object()["error"].(m)
			require.Equal(t, "CSRF token invalid", wrong["message"])
			require.Equal(t, "UNAUTHORIZED", wrong["responseStatus"])
			require.Equal(t, json.Number("10"), wrong["internalCode"])
			_, err := time.Parse("Jan 2, 2006 3:04:05 PM", wrong["time"].(string))
			require.NoError(t, err)
		}
		lower := strings.Replace(cookie, "Session_id", "session_id", 1)
		require.Empty(t, c.do("POST", loginURL+"/logout", csrf, "Cookie", lower).is(200).Body)
		c.get(writer + "users?v=6.0").is(401)
		c.do("POST", loginURL+"/refresh", csrf, "Cookie", cookie).is(401)
	})
}

func TestServer_WhoMayLogIn(t *testing.T) {
	c := newCentre(t, WithSampleData())
	c.login(Username, "wrong").is(401)
	c.login("nobody", Password).is(401)
	c.do("POST", loginURL+"/login?v=1.3", m{"username": Username}).is(400)
	c.do("POST", loginURL+"/login?v=x", m{"username": Username, "password": Password}).is(400)
	c.do("POST", loginURL+"/login", "username=x", "Content-Type", form).is(400)
	c.login("felix.novak", SeedPassword).is(401) // disabled
	bot := m{"username": "robo.greeter", "appKey": ClientID, "secret": ClientSecret, "accessToken": "dummy", "accessTokenSecret": "dummy"}
	c.do("POST", loginURL+"/login?v=1.3", bot).is(200)
	c.do("POST", loginURL+"/login?v=1.3", with(bot, m{"secret": "wrong"})).is(401)
	c.do("POST", loginURL+"/login?v=1.3", with(bot, m{"username": "nadia.kovar"})).is(401)
	c.login("robo.greeter", SeedPassword).is(401) // a bot has no password
}

func TestServer_EndedSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t, WithSessionTTL(time.Hour), WithSingleSession())
		session := func() string { return c.login(Username, Password).is(200).Object()["bearer"].(string) }
		c.bearer = session()
		time.Sleep(time.Hour)
		c.get(writer + "users?v=6.0").is(401)
		c.bearer = session()
		c.get(writer + "users?v=6.0").is(200)
		second := session()
		c.get(writer + "users?v=6.0").is(401) // a new login ended it
		c.bearer = second
		c.get(writer + "users?v=6.0").is(200)
		c.EndSessions("somebody")
		c.get(writer + "users?v=6.0").is(200)
		c.EndSessions()
		c.get(writer + "users?v=6.0").is(401)
	})
}

func TestServer_TooManyLoginsAndBlockedUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t, WithLoginLimit(2, 10*time.Second))
		c.login(Username, Password).is(200)
		c.login(Username, Password).is(200)
		require.Empty(t, c.login(Username, Password).is(429).Header.Get("Retry-After"))
		time.Sleep(5 * time.Second)
		c.login(Username, Password).is(200)
		time.Sleep(5 * time.Second)
		c.BlockLogin(Username)
		c.login(Username, Password).is(451)
	})
}

// sign makes an OAuth 1.0a header, independently of the simulator.
func sign(method, rawURL string, change ...string) string {
	params := url.Values{
		"oauth_consumer_key": {ConsumerKey}, "oauth_token": {AccessToken}, "oauth_signature_method": {"HMAC-SHA1"},
		"oauth_timestamp": {strconv.FormatInt(time.Now().Unix(), 10)}, "oauth_nonce": {"n-~1"}, "oauth_version": {"1.0"},
	}
	secret := ConsumerSecret + "&" + AccessTokenSecret
	for i := 0; i < len(change); i += 2 {
		params.Set(change[i], change[i+1])
	}
	u, _ := url.Parse(rawURL)
	all := u.Query()
	for name := range params {
		all[name] = params[name]
	}
	escape := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	// Encode sorts by name; no name here has two values.
	base := method + "&" + escape("https://"+u.Host+u.EscapedPath()) + "&" + escape(strings.ReplaceAll(all.Encode(), "+", "%20"))
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(base))
	params.Set("oauth_signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	var parts []string
	for name := range params {
		parts = append(parts, name+`="`+escape(params.Get(name))+`"`)
	}
	return "OAuth " + strings.Join(parts, ", ")
}

func TestServer_OAuth1(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		list := writer + "users?v=6.0&select=id,memberOf(agentGroupId)&x=a+b%20c"
		c.get(list, "Authorization", sign("GET", list)).is(200)

		refused := func(problem, header string) {
			t.Helper()
			r := c.get(list, "Authorization", header).is(401)
			require.True(t, strings.HasPrefix(r.Body, "oauth_problem="+problem+"&oauth_problem_advice="), r.Body)
			require.Equal(t, "text/plain;charset=utf-8", r.Header.Get("Content-Type"))
		}
		refused("nonce_used", sign("GET", list))
		refused("signature_invalid", sign("POST", list, "oauth_nonce", "2"))
		refused("signature_invalid", sign("GET", writer+"users?v=6.0", "oauth_nonce", "2"))
		refused("token_rejected", sign("GET", list, "oauth_token", "other"))
		refused("consumer_key_unknown", sign("GET", list, "oauth_consumer_key", "other"))
		refused("signature_method_rejected", sign("GET", list, "oauth_signature_method", "PLAINTEXT"))
		refused("version_rejected", sign("GET", list, "oauth_version", "2.0"))
		refused("timestamp_refused", sign("GET", list, "oauth_timestamp", "12345"))
		refused("parameter_absent", `OAuth oauth_token="x"`)
		refused("parameter_rejected", `OAuth nonsense`)

		users := writer + "users?v=6.0"
		c.do("POST", users, agent("a"), "Authorization", sign("POST", users, "oauth_nonce", "2")).is(201)
		old := sign("GET", list, "oauth_nonce", "3")
		time.Sleep(6 * time.Minute)
		refused("timestamp_refused", old)
		c.get(list, "Authorization", sign("GET", list)).is(200) // the nonce with another timestamp
	})
}

func TestServer_NotAuthenticatedNotAuthorised(t *testing.T) {
	c := newCentre(t, WithSampleData(), WithForbidden("Skills.*"))
	for _, header := range []string{"", "Bearer", "Bearer wrong", "Basic eDp5", "bearer " + Bearer} {
		r := c.get(writer+"users?v=6.0", "Authorization", header).is(401)
		require.Equal(t, "Not Authenticated", r.Object()["error"].(m)["message"])
	}
	require.Equal(t, "Not Authorized", c.get(writer + "skills?v=4.0").is(403).Object()["error"].(m)["message"])
	c.get(strings.Replace(writer, AccountID, "1", 1) + "users?v=6.0").is(401)

	// A login carries its user's permissions.
	as := func(login string) *centre {
		other := *c
		other.bearer = c.login(login, SeedPassword).is(200).Object()["bearer"].(string)
		return &other
	}
	as("ines.aldana").do("POST", writer+"users?v=6.0", agent("a")).is(201)
	as("ruth.okafor").get(writer + "users?v=6.0").is(200)
	as("ruth.okafor").do("POST", writer+"users?v=6.0", agent("b")).is(403)
	as("nadia.kovar").get(writer + "users?v=6.0").is(403)
}

func TestOwnCredentials(t *testing.T) {
	const other = "qa34649454"
	c := newCentre(t, WithAccountID(other), WithLogin("me", "My-pass-0001"), WithBearer("my-token"),
		WithOAuth1Key(OAuth1Key{"ck", "cs", "at", "ats"}))
	at := func(url string) string { return strings.Replace(url, AccountID, other, 1) }
	users := at(writer) + "users?v=6.0"
	c.get(users).is(401)
	c.bearer = "my-token"
	c.get(users).is(200)
	c.get(at(domain) + "baseURI.json?version=1.0").is(200)
	c.get(domain + "baseURI.json?version=1.0").is(401)
	c.do("POST", at(loginURL)+"/login", m{"username": "me", "password": "My-pass-0001"}).is(200)
	c.do("POST", at(loginURL)+"/login", m{"username": Username, "password": Password}).is(401)
	require.Contains(t, c.get(users, "Authorization", sign("GET", users)).is(401).Body, "consumer_key_unknown")
	require.Contains(t, c.get(users, "Authorization", sign("GET", users, "oauth_consumer_key", "ck", "oauth_token", "at")).is(401).Body,
		"signature_invalid")
	require.NotEmpty(t, c.AddStatusReason(m{"text": "lunch"}))
}
