package pace

import (
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
	limit limit

	mu       sync.Mutex
	queue    queue
	timer    *time.Timer
	out      outstanding
	window   window // limits the requests under way while there is no pace
	pace     pacer
	recent   recent // what was accepted during the last second
	refusals recent // what was refused during the last minute
}

func newBucket(name string, epoch time.Time, l limit) *bucket {
	b := &bucket{name: name, epoch: epoch, recent: newRecent(time.Second), refusals: newRecent(time.Minute)}
	if l.known() {
		b.limit = l
	}
	b.window.reset(0)
	b.pace = newPacer(b.limit)
	return b
}

func (b *bucket) now() time.Duration { return time.Since(b.epoch) }

// wait is one caller's way through the bucket: at once, or by the queue.
func (b *bucket) wait(ctx context.Context) error {
	b.mu.Lock()
	if b.free() {
		b.mu.Unlock()
		return nil
	}
	w, err := b.join(ctx)
	b.mu.Unlock()
	if w == nil {
		return err
	}

	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		b.leave(w)
		return ctx.Err()
	}
}

// free lets a request go that nothing holds up: no pace, no queue, room in the
// window. This is the way of almost every call. The clock is read only by the first
// request after all have come back.
func (b *bucket) free() bool {
	if b.pace.on() || b.queue.len() > 0 {
		return false
	}

	n := b.out.count()
	if n == 0 && b.window.grown() {
		b.window.idle(b.now())
	}
	if !b.window.room(n) {
		return false
	}
	b.out.add()
	return true
}

// join returns the caller's place in the queue. It returns nil without an error
// where its turn is now, and with one where the turn would come too late.
func (b *bucket) join(ctx context.Context) (*waiter, error) {
	now := b.now()
	if b.queue.len() == 0 && b.turn(now) <= now {
		b.relax(now)
		b.grant(now)
		return nil, nil
	}

	urgent := core.PriorityOf(ctx) >= core.Urgent
	if err := b.tooLate(ctx, now, urgent); err != nil {
		return nil, err
	}

	w := b.queue.push(urgent)
	if b.queue.len() == 1 { // else the timer is set already
		b.pump(now)
	}
	return w, nil
}

// leave takes a caller out whose context has ended.
func (b *bucket) leave(w *waiter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w.granted { // the turn and the end of the context came together
		b.out.sub()
		b.pace.giveBack()
	} else {
		b.queue.remove(w)
	}
	b.pump(b.now())
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
		b.refusals.add(now)
		b.pace.refused(now, v.RetryAfter, b.out.count(), float64(b.recent.sum(now)))
	case b.pace.on():
		b.recent.add(now)
		b.pace.accepted(now, b.out.count())
		b.unpace()
	default:
		b.recent.add(now)
		b.window.accepted(b.out.count() + 1)
	}

	if b.queue.len() > 0 {
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
	for b.queue.len() > 0 {
		if at := b.turn(now); at > now {
			b.alarm(at - now)
			return
		}
		w := b.queue.pop()
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

// tooLate is the error of a caller whose deadline comes before its turn, if it
// joins the queue now. Without a pace the turn is not known, and the wait is short.
func (b *bucket) tooLate(ctx context.Context, now time.Duration, urgent bool) error {
	deadline, ok := ctx.Deadline()
	if !ok || !b.pace.on() {
		return nil
	}

	left := time.Until(deadline)
	if left <= 0 {
		return context.DeadlineExceeded // over, though its timer has not struck yet
	}
	turn := max(0, b.pace.turn()-now) + b.pace.spacing()*time.Duration(b.queue.ahead(urgent))
	if turn < left {
		return nil
	}
	return core.LateTurn(b.name, turn, b.pace.rate)
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
