package pace

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
)

func TestState_TellsTheToldLimitAndWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 10, 1))
		once(t, g, "x", accepted)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				ctx := ctx
				if i < 2 {
					ctx = urgently(ctx)
				}
				assert.ErrorIs(t, g.Wait(ctx, "x"), context.Canceled)
			})
		}
		synctest.Wait()

		s := g.State("x")
		assert.InDelta(t, 9.8, s.Rate, 1e-9)
		s.Rate = 0
		assert.Equal(t, State{Limit: 10, Waiting: 5, Urgent: 2}, s)
		assert.Zero(t, g.State("other").Waiting)
		cancel()
		wg.Wait()
		require.NoError(t, g.Wait(t.Context(), "x"))
		assert.Equal(t, 1, g.State("x").UnderWay)
		assert.Zero(t, g.State("x").Waiting)
		g.Report("x", accepted)
	})
}

func TestState_RemembersRefusalsForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		assert.Equal(t, State{}, g.State("x"))
		for range 3 {
			once(t, g, "x", refused)
		}
		s := g.State("x")
		assert.Equal(t, 3, s.RefusedLately)
		assert.True(t, s.Refusing)
		assert.Positive(t, s.Rate)

		time.Sleep(30 * time.Second)
		once(t, g, "x", accepted)
		assert.Equal(t, 3, g.State("x").RefusedLately)
		assert.False(t, g.State("x").Refusing)
		time.Sleep(33 * time.Second)
		assert.Zero(t, g.State("x").RefusedLately)
	})
}

func TestForecast_IsWhatHappens(t *testing.T) {
	for _, n := range []int{1, 4, 20, 50, 200, 1000} {
		synctest.Test(t, func(t *testing.T) {
			g := New(Limit("", 50, 10))
			for _, silence := range []time.Duration{0, time.Minute} { // without and with a burst to come
				time.Sleep(silence)
				want, ok := g.Forecast("x", n)
				require.True(t, ok)
				var wg sync.WaitGroup
				start := time.Now()
				for range n {
					wg.Go(func() { once(t, g, "x", accepted) })
				}
				wg.Wait()
				took := time.Since(start)
				assert.InDelta(t, want.Seconds(), took.Seconds(), 0.05+0.02*took.Seconds(), "%d requests after %v", n, silence)
			}
		})
	}
}

func TestForecast_CountsThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 10, 1))
		once(t, g, "x", accepted)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { once(t, g, "x", accepted) })
		}
		synctest.Wait()
		d, ok := g.Forecast("x", 10)
		assert.True(t, ok)
		assert.InDelta(t, 60/9.8, d.Seconds(), 0.1)
		wg.Wait()
	})
}

func TestForecast_NeedsAPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New()
		_, ok := g.Forecast("x", 100)
		assert.False(t, ok, "nothing was refused yet")

		herd.Job{Callers: 64, N: 1500, Vendor: bucket10(), Latency: network, RetryAfter: time.Second}.Run("x", g)
		d, ok := g.Forecast("x", 500)
		assert.True(t, ok)
		assert.InDelta(t, 10, d.Seconds(), 2)

		d, ok = g.Forecast("x", 0)
		assert.True(t, ok)
		assert.Zero(t, d)
		d, ok = g.Forecast("x", 1<<62)
		assert.True(t, ok)
		assert.Positive(t, d, "no overflow")
	})
}

// A told limit slower than any that is learned is not left for a faster pace when the
// vendor refuses.
func TestLimit_AVerySlowOneIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := New(Limit("", 1./60, 1))
		for range 5 {
			once(t, g, "x", core.Verdict{Refused: true, RetryAfter: time.Minute})
			assert.LessOrEqual(t, g.State("x").Rate, 1./60)
		}
	})
}

func TestNew_TakesNoHarmFromNil(t *testing.T) {
	assert.NotPanics(t, func() { New(nil, Limit("x", 1, 1), nil) })
}
