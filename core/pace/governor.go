package pace

import (
	"context"
	"maps"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

var (
	_ core.Governor   = (*Governor)(nil)
	_ core.Forecaster = (*Governor)(nil)
)

// Governor paces the requests of one credential; make it with New. It is safe for
// concurrent use and has nothing to close.
type Governor struct {
	limits  map[string]limit // by bucket; "" holds for all others
	epoch   time.Time        // the zero of every moment in this package
	mu      sync.Mutex       // held while a bucket is added
	buckets atomic.Pointer[map[string]*bucket]
}

// limit is what a vendor says it allows.
type limit struct {
	perSecond float64
	burst     int
}

// known says whether a limit can be paced by.
func (l limit) known() bool { return l.perSecond > 0 && !math.IsInf(l.perSecond, 1) }

// Option configures a Governor.
type Option func(*Governor)

// Limit tells the vendor's limit for a bucket: perSecond requests in the long run,
// and burst at once. The governor stays 2 % under it. The empty name stands for
// every bucket that has no limit of its own.
//
// A limit that is not a positive number means "not known: learn it", so
// Limit("x", 0, 0) frees one bucket from the limit of all others.
func Limit(bucket string, perSecond float64, burst int) Option {
	return func(g *Governor) { g.limits[bucket] = limit{perSecond, burst} }
}

// New returns a governor that learns the pace of every bucket whose limit no option
// tells.
func New(opts ...Option) *Governor {
	g := &Governor{limits: map[string]limit{}, epoch: time.Now()}
	g.buckets.Store(&map[string]*bucket{})

	for _, o := range opts {
		if o != nil {
			o(g)
		}
	}
	return g
}

// Wait blocks until one request of the bucket may be sent. Callers take turns in
// the order in which they came, urgent ones (core.WithPriority) before the others.
//
// It returns the context's error when the context ends first. Where the deadline is
// before the turn it returns core.LateTurn at once, class rate_limited, and takes no
// turn. Every Wait that returns nil needs one Report.
func (g *Governor) Wait(ctx context.Context, bucket string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return g.bucket(bucket).wait(ctx)
}

// Report tells how the vendor took a request that Wait let through. It never
// blocks.
func (g *Governor) Report(bucket string, v core.Verdict) { g.bucket(bucket).report(v) }

// Forecast returns the time from now until the n-th further bulk request of the
// bucket has left, at today's pace and behind those that wait already. It is false
// while the bucket is not paced. It implements core.Forecaster.
func (g *Governor) Forecast(bucket string, n int) (time.Duration, bool) {
	return g.bucket(bucket).forecast(n)
}

// State returns what a bucket looks like now, to be shown or measured.
func (g *Governor) State(bucket string) State { return g.bucket(bucket).state() }

// bucket finds a bucket without a lock: the map is replaced, never changed.
// There are as many as the vendor's operations name, so a copy is cheap.
func (g *Governor) bucket(name string) *bucket {
	if b := (*g.buckets.Load())[name]; b != nil {
		return b
	}

	g.mu.Lock()
	defer g.mu.Unlock()
	old := *g.buckets.Load()
	if b := old[name]; b != nil { // another caller was faster
		return b
	}

	next := make(map[string]*bucket, len(old)+1)
	maps.Copy(next, old)
	l, ok := g.limits[name]
	if !ok {
		l = g.limits[""]
	}
	next[name] = newBucket(name, g.epoch, l)
	g.buckets.Store(&next)
	return next[name]
}
