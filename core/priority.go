package core

import (
	"context"
	"fmt"
	"time"
)

// Priority says how much a call minds waiting for its turn at the vendor's rate
// limit.
type Priority int

// The priorities. At every Governor, urgent calls overtake bulk ones that wait; as
// long as bulk calls wait, they still get at least half of the turns.
const (
	Bulk   Priority = iota // the zero value: takes its turn in the order of arrival
	Urgent                 // somebody is waiting: a lock-out, a click in a supervisor's screen
)

// String returns "bulk" or "urgent".
func (p Priority) String() string {
	switch p {
	case Bulk:
		return "bulk"
	case Urgent:
		return "urgent"
	}
	return fmt.Sprintf("Priority(%d)", int(p))
}

type priorityKey struct{}

// WithPriority returns a context whose calls have the priority p. Every request
// that such a call sends has it too. It costs nothing while nobody waits.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

// PriorityOf returns the priority that WithPriority gave a context, else Bulk.
// Governors call it; others need not.
func PriorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey{}).(Priority)
	return p
}

// Forecaster is implemented by a Governor that can tell how long a piece of work
// will take. Use it to say so before the work begins.
type Forecaster interface {
	// Forecast returns the time from now until the n-th further bulk request of
	// the bucket has left, those that wait already included. It is false where no
	// pace is known, for example because nothing has been refused yet.
	Forecast(bucket string, n int) (time.Duration, bool)
}
