package avayatest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// TooMany is a [Fault] that answers an operation ("" for all) with 429, with
// whatever Retry-After, or none if that is empty.
func TooMany(op, retryAfter string) Fault {
	return Fault{Op: op, Status: http.StatusTooManyRequests, RetryAfter: retryAfter, ContentType: "application/problem+json",
		Body: `{"type":"` + TypeBaseAXP + `#too-many-requests","title":"Too Many Requests","status":429,"detail":"Tenant quota exhausted"}`}
}

// Firewalled is a [Fault] that answers an operation ("" for all) as the firewall
// does: 403 and an HTML page.
func Firewalled(op string) Fault {
	return Fault{Op: op, Status: http.StatusForbidden, ContentType: "text/html; charset=utf-8", Body: firewallPage}
}

const firewallPage = "<html><head><title>403 Forbidden</title></head>\n" +
	"<body><h1>Request blocked</h1><p>Reference 18.2f6c1d02</p></body></html>\n"

func (s *Server) firewall(r *request) (answer, bool) {
	anonymous := r.Header.Get("appkey") == "" && r.Header.Get("Authorization") == ""
	if s.cfg.firewall == FirewallAll || s.cfg.firewall == FirewallAnonymous && anonymous {
		return answer{status: http.StatusForbidden, html: firewallPage}, true
	}
	return answer{}, false
}

// limited asks all limits before it takes from any.
func (s *Server) limited() (answer, bool) {
	now := time.Now()
	for _, l := range s.cfg.limits {
		wait, ok := l.Ready(now)
		if ok {
			continue
		}

		seconds := simnet.RetryAfter(wait)
		h := http.Header{}
		t := l.of()
		if t.retryAfter {
			h.Set("Retry-After", seconds)
		}

		if s.cfg.limitHeaders {
			h.Set("RateLimit-Limit", strconv.Itoa(t.n))
			h.Set("RateLimit-Remaining", "0")
			h.Set("RateLimit-Reset", seconds)
			h.Set("RateLimit-Policy", fmt.Sprintf("%d;w=%d", t.n, max(1, int(t.per/time.Second))))
		}
		return answer{problem: tooMany(), header: h}, true
	}

	for _, l := range s.cfg.limits {
		l.Take()
	}
	return answer{}, false
}

// terms are what a limit allows, and whether its 429 says how long to wait.
type terms struct {
	n          int
	per        time.Duration
	retryAfter bool
}

func (t terms) of() terms { return t }

type limiter interface {
	Ready(now time.Time) (wait time.Duration, ok bool)
	Take()
	of() terms
}

type bucket struct {
	*simnet.Bucket
	terms
}

// A window counts from its own beginning, which is the first call after the
// previous one ended.
type window struct {
	terms
	used  int
	start time.Time
}

// Ready reports whether another call fits into the window.
func (w *window) Ready(now time.Time) (time.Duration, bool) {
	if w.start.IsZero() || now.Sub(w.start) >= w.per {
		w.start, w.used = now, 0
	}
	return w.start.Add(w.per).Sub(now), w.used < w.n
}

// Take counts a call.
func (w *window) Take() { w.used++ }
