package livepersontest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestSeed_PanicsOnMistakes(t *testing.T) {
	sim := NewServer()
	sim.AddUser(`{"loginName":"a"}`)
	for _, bad := range []any{`{`, `[]`, m{}, m{"loginName": "a"}, m{"loginName": "b", "isEnabled": "perhaps"}, func() {}} {
		require.Panics(t, func() { sim.AddUser(bad) })
	}
	require.Panics(t, func() { sim.SetPresence(5, Online, "") })
	require.Panics(t, func() { sim.ChangeUser(5, m{}) })
	require.Panics(t, func() { sim.Revision("robots") })
}
