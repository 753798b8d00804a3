package pace

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
)

func urgently(ctx context.Context) context.Context { return core.WithPriority(ctx, core.Urgent) }

// order lets callers queue, one after another, and returns who left in what order:
// u for an urgent one, b for another.
func order(t *testing.T, g *Governor, callers string) string {
	t.Helper()
	once(t, g, "x", accepted) // from here on the pace binds
	var mu sync.Mutex
	var left []byte
	var wg sync.WaitGroup
	for _, c := range []byte(callers) {
		ctx := t.Context()
		if c == 'u' {
			ctx = urgently(ctx)
		}
		wg.Go(func() {
			assert.NoError(t, g.Wait(ctx, "x"))
			mu.Lock()
			left = append(left, c)
			mu.Unlock()
			g.Report("x", accepted)
		})
		synctest.Wait()
	}
	wg.Wait()
	idle(t, g.bucket("x"))
	return string(left)
}

func TestPriority_UrgentCallersOvertake(t *testing.T) {
	for callers, want := range map[string]string{
		"bbbbu":    "ubbbb",
		"bbbbuu":   "ububbb", // every second turn is left to the others
		"bbuuuuuu": "ububuuuu",
		"uuuu":     "uuuu",
		"bbbb":     "bbbb",
		"ub":       "ub",
	} {
		synctest.Test(t, func(t *testing.T) {
			assert.Equal(t, want, order(t, New(Limit("", 10, 1)), callers), callers)
		})
	}
}

func TestPriority_AnUrgentCallNeedsOneTurnBehindACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 50, 10))
		var wg sync.WaitGroup
		wg.Go(func() {
			herd.Job{Callers: 800, N: 2000, Vendor: bucket10(), Latency: network}.Run("x", g)
		})

		var waits []time.Duration
		for range 60 {
			time.Sleep(333 * time.Millisecond)
			waits = append(waits, timed(func() {
				require.NoError(t, g.Wait(urgently(t.Context()), "x"))
			}))
			g.Report("x", accepted)
		}
		wg.Wait()
		assert.LessOrEqual(t, slices.Max(waits), g.bucket("x").pace.spacing())
	})
}

// Half of the rate is everybody else's, also when the urgent callers are a crowd.
func TestPriority_UrgentCallersGetHalfWhileOthersWait(t *testing.T) {
	for name, opts := range map[string][]Option{"learned": nil, "told": {Limit("", 50, 10)}} {
		synctest.Test(t, func(t *testing.T) {
			r := herd.Job{Callers: 200, Urgent: 100, N: 1500, Vendor: bucket10(), Latency: network, RetryAfter: time.Second}.Run("x", New(opts...))
			urgent := 0
			for _, n := range r.PerCaller[:100] {
				urgent += n
			}
			t.Logf("%s: %d of 1500 were urgent, in %v", name, urgent, r.Time)
			assert.InDelta(t, 750, urgent, 75)
			assert.Less(t, r.Time, 33*time.Second)
			assert.Zero(t, r.Lost)
		})
	}
}

// The deadline of an urgent caller is held against its own turn, and what it is told
// is what it would have waited.
func TestPriority_TheTurnAheadOfADeadlineKnowsThePriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 10, 1))
		once(t, g, "x", accepted)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { once(t, g, "x", accepted) })
		}
		synctest.Wait()

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, g.Wait(ctx, "x"), core.ErrRateLimited)
		require.NoError(t, g.Wait(urgently(ctx), "x"))
		g.Report("x", accepted)
		wg.Wait()
	})
}

func TestQueue_CountsWhoIsAhead(t *testing.T) {
	for _, last := range []bool{false, true} {
		for bulk := range 6 {
			for urgent := range 6 {
				for _, mine := range []bool{false, true} {
					q := &queue{urgentLast: last}
					for range bulk {
						q.push(false)
					}
					for range urgent {
						q.push(true)
					}
					ahead := q.ahead(mine)
					w := q.push(mine)

					n := 0
					for q.pop() != w {
						n++
					}
					assert.Equal(t, n, ahead, "bulk %d, urgent %d, I am urgent %v, urgent was last %v", bulk, urgent, mine, last)
				}
			}
		}
	}
}

func TestQueue_AWaiterThatGivesUpIsGone(t *testing.T) {
	for _, urgent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := New(Limit("", 1, 1))
			once(t, g, "x", accepted)
			ctx, cancel := context.WithCancel(t.Context())
			if urgent {
				ctx = urgently(ctx)
			}
			go func() { time.Sleep(100 * time.Millisecond); cancel() }()
			require.ErrorIs(t, g.Wait(ctx, "x"), context.Canceled)
			idle(t, g.bucket("x"))
			assert.InDelta(t, 0.915, timed(func() { once(t, g, "x", accepted) }).Seconds(), 0.01)
		})
	}
}
