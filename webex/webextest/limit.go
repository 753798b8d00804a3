package webextest

import (
	"math"
	"net/http"
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

// WithRateLimit answers 429 to requests beyond n in the given time (a token bucket
// that all operations but those of tokens share), with or without a Retry-After in
// seconds. By default there is no limit, as the vendor publishes none.
func WithRateLimit(n int, per time.Duration, retryAfter bool) Option {
	return func(c *config) {
		c.rateLimit = &bucket{size: float64(n), perSecond: float64(n) / per.Seconds(), retryAfter: retryAfter, tokens: float64(n)}
	}
}

// take takes a token, or returns the refusal for want of one. A nil bucket never
// runs dry.
func (b *bucket) take(now time.Time) *answer {
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
	a := refuse(http.StatusTooManyRequests, "Too Many Requests")
	if b.retryAfter {
		a.set("Retry-After", strconv.Itoa(int(max(1, math.Ceil((1-b.tokens)/b.perSecond)))))
	}
	return a
}
