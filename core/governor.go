package core

import (
	"context"
	"fmt"
	"time"
)

// A Governor paces the requests of one credential. Every request of a client
// passes it, attempt by attempt, so that all callers together stay inside what
// the vendor allows. Each client makes one of its own, in memory, unless it is
// given one. Clients of the same credential should share one: make it with
// package pace, or bring one that several machines share. Never share one between
// vendors.
//
// A bucket names a group of operations that the vendor counts together.
// Implementations must be safe for concurrent use, let urgent callers overtake
// (PriorityOf), and may implement Forecaster. Check one of your own with
// coretest.TestGovernor.
type Governor interface {
	// Wait blocks until one request of the bucket may be sent. It returns the
	// context's error if the context ends first. Where the turn would come after
	// the context's deadline, it returns LateTurn at once and takes no turn.
	Wait(ctx context.Context, bucket string) error

	// Report tells how the vendor took a request that Wait let through. It must
	// not block.
	Report(bucket string, v Verdict)
}

// Paced is implemented by stores that can say who paces their requests. Use it to ask a
// Forecaster how long work will take, or to show the pace. All five vendors' stores do.
type Paced interface {
	// Governor returns the governor of the store's client, its own or the one that it was
	// given. It costs no request.
	Governor() Governor
}

// Verdict is what one answer says about the vendor's rate limit.
type Verdict struct {
	// Refused is true when the vendor turned the request away for its rate
	// (429). An answer of any other kind, or none, is not a refusal.
	Refused bool
	// RetryAfter is the wait that came with a refusal, or zero.
	RetryAfter time.Duration
}

// LateTurn is the error of a Governor whose turn would come after the context's
// deadline: class rate_limited, nothing sent, nothing applied. RetryAfter is the
// wait that would have been needed, zero where it is not known, and the message
// says it beside the pace. The client adds its vendor and operation.
//
// PerSecond is the pace of the bucket, zero where it is not known.
func LateTurn(bucket string, wait time.Duration, perSecond float64) *Error {
	at, pace := "", ""
	if wait = max(0, wait); wait > 0 {
		at = " in " + roundWait(wait).String() + ","
	}

	switch {
	case perSecond >= 100:
		pace = fmt.Sprintf("; the pace is %.0f requests a second", perSecond)
	case perSecond >= 1:
		pace = fmt.Sprintf("; the pace is %.3g requests a second", perSecond)
	case perSecond > 0:
		pace = fmt.Sprintf("; the pace is one request in %v", roundWait(time.Duration(float64(time.Second)/perSecond)))
	}

	return &Error{Class: ClassRateLimited, RetryAfter: wait, Applied: AppliedNo,
		Message: fmt.Sprintf("the turn in rate bucket %q would come%s after the deadline%s", bucket, at, pace),
		Hint:    "allow more time, or send fewer requests at once"}
}

// roundWait rounds to what people care about.
func roundWait(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(time.Second)
}
