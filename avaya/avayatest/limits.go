package avayatest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// WithRateLimit refuses API calls beyond a token bucket with 429: burst calls at
// once, perSecond on average. Token calls do not count, nor do requests that a
// [Fault] answered; calls with bad credentials do.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(s *setup) {
		s.limits = append(s.limits, bucket{&simnet.Bucket{Burst: float64(burst), PerSecond: perSecond}})
	}
}

// WithWindow refuses with 429 all but the first n API calls in each fixed window
// of time. Token calls do not count. It may be combined with [WithRateLimit].
func WithWindow(n int, per time.Duration) Option {
	return func(s *setup) { s.limits = append(s.limits, &window{limit: n, per: per}) }
}

// Calls returns how many API calls got past the rate limits, and how many were
// refused. Token calls do not count.
func (s *Server) Calls() (accepted, refused int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted, s.refused
}

// TooMany is a [Fault] that answers an operation ("" for all) with 429, with
// whatever Retry-After, or none if that is empty.
func TooMany(op, retryAfter string) Fault {
	return Fault{Op: op, Status: http.StatusTooManyRequests, RetryAfter: retryAfter, ContentType: "application/problem+json",
		Body: `{"type":"` + TypeBaseAXP + `#too-many-requests","title":"Too Many Requests","status":429,"detail":"Tenant quota exhausted"}`}
}

// Blocked is a [Fault] that answers an operation ("" for all) as the firewall
// does: 403 and an HTML page.
func Blocked(op string) Fault {
	return Fault{Op: op, Status: http.StatusForbidden, ContentType: "text/html; charset=utf-8", Body: firewallPage}
}

const firewallPage = "<html><head><title>403 Forbidden</title></head>\n" +
	"<body><h1>Request blocked</h1><p>Reference 18.2f6c1d02</p></body></html>\n"

func (s *Server) firewall(r *request) (answer, bool) {
	anonymous := r.Header.Get("appkey") == "" && r.Header.Get("Authorization") == ""
	if s.behave.Firewall == FirewallAll || s.behave.Firewall == FirewallAnonymous && anonymous {
		return answer{status: http.StatusForbidden, html: firewallPage}, true
	}
	return answer{}, false
}

// limited asks all limits before it takes from any.
func (s *Server) limited() (answer, bool) {
	now := time.Now()
	for _, l := range s.limits {
		wait, ok := l.Ready(now)
		if ok {
			continue
		}
		s.refused++
		seconds := simnet.RetryAfter(wait)
		h := http.Header{}
		if !s.behave.NoRetryAfter {
			h.Set("Retry-After", seconds)
		}
		if s.behave.RateLimitHeaders {
			n, per := l.policy()
			h.Set("RateLimit-Limit", strconv.Itoa(n))
			h.Set("RateLimit-Remaining", "0")
			h.Set("RateLimit-Reset", seconds)
			h.Set("RateLimit-Policy", fmt.Sprintf("%d;w=%d", n, max(1, int(per/time.Second))))
		}
		return answer{problem: tooMany(), header: h}, true
	}
	for _, l := range s.limits {
		l.Take()
	}
	s.accepted++
	return answer{}, false
}

type limiter interface {
	Ready(now time.Time) (wait time.Duration, ok bool)
	Take()
	policy() (n int, per time.Duration)
}

type bucket struct{ *simnet.Bucket }

func (b bucket) policy() (int, time.Duration) { return int(math.Ceil(b.PerSecond)), time.Second }

// A window counts from its own beginning, which is the first call after the
// previous one ended.
type window struct {
	limit, used int
	per         time.Duration
	start       time.Time
}

// Ready reports whether another call fits into the window.
func (w *window) Ready(now time.Time) (time.Duration, bool) {
	if w.start.IsZero() || now.Sub(w.start) >= w.per {
		w.start, w.used = now, 0
	}
	return w.start.Add(w.per).Sub(now), w.used < w.limit
}

// Take counts a call.
func (w *window) Take() { w.used++ }

func (w *window) policy() (int, time.Duration) { return w.limit, w.per }
