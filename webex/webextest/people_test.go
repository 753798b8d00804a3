package webextest_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func person(id string) string { return "/people/" + id }

// readOnly are the fields of a person that are not written back.
var readOnly = []string{
	"id", "created", "lastModified", "timezone", "lastActivity", "status", "sipAddresses", "xmppFederationJid",
	"invitePending", "type", "userName", "avatarProvided",
}

// replacement is a person as a careful client writes it back.
func (o *org) replacement(id string) m {
	o.t.Helper()
	p := o.get(person(id) + "?callingData=true").is(200).Object()
	for _, name := range readOnly {
		delete(p, name)
	}
	var work []m
	numbers, _ := p["phoneNumbers"].([]any)
	for _, v := range numbers {
		if n := v.(m); n["type"] == "work" {
			work = append(work, m{"type": "work", "value": n["value"]})
		}
	}
	p["phoneNumbers"] = work
	if work == nil {
		delete(p, "phoneNumbers")
	}
	return p
}

func (o *org) stored(id string) m {
	o.t.Helper()
	p, ok := o.Person(id)
	require.True(o.t, ok)
	return p
}

func TestPeopleOfAUser(t *testing.T) {
	o := sample(t)
	user := o.as(webextest.UserBearer)
	user.get("/people").is(400)
	user.get("/people?locationId=" + webextest.LocationAustin).is(400)
	user.get("/people?id=" + webextest.PersonBen).is(200)
	found := user.get("/people?email=BEN.okoro@example.com").is(200).rows("items")
	require.Len(t, found, 1)
	for _, name := range []string{"roles", "licenses", "loginEnabled", "invitePending"} {
		require.NotContains(t, found[0], name)
	}
	require.Equal(t, []any{"Ana Silva"}, simnettest.Each(user.get("/people?displayName=ana").is(200).rows("items"), "displayName"))
	require.Empty(t, user.get("/people?displayName=silva").is(200).rows("items"), "it begins with")
	require.Equal(t, webextest.PersonAna, user.get("/people/me").is(200).Object()["id"])
	// An administrator whose token has the user's scope sees what users see.
	limited := o.asRole(webextest.FullAdmin, "spark:people_read")
	limited.get("/people").is(400)
	require.NotContains(t, limited.get(person(webextest.PersonBen)).is(200).Object(), "licenses")
	require.Contains(t, o.get(person(webextest.PersonBen)).is(200).Object(), "licenses")
	require.Equal(t, []any{webextest.PersonDana}, simnettest.Each(o.get("/people?roles="+webextest.RoleUserAdminID).is(200).rows("items"),
		"id"))
}

func TestPeoplePages(t *testing.T) {
	o := newOrg(t, webextest.WithPeople(250))
	r := o.get("/people").is(200)
	require.Len(t, r.rows("items"), 100, "the default")
	require.Contains(t, r.Header.Get("Link"), "&before&after=", "a parameter without a value, as documented")
	require.NotContains(t, r.Header.Get("Link"), webextest.Key(r.rows("items")[99]["id"].(string)), "opaque")
	ids, pages := o.walk("/people?max=100", "items")
	require.Equal(t, 3, pages)
	require.Len(t, ids, 251)
	seen := map[any]bool{}
	for _, id := range ids {
		require.False(t, seen[id])
		seen[id] = true
	}
	// A person leaves between two pages: no other is lost.
	first := o.get("/people?max=100").is(200)
	o.do("DELETE", person(ids[99].(string)), nil).is(204)
	o.do("DELETE", person(ids[0].(string)), nil).is(204)
	require.Equal(t, ids[100], o.get(first.next()).is(200).rows("items")[0]["id"])
	o.get("/people?after=nonsense").is(400)

	none := newOrg(t, webextest.WithPeople(9), webextest.WithEmptyPages())
	ids, pages = none.walk("/people?max=5", "items")
	require.Len(t, ids, 10)
	require.Equal(t, 3, pages, "one of them empty")
}

func TestNextLinks(t *testing.T) {
	next := func(form webextest.NextLink) (*org, *reply) {
		o := newOrg(t, webextest.WithPeople(10), webextest.WithNextLink(form))
		return o, o.get("/people?callingData=true&displayName=Agent&max=3").is(200)
	}
	_, r := next(webextest.LinkNormal)
	require.Contains(t, r.next(), "callingData=true")
	require.Contains(t, r.next(), "displayName=Agent")
	require.True(t, strings.HasPrefix(r.next(), webextest.BaseURL+"/people?"))
	o, r := next(webextest.LinkMaxNull)
	require.True(t, strings.HasSuffix(r.next(), "&max=null"))
	o.get(r.next()).is(400)
	o.get(strings.TrimSuffix(r.next(), "&max=null")).is(200)
	o, r = next(webextest.LinkDropsFilters)
	require.NotContains(t, r.next(), "displayName")
	require.NotContains(t, o.get(r.next()).is(200).rows("items")[0], "extension")
	o, r = next(webextest.LinkRepeats)
	again := o.get(r.next()).is(200).next()
	require.Equal(t, again, o.get(again).is(200).next())
	_, r = next(webextest.LinkRelations)
	require.Contains(t, r.Header.Get("Link"), `rel="prev"`)
	require.NotEmpty(t, r.next())
}

func TestPeopleMax(t *testing.T) {
	o := newOrg(t, webextest.WithPeople(1200))
	count := func(query string) int { return len(o.get("/people" + query).is(200).rows("items")) }
	require.Equal(t, 1000, count("?max=5000"))
	require.Equal(t, 100, count("?max=1000&callingData=true"))
	require.Equal(t, 50, count("?max=1000&locationId="+webextest.LocationAustin))
	require.Equal(t, 7, count("?max=7&callingData=true"))
	o.get("/people?max=null").is(400)
	o.get("/people?max=0").is(400)
	o.get("/people?callingData=1").is(400)
	o.get("/people?locationId=" + webextest.ID("LOCATION", "1")).is(400)
}

func TestPeopleByID(t *testing.T) {
	o := sample(t)
	r := o.get("/people?id=" + strings.Join([]string{webextest.PersonAna, "nobody", webextest.Key(webextest.PersonBen)}, ",")).is(200)
	require.Equal(t, []any{webextest.PersonAna, webextest.PersonBen}, simnettest.Each(r.rows("items"), "id"))
	require.Equal(t, []any{"nobody"}, r.Object()["notFoundIds"])
	for _, p := range r.rows("items") {
		require.NotContains(t, p, "status")
		require.NotContains(t, p, "lastActivity")
	}
	require.Equal(t, "ana.silva@example.com", r.rows("items")[0]["userName"])
	require.NotContains(t, o.get(person(webextest.PersonAna)).Object(), "userName")
	many := make([]string, 86)
	for i := range many {
		many[i] = webextest.PersonAna
	}
	o.get("/people?id=" + strings.Join(many, ",")).is(400)
	o.get("/people?id=" + strings.Join(many[:85], ",")).is(200)
}

func TestPresence(t *testing.T) {
	o := sample(t)
	statuses := map[any]any{}
	for _, p := range o.get("/people").is(200).rows("items") {
		statuses[p["id"]] = p["status"]
	}
	require.Equal(t, []any{"active", "call", "DoNotDisturb", "presenting", "OutOfOffice", "unknown", nil, "pending"}, []any{
		statuses[webextest.PersonAna], statuses[webextest.PersonBen], statuses[webextest.PersonDev], statuses[webextest.PersonErin],
		statuses[webextest.PersonHana], statuses[webextest.PersonIvan], statuses[webextest.PersonJulia], statuses[webextest.PersonMarco],
	})
	for _, p := range o.get("/people?excludeStatus=true").is(200).rows("items") {
		require.NotContains(t, p, "status")
		require.NotContains(t, p, "lastActivity")
	}
	o.SetPresence(webextest.PersonAna, "meeting")
	require.Equal(t, "meeting", o.get(person(webextest.PersonAna)).Object()["status"])

	// A person who hides the own status sees no other's.
	o.HideStatus(webextest.PersonNora, true)
	require.NotContains(t, o.get(person(webextest.PersonAna)).Object(), "status")
	require.Equal(t, "call", o.as(webextest.UserBearer).get(person(webextest.PersonBen)).is(200).Object()["status"])
	o.HideStatus(webextest.PersonNora, false)
	require.Contains(t, o.get(person(webextest.PersonAna)).Object(), "status")
}

func TestCallingData(t *testing.T) {
	o := sample(t)
	plain := o.get(person(webextest.PersonAna)).is(200).Object()
	require.NotContains(t, plain, "extension")
	require.NotContains(t, plain, "locationId")
	require.Equal(t, []any{m{"type": "mobile", "value": "+15125550801", "primary": false}}, plain["phoneNumbers"])
	full := o.get(person(webextest.PersonAna) + "?callingData=true").is(200).Object()
	require.Equal(t, []any{"1060", webextest.LocationAustin}, []any{full["extension"], full["locationId"]})
	require.Equal(t, []any{
		m{"type": "work", "value": "+15125550160", "primary": true}, m{"type": "work_extension", "value": "841060"},
		m{"type": "mobile", "value": "+15125550801", "primary": false},
	}, full["phoneNumbers"])
	require.Equal(t, m{"badge": json.Number("9007199254740993"), "tags": []any{"a", "b"}}, full["newInV2"])
	for _, p := range o.get("/people").rows("items") {
		require.NotContains(t, p, "extension")
	}
	require.Contains(t, row(t, o.get("/people?callingData=true").rows("items"), webextest.PersonBen), "extension")
	require.NotContains(t, o.get(person(webextest.PersonMarco)+"?callingData=true").is(200).Object(), "locationId")
}

func TestCreatePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := sample(t)
		body := m{
			"emails": []string{"ina@example.com"}, "firstName": "Ina", "lastName": "Berg", "licenses": []string{webextest.LicenseProfessional},
			"locationId": webextest.LocationPorto, "extension": "2099", "later": m{"x": 1},
		}
		p := o.post("/people?callingData=true", body).is(200).Object()
		require.Equal(t, []any{"Ina Berg", "pending", true, true, "2099", webextest.LocationPorto, m{"x": json.Number("1")}, webextest.OrgID},
			[]any{
				p["displayName"], p["status"], p["invitePending"], p["loginEnabled"], p["extension"], p["locationId"], p["later"], p["orgId"],
			})
		require.Equal(t, []any{m{"type": "work_extension", "value": "852099"}}, p["phoneNumbers"])
		require.NotContains(t, p, "sipAddresses", "they come later")
		time.Sleep(3 * time.Second)
		require.Contains(t, o.get(person(p["id"].(string))).is(200).Object(), "sipAddresses")
		require.True(t, listed(o.get(supervisors+"/availableAgents").rows("agents"), p["id"].(string)))

		o.post("/people", body).is(409)
		o.post("/people", with(body, m{"emails": []string{"INA@example.com"}})).is(409)
		brief := o.post("/people?minResponse=true", m{"emails": []string{"b@example.com"}, "lastName": "B"}).is(200).Object()
		require.Len(t, brief, 1)
		fresh := with(body, m{"emails": []string{"c@example.com"}})
		for name, change := range map[string]m{
			"no names": {"firstName": nil, "lastName": nil}, "no emails": {"emails": nil},
			"two":    {"emails": []string{"c@example.com", "d@example.com"}},
			"a text": {"emails": "c@example.com"}, "no address": {"emails": []string{"c"}}, "no location": {"locationId": nil},
			"no number": {"extension": nil}, "read-only": {"status": "active"}, "login": {"loginEnabled": true},
			"a number": {"firstName": 1}, "a notation": {"phoneNumbers": []m{{"type": "work", "value": "+1-5125550100"}}},
			"another type": {"phoneNumbers": []m{{"type": "mobile", "value": "+15125550100"}}}, "a role": {"roles": []string{"admin"}},
		} {
			r := o.post("/people?callingData=true", with(fresh, change))
			require.Equal(t, 400, r.Status, "%s: %s", name, r.Body)
			require.NotContains(t, r.Object(), "errorCode", name)
		}
		o.post("/people", with(fresh, m{"extension": nil, "phoneNumbers": []m{{"type": "work", "value": "+351220550999"}}})).is(200)
		_, ok := o.PersonByEmail("c@example.com")
		require.True(t, ok)
	})
}

func TestFailureAfterCreation(t *testing.T) {
	o := sample(t)
	o.FailAfter("People.Create", 1)
	body := m{"emails": []string{"ina@example.com"}, "displayName": "Ina"}
	o.post("/people", body).is(400)
	require.Len(t, o.get("/people?email=ina@example.com").is(200).rows("items"), 1)
	o.post("/people", body).is(409)
	require.Panics(t, func() { o.FailAfter("People.Delete", 1) })
}

func TestLicences(t *testing.T) {
	o := sample(t)
	unknown := webextest.ID("LICENSE", webextest.OrgKey+":XX_1")
	body := m{"emails": []string{"ina@example.com"}, "displayName": "Ina", "licenses": []string{unknown, webextest.LicenseMessaging}}
	p := o.post("/people", body).is(200).Object()
	require.Equal(t, []any{webextest.LicenseMessaging}, p["licenses"])
	license := func(id string, licenses ...string) *reply {
		return o.put(person(id), with(o.replacement(id), m{"licenses": licenses, "locationId": webextest.LocationAustin, "extension": "1999"}))
	}
	code := func(r *reply, want string) {
		t.Helper()
		require.NotContains(t, r.is(400).Object(), "errorCode", "E1")
		require.Equal(t, json.Number(want), r.rows("errors")[0]["errorCode"])
	}
	id := p["id"].(string)
	code(license(id, webextest.LicenseStandard, webextest.LicenseProfessional), "400404")
	code(license(id, webextest.LicenseStandard, webextest.LicenseAssist), "400407")
	code(license(webextest.PersonJulia, webextest.LicenseStandard), "400112")
	code(license(webextest.PersonDev, webextest.LicenseStandard), "400410")
	license(id, webextest.LicenseProfessional).is(200)
	// Ana's meetings are implicit.
	o.put(person(webextest.PersonAna), with(o.replacement(webextest.PersonAna), m{"licenses": []string{webextest.LicenseProfessional}})).is(
		400)
}

func TestReplaceClears(t *testing.T) {
	o := sample(t)
	before := o.stored(webextest.PersonAna)
	ana := o.replacement(webextest.PersonAna)
	ana["title"] = "Lead"
	o.put(person(webextest.PersonAna)+"?callingData=true", ana).is(200)
	after := o.stored(webextest.PersonAna)
	require.NotEqual(t, before["lastModified"], after["lastModified"])
	before["title"], before["lastModified"] = "Lead", after["lastModified"]
	require.Equal(t, before, after, "a careful write changes one field")

	// A careless one loses the rest.
	o.put(person(webextest.PersonAna), m{"displayName": "Ana", "firstName": "Anita", "licenses": before["licenses"]}).is(200)
	after = o.stored(webextest.PersonAna)
	for _, name := range []string{"title", "department", "manager", "managerId", "addresses", "siteUrls", "phoneNumbers", "extension",
		"lastName", "newInV2"} {
		require.NotContains(t, after, name)
	}
	require.Equal(t, "Anita", after["nickName"])
	for _, name := range []string{"emails", "status", "created", "timezone", "type", "locationId", "directoryNumbers"} {
		require.Equal(t, before[name], after[name], name)
	}
	o.put(person(webextest.PersonLena), m{"displayName": "Lena"}).is(200)
	require.Equal(t, true, o.stored(webextest.PersonLena)["loginEnabled"], "left out, it is the default")
	require.NotContains(t, o.stored(webextest.PersonLena), "licenses")
	kept := sample(t, webextest.WithLoginKept())
	kept.put(person(webextest.PersonLena), m{"displayName": "Lena"}).is(200)
	require.Equal(t, false, kept.stored(webextest.PersonLena)["loginEnabled"])
}

func TestReplaceRefused(t *testing.T) {
	o := sample(t)
	ben := o.replacement(webextest.PersonBen)
	before := o.stored(webextest.PersonBen)
	wrong := map[string]m{
		"no displayName": {"displayName": nil}, "another location": {"locationId": webextest.LocationPorto}, "no address": {"emails": []string{}},
		"a text for a flag": {"loginEnabled": "false"}, "a directory number": {"phoneNumbers": []m{{"type": "mobile", "value": "+15125550100"}}},
	}
	for _, name := range readOnly {
		wrong["read-only "+name] = m{name: "x"}
	}
	for name, change := range wrong {
		r := o.put(person(webextest.PersonBen), with(ben, change))
		require.Equal(t, 400, r.Status, "%s: %s", name, r.Body)
	}
	o.put(person(webextest.PersonBen), with(ben, m{"emails": []string{"ana.silva@example.com"}})).is(409)
	require.Equal(t, before, o.stored(webextest.PersonBen))
	// Numbers that are not of type work are taken as they were read, and no others.
	read := o.get(person(webextest.PersonAna) + "?callingData=true").Object()["phoneNumbers"].([]any)
	require.Len(t, read, 3)
	ana := o.replacement(webextest.PersonAna)
	stored := o.stored(webextest.PersonAna)
	o.put(person(webextest.PersonAna), with(ana, m{"phoneNumbers": append(read[:2:2], m{"type": "mobile", "value": "+15125550802"})})).is(400)
	o.put(person(webextest.PersonAna), with(ana, m{"phoneNumbers": read})).is(200)
	require.Equal(t, stored["phoneNumbers"], o.stored(webextest.PersonAna)["phoneNumbers"])
	require.Equal(t, read, o.get(person(webextest.PersonAna) + "?callingData=true").Object()["phoneNumbers"])
	o.put(person(webextest.ID("PEOPLE", "00000000-1111-4222-8333-444444444444")), ben).is(404)

	lenient := sample(t, webextest.WithLenientWrites())
	whole := lenient.get(person(webextest.PersonBen) + "?callingData=true").Object()
	lenient.put(person(webextest.PersonBen), with(whole, m{"loginEnabled": "false", "status": "active"})).is(200)
	require.Equal(t, false, lenient.stored(webextest.PersonBen)["loginEnabled"])
	require.Equal(t, "call", lenient.stored(webextest.PersonBen)["status"])
}

func TestFailureHalfway(t *testing.T) {
	o := sample(t)
	o.FailAfter("People.Replace", 1)
	ben := with(o.replacement(webextest.PersonBen), m{"title": "Lead", "firstName": "Benno", "loginEnabled": false})
	o.put(person(webextest.PersonBen), ben).is(400)
	now := o.stored(webextest.PersonBen)
	require.Equal(t, []any{"Lead", "Benno", true}, []any{now["title"], now["firstName"], now["loginEnabled"]})
	o.put(person(webextest.PersonBen), ben).is(200)
	require.Equal(t, false, o.stored(webextest.PersonBen)["loginEnabled"])
}

func TestMinResponse(t *testing.T) {
	o := sample(t)
	o.put(person(webextest.PersonBen)+"?minResponse=true", with(o.replacement(webextest.PersonBen), m{"title": "Lead"})).is(204)
	require.Equal(t, "Lead", o.stored(webextest.PersonBen)["title"])
}

func TestLoginEnabled(t *testing.T) {
	o := sample(t)
	p := o.put(person(webextest.PersonBen), with(o.replacement(webextest.PersonBen), m{"loginEnabled": false})).is(200).Object()
	require.Equal(t, false, p["loginEnabled"])
	require.Equal(t, false, o.get(person(webextest.PersonBen)).Object()["loginEnabled"])
	require.NotContains(t, o.as(webextest.UserBearer).get(person(webextest.PersonBen)).Object(), "loginEnabled")
	texts := sample(t, webextest.WithStringBooleans()).get(person(webextest.PersonLena)).Object()
	require.Equal(t, []any{"false", "false"}, []any{texts["loginEnabled"], texts["invitePending"]})
}

func TestDeletePerson(t *testing.T) {
	o := sample(t)
	o.do("DELETE", person(webextest.PersonAna), nil).is(204)
	o.do("DELETE", person(webextest.PersonAna), nil).is(404)
	o.get(person(webextest.PersonAna)).is(404)
	require.Equal(t, []string{webextest.AgentLobby}, o.SupervisedAgents(webextest.Assist, webextest.PersonDana))
	_, ok := o.QueueAgent(webextest.QueueSupport, webextest.PersonAna)
	require.False(t, ok)
	o.do("DELETE", person(webextest.PersonIvan), nil).is(204)
	require.Equal(t, []string{webextest.PersonFrank}, o.Supervisors(webextest.Basic), "a supervisor of nobody is none")
	o.do("DELETE", person(webextest.PersonFrank), nil).is(204)
	require.Empty(t, o.Supervisors(webextest.Basic))
	require.Len(t, o.People(), 13)
}

func TestHooks(t *testing.T) {
	o := newOrg(t)
	id := o.AddPerson(`{"emails":["x@example.com"],"firstName":"X","big":12345678901234567890,"status":"brandNew"}`)
	p := o.get(person(id)).is(200).Object()
	require.Equal(t, []any{json.Number("12345678901234567890"), "brandNew", "X"}, []any{p["big"], p["status"], p["displayName"]})
	o.ChangePerson(id, m{"title": "T", "big": nil})
	require.Equal(t, "T", o.stored(id)["title"])
	require.NotContains(t, o.stored(id), "big")
	room := o.AddWorkspace("Room", webextest.LocationPorto, "77")
	line := o.AddVirtualLine("Spare", "Line", webextest.LocationAustin, "78")
	o.AddSupervisor(webextest.Basic, id, room, line)
	require.ElementsMatch(t, []string{room, line}, o.SupervisedAgents(webextest.Basic, id))
	for name, wrong := range map[string]func(){
		"no email": func() { o.AddPerson(m{}) }, "in use": func() { o.AddPerson(m{"emails": []string{"X@example.com"}}) },
		"no JSON": func() { o.AddPerson("{") }, "nobody": func() { o.AddSupervisor(webextest.Basic, "x") },
		"again": func() { o.AddSupervisor(webextest.Basic, id) }, "nowhere": func() { o.AddWorkspace("R", "x", "1") },
		"no queue": func() { o.ChangeQueueAgents("x") },
	} {
		require.Panics(t, wrong, name)
	}
	_, ok := o.Person("x")
	require.False(t, ok)
	_, ok = o.Queue("x")
	require.False(t, ok)
}
