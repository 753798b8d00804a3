package herd

import "time"

// A Vendor decides what is refused. It is the model of a rate limit. A Job calls it
// under a lock.
type Vendor interface {
	Admit(now time.Time) bool
}

// Tokens is a token bucket.
type Tokens struct {
	Rate, Burst float64
	Punish      bool // refusals count too: the bucket sinks to one burst below empty
	level       float64
	last        time.Time
}

// Admit takes a token.
func (t *Tokens) Admit(now time.Time) bool {
	if t.last.IsZero() {
		t.level = t.Burst
	} else {
		t.level = min(t.Burst, t.level+t.Rate*now.Sub(t.last).Seconds())
	}
	t.last = now

	if t.level < 1 {
		if t.Punish {
			t.level = max(-t.Burst, t.level-1)
		}
		return false
	}
	t.level--
	return true
}

// Windows allows Size requests in each fixed window; the first begins with the
// first request.
type Windows struct {
	Size   int
	Length time.Duration
	start  time.Time
	used   int
}

// Admit counts the request in its window.
func (w *Windows) Admit(now time.Time) bool {
	if w.start.IsZero() {
		w.start = now
	}
	if n := now.Sub(w.start) / w.Length; n > 0 {
		w.start, w.used = w.start.Add(n*w.Length), 0
	}
	if w.used >= w.Size {
		return false
	}
	w.used++
	return true
}

// Open refuses nothing.
type Open struct{}

// Admit admits.
func (Open) Admit(time.Time) bool { return true }

// Switching is a vendor whose limit changes with the time since its first request.
type Switching struct {
	Pick  func(since time.Duration) Vendor
	start time.Time
}

// Admit asks the vendor of the moment.
func (s *Switching) Admit(now time.Time) bool {
	if s.start.IsZero() {
		s.start = now
	}
	return s.Pick(now.Sub(s.start)).Admit(now)
}
