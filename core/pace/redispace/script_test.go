package redispace

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/lease"
)

// smallRedis is a Redis in memory whose clock stands still.
func smallRedis(t *testing.T) (*miniredis.Miniredis, server) {
	m := miniredis.RunT(t)
	m.SetTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	rdb := redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1})
	t.Cleanup(func() { rdb.Close() })
	return m, server{rdb, DefaultPrefix, "credential"}
}

func (s server) take(t *testing.T, a lease.Ask) lease.Grant {
	t.Helper()
	g, err := s.Take(t.Context(), a)
	require.NoError(t, err)
	return g
}

func TestTake_ToldBurstGoesToWhoeverAsksFirst(t *testing.T) {
	m, s := smallRedis(t)
	told := lease.Limit{PerSecond: 200, Burst: 20}
	g := s.take(t, lease.Ask{Machine: "a", N: 50, Told: told})
	require.Equal(t, 20, g.K)
	require.LessOrEqual(t, g.First+19*g.Spacing, time.Duration(0), "all at once")
	require.InDelta(t, 196, g.Rate, 0.01)

	g = s.take(t, lease.Ask{Machine: "b", N: 50, Told: told})
	require.Equal(t, 9, g.K, "half of a tenth of a second")
	require.Positive(t, g.First)
	require.Equal(t, 2, g.Machines)

	// The lowest limit counts, as long as its machine is there.
	require.EqualValues(t, 100, s.take(t, lease.Ask{Machine: "c", Told: lease.Limit{PerSecond: 100, Burst: 5}}).Told.PerSecond)
	require.EqualValues(t, 100, s.take(t, lease.Ask{Machine: "a", Told: told}).Told.PerSecond)
	m.SetTime(time.Date(2026, 1, 1, 0, 0, 3, 0, time.UTC))
	g = s.take(t, lease.Ask{Machine: "a", Told: told})
	require.EqualValues(t, 200, g.Told.PerSecond)
	require.InDelta(t, 196, g.Rate, 0.01)
	require.Equal(t, 1, g.Machines)
}

func TestTake_OneRefusalCutsOnce(t *testing.T) {
	_, s := smallRedis(t)
	require.Zero(t, s.take(t, lease.Ask{Machine: "a", N: 1}).Rate, "there is no pace yet")
	cut := s.take(t, lease.Ask{Machine: "a", N: 1, Accepted: 100, Fresh: 100, Refused: 1, Epoch: 1, RetryAfter: time.Second})
	require.InDelta(t, 97, cut.Rate, 0.01)
	require.True(t, cut.Refusing)

	// Answers to what left before the cut do not count for the pace after it.
	stale := s.take(t, lease.Ask{Machine: "b", Refused: 5, Fresh: 5, Epoch: 1})
	require.Equal(t, cut.Epoch, stale.Epoch)
	require.Equal(t, cut.Rate, stale.Rate)
	require.True(t, stale.Refusing)
	require.False(t, s.take(t, lease.Ask{Machine: "b", Accepted: 1, Fresh: 1, Epoch: cut.Epoch}).Refusing)
}

func TestTake_OneProbeAtATime(t *testing.T) {
	m, s := smallRedis(t)
	s.take(t, lease.Ask{Machine: "a", N: 1})
	cut := s.take(t, lease.Ask{Machine: "a", Refused: 1, Epoch: 1, RetryAfter: 4 * time.Second})
	m.SetTime(time.Date(2026, 1, 1, 0, 0, 2, 0, time.UTC))
	k := 0
	for _, machine := range []string{"a", "b", "c"} {
		g := s.take(t, lease.Ask{Machine: machine, N: 5, Epoch: cut.Epoch, Queued: true})
		k += g.K
		require.True(t, g.K > 0 || g.Retry > 0)
	}
	require.Equal(t, 1, k)
}

func TestTake_LostStateComesBackFromAMachine(t *testing.T) {
	m, s := smallRedis(t)
	told := lease.Limit{PerSecond: 200, Burst: 20}
	s.take(t, lease.Ask{Machine: "a", N: 50, Told: told})
	m.FlushAll()
	g := s.take(t, lease.Ask{Machine: "a", N: 50, Told: told, Epoch: 7, Rate: 150, Next: 80 * time.Millisecond})
	require.EqualValues(t, 7, g.Epoch)
	require.InDelta(t, 150, g.Rate, 0.01)
	require.InDelta(t, 80*time.Millisecond, g.First, float64(time.Millisecond), "without a fresh burst")
}

// TestTake_MachinesThatWereAwayComeBackAtOneMoment, and without the burst that was told.
func TestTake_MachinesThatWereAwayComeBackAtOneMoment(t *testing.T) {
	m, s := smallRedis(t)
	told := lease.Limit{PerSecond: 100, Burst: 20}
	at := func(d time.Duration) { m.SetTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(d)) }
	s.take(t, lease.Ask{Machine: "a", N: 50, Told: told})

	at(10 * time.Second)
	first := s.take(t, lease.Ask{Machine: "a", Told: told, Away: true})
	require.Equal(t, lease.RejoinWithin, first.Rejoin)
	at(10*time.Second + 500*time.Millisecond)
	require.Equal(t, lease.RejoinWithin-500*time.Millisecond, s.take(t, lease.Ask{Machine: "b", Told: told, Away: true}).Rejoin)

	at(10*time.Second + lease.RejoinWithin)
	k := s.take(t, lease.Ask{Machine: "a", N: 50, Told: told}).K
	require.Positive(t, k)
	require.LessOrEqual(t, k, 10, "at most half of the burst")

	// Who comes when the others are back does not wait.
	at(10*time.Second + lease.RejoinWithin + 100*time.Millisecond)
	require.Zero(t, s.take(t, lease.Ask{Machine: "c", Told: told, Away: true}).Rejoin)
}

func TestTake_UrgentMomentsComeFirstAndPushTheOthersBack(t *testing.T) {
	_, s := smallRedis(t)
	told := lease.Limit{PerSecond: 100, Burst: 1}
	s.take(t, lease.Ask{Machine: "a", N: 500, Told: told})
	before := s.take(t, lease.Ask{Machine: "a", N: 500, Told: told})
	now := s.take(t, lease.Ask{Machine: "b", N: 1, Urgent: true, Told: told})
	require.LessOrEqual(t, now.First, time.Duration(0))
	second := s.take(t, lease.Ask{Machine: "b", N: 1, Urgent: true, Told: told})
	require.InDelta(t, 2*float64(time.Second)/98, float64(second.First-now.First), float64(time.Millisecond), "half of the rate")
	after := s.take(t, lease.Ask{Machine: "a", N: 1, Told: told})
	require.InDelta(t, float64(before.First)+float64(before.K+2)*float64(before.Spacing), float64(after.First), float64(2*time.Millisecond))
}

// TestTake_LeasesAsFarAheadAsAsked: and who asks for less takes nothing of what is leased.
func TestTake_LeasesAsFarAheadAsAsked(t *testing.T) {
	_, s := smallRedis(t)
	told := lease.Limit{PerSecond: 1000, Burst: 1}
	g := s.take(t, lease.Ask{Machine: "a", N: 1000, Told: told, Block: 400 * time.Millisecond})
	require.Equal(t, 392, g.K)

	g = s.take(t, lease.Ask{Machine: "b", N: 1000, Told: told})
	require.Equal(t, 49, g.K, "half of a tenth of a second")
	require.InDelta(t, 395*time.Millisecond, g.First, float64(2*time.Millisecond))
}

// TestTake_StateEndsByItself where a credential is used no more.
func TestTake_StateEndsByItself(t *testing.T) {
	m, s := smallRedis(t)
	s.take(t, lease.Ask{Machine: "a", N: 1, Bucket: "api"})
	keys := m.Keys()
	require.Equal(t, []string{"rollcall:{credential|api}:machines", "rollcall:{credential|api}:pace"}, keys, "one hash tag")
	for _, key := range keys {
		require.Equal(t, time.Hour, m.TTL(key))
	}
}

func TestGovernor_KeepsToItsOptions(t *testing.T) {
	m := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: m.Addr()})
	defer rdb.Close()
	call := func(opts ...Option) int {
		g := New(rdb, "x", append(opts, Limit("", 1000, 1))...)
		var wg sync.WaitGroup
		for range 300 {
			wg.Go(func() {
				require.NoError(t, g.Wait(t.Context(), "b"))
				g.Report("b", core.Verdict{})
			})
		}
		wg.Wait()
		return g.lease.Questions()
	}

	few, many := call(Prefix("app:"), Lease(300*time.Millisecond)), call(Lease(0))
	require.Less(t, few, 8)
	require.Greater(t, many, 12, "the least is 20 ms")
	require.Equal(t, []string{"app:{x|b}:machines", "app:{x|b}:pace", "rollcall:{x|b}:machines", "rollcall:{x|b}:pace"}, m.Keys())
}

func TestGovernor_GoesOnWithoutRedis(t *testing.T) {
	m := miniredis.RunT(t)
	rdb := redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1})
	defer rdb.Close()
	redis.SetLogger(silent{})
	var mu sync.Mutex
	var said []string
	g := New(rdb, "x", Limit("", 200, 10), Notice(func(text string) { mu.Lock(); said = append(said, text); mu.Unlock() }))
	require.NoError(t, g.Wait(t.Context(), "b"))
	g.Report("b", core.Verdict{})

	m.Close()
	var passed atomic.Int32
	start := time.Now()
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if g.Wait(t.Context(), "b") == nil {
				g.Report("b", core.Verdict{})
				passed.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 40, passed.Load())
	require.Greater(t, time.Since(start), 39*time.Second/200, "the pace is kept")

	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	for range 5 { // one of them comes too late, and is told so at once
		if err := g.Wait(ctx, "b"); err != nil {
			require.True(t, errors.Is(err, core.ErrRateLimited) || errors.Is(err, context.DeadlineExceeded), err)
		}
	}

	require.NoError(t, m.Restart())
	require.Eventually(t, func() bool {
		g.Wait(t.Context(), "b")
		g.Report("b", core.Verdict{})
		mu.Lock()
		defer mu.Unlock()
		return len(said) == 2
	}, 10*time.Second, 10*time.Millisecond)
	require.Contains(t, said[0], "cannot be reached")
	require.Contains(t, said[1], "is back")
}
