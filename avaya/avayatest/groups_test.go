package avayatest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGroupLife(t *testing.T) {
	a := newAPI(t)
	users := a.srv.AddUsers(2)
	res := a.ok(201, "POST", "/groups", object{"name": "Nights", "description": "", "organizationNodeId": "",
		"resources": []object{{"type": "User", "resourceIds": users[:1]}}})
	id := res.at("groupId").(string)
	require.Equal(t, res.json, a.ok(200, "GET", "/groups/"+id, nil).json)
	require.Equal(t, []string{"name"}, violations(a.ok(409, "POST", "/groups", `{"name":"Nights"}`)))
	other := a.ok(201, "POST", "/groups", `{"name":"Days"}`).at("groupId").(string)
	require.Equal(t, []string{"name"}, violations(a.ok(409, "PUT", "/groups/"+other, `{"name":"Nights"}`)))
	res = a.ok(200, "PUT", "/groups/"+id, `{"name":"Late"}`)
	require.Equal(t, []string{"groupId", "name"}, keysOf(res.json), "replace means replace")
	require.Empty(t, a.ok(204, "DELETE", "/groups/"+id, nil).raw)
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		res := a.ok(404, method, "/groups/"+id, `{"name":"Late"}`)
		require.Contains(t, res.at("detail"), id)
	}
	require.Equal(t, []any{"User"}, a.send("GET", "/api/admin/group/v1/group-types", "", a.header()).json)
}

func TestGroupLimits(t *testing.T) {
	a := newAPI(t)
	ids := make([]string, 501)
	for i := range ids {
		ids[i] = nobody
	}
	entry := func(kind any, ids any) object {
		return object{"name": "G", "resources": []object{{"type": kind, "resourceIds": ids}}}
	}
	for wrong, body := range map[string]object{
		"name 20002":                  {},
		"name 20006":                  {"name": "a=b"},
		"resources":                   {"name": "G", "resources": []any{}},
		"resources[0].type":           entry("Queue", nil),
		"resources[0].type 20002":     entry(nil, nil),
		"resources[0].resourceIds":    entry("User", ids),
		"resources[0].resourceIds[0]": entry("User", ids[:1]), // nobody is there
		"organizationNodeId 20006":    {"name": "G", "organizationNodeId": "7"},
		"description 20006":           {"name": "G", "description": "<"},
	} {
		require.Equal(t, wrong, violations(a.ok(400, "POST", "/groups", body))[0])
	}
	require.Empty(t, a.srv.Groups())
}

func TestMembershipIsVisibleFromBothSides(t *testing.T) {
	a := newAPI(t)
	ann := a.srv.AddUser(person(object{"loginId": "ann@example.com"}))
	bob := a.srv.AddUser(person(object{"loginId": "bob@example.com"}))
	g := a.ok(201, "POST", "/groups", object{"name": "Nights", "resources": []object{{"type": "User", "resourceIds": []string{ann}}}}).at("groupId").(string)
	members := func() any { return a.ok(200, "GET", "/groups/"+g, nil).at("resources", 0, "resourceIds") }
	groups := func(id string) any { return a.ok(200, "GET", "/users/"+id, nil).at("memberOfGroups") }

	require.Equal(t, []any{g}, groups(ann))
	a.ok(202, "PUT", "/users/"+bob, person(object{"loginId": "bob@example.com", "memberOfGroups": []string{g}}))
	require.Equal(t, []any{ann, bob}, members())
	a.ok(202, "PUT", "/users/"+ann, person(object{"loginId": "ann@example.com"}))
	require.Equal(t, []any{bob}, members())
	a.ok(200, "PUT", "/groups/"+g, object{"name": "Nights", "resources": []object{{"type": "User", "resourceIds": []string{ann}}}})
	require.Equal(t, []any{g}, groups(ann))
	require.Equal(t, []any{}, groups(bob))
	require.Equal(t, []any{ann}, a.ok(200, "GET", "/groups", nil).at("groups", 0, "resources", 0, "resourceIds"))

	// Members through a profile are members, until the group says otherwise.
	p := a.srv.AddProfile(object{"memberOfGroups": []string{g}})
	a.ok(202, "PUT", "/users/"+bob, person(object{"loginId": "bob@example.com", "profileId": p}))
	require.Equal(t, []any{ann, bob}, members())
	a.ok(200, "PUT", "/groups/"+g, object{"name": "Nights", "resources": []object{{"type": "User", "resourceIds": []string{bob, ann}}}})
	own, _ := a.srv.User(bob)
	require.NotContains(t, own, "memberOfGroups", "nothing changed for bob")
	a.ok(200, "PUT", "/groups/"+g, object{"name": "Nights", "resources": []object{{"type": "User", "resourceIds": []string{ann}}}})
	require.Equal(t, []any{}, groups(bob))
	a.ok(204, "DELETE", "/groups/"+g, nil)
	require.Equal(t, []any{}, groups(ann))
}

func TestGroupsBeyond500MembersAreSplit(t *testing.T) {
	a := newAPI(t)
	g := a.srv.AddGroup(nil)
	for i := range 501 {
		a.srv.AddUser(object{"loginId": fmt.Sprintf("a%d@example.com", i), "memberOfGroups": []string{g}})
	}
	res := a.ok(200, "GET", "/groups/"+g, nil)
	require.Len(t, res.at("resources", 0, "resourceIds"), 500)
	require.Len(t, res.at("resources", 1, "resourceIds"), 1)
	require.Len(t, a.ok(200, "PUT", "/groups/"+g, res.json).at("resources", 1, "resourceIds"), 1)
}
