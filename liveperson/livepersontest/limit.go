package livepersontest

import (
	"math"
	"strconv"
	"time"
)

// bucket is a token bucket. The server's lock guards it.
type bucket struct {
	size, perSecond float64
	retryAfter      bool
	tokens          float64
	last            time.Time
}

func newBucket(n int, per time.Duration, retryAfter bool) *bucket {
	return &bucket{size: float64(n), perSecond: float64(n) / per.Seconds(), retryAfter: retryAfter, tokens: float64(n)}
}

// take takes a token, or returns the problem of there being none. A nil bucket
// never runs dry.
func (b *bucket) take(now time.Time) *problem {
	if b == nil {
		return nil
	}
	if !b.last.IsZero() {
		b.tokens = min(b.size, b.tokens+now.Sub(b.last).Seconds()*b.perSecond)
	}
	b.last = now
	if b.tokens >= 1-1e-9 {
		b.tokens--
		return nil
	}
	p := refuse(429, "Too Many Requests")
	if b.retryAfter {
		wait := math.Ceil((1 - b.tokens) / b.perSecond)
		p.set("Retry-After", strconv.Itoa(int(max(1, wait))))
	}
	return p
}
