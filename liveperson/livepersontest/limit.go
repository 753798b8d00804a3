package livepersontest

import (
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// limit is a rate limit, and whether its 429 says how long to wait. The server's lock
// guards it.
type limit struct {
	*simnet.Bucket
	retryAfter bool
}

// take takes a token, or returns a problem if there is none. A nil limit allows
// everything.
func (l *limit) take(now time.Time) *problem {
	if l == nil {
		return nil
	}
	wait, ok := l.Ready(now)
	if ok {
		l.Take()
		return nil
	}
	p := refuse(429, "Too Many Requests")
	if l.retryAfter {
		p.set("Retry-After", simnet.RetryAfter(wait))
	}
	return p
}
