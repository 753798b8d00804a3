package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestNight_TellsOurChangesFromTheirs, on the simulators.
func TestNight_TellsOurChangesFromTheirs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		members, err := fleet.ParseMembers("libh3lp,liveperson", nil)
		require.NoError(t, err)
		f, end, err := fleet.Open(members, fleet.Settings{}, true)
		require.NoError(t, err)
		defer end(t.Context())
		journal, err := roster.OpenFile(filepath.Join(t.TempDir(), "j"))
		require.NoError(t, err)
		defer journal.Close()
		data, err := os.ReadFile("want.json")
		require.NoError(t, err)
		want, err := roster.ParseWant(data)
		require.NoError(t, err)
		night := func() string {
			var out strings.Builder
			n := night{sim: true}
			_, err := n.reconcile(t.Context(), &out, roster.Run{Fleet: f, Journal: journal}, want)
			require.NoError(t, err, out.String())
			return out.String()
		}

		require.Contains(t, night(), "queue:34818: new")
		require.Contains(t, night(), "0 steps, 0 gaps")
		u, err := fleet.Find(t.Context(), f["libh3lp"], "desk-cy")
		require.NoError(t, err)
		_, err = f["libh3lp"].Unassign(t.Context(), core.Assignment{UserID: u.ID, Target: core.Target{Kind: core.KindQueue, ID: "34818"}})
		require.NoError(t, err)
		require.Contains(t, night(), "cy@library.example at libh3lp, queue:34818: somebody else changed it")
	})
}

// TestRun_OverBudgetWaitsForSomebodyToReadIt: nothing is written, and the plan that was
// read is released once.
func TestRun_OverBudgetWaitsForSomebodyToReadIt(t *testing.T) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	defer sim.Close()
	base, err := sim.Start()
	require.NoError(t, err)
	t.Setenv("LIBH3LP_BASE_URL", base)
	t.Setenv("LIBH3LP_USERNAME", libh3lptest.Username)
	t.Setenv("LIBH3LP_PASSWORD", libh3lptest.Password)
	dir := t.TempDir()
	file := filepath.Join(dir, "want.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"members":[{"account":"libh3lp","target":{"kind":"queue","id":"34814"},
		"mode":"exact","people":["desk-bo"],"within":"everyone","floor":1}]}`), 0o600))
	n := night{yes: true, vendors: "libh3lp", journal: filepath.Join(dir, "j")}
	run := func() (int, string) {
		var out strings.Builder
		code := n.run(t.Context(), &out, file)
		return code, out.String()
	}
	writes := func() (ops []string) {
		for _, r := range sim.Requests() {
			if r.Method != "GET" && r.Op != "Login" {
				ops = append(ops, r.Op)
			}
		}
		return ops
	}

	code, out := run()
	require.Equal(t, 4, code, out)
	require.Empty(t, writes())
	n.release = regexp.MustCompile(`sha256:[0-9a-f]{64}`).FindString(out)
	code, out = run()
	require.Equal(t, 0, code, out)
	require.NotEmpty(t, writes())
	n.release = ""
	code, out = run()
	require.Equal(t, 0, code, out)
	require.Contains(t, out, "0 steps, 0 gaps")
}

func TestUsage(t *testing.T) {
	var out strings.Builder
	require.Equal(t, 0, night{sim: true, vendors: "libh3lp,liveperson"}.run(t.Context(), &out, "want.json"), out.String())
	require.Equal(t, 2, night{sim: true, vendors: "libh3lp"}.run(t.Context(), &out, "none.json"))
	require.Equal(t, 2, night{sim: true}.run(t.Context(), &out, "want.json"))
	bad := filepath.Join(t.TempDir(), "w.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"gone":["a"],"blocked":["A"]}`), 0o600))
	require.Equal(t, 2, night{sim: true, vendors: "libh3lp"}.run(t.Context(), &out, bad))
}
