package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// TestBlock blocks and restores a person at every vendor that can block.
func TestBlock(t *testing.T) {
	for _, v := range fleet.All {
		synctest.Test(t, func(t *testing.T) {
			f, end, err := fleet.Open([]fleet.Member{{Name: v.Name, Vendor: v}}, fleet.Settings{BlockLog: roster.BlockLog}, true)
			require.NoError(t, err)
			defer end(t.Context())
			u, err := fleet.Find(t.Context(), f[v.Name], v.Sample)
			require.NoError(t, err)
			state := func() string {
				links, err := core.Collect(f[v.Name].ListAssignments(t.Context(), core.AssignmentQuery{UserID: u.ID}))
				require.NoError(t, err)
				seen, err := f[v.Name].Presence(t.Context(), u.ID)
				require.True(t, err == nil || errors.Is(err, errors.ErrUnsupported))
				text, err := json.Marshal([]any{links, seen.Blocked})
				require.NoError(t, err)
				return string(text)
			}
			before := state()
			var out strings.Builder
			journal, err := roster.OpenFile(filepath.Join(t.TempDir(), "record"))
			require.NoError(t, err)
			defer journal.Close()
			run := roster.Run{Fleet: f, Journal: journal}
			logins := map[string][]string{v.Name: {v.Sample}}
			code := settings{}.block(t.Context(), &out, run, logins)
			if v.Capabilities().Of(core.OpBlock).Support == core.NotOffered {
				require.Equal(t, 3, code, "whoever reads the exit code must know that somebody can still work")
				require.Contains(t, out.String(), "nobody can be blocked")
				return
			}
			require.Equal(t, 0, code, out.String())
			require.NotEqual(t, before, state(), v.Name)

			// Blocked again, it changes nothing, and the record loses nothing.
			again := state()
			require.Equal(t, 0, settings{}.block(t.Context(), &out, run, logins), out.String())
			require.Equal(t, again, state())
			members, err := recorded(t.Context(), journal)
			require.NoError(t, err)
			require.Equal(t, v.Name, members[0].Name)
			require.Equal(t, 0, restore(t.Context(), &out, run), out.String())
			require.Equal(t, before, state(), v.Name)

			// As a lease it ends by itself.
			require.Equal(t, 0, settings{lease: time.Hour}.block(t.Context(), &out, run, logins), out.String())
			require.NotEqual(t, before, state(), v.Name)
			time.Sleep(time.Hour)
			_, err = run.Reap(t.Context())
			require.NoError(t, err)
			require.Equal(t, before, state(), v.Name)
		})
	}
}

func TestRun_OnTheSimulators(t *testing.T) {
	var out strings.Builder
	code := settings{sim: true}.run(context.Background(), &out, nil)
	require.Equal(t, 3, code, "Avaya blocks nobody")
	for _, v := range fleet.All {
		require.Contains(t, out.String(), "\n"+v.Name+": ", "%s is told of", v.Name)
	}
	for _, v := range []string{"libh3lp", "liveperson", "lucs", "webex"} {
		require.Contains(t, out.String(), "/"+v+"/presence.unblock", "and restored")
	}
	require.Contains(t, out.String(), "NOT blocked everywhere")
}

func TestRun_ARecordOfNothingRestoresNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "record.json")
	journal, err := roster.OpenFile(file)
	require.NoError(t, err)
	require.NoError(t, journal.Close())
	var out strings.Builder
	require.Equal(t, 0, settings{restore: file}.run(t.Context(), &out, nil))
	require.Contains(t, out.String(), "nothing to restore")

	require.NoError(t, os.WriteFile(file, []byte("[{}]"), 0o600))
	require.Equal(t, 2, settings{record: file}.run(t.Context(), &out, []string{"avaya=x"}), "a file that is no record is not written over")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "[{}]", string(data))
}

func TestRun_WrongUsage(t *testing.T) {
	for _, c := range []struct{ record, restore, arg, want string }{
		{"", "", "avaya=x", "-record is missing"},
		{"x", "", "avaya", "not VENDOR=LOGIN"},
		{"x", "", "acme=x", "no vendor"},
		{"", filepath.Join(t.TempDir(), "none"), "", "none"},
	} {
		var out strings.Builder
		require.Equal(t, 2, settings{record: c.record, restore: c.restore}.run(t.Context(), &out, []string{c.arg}))
		require.Contains(t, out.String(), c.want)
	}
}
