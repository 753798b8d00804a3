package pgroster

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// held claims the lane of a plan of one step and adds its intent and its outcome.
func held(t *testing.T, j *Journal, p roster.Plan) *roster.Claim {
	t.Helper()
	require.NoError(t, j.Begin(t.Context(), p))
	c, err := j.Claim(t.Context(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{"a/0"}, Owner: "me", TTL: time.Minute})
	require.NoError(t, err)
	require.NoError(t, j.Append(t.Context(), c, roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseIntent}))
	require.NoError(t, j.Append(t.Context(), c, roster.Record{Step: p.Steps[0].ID, Phase: roster.PhaseOutcome, Result: core.ResultApplied}))
	return c
}

// count is how many records of lanes a journal shows.
func count(t *testing.T, j *Journal, p roster.Plan) (n int) {
	t.Helper()
	for r, err := range j.Records(t.Context(), roster.Query{Plan: p.ID()}) {
		require.NoError(t, err)
		if r.Lane != "" {
			n++
		}
	}
	return n
}

func TestFree_TakesAlongTheOutcomeThatIsLate(t *testing.T) {
	pool, schema := newPool(t)
	j, other, p := Open(pool, schema), Open(pool, schema), rename(1)
	c := held(t, j, p)
	require.Equal(t, 1, count(t, other, p), "the outcome is on its way")

	require.NoError(t, j.Free(t.Context(), c))

	require.Equal(t, 2, count(t, other, p))
	var done, free bool
	require.NoError(t, j.db.row(t.Context(), "select done, owner is null from $.lane").Scan(&done, &free))
	require.True(t, done)
	require.True(t, free)
}

func TestSync_KeepsTheOutcomesThatAreLate(t *testing.T) {
	pool, schema := newPool(t)
	j, other, p := Open(pool, schema), Open(pool, schema), rename(1)
	held(t, j, p)

	require.NoError(t, j.Sync(t.Context()))

	require.Equal(t, 2, count(t, other, p))
}

// TestFree_TellsOfAnOutcomeThatWasLost: the claim was taken over before the outcome was kept,
// also where the holder asked for something else in between.
func TestFree_TellsOfAnOutcomeThatWasLost(t *testing.T) {
	for name, between := range map[string]func(*Journal, *roster.Claim){
		"at once":         func(*Journal, *roster.Claim) {},
		"after a renewal": func(j *Journal, c *roster.Claim) { require.ErrorIs(t, j.Append(t.Context(), c), roster.ErrFenced) },
		"after a sync":    func(j *Journal, _ *roster.Claim) { require.ErrorIs(t, j.Sync(t.Context()), roster.ErrFenced) },
	} {
		t.Run(name, func(t *testing.T) {
			pool, schema := newPool(t)
			j, other, p := Open(pool, schema), Open(pool, schema), rename(1)
			c := held(t, j, p)
			require.NoError(t, j.db.exec(t.Context(), "update $.lane set until = clock_timestamp() - interval '1 s'"))
			_, err := other.Claim(t.Context(), roster.ClaimRequest{Plan: p.ID(), Lanes: []string{"a/0"}, Owner: "other", TTL: time.Minute})
			require.NoError(t, err)
			between(j, c)

			require.ErrorIs(t, j.Free(t.Context(), c), roster.ErrFenced)

			require.Equal(t, 1, count(t, other, p), "the intent, for the other to look at")
			require.NoError(t, j.Free(t.Context(), c), "it is told once")
		})
	}
}
