package avayatest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMembershipIsVisibleFromBothSides(t *testing.T) {
	a := newAPI(t)
	ann := a.srv.AddUser(person(object{"loginId": "ann@example.com"}))
	bob := a.srv.AddUser(person(object{"loginId": "bob@example.com"}))
	g := a.srv.AddGroup(object{"name": "Nights", "resources": []object{{"type": "User", "resourceIds": []string{ann}}}})
	members := func() any { return a.ok(200, "GET", "/groups/"+g, nil).at("resources", 0, "resourceIds") }
	groups := func(id string) any { return a.ok(200, "GET", "/users/"+id, nil).at("memberOfGroups") }

	require.Equal(t, []any{g}, groups(ann))
	a.ok(202, "PUT", "/users/"+bob, person(object{"loginId": "bob@example.com", "memberOfGroups": []string{g}}))
	require.Equal(t, []any{ann, bob}, members())
	a.ok(202, "PUT", "/users/"+ann, person(object{"loginId": "ann@example.com"}))
	require.Equal(t, []any{bob}, members())
	require.Equal(t, []any{bob}, a.ok(200, "GET", "/groups", nil).at("groups", 0, "resources", 0, "resourceIds"))

	// Members through a profile are members.
	p := a.srv.AddProfile(object{"memberOfGroups": []string{g}})
	a.ok(202, "PUT", "/users/"+ann, person(object{"loginId": "ann@example.com", "profileId": p}))
	require.Equal(t, []any{ann, bob}, members())
	own, _ := a.srv.User(ann)
	require.NotContains(t, own, "memberOfGroups", "nothing is stored with ann")
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
}
