package webextest_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestTiersOfSupervisors(t *testing.T) {
	o := sample(t)
	basic := o.get(supervisors).is(200).rows("supervisors")
	require.Equal(t, []any{webextest.PersonFrank, webextest.PersonOmar}, simnettest.Each(basic, "id"))
	require.Equal(t, basic, o.get(supervisors+"?hasCxEssentials=false").rows("supervisors"))
	customer := o.get(supervisors + assist).is(200).rows("supervisors")
	require.Equal(t, []any{webextest.PersonDana, webextest.PersonErin}, simnettest.Each(customer, "id"))
	require.Equal(t, m{
		"id": webextest.PersonDana, "firstName": "Dana", "lastName": "Reyes", "phoneNumber": "+15125550110", "extension": "0110",
		"routingPrefix": "84", "esn": "840110", "agentCount": json.Number("2"), "hasCxEssentials": true,
	}, customer[0])
	o.get(supervisors + "?hasCxEssentials=yes").is(400)

	require.Equal(t, []any{webextest.PersonErin}, simnettest.Each(o.get(supervisors+assist+"&name=walsh").rows("supervisors"), "id"))
	for _, number := range []string{"%2B15125550111", "0111", "840111"} {
		require.Equal(t, []any{webextest.PersonErin}, simnettest.Each(o.get(supervisors+assist+"&phoneNumber="+number).rows("supervisors"), "id"),
			number)
	}
	require.Empty(t, o.get(supervisors+assist+"&name=nobody").is(200).rows("supervisors"))
}

func TestCreateSupervisorRefused(t *testing.T) {
	o := sample(t)
	body := m{"id": webextest.PersonJulia, "agents": of(webextest.PersonIvan)}
	for name, wrong := range map[string]struct {
		change m
		status int
	}{
		"unknown person":    {m{"id": webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444")}, 404},
		"a workspace":       {m{"id": webextest.AgentLobby}, 404},
		"already one":       {m{"id": webextest.PersonFrank}, 409},
		"no licence":        {m{"id": webextest.PersonMarco}, 400},
		"no id":             {m{"id": nil}, 400},
		"no agents":         {m{"agents": []m{}}, 400},
		"agents missing":    {m{"agents": nil}, 400},
		"an action":         {m{"agents": agents(webextest.PersonIvan, "ADD")["agents"]}, 400},
		"an agent's id":     {m{"agents": []m{{}}}, 400},
		"agents as strings": {m{"agents": []string{webextest.PersonIvan}}, 400},
	} {
		r := o.post(supervisors, with(body, wrong.change))
		require.Equal(t, wrong.status, r.Status, "%s: %s", name, r.Body)
	}
	require.Len(t, o.Supervisors(webextest.Basic), 2)
	o.post(supervisors, body).is(201)
	o.post(supervisors+assist, body).is(400) // Julia has no licence for it

	o = sample(t, webextest.WithAlreadySupervisorStatus(400))
	o.post(supervisors, with(body, m{"id": webextest.PersonFrank})).is(400)
}

func TestCreateSupervisor(t *testing.T) {
	o := sample(t)
	require.True(t, listed(o.get(supervisors+"/availableSupervisors"+assist).rows("supervisors"), webextest.PersonBen))
	r := o.post(supervisors+assist, m{"id": webextest.PersonBen, "agents": of(webextest.AgentDesk, webextest.AgentLine,
		webextest.PersonDev)}).is(201)
	require.Empty(t, r.Body)
	require.False(t, listed(o.get(supervisors+"/availableSupervisors"+assist).rows("supervisors"), webextest.PersonBen))
	require.Equal(t, json.Number("3"), row(t, o.get(supervisors+assist).rows("supervisors"), webextest.PersonBen)["agentCount"])
	require.False(t, listed(o.get(supervisors).rows("supervisors"), webextest.PersonBen))
	ben, ok := o.Supervisor(webextest.Assist, webextest.PersonBen)
	require.True(t, ok)
	require.Equal(t, []string{webextest.AgentDesk, webextest.AgentLine, webextest.PersonDev}, ben["agents"])
	// The other tier is another world.
	o.post(supervisors, m{"id": webextest.PersonBen, "agents": of(webextest.PersonJulia)}).is(201)
	require.Len(t, o.SupervisedAgents(webextest.Assist, webextest.PersonBen), 3)
}

func TestCreateSupervisorInPart(t *testing.T) {
	o := sample(t)
	o.Refuse("", "", webextest.PersonDev)
	body := m{"id": webextest.PersonBen, "agents": of(webextest.PersonDev, webextest.PersonAna)}
	r := o.post(supervisors+assist, body).is(206)
	require.Equal(t, []m{{
		"id": webextest.PersonDev, "status": "NOT_AVAILABLE",
		"message": "[Error 6612] Agent " + webextest.Key(webextest.PersonDev) + " is not available.",
	}}, r.rows("supervisorAgentStatus"))
	require.Equal(t, []string{webextest.PersonAna}, o.SupervisedAgents(webextest.Assist, webextest.PersonBen))

	// All refused: no new supervisor.
	only := m{"id": webextest.PersonCarla, "agents": of(webextest.PersonDev)}
	o.post(supervisors+assist, only).is(206)
	_, ok := o.Supervisor(webextest.Assist, webextest.PersonCarla)
	require.False(t, ok)
	o = sample(t, webextest.WithAllRefusedStatus(400))
	o.Refuse("", "", webextest.PersonDev)
	o.post(supervisors+assist, only).is(400)
	o.Allow()
	o.post(supervisors+assist, only).is(201)
}

func TestSupervisorDetails(t *testing.T) {
	o := sample(t)
	r := o.get(supervisor(webextest.PersonDana) + assist).is(200)
	require.Equal(t, m{
		"id": webextest.PersonDana,
		"agents": []any{
			m{"id": webextest.PersonAna, "firstName": "Ana", "lastName": "Silva", "phoneNumber": "+15125550160", "extension": "1060",
				"esn": "841060", "routingPrefix": "84"},
			m{"id": asPeople(webextest.AgentLobby), "firstName": "Lobby", "lastName": ".", "phoneNumber": "+15125550177", "extension": "1248",
				"esn": "841248", "routingPrefix": "84"},
		},
	}, r.Object())
	o.get(supervisor(webextest.PersonDana)).is(404)
	o.get(supervisor(webextest.PersonFrank)).is(200)
	o.get(supervisor(webextest.PersonFrank) + assist).is(404)
	o.get(supervisor(webextest.PersonBen) + assist).is(404)

	// One person, a supervisor in both.
	o.AddSupervisor(webextest.Basic, webextest.PersonDana, webextest.PersonIvan)
	require.Equal(t, []any{webextest.PersonIvan}, simnettest.Each(o.get(supervisor(webextest.PersonDana)).is(200).rows("agents"), "id"))
	sample(t, webextest.WithWrongTierStatus(400)).get(supervisor(webextest.PersonDana)).is(400)
}

func TestSupervisorDetailsArePaged(t *testing.T) {
	o := newOrg(t)
	ids := o.AddPeople(6)
	o.AddSupervisor(webextest.Assist, ids[0], ids[1:]...)
	path := supervisor(ids[0]) + assist
	r := o.get(path + "&max=2&start=2").is(200)
	require.Equal(t, []any{ids[3], ids[4]}, simnettest.Each(r.rows("agents"), "id"))
	require.Empty(t, r.Header.Get("Link"))
	for name := range r.Object() {
		require.Contains(t, []string{"id", "agents"}, name, "nothing of the supervisor but the id")
	}
	require.Equal(t, []any{ids[5]}, simnettest.Each(o.get(path+"&max=2&start=4").rows("agents"), "id"))
	require.Empty(t, o.get(path+"&max=2&start=6").is(200).rows("agents"))
	require.Equal(t, []any{ids[2]}, simnettest.Each(o.get(path+"&name=NUMBER3").rows("agents"), "id"))
	require.Equal(t, []any{ids[2]}, simnettest.Each(o.get(path+"&phoneNumber=8410003").rows("agents"), "id"))
	o.get(path + "&start=-1").is(400)
	o.get(path + "&max=0").is(400)

	ignoring := newOrg(t, webextest.WithStartIgnored())
	ids = ignoring.AddPeople(4)
	ignoring.AddSupervisor(webextest.Assist, ids[0], ids[1:]...)
	require.Equal(t, ids[1], ignoring.get(supervisor(ids[0]) + assist + "&max=1&start=2").rows("agents")[0]["id"])
}

func TestMixedUpdate(t *testing.T) {
	o := sample(t)
	frank := supervisor(webextest.PersonFrank)
	o.put(frank, agents(webextest.PersonIvan, "ADD", webextest.PersonGita, "DELETE")).is(204)
	require.ElementsMatch(t, []string{webextest.PersonHana, webextest.PersonIvan}, o.SupervisedAgents(webextest.Basic, webextest.PersonFrank))
	require.Equal(t, []string{webextest.PersonIvan}, o.SupervisedAgents(webextest.Basic, webextest.PersonOmar), "an agent may have several")
	// Exchanging the only agent leaves one.
	omar := supervisor(webextest.PersonOmar)
	o.put(omar, agents(webextest.PersonIvan, "DELETE", webextest.PersonGita, "ADD")).is(204)
	require.Equal(t, []string{webextest.PersonGita}, o.SupervisedAgents(webextest.Basic, webextest.PersonOmar))
	// Removing who is not there is done in silence, unless told otherwise.
	o.put(omar, agents(webextest.PersonJulia, "DELETE")).is(204)
	o = sample(t, webextest.WithUnassignStatus("NOT_FOUND"))
	r := o.put(omar, agents(webextest.PersonJulia, "DELETE", webextest.PersonJulia, "ADD")).is(206)
	require.Equal(t, "NOT_FOUND", r.rows("supervisorAgentStatus")[0]["status"])
	require.Contains(t, o.SupervisedAgents(webextest.Basic, webextest.PersonOmar), webextest.PersonJulia)
}

func TestDuplicateAgents(t *testing.T) {
	o := sample(t)
	erin := supervisor(webextest.PersonErin) + assist
	// The documentation's own request and answer.
	r := o.put(erin, agents(webextest.PersonCarla, "ADD", webextest.PersonDev, "ADD")).is(206)
	require.Equal(t, []m{{
		"id": webextest.PersonCarla, "status": "DUPLICATE",
		"message": "[Error 6612] Agent 9508978d-9bad-4faa-a9c4-09d85d8fdce6 is already assigned to the supervisor.",
	}}, r.rows("supervisorAgentStatus"))
	require.Len(t, o.SupervisedAgents(webextest.Assist, webextest.PersonErin), 2)

	forms := map[webextest.StatusID]string{
		webextest.AsSent: webextest.AgentLobby, webextest.AsUUID: webextest.Key(webextest.AgentLobby),
		webextest.AsPeople: asPeople(webextest.AgentLobby), webextest.AsPlace: webextest.AgentLobby,
		webextest.AsPadded: padded(webextest.AgentLobby), webextest.AsUnknown: webextest.ID("PEOPLE", "ffffffff-ffff-4fff-8fff-ffffffffffff"),
	}
	for form, want := range forms {
		o := sample(t, webextest.WithStatusIDs(form), webextest.WithStatusTypes(), webextest.WithStatusCode(200))
		r := o.put(supervisor(webextest.PersonDana)+assist, agents(webextest.AgentLobby, "ADD")).is(200)
		found := r.rows("supervisorAgentStatus")
		require.Len(t, found, 1)
		require.Equal(t, want, found[0]["id"])
		require.Equal(t, "PLACE", found[0]["type"])
	}
	o = sample(t, webextest.WithAllStatuses("Success"))
	r = o.put(erin, agents(webextest.PersonDev, "ADD", webextest.PersonCarla, "ADD")).is(206)
	require.Equal(t, []any{"Success", "DUPLICATE"}, simnettest.Each(r.rows("supervisorAgentStatus"), "status"))
}

func TestUnavailableAgents(t *testing.T) {
	o := sample(t)
	o.Refuse("", "", webextest.PersonBen)
	o.Refuse("AGENT_BUSY", "try later", webextest.PersonDev)
	o.Ignore(webextest.AgentLine)
	erin := supervisor(webextest.PersonErin) + assist
	unknown := webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444")
	r := o.put(erin, agents(
		webextest.PersonBen, "ADD", webextest.PersonJulia, "ADD", webextest.PersonDev, "ADD", webextest.PersonMarco, "ADD",
		unknown, "ADD", webextest.AgentLine, "ADD", webextest.PersonAna, "ADD",
	)).is(206)
	found := r.rows("supervisorAgentStatus")
	require.Equal(t, []any{webextest.PersonBen, webextest.PersonJulia, webextest.PersonDev, webextest.PersonMarco, unknown},
		simnettest.Each(found, "id"))
	require.Equal(t, []any{"NOT_AVAILABLE", "NOT_AVAILABLE", "AGENT_BUSY", "NOT_AVAILABLE", "NOT_AVAILABLE"}, simnettest.Each(found, "status"))
	require.Equal(t, "try later", found[2]["message"])
	require.ElementsMatch(t, []string{webextest.PersonCarla, webextest.PersonAna}, o.SupervisedAgents(webextest.Assist, webextest.PersonErin),
		"the one that was ignored is neither assigned nor mentioned")
	o.Allow(webextest.PersonBen, webextest.AgentLine)
	o.put(erin, agents(webextest.PersonBen, "ADD", webextest.AgentLine, "ADD")).is(204)
	o.Ignore(webextest.PersonBen)
	o.put(erin, agents(webextest.PersonBen, "DELETE")).is(204)
	require.Len(t, o.SupervisedAgents(webextest.Assist, webextest.PersonErin), 4)

	sample(t, webextest.WithUnknownAgentStatus(404)).put(erin, agents(unknown, "ADD")).is(404)
	exclusive := sample(t, webextest.WithExclusiveAgents())
	require.Equal(t, "NOT_AVAILABLE", exclusive.put(erin,
		agents(webextest.PersonAna, "ADD")).is(206).rows("supervisorAgentStatus")[0]["status"])
	require.False(t, listed(exclusive.get(supervisors+"/availableAgents"+assist).rows("agents"), webextest.PersonAna))
	sample(t, webextest.WithMaxItems(1)).put(erin, agents(webextest.PersonBen, "ADD", webextest.PersonAna, "ADD")).is(400)
}

func TestUpdateSupervisorInvalid(t *testing.T) {
	o := sample(t)
	frank := supervisor(webextest.PersonFrank)
	for _, body := range []m{
		{}, {"agents": of(webextest.PersonJulia)}, agents(webextest.PersonJulia, "REMOVE"), agents(webextest.PersonJulia, "add"),
		{"agents": []m{{"action": "ADD"}}},
	} {
		o.put(frank, body).is(400).code("25008")
	}
	o.put(frank, m{"agents": []m{}}).is(400)
	o.put(frank, m{"agents": m{}}).is(400)
	// A bad item spoils the whole request.
	o.put(frank, m{"agents": []m{{"id": webextest.PersonJulia, "action": "ADD"}, {"id": webextest.PersonIvan}}}).is(400)
	require.Len(t, o.SupervisedAgents(webextest.Basic, webextest.PersonFrank), 2)
}

func TestLastAgent(t *testing.T) {
	o := sample(t)
	omar := supervisor(webextest.PersonOmar)
	o.put(omar, agents(webextest.PersonIvan, "DELETE")).is(204)
	require.Equal(t, []any{webextest.PersonFrank}, simnettest.Each(o.get(supervisors).rows("supervisors"), "id"))
	o.put(omar, agents(webextest.PersonIvan, "ADD")).is(404)
	o.get(omar).is(404)

	o = sample(t, webextest.WithLastAgentRefused())
	o.put(omar, agents(webextest.PersonIvan, "DELETE")).is(400)
	require.Equal(t, []string{webextest.PersonIvan}, o.SupervisedAgents(webextest.Basic, webextest.PersonOmar))
}

func TestUpdateWrongTier(t *testing.T) {
	body := agents(webextest.PersonJulia, "ADD")
	o := sample(t)
	o.put(supervisor(webextest.PersonDana), body).is(404)
	o.put(supervisor(webextest.PersonFrank)+assist, body).is(404)
	sample(t, webextest.WithWrongTierStatus(400)).put(supervisor(webextest.PersonDana), body).is(400)
	require.Len(t, o.SupervisedAgents(webextest.Assist, webextest.PersonDana), 2)
}

func TestDeleteSupervisor(t *testing.T) {
	o := sample(t)
	o.do("DELETE", supervisor(webextest.PersonFrank), nil).is(204)
	require.Equal(t, []string{webextest.PersonOmar}, o.Supervisors(webextest.Basic))
	o.do("DELETE", supervisor(webextest.PersonFrank), nil).is(404)
	for _, path := range []string{"", assist} {
		o.do("DELETE", supervisor(webextest.PersonDana)+path, nil).is(204)
		require.Contains(t, o.Supervisors(webextest.Assist), webextest.PersonDana)
	}
	o = sample(t, webextest.WithAssistDeleted())
	o.do("DELETE", supervisor(webextest.PersonDana), nil).is(204)
	require.NotContains(t, o.Supervisors(webextest.Assist), webextest.PersonDana)
}

func TestDeleteSupervisors(t *testing.T) {
	o := sample(t)
	both := []string{webextest.PersonDana, webextest.PersonFrank}
	o.do("DELETE", supervisors, m{"supervisorIds": both}).is(204)
	require.Equal(t, []string{webextest.PersonOmar}, o.Supervisors(webextest.Basic))
	require.Equal(t, []string{webextest.PersonDana, webextest.PersonErin}, o.Supervisors(webextest.Assist))
	// The flag is one of the body, not of the query.
	o.do("DELETE", supervisors+assist, m{"supervisorIds": both}).is(204)
	require.Len(t, o.Supervisors(webextest.Assist), 2)
	o.do("DELETE", supervisors, m{"supervisorIds": both, "hasCxEssentials": true}).is(204)
	require.Equal(t, []string{webextest.PersonErin}, o.Supervisors(webextest.Assist))
	for _, wrong := range []m{{}, {"supervisorIds": []string{}}, {"supervisorIds": []int{1}},
		{"supervisorIds": both, "hasCxEssentials": "true"}} {
		o.do("DELETE", supervisors, wrong).is(400)
	}
	require.Len(t, o.Supervisors(webextest.Assist), 1)
}

func TestDeleteAllSupervisors(t *testing.T) {
	o := sample(t)
	o.do("DELETE", supervisors, m{"supervisorIds": []string{webextest.PersonDana}, "hasCxEssentials": true, "deleteAll": false}).is(204)
	require.Equal(t, []string{webextest.PersonErin}, o.Supervisors(webextest.Assist))
	o.do("DELETE", supervisors, m{"supervisorIds": []string{webextest.PersonOmar}, "deleteAll": true}).is(204)
	require.Empty(t, o.Supervisors(webextest.Basic))
	require.Len(t, o.Supervisors(webextest.Assist), 1)
	o.do("DELETE", supervisors, m{"deleteAll": true, "hasCxEssentials": true}).is(204)
	require.Empty(t, o.Supervisors(webextest.Assist))
}

func TestAvailable(t *testing.T) {
	o := sample(t)
	found := o.get(supervisors + "/availableAgents" + assist).is(200).rows("agents")
	lobby, line, ana := row(t, found, webextest.AgentLobby), row(t, found, webextest.AgentLine), row(t, found, webextest.PersonAna)
	require.Equal(t, m{
		"id": asPeople(webextest.AgentLobby), "firstName": "Lobby", "lastName": ".", "displayName": "Lobby .", "extension": "1248",
		"esn": "841248", "type": "PLACE", "phoneNumber": "+15125550177", "routingPrefix": "84",
	}, lobby)
	require.Equal(t, []any{asPeople(webextest.AgentLine), "VIRTUAL_LINE"}, []any{line["id"], line["type"]})
	require.Equal(t, "PEOPLE", ana["type"], "one who is assigned is listed")
	require.False(t, listed(found, webextest.PersonJulia), "no licence of this tier")
	basic := o.get(supervisors + "/availableAgents").is(200).rows("agents")
	require.True(t, listed(basic, webextest.PersonJulia))
	require.False(t, listed(basic, webextest.PersonKofi))
	require.False(t, listed(basic, webextest.PersonMarco))
	o.Refuse("", "", webextest.PersonJulia)
	require.False(t, listed(o.get(supervisors+"/availableAgents").rows("agents"), webextest.PersonJulia))

	who := o.get(supervisors + "/availableSupervisors" + assist).is(200).rows("supervisors")
	require.False(t, listed(who, webextest.PersonDana))
	require.True(t, listed(who, webextest.PersonAna))
	require.Equal(t, asPeople(webextest.AgentLine), row(t, who, webextest.AgentLine)["id"], "even a virtual line, as a person")
	require.Equal(t, "Ana Silva", row(t, who, webextest.PersonAna)["displayName"])
}

func TestLiteralPathsWin(t *testing.T) {
	o := sample(t)
	o.get(supervisors + "/availableAgents").is(200)
	o.get(supervisors + "/availableSupervisors").is(200)
	o.get(queueAgents + "/availableAgents?locationId=" + webextest.LocationAustin).is(200)
	o.put(supervisors+"/availableAgents", agents(webextest.PersonIvan, "ADD")).is(405)
	require.Len(t, o.Requests("Supervisors.ListAvailableAgents"), 1)
	require.Len(t, o.Requests("QueueAgents.ListAvailable"), 1)
	require.Empty(t, o.Requests("Supervisors.Get", "QueueAgents.Get"))
}

func TestOrder(t *testing.T) {
	o := sample(t)
	for order, want := range map[string][]any{
		"firstName": {"Dana", "Erin"}, "firstName-desc": {"Erin", "Dana"}, "lastName": {"Dana", "Erin"}, "lastName-desc": {"Erin", "Dana"},
	} {
		require.Equal(t, want, simnettest.Each(o.get(supervisors+assist+"&order="+order).is(200).rows("supervisors"), "firstName"), order)
	}
	require.Equal(t, []any{"Silva", "Okoro", "Mendes", "."},
		simnettest.Each(o.get(queueAgents+assist+"&queueId="+webextest.QueueSupport+"&order=lastName-desc").is(200).rows("agents"), "lastName"))
	require.Equal(t, []any{"Lobby", "Ana"},
		simnettest.Each(o.get(supervisor(webextest.PersonDana)+assist+"&order=lastName").is(200).rows("agents"), "firstName"))
	o.get(supervisors + "?order=age").is(400)
	sample(t, webextest.WithUnknownOrderIgnored()).get(supervisors + "?order=age").is(200)
}

func TestSupervisorListsHaveNoLink(t *testing.T) {
	o := newOrg(t, webextest.WithCrew(webextest.Assist, 5, 0))
	var seen []any
	for start := 0; ; start += 2 {
		r := o.get(fmt.Sprintf("%s%s&max=2&start=%d", supervisors, assist, start)).is(200)
		require.Empty(t, r.Header.Get("Link"))
		rows := r.rows("supervisors")
		seen = append(seen, simnettest.Each(rows, "id")...)
		if len(rows) < 2 {
			break
		}
	}
	require.Len(t, seen, 5)
	require.Empty(t, o.get(supervisors+assist+"&start=5").is(200).rows("supervisors"))

	linked := newOrg(t, webextest.WithSupervisorLinks(), webextest.WithCrew(webextest.Assist, 5, 0))
	ids, pages := linked.walk(supervisors+assist+"&max=2", "supervisors")
	require.Len(t, ids, 5)
	require.Equal(t, 3, pages)

	capped := newOrg(t, webextest.WithTelephonyPages(2, 3), webextest.WithCrew(webextest.Assist, 5, 0))
	require.Len(t, capped.get(supervisors+assist).rows("supervisors"), 2)
	require.Len(t, capped.get(supervisors+assist+"&max=100").rows("supervisors"), 3)
}

func TestACrew(t *testing.T) {
	o := newOrg(t, webextest.WithCrew(webextest.Assist, 40, 1000))
	ids := o.Supervisors(webextest.Assist)
	require.Len(t, ids, 40)
	r := o.get(supervisors + "/availableAgents" + assist + "&max=2000").is(200)
	require.Len(t, r.rows("agents"), 1080)
	items := []string{}
	for _, id := range simnettest.Each(r.rows("agents")[80:], "id") {
		items = append(items, id.(string), "ADD")
	}
	o.put(supervisor(ids[0])+assist, agents(items...)).is(204)
	require.Equal(t, strconv.Itoa(1001), row(t, o.get(supervisors+assist).rows("supervisors"), ids[0])["agentCount"].(json.Number).String())
}
