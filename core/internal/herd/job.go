package herd

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Job is a herd: Callers take N requests one after another, each until it is
// accepted.
type Job struct {
	Callers, N int
	Vendor     Vendor
	Latency    [2]time.Duration // least and most of a round trip
	RetryAfter time.Duration    // what a refusal names
	Sleep      time.Duration    // what a caller sleeps where nothing is named
	Seed       uint64
	Limit      time.Duration // the context's; 0: an hour

	// Urgent is how many of the callers are urgent: the first ones.
	Urgent int
	// Uneven gives the first of several governors ten callers for each one that
	// another governor gets.
	Uneven bool
}

// Result is what came of a job. Moments are measured from its start.
type Result struct {
	Time      time.Duration // until the last was accepted
	Refused   int
	Lost      int // requests whose Wait failed
	Accepts   []time.Duration
	Refusals  []time.Duration
	Waits     []time.Duration // how long each Wait took
	PerCaller []int           // accepted by each
}

// run is a job under way.
type run struct {
	Job
	bucket string
	start  time.Time
	next   atomic.Int64

	mu     sync.Mutex
	result Result
}

// Run does the job over the governors of one credential.
func (j Job) Run(bucket string, governors ...core.Governor) Result {
	if j.Limit == 0 {
		j.Limit = time.Hour
	}
	ctx, cancel := context.WithTimeout(context.Background(), j.Limit)
	defer cancel()

	r := &run{Job: j, bucket: bucket, start: time.Now(), result: Result{PerCaller: make([]int, j.Callers)}}
	var wg sync.WaitGroup
	for c := range j.Callers {
		g := governors[j.governorOf(c, len(governors))]
		wg.Go(func() { r.caller(ctx, g, c) })
	}
	wg.Wait()

	r.result.Time = time.Since(r.start)
	r.result.Refused = len(r.result.Refusals)
	return r.result
}

// governorOf says which of n governors a caller uses.
func (j Job) governorOf(caller, n int) int {
	if !j.Uneven {
		return caller % n
	}
	return max(0, caller%(n+9)-9)
}

// caller takes requests until there are none left.
func (r *run) caller(ctx context.Context, g core.Governor, c int) {
	rnd := rand.New(rand.NewPCG(r.Seed, uint64(c)))
	if c < r.Urgent {
		ctx = core.WithPriority(ctx, core.Urgent)
	}
	for r.next.Add(1) <= int64(r.N) {
		if !r.request(ctx, g, c, rnd) {
			r.mu.Lock()
			r.result.Lost++
			r.mu.Unlock()
		}
	}
}

// request sends one request until it is accepted.
func (r *run) request(ctx context.Context, g core.Governor, c int, rnd *rand.Rand) bool {
	for {
		asked := time.Now()
		if g.Wait(ctx, r.bucket) != nil {
			return false
		}
		waited := time.Since(asked)

		rtt := r.Latency[0]
		if d := r.Latency[1] - r.Latency[0]; d > 0 {
			rtt += time.Duration(rnd.Int64N(int64(d)))
		}
		there := time.Duration(rnd.Float64() * float64(rtt))
		pause(there)
		ok := r.admit(c, waited)
		pause(rtt - there)
		if ok {
			g.Report(r.bucket, core.Verdict{})
			return true
		}

		g.Report(r.bucket, core.Verdict{Refused: true, RetryAfter: r.RetryAfter})
		own := r.RetryAfter + r.Sleep
		pause(own + time.Duration(rnd.Float64()*0.1*float64(own)))
	}
}

// admit asks the vendor, and notes what it said.
func (r *run) admit(c int, waited time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	ok := r.Vendor.Admit(now)
	r.result.Waits = append(r.result.Waits, waited)
	if ok {
		r.result.Accepts = append(r.result.Accepts, now.Sub(r.start))
		r.result.PerCaller[c]++
	} else {
		r.result.Refusals = append(r.result.Refusals, now.Sub(r.start))
	}
	return ok
}

func pause(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	}
}

// Between counts the moments from a to b.
func Between(moments []time.Duration, a, b time.Duration) (n int) {
	for _, m := range moments {
		if m >= a && m < b {
			n++
		}
	}
	return n
}
