package core_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestUserSpec_SetFieldIsWhatItsChangeNames(t *testing.T) {
	for _, name := range core.Fields() {
		var value any = "text"
		switch name {
		case "enabled":
			value = false
		case "roles":
			value = []string{"Agent"}
		}
		var spec core.UserSpec

		spec.SetField(name, value)
		got, named := spec.Change().Field(name)
		require.True(t, named, name)
		require.Equal(t, value, got)

		spec.SetField(name, nil)
		require.Equal(t, core.UserSpec{}, spec)
	}
	require.Panics(t, func() { new(core.UserSpec).SetField("shoeSize", "42") })
	require.Panics(t, func() { new(core.UserSpec).SetField("login", 42) })
}
