package main

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// TestLeave sends a person away at every vendor, and looks whether what the
// program says is so.
func TestLeave(t *testing.T) {
	for _, v := range fleet.All {
		synctest.Test(t, func(t *testing.T) {
			store, end, err := v.Connect(fleet.Settings{}, true)
			require.NoError(t, err)
			defer end(t.Context())
			a := fleet.Account{Person: fleet.Person{Vendor: v, Login: v.Sample}, Store: store}
			u, err := a.Find(t.Context())
			require.NoError(t, err)

			var dry report
			require.False(t, leave(t.Context(), a, &dry, false))
			require.Contains(t, strings.Join(dry.lines, "\n"), "would be blocked")
			_, err = store.GetUser(t.Context(), u.ID)
			require.NoError(t, err, "nothing was done")

			var r report
			gone := leave(t.Context(), a, &r, true)
			text := strings.Join(r.lines, "\n")
			_, err = store.GetUser(t.Context(), u.ID)
			require.Equal(t, errors.Is(err, core.ErrNotFound), gone, text)
			if v.Capabilities().Of(core.OpDeleteUser).Support != core.NotOffered {
				require.True(t, gone, text)
				require.Contains(t, text, "read back: the user is gone")
			} else {
				require.Contains(t, text, "read back: the user is blocked")
			}
			if gone {
				var again report
				require.True(t, leave(t.Context(), a, &again, true), "it can be run again")
				require.Equal(t, []string{"nobody has this login"}, again.lines)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	var out strings.Builder
	require.Equal(t, 2, run(t.Context(), &out, false, true, nil))
	require.Contains(t, out.String(), "nobody is named")
	out.Reset()
	t.Setenv("AVAYA_BASE_URL", "")
	require.Equal(t, 2, run(t.Context(), &out, false, true, []string{"avaya=x"}))
	require.Contains(t, out.String(), "AVAYA_BASE_URL")
}
