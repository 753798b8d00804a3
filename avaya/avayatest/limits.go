package avayatest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// RateLimit refuses API calls beyond a token bucket with 429: burst calls at
// once, perSecond on average. Token calls do not count, nor do requests that a
// [Fault] answered; calls with bad credentials do.
func RateLimit(perSecond float64, burst int) Option {
	return func(s *setup) {
		s.limits = append(s.limits, &bucket{rate: perSecond, burst: float64(burst), level: float64(burst)})
	}
}

// Window refuses with 429 all but the first n API calls in each fixed window
// of time. Token calls do not count. It may be combined with [RateLimit].
func Window(n int, per time.Duration) Option {
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
		wait, ok := l.ready(now)
		if ok {
			continue
		}
		s.refused++
		seconds := strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
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
		l.take()
	}
	s.accepted++
	return answer{}, false
}

type limiter interface {
	ready(now time.Time) (wait time.Duration, ok bool)
	take()
	policy() (n int, per time.Duration)
}

// A bucket holds up to burst tokens and gains rate of them a second.
type bucket struct {
	rate, burst, level float64
	at                 time.Time
}

func (b *bucket) ready(now time.Time) (time.Duration, bool) {
	if !b.at.IsZero() {
		b.level = min(b.burst, b.level+b.rate*now.Sub(b.at).Seconds())
	}
	b.at = now
	// A wait is rounded to nanoseconds and may come out a hair short.
	if b.level >= 1-1e-6 {
		return 0, true
	}
	return time.Duration((1 - b.level) / b.rate * float64(time.Second)), false
}

func (b *bucket) take() { b.level-- }

func (b *bucket) policy() (int, time.Duration) { return int(math.Ceil(b.rate)), time.Second }

// A window counts from its own beginning, which is the first call after the
// previous one ended.
type window struct {
	limit, used int
	per         time.Duration
	start       time.Time
}

func (w *window) ready(now time.Time) (time.Duration, bool) {
	if w.start.IsZero() || now.Sub(w.start) >= w.per {
		w.start, w.used = now, 0
	}
	return w.start.Add(w.per).Sub(now), w.used < w.limit
}

func (w *window) take() { w.used++ }

func (w *window) policy() (int, time.Duration) { return w.limit, w.per }
