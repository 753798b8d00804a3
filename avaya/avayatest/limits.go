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

// limit is a rate limit, and what its headers say it is.
type limit struct {
	*simnet.Limit
	n   int
	per time.Duration
}

// limited refuses a call beyond the rate limit.
func (s *Server) limited() (answer, bool) {
	l := s.cfg.rateLimit
	if l == nil {
		return answer{}, false
	}
	seconds, ok := l.Pass(time.Now())
	if ok {
		return answer{}, false
	}

	h := map[string]string{}
	if l.Says {
		h["Retry-After"] = seconds
	}
	if s.cfg.limitHeaders {
		h["RateLimit-Limit"] = strconv.Itoa(l.n)
		h["RateLimit-Remaining"] = "0"
		h["RateLimit-Reset"] = seconds
		h["RateLimit-Policy"] = fmt.Sprintf("%d;w=%d", l.n, max(1, int(l.per/time.Second)))
	}
	return answer{problem: tooMany(), header: h}, true
}
