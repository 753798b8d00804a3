package leasetest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/internal/herd"
	"github.com/rollcall-go/rollcall/core/internal/lease"
)

// long chooses the longer version, with real processes one row at a time.
const long = "ROLLCALL_HERD"

// The herd: machines with callers each, at a vendor of 30 ms that allows so many requests
// a second.
const (
	machines = 20
	callers  = 4
	burst    = 20
)

// Model is a server that keeps a pace on the clock of a testing/synctest bubble.
type Model interface {
	lease.Server
	// Forget loses the state.
	Forget()
	// Trip is how long a question takes.
	Trip() time.Duration
	// Fallback is that of the governor.
	Fallback(perSecond float64) core.Governor
}

// row is a line of the table. Time is over the ideal, refused a share of the requests.
type row struct {
	name             string
	told             bool
	vendor           func(rate float64) herd.Vendor
	uneven           bool
	away, empty      bool // the server is away for three seconds, and empty afterwards
	stopped          bool // a machine is stopped for five seconds
	urgent           bool // 800 bulk callers, and an urgent call now and then
	maxTime, refused float64
}

func tokens(rate float64) herd.Vendor { return &herd.Tokens{Rate: rate, Burst: burst} }

func windows(rate float64) herd.Vendor { return &herd.Windows{Size: int(rate), Length: time.Second} }

// table holds what users are promised.
var table = []row{
	{name: "told", told: true, vendor: tokens, maxTime: 1.05},
	{name: "told, uneven", told: true, vendor: tokens, uneven: true, maxTime: 1.05},
	{name: "told, the server is away for 3 s", told: true, vendor: tokens, away: true, maxTime: 1.10, refused: 0.01},
	{name: "told, a machine is stopped for 5 s", told: true, vendor: tokens, uneven: true, stopped: true, maxTime: 1.10, refused: 0.01},
	{name: "told, urgent behind 800", told: true, vendor: tokens, urgent: true, maxTime: 1.10, refused: 0.01},
	{name: "learned", vendor: tokens, maxTime: 1.15, refused: 0.03},
	{name: "learned, uneven", vendor: tokens, uneven: true, maxTime: 1.15, refused: 0.03},
	{name: "learned, windows of 1 s", vendor: windows, maxTime: 1.15, refused: 0.05},
	{name: "learned, windows of 1 s, uneven", vendor: windows, uneven: true, maxTime: 1.15, refused: 0.05},
	{name: "learned, the server is away for 3 s and empty", vendor: tokens, away: true, empty: true, maxTime: 1.20, refused: 0.05},
}

// TestTable checks the table in virtual time, at 200 requests a second. A run that is out
// of bounds is judged by the median of three, and with ROLLCALL_HERD set each by that of
// seven. NewModel is called within the bubble, once for each herd.
func TestTable(t *testing.T, newModel func(t *testing.T) Model) {
	const rate, n = 200, 2000
	seeds := 1
	if os.Getenv(long) != "" {
		seeds = 7
	}
	for _, c := range table {
		if c.stopped {
			continue // that takes a process
		}
		t.Run(c.name, func(t *testing.T) {
			var times, refused, trips []float64
			bad := func() bool { return median(times) > c.maxTime || median(refused) > c.refused }
			for seed := 0; seed < seeds || seed < 3 && bad(); seed++ {
				synctest.Test(t, func(t *testing.T) {
					s := &link{Model: newModel(t)}
					all := make([]core.Governor, machines)
					for i := range all {
						all[i] = s.governor(c.told, rate)
					}

					if c.away {
						time.AfterFunc(3*time.Second, func() { s.away.Store(true) })
						time.AfterFunc(6*time.Second, func() {
							if c.empty {
								s.Forget()
							}
							s.away.Store(false)
						})
					}

					stop := func() []time.Duration { return nil }
					job := herd.Job{Callers: machines * callers, N: n, Vendor: c.vendor(rate), Uneven: c.uneven, Seed: uint64(seed),
						Latency: [2]time.Duration{25 * time.Millisecond, 35 * time.Millisecond}, RetryAfter: time.Second}
					if c.urgent {
						job.Callers = 800
						stop = overtake(s.governor(c.told, rate))
					}

					r := job.Run("x", all...)
					for _, wait := range stop() {
						if wait > s.Trip()+time.Millisecond {
							t.Errorf("an urgent call waited for %v, and a question takes %v", wait, s.Trip())
						}
					}
					if r.Lost > 0 {
						t.Errorf("%d calls were lost, which had the time to wait", r.Lost)
					}
					time.Sleep(time.Minute) // until the last report is told

					times = append(times, r.Time.Seconds()*rate/n)
					refused = append(refused, float64(r.Refused)/n)
					trips = append(trips, float64(s.trips.Load())/float64(n+r.Refused))
				})
			}
			t.Logf("%.2f times the ideal, %.1f %% refused, %.2f round trips a call", median(times), 100*median(refused), median(trips))
			if bad() {
				t.Errorf("want at most %.2f times and %.1f %%", c.maxTime, 100*c.refused)
			}
		})
	}
}

// link is the way to a server, which can be cut, and counts the questions.
type link struct {
	Model
	away  atomic.Bool
	trips atomic.Int64
}

// Take implements lease.Server.
func (l *link) Take(ctx context.Context, a lease.Ask) (lease.Grant, error) {
	if l.away.Load() {
		return lease.Grant{}, errors.New("away")
	}
	l.trips.Add(1)
	return l.Model.Take(ctx, a)
}

func (l *link) governor(told bool, rate float64) core.Governor {
	limits := map[string]lease.Limit{}
	if told {
		limits[""] = lease.Limit{PerSecond: rate, Burst: burst}
	}
	return lease.New(lease.Config{Server: l, Limits: limits, Fallback: l.Fallback})
}

// overtake makes an urgent call every 250 ms, from the second second on. The function
// that it returns ends that, and says how long each call waited.
func overtake(g core.Governor) func() []time.Duration {
	ctx, cancel := context.WithCancel(core.WithPriority(context.Background(), core.Urgent))
	var waits []time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		time.Sleep(time.Second)
		for ctx.Err() == nil {
			start := time.Now()
			if g.Wait(ctx, "x") == nil {
				waits = append(waits, time.Since(start))
				g.Report("x", core.Verdict{})
			}
			time.Sleep(250 * time.Millisecond)
		}
	}()

	return func() []time.Duration {
		cancel()
		<-done
		return waits
	}
}

func median[N cmp.Ordered](all []N) (middle N) {
	if len(all) == 0 {
		return middle
	}
	return slices.Sorted(slices.Values(all))[len(all)/2]
}
