package core

import (
	"context"
	"time"
)

// A Governor paces the requests of one credential. Every request of a client
// passes it, attempt by attempt, so that all callers together stay inside what
// the vendor allows. The client brings one that lives in memory; one that is
// shared by several machines can replace it.
//
// A bucket names a group of operations that the vendor counts together.
// Implementations must be safe for concurrent use.
type Governor interface {
	// Wait blocks until one request of the bucket may be sent. It returns the
	// context's error if the context ends first, and may return
	// context.DeadlineExceeded at once where the turn would come too late.
	Wait(ctx context.Context, bucket string) error

	// Report tells how the vendor took a request that Wait let through.
	Report(bucket string, v Verdict)
}

// Verdict is what one answer says about the vendor's rate limit.
type Verdict struct {
	// Refused is true when the vendor turned the request away for its rate
	// (429). An answer of any other kind, or none, is not a refusal.
	Refused bool
	// RetryAfter is the wait that came with a refusal, or zero.
	RetryAfter time.Duration
}
