package coretest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
)

// flawed is a good governor with one thing wrong.
type flawed struct {
	*pace.Governor
	wait     func(ctx context.Context, bucket string) error
	report   func(bucket string, v core.Verdict)
	forecast func(bucket string, n int) (time.Duration, bool)
}

func (f *flawed) Wait(ctx context.Context, bucket string) error {
	if f.wait != nil {
		return f.wait(ctx, bucket)
	}
	return f.Governor.Wait(ctx, bucket)
}

func (f *flawed) Report(bucket string, v core.Verdict) {
	if f.report != nil {
		f.report(bucket, v)
		return
	}
	f.Governor.Report(bucket, v)
}

func (f *flawed) Forecast(bucket string, n int) (time.Duration, bool) {
	if f.forecast != nil {
		return f.forecast(bucket, n)
	}
	return f.Governor.Forecast(bucket, n)
}

func good(told Limit) *flawed {
	return &flawed{Governor: pace.New(pace.Limit("", told.PerSecond, told.Burst))}
}

// one makes a flaw of a single governor.
func one(spoil func(*flawed)) func(Limit) []core.Governor {
	return func(told Limit) []core.Governor {
		f := good(told)
		spoil(f)
		return []core.Governor{f}
	}
}

// several makes governors of one credential that do not know of each other, each told
// a part of the limit.
func several(n int, part float64) func(Limit) []core.Governor {
	return func(told Limit) []core.Governor {
		told.PerSecond *= part
		all := make([]core.Governor, n)
		for i := range all {
			all[i] = good(told)
		}
		return all
	}
}

// stopper is the most common governor: on a refusal it stops
// everybody, and then lets all go.
type stopper struct {
	mu    sync.Mutex
	until time.Time
}

func (s *stopper) Wait(ctx context.Context, _ string) error {
	s.mu.Lock()
	d := time.Until(s.until)
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (s *stopper) Report(_ string, v core.Verdict) {
	if v.Refused {
		s.mu.Lock()
		s.until = time.Now().Add(v.RetryAfter)
		s.mu.Unlock()
	}
}

// ruthless lets bulk calls go only while no urgent one waits.
type ruthless struct {
	*pace.Governor
	mu     sync.Mutex
	urgent int
}

func (r *ruthless) count(n int) (urgent int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.urgent += n
	return r.urgent
}

func (r *ruthless) Wait(ctx context.Context, bucket string) error {
	if core.PriorityOf(ctx) == core.Urgent {
		r.count(1)
		defer r.count(-1)
	} else {
		for r.count(0) > 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	return r.Governor.Wait(ctx, bucket)
}

var governorFlaws = []struct {
	flaw  string
	check string // that must find it
	make  func(told Limit) []core.Governor
}{
	{"it does not pace", "a told limit is kept", one(func(f *flawed) {
		f.wait = func(ctx context.Context, _ string) error { return ctx.Err() }
	})},
	{"it does not pace", "a told limit is kept in fixed windows", one(func(f *flawed) {
		f.wait = func(ctx context.Context, _ string) error { return ctx.Err() }
	})},
	{"it does not learn", "a limit is learned", one(func(f *flawed) {
		f.report = func(bucket string, _ core.Verdict) { f.Governor.Report(bucket, core.Verdict{}) }
	})},
	{"it does not learn", "a limit is learned in fixed windows", one(func(f *flawed) {
		f.report = func(bucket string, _ core.Verdict) { f.Governor.Report(bucket, core.Verdict{}) }
	})},
	{"it paces before there is a reason", "no caller waits before a refusal", func(told Limit) []core.Governor {
		if told.PerSecond == 0 {
			told = Limit{100, 1}
		}
		return []core.Governor{good(told)}
	}},
	{"it stops everybody", "a refusal stops no other caller", func(Limit) []core.Governor { return []core.Governor{&stopper{}} }},
	{"it lets all go at once", "callers are not released all at once", func(Limit) []core.Governor { return []core.Governor{&stopper{}} }},
	{"each machine takes the whole limit", "a told limit is kept", several(4, 1)},
	{"each machine learns alone", "a limit is learned under uneven load", several(20, 1)},
	{"each machine takes its part of the limit", "a told limit is kept under uneven load", several(4, 0.25)},
	{"it ignores what is urgent", "urgent calls overtake", one(func(f *flawed) {
		f.wait = func(ctx context.Context, bucket string) error {
			return f.Governor.Wait(core.WithPriority(ctx, core.Bulk), bucket)
		}
	})},
	{"urgent calls starve the others", "bulk calls keep half of the rate", func(told Limit) []core.Governor {
		return []core.Governor{&ruthless{Governor: good(told).Governor}}
	}},
	{"half of the rate is kept free", "urgent calls alone have the whole rate", one(func(f *flawed) {
		half := pace.New(pace.Limit("", herdRate/2, 1))
		f.wait = func(ctx context.Context, bucket string) error {
			if core.PriorityOf(ctx) == core.Urgent {
				if err := half.Wait(ctx, bucket); err != nil {
					return err
				}
				half.Report(bucket, core.Verdict{})
			}
			return f.Governor.Wait(ctx, bucket)
		}
	})},
	{"it sleeps into the deadline", "a turn after the deadline is refused at once", one(func(f *flawed) {
		f.wait = func(ctx context.Context, bucket string) error {
			err := f.Governor.Wait(ctx, bucket)
			if errors.Is(err, core.ErrRateLimited) {
				<-ctx.Done()
			}
			return err
		}
	})},
	{"a late turn is called canceled", "a turn after the deadline is refused at once", one(func(f *flawed) {
		f.wait = func(ctx context.Context, bucket string) error {
			if f.Governor.Wait(ctx, bucket) != nil {
				return context.DeadlineExceeded
			}
			return nil
		}
	})},
	{"a late turn says no wait", "a turn after the deadline is refused at once", one(func(f *flawed) {
		f.wait = func(ctx context.Context, bucket string) error {
			if f.Governor.Wait(ctx, bucket) != nil {
				return core.LateTurn(bucket, 0, 0)
			}
			return nil
		}
	})},
	{"it does not see the context end", "an ended context is reported", one(func(f *flawed) {
		f.wait = func(ctx context.Context, bucket string) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return f.Governor.Wait(context.WithoutCancel(ctx), bucket)
		}
	})},
	{"it lets go whose context has ended", "an ended context is reported", one(func(f *flawed) {
		f.wait = func(ctx context.Context, bucket string) error {
			if ctx.Err() != nil {
				return nil
			}
			return f.Governor.Wait(ctx, bucket)
		}
	})},
	{"a turn is lost with its caller", "a caller that gives up leaves its turn to others", one(func(f *flawed) {
		var lost atomic.Int64
		f.wait = func(ctx context.Context, bucket string) error {
			for ; lost.Load() > 0; lost.Add(-1) {
				if f.Governor.Wait(ctx, bucket) == nil {
					f.Governor.Report(bucket, core.Verdict{})
				}
			}
			err := f.Governor.Wait(ctx, bucket)
			if err != nil {
				lost.Add(1)
			}
			return err
		}
	})},
	{"all buckets are one", "buckets are apart", one(func(f *flawed) {
		f.wait = func(ctx context.Context, _ string) error { return f.Governor.Wait(ctx, "") }
		f.report = func(_ string, v core.Verdict) { f.Governor.Report("", v) }
	})},
	{"the forecast is far off", "a forecast is what happens", one(func(f *flawed) {
		f.forecast = func(bucket string, n int) (time.Duration, bool) {
			d, ok := f.Governor.Forecast(bucket, n)
			return 2 * d, ok
		}
	})},
	{"there is no governor", "buckets are apart", func(Limit) []core.Governor { return nil }},
}

// verdict runs one check over governors and returns what it found.
func verdict(t *testing.T, check string, fresh func(Limit) []core.Governor) *recorder {
	t.Helper()
	r := &recorder{}
	ran := false
	for _, c := range governorChecks {
		if c.name != check {
			continue
		}
		ran = true
		synctest.Test(t, func(t *testing.T) {
			r.ctx = t.Context()
			done := make(chan struct{})
			go func() { // Fatalf ends its goroutine
				defer close(done)
				c.run(&crowd{r, fresh, true})
			}()
			<-done
		})
	}
	require.True(t, ran, "there is no check %q", check)
	return r
}

// Each flaw is planted in a governor that is good otherwise, and must be found by the
// check that is there for it.
func TestGovernorSuite_FindsFlaws(t *testing.T) {
	found := map[string]bool{}
	for _, f := range governorFlaws {
		t.Run(f.flaw+": "+f.check, func(t *testing.T) {
			r := verdict(t, f.check, f.make)
			require.NotEmpty(t, r.failures)
			t.Log(r.failures[0])
			require.Empty(t, verdict(t, f.check, one(func(*flawed) {})).failures, "without the flaw")
		})
		found[f.check] = true
	}
	for _, c := range governorChecks {
		require.True(t, found[c.name], "no flaw shows that the check %q can fail", c.name)
	}
}

// One that cannot tell is no Forecaster, and still good.
func TestGovernorSuite_NeedsNoForecast(t *testing.T) {
	r := verdict(t, "a forecast is what happens", func(told Limit) []core.Governor {
		return []core.Governor{struct{ core.Governor }{good(told)}}
	})
	require.Empty(t, r.failures)
	require.NotEmpty(t, r.skipped)
}
