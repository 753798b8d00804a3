package core

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// ClientOptions is what the clients of all vendors share. Each vendor's Config
// embeds it; the zero value is the default.
type ClientOptions struct {
	// Account is your own label of the account behind the client, for example
	// "emea". It appears in users, errors, blocks, logs and events.
	Account string

	// Transport carries the requests instead of the client's own: for proxies, own
	// root certificates, tracing, or a simulator.
	Transport http.RoundTripper
	// Logger writes one record for each attempt and each wait at debug level: names,
	// status and times, and never a query, a body or a credential. Nil logs nothing.
	Logger *slog.Logger
	// Observer receives every attempt, wait and token. Nil observes nothing.
	Observer Observer

	// Governor paces the requests instead of the client's own. It belongs to one
	// credential: share it between clients of the same credential, and never between
	// vendors. It excludes RateLimit.
	Governor Governor
	// RateLimit tells the client a limit, which it then stays just under. Zero means
	// the vendor's documented limit, and where there is none the client learns the
	// pace from what is accepted and refused.
	RateLimit RateLimit

	// MaxAttempts bounds how often one call is sent, 4 unless set. Refusals for the
	// rate (429) do not count, nor does the one repeat after a renewed credential.
	MaxAttempts int
	// MaxWait bounds a single wait that the vendor may ask for, 2 minutes unless set.
	// A longer one is not slept: the call fails at once with ErrRateLimited or
	// ErrUnavailable and says how long was asked for.
	MaxWait time.Duration
	// MaxPacing bounds all waits for the rate of one call whose context has no
	// deadline, 15 minutes unless set.
	MaxPacing time.Duration
	// AttemptTimeout bounds one attempt, its answer included, 60 s unless set. Of a
	// list that is read as it arrives it bounds the wait for its beginning, and each
	// pause in it.
	AttemptTimeout time.Duration
	// ReadBack is how long a write that does not show yet is looked at again, 5 s
	// unless set; negative looks once. See the package comment, "Evidence".
	ReadBack time.Duration

	// BlockLog, if set, is told what Block is about to change before the first write,
	// so that a killed program leaves a record. An error of it is returned by Block
	// before anything is sent.
	BlockLog func(ctx context.Context, intent Block) error

	// UserAgent is put before the client's own user agent.
	UserAgent string
	// AllowInsecureHTTP allows a base URL with plain http to a host other than this
	// machine. Credentials then travel in the clear.
	AllowInsecureHTTP bool
}

// RateLimit is a limit on requests. The zero value is none.
type RateLimit struct {
	PerSecond float64
	// Burst is how many requests may go at once after a pause, 1 unless set.
	Burst int
}

// Observer receives what a client does, as it happens. It is called from the
// goroutine of the call and must return quickly; several calls run at once.
type Observer func(Event)

// EventKind says what an Event reports.
type EventKind string

// The kinds of events.
const (
	EventAttempt EventKind = "attempt" // one request, answered or not
	EventWait    EventKind = "wait"    // a pause, after it has ended
	EventToken   EventKind = "token"   // a credential was fetched, or refused
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

// Event is one thing that a client did. It holds no query, body or credential.
type Event struct {
	Kind            EventKind
	Vendor, Account string
	// Op is the name of the client's operation, for example "Users.Get".
	Op     string
	Bucket string
	// Attempt counts the requests of the call so far, from 1.
	Attempt int
	// Status is the HTTP status of an attempt, 0 where there was no answer.
	Status int
	// Wait says what a wait was for.
	Wait WaitReason
	// Start is when it began, and Took how long it lasted.
	Start time.Time
	Took  time.Duration
	// Err is why an attempt has no answer, or a token was refused.
	Err error
}
