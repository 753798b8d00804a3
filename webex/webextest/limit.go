package webextest

import (
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// limit is a rate limit, and whether its 429 says how long to wait. The server's lock
// guards it.
type limit struct {
	*simnet.Bucket
	retryAfter bool
}

// WithRateLimit answers 429 to requests beyond n in the given time (a token bucket
// that all operations but those of tokens share), with or without a Retry-After in
// seconds. By default there is no limit, as the vendor publishes none.
func WithRateLimit(n int, per time.Duration, retryAfter bool) Option {
	return func(c *config) { c.rateLimit = &limit{simnet.BucketOf(n, per), retryAfter} }
}

// take takes a token, or returns the refusal if there is none. A nil limit never runs
// dry.
func (l *limit) take(now time.Time) *answer {
	if l == nil {
		return nil
	}
	wait, ok := l.Ready(now)
	if ok {
		l.Take()
		return nil
	}
	a := refuse(http.StatusTooManyRequests, "Too Many Requests")
	if l.retryAfter {
		a.set("Retry-After", simnet.RetryAfter(wait))
	}
	return a
}
