package simnet

import (
	"math"
	"strconv"
	"time"
)

// Bucket is a token bucket: up to Burst requests at once, PerSecond on average.
// It starts full. The caller guards it with a lock.
type Bucket struct {
	Burst, PerSecond float64

	used float64
	last time.Time
}

// BucketOf returns a bucket of n requests in the given time.
func BucketOf(n int, per time.Duration) *Bucket {
	return &Bucket{Burst: float64(n), PerSecond: float64(n) / per.Seconds()}
}

// Ready reports whether there is a token, or else how long to wait for one. It takes
// none.
func (b *Bucket) Ready(now time.Time) (wait time.Duration, ok bool) {
	if !b.last.IsZero() {
		b.used = max(0, b.used-now.Sub(b.last).Seconds()*b.PerSecond)
	}
	b.last = now

	// A wait is rounded to nanoseconds and may come out a hair short.
	if lack := b.used + 1 - b.Burst; lack > 1e-6 {
		return time.Duration(lack / b.PerSecond * float64(time.Second)), false
	}
	return 0, true
}

// Take takes a token.
func (b *Bucket) Take() { b.used++ }

// RetryAfter is a wait as the header of that name has it: whole seconds, at least
// one.
func RetryAfter(wait time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
}

// Limit is a rate limit, and whether a refusal says how long to wait. The caller guards
// it with a lock.
type Limit struct {
	*Bucket
	Says bool
}

// LimitOf returns a limit of n requests in the given time.
func LimitOf(n int, per time.Duration, says bool) *Limit { return &Limit{BucketOf(n, per), says} }

// Pass takes a token. If there is none, it returns how many seconds to wait, as
// Retry-After has it. Without a limit everything passes.
func (l *Limit) Pass(now time.Time) (seconds string, ok bool) {
	if l == nil {
		return "", true
	}
	wait, ok := l.Ready(now)
	if !ok {
		return RetryAfter(wait), false
	}
	l.Take()
	return "", true
}
