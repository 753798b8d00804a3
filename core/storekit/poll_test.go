package storekit_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

var (
	errPassing = &core.Error{Vendor: "v", Op: "Look", Class: core.ClassUnavailable, Status: 503, Code: "E1", RequestID: "r1",
		Message: "down", Attempts: 4}
	pendingProbe = storekit.Probe{Phase: storekit.PhasePending, State: "IN_PROGRESS"}
	doneProbe    = storekit.Probe{Phase: storekit.PhaseDone, State: "COMPLETED"}
)

// watcher is a scripted operation: what each look shows. The last entry stands.
type watcher struct {
	looks  []any // storekit.Probe or error
	at     []time.Duration
	start  time.Time
	onLook func(n int)
}

func (w *watcher) until(ctx context.Context, wait core.Wait) (storekit.Probe, error) {
	w.start = time.Now()
	return storekit.Until(ctx, wait, "v", "Users.Settle", func(context.Context) (storekit.Probe, error) {
		w.at = append(w.at, time.Since(w.start))
		if w.onLook != nil {
			w.onLook(len(w.at))
		}
		switch x := w.looks[min(len(w.at), len(w.looks))-1].(type) {
		case storekit.Probe:
			return x, nil
		case error:
			return storekit.Probe{}, x
		}
		panic("no such look")
	})
}

// gaps are the delays before each look.
func (w *watcher) gaps() []time.Duration {
	out := make([]time.Duration, len(w.at))
	last := time.Duration(0)
	for i, at := range w.at {
		out[i], last = at-last, at
	}
	return out
}

func times(n int, x any) (out []any) {
	for range n {
		out = append(out, x)
	}
	return out
}

func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestWaitDelays(t *testing.T) {
	inBubble(t, "defaults grow from 1 s to 30 s, a quarter of jitter each way", func(t *testing.T) {
		least, most := map[int]float64{}, map[int]float64{}
		for range 60 {
			w := &watcher{looks: append(times(12, pendingProbe), doneProbe)}
			p, err := w.until(t.Context(), core.Wait{})
			require.NoError(t, err)
			require.Equal(t, doneProbe, p)
			require.Len(t, w.at, 13)
			base := 1.0
			for i, gap := range w.gaps() {
				share := gap.Seconds() / base
				require.GreaterOrEqual(t, share, 0.7499, "delay %d", i)
				require.LessOrEqual(t, share, 1.2501, "delay %d", i)
				if least[i] == 0 {
					least[i] = share
				}
				least[i], most[i] = min(least[i], share), max(most[i], share)
				base = min(base*1.5, 30)
			}
		}
		for i := range 13 {
			require.Less(t, least[i], 0.95, "jitter goes below at delay %d", i)
			require.Greater(t, most[i], 1.05, "and above")
		}
	})
	inBubble(t, "as told", func(t *testing.T) {
		w := &watcher{looks: append(times(4, pendingProbe), doneProbe)}
		_, err := w.until(t.Context(), core.Wait{First: 10 * time.Second, Growth: 2, Max: 25 * time.Second})
		require.NoError(t, err)
		for i, base := range []time.Duration{10, 20, 25, 25, 25} {
			require.InDelta(t, float64(base), w.gaps()[i].Seconds(), float64(base)/4+0.001)
		}
	})
	inBubble(t, "a ceiling below the first delay is the first delay", func(t *testing.T) {
		w := &watcher{looks: append(times(3, pendingProbe), doneProbe)}
		_, err := w.until(t.Context(), core.Wait{First: 4 * time.Second, Max: time.Second})
		require.NoError(t, err)
		for _, gap := range w.gaps() {
			require.InDelta(t, 4, gap.Seconds(), 1.001)
		}
	})
	inBubble(t, "nonsense is the default", func(t *testing.T) {
		w := &watcher{looks: []any{pendingProbe, doneProbe}}
		_, err := w.until(t.Context(), core.Wait{First: -1, Growth: -3, Max: -1, Tolerate: -1, Unknown: -1})
		require.NoError(t, err)
		require.InDelta(t, 1, w.gaps()[0].Seconds(), 0.251)
	})
	inBubble(t, "what the vendor asks for is a floor, for one delay", func(t *testing.T) {
		slow := pendingProbe
		slow.After = time.Minute
		hurry := pendingProbe
		hurry.After = time.Millisecond
		w := &watcher{looks: []any{slow, pendingProbe, hurry, doneProbe}}
		_, err := w.until(t.Context(), core.Wait{Growth: 1})
		require.NoError(t, err)
		require.Equal(t, time.Minute, w.gaps()[1])
		require.Less(t, w.gaps()[2], 2*time.Second, "forgotten by the next look")
		require.Greater(t, w.gaps()[3], 700*time.Millisecond, "a floor makes nothing faster")
	})
	inBubble(t, "so is the Retry-After of a refused look", func(t *testing.T) {
		w := &watcher{looks: []any{&core.Error{Class: core.ClassRateLimited, RetryAfter: 40 * time.Second}, pendingProbe, doneProbe}}
		_, err := w.until(t.Context(), core.Wait{Growth: 1})
		require.NoError(t, err)
		require.Equal(t, 40*time.Second, w.gaps()[1])
		require.Less(t, w.gaps()[2], 2*time.Second)
	})
}

func TestWaitEnds(t *testing.T) {
	for name, phase := range map[string]storekit.Phase{"done": storekit.PhaseDone, "failed": storekit.PhaseFailed,
		"deferred": storekit.PhaseDeferred} {
		inBubble(t, name, func(t *testing.T) {
			end := storekit.Probe{Phase: phase, State: "THE_END", After: time.Hour}
			w := &watcher{looks: []any{pendingProbe, end}}
			p, err := w.until(t.Context(), core.Wait{})
			require.NoError(t, err, "what it means is the caller's to say")
			require.Equal(t, end, p)
			require.Len(t, w.at, 2)
		})
	}
}

func TestWaitToleratesPassingFailures(t *testing.T) {
	inBubble(t, "some in a row, counted anew after a good look", func(t *testing.T) {
		looks := append(times(5, errPassing), pendingProbe)
		looks = append(looks, times(5, &core.Error{Class: core.ClassRateLimited})...)
		looks = append(looks, pendingProbe)
		looks = append(looks, times(5, &core.Error{Class: core.ClassProtocol})...)
		w := &watcher{looks: append(looks, doneProbe)}
		_, err := w.until(t.Context(), core.Wait{})
		require.NoError(t, err)
		require.Len(t, w.at, 18)
	})
	inBubble(t, "one too many", func(t *testing.T) {
		w := &watcher{looks: append([]any{pendingProbe}, times(9, errPassing)...)}
		p, err := w.until(t.Context(), core.Wait{Tolerate: 2})
		require.Len(t, w.at, 4)
		require.Equal(t, pendingProbe.State, p.State)
		require.ErrorIs(t, err, core.ErrUnavailable)
		require.ErrorContains(t, err, "3 times in a row")
		require.ErrorContains(t, err, "last seen: IN_PROGRESS")
		require.ErrorContains(t, err, "down")
		e, _ := errors.AsType[*core.Error](err)
		require.Equal(t, core.AppliedUnknown, e.Applied, "what was waited for may have happened")
		require.Equal(t, []any{"v", "Users.Settle", 503, "E1", "r1", 4}, []any{e.Vendor, e.Op, e.Status, e.Code, e.RequestID, e.Attempts})
		require.Same(t, errPassing, e.Err)
	})
	for class := range classes {
		switch class {
		case core.ClassUnavailable, core.ClassRateLimited, core.ClassProtocol:
			continue
		}
		inBubble(t, "not "+string(class), func(t *testing.T) {
			w := &watcher{looks: []any{&core.Error{Class: class, Message: "no"}, doneProbe}}
			_, err := w.until(t.Context(), core.Wait{})
			require.Len(t, w.at, 1)
			require.ErrorIs(t, err, classes[class])
			require.ErrorContains(t, err, "last seen: nothing")
		})
	}
	inBubble(t, "nor what is not documented", func(t *testing.T) {
		w := &watcher{looks: []any{io.EOF, doneProbe}}
		_, err := w.until(t.Context(), core.Wait{})
		require.Len(t, w.at, 1)
		require.ErrorIs(t, err, io.EOF)
		require.ErrorIs(t, err, core.ErrProtocol, "and every error has a class")
	})
}

func TestWaitSleepsNoLongerThanTheVendorMayAsk(t *testing.T) {
	for name, refusal := range map[string]*core.Error{
		"rate limited": {Class: core.ClassRateLimited, Status: 429, RetryAfter: 10 * time.Second, RequestID: "r1", Attempts: 1,
			Message: "slow down"},
		"unavailable": {Class: core.ClassUnavailable, Status: 503, RetryAfter: 10 * time.Second, RequestID: "r1", Attempts: 1,
			Message: "slow down"},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := &watcher{looks: []any{pendingProbe, refusal, doneProbe}}
			p, err := w.until(t.Context(), core.Wait{MaxAsked: 2 * time.Second})
			require.Equal(t, pendingProbe.State, p.State)
			require.Len(t, w.at, 2)
			require.Equal(t, w.at[1], time.Since(w.start), "at once")
			require.ErrorContains(t, err, "slow down")
			require.ErrorContains(t, err, "last seen: IN_PROGRESS")
			e, _ := errors.AsType[*core.Error](err)
			require.Equal(t, []any{refusal.Class, refusal.Status, 10 * time.Second, "r1", 1, core.AppliedUnknown},
				[]any{e.Class, e.Status, e.RetryAfter, e.RequestID, e.Attempts, e.Applied})
			require.Same(t, refusal, e.Err)
		})
		inBubble(t, name+", and no longer than asked at most", func(t *testing.T) {
			w := &watcher{looks: []any{refusal, doneProbe}}
			_, err := w.until(t.Context(), core.Wait{MaxAsked: 10 * time.Second})
			require.NoError(t, err)
			require.Equal(t, 10*time.Second, w.gaps()[1])
		})
	}
	inBubble(t, "nor where a good look asks for it", func(t *testing.T) {
		late := pendingProbe
		late.After = time.Hour
		w := &watcher{looks: []any{late, doneProbe}}
		_, err := w.until(t.Context(), core.Wait{MaxAsked: time.Minute})
		require.ErrorIs(t, err, core.ErrUnavailable)
		e, _ := errors.AsType[*core.Error](err)
		require.Equal(t, time.Hour, e.RetryAfter)
		require.Len(t, w.at, 1)
	})
}

func TestWaitBoundsUnknownStates(t *testing.T) {
	odd := storekit.Probe{Phase: storekit.PhaseUnknown, State: "PONDERING" + strings.Repeat("!", 500)}
	inBubble(t, "waited out, counted anew after a known one", func(t *testing.T) {
		looks := append(times(20, odd), pendingProbe)
		looks = append(looks, times(20, odd)...)
		w := &watcher{looks: append(looks, doneProbe)}
		_, err := w.until(t.Context(), core.Wait{})
		require.NoError(t, err)
		require.Len(t, w.at, 42)
	})
	inBubble(t, "up to the bound", func(t *testing.T) {
		w := &watcher{looks: []any{odd}}
		p, err := w.until(t.Context(), core.Wait{Unknown: 3})
		require.Len(t, w.at, 4)
		require.Equal(t, odd, p)
		require.ErrorIs(t, err, core.ErrProtocol)
		require.ErrorContains(t, err, `unknown state "PONDERING`)
		require.Less(t, len(err.Error()), 300, "a vendor's word is bounded")
		e, _ := errors.AsType[*core.Error](err)
		require.Equal(t, core.AppliedUnknown, e.Applied)
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	ended := func(t *testing.T, err, cause error, text string) {
		t.Helper()
		require.ErrorIs(t, err, core.ErrCanceled)
		require.ErrorIs(t, err, cause)
		require.ErrorContains(t, err, text)
		e, _ := errors.AsType[*core.Error](err)
		require.Equal(t, core.ClassCanceled, e.Class)
		require.Equal(t, core.AppliedUnknown, e.Applied)
		require.NotEmpty(t, e.Hint)
		require.NotContains(t, err.Error(), "\n")
	}
	inBubble(t, "cancelled before the first look", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w := &watcher{looks: []any{doneProbe}}
		_, err := w.until(ctx, core.Wait{})
		ended(t, err, context.Canceled, "nothing seen yet after 0 looks")
		require.Empty(t, w.at)
	})
	inBubble(t, "cancelled between two looks", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &watcher{looks: []any{pendingProbe}, onLook: func(n int) {
			if n == 3 {
				time.AfterFunc(time.Millisecond, cancel)
			}
		}}
		p, err := w.until(ctx, core.Wait{})
		ended(t, err, context.Canceled, "last seen: IN_PROGRESS after 3 looks")
		require.Equal(t, pendingProbe, p)
		require.Equal(t, w.at[2]+time.Millisecond, time.Since(w.start), "at once")
	})
	inBubble(t, "cancelled in the middle of a look", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := &watcher{looks: []any{pendingProbe, &core.Error{Class: core.ClassPermission}}, onLook: func(n int) {
			if n == 2 {
				cancel()
			}
		}}
		_, err := w.until(ctx, core.Wait{})
		ended(t, err, context.Canceled, "last seen: IN_PROGRESS after 2 looks")
	})
	inBubble(t, "a deadline gets one last look shortly before it", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
		defer cancel()
		w := &watcher{looks: []any{pendingProbe}}
		_, err := w.until(ctx, core.Wait{First: 70 * time.Second, Max: 70 * time.Second})
		ended(t, err, context.DeadlineExceeded, "last seen: IN_PROGRESS")
		last := w.at[len(w.at)-1]
		require.GreaterOrEqual(t, last, 98*time.Second)
		require.Less(t, last, 100*time.Second)
		require.NoError(t, ctx.Err(), "it does not sleep into the deadline")
	})
	inBubble(t, "and the last look counts", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w := &watcher{looks: []any{doneProbe}}
		p, err := w.until(ctx, core.Wait{First: time.Hour})
		require.NoError(t, err)
		require.Equal(t, doneProbe, p)
		require.Equal(t, []time.Duration{900 * time.Millisecond}, w.at)
	})
	inBubble(t, "but not before the vendor wants to be asked", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		w := &watcher{looks: []any{pendingProbe, &core.Error{Class: core.ClassRateLimited, RetryAfter: time.Minute}}}
		_, err := w.until(ctx, core.Wait{})
		e, _ := errors.AsType[*core.Error](err)
		require.Equal(t, core.ClassRateLimited, e.Class, "it is not the caller who ended it")
		require.ErrorContains(t, err, "last seen: IN_PROGRESS")
		require.Equal(t, time.Minute, e.RetryAfter, "how long was asked for")
		require.Less(t, time.Since(w.start), 4*time.Second, "a wait that cannot end in time is not slept")

		late := pendingProbe
		late.After = time.Minute
		ctx, cancel = context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		w = &watcher{looks: []any{late}}
		_, err = w.until(ctx, core.Wait{})
		ended(t, err, context.DeadlineExceeded, "last seen: IN_PROGRESS after 1 looks")
		require.Less(t, time.Since(w.start), 4*time.Second, "so where a good look asks for it")

		late = pendingProbe
		late.After = 9900 * time.Millisecond
		ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		w = &watcher{looks: []any{late, doneProbe}}
		_, err = w.until(ctx, core.Wait{First: time.Millisecond, Max: time.Hour})
		require.NoError(t, err)
		require.GreaterOrEqual(t, w.gaps()[1], late.After)
	})
}

func TestWaitersSpreadOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		at := make(chan time.Duration, 200)
		for range cap(at) {
			go storekit.Until(t.Context(), core.Wait{}, "v", "o", func(context.Context) (storekit.Probe, error) {
				at <- time.Since(start)
				return doneProbe, nil
			})
		}
		seen := map[time.Duration]int{}
		for range cap(at) {
			seen[(<-at).Round(10*time.Millisecond)]++
		}
		require.Greater(t, len(seen), 30, "a crowd of waiters does not look at once")
	})
}

// classes pairs each class with its sentinel.
var classes = map[core.Class]error{
	"not_found": core.ErrNotFound, "conflict": core.ErrConflict, "revision": core.ErrRevision, "invalid": core.ErrInvalid,
	"unauthenticated": core.ErrUnauthenticated, "permission": core.ErrPermission, "rate_limited": core.ErrRateLimited,
	"unavailable": core.ErrUnavailable, "unsupported": core.ErrUnsupported, "not_applied": core.ErrNotApplied,
	"failed": core.ErrFailed, "partial": core.ErrPartial, "incomplete": core.ErrIncomplete, "canceled": core.ErrCanceled,
	"protocol": core.ErrProtocol,
}

func TestErrorIsItsSentinelAndNoOther(t *testing.T) {
}
