package evidence

import (
	"context"
	"errors"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// ReadBack says how long a change that does not show yet is looked for.
type ReadBack struct {
	// For is the time from the first look to the last: 5 s where it is zero, and a
	// single look where it is negative.
	For time.Duration
	// Waited, if set, is told of each pause after it has ended, also where the context
	// ended it.
	Waited func(ctx context.Context, start time.Time, took time.Duration)
}

// ReadBackOf is the read-back of an operation of a client, which is told of its pauses.
func ReadBackOf(op string, patience time.Duration, waited Waiter) ReadBack {
	return ReadBack{For: patience, Waited: func(ctx context.Context, start time.Time, took time.Duration) {
		waited.Waited(ctx, op, core.WaitReadBack, start, took)
	}}
}

// Waiter tells observers and the log of a wait: a rest.Client.
type Waiter interface {
	Waited(ctx context.Context, op string, reason core.WaitReason, start time.Time, took time.Duration)
}

// The pauses between looks grow from the first to the longest.
const (
	defaultReadBack = 5 * time.Second
	firstPause      = 50 * time.Millisecond
	maxPause        = time.Second
)

// Look looks until a change shows, and reports whether it does. What does not show,
// or cannot be read for a passing reason, is looked at again until the time is over or
// the context nearly is. The error is that of the last look, where none before it could
// tell.
func (r ReadBack) Look(ctx context.Context, look func(context.Context) (shown bool, err error)) (bool, error) {
	left := r.For
	if left == 0 {
		left = defaultReadBack
	}
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(deadline)*9/10) // the result is worth more than the remaining time
	}
	end := time.Now().Add(left)

	seen := false // that the change does not show
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		shown, err := look(ctx)
		if shown && err == nil {
			return true, nil
		}
		seen = seen || err == nil
		if err != nil && (ctx.Err() != nil || !passing(err)) {
			return false, err
		}

		// The last look comes when the time is over, not before.
		if pause = min(pause, time.Until(end)); pause <= 0 {
			if seen {
				return false, nil
			}
			return false, err
		}
		if err := r.wait(ctx, pause); err != nil {
			return false, err
		}
	}
}

func (r ReadBack) wait(ctx context.Context, pause time.Duration) error {
	if r.Waited != nil {
		start := time.Now()
		defer func() { r.Waited(ctx, start, time.Since(start)) }()
	}

	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return &core.Error{Class: core.ClassCanceled, Err: ctx.Err(), Applied: core.AppliedUnknown,
			Message: "the context ended while the change was looked for"}
	}
}

// passing reports a failed look that another one may repair.
func passing(err error) bool {
	switch core.ClassOf(err) {
	case core.ClassUnavailable, core.ClassRateLimited, core.ClassProtocol, core.ClassIncomplete:
		return true
	}
	return errors.Is(err, core.ErrIncomplete)
}
