package rest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestAFieldIsNamedInOneWay(t *testing.T) {
	neutral := map[string]bool{"email": true, "login": false}
	for _, fields := range []map[string]any{nil, {"login": "a"}, {"other": 1}, {"email": core.Opt[any]{}}} {
		require.NoError(t, NamedTwice("acme", "Users.Update", fields, neutral), "%v", fields)
	}
	for _, v := range []any{"a", nil, core.Clear[any](), core.Set[any]("a"), core.Secret{}} {
		err := NamedTwice("acme", "Users.Update", map[string]any{"email": v, "other": 1}, neutral)
		require.ErrorIs(t, err, core.ErrInvalid, "%v", v)
		require.Contains(t, err.Error(), "email is named in two ways")
	}
}

func TestAPointerToNothingIsAbsent(t *testing.T) {
	require.True(t, Absent(nil))
	require.True(t, Absent((*Bearer)(nil)))
	require.False(t, Absent(Bearer{}))
	require.False(t, Absent(&Bearer{}))
}
