package webextest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestEverybodyAtOnce(t *testing.T) {
	o := newOrg(t, webextest.WithCrew(webextest.Assist, 4, 40))
	ids := o.Supervisors(webextest.Assist)
	people := o.People()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			path := supervisor(ids[i%4]) + assist
			id := people[len(people)-1-i]["id"].(string)
			for _, r := range []*http.Request{
				httptest.NewRequest("PUT", webextest.BaseURL+path, strings.NewReader(`{"agents":[{"id":"`+id+`","action":"ADD"}]}`)),
				httptest.NewRequest("GET", webextest.BaseURL+path, nil),
				httptest.NewRequest("GET", webextest.BaseURL+"/people?callingData=true", nil),
			} {
				r.Header.Set("Authorization", "Bearer "+webextest.Bearer)
				r.Header.Set("Content-Type", "application/json")
				o.ServeHTTP(httptest.NewRecorder(), r)
			}
			o.SetPresence(id, "call")
			o.Requests("Supervisors.UpdateAgents")
		})
	}
	wg.Wait()
	for _, id := range ids {
		require.Len(t, o.SupervisedAgents(webextest.Assist, id), 11)
	}
	require.Len(t, o.Requests("Supervisors.UpdateAgents"), 40)
}

// Another client's write, between the read and the write of one.
func TestSomebodyElse(t *testing.T) {
	o := sample(t)
	path := queuePath(webextest.LocationAustin, webextest.QueueDesk)
	read := o.get(path).is(200).rows("agents")
	require.Len(t, read, 2)
	var once sync.Once
	o.Fault(webextest.Fault{Op: "Queues.ReplaceAgents", Match: func(*http.Request, []byte) bool {
		once.Do(func() { o.ChangeQueueAgents(webextest.QueueDesk, m{"id": webextest.PersonOmar}) })
		return false
	}})
	o.put(path, m{"agents": of(webextest.PersonJulia, webextest.AgentDesk, webextest.PersonIvan)}).is(204)
	_, kept := o.QueueAgent(webextest.QueueDesk, webextest.PersonOmar)
	require.False(t, kept, "the last write wins")
}

func TestStartAndClose(t *testing.T) {
	sim := webextest.NewServer(webextest.WithPeople(3))
	base, err := sim.Start()
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(base, "/v1"))
	o := &org{Server: sim, t: t, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, bearer: webextest.Bearer}
	ids, pages := o.walk(base+"/people?max=3", "items")
	require.Len(t, ids, 4)
	require.Equal(t, 2, pages)
	sim.Fault(webextest.Fault{Op: "People.List", CutBody: 20})
	_, err = o.try("GET", base+"/people", nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	sim.Close()
	_, err = o.try("GET", base+"/people", nil)
	require.Error(t, err)
	require.Len(t, sim.People(), 4, "the state stays")
}

func TestNoToken(t *testing.T) {
	o := sample(t)
	for _, bearer := range []string{"", "nobody's"} {
		r := o.as(bearer).get("/people/me").is(401)
		body := r.Object()
		require.Equal(t, "The request requires a valid access token set in the Authorization request header.", body["message"])
		require.True(t, strings.HasPrefix(body["trackingId"].(string), "ROUTERGW_"))
		require.Equal(t, r.Header.Get("Trackingid"), body["trackingId"])
		require.NotContains(t, body, "errorCode")
	}
	o.get("/people/me", "Authorization", "Basic "+webextest.Bearer).is(401)
	o.get("/people/me").is(200)
	o.Revoke(webextest.Bearer)
	o.get("/people/me").is(401)
}

func TestTrackingID(t *testing.T) {
	o := sample(t)
	seen := map[string]bool{}
	for _, path := range []string{"/people/me", "/nothing", supervisors, supervisor("x"), "/people/none"} {
		r := o.get(path)
		id := r.Header.Get("Trackingid")
		require.NotEmpty(t, id)
		require.False(t, seen[id], "each answer has its own")
		seen[id] = true
		if r.Status >= 400 {
			require.Equal(t, id, r.Object()["trackingId"])
		}
	}
	o.Fault(webextest.Fault{Op: "People.Me", Status: 503})
	require.NotEmpty(t, o.get("/people/me").is(503).Header.Get("Trackingid"))
	require.Empty(t, o.Unstruck())
}

func TestScopesAndRoles(t *testing.T) {
	o := sample(t)
	ann := supervisor(webextest.PersonFrank)
	body := agents(webextest.PersonJulia, "ADD")
	const read, write = "spark-admin:telephony_config_read", "spark-admin:telephony_config_write"

	// The scope alone.
	require.Contains(t, o.asRole(webextest.FullAdmin, read).put(ann, body).is(403).Object()["message"], write)
	o.asRole(webextest.FullAdmin, write).put(ann, body).is(204)
	o.asRole(webextest.FullAdmin, write).get(ann).is(403)

	// The role with it.
	for _, role := range []webextest.Role{webextest.UserAdmin, webextest.LocationAdmin, webextest.ReadOnlyAdmin, webextest.DeviceAdmin} {
		r := o.asRole(role).put(ann, body).is(403)
		require.NotContains(t, r.Object(), "errorCode", "E1")
		o.asRole(role).do("DELETE", ann, nil).is(403)
	}
	o.asRole(webextest.LocationAdmin).post(supervisors, m{"id": webextest.PersonJulia, "agents": of(webextest.PersonIvan)}).is(201)
	o.asRole(webextest.LocationAdmin).get(supervisors).is(200)
	o.asRole(webextest.LocationAdmin).get(ann).is(403)
	o.asRole(webextest.ReadOnlyAdmin).get(ann).is(200)
	o.asRole(webextest.ReadOnlyAdmin).do("DELETE", "/people/"+webextest.PersonMarco, nil).is(403)
	o.asRole(webextest.UserAdmin).do("DELETE", "/people/"+webextest.PersonMarco, nil).is(204)
	o.asRole(webextest.FullAdmin, "spark-admin:people_write").do("DELETE", "/people/"+webextest.PersonKofi, nil).is(403)
	o.as(webextest.UserBearer).get(supervisors).is(403)
	o.as(webextest.UserBearer).put("/people/"+webextest.PersonAna, m{"displayName": "Me"}).is(403)
}

func TestTokenEndpoint(t *testing.T) {
	o := newOrg(t)
	code := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {webextest.ClientID}, "client_secret": {webextest.ClientSecret},
		"code": {webextest.AuthorizationCode}, "redirect_uri": {webextest.RedirectURI},
	}
	wrong := url.Values{"grant_type": {"refresh_token"}, "client_id": {webextest.ClientID}, "client_secret": {"no"},
		"refresh_token": {webextest.RefreshToken}}
	o = o.as("")
	o.do("POST", "/access_token", m{"grant_type": "refresh_token"}).is(400)
	o.form(wrong).is(401)
	first := o.form(code).is(200).Object()
	o.form(code).is(400) // once
	again := o.form(url.Values{
		"grant_type": {"refresh_token"}, "client_id": {webextest.ClientID}, "client_secret": {webextest.ClientSecret},
		"refresh_token": {first["refresh_token"].(string)},
	}).is(200).Object()
	for _, body := range []m{first, again} {
		require.Equal(t, json.Number("1209599"), body["expires_in"])
		require.Equal(t, json.Number("7775999"), body["refresh_token_expires_in"])
		require.Equal(t, "Bearer", body["token_type"])
		require.Contains(t, body["scope"], "spark-admin:people_read")
		require.Equal(t, "Nora Lind", o.as(body["access_token"].(string)).get("/people/me").is(200).Object()["displayName"])
	}
	require.Equal(t, first["refresh_token"], again["refresh_token"])
	wrong.Set("client_secret", webextest.ClientSecret)
	wrong.Set("refresh_token", "nobody's")
	o.form(wrong).is(400)
	wrong.Set("grant_type", "password")
	o.form(wrong).is(400)

	rotating := newOrg(t, webextest.WithRefreshRotation())
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {webextest.ClientID}, "client_secret": {webextest.ClientSecret},
		"refresh_token": {webextest.RefreshToken}}
	require.NotEqual(t, webextest.RefreshToken, rotating.form(refresh).is(200).Object()["refresh_token"])
	rotating.form(refresh).is(400)
}

// TestWhatNobodySendsIsNotServed: the simulator serves what the client sends, and not more.
func TestWhatNobodySendsIsNotServed(t *testing.T) {
	o := sample(t)

	o.get("/licenses").is(404)
	o.get(person(webextest.PersonAna) + "/features/doNotDisturb").is(404)
	o.get("/telephony/config/cxEssentials/wrapup/reasons").is(404)
	o.post("/telephony/config/locations/"+webextest.LocationPorto+"/queues", m{}).is(404)
	o.do("DELETE", queuePath(webextest.LocationPorto, webextest.QueueOrders), nil).is(405)
	o.get(webextest.Origin + "/identity/scim/" + webextest.OrgKey + "/v2/Users").is(404)

	require.Len(t, o.Requests("unknown"), 6)
}

func TestExpiryAndRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOrg(t, webextest.WithTokenLifetime(time.Hour), webextest.WithRefreshLifetime(24*time.Hour))
		refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {webextest.ClientID}, "client_secret": {webextest.ClientSecret},
			"refresh_token": {webextest.RefreshToken}}
		access := o.form(refresh).is(200).Object()["access_token"].(string)
		user := o.as(access)
		time.Sleep(time.Hour - time.Second)
		user.get("/people/me").is(200)
		require.Contains(t, o.Tokens(), access)
		time.Sleep(time.Second)
		user.get("/people/me").is(401)
		require.NotContains(t, o.Tokens(), access)
		o.as(o.form(refresh).is(200).Object()["access_token"].(string)).get("/people/me").is(200)
		// Each refresh begins the refresh token's time anew.
		time.Sleep(23*time.Hour + 30*time.Minute)
		o.form(refresh).is(200)
		time.Sleep(24 * time.Hour)
		o.form(refresh).is(400)
	})
}

func TestServiceApp(t *testing.T) {
	o := newOrg(t)
	path := "/applications/" + webextest.ApplicationID + "/token"
	body := m{"clientId": webextest.ApplicationClientID, "clientSecret": webextest.ApplicationSecret, "targetOrgId": webextest.OrgID}
	o.post(path, body).is(403)
	apps := o.as(webextest.ApplicationBearer)
	apps.post(path, with(body, m{"clientSecret": "no"})).is(401)
	apps.post(path, with(body, m{"targetOrgId": nil})).is(400)
	apps.post("/applications/other/token", body).is(404)
	tokens := apps.post(path, body).is(200).Object()
	require.NotContains(t, tokens, "scope")
	o.as(tokens["access_token"].(string)).get(supervisors).is(200)
	refresh := url.Values{
		"grant_type": {"refresh_token"}, "client_id": {webextest.ApplicationClientID}, "client_secret": {webextest.ApplicationSecret},
		"refresh_token": {tokens["refresh_token"].(string)},
	}
	o.form(refresh).is(200)
	o.RevokeRefresh(tokens["refresh_token"].(string))
	o.form(refresh).is(400)
	o.Revoke()
	o.get("/people/me").is(401)
}

func TestRetryAfterForms(t *testing.T) {
	o := sample(t)
	date := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC).Format(http.TimeFormat)
	for _, form := range []string{"194", "0", "", date, "rand(30),add(30)"} {
		f := webextest.Refusal("People.List", 429, webextest.E1, 0, "Too Many Requests")
		f.RetryAfter, f.Times = form, 2
		o.Fault(f)
		for range 2 {
			r := o.get("/people").is(429)
			require.Equal(t, form, r.Header.Get("Retry-After"))
			_, has := r.Header["Retry-After"]
			require.Equal(t, form != "", has)
			require.Equal(t, r.Header.Get("Trackingid"), r.Object()["trackingId"])
		}
		o.get("/people").is(200)
	}
	require.Empty(t, o.Unstruck())
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := sample(t, webextest.WithRateLimit(2, 10*time.Second, true))
		o.get("/people/me").is(200)
		o.get(supervisors).is(200)
		r := o.get("/people/me").is(429)
		require.Equal(t, "5", r.Header.Get("Retry-After"))
		o.form(url.Values{}).is(401)
		time.Sleep(5 * time.Second)
		o.get("/people/me").is(200)
		o.get("/people/me").is(429)
		silent := sample(t, webextest.WithRateLimit(1, time.Hour, false))
		silent.get("/people/me").is(200)
		require.NotContains(t, silent.get("/people/me").is(429).Header, "Retry-After")
	})
}

func TestTransientFaults(t *testing.T) {
	o := sample(t)
	for _, f := range []webextest.Fault{
		{Op: "Supervisors.UpdateAgents", Status: 423, RetryAfter: "3"}, {Op: "Supervisors.UpdateAgents", Status: 423},
		{Op: "Supervisors.UpdateAgents", Status: 502}, {Op: "Supervisors.UpdateAgents", Status: 503}, {Op: "Supervisors.UpdateAgents",
			Status: 504},
	} {
		o.Fault(f)
		r := o.put(supervisor(webextest.PersonFrank), agents(webextest.PersonJulia, "ADD")).is(f.Status)
		require.Equal(t, f.RetryAfter, r.Header.Get("Retry-After"))
		require.Len(t, o.SupervisedAgents(webextest.Basic, webextest.PersonFrank), 2, "nothing was done")
	}
	o.put(supervisor(webextest.PersonFrank), agents(webextest.PersonJulia, "ADD")).is(204)
	o.Fault(webextest.Fault{Op: "Supervisors.UpdateAgents", LoseAnswer: true})
	_, err := o.try("PUT", supervisor(webextest.PersonFrank), agents(webextest.PersonLena, "ADD"))
	require.Error(t, err)
	require.Contains(t, o.SupervisedAgents(webextest.Basic, webextest.PersonFrank), webextest.PersonLena, "it was done")
	require.Empty(t, o.Unstruck())
	o.Fault(webextest.Fault{Op: "Supervisors.UpdateAgents", Status: 500})
	o.Reset()
	require.Empty(t, o.Requests())
	o.put(supervisor(webextest.PersonFrank), agents(webextest.PersonJulia, "DELETE")).is(204)
}

func TestMaxThreshold(t *testing.T) {
	o := sample(t, webextest.WithMaxThreshold(50))
	for _, path := range []string{"/people", supervisors, queues, queueAgents} {
		o.get(path + "?max=51").is(504)
		o.get(path + "?max=50").is(200)
	}
}

func TestErrorShapes(t *testing.T) {
	o := sample(t)
	strike := func(shape webextest.Shape) *reply {
		o.Fault(webextest.Refusal("Supervisors.Get", 400, shape, 4003, "no such user"))
		return o.get(supervisor(webextest.PersonFrank)).is(400)
	}
	e1 := strike(webextest.E1)
	require.NotContains(t, e1.Object(), "errorCode")
	require.Equal(t, json.Number("4003"), e1.rows("errors")[0]["errorCode"])
	require.Empty(t, e1.Header.Get("Cisco-Spark-Error-Codes"))
	strike(webextest.E2).code("4003")
	e3 := strike(webextest.E3).rows("error")
	require.Equal(t, json.Number("4003"), e3[0]["message"].([]any)[0].(m)["code"])
	object := strike(webextest.E3Object).Object()["error"].(m)
	require.Equal(t, "4003", object["message"].([]any)[0].(m)["code"])
	require.Equal(t, "text/html", strike(webextest.HTML).Header.Get("Content-Type"))
	require.Error(t, json.Unmarshal([]byte(strike(webextest.Garbage).Body), new(any)))
	require.Empty(t, strike(webextest.NoBody).Body)

	// Those that the simulator chooses itself.
	require.NotContains(t, o.get("/people/"+asPeople(webextest.AgentDesk)).is(404).Object(), "errorCode")
	o.get(supervisor(webextest.PersonDana)).is(404).code("4008")
	o.get(supervisors + "?max=none").is(400).code("400")
}

func TestMissingBodies(t *testing.T) {
	o := sample(t)
	for _, body := range []any{nil, "", " ", "{", "[]", "null", `{"agents":[]}x`} {
		o.do("DELETE", supervisors, body).is(400).code("25024")
		o.do("PUT", supervisor(webextest.PersonFrank), body).is(400).code("25024")
		require.NotContains(t, o.post("/people", body).is(400).Object(), "errorCode")
	}
	require.Len(t, o.Supervisors(webextest.Basic), 2)
	require.Len(t, o.Supervisors(webextest.Assist), 2)
}

func TestContentType(t *testing.T) {
	o := sample(t)
	body := agents(webextest.PersonJulia, "ADD")
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		o.do("PUT", supervisor(webextest.PersonFrank), body, "Content-Type", kind).is(415)
		o.do("POST", "/people", m{}, "Content-Type", kind).is(415)
	}
	o.do("PUT", supervisor(webextest.PersonFrank), body, "Content-Type", "application/json;charset=utf-8").is(204)
}

func TestOrganization(t *testing.T) {
	o := sample(t)
	other := webextest.ID("ORGANIZATION", "00000000-1111-4222-8333-444444444444")
	for _, path := range []string{"/people", supervisors, queues} {
		o.get(path + "?orgId=" + webextest.OrgID).is(200)
		o.get(path).is(200)
		o.get(path + "?orgId=" + other).is(403)
		o.get(path + "?orgId=" + webextest.OrgKey).is(403)
	}
	o.post("/people", m{"emails": []string{"a@example.com"}, "displayName": "A", "orgId": other}).is(403)
	sample(t, webextest.WithUnknownOrgStatus(404)).get("/people?orgId=" + other).is(404)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	o := sample(t)
	for _, path := range []string{"/", "/peoples", "/people/", "/people/a/b", supervisors + "//x"} {
		o.get(path).is(404)
	}
	o.get(webextest.Origin + "/people").is(404)
	o.do("PATCH", "/people", m{}).is(405)
	o.do("DELETE", "/people/me", nil).is(405)
	require.Len(t, o.Requests("unknown"), 8)
}

func TestMountedUnderAPath(t *testing.T) {
	var sim *webextest.Server
	srv := httptest.NewServer(http.StripPrefix("/webex", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sim.ServeHTTP(w, r)
	})))
	defer srv.Close()
	sim = webextest.NewServer(webextest.WithPublicURL(srv.URL+"/webex"), webextest.WithPeople(5))
	o := &org{Server: sim, t: t, client: srv.Client(), bearer: webextest.Bearer}
	ids, pages := o.walk(srv.URL+"/webex/v1/people?max=2", "items")
	require.Len(t, ids, 6)
	require.Equal(t, 3, pages)
}
