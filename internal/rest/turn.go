package rest

import (
	"context"
	"errors"

	"github.com/rollcall-go/rollcall/core"
)

// noTurn completes what a governor refused a turn with. A governor knows nothing of
// the call: whose it is, and whether an earlier attempt may have been carried out.
// One that only says that the deadline would be exceeded, while it is not, means a
// turn that comes too late.
func (x *exchange) noTurn(err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		if x.ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		e = core.LateTurn(x.op.Bucket, 0, 0)
	}

	done := new(*e) // others may have got the same
	done.Vendor, done.Op = x.client.cfg.Vendor, x.op.Name
	done.Message = x.text(e.Message)
	done.Attempts, done.Applied = x.attempts, x.applied()
	if hint := x.hint(); hint != "" {
		done.Hint = hint
	}
	return done
}
