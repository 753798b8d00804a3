package rest

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// foreverWait stands for a wait too long for time.Duration: longer than any cap.
const foreverWait = time.Duration(math.MaxInt64)

// randAdd is the template that Webex has been seen to send unexpanded:
// wait up to so many seconds at random, plus so many.
var randAdd = regexp.MustCompile(`^rand\((\d{1,9})\),add\((\d{1,9})\)$`)

// ParseRetryAfter reads a Retry-After value: whole or fractional seconds, the
// three dates of HTTP, and "rand(30),add(30)", which is read as its longest
// wait. The result is never negative and never overflows; ok is false for
// anything else.
func ParseRetryAfter(value string, now time.Time) (wait time.Duration, ok bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if isDigits(value) {
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil || n > uint64(math.MaxInt64/int64(time.Second)) {
			return foreverWait, true
		}
		return time.Duration(n) * time.Second, true
	}
	if whole, frac, found := strings.Cut(value, "."); found && isDigits(whole) && isDigits(frac) {
		f, err := strconv.ParseFloat(value, 64)
		if err != nil || f >= float64(math.MaxInt64)/float64(time.Second) {
			return foreverWait, true
		}
		return time.Duration(math.Ceil(f*1000)) * time.Millisecond, true
	}
	if m := randAdd.FindStringSubmatch(strings.ReplaceAll(value, " ", "")); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		return time.Duration(a+b) * time.Second, true
	}
	if t, err := http.ParseTime(value); err == nil {
		return max(0, t.Sub(now)), true
	}
	return 0, false
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// askedWait is what an answer's headers ask for: Retry-After, or else the
// seconds of RateLimit-Reset on a refusal.
func askedWait(h http.Header, now time.Time) (time.Duration, bool) {
	if d, ok := ParseRetryAfter(h.Get("Retry-After"), now); ok {
		return d, true
	}
	if v := strings.TrimSpace(h.Get("RateLimit-Reset")); isDigits(v) {
		return ParseRetryAfter(v, now)
	}
	return 0, false
}
