package simnet

import "time"

// Past holds what the state of a simulator was, for reads that lag behind writes. A state
// is a copy that no later write changes. The caller guards it with a lock.
type Past[T any] struct {
	// Lag is how far reads lag behind; at zero they do not, and nothing is held.
	Lag time.Duration

	states []ended[T] // the oldest first
}

// ended is a state that held until some time.
type ended[T any] struct {
	until time.Time
	state T
}

// Ends says that the present state ends now, because a write follows. It is copied only
// if reads lag.
func (p *Past[T]) Ends(now time.Time, copied func() T) {
	if p.Lag > 0 {
		p.forget(now)
		p.states = append(p.states, ended[T]{now, copied()})
	}
}

// Seen returns the state that a read sees now, or false if that is the present one.
func (p *Past[T]) Seen(now time.Time) (state T, lags bool) {
	if p.forget(now); len(p.states) == 0 {
		return state, false
	}
	return p.states[0].state, true
}

// forget drops the states that are too old for any read.
func (p *Past[T]) forget(now time.Time) {
	for len(p.states) > 0 && !p.states[0].until.After(now.Add(-p.Lag)) {
		p.states = p.states[1:]
	}
}
