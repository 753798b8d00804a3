package webextest_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/webex/webextest"
)

var anID = regexp.MustCompile(`"Y2lz[A-Za-z0-9+/=_-]*"`)

func TestIDsAreUnpadded(t *testing.T) {
	o := sample(t)
	for _, path := range []string{
		"/people?callingData=true", supervisors, supervisors + assist, supervisor(webextest.PersonDana) + assist, queues,
		queueAgents, supervisors + "/availableAgents",
		queuePath(webextest.LocationPorto, webextest.QueueOrders),
	} {
		found := anID.FindAllString(o.get(path).is(200).Body, -1)
		require.NotEmpty(t, found, path)
		for _, quoted := range found {
			id := quoted[1 : len(quoted)-1]
			raw, err := base64.RawStdEncoding.DecodeString(id)
			require.NoError(t, err, id)
			require.Regexp(t, `^ciscospark://us/[A-Z_]+/[^/]+$`, string(raw))
		}
	}
	require.Equal(t, "ciscospark://us/LOCATION/31161", decoded(t, webextest.LocationPorto))
	require.Equal(t, webextest.LocationPorto, webextest.ID("LOCATION", "31161"))
	require.Equal(t, "9508978d-9bad-4faa-a9c4-09d85d8fdce6", webextest.Key(webextest.PersonCarla))
	inner, err := base64.RawStdEncoding.DecodeString(webextest.Key(webextest.QueueOrders))
	require.NoError(t, err)
	require.Equal(t, "x1@12345.int10.bcld.webex.com", string(inner))
}

func decoded(t *testing.T, id string) string {
	raw, err := base64.RawStdEncoding.DecodeString(id)
	require.NoError(t, err)
	return string(raw)
}

func padded(id string) string {
	for len(id)%4 != 0 {
		id += "="
	}
	return id
}

func TestIDsAreAcceptedPadded(t *testing.T) {
	o := sample(t)
	ana, frank := padded(webextest.PersonAna), padded(webextest.PersonFrank)
	require.NotEqual(t, webextest.PersonAna, ana)
	require.Equal(t, webextest.PersonAna, o.get("/people/" + ana).is(200).Object()["id"])
	o.put(supervisor(frank), agents(padded(webextest.PersonJulia), "ADD")).is(204)
	require.Contains(t, o.SupervisedAgents(webextest.Basic, webextest.PersonFrank), webextest.PersonJulia)
	o.put(supervisor("not-an-id"), agents(webextest.PersonJulia, "ADD")).is(400)
	o.get("/people/" + webextest.ID("CALL_QUEUE", "x")).is(400)
}

func TestAgentsAreAcceptedAsPeople(t *testing.T) {
	o := sample(t)
	erin := supervisor(webextest.PersonErin) + assist
	o.put(erin, agents(asPeople(webextest.AgentLobby), "ADD", webextest.AgentLine, "ADD")).is(204)
	require.Subset(t, o.SupervisedAgents(webextest.Assist, webextest.PersonErin), []string{webextest.AgentLobby, webextest.AgentLine})
	r := o.put(erin, agents(webextest.AgentLobby, "ADD")).is(206)
	require.Equal(t, "DUPLICATE", r.rows("supervisorAgentStatus")[0]["status"], "the same agent by its other id")
	o.put(erin, agents(webextest.AgentLobby, "DELETE", asPeople(webextest.AgentLine), "DELETE")).is(204)
	require.Equal(t, []string{webextest.PersonCarla}, o.SupervisedAgents(webextest.Assist, webextest.PersonErin))
	for _, id := range []string{
		webextest.ID("PLACE", webextest.Key(webextest.PersonBen)), webextest.ID("VIRTUAL_LINE", webextest.Key(webextest.AgentLobby)),
		webextest.QueueSupport,
	} {
		require.Contains(t, o.put(erin, agents(id, "ADD")).is(400).Object()["message"], "Wrong type of Webex ID provided")
	}
}

func TestBareUUIDs(t *testing.T) {
	o := sample(t)
	require.Equal(t, webextest.PersonAna, o.get("/people/" + webextest.Key(webextest.PersonAna)).is(200).Object()["id"])
	o.get(supervisor(webextest.Key(webextest.PersonFrank))).is(400)
	o.put(supervisor(webextest.PersonFrank), agents(webextest.Key(webextest.PersonJulia), "ADD")).is(400)

	o = sample(t, webextest.WithBareUUIDs())
	o.get(supervisor(webextest.Key(webextest.PersonFrank))).is(200)
	o.put(supervisor(webextest.PersonFrank), agents(webextest.Key(webextest.PersonJulia), "ADD")).is(204)
}

func TestAssignedAgentsAreCalledPeople(t *testing.T) {
	lobby := asPeople(webextest.AgentLobby)
	paths := map[string]string{
		supervisor(webextest.PersonDana) + assist: "agents", queueAgents + assist: "agents",
		supervisors + "/availableAgents" + assist:                            "agents",
		queuePath(webextest.LocationAustin, webextest.QueueSupport) + assist: "agents",
	}
	for path, member := range paths {
		o := sample(t)
		found := row(t, o.get(path).is(200).rows(member), lobby)
		require.Equal(t, lobby, found["id"], path)
		fixed := sample(t, webextest.WithFixedTypes())
		require.Equal(t, webextest.AgentLobby, row(t, fixed.get(path).is(200).rows(member), lobby)["id"], path)
	}
	o := sample(t)
	require.Equal(t, "PEOPLE", row(t, o.get(queueAgents+assist).rows("agents"), lobby)["type"])
	require.Equal(t, "PEOPLE", row(t, o.get(queuePath(webextest.LocationAustin, webextest.QueueSupport)+assist).rows("agents"), lobby)["type"])
	of := o.get(queueAgents + "/" + webextest.AgentLobby + assist + "&max=10&start=0").is(200).Object()
	require.Equal(t, "PEOPLE", of["agent"].(m)["type"])
	require.Equal(t, json.Number("2"), row(t, o.get(supervisors+assist).rows("supervisors"), webextest.PersonDana)["agentCount"])
}
