package avayatest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

func TestThreeWaysToReachIt(t *testing.T) {
	srv := avayatest.NewServer(avayatest.WithSampleData())
	base, err := srv.Start()
	require.NoError(t, err)
	defer srv.Close()
	mux := http.NewServeMux()
	mux.Handle("/vendor/avaya/", http.StripPrefix("/vendor/avaya", srv))
	mounted := httptest.NewServer(mux)
	defer mounted.Close()

	a := &api{t: t, srv: srv, rt: srv.Transport()}
	a.login()
	for way, c := range map[string]struct {
		rt  http.RoundTripper
		url string
	}{
		"memory":  {srv.Transport(), avayatest.Origin},
		"tcp":     {http.DefaultTransport, base},
		"mounted": {http.DefaultTransport, mounted.URL + "/vendor/avaya"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", c.url+full("QWERTY", "/users/a%2Fb"), nil)
		require.NoError(t, err)
		req.Header = a.header()
		res, err := c.rt.RoundTrip(req)
		require.NoError(t, err, way)
		require.Equal(t, 400, res.StatusCode, way)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Contains(t, string(body), "userId", way)
		require.EqualValues(t, len(body), res.ContentLength, way)
	}
	require.Len(t, srv.Requests("Users.Get"), 3)
	srv.Close()
	srv.Close()
}

func TestFaultsAndTheRecord(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		a.srv.Fault(
			avayatest.Fault{Op: "Users.Create", LoseAnswer: true},
			avayatest.Fault{Op: "Users.List", Skip: 1, Status: 503, RetryAfter: "3"},
			avayatest.Fault{Op: "Users.Get", Delay: time.Minute},
			avayatest.Fault{Op: "Users.Delete", Drop: true},
		)
		_, err := post(a, full("QWERTY", "/users"), `{"organizationNodeId":"QWERTY","loginId":"dana@example.com","firstName":"Dana",`+
			`"lastName":"Reyes"}`)
		require.Error(t, err)
		require.Len(t, a.srv.Users(), 1, "the effect came before the loss")
		a.ok(200, "GET", "/users", nil)
		require.Equal(t, "3", a.ok(503, "GET", "/users", nil).Header.Get("Retry-After"))
		start := time.Now()
		a.ok(200, "GET", "/users/"+a.srv.Users()[0]["userId"].(string), nil)
		require.Equal(t, time.Minute, time.Since(start))
		require.Len(t, a.srv.Unstruck(), 1)

		log := a.srv.Requests()
		require.Equal(t, "Token", log[0].Op)
		require.Equal(t, "POST", log[1].Method)
		require.Equal(t, "/api/admin/user/v1/accounts/QWERTY/users", log[1].Path)
		require.Contains(t, string(log[1].Body), "dana@example.com")
		require.Len(t, a.srv.Requests("Users.List"), 2)
		a.srv.Reset()
		require.Empty(t, a.srv.Requests())
		require.Empty(t, a.srv.Unstruck())
	})
}

func post(a *api, path, body string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(a.t.Context(), "POST", avayatest.Origin+path, nil)
	require.NoError(a.t, err)
	req.Body = io.NopCloser(&reader{body})
	req.Header = a.header()
	return a.rt.RoundTrip(req)
}

type reader struct{ left string }

func (r *reader) Read(p []byte) (int, error) {
	if r.left == "" {
		return 0, io.EOF
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

func TestSampleData(t *testing.T) {
	a := newAPI(t, avayatest.WithSampleData())
	require.Len(t, a.srv.Users(), 25)
	require.Len(t, a.srv.Queues(), 3)
	require.Len(t, a.srv.Profiles(), 2)
	require.Len(t, a.srv.Groups(), 2)
	for _, c := range a.srv.Categories() {
		require.GreaterOrEqual(t, len(c["attributes"].([]any)), 4)
	}
	roles := map[any]int{}
	for _, u := range a.ok(200, "GET", "/users?pageSize=50", nil).at("users").([]any) {
		list, _ := at(u, "roles").([]any)
		for _, r := range list {
			roles[r]++
		}
		require.Equal(t, "COMPLETED", a.status(at(u, "userId").(string))["status"])
		require.Regexp(t, `@example\.com$`, at(u, "loginId"))
	}
	require.Equal(t, 21, roles["Agent"]) // one of them a supervisor
	require.Equal(t, 3, roles["Supervisor"])
	require.Equal(t, 1, roles["Administrator"])

	// All of it could have been written through the API.
	for _, u := range a.srv.Users() {
		a.ok(202, "PUT", "/users/"+u["userId"].(string), u)
	}
	for _, p := range a.srv.Profiles() {
		a.ok(202, "PUT", "/profiles/"+p["profileId"].(string), p)
	}
	for _, g := range a.srv.Groups() {
		require.NotEmpty(t, at(g, "resources", 0, "resourceIds"), g["name"])
	}
}

func TestIDsAreTheSameEveryTime(t *testing.T) {
	ids := func() string {
		srv := avayatest.NewServer(avayatest.WithSampleData())
		dana, ok := srv.UserByLogin("dana.reyes@example.com")
		require.True(t, ok)
		return dana["userId"].(string) + srv.AddQueue(nil)
	}
	require.Equal(t, ids(), ids())
}

func TestAnotherAccount(t *testing.T) {
	srv := avayatest.NewServer(avayatest.WithAccountID("ABCDEF"), avayatest.WithAppKey("k-2"), avayatest.WithClient("me", "s"))
	a := &api{t: t, srv: srv, rt: srv.Transport()}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Appkey": {"k-2"}}
	require.Equal(t, 401, a.send("POST", tokenPath("ABCDEF"), "grant_type=client_credentials&client_id="+avayatest.ClientID+"&client_secret="+
		avayatest.ClientSecret, h).StatusCode)
	res := a.send("POST", tokenPath("ABCDEF"), "grant_type=client_credentials&client_id=me&client_secret=s", h)
	require.Equal(t, 200, res.StatusCode)
	id := srv.AddUser(nil)
	h = http.Header{"Appkey": {"k-2"}, "Authorization": {"Bearer " + res.at("access_token").(string)}}
	require.Equal(t, "ABCDEF", a.send("GET", full("ABCDEF", "/users/"+id), "", h).at("organizationNodeId"))
}

func TestSeedsAndChangesBehindTheAPI(t *testing.T) {
	a := newAPI(t)
	id := a.srv.AddUser(struct {
		LoginID string `json:"loginId"`
		Badge   int    `json:"badge"`
	}{"dana@example.com", 7})
	res := a.ok(200, "GET", "/users/"+id, nil)
	require.Equal(t, avayatest.AccountID, res.at("organizationNodeId"))
	require.Equal(t, num("7"), res.at("badge"))
	a.srv.ChangeUser(id, object{"lastName": "Roth", "password": "secret", "badge": nil})
	res = a.ok(200, "GET", "/users/"+id, nil)
	require.Equal(t, "Roth", res.at("lastName"))
	require.NotContains(t, res.obj(), "password")
	require.NotContains(t, res.obj(), "badge")
	require.Equal(t, "Test", res.at("firstName"), "the rest stays")
	require.Equal(t, nobody, a.srv.AddUser(object{"userId": nobody}))

	p := a.srv.AddProfile(`{"roles":["Agent"]}`)
	a.srv.ChangeUser(id, object{"profileId": p})
	a.srv.ChangeProfile(p, `{"roles":["Reporting"]}`)
	require.Equal(t, []any{"Reporting"}, a.ok(200, "GET", "/users/"+id, nil).at("roles"))
	status, ok := a.srv.Status(p)
	require.True(t, ok)
	require.Equal(t, p, status["profileId"])

	other := a.srv.AddUser(nil)
	require.Panics(t, func() { a.srv.ChangeUser(other, `{"loginId":"dana@example.com"}`) })

	a.srv.RemoveUser(id)
	require.Panics(t, func() { a.srv.RemoveUser(id) })
	require.Panics(t, func() { a.srv.ChangeUser(id, nil) })
	require.Panics(t, func() { a.srv.Login(id) })
	a.ok(404, "GET", "/users/"+id, nil)
	_, ok = a.srv.UserByLogin("dana@example.com")
	require.False(t, ok)

	require.Panics(t, func() { a.srv.AddUser("{") })
	require.Panics(t, func() { a.srv.AddUser(object{"userId": nobody}) })
	// The lock is free again.
	require.Panics(t, func() { a.srv.AddUsers(1); a.srv.AddUser(object{"loginId": "user0001@example.com"}) })
	require.NotEmpty(t, a.srv.Users())
}

func TestInspection(t *testing.T) {
	srv := avayatest.NewServer()
	// Seeds may hold what requests may not.
	id := srv.AddUser(`{"features":{"matching":{"queues":["odd"]},"voice":7},"roles":"Agent","memberOfGroups":null}`)
	group := srv.AddGroup([]byte(`{"resources":["odd",{"type":"User","resourceIds":["` + id + `"]}]}`))
	queue := srv.AddQueue(`{"name":"Q"}`)
	category := srv.AddCategory(`{"name":"C","attributes":["odd",{"value":"A"}]}`)
	p := srv.AddProfile(`{"features":{"matching":{"queues":["odd",{}]}}}`)
	for name, look := range map[string]func(string) (map[string]any, bool){
		id: srv.User, id + " ": srv.EffectiveUser, id + "  ": srv.Status, p: srv.Profile, group: srv.Group, queue: srv.Queue,
		category: srv.Category,
	} {
		got, ok := look(strings.TrimSpace(name))
		require.True(t, ok)
		require.NotEmpty(t, got)
		got["x"] = 1 // a copy
		again, _ := look(strings.TrimSpace(name))
		require.NotContains(t, again, "x")
		_, ok = look(nobody)
		require.False(t, ok)
	}
	u, _ := srv.EffectiveUser(id)
	require.Equal(t, []any{group}, u["memberOfGroups"])
	require.Panics(t, func() { srv.AddQueue(object{"queueId": queue}) })
	require.Panics(t, func() { srv.AddProfile(object{"profileId": p}) })
	require.Panics(t, func() { srv.AddQueue(func() {}) })
	require.Panics(t, func() { srv.ChangeProfile("NOSUCH", nil) })
}

func TestManyAtOnce(t *testing.T) {
	a := newAPI(t, avayatest.WithSampleData(), avayatest.WithDelays(avayatest.Delays{}))
	users := a.srv.Users()
	var wg sync.WaitGroup
	for _, u := range users {
		wg.Go(func() {
			id := u["userId"].(string)
			a.do("PUT", "/users/"+id, u)
			a.do("GET", "/users?pageSize=50", nil)
			a.do("GET", "/groups", nil)
			a.srv.User(id)
			a.do("DELETE", "/users/"+id, nil)
		})
	}
	wg.Wait()
	require.Empty(t, a.srv.Users())
}

// TestWhatNobodySendsIsNotServed: the simulator serves what the client sends, and not more.
func TestWhatNobodySendsIsNotServed(t *testing.T) {
	a := newAPI(t)
	for _, path := range []string{"/groups", "/queues", "/categories"} {
		a.ok(405, "POST", path, `{"name":"Nights"}`)
	}
	a.ok(404, "GET", "/ux-profiles", nil)
	a.ok(404, "DELETE", "/categories/"+nobody, nil)
	require.Len(t, a.srv.Requests("unknown"), 5)
}
