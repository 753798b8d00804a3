package core_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestLevelRange_HoldsItsEnds(t *testing.T) {
	for _, c := range []struct {
		levels core.LevelRange
		level  int
		want   bool
	}{
		{core.LevelRange{Min: 1, Max: 16}, 0, false},
		{core.LevelRange{Min: 1, Max: 16}, 1, true},
		{core.LevelRange{Min: 1, Max: 16}, 16, true},
		{core.LevelRange{Min: 1, Max: 16}, 17, false},
		{core.LevelRange{Min: 1}, 1_000_000, true},
		{core.LevelRange{Min: 1}, 0, false},
	} {
		require.Equal(t, c.want, c.levels.Holds(c.level), "%v %d", c.levels, c.level)
	}
}

// TestCapabilitiesField: a field that a vendor does not mention is not offered.
func TestCapabilitiesField(t *testing.T) {
	caps := core.Capabilities{Fields: []core.FieldCapability{{Name: "login", Wire: "name"}, {Name: "email", Wire: "mail", Settable: true}}}
	require.Equal(t, core.FieldCapability{Name: "email", Wire: "mail", Settable: true}, caps.Field("email"))
	require.Equal(t, core.FieldCapability{Name: "roles"}, caps.Field("roles"))
}
