package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestHandOver_AtEveryVendorThatHasQueues: the team that comes is there, the one that goes
// is not, and everybody else stays.
func TestHandOver_AtEveryVendorThatHasQueues(t *testing.T) {
	for vendor, kind := range map[string]core.Kind{"avaya": core.KindQueue, "libh3lp": core.KindQueue, "liveperson": core.KindSkill,
		"webex": core.KindQueue} {
		synctest.Test(t, func(t *testing.T) {
			members, err := fleet.ParseMembers(vendor, nil)
			require.NoError(t, err)
			f, end, err := fleet.Open(members, fleet.Settings{}, true)
			require.NoError(t, err)
			defer end(t.Context())
			target, there, other := crew(t, f[vendor], kind)
			s := shift{vendor: vendor, from: there[0], to: other, floor: 1}
			want, err := s.want(target.String())
			require.NoError(t, err)
			plan, err := handOver(t.Context(), f, want)
			require.NoError(t, err)
			require.Empty(t, plan.Gaps)
			require.Len(t, plan.Steps, 2)

			journal, err := roster.OpenFile(filepath.Join(t.TempDir(), "j"))
			require.NoError(t, err)
			defer journal.Close()
			report, err := roster.Run{Fleet: f, Journal: journal}.Apply(t.Context(), plan)
			require.NoError(t, err)
			require.Equal(t, 2, report.Applied)
			require.ElementsMatch(t, append(there[1:], other), staff(t, f[vendor], target))
		})
	}
}

// staff are the logins of those who staff a target.
func staff(t *testing.T, store core.Store, target core.Target) (logins []string) {
	for a, err := range store.ListAssignments(t.Context(), core.AssignmentQuery{Target: target}) {
		require.NoError(t, err)
		if u, err := store.GetUser(t.Context(), a.UserID); err == nil {
			logins = append(logins, u.Login)
		}
	}
	return logins
}

// crew is a target with at least two people in it, and somebody who is not in it.
func crew(t *testing.T, store core.Store, kind core.Kind) (target core.Target, there []string, other string) {
	users, err := core.Collect(store.ListUsers(t.Context(), core.UserQuery{}))
	require.NoError(t, err)
	targets, err := core.Collect(store.ListTargets(t.Context(), core.TargetQuery{Kind: kind}))
	require.NoError(t, err)
	for _, target := range targets {
		if there = staff(t, store, target); len(there) < 2 {
			continue
		}
		for _, u := range users {
			links, err := core.Collect(store.ListAssignments(t.Context(), core.AssignmentQuery{UserID: u.ID}))
			require.NoError(t, err)
			if !slices.Contains(there, u.Login) && len(links) > 1 {
				return target, there, u.Login
			}
		}
	}
	t.Fatal("nobody works here")
	return
}

// TestRun_AtAServer: without -yes nothing changes, a second run finds it done, and the
// floor is kept.
func TestRun_AtAServer(t *testing.T) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	defer sim.Close()
	base, err := sim.Start()
	require.NoError(t, err)
	t.Setenv("LIBH3LP_BASE_URL", base)
	t.Setenv("LIBH3LP_USERNAME", libh3lptest.Username)
	t.Setenv("LIBH3LP_PASSWORD", libh3lptest.Password)
	var out strings.Builder
	s := shift{vendor: "libh3lp", from: "desk-anna,desk-cy", to: "elif.demir,desk-bo", floor: 2, journal: filepath.Join(t.TempDir(), "j")}
	require.Equal(t, 0, s.run(t.Context(), &out, "queue:34814"), out.String())
	require.Contains(t, out.String(), "while more than 2 are left")
	for _, r := range sim.Requests() {
		require.True(t, r.Method == "GET" || r.Op == "Login", r.Op)
	}

	s.yes = true
	require.Equal(t, 0, s.run(t.Context(), &out, "queue:34814"), out.String())
	require.Contains(t, out.String(), "3 of 3 steps are done")
	out.Reset()
	require.Equal(t, 0, s.run(t.Context(), &out, "queue:34814"), out.String())
	require.Contains(t, out.String(), "0 of 0 steps are done")
}

func TestUsage(t *testing.T) {
	var out strings.Builder
	require.Equal(t, 0, shift{sim: true}.run(t.Context(), &out, ""), out.String())
	require.Equal(t, 2, shift{}.run(t.Context(), &out, "queue:1"))
	require.Equal(t, 2, shift{vendor: "libh3lp", sim: true, from: "a"}.run(t.Context(), &out, "queue:1"))
	require.Equal(t, 2, shift{vendor: "libh3lp", sim: true, from: "a", to: "b"}.run(t.Context(), &out, "team:1"))
	require.Equal(t, 2, shift{vendor: "libh3lp", sim: true, from: "a", to: "b", floor: -1}.run(t.Context(), &out, "queue:1"))
}
