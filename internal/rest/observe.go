package rest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// This file tells of what happens. [Client.tell] is the one place that calls the
// observer and writes to the log, and what it tells is a core.Event: whatever is not in
// an event is not told.

// minPace is the shortest wait for a turn that is told. In less, a governor has found
// that there is nothing to wait for.
const minPace = 100 * time.Microsecond

// callContext is the context of all that a call does. It holds the name of the
// operation and the client in one piece of memory, because every call makes one.
type callContext struct {
	context.Context
	client *Client
	op     string
}

type clientKey struct{}

// Value implements context.Context.
func (c *callContext) Value(key any) any {
	switch key.(type) {
	case core.OperationKey:
		return c.op
	case clientKey:
		return c.client
	}
	return c.Context.Value(key)
}

// watched reports whether anybody is told.
func (c *Client) watched(ctx context.Context) bool {
	return c.cfg.Observer != nil || c.logs(ctx)
}

func (c *Client) logs(ctx context.Context) bool {
	return c.cfg.Logger != nil && c.cfg.Logger.Enabled(ctx, slog.LevelDebug)
}

// tell hands an event to the observer and to the log.
func (c *Client) tell(ctx context.Context, e core.Event) {
	e.Vendor, e.Account = c.cfg.Vendor, c.cfg.Account
	if c.cfg.Observer != nil && !c.deaf.Load() {
		c.observe(ctx, e)
	}
	if c.logs(ctx) {
		c.cfg.Logger.LogAttrs(ctx, slog.LevelDebug, "rollcall "+string(e.Kind), attributes(e)...)
	}
}

// observe calls the observer. One that panics is not called again: it may have left a
// lock of its own behind.
func (c *Client) observe(ctx context.Context, e core.Event) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if !c.deaf.Swap(true) && c.cfg.Logger != nil {
			c.cfg.Logger.LogAttrs(ctx, slog.LevelError, "rollcall observer panicked, and is not called again",
				slog.String("vendor", e.Vendor), slog.String("account", e.Account), slog.String("panic", c.text(fmt.Sprint(p))))
		}
	}()

	c.cfg.Observer(e)
}

// attributes are what a record says of an event: what it has, in a fixed order.
func attributes(e core.Event) []slog.Attr {
	out := make([]slog.Attr, 0, 13)
	text := func(key, value string) {
		if value != "" {
			out = append(out, slog.String(key, value))
		}
	}
	number := func(key string, value int, always bool) {
		if value != 0 || always {
			out = append(out, slog.Int(key, value))
		}
	}

	text("vendor", e.Vendor)
	text("account", e.Account)
	text("op", e.Op)
	text("bucket", e.Bucket)
	text("method", e.Method)
	text("path", e.Path)
	number("attempt", e.Attempt, false)
	text("wait", string(e.Wait))
	number("status", e.Status, e.Kind == core.EventAttempt)
	text("request", e.RequestID)
	if e.Kind != core.EventDoubt {
		out = append(out, slog.Duration("took", e.Took))
	}
	text("doubt", e.Doubt)
	if e.Err != nil {
		text("error", e.Err.Error())
	}
	return out
}

// Waited tells of a wait of an adapter's, after it has ended.
func (c *Client) Waited(ctx context.Context, op string, reason core.WaitReason, start time.Time, took time.Duration) {
	if c.watched(ctx) {
		c.tell(ctx, core.Event{Kind: core.EventWait, Op: op, Wait: reason, Start: start, Took: took})
	}
}

// Watch returns the wait with a hook that tells of each of its delays, beside the one
// that it has. It is for storekit.Until.
func (c *Client) Watch(w core.Wait, op string, reason core.WaitReason) core.Wait {
	own := w.Waited
	w.Waited = func(ctx context.Context, start time.Time, took time.Duration) {
		c.Waited(ctx, op, reason, start, took)
		if own != nil {
			own(ctx, start, took)
		}
	}
	return w
}

// tell completes an event of this call.
func (x *exchange) tell(e core.Event) {
	e.Op, e.Bucket, e.Method, e.Path, e.Attempt = x.op.Name, x.op.Bucket, x.op.Method, x.op.Path, x.attempts
	x.client.tell(x.ctx, e)
}

// tellAttempt tells of the latest attempt, and why its answer is not whole.
func (x *exchange) tellAttempt(sent time.Time, err error) {
	if !x.client.watched(x.ctx) {
		return
	}

	e := core.Event{Kind: core.EventAttempt, Status: x.status, Start: sent, Took: time.Since(sent)}
	if x.header != nil {
		e.RequestID = x.text(x.client.requestID(x.header))
	}
	if err != nil {
		e.Err = &cause{x.text(plainCause(err)), x.scrub(err)}
	}

	x.tell(e)
}

// rested tells of the wait between two attempts, which ends with the next or with the
// context.
func (x *exchange) rested() {
	if x.resting.IsZero() {
		return
	}
	start := x.resting
	x.resting = time.Time{}
	if x.client.watched(x.ctx) {
		x.tell(core.Event{Kind: core.EventWait, Wait: core.WaitRetry, Status: x.status, Start: start, Took: time.Since(start)})
	}
}

// tellToken tells of a fetch for the client that the context is of, if it is of one.
func tellToken(ctx context.Context, start time.Time, err error) {
	c, ok := ctx.Value(clientKey{}).(*Client)
	if !ok || !c.watched(ctx) {
		return
	}

	e := core.Event{Kind: core.EventToken, Op: core.OperationOf(ctx), Start: start, Took: time.Since(start)}
	if err != nil {
		e.Err = &cause{c.text(err.Error()), c.Scrub(err)}
	}
	c.tell(ctx, e)
}

// cause is why something has no answer, fit for a log, and what may be unwrapped of it.
type cause struct {
	text string
	err  error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.err }
