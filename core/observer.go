package core

import (
	"context"
	"time"
)

// Observer is told what a client does, once it is done. Build metrics, traces and
// progress from it. It costs no request.
//
// It is called from the goroutine that did it, which goes on when it returns: it must
// be quick, and safe for concurrent use, because several calls run at once. One that
// panics breaks no call. The panic is recovered, that client does not call it again,
// and its Logger gets one record at error level.
type Observer func(Event)

// EventKind says what an Event reports.
type EventKind string

// The kinds of events. The attempts and the waits of one call add up to the time that
// it took, but for the client's own work.
const (
	// EventAttempt is one request, answered or not. Took ends with the last byte of the
	// answer, or with the first byte of a list that is read as it arrives.
	EventAttempt EventKind = "attempt"
	// EventWait is a pause, after it has ended, also where the context ended it.
	EventWait EventKind = "wait"
	// EventToken is the fetch of a credential that all callers share. Took covers all of
	// it: its requests and waits are told as well, under names of their own.
	EventToken EventKind = "token"
	// EventDoubt is the first moment of a call from which it cannot be told whether a
	// write was carried out. It takes no time.
	EventDoubt EventKind = "doubt"
)

// WaitReason says what a wait was for.
type WaitReason string

// The reasons of waits.
const (
	WaitRetry    WaitReason = "retry"     // before the next attempt of a call
	WaitPace     WaitReason = "pace"      // for a turn under the rate limit
	WaitSettle   WaitReason = "settle"    // until an accepted change takes effect
	WaitReadBack WaitReason = "read-back" // until a change shows
)

// Event is one thing that a client did. It holds no query, body or credential, and its
// texts are bounded and on one line. What a kind does not have is zero.
type Event struct {
	Kind            EventKind
	Vendor, Account string
	// Op is the name of the client's operation, for example "Users.Get". For a wait until
	// a change settles or shows it may be that of a Store. For a token it is the
	// operation that needed one.
	Op string
	// Bucket names the operations that the vendor counts together.
	Bucket string
	// Method and Path are those of the request. The path is the operation's template,
	// such as "/users/{userId}", and fit for a label: it holds no id.
	Method, Path string
	// Attempt counts the requests of the call so far, from 1. It is zero before the
	// first, for example in the wait for its turn.
	Attempt int
	// Status is the HTTP status of an attempt, 0 where there was no answer. For a doubt,
	// and for a wait before a retry, it is that of the attempt before.
	Status int
	// RequestID is the vendor's name for the request, where the answer tells it.
	RequestID string
	// Wait says what a wait was for.
	Wait WaitReason
	// Start is when it began, and Took how long it lasted.
	Start time.Time
	Took  time.Duration
	// Err is why an attempt has no answer, or none that is whole, or why there is no
	// token. Secrets are blanked.
	Err error
	// Doubt says which attempt opened a doubt, and why.
	Doubt string
}

// OperationKey is the key under which the context of a request holds the name of its
// operation, a string. Use OperationOf to read it. Clients set it; others need not.
type OperationKey struct{}

// OperationOf returns the name of the client's operation that a context belongs to,
// for example "Users.Get", or "". Use it in a Transport of your own, to name a span:
// each attempt passes the transport as a request of its own, with this name in its
// context. Governors, Loggers and sources of tokens find it there, too. A token's own
// requests bear a name of their own, such as "Token" or "Login".
func OperationOf(ctx context.Context) string {
	name, _ := ctx.Value(OperationKey{}).(string)
	return name
}
