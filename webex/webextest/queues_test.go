package webextest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestQueuesOfAnAgent(t *testing.T) {
	o := sample(t)
	ana := queueAgents + "/" + webextest.PersonAna + assist
	o.get(ana).is(400).code("25008")
	o.get(ana + "&max=10").is(400).code("25008")
	o.get(ana + "&start=0").is(400).code("25008")
	r := o.get(ana + "&max=10&start=0").is(200)
	who := r.Object()["agent"].(m)
	require.Equal(t, []any{webextest.PersonAna, "Ana", "841060", "PEOPLE"}, []any{who["id"], who["firstName"], who["esn"], who["type"]})
	require.Equal(t, m{"id": webextest.LocationAustin, "name": "Austin"}, who["location"])
	require.Equal(t, []m{
		{"id": webextest.QueueSupport, "name": "Support", "phoneNumber": "+15125550190", "routingPrefix": "84",
			"locationId": webextest.LocationAustin, "locationName": "Austin", "joinEnabled": true},
		{"id": webextest.QueueBilling, "name": "Billing", "routingPrefix": "84", "locationId": webextest.LocationAustin, "locationName": "Austin",
			"joinEnabled": false},
	}, r.rows("queues"))
	require.Empty(t, r.Header.Get("Link"))
	require.Equal(t, []any{"Billing"}, simnettest.Each(o.get(ana+"&max=1&start=1").rows("queues"), "name"))
	o.get(ana + "&max=1&start=2").is(404)

	// The other tier has no queue of hers, nor has Erin any.
	o.get(queueAgents + "/" + webextest.PersonAna + "?max=10&start=0").is(404)
	erin := queueAgents + "/" + webextest.PersonErin + assist + "&max=10&start=0"
	o.get(erin).is(404)
	require.Empty(t, sample(t, webextest.WithEmptyAgentDetails()).get(erin).is(200).rows("queues"))
	o.get(queueAgents + "/" + webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444") + "?max=1&start=0").is(404)
}

func TestJoinSettings(t *testing.T) {
	o := sample(t)
	counts := func() []any {
		r := row(t, o.get(queueAgents+assist).is(200).rows("agents"), webextest.PersonAna)
		return []any{r["queueCount"], r["joinCount"], r["unjoinCount"], r["locationCount"]}
	}
	n := func(text string) json.Number { return json.Number(text) }
	require.Equal(t, []any{n("2"), n("1"), n("1"), n("1")}, counts())
	path := queueAgents + "/" + webextest.PersonAna + "/settings"
	flip := func(queue string, joined any) m { return m{"settings": []m{{"queueId": queue, "joinEnabled": joined}}} }
	o.put(path+assist, flip(webextest.QueueSupport, false)).is(204)
	require.Equal(t, []any{n("2"), n("0"), n("2"), n("1")}, counts())
	o.put(path+assist, flip(webextest.QueueBilling, true)).is(204)
	require.Equal(t, []any{n("2"), n("1"), n("1"), n("1")}, counts())
	ana, _ := o.QueueAgent(webextest.QueueSupport, webextest.PersonAna)
	require.Equal(t, false, ana["joinEnabled"])
	require.Equal(t, json.Number("1"), ana["skillLevel"])
	ben, _ := o.QueueAgent(webextest.QueueSupport, webextest.PersonBen)
	require.Equal(t, true, ben["joinEnabled"], "nobody else's")

	o.put(path, flip(webextest.QueueSupport, true)).is(404)
	o.put(path+assist, flip(webextest.QueueOrders, true)).is(404)
	o.put(path+assist, flip(webextest.QueueSupport, "true")).is(400)
	o.put(path+assist, flip(webextest.QueueSupport, nil)).is(400)
	o.put(path+assist, flip(webextest.PersonAna, true)).is(400)
	o.put(path+assist, m{}).is(400).code("25008")
	o.put(path+assist, m{"settings": []m{{"queueId": webextest.QueueSupport}}}).is(400).code("25008")
	// All or none.
	o.put(path+assist, m{"settings": []m{{"queueId": webextest.QueueSupport, "joinEnabled": true}, {"queueId": webextest.QueueOrders,
		"joinEnabled": true}}}).is(404)
	require.Equal(t, []any{n("2"), n("1"), n("1"), n("1")}, counts())
}

func TestQueueAgents(t *testing.T) {
	o := sample(t)
	ids := func(query string) []any {
		return simnettest.Each(o.get(queueAgents+query).is(200).rows("agents"), "id")
	}
	require.Len(t, ids(""), 6)
	require.Equal(t, []any{webextest.PersonGita, webextest.PersonHana, webextest.PersonIvan, webextest.PersonLena},
		ids("?locationId="+webextest.LocationPorto))
	require.Equal(t, []any{webextest.PersonJulia, asPeople(webextest.AgentDesk)}, ids("?queueId="+webextest.QueueDesk))
	require.Equal(t, []any{webextest.PersonIvan}, ids("?joinEnabled=false"))
	require.Equal(t, []any{webextest.PersonAna}, ids(assist+"&joinEnabled=false&queueId="+webextest.QueueBilling))
	require.Empty(t, ids("?queueId="+webextest.QueueSupport), "of the other tier")
	require.Equal(t, []any{webextest.PersonHana}, ids("?name=kim"))
	o.get(queueAgents + "?locationId=" + webextest.ID("LOCATION", "1")).is(404)

	all, pages := o.walk(queueAgents+"?max=2&order=firstName", "agents")
	require.Equal(t, 3, pages)
	require.Equal(t, ids("?order=firstName"), all)
	r := o.get(queueAgents + "?max=2&order=firstName")
	require.Contains(t, r.next(), "order=firstName")
	require.Contains(t, r.next(), "start=2")
}

func TestQueueCandidates(t *testing.T) {
	o := sample(t)
	path := queueAgents + "/availableAgents"
	o.get(path).is(400).code("25008")
	rows := o.get(path + "?locationId=" + webextest.LocationAustin).is(200).rows("agents")
	require.True(t, listed(rows, webextest.PersonGita), "not limited to the location")
	require.False(t, listed(rows, webextest.PersonKofi), "a Standard licence")
	require.False(t, listed(rows, webextest.PersonMarco))
	require.Equal(t, m{
		"id": webextest.PersonBen, "firstName": "Ben", "lastName": "Okoro", "displayName": "Ben Okoro", "type": "PEOPLE",
		"email": "ben.okoro@example.com", "hasCxEssentials": true, "phoneNumbers": []any{m{"external": "+15125550161", "extension": "1061"}},
	}, row(t, rows, webextest.PersonBen))
	require.Equal(t, false, row(t, rows, webextest.PersonGita)["hasCxEssentials"])
	require.Equal(t, webextest.AgentLobby, row(t, rows, webextest.AgentLobby)["id"])

	first := func(order string) any {
		return o.get(path + "?locationId=" + webextest.LocationAustin + "&max=1&order=" + order).is(200).rows("agents")[0]["firstName"]
	}
	require.Equal(t, "Ana", first("fname"))
	require.Equal(t, "Overflow", first("firstname-desc,lname,dn-asc"))
	o.get(path + "?locationId=" + webextest.LocationAustin + "&order=age").is(400)
	o.get(path + "?locationId=" + webextest.LocationAustin + "&order=fname,lname,dn,extension").is(400)
	o.get(path + "?locationId=" + webextest.ID("LOCATION", "1")).is(404)
}

func TestTiersOfQueues(t *testing.T) {
	o := sample(t)
	names := func(query string) []any { return simnettest.Each(o.get(queues+query).is(200).rows("queues"), "name") }
	require.Equal(t, []any{"Orders", "Front desk", "Night"}, names(""))
	require.Equal(t, []any{"Support", "Billing"}, names(assist))
	require.Equal(t, []any{"Orders"}, names("?locationId="+webextest.LocationPorto))
	require.Equal(t, []any{"Night"}, names("?name=NIG"))
	require.Equal(t, []any{"Front desk"}, names("?phoneNumber=8100"))
	require.Equal(t, m{
		"id": webextest.QueueSupport, "name": "Support", "hasCxEssentials": true, "enabled": true, "extension": "8000",
		"phoneNumber": "+15125550190", "locationId": webextest.LocationAustin, "locationName": "Austin",
	}, o.get(queues + assist).rows("queues")[0])
	require.Equal(t, "true", sample(t, webextest.WithStringBooleans()).get(queues + assist).rows("queues")[0]["hasCxEssentials"])
	o.get(queues + "?digitalInboxEnabled=true").is(400)
	all, pages := o.walk(queues+"?max=2", "queues")
	require.Len(t, all, 3)
	require.Equal(t, 2, pages)

	support := queuePath(webextest.LocationAustin, webextest.QueueSupport)
	o.get(support).is(404)
	r := o.get(support + assist).is(200).Object()
	require.Equal(t, "+1-5125550190", r["phoneNumber"], "another notation")
	require.Equal(t, m{"routingType": "SKILL_BASED", "policy": "CIRCULAR"}, r["callPolicies"])
	ana := r["agents"].([]any)[0].(m)
	require.Equal(t, json.Number("1"), ana["skillLevel"])
	require.NotContains(t, ana, "weight")
	sample(t, webextest.WithWrongTierStatus(400)).get(support).is(400)
	o.get(queuePath(webextest.LocationPorto, webextest.QueueSupport) + assist).is(404)
	o.get(queuePath(webextest.LocationAustin, webextest.PersonAna)).is(400)
	billing := o.get(queuePath(webextest.LocationAustin, webextest.QueueBilling) + assist).is(200).rows("agents")
	require.Equal(t, []any{"60", "40"}, simnettest.Each(billing, "weight"))
	require.NotContains(t, billing[0], "skillLevel")
}

func TestMembershipIsReplaced(t *testing.T) {
	o := sample(t)
	support := queuePath(webextest.LocationAustin, webextest.QueueSupport)
	before, _ := o.Queue(webextest.QueueSupport)
	o.put(support, m{"agents": []m{{"id": webextest.PersonBen, "skillLevel": 2, "joinEnabled": false}, {"id": webextest.PersonDev}}}).is(204)
	after, _ := o.Queue(webextest.QueueSupport)
	require.Equal(t, []any{
		m{"id": webextest.PersonBen, "joinEnabled": false, "skillLevel": json.Number("2"), "weight": "0"},
		m{"id": webextest.PersonDev, "joinEnabled": true, "skillLevel": json.Number("1"), "weight": "0"},
	}, after["agents"])
	delete(before, "agents")
	delete(after, "agents")
	require.Equal(t, before, after)
	o.put(support, m{"name": "Help"}).is(204)
	after, _ = o.Queue(webextest.QueueSupport)
	require.Equal(t, "Help", after["name"])
	require.Len(t, after["agents"], 2, "what is not named stays")

	for name, wrong := range map[string]any{
		"a name": []m{{"id": webextest.PersonBen, "firstName": "Ben"}}, "a type": []m{{"id": webextest.PersonBen, "type": "PEOPLE"}},
		"a weight": []m{{"id": webextest.PersonBen, "weight": "10"}}, "a text level": []m{{"id": webextest.PersonBen, "skillLevel": "1"}},
		"level 0": []m{{"id": webextest.PersonBen, "skillLevel": 0}}, "twice": of(webextest.PersonBen, asPeople(webextest.PersonBen)),
		"no id": []m{{}}, "no array": "x", "no licence": of(webextest.PersonGita),
		"a text flag": []m{{"id": webextest.PersonBen, "joinEnabled": "true"}},
	} {
		require.Equal(t, 400, o.put(support, m{"agents": wrong}).Status, name)
	}
	o.put(support, m{"agents": of(webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444"))}).is(404)
	desk := queuePath(webextest.LocationAustin, webextest.QueueDesk)
	o.put(desk, m{"agents": []m{{"id": webextest.PersonJulia, "skillLevel": 2}}}).is(400)
	o.Refuse("", "", webextest.PersonGita)
	o.put(desk, m{"agents": of(webextest.PersonGita)}).is(400)
	o.put(desk, m{"agents": of()}).is(204)
	lenient := sample(t, webextest.WithLenientWrites())
	lenient.put(support, m{"agents": []m{{"id": webextest.PersonBen, "firstName": "B", "weight": "10"}}}).is(204)

	o.ChangeQueueAgents(webextest.QueueSupport, m{"id": webextest.PersonErin, "skillLevel": 7})
	erin, ok := o.QueueAgent(webextest.QueueSupport, webextest.PersonErin)
	require.True(t, ok)
	require.Equal(t, json.Number("7"), erin["skillLevel"])
}

func TestAgentLimits(t *testing.T) {
	for policy, most := range map[string]int{"SIMULTANEOUS": 50, "WEIGHTED": 100, "CIRCULAR": 1000, "REGULAR": 1000, "UNIFORM": 1000} {
		o := newOrg(t)
		id := o.AddQueue(webextest.Basic, "Q", m{"callPolicies": m{"routingType": "PRIORITY_BASED", "policy": policy}})
		ids := o.AddPeople(most + 1)
		path := queuePath(webextest.LocationAustin, id)
		o.put(path, m{"agents": of(ids...)}).is(400)
		o.put(path, m{"agents": of(ids[:most]...)}).is(204)
		if most > 50 {
			o.put(path, m{"callPolicies": m{"routingType": "PRIORITY_BASED", "policy": "SIMULTANEOUS"}}).is(400)
		}
		q, _ := o.Queue(id)
		require.Len(t, q["agents"], most)
	}
}

func TestQueuePolicies(t *testing.T) {
	o := sample(t)
	path := queuePath(webextest.LocationPorto, webextest.QueueOrders)

	o.put(path, m{"callPolicies": m{"policy": "LOUDEST"}}).is(400)
	o.put(path, m{"callPolicies": m{"routingType": "MOOD"}}).is(400)
	o.put(path, m{"callPolicies": m{"policy": "SIMULTANEOUS"}, "future": m{"n": json.Number("12345678901234567890")}}).is(204)

	q, _ := o.Queue(webextest.QueueOrders)
	require.Equal(t, m{"n": json.Number("12345678901234567890")}, q["future"])
}

func TestCallerIDPolicy(t *testing.T) {
	o := sample(t)
	path := queuePath(webextest.LocationAustin, webextest.QueueBilling)
	echo := o.get(path + assist).is(200).Object()
	require.Equal(t, "CUSTOM", echo["callingLineIdPolicy"])
	require.NotContains(t, echo, "callingLineIdPhoneNumber")
	require.Contains(t, o.put(path, echo).is(400).Object()["message"], "Missing callingLineIdPhoneNumber")
	o.put(path, m{"agents": []m{{"id": webextest.PersonDev, "weight": "100"}}}).is(204)
	// A number that was read is not one that may be written.
	support := queuePath(webextest.LocationAustin, webextest.QueueSupport)
	o.put(support, m{"phoneNumber": o.get(support + assist).Object()["phoneNumber"]}).is(400)
}
