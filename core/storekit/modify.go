package storekit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Modify reads a value, changes it and writes it back, and starts over from
// the read when the write meets a stale revision, at most tries times. Change
// may run several times and must depend on nothing but the value it gets.
//
// It is the loop under the Modify of a vendor with revisions. Where there are
// none the write never reports one, and the loop runs once.
func Modify[T any](ctx context.Context, tries int,
	read func(context.Context) (T, error), change func(*T) error, write func(context.Context, T) (T, error),
) (T, error) {
	var none T
	for try := 1; ; try++ {
		v, err := read(ctx)
		if err != nil {
			return none, err
		}
		if err := change(&v); err != nil {
			return none, err
		}

		v, err = write(ctx, v)
		if err == nil || !errors.Is(err, core.ErrRevision) {
			return v, err
		}
		if try >= tries {
			return none, fmt.Errorf("changed by others %d times in a row: %w", try, err)
		}

		// Two writers that collided must not collide again in step.
		if err := sleep(ctx, rand.N(time.Duration(try)*20*time.Millisecond)); err != nil {
			return none, &core.Error{Class: core.ClassCanceled, Err: err, Applied: core.AppliedNo,
				Message: "the context ended between two tries of a read-modify-write"}
		}
	}
}
