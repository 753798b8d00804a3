package pace

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
)

var (
	accepted = core.Verdict{}
	refused  = core.Verdict{Refused: true, RetryAfter: time.Second}
)

// once lets one request through and reports on it.
func once(t *testing.T, g *Governor, bucket string, v core.Verdict) {
	t.Helper()
	require.NoError(t, g.Wait(t.Context(), bucket))
	g.Report(bucket, v)
}

// timed returns how long f took.
func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// idle asserts that a bucket holds nothing on behalf of anybody.
func idle(t *testing.T, b *bucket) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Zero(t, b.queue.len(), "waiters")
	assert.Zero(t, b.out.count(), "outstanding")
	assert.Nil(t, b.timer, "timer")
}

func TestUnpacedUntilRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		assert.Zero(t, timed(func() {
			for range 10_000 {
				once(t, g, "x", accepted)
			}
		}))
		once(t, g, "x", refused)
		once(t, g, "x", accepted)
		assert.Positive(t, timed(func() { once(t, g, "x", accepted) }))
		idle(t, g.bucket("x"))
	})
}

// A crowd that meets a full window gets in by the trickle, at 100 a second.
func TestSlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		r := herd.Job{Callers: 64, N: 64, Vendor: herd.Open{}, Latency: [2]time.Duration{2 * time.Second, 2 * time.Second}}.Run("x", g)
		assert.LessOrEqual(t, r.Time, 2600*time.Millisecond)
		idle(t, g.bucket("x"))
	})
	synctest.Test(t, func(t *testing.T) { // answers open it faster
		r := herd.Job{Callers: 64, N: 2000, Vendor: herd.Open{}, Latency: [2]time.Duration{10 * time.Millisecond, 10 * time.Millisecond}}.Run("x",
			New())
		t.Log("2000 requests of 10 ms by 64 callers:", r.Time)
		assert.LessOrEqual(t, r.Time, 450*time.Millisecond) // 320 at best
	})
}

func TestSlowStartAgainAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		b := g.bucket("x")
		j := herd.Job{Callers: 64, N: 2000, Vendor: herd.Open{}, Latency: network}
		j.Run("x", g)
		assert.Greater(t, b.window.size, 60)
		time.Sleep(windowIdle + time.Second)
		once(t, g, "x", accepted)
		assert.Less(t, b.window.size, 10)
	})
}

// One caller at a time does not open the window for a crowd.
func TestUnusedWindowStaysSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		for range 1000 {
			once(t, g, "x", accepted)
		}
		assert.Equal(t, windowStart, g.bucket("x").window.size)
	})
}

// Nobody is let loose at once: after the first refusal, no tenth of a second
// sees more attempts than the fastest pace of the learning.
func TestNoRush(t *testing.T) {
	for _, make := range []func() herd.Vendor{bucket10, windows50} {
		for _, callers := range []int{64, 200} {
			for _, latency := range [][2]time.Duration{instant, network} {
				synctest.Test(t, func(t *testing.T) {
					r := herd.Job{Callers: callers, N: 600, Vendor: make(), Latency: latency, RetryAfter: time.Second}.Run("x", New())
					all := append(slices.Clone(r.Accepts), r.Refusals...)
					most := 0
					for from := r.Refusals[0] + 100*time.Millisecond; from < r.Time; from += 10 * time.Millisecond {
						most = max(most, herd.Between(all, from, from+100*time.Millisecond))
					}
					assert.LessOrEqual(t, most, 35, "attempts in 100 ms")
					// And from the third second on, the pace has been found.
					most = 0
					for from := 3 * time.Second; from < r.Time; from += 10 * time.Millisecond {
						most = max(most, herd.Between(all, from, from+100*time.Millisecond))
					}
					assert.LessOrEqual(t, most, 15, "attempts in 100 ms, later")
				})
			}
		}
	}
}

// While one call sleeps out its minute, the others go on.
func TestLongRetryAfterSlowsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := herd.Job{Callers: 64, N: 600, Vendor: bucket10(), Latency: network, RetryAfter: time.Minute}.Run("x", New())
		n := herd.Between(r.Accepts, 0, 10*time.Second)
		t.Log(n, "accepted in 10 s,", r.Refused, "refused")
		assert.Greater(t, n, 400)
		assert.Zero(t, r.Lost)
	})
	synctest.Test(t, func(t *testing.T) { // everything refused: still no standstill
		g := New()
		for range 20 {
			once(t, g, "x", core.Verdict{Refused: true, RetryAfter: time.Hour})
		}
		assert.LessOrEqual(t, timed(func() { once(t, g, "x", accepted) }), maxProbe)
	})
}

func TestBucketsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("slow", 1, 1))
		for range 5 {
			once(t, g, "refused", refused)
		}
		once(t, g, "slow", accepted)
		assert.Zero(t, timed(func() {
			for range 1000 {
				once(t, g, "other", accepted)
			}
		}))
		assert.Positive(t, timed(func() { once(t, g, "slow", accepted) }))
	})
}

func TestLimitOptions(t *testing.T) {
	g := New(Limit("", 10, 1), Limit("own", 20, 1), Limit("free", 0, 0))
	assert.InDelta(t, 9.8, g.bucket("any").pace.rate, 1e-9)
	assert.InDelta(t, 19.6, g.bucket("own").pace.rate, 1e-9)
	assert.False(t, g.bucket("free").pace.on())
	assert.False(t, New().bucket("x").pace.on())
}

// A known limit lets a few go at once after a silence, and keeps the limit in
// every second still.
func TestKnownBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 50, 10))
		for range 3 {
			assert.Zero(t, timed(func() {
				for range 5 {
					once(t, g, "x", accepted)
				}
			}))
			time.Sleep(2 * time.Second)
		}
		var sent []time.Duration
		rnd := rand.New(rand.NewPCG(1, 1))
		start := time.Now()
		for range 3000 {
			if rnd.IntN(20) == 0 {
				time.Sleep(time.Duration(rnd.IntN(400)) * time.Millisecond)
			}
			once(t, g, "x", accepted)
			sent = append(sent, time.Since(start))
		}
		for _, at := range sent {
			require.LessOrEqual(t, herd.Between(sent, at, at+time.Second), 49)
		}
	})
}

// A real 429 under a known limit cuts a little, and heals.
func TestKnownCutsAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 50, 10))
		b := g.bucket("x")
		herd.Job{Callers: 8, N: 200, Vendor: herd.Open{}, Latency: network}.Run("x", g)
		once(t, g, "x", refused)
		assert.Less(t, b.pace.rate, 48.9)
		assert.Greater(t, b.pace.rate, 40.)
		herd.Job{Callers: 8, N: 500, Vendor: herd.Open{}, Latency: network}.Run("x", g)
		assert.InDelta(t, 49, b.pace.rate, 0.01)
	})
}

// The limit was a passing thing: busy callers are soon free of it.
func TestPaceRecoversInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		limited := bucket10()
		v := &herd.Switching{Pick: func(d time.Duration) herd.Vendor {
			if d < 20*time.Second {
				return limited
			}
			return herd.Open{}
		}}
		r := herd.Job{Callers: 64, N: 50_000, Vendor: v, Latency: network, RetryAfter: time.Second}.Run("x", g)
		n := herd.Between(r.Accepts, 50*time.Second, 51*time.Second)
		t.Log(n, "a second after half a minute")
		assert.Greater(t, n, 1000) // 1500 at this latency without any pace
	})
}

// Nobody is held up by the pace, or nobody is there at all: it fades.
func TestPaceFades(t *testing.T) {
	for name, pass := range map[string]func(*testing.T, *Governor){
		"light use": func(t *testing.T, g *Governor) {
			for range 12 * 60 {
				time.Sleep(time.Second)
				once(t, g, "x", accepted)
			}
		},
		"silence": func(t *testing.T, g *Governor) {
			time.Sleep(12 * time.Minute)
			once(t, g, "x", accepted)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := New()
				r := herd.Job{Callers: 8, N: 300, Vendor: bucket10(), RetryAfter: time.Second}.Run("x", g)
				require.Positive(t, r.Refused)
				b := g.bucket("x")
				require.True(t, b.pace.on())
				before := b.pace.rate
				time.Sleep(time.Minute)
				once(t, g, "x", accepted)
				assert.InDelta(t, 2*before, b.pace.rate, 0.1*before, "twice as fast after a minute")
				pass(t, g)
				assert.False(t, b.pace.on(), "rate %v", b.pace.rate)
			})
		})
	}
}

func TestDeadlineBeforeTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 1, 1))
		once(t, g, "x", accepted)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		var err error
		assert.Zero(t, timed(func() { err = g.Wait(ctx, "x") }))
		require.ErrorIs(t, err, core.ErrRateLimited)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "the context has not ended")
		var turn *core.Error
		require.True(t, errors.As(err, &turn))
		assert.Equal(t, core.AppliedNo, turn.Applied)
		assert.InDelta(t, 1.015, turn.RetryAfter.Seconds(), 0.001) // 1/0.98 s, less the lateness allowed
		assert.EqualError(t, err, `rate limited: the turn in rate bucket "x" would come in 1.015s, `+
			`after the deadline; the pace is one request in 1.02s; allow more time, or send fewer requests at once`)

		// The queue counts: five are before the sixth.
		for range 5 {
			go func() { _ = g.Wait(context.Background(), "x"); g.Report("x", accepted) }()
		}
		synctest.Wait()
		ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.ErrorAs(t, g.Wait(ctx, "x"), &turn)
		assert.InDelta(t, 6.12, turn.RetryAfter.Seconds(), 0.01)
		ctx, cancel = context.WithTimeout(t.Context(), 6200*time.Millisecond)
		defer cancel()
		require.NoError(t, g.Wait(ctx, "x"))
		g.Report("x", accepted)
		idle(t, g.bucket("x"))
	})
}

func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := New()
	require.ErrorIs(t, g.Wait(ctx, "x"), context.Canceled)
	idle(t, g.bucket("x"))
}

// The place of a caller that gives up goes to the next.
func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 1, 1))
		once(t, g, "x", accepted)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { assert.ErrorIs(t, g.Wait(ctx, "x"), context.Canceled) })
		}
		synctest.Wait()
		start := time.Now()
		wg.Go(func() { once(t, g, "x", accepted) })
		synctest.Wait()
		time.Sleep(100 * time.Millisecond)
		cancel()
		wg.Wait()
		assert.InDelta(t, 1.015, time.Since(start).Seconds(), 0.001)
		idle(t, g.bucket("x"))
	})
}

// A context that ends in the moment of the turn must not lose the turn.
func TestCancelAtTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 50, 1))
		b := g.bucket("x")
		spacing := b.pace.spacing()
		once(t, g, "x", accepted)
		var wg sync.WaitGroup
		start := time.Now()
		gone := 0
		for i := range 400 { // every second one gives up exactly at a turn
			wg.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				if i%2 == 0 {
					time.AfterFunc(time.Duration(i/2+1)*spacing, cancel)
				}
				defer cancel()
				if g.Wait(ctx, "x") == nil {
					g.Report("x", accepted)
				} else {
					b.mu.Lock()
					gone++
					b.mu.Unlock()
				}
			})
		}
		wg.Wait()
		t.Log(gone, "gave up")
		assert.InDelta(t, float64(400-gone)*spacing.Seconds(), time.Since(start).Seconds(), 2*spacing.Seconds())
		idle(t, b)
	})
}

// The same between the end of the context and the moment in which the caller
// notices it: the turn comes, but goes back.
func TestTurnAfterTheEnd(t *testing.T) {
	g := New(Limit("", 0.001, 1)) // nothing happens by itself
	b := g.bucket("x")
	once(t, g, "x", accepted)
	sent := b.pace.sent
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- g.Wait(ctx, "x") }()
	for waiting := false; !waiting; time.Sleep(time.Millisecond) {
		b.mu.Lock()
		waiting = b.queue.len() == 1
		b.mu.Unlock()
	}
	b.mu.Lock()
	cancel()
	time.Sleep(20 * time.Millisecond) // it has left the select and waits for the lock
	b.pump(b.pace.turn())
	require.Zero(t, b.queue.len())
	b.mu.Unlock()
	require.ErrorIs(t, <-done, context.Canceled)
	assert.InDelta(t, sent.Seconds(), b.pace.sent.Seconds(), 0.001)
	idle(t, b)
}

// Without a pace too: the place in the window is not lost.
func TestCancelInSlowStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		for range windowStart {
			require.NoError(t, g.Wait(t.Context(), "x"))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, g.Wait(ctx, "x"), context.DeadlineExceeded)
		for range windowStart {
			g.Report("x", accepted)
		}
		idle(t, g.bucket("x"))
		once(t, g, "x", accepted)
	})
}

func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 100, 1))
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				once(t, g, "x", accepted)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
			})
			synctest.Wait()
		}
		wg.Wait()
		assert.True(t, slices.IsSorted(order))
	})
}

// 200 callers share evenly, also while the pace is learned.
func TestNobodyStarves(t *testing.T) {
	for name, opts := range map[string][]Option{"learned": nil, "known": {Limit("", 50, 10)}} {
		synctest.Test(t, func(t *testing.T) {
			r := herd.Job{Callers: 200, N: 3000, Vendor: bucket10(), Latency: network, RetryAfter: time.Second}.Run("x", New(opts...))
			t.Logf("%s: longest wait %v, accepted by each %d to %d", name, slices.Max(r.Waits), slices.Min(r.PerCaller), slices.Max(r.PerCaller))
			assert.Less(t, slices.Max(r.Waits), 8*time.Second) // 200/50 s is everybody's
			assert.GreaterOrEqual(t, slices.Min(r.PerCaller), 10)
			assert.Zero(t, r.Lost)
		})
	}
}

// Attempts that never report hold up nobody for long, and are forgotten.
func TestNeverReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		b := g.bucket("x")
		assert.Less(t, timed(func() {
			for range 500 {
				require.NoError(t, g.Wait(t.Context(), "x"))
			}
		}), 6*time.Second)
		assert.Equal(t, 500, b.out.count())
		for range 3 * 60 {
			time.Sleep(time.Second)
			once(t, g, "x", accepted)
		}
		assert.Zero(t, b.out.count())

		// With a pace, right after a refusal, when one at a time is let go.
		once(t, g, "x", refused)
		assert.Less(t, timed(func() {
			for range 20 {
				require.NoError(t, g.Wait(t.Context(), "x"))
			}
		}), 10*time.Second)
		assert.Less(t, timed(func() { // and stale verdicts end by time
			time.Sleep(maxStale)
			for range 300 {
				once(t, g, "x", accepted)
			}
		}), maxStale+10*time.Second)
	})
}

// Two refusals close together teach nothing: the learning goes on, or a slow
// climb from a pace far too low would follow.
func TestLearningNeedsAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		b := g.bucket("x")
		once(t, g, "x", accepted)
		once(t, g, "x", refused)
		once(t, g, "x", accepted)
		once(t, g, "x", refused)
		require.True(t, b.pace.learning)
		r := herd.Job{Callers: 64, N: 200, Vendor: &herd.Tokens{Rate: 50, Burst: 10}, Latency: network, RetryAfter: time.Second}.Run("x", g)
		assert.Less(t, r.Time, 6*time.Second)
		assert.False(t, b.pace.learning)
	})
}

// Where the vendor's burst is small, the learning ends well below the limit. The rest of
// the way must not take long.
func TestLearning_FindsALimitWithASmallBurst(t *testing.T) {
	vendor := func() herd.Vendor { return &herd.Tokens{Rate: 200, Burst: 20} }
	c := measure(t, herd.Job{Callers: 80, N: 2000, Latency: network, RetryAfter: time.Second}, 10*time.Second, vendor)
	median, refused := c.median()
	t.Log(c)
	assert.LessOrEqual(t, median, 1.15)
	assert.LessOrEqual(t, refused, 60)
}

// Verdicts of requests from before a cut do not count, but not for ever.
func TestStaleVerdicts(t *testing.T) {
	p := newPacer(limit{perSecond: 50})
	p.relax(0)
	p.refused(0, 0, 100, 0)
	require.InDelta(t, 0.8*49, p.rate, 0.01)
	once := p.rate
	p.accepted(time.Second, 0)
	for range 50 {
		p.refused(time.Second, 0, 0, 0)
	}
	assert.Equal(t, once, p.rate)
	p.accepted(maxStale+time.Second, 0)
	p.refused(maxStale+time.Second, 0, 0, 0)
	assert.Less(t, p.rate, once)
}

// After a long silence a refusal says little: the pace must not collapse to
// what was accepted on average since the last one.
func TestSilenceIsNoEvidence(t *testing.T) {
	for name, opts := range map[string][]Option{"learned": nil, "known": {Limit("", 50, 10)}} {
		synctest.Test(t, func(t *testing.T) {
			g := New(opts...)
			b := g.bucket("x")
			herd.Job{Callers: 64, N: 300, Vendor: bucket10(), Latency: network, RetryAfter: time.Second}.Run("x", g)
			time.Sleep(90 * time.Second)
			before := b.pace.rate
			for range 3 { // a small crowd, of which one is refused
				go func() {
					_ = g.Wait(context.Background(), "x")
					time.Sleep(50 * time.Millisecond)
					g.Report("x", accepted)
				}()
			}
			time.Sleep(55 * time.Millisecond)
			once(t, g, "x", refused)
			assert.GreaterOrEqual(t, b.pace.rate, 0.49*before, name)
			time.Sleep(time.Second)
		})
	}
}

// Reports without a Wait, and absurd waits, do no harm.
func TestOddReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		for _, d := range []time.Duration{-time.Hour, 0, 1, 1<<63 - 1} {
			for range 100 {
				g.Report("x", core.Verdict{Refused: true, RetryAfter: d})
			}
			assert.LessOrEqual(t, timed(func() { once(t, g, "x", accepted) }), 2*time.Duration(float64(time.Second)/slowest))
		}
		for range 1000 {
			g.Report("x", accepted)
		}
		idle(t, g.bucket("x"))
		time.Sleep(100 * 365 * 24 * time.Hour)
		assert.Zero(t, timed(func() { once(t, g, "x", accepted) }))
	})
}

// Everything at once in real time, for the race detector.
func TestConcurrent(t *testing.T) {
	g := New(Limit("a", 2000, 20))
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(i)))
			for range 200 {
				name := string(rune('a' + rnd.IntN(3)))
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rnd.IntN(3000))*time.Microsecond)
				if g.Wait(ctx, name) == nil {
					g.Report(name, core.Verdict{Refused: name == "c" && rnd.IntN(10) == 0, RetryAfter: time.Millisecond})
				}
				g.bucket(strconv.Itoa(rnd.IntN(50)))
				cancel()
			}
		})
	}
	wg.Wait()
	for _, name := range []string{"a", "b", "c"} {
		idle(t, g.bucket(name))
	}
}
