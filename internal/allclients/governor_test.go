package allclients

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
	"github.com/rollcall-go/rollcall/core/simtest"
)

// recorder is a Governor of the user's own, around another.
type recorder struct {
	core.Governor
	mu       sync.Mutex
	turns    []string // the operations that were let through
	verdicts []core.Verdict
}

func (r *recorder) Wait(ctx context.Context, bucket string) error {
	err := r.Governor.Wait(ctx, bucket)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.turns = append(r.turns, core.OperationOf(ctx))
	}
	return err
}

func (r *recorder) Report(bucket string, v core.Verdict) {
	r.mu.Lock()
	r.verdicts = append(r.verdicts, v)
	r.mu.Unlock()
	r.Governor.Report(bucket, v)
}

// TestGovernor_PacesACrowdOnTwoClients: 1,000 callers on two clients of one credential,
// which share a governor, send no more than the limit.
func TestGovernor_PacesACrowdOnTwoClients(t *testing.T) {
	const perSecond, burst, callers = 50, 10, 1000
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			shared := &recorder{Governor: pace.New(pace.Limit("", perSecond, burst))}
			one := v.account(t, core.ClientOptions{Governor: shared, MaxPacing: time.Hour})
			two := v.account(t, core.ClientOptions{Governor: shared, MaxPacing: time.Hour, Transport: one.sim.Transport()})

			var crowd sync.WaitGroup
			for i := range callers {
				crowd.Go(func() { assert.NoError(t, []*account{one, two}[i%2].read(t.Context())) })
			}
			crowd.Wait()

			requests := one.sim.Requests()
			require.GreaterOrEqual(t, len(requests), callers)
			require.Empty(t, two.sim.Requests())
			require.ElementsMatch(t, opsOf(requests), shared.turns, "every request passes the governor")
			require.Len(t, shared.verdicts, len(shared.turns), "and is reported")
			within(t, requests, perSecond, burst)
		})
	})
}

// within checks that no second holds more than the limit. A vendor counts each bucket, and
// only the crowd's is full.
func within(t *testing.T, requests []simtest.Request, perSecond, burst int) {
	t.Helper()
	counts := map[string][]time.Time{}
	for _, r := range requests {
		counts[r.Op] = append(counts[r.Op], r.At)
	}
	for op, at := range counts {
		for i, from := range at {
			n := 0
			for _, other := range at[i:] {
				if other.Sub(from) < time.Second {
					n++
				}
			}
			require.LessOrEqual(t, n, perSecond+burst, "%s in the second after %v", op, from)
		}
	}
	last := requests[len(requests)-1].At.Sub(requests[0].At)
	require.GreaterOrEqual(t, last, time.Duration(len(requests)/2)*time.Second/time.Duration(perSecond))
}

// TestGovernor_IsToldOfARefusal: with the wait that came with it.
func TestGovernor_IsToldOfARefusal(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			own := &recorder{Governor: pace.New()}
			a := v.account(t, core.ClientOptions{Governor: own})
			require.NoError(t, a.read(t.Context()))
			a.sim.Fault(simtest.Fault{Status: 429, RetryAfter: "7"})
			start := time.Now()
			require.NoError(t, a.read(t.Context()))
			require.GreaterOrEqual(t, time.Since(start), 7*time.Second)
			require.Contains(t, own.verdicts, core.Verdict{Refused: true, RetryAfter: 7 * time.Second})
		})
	})
}

// TestGovernor_IsShownByTheStore: the one that was given, and else the client's own.
func TestGovernor_IsShownByTheStore(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		given := pace.New()
		shows, ok := v.account(t, core.ClientOptions{Governor: given}).store.(core.Paced)
		require.True(t, ok)
		require.Same(t, given, shows.Governor())

		told := v.account(t, core.ClientOptions{RateLimit: core.RateLimit{PerSecond: 10}}).store.(core.Paced)
		forecast, ok := told.Governor().(core.Forecaster)
		require.True(t, ok)
		took, known := forecast.Forecast("api", 100)
		require.True(t, known, "a told limit is known before the first request")
		require.InDelta(t, 10, took.Seconds(), 1)
	})
}
