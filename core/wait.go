package core

import (
	"context"
	"time"
)

// Wait says how patiently to poll. The zero value is the default.
type Wait struct {
	// First is the delay before the first look, default 1 s.
	First time.Duration
	// Growth is the factor from one delay to the next, default 1.5.
	Growth float64
	// Max is the longest delay, give or take the jitter, default 30 s.
	Max time.Duration
	// MaxAsked is the longest delay that the vendor may ask for before the next
	// look. A longer one is not slept: the wait ends at once with the class of what
	// asked for it. Zero sets no bound but the context's.
	MaxAsked time.Duration
	// Tolerate is how many looks in a row may fail for a passing reason,
	// default 5.
	Tolerate int
	// Unknown is how many looks in a row may show a state that is not documented,
	// default 20.
	Unknown int
	// Waited, if set, is told of each delay after it has ended, also where the context
	// ended it.
	Waited func(ctx context.Context, start time.Time, took time.Duration)
}
