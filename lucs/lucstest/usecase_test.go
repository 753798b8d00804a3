package lucstest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

// The vendor's use case UC LUCS API 002, "Control Users", step by step.
func TestUseCaseControlUsers(t *testing.T) {
	s := sample(t)

	found := s.members(ServiceFrench, "?isSelectable=true")
	require.Len(t, found, 1)
	id := found[0]["Id"].(string)
	require.Equal(t, UserMara, id)
	require.Equal(t, false, found[0]["IsBlockedByLuwareApi"])
	presence := found[0]["PresenceState"]

	blocked := s.block(id).is(200).Object()
	require.Equal(t, true, blocked["IsBlockedByLuwareApi"])
	require.Equal(t, presence, blocked["PresenceState"])
	task := s.task(ServiceFrench)
	state, agent := s.state(task)
	require.Equal(t, "Pending", state)
	require.Nil(t, agent)

	require.Equal(t, false, s.unblock(id).is(200).Object()["IsBlockedByLuwareApi"])
	after := s.member(ServiceFrench, id)
	require.Equal(t, false, after["IsBlockedByLuwareApi"])
	require.Equal(t, false, after["IsSelectable"])
	require.Equal(t, "Online", after["PresenceState"])
	state, agent = s.state(task)
	require.Equal(t, "Accepted", state)
	require.Equal(t, after["SipUri"], agent)

	require.Empty(t, s.setPresence(id, "DoNotDisturb").is(200).Body)
	after = s.member(ServiceFrench, id)
	require.Equal(t, "DoNotDisturb", after["PresenceState"])
	require.Equal(t, false, after["IsBlockedByLuwareApi"])
}
