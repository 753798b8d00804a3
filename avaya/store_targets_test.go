package avaya_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestStoreListTargets(t *testing.T) {
	simulate(t, func(b *bench) {
		count := map[core.Kind]int{}
		names := map[core.Kind]string{}
		for target, err := range b.store.ListTargets(b.Context(), core.TargetQuery{}) {
			require.NoError(b, err)
			require.NotEmpty(b, target.ID)
			count[target.Kind]++
			names[target.Kind] = target.Name
		}
		require.Equal(b, map[core.Kind]int{core.KindQueue: 3, core.KindSkill: 9, core.KindGroup: 2, core.KindManagedGroup: 2,
			core.KindProfile: 2}, count)
		require.Len(b, b.srv.Requests("Groups.List"), 1, "groups are read once for both of their kinds")

		for kind, name := range names {
			got, err := core.Collect(b.store.ListTargets(b.Context(), core.TargetQuery{Kind: kind, Name: " " + name}))
			require.NoError(b, err)
			require.Len(b, got, 1)
			require.Equal(b, []any{kind, name}, []any{got[0].Kind, got[0].Name})
		}
		before := len(b.srv.Requests())
		_, err := core.Collect(b.store.ListTargets(b.Context(), core.TargetQuery{Kind: core.KindLOB}))
		require.ErrorIs(b, err, core.ErrUnsupported)
		require.Len(b, b.srv.Requests(), before)
	}, avayatest.WithSampleData())
}

// TestStoreListAssignments_OfEverybody: one walk over the users tells all.
func TestStoreListAssignments_OfEverybody(t *testing.T) {
	simulate(t, func(b *bench) {
		all, err := core.Collect(b.store.ListAssignments(b.Context(), core.AssignmentQuery{}))
		require.NoError(b, err)
		require.Len(b, b.srv.Requests("Users.List"), 1)
		n := 0
		for u, err := range b.store.ListUsers(b.Context(), core.UserQuery{}) {
			require.NoError(b, err)
			for a, err := range b.store.ListAssignments(b.Context(), core.AssignmentQuery{UserID: u.ID}) {
				require.NoError(b, err)
				require.Contains(b, all, a)
				n++
			}
		}
		require.Len(b, all, n)
	}, avayatest.WithSampleData())
}
