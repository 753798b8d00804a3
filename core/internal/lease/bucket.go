package lease

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// The two kinds of callers, and of moments.
const (
	bulk = iota
	urgent
	kinds
)

const (
	// lead: the next block is asked for so long before the last moment of this one.
	lead = 3 * time.Millisecond
	// silence: after so long without an answer others may have met the limit.
	silence = time.Second
	// maxStale: after this, verdicts count again even if not all the requests that left
	// before a cut were heard of.
	maxStale = 5 * time.Second
	// ping: how often a server that is away is asked whether it is back.
	ping = 500 * time.Millisecond
	// longPatience: an answer is waited for so long while connections are made.
	longPatience = 5 * time.Second
	// acquainted: after so long all machines that are there have asked. It is how long a
	// server remembers one.
	acquainted = 2 * time.Second
	// unused: after so long without a caller, no more questions are sent.
	unused = time.Minute
)

var errAgain = errors.New("the fallback has changed")

// bucket holds the callers of one rate bucket on this machine. Nothing runs in the
// background but a timer while callers wait, one for a report, and the questions.
type bucket struct {
	g    *Governor
	name string
	told Limit

	mu    sync.Mutex
	wants [kinds]list.List   // of *waiter
	slots [kinds][]time.Time // leased and not used
	ends  time.Time          // the moment after the last that was leased
	retry [kinds]time.Time   // no question before
	ask   [kinds]bool        // a question is under way
	timer *time.Timer
	out   int // requests without a verdict

	// What the server said.
	known    bool // whether there is a pace
	rate     float64
	open     bool // there is no pace, and no need to ask
	machines int
	epoch    int64
	refusing bool
	at       int64
	heard    time.Time
	met      time.Time // the first answer
	asked    int       // questions so far
	needed   int       // answers to earlier questions do not know the pace

	// What the server has not been told yet.
	accepted, fresh, refused int
	retryAfter               time.Duration
	queued                   bool
	reporting                bool
	stale                    int
	staleUntil               time.Time

	window window // while there is no pace

	away    core.Governor // while the server is away
	back    chan struct{} // closed when it is back
	alone   time.Time     // when the first caller leaves without it
	pinging bool
	used    time.Time
}

// waiter is a caller that waits. Its fields are guarded by bucket.mu until ready is
// closed.
type waiter struct {
	ready   chan struct{}
	err     error
	kind    int
	place   *list.Element
	ctx     context.Context
	checked bool // whether its turn comes too late
}

func newBucket(g *Governor, name string, told Limit) *bucket {
	if told.PerSecond <= 0 {
		told = Limit{}
	}
	return &bucket{g: g, name: name, told: told, machines: 1, window: window{size: windowStart}}
}

// wait is one caller's way through the bucket.
func (b *bucket) wait(ctx context.Context) error {
	for {
		w, err := b.enter(ctx)
		if w != nil {
			select {
			case <-w.ready:
				err = w.err
			case <-ctx.Done():
				return b.leave(w)
			}
		}

		if !errors.Is(err, errAgain) {
			return err
		}
	}
}

// enter lets a caller go, or returns its place in the queue.
func (b *bucket) enter(ctx context.Context) (*waiter, error) {
	b.mu.Lock()
	now := time.Now()
	b.used = now
	if b.away != nil {
		return nil, b.waitAway(ctx)
	}
	defer b.mu.Unlock()

	if b.unpaced(now) && b.waiting() == 0 && b.window.room(b.out) {
		b.window.last = now
		b.out++
		return nil, nil
	}

	w := &waiter{ready: make(chan struct{}), kind: bulk, ctx: ctx}
	if core.PriorityOf(ctx) >= core.Urgent {
		w.kind = urgent
	}
	if b.paced() {
		if err := b.tooLate(w, now); err != nil {
			return nil, err
		}
		w.checked = true
	}

	w.place = b.wants[w.kind].PushBack(w)
	b.pump(now)
	return w, nil
}

// leave takes a caller out whose context has ended.
func (b *bucket) leave(w *waiter) error {
	b.mu.Lock()
	defer b.mu.Unlock()

	select {
	case <-w.ready:
		if w.err == nil { // the turn came together with the end
			b.out--
			b.slots[w.kind] = append([]time.Time{time.Now()}, b.slots[w.kind]...)
			b.pump(time.Now())
		}
	default:
		b.wants[w.kind].Remove(w.place)
	}
	return w.ctx.Err()
}

func (b *bucket) waiting() int { return b.wants[bulk].Len() + b.wants[urgent].Len() }

// unpaced says whether it is known that there is no pace, and paced that there is one.
func (b *bucket) unpaced(now time.Time) bool {
	return b.known && b.open && now.Sub(b.heard) < silence
}

func (b *bucket) paced() bool { return b.known && b.rate > 0 }

// pop lets the first caller of a kind go, or of the other where there is none.
func (b *bucket) pop(kind int, err error) {
	if b.wants[kind].Len() == 0 {
		kind = kinds - 1 - kind
	}
	w := b.wants[kind].Remove(b.wants[kind].Front()).(*waiter)
	if w.err = err; err == nil {
		b.out++
	}
	close(w.ready)
}

// pump releases every caller whose moment has come, asks for more moments, and sets the
// timer. The caller holds mu.
func (b *bucket) pump(now time.Time) {
	if b.away != nil {
		for b.waiting() > 0 {
			b.pop(bulk, errAgain)
		}
		return
	}
	if b.unpaced(now) {
		b.pumpWindow(now)
		return
	}
	if b.known {
		b.handOut(now)
	}

	var next time.Time
	soon := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for kind := range kinds {
		if b.known && b.waiting() > 0 && len(b.slots[kind]) > 0 {
			soon(b.slots[kind][0])
		}

		need := b.wants[kind].Len() - len(b.slots[kind])
		if need <= 0 || b.ask[kind] {
			continue
		}

		when := b.retry[kind]
		if n := len(b.slots[kind]); n > 0 {
			when = b.slots[kind][n-1].Add(-lead)
		}
		if when.After(now) {
			soon(when)
			continue
		}
		b.question(kind, need)
	}
	b.alarm(now, next)
}

// handOut gives due moments to the callers that wait. A moment that is long past is
// dropped: this machine slept while the others continued.
func (b *bucket) handOut(now time.Time) {
	for _, kind := range []int{urgent, bulk} {
		for len(b.slots[kind]) > 0 {
			at := b.slots[kind][0]
			late := now.Sub(at) > b.g.Block
			if !late && (at.After(now) || b.waiting() == 0) {
				break
			}

			b.slots[kind] = b.slots[kind][1:]
			if !late {
				b.pop(kind, nil)
			}
		}
	}
	b.queued = b.queued || b.waiting() > 0
}

func (b *bucket) alarm(now, next time.Time) {
	switch {
	case next.IsZero() && b.timer != nil:
		b.timer.Stop()
	case next.IsZero():
	case b.timer == nil:
		b.timer = time.AfterFunc(next.Sub(now), func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.pump(time.Now())
		})
	default:
		b.timer.Reset(next.Sub(now))
	}
}

// tooLate is the error of a caller whose deadline comes before its turn.
func (b *bucket) tooLate(w *waiter, now time.Time) error {
	deadline, ok := w.ctx.Deadline()
	if !ok {
		return nil
	}
	left := deadline.Sub(now)
	if left <= 0 {
		return context.DeadlineExceeded // over, though its timer has not struck yet
	}

	if turn := b.turn(w.kind, now, 0); turn >= left {
		return core.LateTurn(b.name, turn, b.rate)
	}
	return nil
}

// turn is the time until the turn of a caller who joins now behind so many others. The
// other machines are assumed to have as many waiting callers.
func (b *bucket) turn(kind int, now time.Time, more int) time.Duration {
	ahead := b.wants[kind].Len()
	if other := b.wants[kinds-1-kind].Len(); kind == bulk {
		ahead += min(other, ahead+1)
	} else {
		ahead += min(other, ahead)
	}

	first := time.Duration(0)
	if ahead+more > 0 {
		first = max(0, min(b.ends.Sub(now), time.Duration(float64(time.Second)/b.rate)))
	}
	if len(b.slots[kind]) > 0 {
		first = max(0, b.slots[kind][0].Sub(now))
	}

	return first + time.Duration(float64(ahead*b.machines+more)/b.rate*float64(time.Second))
}

func (b *bucket) forecast(n int) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.paced() || b.away != nil {
		return 0, false
	}
	if n <= 0 {
		return 0, true
	}
	return b.turn(bulk, time.Now(), n-1), true
}
