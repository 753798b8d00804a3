package pace

import (
	"container/list"
	"context"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// bucket holds the queue of one rate bucket. All moments are durations since
// epoch: reading the clock that way costs half of time.Now.
//
// Nothing runs in the background. While callers wait, one timer is set for the
// turn of the first of them; it goes when the last of them goes.
type bucket struct {
	name  string
	epoch time.Time

	mu     sync.Mutex
	queue  list.List // of *waiter, first come first served
	timer  *time.Timer
	out    outstanding
	window window // limits the requests under way while there is no pace
	pace   pacer
	recent recent // what was accepted lately
}

// waiter is one caller in the queue.
type waiter struct {
	ready   chan struct{} // closed when the turn has come
	granted bool          // guarded by bucket.mu
}

func newBucket(name string, epoch time.Time, l limit) *bucket {
	b := &bucket{name: name, epoch: epoch}
	b.window.reset(0)
	b.pace = newPacer(l)
	return b
}

func (b *bucket) now() time.Duration { return time.Since(b.epoch) }

func (b *bucket) wait(ctx context.Context) error {
	b.mu.Lock()
	// The way of almost every call: no pace, no queue, room in the window.
	// The clock is read only by the first request after all have come back.
	if !b.pace.on() && b.queue.Len() == 0 {
		n := b.out.count()
		if n == 0 && b.window.grown() {
			b.window.idle(b.now())
		}
		if b.window.room(n) {
			b.out.add()
			b.mu.Unlock()
			return nil
		}
	}

	now := b.now()
	if b.queue.Len() == 0 && b.turn(now) <= now {
		b.relax(now)
		b.grant(now)
		b.mu.Unlock()
		return nil
	}
	if err := b.tooLate(ctx, now); err != nil {
		b.mu.Unlock()
		return err
	}
	w := &waiter{ready: make(chan struct{})}
	place := b.queue.PushBack(w)
	if b.queue.Len() == 1 { // else the timer is set already
		b.pump(now)
	}
	b.mu.Unlock()

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	now = b.now()
	if w.granted { // the turn and the end of the context came together
		b.out.sub()
		b.pace.giveBack()
	} else {
		b.queue.Remove(place)
	}
	b.pump(now)
	return ctx.Err()
}

func (b *bucket) report(v core.Verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.out.sub()
	b.out.age(now)
	b.window.seen = now
	switch {
	case v.Refused:
		b.pace.refused(now, v.RetryAfter, b.out.count(), b.recent.perSecond(now))
	case b.pace.on():
		b.recent.add(now)
		b.pace.accepted(now, b.out.count())
		b.unpace()
	default:
		b.recent.add(now)
		b.window.accepted(b.out.count() + 1)
	}
	if b.queue.Len() > 0 {
		b.pump(now)
	}
}

// turn is the moment at which the next request may leave.
func (b *bucket) turn(now time.Duration) time.Duration {
	switch {
	case b.pace.on():
		return b.pace.turn()
	case b.window.room(b.out.count()):
		return now
	default:
		return b.window.trickle()
	}
}

// grant books one request that leaves now.
func (b *bucket) grant(now time.Duration) {
	if b.pace.on() {
		b.pace.take(now)
	} else {
		b.window.take(now, b.out.count())
	}
	b.out.add()
}

// pump lets every waiter go whose turn has come, and sets the timer for the
// next. It must be called after every change that may bring a turn forward.
func (b *bucket) pump(now time.Duration) {
	for b.queue.Len() > 0 {
		if at := b.turn(now); at > now {
			b.alarm(at - now)
			return
		}
		w := b.queue.Remove(b.queue.Front()).(*waiter)
		b.pace.queued = now
		b.grant(now)
		w.granted = true
		close(w.ready)
	}
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
}

func (b *bucket) alarm(d time.Duration) {
	if b.timer != nil {
		b.timer.Reset(d)
		return
	}
	b.timer = time.AfterFunc(d, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.out.age(b.now())
		b.pump(b.now())
	})
}

// tooLate says whether the context's deadline comes before the turn of a caller
// who joins the queue now. Without a pace nobody can tell, and the wait is
// short.
func (b *bucket) tooLate(ctx context.Context, now time.Duration) error {
	deadline, ok := ctx.Deadline()
	if !ok || !b.pace.on() {
		return nil
	}
	turn := max(0, b.pace.turn()-now) + b.pace.spacing()*time.Duration(b.queue.Len())
	if turn < time.Until(deadline) {
		return nil
	}
	return &TurnError{Bucket: b.name, Turn: turn}
}

// relax lets a pace that does not bind anybody rise with time.
func (b *bucket) relax(now time.Duration) {
	if b.pace.on() {
		b.pace.relax(now)
		b.unpace()
	}
}

// unpace ends the pacing once it has become too fast to matter. The window
// starts above what is under way, so that nobody is held up by the change.
func (b *bucket) unpace() {
	if b.pace.drop() {
		b.window.reset(b.out.count())
	}
}
