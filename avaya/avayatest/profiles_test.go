package avayatest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

func TestProfileLife(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		chat := object{"autoAnswer": false, "multiplicity": 5, "afterContactWork": false}
		body := func(features object) object {
			return object{"profileName": "Advanced", "description": "All the features", "roles": []string{"Agent"}, "features": features}
		}
		res := a.ok(202, "POST", "/profiles", body(object{"voice": voice}))
		id := res.at("profileId").(string)
		require.Len(t, id, 6)
		require.NotContains(t, res.at("features", "voice"), "userExtension", "a profile's voice is nobody's")
		require.Equal(t, "/api/admin/user/v1/accounts/QWERTY/profiles/"+id, res.at("url"))
		require.Equal(t, "ADD/IN_PROGRESS voice:ADD/IN_PROGRESS", brief(a.profileStatus(id)), "no role part")
		time.Sleep(progress)
		require.Equal(t, "ADD/COMPLETED voice:ADD/COMPLETED", brief(a.profileStatus(id)))

		// A feature is added: only that one is mentioned.
		a.ok(202, "PUT", "/profiles/"+id, body(object{"voice": voice, "chat": chat}))
		require.Equal(t, "ADD/IN_PROGRESS chat:ADD/IN_PROGRESS", brief(a.profileStatus(id)))
		time.Sleep(progress)
		require.Equal(t, "ADD/COMPLETED chat:ADD/COMPLETED", brief(a.profileStatus(id)))

		// A feature is dropped: DELETE, but in the words of an update.
		a.ok(202, "PUT", "/profiles/"+id, body(object{"voice": voice}))
		require.Equal(t, "DELETE/IN_PROGRESS chat:DELETE/IN_PROGRESS", brief(a.profileStatus(id)))
		time.Sleep(progress)
		st := a.profileStatus(id)
		require.Equal(t, "DELETE/COMPLETED chat:DELETE/COMPLETED", brief(st))
		require.Equal(t, "Feature added successfully", at(st, "features", "chat", "message"), "the guide's own mistake")

		// Replace means replace.
		res = a.ok(202, "PUT", "/profiles/"+id, object{"profileName": "Bare"})
		require.Equal(t, []string{"profileId", "profileName", "url"}, keysOf(res.json))
		time.Sleep(progress)

		a.ok(204, "DELETE", "/profiles/"+id, nil)
		require.Equal(t, "DELETE/IN_PROGRESS", brief(a.profileStatus(id)))
		a.ok(404, "PUT", "/profiles/"+id, body(nil))
		time.Sleep(progress)
		require.Equal(t, "DELETE/COMPLETED", brief(a.profileStatus(id)))
		a.ok(404, "GET", "/profiles/"+id, nil)
		a.ok(404, "DELETE", "/profiles/"+id, nil)
		time.Sleep(time.Second)
		require.Nil(t, a.profileStatus(id))
	})
}

func TestProfileFailures(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		a.srv.Fail(avayatest.Failure{Op: "Profiles.Create", Features: []string{"voice"}},
			avayatest.Failure{Op: "Profiles.Replace"}, avayatest.Failure{Op: "Profiles.Delete"})
		body := object{"profileName": "Nights", "features": object{"voice": voice, "chat": object{}}}
		id := a.ok(202, "POST", "/profiles", body).at("profileId").(string)
		time.Sleep(progress)
		require.Equal(t, "ADD/FAILED chat:ADD/COMPLETED voice:ADD/FAILED", brief(a.profileStatus(id)))
		delete(body["features"].(object), "chat")
		a.ok(202, "PUT", "/profiles/"+id, body)
		time.Sleep(progress)
		st := a.profileStatus(id)
		require.Equal(t, "ADD/FAILED chat:DELETE/FAILED voice:ADD/FAILED", brief(st), "voice is tried again")
		require.Equal(t, "The feature could not be delete", at(st, "features", "chat", "message"))
		a.ok(204, "DELETE", "/profiles/"+id, nil)
		time.Sleep(progress)
		require.Equal(t, "DELETE/FAILED voice:DELETE/FAILED", brief(a.profileStatus(id)))
		a.ok(200, "GET", "/profiles/"+id, nil)
		a.ok(204, "DELETE", "/profiles/"+id, nil)
		time.Sleep(progress)
		a.ok(404, "GET", "/profiles/"+id, nil)
	})
}

func TestProfileNamesAndIDs(t *testing.T) {
	a := newAPI(t)
	first := a.ok(202, "POST", "/profiles", `{"profileName":"Nights"}`).at("profileId").(string)
	res := a.ok(409, "POST", "/profiles", `{"profileName":"Nights"}`)
	require.Equal(t, []string{"profileName"}, violations(res))
	a.ok(202, "PUT", "/profiles/"+first, `{"profileName":"Nights"}`)
	second := a.ok(202, "POST", "/profiles", `{"profileName":"Days"}`).at("profileId").(string)
	a.ok(409, "PUT", "/profiles/"+second, `{"profileName":"Nights"}`)
	require.Equal(t, []string{"profileName 20002"}, violations(a.ok(400, "POST", "/profiles", "{}")))
	require.Equal(t, []string{"description", "profileName 20006"},
		violations(a.ok(400, "POST", "/profiles", `{"profileName":"-x","description":"four"}`)))
	a.ok(404, "GET", "/profiles/NOSUCH", nil)
	a.ok(400, "GET", "/profiles/TOOLONG", nil)

	// An id may hold dots and spaces.
	odd := a.srv.AddProfile(`{"profileId":"A .-_1","profileName":"Odd"}`)
	require.Equal(t, "A .-_1", odd)
	res = a.ok(200, "GET", "/profiles/A%20.-_1", nil)
	require.Equal(t, odd, res.at("profileId"))
	require.Equal(t, "ADD/COMPLETED", brief(a.profileStatus(odd)))
}

func TestProfileValuesAreMergedIntoItsUsers(t *testing.T) {
	a := newAPI(t)
	ux, group, queue := nobody, a.srv.AddGroup(nil), a.srv.AddQueue(nil)
	profile := object{"profileName": "Nights", "uxProfileId": ux, "roles": []string{"Agent"}, "memberOfGroups": []string{group},
		"features": object{"voice": voice, "matching": object{"queues": []object{{"queueId": queue}}}}}
	p := a.srv.AddProfile(profile)
	inherits := a.create(person(object{"profileId": p}))
	overrides := a.create(person(object{"loginId": "lee@example.com", "profileId": p, "roles": []string{"Supervisor"},
		"features": object{"chat": object{"multiplicity": 2}}}))

	res := a.ok(200, "GET", "/users/"+inherits, nil)
	require.Equal(t, ux, res.at("uxProfileId"))
	require.Equal(t, []any{"Agent"}, res.at("roles"))
	require.Equal(t, []any{group}, res.at("memberOfGroups"))
	require.Equal(t, num("8"), res.at("features", "matching", "queues", 0, "proficiency"))
	require.NotEmpty(t, res.at("features", "voice", "userExtension"))
	own, _ := a.srv.User(inherits)
	require.Equal(t, []string{"firstName", "lastName", "loginId", "organizationNodeId", "profileId", "userId"}, keysOf(any(own)))

	res = a.ok(200, "GET", "/users/"+overrides, nil)
	require.Equal(t, []any{"Supervisor"}, res.at("roles"))
	require.Equal(t, []string{"chat"}, keysOf(res.at("features")), "own features hide all of the profile's")
	require.Equal(t, []any{group}, res.at("memberOfGroups"))

	// A change of the profile reaches those who do not override, at once.
	a.ok(202, "PUT", "/profiles/"+p, object{"profileName": "Nights", "roles": []string{"Reporting"}, "features": object{"email": object{}}})
	res = a.ok(200, "GET", "/users/"+inherits, nil)
	require.Equal(t, []any{"Reporting"}, res.at("roles"))
	require.Equal(t, []string{"email"}, keysOf(res.at("features")))
	require.NotContains(t, res.obj(), "uxProfileId")
	res = a.ok(200, "GET", "/users/"+overrides, nil)
	require.Equal(t, []any{"Supervisor"}, res.at("roles"))
	require.Equal(t, []string{"chat"}, keysOf(res.at("features")))

	a.srv.Apply(avayatest.WithMergedFeatures())
	res = a.ok(200, "GET", "/users/"+overrides, nil)
	require.Equal(t, []string{"chat", "email"}, keysOf(res.at("features")))
	effective, _ := a.srv.EffectiveUser(overrides)
	require.Equal(t, []string{"chat", "email"}, keysOf(effective["features"]))
}

func TestInheritanceTrap(t *testing.T) {
	a := newAPI(t)
	p := a.srv.AddProfile(object{"profileName": "Nights", "uxProfileId": nobody, "roles": []string{"Agent"},
		"features": object{"voice": voice}})
	id := a.srv.AddUser(person(object{"profileId": p}))
	got := a.ok(200, "GET", "/users/"+id, nil)
	data, err := json.Marshal(got.json)
	require.NoError(t, err)
	a.ok(202, "PUT", "/users/"+id, string(data))
	own, _ := a.srv.User(id)
	require.Contains(t, own, "roles")
	require.Contains(t, own, "features")
	require.NotContains(t, own, "uxProfileId")
	a.ok(202, "PUT", "/profiles/"+p, object{"profileName": "Nights", "roles": []string{"Reporting"}})
	require.Equal(t, []any{"Agent"}, a.ok(200, "GET", "/users/"+id, nil).at("roles"), "pinned for good")
}
