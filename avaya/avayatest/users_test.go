package avayatest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

const nobody = "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b"

func TestCreateUserWithTheRequiredFields(t *testing.T) {
	a := newAPI(t)
	res := a.ok(202, "POST", "/users", person(nil))
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, res.at("userId"))
	require.Len(t, res.obj(), 5)
	again := a.ok(202, "POST", "/users", person(object{"loginId": "lee.roth@example.com"}))
	require.NotEqual(t, res.at("userId"), again.at("userId"))

	require.Equal(t, []string{"firstName 20002", "lastName 20002", "loginId 20002", "organizationNodeId 20002"},
		violations(a.ok(400, "POST", "/users", "{}")))
	require.Equal(t, []string{"firstName 20002"}, violations(a.ok(400, "POST", "/users", person(object{"firstName": nil}))))
}

func TestPasswordIsNeverShown(t *testing.T) {
	a := newAPI(t)
	const secret = "Zq7!mTr2kW9p"
	id := a.create(person(object{"password": secret}))
	for _, res := range []response{
		a.ok(202, "PUT", "/users/"+id, person(object{"password": secret})),
		a.ok(200, "GET", "/users/"+id, nil),
		a.ok(200, "GET", "/users", nil),
		a.ok(200, "POST", "/users:search", "{}"),
	} {
		require.NotContains(t, res.raw, secret)
		require.NotContains(t, res.raw, "password")
	}
	own, _ := a.srv.User(id)
	require.NotContains(t, own, "password")
	got, ok := a.srv.Password(id)
	require.True(t, ok)
	require.Equal(t, secret, got)
}

func TestLoginAndMailAddressAreUnique(t *testing.T) {
	a := newAPI(t)
	a.create(person(object{"emailId": "dana@example.com"}))
	id := a.create(person(object{"loginId": "lee.roth@example.com", "emailId": "lee@example.com"}))

	for _, call := range []struct{ method, path string }{{"POST", "/users"}, {"PUT", "/users/" + id}} {
		res := a.ok(409, call.method, call.path, person(object{"emailId": "lee@example.org"}))
		require.Equal(t, []string{"loginId"}, violations(res))
		res = a.ok(409, call.method, call.path, person(object{"loginId": "new@example.com", "emailId": "dana@example.com"}))
		require.Equal(t, []string{"emailId"}, violations(res))
	}
	a.ok(202, "PUT", "/users/"+id, person(object{"loginId": "lee.roth@example.com", "emailId": "lee@example.com"}))

	// What a user gives up is free.
	a.ok(202, "PUT", "/users/"+id, person(object{"loginId": "l.roth@example.com"}))
	a.create(person(object{"loginId": "lee.roth@example.com", "emailId": "lee@example.com"}))

	a.create(person(object{"loginId": "DANA.REYES@example.com"}))
	a.srv.Apply(avayatest.WithCaseIgnored())
	a.ok(409, "POST", "/users", person(object{"loginId": "L.Roth@example.com", "emailId": "xx@example.com"}))
}

func TestVoiceGetsWhatTheServerAssigns(t *testing.T) {
	a := newAPI(t)
	res := a.ok(202, "POST", "/users", person(object{"features": object{"voice": voice}}))
	f := res.at("features", "voice")
	require.Regexp(t, `^\d+$`, at(f, "userExtension"))
	require.Regexp(t, `^\d+$`, at(f, "emergencyLocationIdentificationNumber"))
	require.NotEmpty(t, at(f, "providers", 0, "providerAgentId"))
	require.Equal(t, false, at(f, "autoAnswer"))
	id := res.at("userId").(string)
	require.Equal(t, f, a.ok(200, "GET", "/users/"+id, nil).at("features", "voice"), "it stays the same")
	own, _ := a.srv.User(id)
	require.NotContains(t, at(own, "features", "voice"), "userExtension")

	a.srv.Apply(avayatest.WithVoicePasswordEcho())
	require.NotEmpty(t, a.ok(200, "GET", "/users/"+id, nil).at("features", "voice", "password"))
}

func TestReadOnlyFieldsInRequestsAreIgnored(t *testing.T) {
	a := newAPI(t)
	body := person(object{"userId": nobody, "uxProfileId": nobody, "features": object{"voice": object{
		"userExtension": "1", "providers": []any{object{"providerAgentId": "x"}}, "password": "p", "deviceType": 7}}})
	res := a.ok(202, "POST", "/users", body)
	require.NotEqual(t, nobody, res.at("userId"))
	require.NotContains(t, res.obj(), "uxProfileId")
	require.NotEqual(t, "1", res.at("features", "voice", "userExtension"))
	require.NotContains(t, res.at("features", "voice"), "password")
	id := res.at("userId").(string)
	require.Equal(t, id, a.ok(202, "PUT", "/users/"+id, body).at("userId"))
}

func TestReplaceClearsWhatIsLeftOut(t *testing.T) {
	a := newAPI(t)
	group := a.srv.AddGroup(nil)
	p := a.srv.AddProfile(nil)
	const secret = "Zq7!mTr2kW9p"
	id := a.create(person(object{
		"password": secret, "displayName": "Reyes, Dana", "emailId": "dana@example.com", "profileId": p,
		"roles": []string{"Agent"}, "memberOfGroups": []string{group}, "ownedGroups": []string{group},
		"features":  object{"voice": voice, "recorder": object{}},
		"addresses": []object{{"addressName": "Home", "streetNumber": "1", "streetName": "Main", "countryCode": "ES", "zip": "28001"}},
	}))
	require.Len(t, a.ok(200, "GET", "/users/"+id, nil).obj(), 13)

	res := a.ok(202, "PUT", "/users/"+id, person(object{"features": object{"voice": voice}}))
	require.Equal(t, []string{"voice"}, keysOf(res.at("features")))
	res = a.ok(202, "PUT", "/users/"+id, person(nil))
	require.Equal(t, []string{"firstName", "lastName", "loginId", "organizationNodeId", "userId"}, keysOf(res.json))
	require.Equal(t, res.json, a.ok(200, "GET", "/users/"+id, nil).json)
	g, _ := a.srv.Group(group)
	require.NotContains(t, g, "resources")

	kept, _ := a.srv.Password(id)
	require.Equal(t, secret, kept, "a password that is left out stays")
	a.ok(202, "PUT", "/users/"+id, person(object{"password": ""}))
	kept, _ = a.srv.Password(id)
	require.Equal(t, secret, kept)
}

func keysOf(v any) []string {
	o, _ := v.(object)
	return slices.Sorted(maps.Keys(o))
}

func TestUnknownAndMalformedIDs(t *testing.T) {
	a := newAPI(t)
	a.ok(404, "GET", "/users/"+nobody, nil)
	a.ok(404, "PUT", "/users/"+nobody, person(nil))
	a.ok(204, "DELETE", "/users/"+nobody, nil)
	a.srv.Apply(avayatest.WithUnknownDeleteStatus(404))
	a.ok(404, "DELETE", "/users/"+nobody, nil)

	for _, id := range []string{"7", "%2E%2E", "a%2Fb", "%20"} {
		require.Equal(t, []string{"userId 20006"}, violations(a.ok(400, "GET", "/users/"+id, nil)), id)
	}
	a.ok(404, "GET", "/users/", nil)
}

func TestLimitsOfUserFields(t *testing.T) {
	a := newAPI(t)
	many := func(n int, f func(i int) any) (out []any) {
		for i := range n {
			out = append(out, f(i))
		}
		return out
	}
	uuids := func(n int) []any { return many(n, func(int) any { return nobody }) }
	features := func(name string, settings any) object { return object{"features": object{name: settings}} }
	queue := func(proficiency any) object {
		return features("matching", object{"queues": []object{{"proficiency": proficiency}}})
	}
	for name, c := range map[string]struct {
		user  object
		wrong string // "" if it is right
	}{
		"11 roles":        {object{"roles": many(11, func(i int) any { return fmt.Sprint("r", i) })}, ""},
		"12 roles":        {object{"roles": many(12, func(i int) any { return fmt.Sprint("r", i) })}, "roles"},
		"long role":       {object{"roles": []string{strings.Repeat("r", 41)}}, "roles[0]"},
		"51 groups":       {object{"memberOfGroups": uuids(51)}, "memberOfGroups"},
		"51 owned groups": {object{"ownedGroups": uuids(51)}, "ownedGroups"},
		"no group id":     {object{"memberOfGroups": []string{"x"}}, "memberOfGroups[0] 20006"},
		"51 queues":       {features("matching", object{"queues": many(51, func(int) any { return object{} })}), "features.matching.queues"},
		"50 queues":       {features("matching", object{"queues": many(50, func(int) any { return object{} })}), ""},
		"51 attributes": {features("matching", object{"attributes": many(51, func(int) any { return "a.b" })}),
			"features.matching.attributes"},
		"proficiency 0":     {queue(0), "features.matching.queues[0].proficiency"},
		"proficiency 17":    {queue(17), "features.matching.queues[0].proficiency"},
		"proficiency 16":    {queue(16), ""},
		"proficiency 1.5":   {queue(1.5), "features.matching.queues[0].proficiency"},
		"proficiency text":  {queue("3"), "features.matching.queues[0].proficiency"},
		"multiplicity 0":    {features("chat", object{"multiplicity": 0}), "features.chat.multiplicity"},
		"multiplicity 11":   {features("chat", object{"multiplicity": 11}), "features.chat.multiplicity"},
		"multiplicity 10":   {features("chat", object{"multiplicity": 10}), ""},
		"timer 0":           {features("voice", object{"afterContactWorkTimer": 0}), "features.voice.afterContactWorkTimer"},
		"timer null":        {features("voice", object{"afterContactWorkTimer": nil}), ""},
		"mode":              {features("voice", object{"afterContactWorkMode": "timed"}), "features.voice.afterContactWorkMode"},
		"flag as text":      {features("voice", object{"autoAnswer": "true"}), "features.voice.autoAnswer"},
		"cmvoice":           {features("cmvoice", object{}), "features.cmvoice.agentLoginId 20002"},
		"feature is a list": {features("voice", []any{}), "features.voice"},
		"one letter":        {object{"firstName": "D"}, "firstName"},
		"256 letters":       {object{"lastName": strings.Repeat("é", 256)}, "lastName"},
		"255 letters":       {object{"lastName": strings.Repeat("é", 255)}, ""},
		"name with angle":   {object{"lastName": "Re<yes"}, "lastName 20006"},
		"name is a number":  {object{"lastName": 12}, "lastName"},
		"login no mail":     {object{"loginId": "dana"}, "loginId 20006"},
		"login odd":         {object{"loginId": "a;b@example.com"}, ""},
		"login quote":       {object{"loginId": "o'neil@example.com"}, "loginId 20006"},
		"mail short local":  {object{"emailId": "a@example.com"}, "emailId 20006"},
		"node":              {object{"organizationNodeId": "QWERT1"}, "organizationNodeId 20006"},
		"profile id":        {object{"profileId": "ABCDE"}, "profileId"},
		"password short":    {object{"password": "aA1!"}, "password 20006"},
		"password plain":    {object{"password": "abcdefgh1_A"}, "password 20006"},
		"password empty":    {object{"password": ""}, ""},
		"11 partitions":     {object{"resourcePartitions": uuids(11)}, "resourcePartitions"},
		"address": {object{"addresses": []object{{"addressName": "Home", "streetNumber": "1", "streetName": "Main",
			"countryCode": "ES"}}}, "addresses[0].zip 20002"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			res := a.do("POST", "/users", person(c.user))
			if c.wrong == "" {
				require.Equal(t, 202, res.StatusCode, res.raw)
				return
			}
			require.Equal(t, 400, res.StatusCode, res.raw)
			require.Equal(t, c.wrong, violations(res)[0])
			require.Empty(t, a.srv.Users())
		})
	}
	require.Empty(t, a.srv.Users())
}

func TestSwitchFeaturesIgnoreTheirContent(t *testing.T) {
	a := newAPI(t)
	res := a.ok(202, "POST", "/users", person(object{"features": object{
		"aci": object{}, "outbound": object{"x": 1}, "recorder": object{"autoAnswer": "nonsense"}}}))
	require.Equal(t, object{"aci": object{}, "outbound": object{}, "recorder": object{}}, res.at("features"))
}

func TestProficiencyDefaultsTo8OnRead(t *testing.T) {
	a := newAPI(t)
	queue := a.srv.AddQueue(nil)
	id := a.create(person(object{"features": object{"matching": object{"queues": []object{{"queueId": queue}}}}}))
	require.Equal(t, num("8"), a.ok(200, "GET", "/users/"+id, nil).at("features", "matching", "queues", 0, "proficiency"))
	own, _ := a.srv.User(id)
	require.NotContains(t, at(own, "features", "matching", "queues", 0), "proficiency")
}

func TestNumbersAsStringsOnlyBehindASwitch(t *testing.T) {
	a := newAPI(t)
	body := person(object{"features": object{"matching": object{"queues": []object{{"proficiency": "3"}}}}})
	a.ok(400, "POST", "/users", body)
	a.srv.Apply(avayatest.WithStringNumbersAccepted())
	require.Equal(t, num("3"), a.ok(202, "POST", "/users", body).at("features", "matching", "queues", 0, "proficiency"))
}

func TestUnknownFieldsAreKeptValueForValue(t *testing.T) {
	const sent = `{"organizationNodeId":"QWERTY","loginId":"dana.reyes@example.com","lastName":"Reyes","firstName":"Dana",
		"badge":123456789012345678901234567890,"ratio":1.10,"big":1E400,"nothing":null,"html":"<&>",
		"nested":{"deep":[{"x":0.1000},[],{}],"t":true},
		"features":{"fax":{"tray":2},"voice":{"autoAnswer":true,"multiplicity":3,"ring":{"tone":7.0}},
			"matching":{"weights":[1.0,2],"queues":[{"proficiency":3,"since":20240101000000000001}]}}}`
	a := newAPI(t)
	var want object
	d := json.NewDecoder(strings.NewReader(sent))
	d.UseNumber()
	require.NoError(t, d.Decode(&want))

	id := a.ok(202, "POST", "/users", sent).at("userId").(string)
	a.ok(202, "PUT", "/users/"+id, sent)
	own, _ := a.srv.User(id)
	delete(own, "userId")
	require.Equal(t, want, own)
	res := a.ok(200, "GET", "/users/"+id, nil)
	for _, number := range []string{"123456789012345678901234567890", "1.10", "1E400", "0.1000", "20240101000000000001", "7.0"} {
		require.Contains(t, res.raw, number)
	}
	require.Contains(t, res.obj(), "nothing")

	// The same for profiles.
	res = a.ok(202, "POST", "/profiles", `{"profileName":"Nights","x":{"n":1.10}}`)
	require.Contains(t, res.raw, `"x":{"n":1.10}`)
}

func TestSecretsOfHybridVoiceAreEchoed(t *testing.T) {
	a := newAPI(t)
	res := a.ok(202, "POST", "/users", person(object{"features": object{"cmvoice": object{
		"agentLoginId": "1001", "extensionNumber": "2001", "agentLoginPassword": "0042", "agentPassword": 42,
		"communicationProfilePassword":  "s3cret",
		"communicationProfileAddresses": []object{{"address": "1001@example.com", "type": "SIP", "isDefault": true}},
	}}}))
	require.Equal(t, "0042", res.at("features", "cmvoice", "agentLoginPassword"))
	require.Equal(t, "s3cret", res.at("features", "cmvoice", "communicationProfilePassword"))
}

func TestAddressesKeepOrGetTheirIDs(t *testing.T) {
	a := newAPI(t)
	address := object{"addressName": "Home", "streetNumber": "1", "streetName": "Main", "countryCode": "ES", "zip": "28001",
		"addressType": nil}
	id := a.create(person(object{"addresses": []object{address}}))
	first := a.ok(200, "GET", "/users/"+id, nil).at("addresses", 0).(object)
	require.NotEmpty(t, first["addressId"])
	require.Contains(t, first, "addressType")
	res := a.ok(202, "PUT", "/users/"+id, person(object{"addresses": []any{first, address}}))
	require.Equal(t, first["addressId"], res.at("addresses", 0, "addressId"))
	require.NotEqual(t, first["addressId"], res.at("addresses", 1, "addressId"))
	require.NotEmpty(t, res.at("addresses", 1, "addressId"))
}

func TestUnknownReferences(t *testing.T) {
	body := person(object{"profileId": "NOSUCH", "memberOfGroups": []string{nobody}, "ownedGroups": []string{nobody},
		"features": object{"matching": object{"queues": []object{{"queueId": nobody}}, "attributes": []string{"Language.Klingon"}}}})
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		require.Equal(t, []string{"profileId", "memberOfGroups[0]", "ownedGroups[0]",
			"features.matching.queues[0].queueId", "features.matching.attributes[0]"},
			violations(a.ok(400, "POST", "/users", body)))

		a.srv.Apply(avayatest.WithUnknownReferencesAccepted())
		id := a.create(body)
		time.Sleep(progress)
		require.Equal(t, "ADD/FAILED matching:ADD/FAILED", brief(a.status(id)))
		a.ok(202, "PUT", "/users/"+id, person(object{"memberOfGroups": []string{nobody}, "features": object{"voice": voice}}))
		time.Sleep(progress)
		require.Equal(t, "ADD/FAILED voice:ADD/COMPLETED", brief(a.status(id)), "a group has no part of its own")
	})
}

func TestReferencesGoWithWhatTheyReferTo(t *testing.T) {
	for name, opts := range map[string][]avayatest.Option{"gone": nil, "kept": {avayatest.WithDanglingReferencesKept()}} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				a := newAPI(t, opts...)
				p := a.srv.AddProfile(`{"roles":["Agent"]}`)
				body := person(object{"profileId": p})
				id := a.create(body)
				a.ok(204, "DELETE", "/profiles/"+p, nil)
				time.Sleep(progress)
				res := a.ok(200, "GET", "/users/"+id, nil)
				require.NotContains(t, res.obj(), "roles", "nothing comes from a profile that is gone")
				if name == "kept" {
					require.Equal(t, p, res.at("profileId"))
					a.ok(202, "PUT", "/users/"+id, body) // it may be written back
					return
				}
				require.NotContains(t, res.obj(), "profileId")
			})
		})
	}
}

func TestDeleteUser(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t)
		id := a.create(person(object{"roles": []string{"Agent"}, "features": object{"voice": voice}}))
		time.Sleep(progress)
		res := a.ok(204, "DELETE", "/users/"+id, nil)
		require.Empty(t, res.raw)
		require.Equal(t, "DELETE/DELETE_IN_PROGRESS voice:DELETE/DELETE_IN_PROGRESS", brief(a.status(id)))
		a.ok(200, "GET", "/users/"+id, nil)
		a.ok(404, "PUT", "/users/"+id, person(nil))
		a.ok(409, "POST", "/users", person(nil)) // the login is not free yet
		a.ok(204, "DELETE", "/users/"+id, nil)   // and changes nothing
		time.Sleep(progress)
		require.Equal(t, "DELETE/DELETED voice:DELETE/DELETED", brief(a.status(id)))
		a.ok(404, "GET", "/users/"+id, nil)
		a.create(person(nil))
		time.Sleep(time.Second)
		require.Nil(t, a.status(id))
	})
}

func TestDeletedUsersMayBeHiddenAtOnce(t *testing.T) {
	inTime(t, func(t *testing.T) {
		a := newAPI(t, avayatest.WithDeletingHidden())
		id := a.srv.AddUser(nil)
		a.ok(204, "DELETE", "/users/"+id, nil)
		a.ok(404, "GET", "/users/"+id, nil)
		require.Equal(t, num("0"), a.ok(200, "GET", "/users", nil).at("pagination", "total"))
		require.Equal(t, "DELETE/DELETE_IN_PROGRESS", brief(a.status(id)))
	})
}

func TestNeverServed(t *testing.T) {
	a := newAPI(t, avayatest.WithSampleData())
	dana, _ := a.srv.UserByLogin("dana.reyes@example.com")
	id := dana["userId"].(string)
	h := a.header()
	h.Set("If-Match", `"no such revision"`)
	body, err := json.Marshal(person(nil))
	require.NoError(t, err)
	res := a.send("PUT", full("QWERTY", "/users/"+id), string(body), h)
	require.Equal(t, 202, res.StatusCode, "If-Match is ignored")
	for _, res := range []response{res, a.ok(200, "GET", "/users/"+id, nil),
		a.ok(202, "POST", "/users", person(object{"loginId": "x@example.com"}))} {
		for _, name := range []string{"ETag", "Location", "Last-Modified", "Operation-Id"} {
			require.Empty(t, res.Header.Values(name), name)
		}
	}
	for _, path := range []string{"/users/" + id + "/presence", "/users/" + id + "/state", "/presence", "/agents/" + id, "/jobs/1:stop"} {
		res := a.ok(404, "GET", path, nil)
		require.Equal(t, "Resource Not Found", res.at("title"), path)
	}
	require.Equal(t, 404, a.send("GET", "/", "", http.Header{}).StatusCode)
	require.Len(t, a.srv.Requests("unknown"), 6)
}
