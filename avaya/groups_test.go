package avaya_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/core"
)

func TestGroupsListMembers_ListsEachOnce(t *testing.T) {
	const path = "/api/admin/group/v1/accounts/QWERTY/groups/" + someUser
	group := func(ids string) *avaya.Client {
		c, _ := mocked(t, "GET", path, answered(200, `{"groupId":"`+someUser+`","name":"Team","resources":[{"type":"User","resourceIds":[`+ids+`]},
			{"type":"User","resourceIds":["`+strings.ToUpper(otherUser)+`"]}]}`))
		return c
	}
	query := core.AssignmentQuery{Target: core.Target{Kind: core.KindGroup, ID: someUser}}
	all, err := core.Collect(group(`"`+otherUser+`","a","a"`).Store().ListAssignments(t.Context(), query))
	require.NoError(t, err)
	require.Len(t, all, 2)
	members, err := core.Collect(group(`"`+otherUser+`","a","a"`).Groups.ListMembers(t.Context(), someUser))
	require.NoError(t, err)
	require.Equal(t, []string{otherUser, "a"}, members)
	for _, none := range []string{"null", `""`} {
		_, err = core.Collect(group(none).Store().ListAssignments(t.Context(), query))
		senseless(t, err, 200, core.AppliedNo)
		_, err = core.Collect(group(none).Groups.ListMembers(t.Context(), someUser))
		senseless(t, err, 200, core.AppliedNo)
	}
}
