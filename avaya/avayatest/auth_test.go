package avayatest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

func TestTokenIsFormEncodedWithAppkey(t *testing.T) {
	a := newAPI(t)
	res := a.grant(nil)
	require.Equal(t, 200, res.StatusCode)
	require.Len(t, res.obj(), 3)
	require.Equal(t, num("900"), res.at("expires_in"))
	require.NotEmpty(t, res.at("access_token"))
	require.NotEmpty(t, res.at("refresh_token"))
	require.Equal(t, "application/json", res.Header.Get("Content-Type"))

	form := "grant_type=client_credentials&client_id=" + avayatest.ClientID + "&client_secret=" + avayatest.ClientSecret
	res = a.send("POST", tokenPath(avayatest.AccountID), form, http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	require.Equal(t, 401, res.StatusCode)
	require.Regexp(t, `\(Appkey\)$`, res.at("detail"))

	// The client's credentials travel in the form, not in a Basic header.
	req := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Appkey": {avayatest.AppKey}}
	req.Set("Authorization", "Basic c3ZjLXJvc3RlcjpzM2NyM3Q=")
	require.Equal(t, 400, a.send("POST", tokenPath(avayatest.AccountID), "grant_type=client_credentials", req).StatusCode)
	require.Len(t, a.srv.Requests("Token"), 4)
}

func TestTokenRefusals(t *testing.T) {
	a := newAPI(t)
	res := a.send("POST", tokenPath(avayatest.AccountID), `{"grant_type":"client_credentials"}`,
		http.Header{"Content-Type": {"application/json"}, "Appkey": {avayatest.AppKey}})
	require.Equal(t, 415, res.StatusCode)
	require.Equal(t, "Conflict", res.at("title"))
	require.Equal(t, avayatest.TypeBaseOneCloud+"#conflict", res.at("type"))

	require.Equal(t, 401, a.grant(map[string]string{"client_secret": "wrong"}).StatusCode)
	require.Equal(t, 401, a.grant(map[string]string{"client_id": "wrong"}).StatusCode)
	require.Equal(t, 400, a.grant(map[string]string{"grant_type": "magic"}).StatusCode)
	res = a.grant(map[string]string{"grant_type": "", "client_id": ""})
	require.Equal(t, []string{"grant_type 20002"}, violations(res))
	require.Equal(t, []string{"client_id 20002", "client_secret 20002"},
		violations(a.grant(map[string]string{"client_id": "", "client_secret": ""})))

	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Appkey": {avayatest.AppKey}}
	require.Equal(t, []string{"accountId 20006"}, violations(a.send("POST", tokenPath("Q1"), "", form)))
	res = a.send("POST", tokenPath("NOBODY"), "", form)
	require.Equal(t, 404, res.StatusCode)
	require.Equal(t, "Not Found", res.at("title"))
}

func TestRefreshAndPasswordGrantsNeedTheClientToo(t *testing.T) {
	a := newAPI(t)
	refresh := a.grant(nil).at("refresh_token").(string)
	res := a.grant(map[string]string{"grant_type": "refresh_token", "refresh_token": refresh})
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, []string{"client_id 20002", "client_secret 20002"}, violations(a.grant(map[string]string{
		"grant_type": "refresh_token", "refresh_token": refresh, "client_id": "", "client_secret": ""})))

	// A refresh token opens nothing itself.
	a.token = refresh
	require.Equal(t, 401, a.do("GET", "/users", nil).StatusCode)
	a.srv.ExpireRefreshTokens()
	require.Equal(t, 400, a.grant(map[string]string{"grant_type": "refresh_token", "refresh_token": refresh}).StatusCode)

	admin := map[string]string{"grant_type": "password", "username": avayatest.AdminLogin, "password": avayatest.AdminPassword}
	a.token = a.grant(admin).at("access_token").(string)
	a.ok(200, "GET", "/users", nil)
	admin["client_secret"] = ""
	require.Equal(t, []string{"client_secret 20002"}, violations(a.grant(admin)))
	admin["client_secret"], admin["password"] = avayatest.ClientSecret, "wrong"
	require.Equal(t, 401, a.grant(admin).StatusCode)
}

func TestUsersSignInWithTheirPassword(t *testing.T) {
	a := newAPI(t)
	a.srv.AddUser(object{"loginId": "ann@example.com", "password": "Zq7!mTr2kW9p", "roles": []string{"Agent"}})
	a.srv.AddUser(object{"loginId": "bob@example.com", "password": "Zq7!mTr2kW9p", "roles": []string{"Administrator"}})
	for login, status := range map[string]int{"ann@example.com": 403, "bob@example.com": 200} {
		res := a.grant(map[string]string{"grant_type": "password", "username": login, "password": "Zq7!mTr2kW9p"})
		require.Equal(t, 200, res.StatusCode)
		a.token = res.at("access_token").(string)
		require.Equal(t, status, a.do("GET", "/users", nil).StatusCode, login)
	}
}

func TestAppkeyAndTokenAreBothNeeded(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		path := full("QWERTY", "/users")
		good := a.header()
		for name, c := range map[string]struct {
			change func(http.Header)
			detail string
		}{
			"no appkey":       {func(h http.Header) { h.Del("appkey") }, `\(Appkey\)$`},
			"bad appkey":      {func(h http.Header) { h.Set("appkey", "k-0") }, `\(Appkey\)$`},
			"neither":         {func(h http.Header) { h.Del("appkey"); h.Del("Authorization") }, `\(Appkey\)$`},
			"no token":        {func(h http.Header) { h.Del("Authorization") }, `\(Access-Token\)$`},
			"bad token":       {func(h http.Header) { h.Set("Authorization", "Bearer x") }, `\(Access-Token\)$`},
			"not even bearer": {func(h http.Header) { h.Set("Authorization", a.token) }, `\(Access-Token\)$`},
		} {
			h := good.Clone()
			c.change(h)
			res := a.send("GET", path, "", h)
			require.Equal(t, 401, res.StatusCode, name)
			require.Regexp(t, c.detail, res.at("detail"), name)
			require.Equal(t, "Unauthorized", res.at("title"))
		}

		a.ok(200, "GET", "/users", nil)
		time.Sleep(899 * time.Second)
		a.ok(200, "GET", "/users", nil)
		time.Sleep(time.Second)
		require.Regexp(t, `\(Access-Token\)$`, a.ok(401, "GET", "/users", nil).at("detail"))
		a.login()
		a.ok(200, "GET", "/users", nil)
		a.srv.ExpireTokens()
		a.ok(401, "GET", "/users", nil)
		a.token = avayatest.Bearer
		a.ok(200, "GET", "/users", nil)
	})
}

func TestTokenLifetimeIsSettable(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithTokenLifetime(time.Minute), avayatest.WithRefreshLifetime(time.Hour))
		res := a.grant(nil)
		require.Equal(t, num("60"), res.at("expires_in"))
		time.Sleep(time.Minute)
		a.ok(401, "GET", "/users", nil)
		refresh := map[string]string{"grant_type": "refresh_token", "refresh_token": res.at("refresh_token").(string)}
		require.Equal(t, 200, a.grant(refresh).StatusCode)
		time.Sleep(time.Hour)
		require.Equal(t, 400, a.grant(refresh).StatusCode)
	})
}

func TestOtherAccountsAndMissingRolesAreForbidden(t *testing.T) {
	a := newAPI(t)
	a.srv.AddClient(avayatest.Client{ID: "other", Secret: "s", AccountID: "ABCDEF"})
	a.srv.AddClient(avayatest.Client{ID: "clerk", Secret: "s", Roles: []string{"Agent"}})
	res := a.send("GET", full("ABCDEF", "/users"), "", a.header())
	require.Equal(t, 403, res.StatusCode)
	require.Equal(t, "Forbidden", res.at("title"))

	other := a.send("POST", tokenPath("ABCDEF"), "grant_type=client_credentials&client_id=other&client_secret=s",
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Appkey": {avayatest.AppKey}})
	require.Equal(t, 200, other.StatusCode)
	own := a.token
	a.token = other.at("access_token").(string)
	a.ok(403, "GET", "/users", nil)

	// Users, profiles and groups need the role; the match service states none.
	a.token = own
	a.token = a.grant(map[string]string{"client_id": "clerk", "client_secret": "s"}).at("access_token").(string)
	a.ok(403, "GET", "/users", nil)
	a.ok(403, "GET", "/profiles", nil)
	a.ok(403, "GET", "/groups", nil)
	a.ok(200, "GET", "/queues", nil)
	// A client cannot get a token for an account that is not its own.
	require.Equal(t, 401, a.grant(map[string]string{"client_id": "other", "client_secret": "s"}).StatusCode)
}

func TestMalformedAndUnknownAccounts(t *testing.T) {
	a := newAPI(t)
	res := a.send("GET", full("QWERT1", "/users"), "", a.header())
	require.Equal(t, 400, res.StatusCode)
	require.Equal(t, []string{"accountId 20006"}, violations(res))
	require.Equal(t, 403, a.send("GET", full("NOBODY", "/users"), "", a.header()).StatusCode)
	a.srv.Apply(avayatest.WithUnknownAccountStatus(400))
	res = a.send("GET", full("NOBODY", "/users"), "", a.header())
	require.Equal(t, 400, res.StatusCode)
	require.Equal(t, "Invalid AccountID", res.at("detail"))
}

func TestV1betaKnowsNoAppkey(t *testing.T) {
	a := newAPI(t, avayatest.WithSampleData())
	res := a.send("POST", "/api/auth/v1beta/QWERTY/protocol/openid-connect/token",
		"grant_type=client_credentials&client_id="+avayatest.ClientID+"&client_secret="+avayatest.ClientSecret,
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	require.Equal(t, 200, res.StatusCode)
	res = a.send("GET", "/api/admin/user/v1beta/accounts/QWERTY/users", "",
		http.Header{"Authorization": {"Bearer " + res.at("access_token").(string)}})
	require.Equal(t, 200, res.StatusCode)
	require.Contains(t, res.at("links", "next"), "/v1beta/")
	require.Equal(t, 404, a.send("GET", "/api/admin/user/v2/accounts/QWERTY/users", "", a.header()).StatusCode)
}

func TestErrorsAreProblems(t *testing.T) {
	a := newAPI(t)
	a.srv.AddUser(person(nil))
	for name, c := range map[string]struct {
		res   response
		title string
		base  string
	}{
		"400": {a.ok(400, "POST", "/users", "{}"), "Constraint Violation", avayatest.TypeBaseAXP + "#constraint-violation"},
		"404": {a.ok(404, "GET", "/groups/7c9d1e2f-3a4b-4c5d-8e6f-7a8b9c0d1e2f", nil), "Resource Not Found",
			avayatest.TypeBaseOneCloud + "#resource-not-found"},
		"405": {a.ok(405, "PATCH", "/users", "{}"), "Method Not Allowed", avayatest.TypeBaseAXP + "#method-not-allowed"},
		"409": {a.ok(409, "POST", "/users", person(nil)), "Conflict", avayatest.TypeBaseAXP + "#conflict"},
	} {
		require.Equal(t, "application/problem+json", c.res.Header.Get("Content-Type"), name)
		require.Equal(t, c.title, c.res.at("title"), name)
		require.Equal(t, num(name), c.res.at("status"), name)
		require.Equal(t, c.base, c.res.at("type"), name)
		require.NotEmpty(t, c.res.at("detail"), name)
	}
	res := a.ok(409, "POST", "/users", person(nil))
	require.Equal(t, []string{"loginId"}, violations(res), "conflicts have no code")

	a.srv.Apply(avayatest.WithStringStatus(), avayatest.WithTypeBase(avayatest.TypeBaseOneCloud1))
	res = a.ok(409, "POST", "/users", person(nil))
	require.Equal(t, "409", res.at("status"))
	require.Equal(t, avayatest.TypeBaseOneCloud1+"#conflict", res.at("type"))
}

func TestMethodsContentTypesAndJSON(t *testing.T) {
	a := newAPI(t)
	res := a.ok(405, "DELETE", "/users", nil)
	require.Equal(t, "GET, POST", res.Header.Get("Allow"))
	h := a.header()
	h.Set("Content-Type", "text/plain")
	require.Equal(t, 415, a.send("POST", full("QWERTY", "/users"), "{}", h).StatusCode)
	h.Del("Content-Type")
	require.Equal(t, 415, a.send("POST", full("QWERTY", "/users"), "{}", h).StatusCode)
	h.Set("Content-Type", "application/json; charset=utf-8")
	require.Equal(t, 400, a.send("POST", full("QWERTY", "/users"), "{}", h).StatusCode)
	for _, body := range []string{"", "{", `{"a":1} {}`, "[]", "null", "7"} {
		res := a.ok(400, "POST", "/users", body)
		require.Equal(t, "Bad Request", res.at("title"), body)
	}
	require.Empty(t, a.srv.Users())
}

func TestFirewallAnswersInHTML(t *testing.T) {
	a := newAPI(t)
	a.srv.Fault(avayatest.Firewalled("Users.List"))
	res := a.ok(403, "GET", "/users", nil)
	require.Contains(t, res.Header.Get("Content-Type"), "text/html")
	require.Contains(t, res.raw, "<html>")
	a.ok(200, "GET", "/users", nil)
}
