package libh3lp_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func queue(user, id string) core.Assignment {
	return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: id}}
}

// TestReadsThatLag: every operation ends applied, and a read that is older than a write of
// this client is not taken for what is.
func TestReadsThatLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, user, before := staffed(t, 3, libh3lptest.WithReadLag(time.Second))
		extra := str(sim.AddQueue(`{"name":"extra"}`))
		store := over(t, sim).Store()
		applied := func(outcomes []core.Outcome, err error) {
			t.Helper()
			require.NoError(t, err)
			for _, o := range outcomes {
				require.Equal(t, core.ResultApplied, o.Result)
			}
		}

		_, err := store.UpdateUser(t.Context(), user, core.UserChange{Email: core.Set("anna@x.example")})
		require.NoError(t, err)
		_, err = store.UpdateUser(t.Context(), user, core.UserChange{Login: core.Set("desk-ann")})
		require.NoError(t, err)
		u, _ := sim.User(8451)
		require.Equal(t, []any{"anna@x.example", "desk-ann"}, []any{u["email"], u["name"]})

		applied(store.Assign(t.Context(), queue(user, extra)))
		applied(store.Suspend(t.Context(), queue(user, extra)))
		applied(store.Resume(t.Context(), queue(user, extra)))
		applied(store.Suspend(t.Context(), queue(user, extra)))
		applied(store.Unassign(t.Context(), queue(user, extra)))

		made, err := store.Block(t.Context(), user)
		require.NoError(t, err)
		require.Equal(t, enabled(before), made.Changed)
		require.Empty(t, enabled(states(sim, 8451)))
		require.NoError(t, store.Unblock(t.Context(), user, made))
		require.Equal(t, before, states(sim, 8451))
		made, err = store.Block(t.Context(), user)
		require.NoError(t, err)
		require.Equal(t, enabled(before), made.Changed)
		require.NoError(t, store.LiftBlocks(t.Context(), user))
		require.Len(t, enabled(states(sim, 8451)), 3)

		// One who was just made is not seen for a second.
		born, err := store.CreateUser(t.Context(), core.UserSpec{Login: "new.one", Email: "new@x.example", Password: core.NewSecret("Init-pass-01"),
			Links: []core.Assignment{queue("", extra)}})
		require.NoError(t, err)
		_, err = store.GetUser(t.Context(), born.ID)
		require.NoError(t, err)
		second, err := store.CreateUser(t.Context(), core.UserSpec{Login: "new.two", Password: core.NewSecret("Init-pass-01")})
		require.NoError(t, err)
		applied(store.Assign(t.Context(), queue(second.ID, extra)))
		require.NoError(t, store.DeleteUser(t.Context(), born.ID))
		_, err = store.GetUser(t.Context(), born.ID)
		require.ErrorIs(t, err, core.ErrNotFound)
	})
}

// TestReadsThatLagForEver: what the answer tells is done, and the rest is in doubt.
func TestReadsThatLagForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, user, before := staffed(t, 3, libh3lptest.WithReadLag(time.Hour))
		extra := str(sim.AddQueue(`{"name":"extra"}`))
		store := over(t, sim).Store()
		made, err := store.Block(t.Context(), user)
		require.NoError(t, err, "the answer is documented as the state")
		require.Equal(t, enabled(before), made.Changed)

		inDoubt := func(outcomes []core.Outcome, err error) {
			t.Helper()
			require.ErrorIs(t, err, core.ErrNotApplied)
			require.Equal(t, core.ResultUnknown, outcomes[0].Result)
		}
		began := time.Now()
		inDoubt(store.Assign(t.Context(), queue(user, extra)))
		require.Equal(t, 5*time.Second, time.Since(began), "the default")
		inDoubt(store.Unassign(t.Context(), queue(user, "34814")))
		e := resttest.ErrorOf(t, store.DeleteUser(t.Context(), user))
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied})

		// A user who does not show after its creation is not reported as not found.
		u, err := store.CreateUser(t.Context(), core.UserSpec{Login: "new.one", Password: core.NewSecret("Init-pass-01"), Fields: map[string]any{"nick": "n"}})
		e = resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes}, []any{e.Class, e.Applied})
		require.NotErrorIs(t, err, core.ErrNotFound)
		require.Equal(t, "new.one", u.Login)
	})
}

// TestSuspend_IsSureAgainstOneWhoOptedIn: staff can opt in again at any time, so that a list
// which shows what was before one's own write may be the truth.
func TestSuspend_IsSureAgainstOneWhoOptedIn(t *testing.T) {
	sim, user, _ := staffed(t, 1)
	store := over(t, sim).Store()
	for range 2 {
		out, err := store.Suspend(t.Context(), queue(user, "34814"))
		require.NoError(t, err)
		require.Equal(t, core.ResultApplied, out[0].Result)
		require.Equal(t, []core.Assignment{{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: "34814", Name: "queue-0"}}}, []core.Assignment{*out[0].Before})
		require.False(t, sim.Links(8451)[0].Enabled)
		sim.SetEnabled(8451, 34814, true)
	}
}
