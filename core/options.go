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
	// Logger gets one record for each Event, at debug level: names, status and times,
	// and never a query, a body or a credential. Nil logs nothing. Nothing else in the
	// library logs.
	Logger *slog.Logger
	// Observer is told of every attempt, wait, token and doubt, as an Event: metrics,
	// traces and progress are built from it. Nil tells nobody.
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
	// WithMaxAttempts sets another bound for one call.
	MaxAttempts int
	// MaxWait bounds a single wait that the vendor may ask for, 2 minutes unless set.
	// A longer one is not slept: the call fails at once with ErrRateLimited or
	// ErrUnavailable and says how long was asked for. WithMaxWait sets another bound for
	// one call.
	MaxWait time.Duration
	// MaxPacing bounds all waits for the rate of one call whose context has no
	// deadline, 15 minutes unless set.
	MaxPacing time.Duration
	// AttemptTimeout bounds one attempt, its answer included, 60 s unless set. For a
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
