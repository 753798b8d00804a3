package pace

import (
	"math"
	"time"
)

// State is what a bucket looks like at one moment.
type State struct {
	// Rate is the pace in requests a second; zero while the bucket is not paced.
	Rate float64
	// Limit is what the vendor allows in a second, as told; zero where the pace is
	// learned.
	Limit float64
	// Waiting is the number of callers that wait for their turn, and Urgent how
	// many of them are urgent.
	Waiting, Urgent int
	// UnderWay is the number of requests that left and were not reported yet.
	UnderWay int
	// RefusedLately is the number of requests that the vendor refused within the
	// last minute, give or take three seconds.
	RefusedLately int
	// Refusing is true while the vendor has refused every request since the last
	// accepted one. Then the governor tries one at a time.
	Refusing bool
}

func (b *bucket) state() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.out.age(now)

	return State{
		Rate:          b.pace.rate,
		Limit:         b.limit.perSecond,
		Waiting:       b.queue.len(),
		Urgent:        b.queue.urgent.Len(),
		UnderWay:      b.out.count(),
		RefusedLately: b.refusals.sum(now),
		Refusing:      b.pace.streak > 0,
	}
}

func (b *bucket) forecast(n int) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.pace.on() {
		return 0, false
	}
	if n <= 0 {
		return 0, true
	}
	return b.pace.due(b.now(), b.queue.len()+n-1), true
}

// due is the time until the request leaves that has ahead others before it, if the
// pace stays what it is.
func (p *pacer) due(now time.Duration, ahead int) time.Duration {
	first := max(p.turn(), now)
	if p.streak == 0 && ahead < len(p.burst.log) {
		// The first of them may still be a burst; later ones pay it back.
		first = max(p.turn(), now-p.burst.ahead(p.spacing()))
	}

	due := float64(first-now) + float64(ahead)*float64(time.Second)/p.rate
	return time.Duration(min(max(0, due), math.MaxInt64/2))
}
