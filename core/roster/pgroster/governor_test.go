package pgroster

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/internal/lease"
)

// machines is how many share the credential of a check.
const machines = 4

// TestGovernor runs in real time, several crowds at once: they mostly wait.
func TestGovernor(t *testing.T) {
	if os.Getenv("ROLLCALL_HERD") == "" {
		t.Skip("it measures time: set ROLLCALL_HERD=1 on a machine that does nothing else")
	}
	pool, schema := newPool(t)
	t.Run("suite", func(t *testing.T) {
		coretest.TestGovernor(t, func(t *testing.T, told coretest.Limit) []core.Governor {
			t.Parallel()
			name := fmt.Sprintf("%016x", rand.Uint64())
			all := make([]core.Governor, machines)
			for i := range all {
				all[i] = NewGovernor(pool, name, schema, Limit("", told.PerSecond, told.Burst))
			}
			return all
		})
	})
}

// TestTake_CutsOnceAndSharesIt over the statement itself: every branch of it runs.
func TestTake_CutsOnceAndSharesIt(t *testing.T) {
	pool, schema := newPool(t)
	s := server{db{pool, optionsOf([]Option{schema}).schema}, "name"}
	take := func(a lease.Ask) lease.Grant {
		t.Helper()
		g, err := s.Take(t.Context(), a)
		require.NoError(t, err)
		return g
	}

	told := lease.Limit{PerSecond: 200, Burst: 20}
	g := take(lease.Ask{Machine: "a", N: 30, Told: told})
	require.Equal(t, 20, g.K, "the whole burst at once")
	require.InDelta(t, 196, g.Rate, 0.01)
	require.Equal(t, lease.Limit{PerSecond: 100, Burst: 5}, take(lease.Ask{Machine: "b", Told: lease.Limit{PerSecond: 100, Burst: 5}}).Told, "the lowest counts")

	require.Zero(t, take(lease.Ask{Bucket: "x", Machine: "a", N: 1}).Rate)
	cut := take(lease.Ask{Bucket: "x", Machine: "a", N: 1, Accepted: 100, Fresh: 100, Refused: 1, Epoch: 1})
	require.InDelta(t, 97, cut.Rate, 0.01)
	require.True(t, cut.Refusing)
	stale := take(lease.Ask{Bucket: "x", Machine: "b", Refused: 3, Epoch: 1})
	require.Equal(t, cut.Rate, stale.Rate, "what left before the cut cuts nothing")
	require.Equal(t, cut.Epoch, stale.Epoch)
	require.False(t, take(lease.Ask{Bucket: "x", Machine: "b", Accepted: 1, Fresh: 1, Epoch: cut.Epoch}).Refusing)
	again := take(lease.Ask{Bucket: "x", Machine: "a", Refused: 1, Epoch: cut.Epoch})
	require.Greater(t, again.Epoch, cut.Epoch)

	_, err := pool.Exec(t.Context(), "truncate "+s.db.schema+".pace")
	require.NoError(t, err)
	seeded := take(lease.Ask{Bucket: "x", Machine: "a", N: 50, Rate: 42, Epoch: 7, Next: time.Second})
	require.InDelta(t, 42, seeded.Rate, 0.01, "what was lost comes back from the machine")
	require.EqualValues(t, 7, seeded.Epoch)
	require.Greater(t, seeded.First, 100*time.Millisecond, "without a fresh burst")
}
