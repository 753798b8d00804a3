package webextest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestCallSettings(t *testing.T) {
	o := sample(t)
	assistant := "/telephony/config" + person(webextest.PersonAna) + "/features/personalAssistant"
	intercept := person(webextest.PersonAna) + "/features/intercept"
	dnd := person(webextest.PersonAna) + "/features/doNotDisturb"
	for path, change := range map[string]m{
		dnd:       {"enabled": true, "ringSplashEnabled": false, "webexGoOverrideEnabled": false},
		intercept: {"enabled": true, "incoming": m{"type": "ALLOW_ALL"}, "outgoing": m{"type": "ALLOW_LOCAL_ONLY"}},
		assistant: {"enabled": true, "presence": "TRAINING", "untilDateTime": "2026-03-02T17:00:00.000Z", "alerting": "NONE", "alertMeFirstNumberOfRings": 3},
		"/telephony/config/virtualLines/" + webextest.AgentLine + "/doNotDisturb": {"enabled": true, "webexGoOverrideEnabled": true},
		"/telephony/config/workspaces/" + webextest.AgentLobby + "/doNotDisturb":  {"enabled": true, "webexGoOverrideEnabled": true},
	} {
		require.Equal(t, false, o.get(path).is(200).Object()["enabled"], path)
		o.put(path, change).is(204)
		got := o.get(path).is(200).Object()
		require.Equal(t, true, got["enabled"], path)
		for name, v := range change {
			if n, ok := v.(int); ok {
				v = json.Number(string(rune('0' + n)))
			}
			require.Equal(t, v, got[name], path)
		}
	}
	require.Equal(t, "active", o.get(person(webextest.PersonAna)).Object()["status"], "the phone's is not the person's")
	o.put(dnd, m{"enabled": false}).is(400).code("25008")
	o.put(dnd, m{"enabled": "yes", "webexGoOverrideEnabled": false}).is(400)
	o.put(intercept, m{"incoming": m{"type": "SOME"}}).is(400)
	o.put(assistant, m{"presence": "ASLEEP"}).is(400)
	o.put(assistant, m{"alertMeFirstNumberOfRings": 21}).is(400)
	o.get(person(webextest.PersonMarco) + "/features/doNotDisturb").is(404).code("4008")
	o.as(webextest.UserBearer).get(dnd).is(200)
	o.as(webextest.UserBearer).get(person(webextest.PersonBen) + "/features/doNotDisturb").is(403)
	stored, ok := o.Setting("personalAssistant", webextest.PersonAna)
	require.True(t, ok)
	require.Equal(t, "TRAINING", stored["presence"])
	_, ok = o.Setting("personalAssistant", webextest.PersonBen)
	require.False(t, ok)

	loose := sample(t, webextest.WithLenientWrites(), webextest.WithDoNotDisturbStatus())
	loose.put(dnd, m{"enabled": true}).is(204)
	require.Equal(t, "DoNotDisturb", loose.get(person(webextest.PersonAna)).Object()["status"])
}

func TestOwnQueues(t *testing.T) {
	o := sample(t)
	path := "/telephony/config/people/me/settings/queues"
	body := m{"agentACDState": "UNAVAILABLE", "queues": []m{{"id": webextest.QueueSupport, "available": false}}}
	r := o.put(path, body).is(400)
	require.Equal(t, json.Number("4003"), r.rows("error")[0]["message"].([]any)[0].(m)["code"], "E3")
	o.get(path).is(400)

	user := o.as(webextest.UserBearer)
	require.Equal(t, "SIGN_IN", user.get(path).is(200).Object()["agentACDState"])
	user.put(path, body).is(204)
	got := user.get(path).is(200)
	require.Equal(t, "UNAVAILABLE", got.Object()["agentACDState"])
	require.Equal(t, false, row(t, got.rows("queues"), webextest.QueueSupport)["available"])
	ana, _ := o.QueueAgent(webextest.QueueSupport, webextest.PersonAna)
	require.Equal(t, false, ana["joinEnabled"])
	user.put(path, m{"agentACDState": "ASLEEP"}).is(400)
	user.put(path, m{"queues": []m{{"id": webextest.QueueDesk, "available": true}}}).is(400)
	user.put("/telephony/config/people/me/settings/doNotDisturb", m{"enabled": true, "webexGoOverrideEnabled": false}).is(204)
	require.Equal(t, true, user.get("/telephony/config/people/me/settings/doNotDisturb").is(200).Object()["enabled"])

	o.AddToken("marcos", webextest.Token{PersonID: webextest.PersonMarco})
	o.as("marcos").get(path).is(404).code("4008")
	o.as("marcos").put(path, body).is(404).code("4008")
}

func TestSCIM(t *testing.T) {
	o := sample(t)
	users := webextest.Origin + "/identity/scim/" + webextest.OrgKey + "/v2/Users"
	ben := users + "/" + webextest.Key(webextest.PersonBen)
	patch := func(value any) m {
		return m{
			"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
			"Operations": []m{{"op": "replace", "path": "active", "value": value}},
		}
	}
	require.Equal(t, true, o.get(ben).is(200).Object()["active"])
	require.Equal(t, false, o.do("PATCH", ben, patch(false), "Content-Type", "application/scim+json").is(200).Object()["active"])
	require.Equal(t, false, o.get(person(webextest.PersonBen)).Object()["loginEnabled"])
	o.do("PATCH", ben, patch(true)).is(200)
	require.Equal(t, true, o.get(person(webextest.PersonBen)).Object()["loginEnabled"])
	o.do("PATCH", ben, patch("false")).is(400)
	o.do("PATCH", ben, m{"Operations": patch(false)["Operations"]}).is(400)
	o.do("PATCH", users+"/"+webextest.PersonBen, patch(false)).is(404)
	o.get(webextest.Origin + "/identity/scim/" + webextest.OrgID + "/v2/Users").is(403)
	o.asRole(webextest.FullAdmin, "identity:people_read").do("PATCH", ben, patch(false)).is(403)
	o.as(webextest.UserBearer).get(ben).is(403)

	list := o.get(users + "?startIndex=2&count=3").is(200)
	require.Len(t, list.rows("Resources"), 3)
	require.Equal(t, json.Number("16"), list.Object()["totalResults"])
	found := o.get(users + "?filter=userName%20eq%20%22lena.vogt@example.com%22").is(200).rows("Resources")
	require.Equal(t, []any{false}, simnettest.Each(found, "active"))
}
