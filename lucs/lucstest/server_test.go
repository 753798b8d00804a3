package lucstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

func TestServer_RoutesAreBelowTheVersion(t *testing.T) {
	s := sample(t)
	s.prefix = ""
	s.get("/services").is(404)
	s.get("/v2.0/services").is(404)
	s.get("/V1.0/Services").is(200)
	require.Equal(t, 3, len(s.Requests()))

	s = sample(t, WithVersion("v2.0"), WithBasePath("/cc/lucs/"))
	s.prefix = "/cc/lucs/v2.0"
	s.get("/services").is(200)
	s.prefix = "/v2.0"
	s.get("/services").is(404)

	s = sample(t, WithVersion(""))
	s.prefix = ""
	s.get("/services").is(200)
}

func TestServer_EveryRouteCanMove(t *testing.T) {
	s := sample(t,
		WithRoute("Users.Block", "PUT /people/{id}/lock"),
		WithRoute("Users.Unblock", "DELETE /people/lock?user={id}"),
		WithRoute("Users.Get", "GET /people/{id}"),
		WithRoute("Callbacks.Search", ""),
	)
	s.block(UserMara).is(404)
	require.Equal(t, true, s.do("PUT", "/people/"+UserMara+"/lock", nil).is(200).Object()["IsBlockedByLuwareApi"])
	require.Equal(t, false, s.do("DELETE", "/people/lock?user="+UserMara, nil).is(200).Object()["IsBlockedByLuwareApi"])
	s.do("DELETE", "/people/lock", nil).is(400)
	s.do("DELETE", "/people/lock?user=x", nil).is(400)
	require.Equal(t, UserMara, s.get("/people/" + UserMara).is(200).Object()["Id"])
	s.get("/users").is(404)
	s.post("/callbacks/search", m{}).is(404)
	require.Len(t, s.Requests("Users.Block"), 1)

	s = sample(t, WithRoute("Services.ListUsers", "GET /x/{id}"), WithRoute("Users.List", "GET /x/all"))
	require.Len(t, s.get("/x/"+ServiceFrench).is(200).Array(), 3)
	require.Len(t, s.get("/x/all").is(200).Array(), 11, "what is spelt out goes before an id")

	require.Panics(t, func() { WithRoute("users.lock", "GET /x") })
	require.Panics(t, func() { NewServer(WithRoute("Users.Block", "/people/{id}")) })
}

func TestServer_ServesOnLoopbackAndInMemory(t *testing.T) {
	sim := NewServer(WithSampleData(), WithBasePath("lucs"))
	base, err := sim.Start()
	require.NoError(t, err)
	defer sim.Close()
	for _, get := range []func(*http.Request) (*http.Response, error){
		http.DefaultClient.Do,
		func(r *http.Request) (*http.Response, error) {
			r.URL.Host = "elsewhere.invalid"
			return sim.Transport().RoundTrip(r)
		},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", base+"/v1.0/users/"+UserMara+"/block", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", APIKey)
		res, err := get(req)
		require.NoError(t, err)
		res.Body.Close()
		require.Equal(t, 200, res.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
	require.Len(t, sim.Requests("Users.Block"), 2)
}

// The vendor's use case UC LUCS API 002, "Control Users", step by step.
func TestServer_TheUseCaseOfControllingUsers(t *testing.T) {
	s := sample(t)

	found := s.members(ServiceFrench, "?isSelectable=true")
	require.Len(t, found, 1)
	id := found[0]["Id"].(string)
	require.Equal(t, UserMara, id)
	require.Equal(t, false, found[0]["IsBlockedByLuwareApi"])
	presence := found[0]["PresenceState"]

	blocked := s.block(id).is(200).Object()
	require.Equal(t, true, blocked["IsBlockedByLuwareApi"])
	require.Equal(t, presence, blocked["PresenceState"])
	task := s.task(ServiceFrench)
	state, agent := s.state(task)
	require.Equal(t, "Pending", state)
	require.Nil(t, agent)

	require.Equal(t, false, s.unblock(id).is(200).Object()["IsBlockedByLuwareApi"])
	after := s.member(ServiceFrench, id)
	require.Equal(t, false, after["IsBlockedByLuwareApi"])
	require.Equal(t, false, after["IsSelectable"])
	require.Equal(t, "Online", after["PresenceState"])
	state, agent = s.state(task)
	require.Equal(t, "Accepted", state)
	require.Equal(t, after["SipUri"], agent)

	require.Empty(t, s.setPresence(id, "DoNotDisturb").is(200).Body)
	after = s.member(ServiceFrench, id)
	require.Equal(t, "DoNotDisturb", after["PresenceState"])
	require.Equal(t, false, after["IsBlockedByLuwareApi"])
}
