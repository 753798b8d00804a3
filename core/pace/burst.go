package pace

import (
	"math"
	"time"
)

const (
	// burstShare: of a vendor's burst only half is used, because requests do
	// not arrive spaced as they left: the rest is for the ones that catch up.
	burstShare = 2
	// burstPart: nor more than a fifth of a second's requests, or the pause
	// that follows (see burst) would be felt.
	burstPart = 5
	// burstMemory bounds the moments remembered: faster limits need no burst.
	burstMemory = 1024
)

// burst lets a few requests leave at once after a silence, where the limit was
// told. It remembers when the last second's requests left: more than the limit
// never leave within one second, whatever the vendor's window is.
type burst struct {
	size int
	span time.Duration   // the second, or a little more to hold whole requests
	log  []time.Duration // when the last len(log) requests left
	next int             // the oldest of them
}

func newBurst(l limit, rate float64) burst {
	size := min(l.burst/burstShare, int(l.perSecond/burstPart))
	n := math.Ceil(rate)
	if size < 2 || n > burstMemory {
		return burst{}
	}
	b := burst{size: size, span: time.Duration(n / rate * float64(time.Second)), log: make([]time.Duration, int(n))}
	for i := range b.log {
		b.log[i] = longAgo
	}
	return b
}

// turn is the moment from which one more request is within the limit.
func (b *burst) turn() time.Duration {
	if b.size == 0 {
		return longAgo
	}
	return b.log[b.next] + b.span
}

// ahead is how far the pace may run ahead of its time.
func (b *burst) ahead(spacing time.Duration) time.Duration {
	return time.Duration(max(1, b.size)-1) * spacing
}

func (b *burst) take(now time.Duration) {
	if b.size > 0 {
		b.log[b.next] = now
		b.next = (b.next + 1) % len(b.log)
	}
}

func (b *burst) giveBack() {
	if b.size > 0 {
		b.next = (b.next + len(b.log) - 1) % len(b.log)
		b.log[b.next] = longAgo
	}
}
