// Package gate is the governor that lives in memory: it paces the requests of
// one credential, rate bucket by rate bucket, for all callers together.
//
// A bucket whose limit is known is kept just under it. Any other bucket is
// left alone until the vendor refuses a request; then the gate learns a pace
// from what is accepted and refused, and climbs back with care. It only ever
// spaces requests out: it does not stop everybody, and so never has a crowd to
// let loose.
package pace

import (
	"context"
	"fmt"
	"maps"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

var _ core.Governor = (*Governor)(nil)

// Governor paces requests; make one for each credential with New. It is safe
// for concurrent use and has nothing to close.
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

// Option configures a Governor.
type Option func(*Governor)

// Limit tells the vendor's limit for a bucket: perSecond requests in the long
// run, and burst at once. The empty name stands for every bucket that has no
// limit of its own. A limit that is not a positive number means "not known",
// so Limit("x", 0, 0) frees one bucket from the limit of all others.
func Limit(bucket string, perSecond float64, burst int) Option {
	return func(g *Governor) { g.limits[bucket] = limit{perSecond, burst} }
}

// New returns a governor that learns the pace of every bucket for which no
// option tells it.
func New(opts ...Option) *Governor {
	g := &Governor{limits: map[string]limit{}, epoch: time.Now()}
	for _, o := range opts {
		o(g)
	}
	g.buckets.Store(&map[string]*bucket{})
	return g
}

// Wait blocks until a request of the bucket may be sent. Callers take turns in
// the order in which they came. It returns the context's error when the context
// ends first, and a *TurnError at once when the deadline is before the turn.
func (g *Governor) Wait(ctx context.Context, bucket string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return g.bucket(bucket).wait(ctx)
}

// Report tells how the vendor took a request that Wait let through.
func (g *Governor) Report(bucket string, v core.Verdict) { g.bucket(bucket).report(v) }

// bucket finds a bucket without a lock: the map is replaced, never changed.
// There are as many as the vendor's operations name, so a copy is cheap.
func (g *Governor) bucket(name string) *bucket {
	if b := (*g.buckets.Load())[name]; b != nil {
		return b
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	old := *g.buckets.Load()
	if b := old[name]; b != nil {
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

// known says whether a limit can be paced by.
func (l limit) known() bool { return l.perSecond > 0 && !math.IsInf(l.perSecond, 1) }

// TurnError is returned by Wait when the caller's deadline comes before its
// turn. It is a context.DeadlineExceeded to errors.Is.
type TurnError struct {
	Bucket string
	Turn   time.Duration // the wait that would have been needed, as far as known
}

func (e *TurnError) Error() string {
	return fmt.Sprintf("rate bucket %q: the turn would come in %v, after the deadline: %v",
		e.Bucket, e.Turn.Round(time.Millisecond), context.DeadlineExceeded)
}

func (e *TurnError) Unwrap() error { return context.DeadlineExceeded }
