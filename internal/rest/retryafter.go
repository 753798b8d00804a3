package rest

import (
	"math"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// foreverWait stands for a wait too long for time.Duration: longer than any cap.
const foreverWait = time.Duration(math.MaxInt64)

// randAdd is the template that Webex has been seen to send unexpanded: wait up to
// so many seconds, drawn at random so that not all come back at once, plus so many.
var randAdd = regexp.MustCompile(`^rand\((\d{1,9})\),add\((\d{1,9})\)$`)

// A number from here on is no wait but a date: seconds since 1970, of a day after
// September 2001, or from earliestMilli on milliseconds. As waits they would be
// longer than 31 years.
const (
	earliestUnix  = 1_000_000_000
	earliestMilli = 1_000 * earliestUnix
	latestMilli   = 1_000 * earliestMilli
)

// secondsOrDate is what a number of seconds asks for at that time.
func secondsOrDate(n uint64, now time.Time) time.Duration {
	switch {
	case n < earliestUnix:
		return time.Duration(n) * time.Second
	case n < earliestMilli:
		return max(0, time.Unix(int64(n), 0).Sub(now))
	case n < latestMilli:
		return max(0, time.UnixMilli(int64(n)).Sub(now))
	}
	return foreverWait
}

// ParseRetryAfter reads a Retry-After value: whole or fractional seconds, the
// three dates of HTTP, Unix times, and "rand(30),add(30)", which is drawn anew each
// time, from 30 to 60 s. Dates are measured from now, which is best the answer's own
// Date. The result is never negative and never overflows; ok is false for anything
// else.
func ParseRetryAfter(value string, now time.Time) (wait time.Duration, ok bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}

	if isDigits(value) {
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return foreverWait, true
		}
		return secondsOrDate(n, now), true
	}

	if whole, frac, found := strings.Cut(value, "."); found && isDigits(whole) && isDigits(frac) {
		f, err := strconv.ParseFloat(value, 64)
		if err != nil || f >= earliestUnix {
			return ParseRetryAfter(whole, now) // a date, to the second
		}
		return time.Duration(math.Ceil(f*1000)) * time.Millisecond, true
	}

	if m := randAdd.FindStringSubmatch(strings.ReplaceAll(value, " ", "")); m != nil {
		most, _ := strconv.Atoi(m[1])
		add, _ := strconv.Atoi(m[2])
		drawn := rand.N(time.Duration(most)*time.Second + 1)
		return time.Duration(add)*time.Second + drawn.Truncate(time.Millisecond), true
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

// askedWait is what a refusal's headers ask for: Retry-After, for which named is
// true, or on a 429 RateLimit-Reset, in seconds or as a Unix time. On any other answer
// the window of a rate does not concern this request. Dates are measured from the
// answer's own Date: the vendor's clock may be hours from ours.
func askedWait(status int, h http.Header, now time.Time) (wait time.Duration, named bool) {
	if status < 400 {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}

	if wait, named = ParseRetryAfter(h.Get("Retry-After"), now); named {
		return wait, true
	}
	if v := strings.TrimSpace(h.Get("RateLimit-Reset")); status == http.StatusTooManyRequests && isDigits(v) {
		wait, _ = ParseRetryAfter(v, now)
	}
	return wait, false
}
