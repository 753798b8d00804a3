package livepersontest_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestServer_ListIsABareArrayWithARevision(t *testing.T) {
	c := newCentre(t)
	require.Equal(t, "[]", c.get(reader+"users?v=6.0").is(200).Body)
	c.AddUser(m{"loginName": "a"})
	r := c.get(reader + "users?v=6.0").is(200)
	require.Len(t, r.Array(), 1)
	require.Equal(t, "1", r.Header.Get("ac-revision"))
	require.Equal(t, "1", r.Header.Get("eTag"))
	require.Equal(t, "application/json;charset=utf-8", r.Header.Get("Content-Type"))
}

func keys(o m) (names []string) {
	for name := range o {
		names = append(names, name)
	}
	return names
}

func TestServer_DefaultProjection(t *testing.T) {
	short := []string{"id", "pid", "deleted", "loginName"}
	c := newCentre(t)
	id := c.AddUser(m{"loginName": "a"})
	require.ElementsMatch(t, short, keys(c.get(reader + "users?v=6.0").Array()[0]))
	require.Greater(t, len(c.read(id)), 30, "one user is read in full")
	c = newCentre(t, WithFullLists())
	c.AddUser(m{"loginName": "a"})
	require.Greater(t, len(c.get(reader + "users?v=6.0").Array()[0]), 30)
}

func TestServer_Select(t *testing.T) {
	c := newCentre(t)
	id := c.AddUser(`{"loginName":"a","nested":{"x":{"y":1,"z":2}},"managerOf":[{"agentGroupId":-1}],"profileIds":[23590002030,23590002020]}`)
	sel := func(expression string) m {
		return c.get(reader + "users?v=6.0&select=" + expression).is(200).Array()[0]
	}
	require.Greater(t, len(sel("$all")), 30)
	require.Equal(t, m{"id": json.Number(text(id)), "memberOf": m{"agentGroupId": json.Number("-1")}}, sel("id,memberOf(agentGroupId)"))
	require.Equal(t, m{"managerOf": []any{m{"agentGroupId": json.Number("-1")}}}, sel("managerOf(agentGroupId)"))
	require.Equal(t, m{"loginName": "a"}, sel("loginName,nonesuch,passwordSh"))
	require.Equal(t, m{"nested": m{"x": m{"z": json.Number("2")}}}, sel("nested(x(z))"))
	twice := sel("memberOf(agentGroupId),memberOf(assignmentDate)")["memberOf"].(m)
	require.Equal(t, []string{"assignmentDate"}, keys(twice))
	require.Equal(t, m{"loginName": "a"}, c.get(writer+"users/"+text(id)+"?v=6.0&select=loginName").is(200).Object())
	for _, malformed := range []string{
		"id,memberOf(agentGroupId", "memberOf(agentGroupId)id", "id)", "$every", "$all,id", "id,$all", "id,,pid", "id,", "a(href)", "a()", "(",
	} {
		c.get(reader + "users?v=6.0&select=" + malformed).is(400)
	}
}

func TestServer_IncludeDeleted(t *testing.T) {
	c := newCentre(t)
	id := c.AddUser(m{"loginName": "a"})
	c.AddUser(m{"loginName": "b"})
	c.do("DELETE", userURL(id), nil).is(200)
	require.Equal(t, []any{"b"}, simnettest.Each(c.get(reader+"users?v=6.0").Array(), "loginName"))
	require.Equal(t, []any{"b"}, simnettest.Each(c.get(reader+"users?v=6.0&include_deleted=false").Array(), "loginName"))
	all := c.get(reader + "users?v=6.0&include_deleted=true").Array()
	require.Equal(t, []any{"a", "b"}, simnettest.Each(all, "loginName"))
	require.Equal(t, []any{true, false}, simnettest.Each(all, "deleted"))
	c.get(reader + "users?v=6.0&include_deleted=maybe").is(400)
}

func TestServer_MaskedFields(t *testing.T) {
	names := func(c *centre) (stored, read []any) {
		id := c.create(agent("a", m{"employeeId": "E1"}))
		u, o := c.stored(id), c.read(id)
		return []any{u["fullName"], u["employeeId"]}, []any{o["fullName"], o["employeeId"]}
	}
	stored, read := names(newCentre(t))
	require.Equal(t, []any{"Full a", "E1"}, stored)
	require.Equal(t, []any{"", ""}, read)
	_, read = names(newCentre(t, WithMaskedFields("fullName")))
	require.Equal(t, []any{"", "E1"}, read)
	_, read = names(newCentre(t, WithMaskedFields()))
	require.Equal(t, []any{"Full a", "E1"}, read)
}

func TestServer_BlankNamesComeBack(t *testing.T) {
	for policy, want := range map[BlankPolicy]string{BlankKept: "Full a", BlankWipes: "", BlankRefused: "400"} {
		c := newCentre(t, WithBlankNames(policy))
		id := c.create(agent("a", m{"employeeId": "E1"}))
		r := c.put(c.read(id))
		if want == "400" {
			r.is(400)
			require.Equal(t, "Full a", c.stored(id)["fullName"])
			c.put(with(c.read(id), m{"fullName": "New", "employeeId": "E2"})).is(200)
			continue
		}
		r.is(200)
		require.Equal(t, want, c.stored(id)["fullName"])
		require.Equal(t, want == "", c.stored(id)["employeeId"] == "")
		c.put(with(c.read(id), m{"fullName": "New"})).is(200)
		require.Equal(t, "New", c.stored(id)["fullName"])
	}
}

func TestServer_PasswordsAreNotReturned(t *testing.T) {
	c := newCentre(t)
	created := c.do("POST", writer+"users?v=6.0", agent("a", m{"confirmPassword": "Init-pass-01"})).is(201)
	list := c.get(reader + "users?v=6.0&select=$all")
	for _, body := range []string{created.Body, list.Body, c.get(userURL(created.id())).Body} {
		require.NotContains(t, body, "assword\"")
		require.NotContains(t, body, "passwordSh")
		require.NotContains(t, body, "Init-pass")
	}

	c = newCentre(t, WithPasswordEcho())
	id := c.create(agent("a"))
	hash := c.read(id)["passwordSh"].(string)
	require.Regexp(t, "^[0-9a-f]{64}$", hash)
	require.NotContains(t, c.get(reader+"users?v=6.0&select=$all").Body, "passwordSh")
	c.put(c.read(id)).is(200)
	require.Equal(t, hash, c.stored(id)["passwordSh"], "the trap: an echo that is sent back becomes the password")
}

func TestServer_UnknownUsers(t *testing.T) {
	c := newCentre(t)
	id := c.AddUser(m{"loginName": "a"})
	for _, id := range []string{"1", "-1", "x", "0x10"} {
		require.Equal(t, "Data Not Found", c.get(writer + "users/" + id + "?v=6.0").is(404).Object()["error"].(m)["message"])
	}
	c.do("DELETE", userURL(id), nil).is(200)
	c.get(userURL(id)).is(404)
	c.do("DELETE", userURL(id), nil).is(404)
	c.do("PUT", userURL(id), agent("a", m{"id": id})).is(404)
}

func TestServer_CreateOneOrSeveral(t *testing.T) {
	c := newCentre(t)
	several := c.do("POST", writer+"users?v=6.0", []m{agent("a"), agent("b")}).is(201)
	require.Equal(t, []any{"a", "b"}, simnettest.Each(several.Array(), "loginName"))
	require.Empty(t, several.Header.Get("location"))
	require.EqualValues(t, 1, several.revision())
	one := c.do("POST", writer+"users?v=6.0", agent("c")).is(201)
	require.Equal(t, "c", one.Object()["loginName"])
	require.Equal(t, account+"/configuration/le-users/users/"+text(one.id()), one.Header.Get("location"))
	inArray := c.do("POST", writer+"users?v=6.0", []m{agent("d")}).is(201)
	require.Len(t, inArray.Array(), 1)
	require.Empty(t, inArray.Header.Get("location"))
	for _, nonsense := range []string{"", "[]", "5", "[5]", "{", `{"a":1} x`, "null"} {
		c.do("POST", writer+"users?v=6.0", nonsense).is(400)
	}
	c.do("POST", writer+"users?v=6.0", []m{agent("e"), agent("f", m{"email": nil})}).is(400)
	require.Len(t, c.Users(), 4, "all or none")
}

func TestServer_RequiredFields(t *testing.T) {
	c := newCentre(t)
	for _, name := range []string{"loginName", "fullName", "nickname", "email", "isEnabled", "maxChats", "profileIds", "passwordSh"} {
		r := c.do("POST", writer+"users?v=6.0", agent("a", m{name: nil})).is(400)
		require.Contains(t, r.Body, name)
		c.do("POST", writer+"users?v=6.0", with(agent("a"), m{name: nil})).is(400) // null
		c.do("POST", writer+"users?v=6.0", with(agent("a"), m{name: ""})).is(400)
	}
	c.do("POST", writer+"users?v=6.0", agent("a", m{"passwordSh": "short"})).is(400)
	require.Empty(t, c.Users())
}

func TestServer_DuplicateLogin(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	c.do("POST", writer+"users?v=6.0", agent("a")).is(400)
	c.do("POST", writer+"users?v=6.0", []m{agent("b"), agent("b")}).is(400)
	c.do("DELETE", userURL(id), nil).is(200)
	c.do("POST", writer+"users?v=6.0", agent("a")).is(400) // still taken

	c = newCentre(t, WithDuplicateStatus(409), WithLoginNameReuse())
	id = c.create(agent("a"))
	c.do("POST", writer+"users?v=6.0", agent("a")).is(409)
	c.do("DELETE", userURL(id), nil).is(200)
	c.create(agent("a"))
}

func TestServer_AgentsNeedAGroup(t *testing.T) {
	c := newCentre(t)
	c.do("POST", writer+"users?v=6.0", agent("a", m{"memberOf": nil})).is(400)
	c.do("POST", writer+"users?v=6.0", agent("a", m{"memberOf": m{}})).is(400)
	c.do("POST", writer+"users?v=6.0", agent("a", m{"memberOf": []m{{"agentGroupId": -1}}})).is(400)
	c.create(agent("boss", m{"memberOf": nil, "profileIds": []int64{ProfileAgentManager}}))
}

func TestServer_APIUsers(t *testing.T) {
	bot := func(changes m) m { return agent("bot", m{"isApiUser": true, "userTypeId": 2}, changes) }
	c := newCentre(t)
	c.do("POST", writer+"users?v=6.0", bot(nil)).is(400)
	id := c.create(bot(m{"allowedAppKeys": "k"}))
	require.Nil(t, c.stored(id)["passwordSh"], "ignored")
	c.create(with(bot(m{"oauth2ClientId": "o", "passwordSh": nil}), m{"loginName": "bot2"}))
	c.do("PUT", writer+"users/"+text(id)+"/resetPassword?v=6.0", m{"newPassword": "long enough"}).is(400)

	c = newCentre(t, WithAPIUserPasswordRefused(), WithKeylessAPIUsers())
	c.do("POST", writer+"users?v=6.0", bot(nil)).is(400)
	c.create(bot(m{"passwordSh": nil}))
}

func TestServer_DefaultsAndServerFields(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		id := c.create(agent("a", m{"id": 5, "pid": "mine", "deleted": true, "dateUpdated": "x",
			"memberOf": m{"agentGroupId": -1, "assignmentDate": "year-month-date hrs:min:sec"}}))
		u := c.read(id)
		require.Equal(t, []any{false, json.Number("1"), false}, []any{u["isApiUser"], u["userTypeId"], u["deleted"]})
		require.Equal(t, "2000-01-01 00:00:00", u["memberOf"].(m)["assignmentDate"])
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, u["pid"])
		time.Sleep(time.Hour)
		u["memberOf"].(m)["assignmentDate"] = "2011-11-11 11:11:11"
		u["pid"] = "mine"
		c.put(u).is(200)
		require.Equal(t, "2000-01-01 00:00:00", c.read(id)["memberOf"].(m)["assignmentDate"], "read only")
		require.NotEqual(t, "mine", c.read(id)["pid"])
		require.Equal(t, "2000-01-01 01:00:00", c.read(id)["dateUpdated"])
		u["memberOf"] = m{"agentGroupId": c.AddGroup(m{"name": "g"})}
		c.put(u).is(200)
		require.Equal(t, "2000-01-01 01:00:00", c.read(id)["memberOf"].(m)["assignmentDate"])
	})
}

func TestServer_FullReplacement(t *testing.T) {
	c := newCentre(t)
	skill := c.AddSkill(m{"name": "s"})
	lob := c.AddLOB(m{"name": "l"})
	id := c.create(agent("a", m{
		"skillIds": []int64{skill}, "lobIds": []int64{lob}, "description": "d", "maxAsyncChats": 5, "changePwdNextLogin": true,
		"permissionGroups": []int{1}, "fromTheFuture": m{"x": 1},
	}))
	c.put(agent("a", m{"id": json.Number(text(id)), "passwordSh": nil})).is(200)
	u := c.read(id)
	for name, want := range (m{
		"skillIds": []any{}, "lobIds": []any{}, "permissionGroups": []any{}, "description": nil, "maxAsyncChats": nil,
		"changePwdNextLogin": false,
	}) {
		require.Contains(t, u, name)
		require.Equal(t, want, u[name], name)
	}
	require.NotContains(t, u, "fromTheFuture")
	for _, name := range []string{"id", "loginName", "fullName", "nickname", "email", "isEnabled", "maxChats", "profileIds", "memberOf"} {
		c.do("PUT", userURL(id), without(u, name)).is(400)
	}
	c.do("PUT", userURL(id), with(u, m{"id": 5})).is(400)
}

func TestUnknownFieldsAreKept(t *testing.T) {
	const future = `{"big":123456789012345678901234567890,"exp":1e400,"frac":0.10,"text":"a\u2028<&>ü","deep":[[{"n":null,"e":{}}],[]]}`
	c := newCentre(t)
	u := agent("a", m{"managerOf": []m{{"agentGroupId": -1, "future": json.RawMessage(future)}},
		"profileIds": []int64{ProfileAgent, ProfileAgentManager},
		"memberOf":   m{"agentGroupId": "-1", "future": json.RawMessage(future)}, "future": json.RawMessage(future), "gone": nil})
	u["nothing"] = nil
	id := c.create(u)
	for range 2 {
		got := c.read(id)
		var want any
		dec := json.NewDecoder(strings.NewReader(future))
		dec.UseNumber()
		require.NoError(t, dec.Decode(&want))
		require.Equal(t, want, got["future"])
		require.Equal(t, want, got["memberOf"].(m)["future"])
		require.Equal(t, want, got["managerOf"].([]any)[0].(m)["future"])
		require.Contains(t, got, "nothing")
		require.Equal(t, want, c.stored(id)["future"])
		c.put(got).is(200)
	}
}

func TestServer_LoginNameIsImmutable(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	require.Equal(t, "a", c.put(with(c.read(id), m{"loginName": "b"})).is(200).Object()["loginName"])
	c = newCentre(t, WithLoginNameChangeRefused())
	id = c.create(agent("a"))
	c.put(with(c.read(id), m{"loginName": "b"})).is(400)
	c.put(c.read(id)).is(200)
}

func TestServer_Password(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCentre(t)
		id := c.create(agent("a"))
		time.Sleep(time.Minute)
		c.put(c.read(id)).is(200)
		c.put(with(c.read(id), m{"passwordSh": nil})).is(200)
		c.put(with(c.read(id), m{"passwordSh": "Init-pass-01"})).is(200)
		require.Equal(t, "Init-pass-01", c.stored(id)["passwordSh"])
		require.Equal(t, "2000-01-01 00:00:00", c.read(id)["lastPwdChangeDate"])
		c.put(with(c.read(id), m{"passwordSh": "Next-pass-02"})).is(200)
		require.Equal(t, "Next-pass-02", c.stored(id)["passwordSh"])
		require.Equal(t, "2000-01-01 00:01:00", c.read(id)["lastPwdChangeDate"])
		for _, bad := range []m{{"passwordSh": ""}, {"passwordSh": "short"}, {"passwordSh": 12345678},
			{"passwordSh": "Third-pass-3", "confirmPassword": "other"}, {"passwordSh": "Third-pass-3", "oldPassword": "other"}} {
			c.put(with(c.read(id), bad)).is(400)
		}
		require.NotContains(t, c.stored(id), "future")
		require.Nil(t, c.stored(id)["confirmPassword"])
	})
}

func TestServer_DisabledManually(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	state := func() []any { u := c.read(id); return []any{u["isEnabled"], u["disabledManually"]} }
	require.Equal(t, []any{true, false}, state())
	c.put(without(with(c.read(id), m{"isEnabled": false}), "disabledManually")).is(200)
	require.Equal(t, []any{false, true}, state())
	c.put(with(c.read(id), m{"isEnabled": true, "disabledManually": nil})).is(200)
	require.Equal(t, []any{true, false}, state())
	c.put(with(c.read(id), m{"isEnabled": false, "disabledManually": false})).is(200)
	require.Equal(t, []any{false, false}, state(), "provided, so taken as it is")
	c.put(with(c.read(id), m{"disabledManually": true})).is(200)
	c.put(without(c.read(id), "disabledManually")).is(200)
	require.Equal(t, []any{false, false}, state(), "isEnabled did not change, so it is as lost as any other field")
}

func TestServer_LeavingARole(t *testing.T) {
	c := newCentre(t)
	skill := c.AddSkill(m{"name": "s"})
	id := c.create(agent("a", m{"skillIds": []int64{skill}, "maxAsyncChats": 4, "managerOf": []m{{"agentGroupId": -1}},
		"profileIds": []int64{ProfileAgent, ProfileAgentManager}}))
	got := c.put(with(c.read(id), m{"profileIds": []int64{ProfileAgentManager}})).is(200).Object()
	require.Equal(t, []any{nil, nil, nil, []any{}}, []any{got["maxChats"], got["maxAsyncChats"], got["memberOf"], got["skillIds"]})
	require.Len(t, got["managerOf"], 1)
	c.put(c.read(id)).is(200) // what was reset can be written back
	got = c.put(with(c.read(id), m{"profileIds": []int64{ProfileCampaignManager}})).is(200).Object()
	require.Empty(t, got["managerOf"])
	c.put(with(c.read(id), m{"managerOf": []m{{"agentGroupId": -1}}})).is(400)
	c.put(with(c.read(id), m{"profileIds": []int64{ProfileAgent}})).is(400)
	c.put(with(c.read(id), m{"profileIds": []int64{ProfileAgent}, "maxChats": 1, "memberOf": m{"agentGroupId": -1}})).is(200)
}

func TestServer_UnknownReferences(t *testing.T) {
	unknown := []m{
		{"skillIds": []int{5}}, {"profileIds": []int64{ProfileAgent, 5}}, {"lobIds": []int{5}}, {"memberOf": m{"agentGroupId": 5}},
		{"managerOf": []m{{"agentGroupId": 5}}, "profileIds": []int64{ProfileAgent, ProfileAgentManager}},
	}
	c := newCentre(t)
	id := c.create(agent("a"))
	for _, change := range unknown {
		c.put(with(c.read(id), change)).is(400)
		c.do("POST", writer+"users?v=6.0", agent("b", change)).is(400)
	}
	c.put(with(c.read(id), m{"profileIds": []int64{}})).is(400)
	senior := c.AddProfile(m{"name": "Senior", "roleTypeId": 2})
	c.put(with(c.read(id), m{"profileIds": []int64{ProfileAgent, senior}})).is(400) // one per role
	gone := c.AddSkill(m{"name": "gone"})
	c.do("DELETE", writer+"skills/"+text(gone)+"?v=4.0", nil).is(200)
	c.put(with(c.read(id), m{"skillIds": []int64{gone}})).is(400)

	c = newCentre(t, WithUnknownReferencesIgnored())
	id = c.create(agent("a"))
	for _, change := range unknown {
		c.put(with(c.read(id), change)).is(200)
		u := c.read(id)
		require.Empty(t, u["skillIds"])
		require.Empty(t, u["lobIds"])
		require.Empty(t, u["managerOf"])
		require.Equal(t, json.Number("-1"), u["memberOf"].(m)["agentGroupId"])
	}
	c.put(with(c.read(id), m{"profileIds": []int{5}})).is(400) // none is left
}

func TestServer_Batches(t *testing.T) {
	c := newCentre(t)
	a, b := c.create(agent("a")), c.create(agent("b"))
	before := c.Revision("users")
	batch := []m{with(c.read(a), m{"nickname": "A"}), with(c.read(b), m{"nickname": "B"})}
	r := c.do("PUT", writer+"users?v=6.0", batch, "If-Match", text(before)).is(200)
	require.Equal(t, []any{"A", "B"}, simnettest.Each(r.Array(), "nickname"))
	require.Equal(t, before+1, r.revision())
	c.do("PUT", writer+"users?v=6.0", []m{with(batch[0], m{"nickname": "AA"}), with(batch[1], m{"id": 5})}).is(404)
	require.Equal(t, "A", c.stored(a)["nickname"], "all or none")
	c.do("PUT", writer+"users?v=6.0", []m{batch[0], batch[0]}).is(400)
	c.do("PUT", writer+"users?v=6.0", batch[0]).is(400)
	c.do("PUT", writer+"users?v=6.0", []m{without(batch[0], "id")}).is(400)

	c.do("DELETE", writer+"users?v=6.0", []string{text(a), "5"}).is(404)
	for _, nonsense := range []any{nil, []string{}, m{}, []string{"x"}, []string{text(a), text(a)}, text(a)} {
		c.do("DELETE", writer+"users?v=6.0", nonsense).is(400)
	}
	require.Len(t, c.Users(), 2)
	r = c.do("DELETE", writer+"users?v=6.0", []string{text(a), text(b)}, "If-Match", "-1").is(200)
	require.Equal(t, []any{true, true}, simnettest.Each(r.Array(), "deleted"))
	require.Empty(t, c.Users())

	c = newCentre(t, WithPartialBatches(), WithEmptyDeletes())
	a, b = c.create(agent("a")), c.create(agent("b"))
	r = c.do("PUT", writer+"users?v=6.0", []m{with(c.read(a), m{"id": 5}), with(c.read(b), m{"nickname": "B"})}).is(200)
	require.Equal(t, []any{"b"}, simnettest.Each(r.Array(), "loginName"))
	require.Empty(t, c.do("DELETE", writer+"users?v=6.0", []any{5, a}).is(200).Body)
	require.Len(t, c.Users(), 1)
	c.do("DELETE", writer+"users?v=6.0", []any{5}).is(404)
	require.Empty(t, c.do("DELETE", userURL(b), nil).is(200).Body)
}

func TestServer_MethodOverride(t *testing.T) {
	c := newCentre(t)
	const header = "X-HTTP-Method-Override"
	a, b := c.create(agent("a")), c.create(agent("b"))
	for i, method := range []string{"POST", "PUT"} {
		nick := []string{"one", "two"}[i]
		c.do(method, userURL(a), with(c.read(a), m{"nickname": nick}), header, "PUT").is(200)
		require.Equal(t, nick, c.stored(a)["nickname"])
		c.do(method, writer+"users?v=6.0", []m{c.read(a)}, header, "PUT").is(200)
	}
	require.Len(t, c.Requests("Users.Replace"), 2)
	require.Len(t, c.Requests("Users.ReplaceMany"), 2)
	c.do("POST", userURL(a), nil, header, "DELETE").is(200)
	c.do("POST", writer+"users?v=6.0", []string{text(b)}, header, "DELETE").is(200)
	require.Empty(t, c.Users())
	c.do("POST", writer+"users?v=6.0", nil, header, "PATCH").is(405)
	c.do("GET", writer+"users?v=6.0", nil, header, "DELETE").is(200)
	require.Equal(t, "unknown", c.Requests()[len(c.Requests())-2].Op)
}

func TestServer_Passwords(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	reset := writer + "users/" + text(id) + "/resetPassword?v=6.0"
	before := c.Revision("users")
	require.Equal(t, before+1, c.do("PUT", reset, m{"newPassword": "Reset-pass-1"}).is(200).revision())
	require.Equal(t, "Reset-pass-1", c.stored(id)["passwordSh"])
	c.do("PUT", reset, m{"newPassword": "short"}).is(400)
	c.do("PUT", reset, m{}).is(400)
	c.do("PUT", writer+"users/5/resetPassword?v=6.0", m{"newPassword": "Reset-pass-1"}).is(404)
	own := *c
	own.bearer = c.login("a", "Reset-pass-1").is(200).Object()["bearer"].(string)
	own.do("PUT", reset, m{"newPassword": "Reset-pass-1"}).is(403)
	c.put(with(c.read(id), m{"isEnabled": false})).is(200)
	require.Contains(t, c.do("PUT", reset, m{"newPassword": "Reset-pass-1"}).is(400).Body, "Process failed")
}

func TestServer_Revisions(t *testing.T) {
	c := newCentre(t)
	all := func() [4]int64 {
		return [4]int64{c.Revision("users"), c.Revision("skills"), c.Revision("agentGroups"), c.Revision("lobs")}
	}
	grows := func(i int, write func()) {
		t.Helper()
		want := all()
		want[i]++
		write()
		require.Equal(t, want, all())
	}
	var id int64
	grows(0, func() { id = c.create(agent("a")) })
	grows(0, func() { c.put(c.read(id)) })
	grows(0, func() { c.do("DELETE", userURL(id), nil).is(200) })
	grows(0, func() { c.AddUsers(3) })
	grows(0, func() { c.BumpRevision("users") })
	grows(1, func() { c.do("POST", writer+"skills?v=4.0", m{"name": "s"}).is(201) })
	grows(2, func() {
		c.do("POST", writer+"agentGroups?v=4.0", m{"name": "g", "isEnabled": true, "parentGroupId": -1}).is(201)
	})
	grows(3, func() { c.do("POST", writer+"lobs?v=4.0", m{"name": "l"}).is(201) })
	before := all()
	c.do("POST", writer+"users?v=6.0", m{}).is(400)
	c.do("DELETE", userURL(5), nil).is(404)
	require.Equal(t, before, all(), "a refused write does not count")
}

func TestServer_ConditionalReads(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("a"))
	c.create(agent("b"))
	for _, url := range []string{reader + "users?v=6.0", userURL(id)} {
		r := c.get(url, "If-Match", "2").is(304)
		require.Empty(t, r.Body)
		require.EqualValues(t, 2, r.revision())
		require.NotEmpty(t, c.get(url, "If-Match", "1").is(200).Body)
		require.NotEmpty(t, c.get(url, "If-Match", "-1").is(200).Body)
		require.NotEmpty(t, c.get(url, "If-Match", "*").is(200).Body)
		c.get(url, "If-Match", `"2"`).is(400)
	}
}

func TestServer_GuardedWrites(t *testing.T) {
	for _, status := range []int{412, 409} {
		c := newCentre(t, WithStaleStatus(status))
		id := c.create(agent("a"))
		stale := text(c.Revision("users"))
		c.ChangeUser(id, m{"nickname": "somebody else's"})
		c.put(c.read(id), "If-Match", stale).is(status)
		c.do("PUT", writer+"users?v=6.0", []m{c.read(id)}, "If-Match", stale).is(status)
		c.do("DELETE", userURL(id), nil, "If-Match", stale).is(status)
		c.do("DELETE", writer+"users?v=6.0", []string{text(id)}, "If-Match", stale).is(status)
		c.put(c.read(id), "If-Match", "99").is(status)
		c.put(c.read(id), "If-Match", "first").is(400)
		require.Equal(t, "somebody else's", c.stored(id)["nickname"])
		c.put(c.read(id), "If-Match", text(c.Revision("users"))).is(200)
		c.put(c.read(id), "If-Match", "-1").is(200)
		c.put(c.read(id), "If-Match", "*").is(200)
		c.put(c.read(id)).is(200)
	}
	c := newCentre(t, WithRevisionRequired())
	id := c.create(agent("a"))
	c.put(c.read(id)).is(412)
	c.do("DELETE", userURL(id), nil).is(412)
	c.put(c.read(id), "If-Match", "-1").is(200)
}

func TestServer_Types(t *testing.T) {
	c := newCentre(t)
	skill := c.AddSkill(m{"name": "s"})
	id := c.create(agent("a", m{
		"isEnabled": "true", "maxChats": "4", "maxAsyncChats": "10", "isApiUser": "false", "userTypeId": "1",
		"skillIds": []string{text(skill)}, "permissionGroups": []string{"1"}, "memberOf": m{"agentGroupId": "-1"},
	}))
	c.do("PUT", userURL(id), with(c.read(id), m{"id": text(id), "deleted": "false"})).is(200)
	u := c.read(id)
	for name, want := range (m{
		"id": json.Number(text(id)), "isEnabled": true, "maxChats": json.Number("4"), "maxAsyncChats": json.Number("10"),
		"skillIds": []any{json.Number(text(skill))}, "permissionGroups": []any{json.Number("1")},
	}) {
		require.Equal(t, want, u[name], name)
	}
	for _, bad := range []m{{"isEnabled": "yes"}, {"isEnabled": 1}, {"maxChats": 1.5}, {"maxChats": "many"}, {"maxChats": -1},
		{"skillIds": "1"},
		{"skillIds": []any{nil}}, {"nickname": 5}, {"memberOf": "x"}, {"managerOf": m{}}, {"userTypeId": 3}, {"loginName": true}} {
		c.put(with(c.read(id), bad)).is(400)
	}

	c = newCentre(t, WithSampleTypes())
	skill = c.AddSkill(m{"name": "s"})
	id = c.create(agent("a", m{"skillIds": []int64{skill}, "permissionGroups": []int{1}}))
	u = c.read(id)
	for name, want := range (m{
		"id": text(id), "deleted": "false", "isEnabled": "true", "maxChats": "2", "maxAsyncChats": nil, "permissionGroups": []any{"1"},
		"skillIds": []any{json.Number(text(skill))}, "disabledManually": false, "isApiUser": false, "userTypeId": json.Number("1"),
		"changePwdNextLogin": false, "dateUpdated": "year-month-date hrs:min:sec",
	}) {
		require.Equal(t, want, u[name], name)
	}
	require.Equal(t, "-1", u["memberOf"].(m)["agentGroupId"])
	c.do("PUT", userURL(id), u).is(200) // and takes it back
	group := c.get(writer + "agentGroups/-1?v=4.0").Object()
	require.Equal(t, []any{"-1", "true", nil}, []any{group["id"], group["isEnabled"], group["parentGroupId"]})
}

func TestServer_Dates(t *testing.T) {
	c := newCentre(t)
	u := c.read(c.create(agent("a")))
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`)
	for _, date := range []any{u["dateUpdated"], u["lastPwdChangeDate"], u["memberOf"].(m)["assignmentDate"]} {
		require.Regexp(t, form, date)
	}
}

func TestServer_Versions(t *testing.T) {
	c := newCentre(t)
	id := c.create(agent("bot", m{"isApiUser": true, "oauth2ClientId": "o", "passwordSh": nil}))
	url := writer + "users/" + text(id)
	for query, has := range map[string]bool{"": false, "?v=2.0": false, "?v=4.0": false, "?v=5": false, "?v=6": true, "?v=6.0": true} {
		u := c.get(url + query).is(200).Object()
		_, ok := u["oauth2ClientId"]
		require.Equal(t, has, ok, query)
		if query != "" {
			c.do("PUT", url+query, u).is(200)
			require.Equal(t, "o", c.stored(id)["oauth2ClientId"], "an old version does not know the field")
		}
	}
	for _, bad := range []string{"abc", "", "6.0.0", "-1", "0", "60", "NaN", "1e0", "+6", "0x6"} {
		c.get(url + "?v=" + bad).is(400)
		c.get(writer + "agentGroups?v=" + bad).is(400)
	}
	newCentre(t, WithVersionRequired()).get(writer + "users").is(400)
}

func TestServer_IDs(t *testing.T) {
	c := newCentre(t, WithSampleData())
	again := newCentre(t, WithSampleData())
	require.Equal(t, c.Users()[7]["id"], again.Users()[7]["id"], "the same every time")
	for _, collection := range []string{"users", "skills", "agentGroups", "profiles", "lobs"} {
		for _, o := range c.get(writer + collection + "?v=4.0").is(200).Array() {
			id, err := o["id"].(json.Number).Int64()
			require.NoError(t, err)
			require.True(t, id > 1<<32 || id == RootGroup, "%s %d", collection, id)
		}
	}
}
