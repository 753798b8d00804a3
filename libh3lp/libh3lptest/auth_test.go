package libh3lptest_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func loginSucceeds(t *testing.T) {
	d := newDesk(t)
	r := d.login(Username, Password).is(200)
	require.Equal(t, true, r.Object()["success"])
	require.Equal(t, Username, r.Object()["username"])
	require.Regexp(t, `^libraryh3lp-session=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}; `, r.Header.Get("Set-Cookie"))
	require.NotEqual(t, d.cookie, r.session(), "a session of its own")
	d.get(api + "/users").is(200)
	require.Equal(t, 2, d.Sessions())

	own := &desk{t: t, Server: NewServer(WithLogin("own-admin", "own-pass")), base: Origin}
	own.client = &http.Client{Transport: own.Transport()}
	own.login(Username, Password).failed(200)
	own.cookie = own.login("own-admin", "own-pass").session()
	require.Equal(t, "own-admin", own.get(userPath(AdministratorID)).is(200).Object()["name"])

	d = newDesk(t, WithCookieName("sid"))
	require.True(t, strings.HasPrefix(d.cookie, "sid="), d.cookie)
	d.get(api + "/users").is(200)
}

func loginAtAnyVersion(t *testing.T) {
	d := newDesk(t)
	for _, version := range []string{"/2013-07-21", "/2016-02-10"} {
		r, err := d.send("POST", version+"/auth/login", credentials(Username, Password), "Content-Type", form)
		require.NoError(t, err)
		d.cookie = r.session()
		d.get(api + "/users").is(200)
		d.get(api2 + "/queues").is(200)
	}
}

func loginFails(t *testing.T) {
	refused := func(d *desk, status int) {
		t.Helper()
		for _, r := range []*reply{d.login(Username, "wrong"), d.login("nobody", Password), d.login(Username, ""), d.login("", "")} {
			r.failed(status)
			require.Empty(t, r.Header.Get("Set-Cookie"))
		}
	}
	d := newDesk(t)
	refused(d, 200)
	d.RefuseLogins(true)
	require.Equal(t, "Invalid username or password.", d.login(Username, Password).failed(200))
	d.get(api + "/users").is(200)
	d.RefuseLogins(false)
	d.login(Username, Password).session()

	refused(newDesk(t, WithLoginFailureStatus(401)), 401)

	// The key that the vendor's own client reads at the second version.
	at2 := func(d *desk) *reply {
		r, err := d.send("POST", api2+"/auth/login", credentials(Username, "wrong"), "Content-Type", form)
		require.NoError(t, err)
		return r
	}
	require.Equal(t, m{"success": nil, "error": "Invalid username or password."}, at2(d).is(200).Object())
	at2(newDesk(t, WithReasonKey("message"))).failed(200)
}

func loginTellsTheAccount(t *testing.T) {
	d := newDesk(t)
	require.Equal(t, number(AccountID), d.login(Username, Password).Object()["account_id"])
	d.AddUser(m{"name": "desk-anna"})
	require.Equal(t, m{"success": true, "username": "desk-anna"}, d.login("desk-anna", SeedPassword).is(200).Object())
	other := d.AddAccount("somebody-else")
	require.Equal(t, number(other), d.login("somebody-else", SeedPassword).Object()["account_id"])
}

func loginEncodings(t *testing.T) {
	d := newDesk(t)
	try := func(path, contentType, body string) *reply {
		r, err := d.send("POST", api+"/auth/login"+path, body, "Content-Type", contentType)
		require.NoError(t, err)
		return r
	}
	try("?"+credentials(Username, Password), "", "").session()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	require.NoError(t, w.WriteField("username", Username))
	require.NoError(t, w.WriteField("password", Password))
	require.NoError(t, w.Close())
	try("", w.FormDataContentType(), b.String()).session()

	try("", "application/json", `{"username":"`+Username+`","password":"`+Password+`"}`).failed(200)
	try("", "", credentials(Username, Password)).failed(400)
	try("", "multipart/form-data; boundary=x", "junk").failed(400)
	try("", form, "%zz").failed(400)
	for _, r := range d.Requests("Login") {
		require.Empty(t, r.Header.Get("X-API-Version"))
	}
}

func loginIsPostOnly(t *testing.T) {
	d := newDesk(t)
	for _, method := range []string{"GET", "PUT", "DELETE", "PATCH"} {
		require.Empty(t, d.do(method, api+"/auth/login?"+credentials(Username, Password), nil).is(405).Body)
	}
	require.Len(t, d.Requests("unknown"), 4)
}

func sessionGone(t *testing.T) {
	for name, cookie := range map[string]string{
		"none": "", "unknown": "libraryh3lp-session=7f1c2a90-3f53-4c0e-9f0e-2d0b8f6c1a11", "another": "other=1",
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{api + "/users", api + "/users/8400", api + "/auth/verify", api2 + "/queues"} {
				newDesk(t).get(path, "Cookie", cookie).failed(401)
				r := newDesk(t, WithSessionGone(GoneRedirect)).get(path, "Cookie", cookie).is(302)
				require.Equal(t, "/login", r.Header.Get("Location"))
				r = newDesk(t, WithSessionGone(GonePage)).get(path, "Cookie", cookie)
				r.isPage(200)
				require.Equal(t, LoginPage, r.Body)
			}
			newDesk(t).do("POST", api+"/users", m{"name": "a", "password": "b"}, "Cookie", cookie).failed(401)
		})
	}
	d := newDesk(t)
	d.get("/login", "Cookie", "").isPage(200)
	require.Len(t, d.Requests("LoginPage"), 1)

	credential := []string{"Cookie", "", "Authorization", "Basic amFuZS1hZG1pbjpzaW0tQWRtMW4tcGFzcy02YzJl"} // Username:Password
	d.get(api+"/users", credential...).failed(401)
	d = newDesk(t, WithBasicAuth())
	d.get(api+"/users", credential...).is(200)
	d.get(api+"/users", "Cookie", "", "Authorization", "Basic amFuZS1hZG1pbjp3cm9uZw==").failed(401)
}

func sessionsExpire(t *testing.T) {
	d := newDesk(t)
	d.AddUser(m{"name": "desk-anna"})
	anna := d.login("desk-anna", SeedPassword).session()
	d.ExpireSessions(Username)
	d.get(api + "/users").failed(401)
	d.get(api+"/users", "Cookie", anna).is(200)
	d.cookie = d.login(Username, Password).session()
	d.get(api + "/users").is(200)
	d.ExpireSessions()
	require.Zero(t, d.Sessions())
	d.get(api + "/users").failed(401)
	d.get(api+"/users", "Cookie", anna).failed(401)

	// Among 20 callers at once nothing gets lost.
	d = newDesk(t)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if i == 10 {
				d.ExpireSessions()
			}
			d.send("GET", api+"/users", "", "X-API-Version", "2011-12-03", "Cookie", d.cookie)
		})
	}
	group.Wait()
	require.Len(t, d.Requests("Users.List"), 20)
	require.Len(t, d.Requests("Login"), 1)
}

func sessionVerified(t *testing.T) {
	d := newDesk(t)
	for _, version := range []string{api, api2, "/2016-02-10"} {
		d.get(version + "/auth/verify").succeeded()
		d.get(version+"/auth/verify", "X-API-Version", "").succeeded()
	}
	d.do("POST", api+"/auth/verify", nil).is(405)
	require.Len(t, d.Requests("Verify"), 6)
}

func cookieDomain(t *testing.T) {
	for domain, accepted := range map[string]bool{"": true, "libraryh3lp.com": true, "mycustomercloud.com": false} {
		d := newDesk(t, WithCookieDomain(domain))
		require.Equal(t, domain != "", strings.Contains(d.login(Username, Password).Header.Get("Set-Cookie"), "Domain="+domain))
		d.get(api + "/users").is(200) // who reads the header by hand does not mind

		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		d.client.Jar = jar
		d.login(Username, Password).is(200)
		origin, _ := url.Parse(Origin)
		require.Equal(t, accepted, len(jar.Cookies(origin)) == 1, domain)
	}
}

func versionMissing(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{api + "/users", api + "/queues/1", api + "/users/1/assignments", api2 + "/users"} {
		require.Equal(t, "X-API-Version is required.", d.get(path, "X-API-Version", "", "Cookie", "").failed(400))
	}
	d = newDesk(t, WithLaxVersions())
	d.get(api+"/users", "X-API-Version", "").is(200)
}

func versionMismatch(t *testing.T) {
	d := newDesk(t)
	d.get(api+"/users", "X-API-Version", "2013-07-21").failed(400)
	d.get(api2+"/users", "X-API-Version", "2011-12-03").failed(400)
	d.get(api+"/users", "X-API-Version", "1").failed(400)
	newDesk(t, WithLaxVersions()).get(api+"/users", "X-API-Version", "2013-07-21").is(200)
}

func bodies(t *testing.T) {
	d := newDesk(t)
	desk := d.AddQueue(m{"name": "ref-main"})
	created := d.do("POST", api+"/users", "name=desk-bo&password=secret&ignored=1", "Content-Type", form).one()
	require.Equal(t, "desk-bo", created["name"])
	bo, _ := created["id"].(interface{ Int64() (int64, error) }).Int64()
	d.do("PUT", userPath(bo), "email=bo%40library.example", "Content-Type", form+"; charset=utf-8").one()
	user, _ := d.User(bo)
	require.Equal(t, "bo@library.example", user["email"])
	d.do("POST", assignments(bo), "queueId="+number(desk).String(), "Content-Type", form).succeeded()
	for value, enabled := range map[string]any{"null": nil, "": nil, "false": nil, "true": true} {
		d.SetEnabled(bo, desk, enabled == nil)
		require.Equal(t, enabled, d.do("PUT", assignments(bo, desk), "enabled="+value, "Content-Type", form).one()["enabled"], value)
	}
	d.SetEnabled(bo, desk, false)
	require.Nil(t, d.do("PUT", assignments(bo, desk), "enabled=banana", "Content-Type", form).one()["enabled"])

	for _, body := range []string{"", "{", `{"enabled": null`, `{"queueId": 34814 "queue": "x"}`, "[]", "null", `"x"`, `{"enabled":null}{}`,
		"{}]", "{\"enabled\":\"\xff\"}"} {
		d.do("PUT", assignments(bo, desk), body).failed(400)
	}
	d.do("PUT", assignments(bo, desk), "a=%zz", "Content-Type", form).failed(400)
	d.do("PUT", assignments(bo, desk), `{"enabled":null}`, "Content-Type", "text/plain").failed(400)
	d.do("PUT", assignments(bo, desk), `{"enabled":true}`, "Content-Type", "").failed(400)
	require.Equal(t, []Link{{UserID: bo, QueueID: desk}}, d.Links(bo))
	// A body that a read or a delete brings along is not looked at.
	d.do("GET", userPath(bo), "{}").is(200)
	d.do("DELETE", assignments(bo, desk), "{}").succeeded()
}

func methodOverride(t *testing.T) {
	d := newDesk(t)
	id := d.AddUser(m{"name": "desk-bo"})
	require.Equal(t, "bo@library.example", d.do("POST", userPath(id)+"?_method=PUT", m{"email": "bo@library.example"}).one()["email"])
	d.do("POST", userPath(id)+"?_method=GET", nil).is(200)
	d.do("POST", userPath(id)+"?_method=FROB", nil).is(405)
	d.do("GET", userPath(id)+"?_method=DELETE", nil).is(200)
	d.do("POST", userPath(id)+"?_method=DELETE", nil).succeeded()
	_, ok := d.User(id)
	require.False(t, ok)
	require.Len(t, d.Requests("Users.Update"), 1)
	require.Equal(t, "POST", d.Requests("Users.Delete")[0].Method)
}

func plainHTTP(t *testing.T) {
	d := newDesk(t)
	d.AddUser(m{"name": "desk-bo"})
	d.base = strings.Replace(Origin, "https:", "http:", 1)
	d.get(api + "/users").failed(403)
	d.get(api + "/auth/verify").failed(403)
	d.login(Username, Password).failed(403)
	require.Equal(t, "unavailable", d.show("desk-bo", UserDomain))

	// On loopback there is nothing else.
	base, err := d.Start()
	require.NoError(t, err)
	defer d.Close()
	d.base, d.client = base, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	d.cookie = d.login(Username, Password).session()
	d.get(api + "/users").is(200)
	require.Equal(t, "unavailable", d.show("desk-bo", UserDomain))
	d.Close()
	_, err = d.send("GET", api+"/users", "")
	require.Error(t, err)
}

func unknownPaths(t *testing.T) {
	d := newDesk(t)
	user, desk := d.AddUser(m{"name": "desk-bo"}), d.AddQueue(m{"name": "ref-main"})
	d.AddLink(user, desk, true)
	require.Equal(t, int64(8451), user)
	for _, path := range []string{
		"//users/8451/assignments/34814", "/users/8451/assignments/34814", "/users", "/queues", "/auth/login", "/",
		api, api + "/", api + "/users/", "/" + api + "/users", api + "//users", api + "/users/08451", api + "/users/bo", api + "/users/8451.0",
		api + "/users/9223372036854775808", api + "/users/8451/operators", api + "/queues/34814/assignments", api + "/users/8451/assignments/x",
		api + "/users/8451/assignments/34814/x", api + "/services", api + "/auth", api + "/auth/logout", api + "/users/%2e%2e", "/api/users",
		"/2016-02-10/users", "/2011-12-04/users", api2 + "/users/8451", api2 + "/users/8451/assignments", "/login/x",
		"/presence", "/presence/jid", "/presence/jid/ref-main@" + QueueDomain + "/text", api + presence("ref-main", QueueDomain, "text"),
	} {
		for _, method := range []string{"GET", "PUT", "POST"} {
			d.do(method, path, m{"enabled": nil}, "X-API-Version", "2011-12-03").isPage(404)
		}
	}
	require.Equal(t, []Link{{UserID: user, QueueID: desk, Enabled: true}}, d.Links(user))
	require.Len(t, d.Requests(), len(d.Requests("unknown"))+1)
}
