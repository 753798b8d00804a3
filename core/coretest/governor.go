package coretest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
)

// Limit is the vendor's limit that a governor under test is told: PerSecond requests
// in the long run, Burst at once. The zero value tells nothing: the pace is to be
// learned.
type Limit struct {
	PerSecond float64
	Burst     int
}

// TestGovernor checks the governors of one credential: a crowd of callers at vendors
// with a rate limit, told and learned, in token buckets and fixed windows, with even
// and uneven load, and urgent calls behind bulk ones.
//
// NewGovernors is called for each crowd, within its subtest, and returns one governor
// or several. Several stand for as many machines that share the credential. They must
// know nothing from earlier calls: use a credential's name of its own each time.
//
//	func TestConformance(t *testing.T) {
//		coretest.TestGovernor(t, func(t *testing.T, told coretest.Limit) []core.Governor {
//			return []core.Governor{pace.New(pace.Limit("", told.PerSecond, told.Burst))}
//		}, coretest.VirtualTime())
//	}
//
// Give VirtualTime if the governors wait for nothing but time. Without it the suite
// takes about two minutes, in real time.
func TestGovernor(t *testing.T, newGovernors func(t *testing.T, told Limit) []core.Governor, opts ...Option) {
	t.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}

	for _, c := range governorChecks {
		t.Run(c.name, func(t *testing.T) {
			body := func(t *testing.T) {
				c.run(&crowd{t, func(told Limit) []core.Governor { return newGovernors(t, told) }, o.virtual})
			}
			if !o.virtual {
				body(t)
				return
			}

			skipped := false // in a bubble it would count as passed
			synctest.Test(t, func(t *testing.T) {
				defer func() { skipped = t.Skipped() }()
				defer time.Sleep(time.Minute) // what governors still tell each other ends in the bubble
				body(t)
			})
			if skipped {
				t.SkipNow()
			}
		})
	}
}

// governorCheck is one subtest.
type governorCheck struct {
	name string
	run  func(*crowd)
}

var governorChecks = []governorCheck{
	{"no caller waits before a refusal", checkUnpaced},
	{"a told limit is kept", checkHerd(toldBurst, bucket, false, goal{1.10, 0.005})},
	{"a told limit is kept under uneven load", checkHerd(toldBurst, bucket, true, goal{1.10, 0.005})},
	{"a told limit is kept in fixed windows", checkHerd(toldEven, windows, false, goal{1.15, 0.02})},
	{"a limit is learned", checkHerd(Limit{}, bucket, false, goal{1.25, 0.06})},
	{"a limit is learned under uneven load", checkHerd(Limit{}, bucket, true, goal{1.30, 0.06})},
	{"a limit is learned in fixed windows", checkHerd(Limit{}, windows, false, goal{1.35, 0.12})},
	{"a refusal stops no other caller", checkNoStandstill},
	{"callers are not released all at once", checkNoRush},
	{"urgent calls overtake", checkUrgent},
	{"bulk calls keep half of the rate", checkHalf},
	{"urgent calls alone have the whole rate", checkAllUrgent},
	{"a turn after the deadline is refused at once", checkLateTurn},
	{"an ended context is reported", checkEnded},
	{"a caller that gives up leaves its turn to others", checkGivesUp},
	{"buckets are apart", checkBuckets},
	{"a forecast is what happens", checkForecast},
}

// The vendor of the table: 200 requests a second.
const (
	herdRate  = 200
	herdBurst = 20
)

var (
	toldBurst = Limit{herdRate, herdBurst}
	toldEven  = Limit{herdRate, 1}
	// herdLatency is a vendor of 30 ms.
	herdLatency = [2]time.Duration{20 * time.Millisecond, 40 * time.Millisecond}
)

func bucket() herd.Vendor { return &herd.Tokens{Rate: herdRate, Burst: herdBurst} }

func windows() herd.Vendor { return &herd.Windows{Size: herdRate, Length: time.Second} }

// goal is what a herd must keep: the time over the ideal, and the share of refusals.
type goal struct{ time, refused float64 }

// crowd is one check under way.
type crowd struct {
	reporter
	fresh   func(told Limit) []core.Governor
	virtual bool
}

// governors returns those of a new credential.
func (c *crowd) governors(told Limit) []core.Governor {
	c.Helper()
	g := c.fresh(told)
	if len(g) == 0 || slices.Contains(g, nil) {
		c.Fatalf("newGovernors returned no governor, or nil")
	}
	return g
}

// once lets one request through, accepted.
func (c *crowd) once(ctx context.Context, g core.Governor, bucket string) {
	c.Helper()
	if err := g.Wait(ctx, bucket); err != nil {
		c.Errorf("a Wait with time to spare: %v", err)
		return
	}
	g.Report(bucket, core.Verdict{})
}

// within checks that f takes no longer than d.
func (c *crowd) within(d time.Duration, what string, f func()) {
	c.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > d {
		c.Errorf("%s took %v, want at most %v", what, took, d)
	}
}

// queued fills the queue of all governors: n callers at told that wait until the
// returned function is called.
func (c *crowd) queued(all []core.Governor, n int) (giveUp func()) {
	ctx, cancel := context.WithCancel(c.Context())
	var wg sync.WaitGroup
	for i := range n {
		g := all[i%len(all)]
		wg.Go(func() {
			if g.Wait(ctx, "x") == nil {
				g.Report("x", core.Verdict{})
			}
		})
	}

	time.Sleep(100 * time.Millisecond) // until all of them wait
	return func() { cancel(); wg.Wait() }
}

// checkUnpaced: without a told limit and a refusal there is nothing to wait for.
func checkUnpaced(c *crowd) {
	r := herd.Job{Callers: 80, N: 2000, Vendor: herd.Open{}, Latency: herdLatency}.Run("x", c.governors(Limit{})...)
	if r.Time > 3*time.Second || r.Lost > 0 {
		c.Errorf("2000 requests without a limit took %v, want at most 3s; %d were lost", r.Time, r.Lost)
	}
}

// checkHerd is a row of the table: 80 callers and ten seconds' work.
func checkHerd(told Limit, vendor func() herd.Vendor, uneven bool, want goal) func(*crowd) {
	return func(c *crowd) {
		seeds := 1
		if c.virtual {
			seeds = 3
		}

		var times, refused []float64
		for seed := range seeds {
			r := herd.Job{Callers: 80, N: 10 * herdRate, Vendor: vendor(), Latency: herdLatency, RetryAfter: time.Second,
				Uneven: uneven, Seed: uint64(seed)}.Run("x", c.governors(told)...)
			times = append(times, r.Time.Seconds()/10)
			refused = append(refused, float64(r.Refused)/(10*herdRate))
			if r.Lost > 0 {
				c.Errorf("%d calls were lost, which had the time to wait", r.Lost)
			}
		}

		slices.Sort(times)
		slices.Sort(refused)
		got := goal{times[seeds/2], refused[seeds/2]}
		if got.time > want.time {
			c.Errorf("the work took %.2f times the ideal, want at most %.2f", got.time, want.time)
		}
		if got.refused > want.refused {
			c.Errorf("%.1f %% of the requests were refused, want at most %.1f %%", 100*got.refused, 100*want.refused)
		}
	}
}

// checkNoStandstill: while the callers that were refused sleep, the others go on.
func checkNoStandstill(c *crowd) {
	r := herd.Job{Callers: 200, N: 6 * herdRate, Vendor: bucket(), Latency: herdLatency, RetryAfter: 4 * time.Second}.
		Run("x", c.governors(Limit{})...)
	if r.Refused == 0 {
		c.Errorf("nothing was refused: 200 callers did not reach the limit of %d a second", herdRate)
		return
	}

	for from := r.Refusals[0]; from < r.Refusals[0]+3*time.Second; from += time.Second {
		if n := herd.Between(r.Accepts, from, from+time.Second); n < herdRate/5 {
			c.Errorf("in the second from %v on, %d requests were accepted, want at least %d: the others were stopped too", from, n, herdRate/5)
		}
	}
}

// checkNoRush: requests are spread out, also within a tenth of a second.
func checkNoRush(c *crowd) {
	r := herd.Job{Callers: 200, N: 5 * herdRate, Vendor: bucket(), Latency: herdLatency, RetryAfter: time.Second}.
		Run("x", c.governors(Limit{})...)
	if r.Refused == 0 {
		c.Errorf("nothing was refused: 200 callers did not reach the limit of %d a second", herdRate)
		return
	}

	all := slices.Concat(r.Accepts, r.Refusals)
	for from := r.Refusals[0] + 100*time.Millisecond; from < r.Time; from += 50 * time.Millisecond {
		if n := herd.Between(all, from, from+100*time.Millisecond); n > 80 {
			c.Errorf("at %v, %d requests left within 100ms, want at most 80", from, n)
			return
		}
	}
}

// checkUrgent: a bulk call would wait for a second, behind 200 others.
func checkUrgent(c *crowd) {
	all := c.governors(toldBurst)
	var done atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		herd.Job{Callers: 200, N: 5 * herdRate, Vendor: bucket(), Latency: herdLatency, RetryAfter: time.Second}.Run("x", all...)
		done.Store(true)
	})
	time.Sleep(time.Second)

	ctx := core.WithPriority(c.Context(), core.Urgent)
	var waits []time.Duration
	for i := 0; !done.Load(); i++ {
		start := time.Now()
		c.once(ctx, all[i%len(all)], "x")
		waits = append(waits, time.Since(start))
		time.Sleep(100 * time.Millisecond)
	}
	wg.Wait()
	if len(waits) == 0 {
		c.Fatalf("the work of five seconds was over within one: it was not paced")
	}

	slices.Sort(waits)
	if median, worst := waits[len(waits)/2], waits[len(waits)-1]; median > 50*time.Millisecond || worst > 250*time.Millisecond {
		c.Errorf("urgent calls behind bulk ones waited for %v (median) and %v (worst), want at most 50ms and 250ms", median, worst)
	}
}

// checkHalf: as many urgent callers as others, and more than enough of both.
func checkHalf(c *crowd) {
	r := herd.Job{Callers: 200, Urgent: 100, N: 5 * herdRate, Vendor: bucket(), Latency: herdLatency, RetryAfter: time.Second}.
		Run("x", c.governors(toldBurst)...)
	bulk := 0
	for _, n := range r.PerCaller[100:] {
		bulk += n
	}

	if share := float64(bulk) / (5 * herdRate); share < 0.4 {
		c.Errorf("bulk calls got %.0f %% of the rate while urgent ones waited, want half", 100*share)
	}
	if ratio := r.Time.Seconds() / 5; ratio > 1.15 {
		c.Errorf("the work took %.2f times the ideal, want at most 1.15", ratio)
	}
}

// checkAllUrgent: without bulk calls, urgent ones get the whole rate.
func checkAllUrgent(c *crowd) {
	r := herd.Job{Callers: 80, Urgent: 80, N: 5 * herdRate, Vendor: bucket(), Latency: herdLatency, RetryAfter: time.Second}.
		Run("x", c.governors(toldBurst)...)
	if ratio := r.Time.Seconds() / 5; ratio > 1.15 {
		c.Errorf("the work took %.2f times the ideal, want at most 1.15", ratio)
	}
	if r.Refused > 5*herdRate/100 {
		c.Errorf("%d urgent requests were refused, want at most %d", r.Refused, 5*herdRate/100)
	}
}

// checkLateTurn: twenty callers wait for ten seconds, and one can only wait for one.
func checkLateTurn(c *crowd) {
	all := c.governors(Limit{2, 1})
	giveUp := c.queued(all, 20)
	defer giveUp()

	for _, g := range all {
		ctx, cancel := context.WithTimeout(c.Context(), time.Second)
		var err error
		c.within(500*time.Millisecond, "a Wait whose turn comes after the deadline", func() { err = g.Wait(ctx, "x") })
		if err == nil {
			g.Report("x", core.Verdict{})
		}
		c.late(err)
		cancel()
	}
}

// late checks the error of a turn that comes too late.
func (c *crowd) late(err error) {
	c.Helper()
	e, ok := errors.AsType[*core.Error](err)
	switch {
	case !ok:
		c.Errorf("a turn after the deadline: want the error of core.LateTurn, got %v", err)
	case e.Class != core.ClassRateLimited || e.Applied != core.AppliedNo || e.RetryAfter < time.Second:
		c.Errorf("a turn after the deadline: want class %s, applied %s and the wait until the turn, got %s, %s and %v",
			core.ClassRateLimited, core.AppliedNo, e.Class, e.Applied, e.RetryAfter)
	case errors.Is(err, context.DeadlineExceeded):
		c.Errorf("a turn after the deadline: the error says that the context has ended, which it has not: %v", err)
	}
}

// checkEnded: before and during the wait.
func checkEnded(c *crowd) {
	all := c.governors(Limit{2, 1})
	giveUp := c.queued(all, 20)
	defer giveUp()

	for _, g := range all {
		ctx, cancel := context.WithCancel(c.Context())
		time.AfterFunc(200*time.Millisecond, cancel)
		for _, when := range []string{"while it waits", "before it waits"} {
			var err error
			c.within(500*time.Millisecond, "a Wait whose context ends", func() { err = g.Wait(ctx, "x") })
			if !errors.Is(err, context.Canceled) {
				c.Errorf("a context that ends %s: want %v, got %v", when, context.Canceled, err)
			}
		}
		cancel()
	}
}

// checkGivesUp: twenty callers would wait for ten seconds, and give up.
func checkGivesUp(c *crowd) {
	all := c.governors(Limit{2, 1})
	giveUp := c.queued(all, 20)
	giveUp()
	c.within(4*time.Second, "a Wait after all others gave up", func() { c.once(c.Context(), all[0], "x") })
}

// checkBuckets: a refusal in one bucket does not delay another.
func checkBuckets(c *crowd) {
	all := c.governors(Limit{})
	for range 3 {
		for _, g := range all {
			if err := g.Wait(c.Context(), "refused"); err != nil {
				c.Errorf("a Wait with time to spare: %v", err)
				return
			}
			g.Report("refused", core.Verdict{Refused: true, RetryAfter: time.Minute})
		}
	}

	c.within(time.Second, fmt.Sprintf("%d requests in another bucket", 100*len(all)), func() {
		for range 100 {
			for _, g := range all {
				c.once(c.Context(), g, "other")
			}
		}
	})
}

// checkForecast asks for two seconds' work.
func checkForecast(c *crowd) {
	const n = 2 * herdRate
	all := c.governors(toldBurst)
	f, ok := all[0].(core.Forecaster)
	if !ok {
		c.Skipf("the governor is no core.Forecaster")
	}
	c.once(c.Context(), all[0], "x")

	forecast, known := f.Forecast("x", n)
	if !known {
		c.Errorf("no forecast, though the limit was told and used")
		return
	}
	r := herd.Job{Callers: 80, N: n, Vendor: bucket(), Latency: herdLatency, RetryAfter: time.Second}.Run("x", all...)
	if ratio := forecast.Seconds() / r.Time.Seconds(); ratio < 0.8 || ratio > 1.2 {
		c.Errorf("%d requests took %v, the forecast was %v", n, r.Time, forecast)
	}
}
