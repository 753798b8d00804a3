package storekit

import (
	"errors"

	"github.com/rollcall-go/rollcall/core"
)

const whatCame = "what was listed so far is correct, the rest is missing: list again"

// Incomplete is the error of a listing that broke off because of cause. It matches
// core.ErrIncomplete and the cause. Its class is incomplete where something was
// listed before, and else that of the cause, which says best what to do; a context
// that ended stays canceled. A refusal before anything was sent is returned as it is.
func Incomplete(vendor, op string, cause error, listed bool) error {
	e, ok := asError(cause)
	if !ok {
		return &core.Error{Vendor: vendor, Op: op, Class: core.ClassIncomplete, Applied: core.AppliedNo,
			Message: cause.Error(), Hint: whatCame, Err: cause}
	}
	neverSent := e.Attempts == 0 && (e.Class == core.ClassInvalid || e.Class == core.ClassUnsupported)
	if neverSent || e.Class == core.ClassIncomplete {
		return cause
	}

	out := new(*e) // others may hold the same error
	out.Applied = core.AppliedNo
	if listed && errors.Is(cause, core.ErrNotFound) {
		cause = errors.New(e.Words()) // it concerns a part of the list: no user was looked for
	}
	if listed && e.Class != core.ClassCanceled {
		out.Class, out.Err = core.ClassIncomplete, cause
		out.Message, out.Hint = "the list broke off: "+e.Words(), whatCame
		return out
	}
	out.Err = errors.Join(core.ErrIncomplete, e.Err)
	return out
}
