package core

import (
	"context"
	"time"
)

// CallLimits are bounds on single calls, which WithMaxAttempts and WithMaxWait put into
// a context. Zero leaves what ClientOptions say.
type CallLimits struct {
	MaxAttempts int
	MaxWait     time.Duration
}

type limitsKey struct{}

// WithMaxAttempts returns a context whose calls are sent n times at most, whatever
// ClientOptions.MaxAttempts says. Use 1 if a person waits and would rather try again by
// hand. Zero or less restores the client's own bound. It counts for each request of a
// call of a Store; the fetch of a token, which all callers share, keeps the client's.
func WithMaxAttempts(ctx context.Context, n int) context.Context {
	l := CallLimitsOf(ctx)
	l.MaxAttempts = max(0, n)
	return context.WithValue(ctx, limitsKey{}, l)
}

// WithMaxWait returns a context whose calls sleep no single wait longer than d, before a
// retry or because the vendor asks for it, whatever ClientOptions.MaxWait says. A longer
// one is not slept: the call fails at once with ErrRateLimited or ErrUnavailable and says
// how long was asked for. Zero or less restores the client's own bound; to wait for
// nothing, give a millisecond. It does not bound the wait for a turn under the rate
// limit, which the context's deadline does, nor the fetch of a token.
func WithMaxWait(ctx context.Context, d time.Duration) context.Context {
	l := CallLimitsOf(ctx)
	l.MaxWait = max(0, d)
	return context.WithValue(ctx, limitsKey{}, l)
}

// CallLimitsOf returns the bounds that a context sets. Clients call it; others need not.
func CallLimitsOf(ctx context.Context) CallLimits {
	l, _ := ctx.Value(limitsKey{}).(CallLimits)
	return l
}
