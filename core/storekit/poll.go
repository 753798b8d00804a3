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

// The phases. A vendor's word that nobody knows is PhaseUnknown, which is not
// an end: it is waited out, up to a bound.
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
	// After is the least delay the vendor asks for before the next look.
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
// error: what they mean is the caller's to say.
//
// Delays grow from First to Max, with jitter; a delay that the vendor asks for is
// a floor. Failures of class unavailable, rate limited and protocol are passing
// ones. One that asks for a longer wait than MaxAsked, or than the context has
// left, ends the wait with its own class and says how long was asked for. If the
// context ends, the error is of class canceled, matches the context's error, and
// names the last state seen.
func Until(ctx context.Context, w core.Wait, vendor, op string, look func(context.Context) (Probe, error)) (Probe, error) {
	w = withDefaults(w)
	var last Probe
	var refusal error // why last.After is what it is, where the last look failed
	looks, failures, unknown := 0, 0, 0
	ended := func(cause error) error {
		state := "nothing seen yet"
		if last.State != "" {
			state = "last seen: " + last.State
		}
		return &core.Error{Vendor: vendor, Op: op, Class: core.ClassCanceled, Err: cause, Applied: core.AppliedUnknown,
			RetryAfter: last.After,
			Message:    fmt.Sprintf("waited for the change to take effect; %s after %d looks", state, looks),
			Hint:       "the change may still be carried out: wait again with the same id"}
	}
	delay := float64(w.First)
	for {
		// Jitter of a quarter each way keeps a thousand waiters from looking at once.
		pause := max(time.Duration(delay*(0.75+rand.Float64()/2)), last.After)
		final := false
		if w.MaxAsked > 0 && last.After > w.MaxAsked {
			return last, askedTooMuch(vendor, op, refusal, last)
		}
		if deadline, ok := ctx.Deadline(); ok {
			switch left := time.Until(deadline); {
			case last.After > left && refusal != nil:
				// The vendor wants to be asked later than the caller can wait.
				return last, askedTooMuch(vendor, op, refusal, last)
			case last.After > left:
				return last, ended(context.DeadlineExceeded)
			case pause > left:
				// A last look shortly before the end beats sleeping into it.
				pause, final = max(left-min(left/10, time.Second), last.After), true
			}
		}
		if err := delayed(ctx, w, pause); err != nil {
			return last, ended(err)
		}
		probe, err := look(ctx)
		looks++
		switch {
		case err == nil:
			failures, last, refusal = 0, probe, nil
		case ctx.Err() != nil:
			return last, ended(ctx.Err())
		default:
			failures++
			if !passing(err) || failures > w.Tolerate {
				return last, gaveUp(vendor, op, err, failures, last)
			}
			last.After, refusal = 0, err
			if e, ok := asError(err); ok {
				last.After = e.RetryAfter
			}
		}
		if err == nil {
			switch probe.Phase {
			case PhaseDone, PhaseFailed, PhaseDeferred:
				return probe, nil
			case PhaseUnknown:
				if unknown++; unknown > w.Unknown {
					return last, &core.Error{Vendor: vendor, Op: op, Class: core.ClassProtocol, Applied: core.AppliedUnknown,
						Message: fmt.Sprintf("the vendor reports the unknown state %q after %d looks", clip(probe.State), looks)}
				}
			default:
				unknown = 0
			}
		}
		if final {
			return last, ended(context.DeadlineExceeded)
		}
		delay = min(delay*w.Growth, float64(w.Max))
	}
}

// gaveUp turns a failed look into the error of the wait: what was waited for may
// have happened all the same.
func gaveUp(vendor, op string, err error, failures int, last Probe) error {
	return because(err, &core.Error{Vendor: vendor, Op: op, Class: cmp.Or(core.ClassOf(err), core.ClassProtocol),
		Message: fmt.Sprintf("looking after the change failed %d times in a row; last seen: %s", failures, seen(last))})
}

// askedTooMuch is the error of a wait that is not slept. Cause is nil where a
// look that succeeded asked for it.
func askedTooMuch(vendor, op string, cause error, last Probe) error {
	return because(cause, &core.Error{Vendor: vendor, Op: op, Class: cmp.Or(core.ClassOf(cause), core.ClassUnavailable), RetryAfter: last.After,
		Message: "the vendor asks to look after the change later than may be waited for; last seen: " + seen(last)})
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

func passing(err error) bool {
	switch core.ClassOf(err) {
	case core.ClassUnavailable, core.ClassRateLimited, core.ClassProtocol:
		return true
	}
	return false
}

// delayed sleeps before a look, and tells of it.
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
	const most = 100
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
