package pace

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// A vendor decides what is refused. It is the model of a rate limit.
type vendor interface {
	admit(now time.Time) bool
}

// tokens is a token bucket.
type tokens struct {
	rate, burst float64
	punish      bool // refusals count too: the bucket sinks to one burst below empty
	level       float64
	last        time.Time
}

func (t *tokens) admit(now time.Time) bool {
	if t.last.IsZero() {
		t.level = t.burst
	} else {
		t.level = min(t.burst, t.level+t.rate*now.Sub(t.last).Seconds())
	}
	t.last = now
	if t.level < 1 {
		if t.punish {
			t.level = max(-t.burst, t.level-1)
		}
		return false
	}
	t.level--
	return true
}

// windows allows size requests in each fixed window; the first begins with the
// first request.
type windows struct {
	size   int
	length time.Duration
	start  time.Time
	used   int
}

func (w *windows) admit(now time.Time) bool {
	if w.start.IsZero() {
		w.start = now
	}
	if n := now.Sub(w.start) / w.length; n > 0 {
		w.start, w.used = w.start.Add(n*w.length), 0
	}
	if w.used >= w.size {
		return false
	}
	w.used++
	return true
}

// open refuses nothing.
type open struct{}

func (open) admit(time.Time) bool { return true }

// switching is a vendor whose limit changes with the time since its first
// request.
type switching struct {
	start time.Time
	pick  func(since time.Duration) vendor
}

func (s *switching) admit(now time.Time) bool {
	if s.start.IsZero() {
		s.start = now
	}
	return s.pick(now.Sub(s.start)).admit(now)
}

// job is a herd: callers take n mutations one after another, each until it is
// accepted.
type job struct {
	callers, n int
	vendor     vendor
	latency    [2]time.Duration // least and most of a round trip
	retryAfter time.Duration    // what a refusal names
	sleep      time.Duration    // what a caller sleeps where nothing is named
	seed       uint64
	limit      time.Duration // the context's; 0: an hour
}

// result is what came of a job.
type result struct {
	time      time.Duration // until the last was accepted
	refused   int
	lost      int
	accepts   []time.Duration // when each was accepted
	refusals  []time.Duration
	waits     []time.Duration // how long each Wait took
	perCaller []int           // accepted by each
}

func (j job) run(g core.Governor, bucket string) result {
	if j.limit == 0 {
		j.limit = time.Hour
	}
	ctx, cancel := context.WithTimeout(context.Background(), j.limit)
	defer cancel()
	var (
		mu    sync.Mutex
		r     = result{perCaller: make([]int, j.callers)}
		next  atomic.Int64
		wg    sync.WaitGroup
		start = time.Now()
	)
	one := func(caller int, rnd *rand.Rand) bool {
		for {
			asked := time.Now()
			if g.Wait(ctx, bucket) != nil {
				return false
			}
			waited := time.Since(asked)
			rtt := j.latency[0]
			if d := j.latency[1] - j.latency[0]; d > 0 {
				rtt += time.Duration(rnd.Int64N(int64(d)))
			}
			there := time.Duration(rnd.Float64() * float64(rtt))
			pause(there)
			mu.Lock()
			now := time.Now()
			ok := j.vendor.admit(now)
			r.waits = append(r.waits, waited)
			if ok {
				r.accepts = append(r.accepts, now.Sub(start))
				r.perCaller[caller]++
			} else {
				r.refusals = append(r.refusals, now.Sub(start))
			}
			mu.Unlock()
			pause(rtt - there)
			if ok {
				g.Report(bucket, core.Verdict{})
				return true
			}
			g.Report(bucket, core.Verdict{Refused: true, RetryAfter: j.retryAfter})
			own := j.retryAfter + j.sleep
			pause(own + time.Duration(rnd.Float64()*0.1*float64(own)))
		}
	}
	for c := range j.callers {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(j.seed, uint64(c)))
			for next.Add(1) <= int64(j.n) {
				if !one(c, rnd) {
					mu.Lock()
					r.lost++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	r.time = time.Since(start)
	r.refused = len(r.refusals)
	return r
}

func pause(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	}
}

// cell collects the results of several seeds.
type cell struct {
	ideal   time.Duration
	ratios  []float64
	refused []int
	lost    int
}

func (c *cell) add(r result) {
	c.ratios = append(c.ratios, r.time.Seconds()/c.ideal.Seconds())
	c.refused = append(c.refused, r.refused)
	c.lost += r.lost
}

// worst is the third worst of the seeds: which of the waiting goroutines runs first
// is not the seed's to say, and one or two unlucky draws must not fail a build.
func (c *cell) worst() (ratio float64, refused int) {
	slices.Sort(c.ratios)
	slices.Sort(c.refused)
	n := len(c.ratios)
	return c.ratios[max(0, n-3)], c.refused[max(0, n-3)]
}

func (c *cell) median() (ratio float64, refused int) {
	slices.Sort(c.ratios)
	slices.Sort(c.refused)
	return c.ratios[len(c.ratios)/2], c.refused[len(c.refused)/2]
}

func (c *cell) String() string {
	mr, mn := c.median()
	wr, wn := c.worst()
	return fmt.Sprintf("%.2f (%.2f) / %3d (%3d) / %d", mr, wr, mn, wn, c.lost)
}
