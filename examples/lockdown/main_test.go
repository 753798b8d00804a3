package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// TestLockdown blocks and restores a person at every vendor that can block.
func TestLockdown(t *testing.T) {
	for _, v := range fleet.All {
		synctest.Test(t, func(t *testing.T) {
			people, err := fleet.ParsePeople([]string{v.Name + "=" + v.Sample}, true)
			require.NoError(t, err)
			accounts, end, err := fleet.Reach(people, fleet.Settings{}, true)
			require.NoError(t, err)
			defer end(t.Context())
			u, err := accounts[0].Find(t.Context())
			require.NoError(t, err)
			state := func() string {
				links, err := core.Collect(accounts[0].Store.ListAssignments(t.Context(), core.AssignmentQuery{UserID: u.ID}))
				require.NoError(t, err)
				seen, err := look(t.Context(), accounts[0].Store, u.ID)
				require.NoError(t, err)
				text, err := json.Marshal([]any{links, seen.Blocked})
				require.NoError(t, err)
				return string(text)
			}
			before := state()
			var out strings.Builder
			file := filepath.Join(t.TempDir(), "record.json")
			log := &journal{file: file}
			code := block(t.Context(), &out, accounts, log)
			if v.Capabilities().Of(core.OpBlock).Support == core.NotOffered {
				require.Equal(t, 3, code, "whoever reads the exit code must know that somebody can still work")
				require.Contains(t, out.String(), "unsupported")
				require.NoFileExists(t, file)
				return
			}
			require.Equal(t, 0, code, out.String())
			require.Contains(t, out.String(), ", blocked")
			require.NotEqual(t, before, state(), v.Name)

			// Blocked again, it changes nothing, and the file loses nothing.
			again := &journal{file: file}
			require.NoError(t, again.load())
			require.Equal(t, log.entries, again.entries)
			require.Equal(t, 0, block(t.Context(), &out, accounts, again), out.String())
			fromDisk := &journal{file: file}
			require.NoError(t, fromDisk.load())
			require.Equal(t, log.entries, fromDisk.entries)
			require.Equal(t, []string{v.Name + "=" + v.Sample}, fromDisk.people())
			require.Equal(t, 0, unblock(t.Context(), &out, accounts, fromDisk.entries), out.String())
			require.Equal(t, before, state(), v.Name)
		})
	}
}

func TestSimRun(t *testing.T) {
	var out strings.Builder
	code := run(context.Background(), &out, true, "", "", nil)
	require.Equal(t, 3, code, "Avaya blocks nobody")
	for _, v := range fleet.All {
		require.Equal(t, 2, strings.Count(out.String(), "\n"+v.Name+" "), "%s is told of, blocked and restored", v.Name)
	}
	require.Contains(t, out.String(), "NOT blocked everywhere")
}

func TestARecordOfNothingRestoresNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "record.json")
	require.NoError(t, os.WriteFile(file, []byte("[]"), 0o600))
	var out strings.Builder
	require.Equal(t, 0, run(t.Context(), &out, false, "", file, nil))
	require.Contains(t, out.String(), "nothing to restore")
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	require.Equal(t, 2, run(t.Context(), &out, false, file, "", []string{"avaya=x"}), "a file that is no record is not written over")
}

func TestUsage(t *testing.T) {
	for _, c := range []struct{ record, restore, arg, want string }{
		{"", "", "avaya=x", "-record is missing"},
		{"x", "", "avaya", "not VENDOR=LOGIN"},
		{"x", "", "acme=x", "no vendor"},
		{"", filepath.Join(t.TempDir(), "none"), "", "none"},
	} {
		var out strings.Builder
		require.Equal(t, 2, run(t.Context(), &out, false, c.record, c.restore, []string{c.arg}))
		require.Contains(t, out.String(), c.want)
	}
}
