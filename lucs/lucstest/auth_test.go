package lucstest_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

const nobody = "00000000-1111-4222-8333-444444444444" // an id that is well formed, and nobody's

// everything is one request of each operation that is served.
func everything() []struct{ method, path string } {
	return []struct{ method, path string }{
		{"GET", "/services"}, {"GET", "/services/" + ServiceFrench + "/users"}, {"GET", "/services/" + ServiceFrench + "/tasks"},
		{"POST", "/users"}, {"POST", "/users/" + UserMara + "/block"}, {"POST", "/users/" + UserMara + "/unblock"},
		{"POST", "/users/" + UserMara + "/setpresence"}, {"POST", "/tasks"}, {"GET", "/tasks/" + nobody},
		{"POST", "/callbacks"}, {"GET", "/callbacks"}, {"GET", "/callbacks/" + nobody},
		{"POST", "/callbacks/" + nobody + "/cancel"}, {"POST", "/callbacks/search"},
		{"GET", "/users"}, {"GET", "/users/" + UserMara}, {"POST", "/users/" + UserMara}, {"DELETE", "/users/" + UserMara},
	}
}

func TestServer_WrongOrMissingKeyIs401Everywhere(t *testing.T) {
	s := sample(t, WithDirectRoutes())
	before := s.Users()
	for _, key := range []string{"wrong", "", "Bearer " + APIKey, strings.ToUpper(APIKey), " "} {
		for _, r := range everything() {
			s.do(r.method, r.path, nil, "Authorization", key).is(401)
		}
	}
	require.Equal(t, before, s.Users())
	require.Len(t, s.Requests("unknown"), 0, "each of the requests is an operation")
}

func TestServer_MissingRoleIs401(t *testing.T) {
	s := sample(t, WithKeys(
		Key{Value: "provisions", Areas: []Area{Provisioning}},
		Key{Value: "controls", Areas: []Area{Control}},
		Key{Value: "tasks", Areas: []Area{TasksManage}},
	))
	status := func(key, method, path string) int { return s.do(method, path, nil, "Authorization", key).Status }
	for _, r := range everything()[:3] {
		want := []int{200, 401, 401}
		if strings.HasSuffix(r.path, "/tasks") {
			want = []int{401, 401, 200}
		}
		for i, key := range []string{"provisions", "controls", "tasks"} {
			require.Equal(t, want[i], status(key, r.method, r.path), "%s %s", key, r.path)
		}
	}
	require.Equal(t, 200, status("controls", "POST", "/users/"+UserMara+"/block"))
	require.Equal(t, 401, status("provisions", "POST", "/users/"+UserMara+"/unblock"))
	u, _ := s.User(UserMara)
	require.Equal(t, true, u["IsBlockedByLuwareApi"], "the refused unblock did nothing")
	require.Equal(t, 401, status("controls", "GET", "/callbacks"))
	require.Equal(t, 401, status("", "GET", "/services"))
	require.Equal(t, 401, status(APIKey, "GET", "/services"), "the keys replace the standard one")

	s = sample(t, WithForbidden("Users.Block"))
	s.block(UserMara).is(401)
	s.unblock(UserMara).is(200)
}

func TestServer_WhereTheKeyStands(t *testing.T) {
	s := sample(t, WithKeyHeader("X-Api-Key", "Token "))
	s.key = ""
	s.get("/services", "X-Api-Key", "Token "+APIKey).is(200)
	s.get("/services", "X-Api-Key", APIKey).is(401)
	s.get("/services", "Authorization", APIKey).is(401)

	s = sample(t, WithKeyQuery("apiKey"))
	s.key = ""
	s.get("/services?apiKey=" + APIKey).is(200)
	s.get("/services?apiKey=").is(401)
	s.get("/services", "Authorization", APIKey).is(401)
}

func TestServer_KeysAreScopedToUnits(t *testing.T) {
	s := sample(t, WithKeys(Key{Value: APIKey, Units: []string{"System/Helpdesk"}}), WithDirectRoutes())
	require.Equal(t, []any{ServiceHelpdesk, ServiceFrench}, simnettest.Each(s.get("/services").Array(), "Id"))
	s.get("/services/" + ServiceClaims + "/users").is(404)
	s.get("/services/" + ServiceClaims + "/tasks").is(404)
	require.NotContains(t, simnettest.Each(s.members(ServiceHelpdesk, ""), "Id"), UserRita, "she belongs to the root")
	require.ElementsMatch(t, []any{UserMara, UserTom, UserLea, UserNils, UserAline}, simnettest.Each(s.get("/users").Array(), "Id"))
	for _, id := range []string{UserSara, UserRita, UserKarl} {
		s.block(id).is(404)
		s.setPresence(id, "Away").is(404)
		s.get("/users/" + id).is(404)
	}
	s.post("/tasks", newTask(ServiceClaims)).is(400)
	s.post("/callbacks", newCallback(m{"ServiceId": ServicePolicies})).is(400)
	s.post("/users", m{"SipUri": "sip:a@b.c", "Roles": []m{{"OrganizationUnit": "System", "Role": "AdministratorAgent",
		"Permission": "Allow"}}}).is(401)
	s.block(UserMara).is(200)

	s = sample(t, WithKeys(Key{Value: APIKey}, Key{Value: "root", Units: []string{"system"}},
		Key{Value: "help", Units: []string{"System/Help"}}))
	require.Len(t, s.get("/services", "Authorization", "root").Array(), 4, "a unit holds all below it")
	require.Empty(t, s.get("/services", "Authorization", "help").Array(), "part of a name is another unit")
	task := s.task(ServicePolicies)
	id := s.post("/callbacks", newCallback(m{"ServiceId": ServicePolicies})).Object()["Id"].(string)
	for _, path := range []string{"/tasks/" + task, "/callbacks/" + id} {
		s.get(path, "Authorization", "root").is(200)
		s.get(path, "Authorization", "help").is(404)
	}
	s.post("/callbacks/"+id+"/cancel", nil, "Authorization", "help").is(404)
	require.Empty(t, s.get("/callbacks", "Authorization", "help").Array())
}

func TestServer_ErrorBodies(t *testing.T) {
	bad := m{"SipUri": "nobody"}
	s := sample(t)
	r := s.post("/users", bad).is(400)
	require.Equal(t, "application/json; charset=utf-8", r.Header.Get("Content-Type"))
	require.Len(t, r.Object(), 1)
	require.Contains(t, r.message(), "SipUri")

	s = sample(t, WithErrorBody(ErrorModelState))
	o := s.post("/users", bad).is(400).Object()
	require.NotContains(t, o["Message"], "SIP")
	require.Contains(t, o["ModelState"].(m)["SipUri"].([]any)[0], "SIP URI")
	require.NotContains(t, s.block(nobody).is(404).Object(), "ModelState")

	s = sample(t, WithErrorBody(ErrorHTML))
	r = s.post("/users", bad).is(400)
	require.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
	require.Contains(t, r.Body, "400 - Ungültige Anforderung")
	require.Contains(t, s.get("/services", "Authorization", "x").is(401).Body, "<html")

	s = sample(t, WithErrorBody(ErrorEmpty))
	r = s.post("/users", bad).is(400)
	require.Empty(t, r.Body)
	require.Empty(t, r.Header.Get("Content-Type"))
}

func TestServer_Faults(t *testing.T) {
	s := sample(t)
	s.Fault(
		Fault{Op: "Services.List", Status: 503, Body: HTMLPage(503), ContentType: "text/html"},
		Fault{Op: "Services.List", Status: 429, RetryAfter: "7"},
		Fault{Op: "Services.List", Drop: true},
		Fault{Op: "Users.Block", LoseAnswer: true},
	)
	r := s.get("/services").is(503)
	require.Equal(t, "text/html", r.Header.Get("Content-Type"))
	require.Contains(t, r.Body, "Dienst nicht verfügbar")
	require.Equal(t, "7", s.get("/services").is(429).Header.Get("Retry-After"))
	_, err := s.try("GET", "/services", nil)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	s.get("/services").is(200)
	_, err = s.try("POST", "/users/"+UserMara+"/block", nil)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	u, _ := s.User(UserMara)
	require.Equal(t, true, u["IsBlockedByLuwareApi"], "the answer was lost, the effect was not")
	require.Empty(t, s.Unstruck())
	require.Len(t, s.Requests("Services.List"), 4)
	require.Equal(t, 503, s.Requests("Services.List")[0].Status)
	s.Reset()
	require.Empty(t, s.Requests())

	synctest.Test(t, func(t *testing.T) {
		s := sample(t)
		s.Fault(Fault{Op: "Services.List", Delay: time.Hour})
		before := time.Now()
		s.get("/services").is(200)
		require.Equal(t, time.Hour, time.Since(before))
	})
}

func TestServer_DangerousPaths(t *testing.T) {
	s := sample(t)
	for _, path := range []string{"/users/sip:mara.keller@example.internal/block", "/users/sip%3Amara.keller@example.internal/block",
		"/users/a*b/block"} {
		r := s.post(path, nil).is(400)
		require.Contains(t, r.Header.Get("Content-Type"), "text/html")
		require.Contains(t, r.Body, "<html")
	}
	s.post("/users/a%2525b/block", nil).is(400)
	require.Equal(t, 400, s.post("/users/mara.keller@example.internal/block", nil).Status, "not a GUID")
}

func TestTheWebServersOwnDemands(t *testing.T) {
	s := sample(t)
	s.get("/services", "Accept", "text/html, application/xml").is(406)
	s.get("/services", "Accept", "").is(200)
	s.get("/services", "Accept", "text/plain, */*;q=0.1").is(200)
	s.post("/users", m{"SipUri": "sip:a@b.c"}, "Content-Type", "text/plain").is(415)
	s.post("/users", m{"SipUri": "sip:a@b.c"}, "Content-Type", "").is(415)
	s.post("/users", m{"SipUri": "sip:a@b.c"}, "Content-Type", "application/json; charset=UTF-8").is(200)
	require.Equal(t, "POST", s.do("PUT", "/users/"+UserMara+"/block", nil).is(405).Header.Get("Allow"))
	s.get("/nothing").is(404)
	s.get("/services/").is(404)
	s.get("/services?%zz").is(400)

	// A body of unknown length comes without Content-Length.
	base, err := s.Start()
	require.NoError(t, err)
	defer s.Close()
	defer http.DefaultClient.CloseIdleConnections()
	for _, body := range []io.Reader{nil, io.MultiReader(strings.NewReader("x"))} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", base+"/v1.0/users/"+UserMara+"/block", body)
		require.NoError(t, err)
		req.Header.Set("Authorization", APIKey)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		res.Body.Close()
		require.Equal(t, map[bool]int{true: 200, false: 411}[body == nil], res.StatusCode)
	}
}
