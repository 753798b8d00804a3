package storekit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Phase tells the states of a long operation apart.
type Phase int

// The phases. A vendor's word that is not documented is PhaseUnknown. It does not
// end the wait, up to a bound.
const (
	PhasePending Phase = iota
	PhaseDone
	PhaseFailed
	PhaseDeferred // the vendor has put the change off, perhaps for hours
	PhaseUnknown
)

// Probe is what one look at a long operation showed.
type Probe struct {
	Phase Phase
	// State is the vendor's own word, for errors.
	State string
	// After is how long the vendor asks to wait before the next look, at least.
	After time.Duration
}

func withDefaults(w core.Wait) core.Wait {
	w.First = cmp.Or(max(0, w.First), time.Second)
	if w.Growth < 1 {
		w.Growth = 1.5
	}
	w.Max = max(w.First, cmp.Or(w.Max, 30*time.Second))
	w.Tolerate = cmp.Or(max(0, w.Tolerate), 5)
	w.Unknown = cmp.Or(max(0, w.Unknown), 20)
	return w
}

// Until looks again and again until the operation is done, failed or deferred,
// and returns the last probe. Done, failed and deferred are returned without an
// error: the caller decides what they mean.
//
// Delays grow from First to Max, with jitter; a delay that the vendor asks for is
// a floor. Failures of class unavailable, rate limited and protocol are tolerated,
// up to Tolerate in a row. One that asks for a longer wait than MaxAsked, or than the
// context has left, ends the wait with its own class and says how long was asked for.
// If the context ends, the error is of class canceled, matches the context's error,
// and names the last state seen.
func Until(ctx context.Context, w core.Wait, vendor, op string, look func(context.Context) (Probe, error)) (Probe, error) {
	p := poll{Wait: withDefaults(w), vendor: vendor, op: op}
	for delay := float64(p.First); ; delay = min(delay*p.Growth, float64(p.Max)) {
		pause, final, err := p.pause(ctx, delay)
		if err != nil {
			return p.last, err
		}
		if err := delayed(ctx, p.Wait, pause); err != nil {
			return p.last, p.ended(err)
		}

		probe, err := look(ctx)
		done, err := p.judge(ctx, probe, err)
		if done || err != nil {
			return p.last, err
		}

		if final {
			return p.last, p.ended(context.DeadlineExceeded)
		}
	}
}

// poll is the state of one Until.
type poll struct {
	core.Wait
	vendor, op string

	last    Probe // the last look that succeeded, and the delay that the last look asked for
	refusal error // of the last look, if it failed: last.After is then from this error

	looks, failures, unknown int // failures and unknown states in a row
}

// pause decides how long to wait before the next look, and whether that look is the
// final one. The error says why there is no next look.
func (p *poll) pause(ctx context.Context, delay float64) (pause time.Duration, final bool, err error) {
	// Jitter of a quarter each way keeps a thousand waiters from looking at once.
	pause = max(time.Duration(delay*(0.75+rand.Float64()/2)), p.last.After)
	if p.MaxAsked > 0 && p.last.After > p.MaxAsked {
		return 0, false, askedTooMuch(p.vendor, p.op, p.refusal, p.last)
	}

	deadline, ok := ctx.Deadline()
	if !ok {
		return pause, false, nil
	}
	switch left := time.Until(deadline); {
	case p.last.After > left && p.refusal != nil:
		// The vendor asks for a longer wait than the caller has time for.
		return 0, false, askedTooMuch(p.vendor, p.op, p.refusal, p.last)
	case p.last.After > left:
		return 0, false, p.ended(context.DeadlineExceeded)
	case pause > left:
		// A last look shortly before the end beats sleeping into it.
		return max(left-min(left/10, time.Second), p.last.After), true, nil
	}
	return pause, false, nil
}

// judge decides after a look whether the wait is done. An error ends it too.
func (p *poll) judge(ctx context.Context, probe Probe, err error) (done bool, _ error) {
	p.looks++
	if err != nil {
		return false, p.failed(ctx, err)
	}

	p.failures, p.last, p.refusal = 0, probe, nil
	switch probe.Phase {
	case PhaseDone, PhaseFailed, PhaseDeferred:
		return true, nil
	case PhaseUnknown:
		if p.unknown++; p.unknown > p.Unknown {
			return false, &core.Error{Vendor: p.vendor, Op: p.op, Class: core.ClassProtocol, Applied: core.AppliedUnknown,
				Message: fmt.Sprintf("the vendor reports the unknown state %q after %d looks", clip(probe.State), p.looks)}
		}
	default:
		p.unknown = 0
	}
	return false, nil
}

// failed judges a look that failed. It returns nil if the wait goes on.
func (p *poll) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return p.ended(ctx.Err())
	}
	p.failures++
	if !isPassing(err) || p.failures > p.Tolerate {
		return gaveUp(p.vendor, p.op, err, p.failures, p.last)
	}

	p.last.After, p.refusal = 0, err
	if e, ok := asError(err); ok {
		p.last.After = e.RetryAfter
	}
	return nil
}

// ended is the error of a wait whose context has ended.
func (p *poll) ended(cause error) error {
	state := "nothing seen yet"
	if p.last.State != "" {
		state = "last seen: " + p.last.State
	}
	return &core.Error{Vendor: p.vendor, Op: p.op, Class: core.ClassCanceled, Err: cause, Applied: core.AppliedUnknown,
		RetryAfter: p.last.After,
		Message:    fmt.Sprintf("waited for the change to take effect; %s after %d looks", state, p.looks),
		Hint:       "the change may still be carried out: wait again with the same id"}
}

// gaveUp turns a failed look into the error of the wait: the change may have
// happened anyway.
func gaveUp(vendor, op string, err error, failures int, last Probe) error {
	return because(err, &core.Error{Vendor: vendor, Op: op, Class: cmp.Or(core.ClassOf(err), core.ClassProtocol),
		Message: fmt.Sprintf("looking after the change failed %d times in a row; last seen: %s", failures, seen(last))})
}

// askedTooMuch is the error of a requested wait that is too long. Cause is nil if the
// look that asked for it succeeded.
func askedTooMuch(vendor, op string, cause error, last Probe) error {
	return because(cause, &core.Error{Vendor: vendor, Op: op, Class: cmp.Or(core.ClassOf(cause), core.ClassUnavailable),
		RetryAfter: last.After,
		Message:    "the vendor asks for a longer wait before the next look than is allowed; last seen: " + seen(last)})
}

func seen(last Probe) string { return cmp.Or(clip(last.State), "nothing") }

// because completes the error of a wait with its cause.
func because(cause error, out *core.Error) error {
	out.Applied, out.Err = core.AppliedUnknown, cause
	out.Hint = "the change may still be carried out: wait again with the same id"
	if e, ok := asError(cause); ok {
		out.Status, out.Code, out.RequestID, out.RetryAfter, out.Attempts = e.Status, e.Code, e.RequestID, e.RetryAfter, e.Attempts
		out.Message += ": " + e.Words()
	}
	return out
}

func isPassing(err error) bool {
	switch core.ClassOf(err) {
	case core.ClassUnavailable, core.ClassRateLimited, core.ClassProtocol:
		return true
	}
	return false
}

// delayed sleeps before a look, and reports the wait.
func delayed(ctx context.Context, w core.Wait, d time.Duration) error {
	if w.Waited == nil {
		return sleep(ctx, d)
	}
	start := time.Now()
	err := sleep(ctx, d)
	w.Waited(ctx, start, time.Since(start))
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func asError(err error) (*core.Error, bool) { return errors.AsType[*core.Error](err) }

// clip bounds a vendor's word before it goes into an error text.
func clip(s string) string {
	const maxLen = 100
	if len(s) <= maxLen {
		return s
	}
	return s[:maxLen] + "…"
}
