package main

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// TestStaffIsWhatTheUsersSay at every vendor, for every target that
// the sample person has.
func TestStaffIsWhatTheUsersSay(t *testing.T) {
	for _, v := range fleet.All {
		synctest.Test(t, func(t *testing.T) {
			store, end, err := v.Connect(fleet.Settings{}, true)
			require.NoError(t, err)
			defer end(t.Context())
			u, err := fleet.Find(t.Context(), store, v.Sample)
			require.NoError(t, err)
			links, err := core.Collect(store.ListAssignments(t.Context(), core.AssignmentQuery{UserID: u.ID}))
			require.NoError(t, err)
			require.NotEmpty(t, links, "%s: the sample person should have work", v.Name)
			for _, link := range links {
				staffs, users := map[string]bool{}, map[string]bool{}
				for u, err := range store.ListUsers(t.Context(), core.UserQuery{}) {
					require.NoError(t, err)
					users[u.ID] = true
					for a, err := range store.ListAssignments(t.Context(), core.AssignmentQuery{UserID: u.ID}) {
						require.NoError(t, err)
						staffs[u.ID] = staffs[u.ID] || a.Target.Kind == link.Target.Kind && a.Target.ID == link.Target.ID
					}
				}
				people, proof, err := staff(t.Context(), store, link.Target)
				require.NoError(t, err)
				require.Equal(t, roster.Complete, proof.Verdict)
				for _, p := range people {
					if len(p.Links) > 0 && users[p.UserID] {
						require.True(t, staffs[p.UserID], "%s %s: %s", v.Name, link.Target, p.Login)
						delete(staffs, p.UserID)
					}
				}
				for id, missing := range staffs {
					require.False(t, missing, "%s %s: %s", v.Name, link.Target, id)
				}
			}
		})
	}
}

func TestRun(t *testing.T) {
	var out strings.Builder
	require.Equal(t, 0, run(t.Context(), &out, "liveperson", true, true, "skill:23590001120"))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Greater(t, len(lines), 3)
	nothing := 0
	for _, line := range lines {
		var p person
		require.NoError(t, json.Unmarshal([]byte(line), &p))
		require.NotEmpty(t, p.UserID)
		if len(p.Links) == 0 {
			nothing++
			require.Contains(t, line, `"links":[]`)
		}
	}
	require.Positive(t, nothing)
	out.Reset()
	require.Equal(t, 0, run(t.Context(), &out, "liveperson", true, false, ""))
	require.Contains(t, out.String(), "nadia.kovar")
	require.Equal(t, 2, run(t.Context(), &out, "acme", true, false, ""))
	require.Equal(t, 2, run(t.Context(), &out, "avaya", true, false, "team:1"))
}
