package evidence

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
)

// Effect is one write and how its effect is seen.
type Effect struct {
	Vendor, Op string
	// Write sends the change. Told says that its answer was itself the new state, and
	// showed the change: nothing needs to be looked at.
	Write func(ctx context.Context) (told bool, err error)
	// Shows looks whether the change is in effect. It returns false for an object that
	// is not there where the change is to be seen in it, and true for one that is to be
	// gone.
	Shows func(ctx context.Context) (bool, error)
	// Was says that the change was in effect before, so that seeing it afterwards does
	// not tell whether a lost write did it.
	Was bool
	// Certain reports, where a change does not show, whether that proves that it was not
	// made: a revision that has not moved, an answer that is documented as the state.
	Certain func() bool
	// Partly reports, where a change does not show as a whole, that a part of it does:
	// applied is then yes.
	Partly func() bool
	// What says in a few words what does not show, for the error: "the user does not
	// show lastName".
	What func() string
}

// Make sends the change of an effect and looks at it.
//
// A write that was accepted and shows is done. One that does not show, however long it
// is looked for, is ErrNotApplied: applied is no where the evidence is certain, yes
// where a part of it shows, and otherwise unknown. A write whose answer was lost, or
// makes no sense, is done where the change shows and was not there before; otherwise it
// stays in doubt. A refusal is returned as it is.
func (r ReadBack) Make(ctx context.Context, e Effect) error {
	told, err := e.Write(ctx)
	if err == nil && told {
		return nil
	}
	if err != nil && (!InDoubt(err) || ctx.Err() != nil || e.Was) {
		return err
	}

	// The pauses are reported under the name of the change.
	shown, lookErr := r.Look(context.WithValue(ctx, core.OperationKey{}, e.Op), e.Shows)
	switch {
	case shown:
		return nil
	case err != nil:
		return err
	case lookErr != nil:
		return Unseen(e.Vendor, e.Op, lookErr)
	}
	return e.notShown()
}

func (e Effect) notShown() error {
	what := "it does not show"
	if e.What != nil {
		what = e.What()
	}

	out := NotShown(e.Vendor, e.Op, what, e.Certain != nil && e.Certain())
	if e.Partly != nil && e.Partly() {
		out.Applied, out.Doubt = core.AppliedYes, ""
	}
	return out
}

// InDoubt reports an error that leaves open whether its write was made.
func InDoubt(err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	return ok && e.Applied == core.AppliedUnknown
}

// NotShown is the error of a change that the vendor accepted and that does not show.
func NotShown(vendor, op, what string, certain bool) *core.Error {
	e := &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Applied: core.AppliedUnknown,
		Message: "the vendor accepted the change, and " + what,
		Doubt:   "the change does not show yet, and may still take effect",
		Hint:    "read it again later to see its state"}
	if certain {
		e.Applied, e.Doubt, e.Hint = core.AppliedNo, "", ""
	}
	return e
}

// Unseen is the error of a change that the vendor accepted and that could not be looked
// at. It keeps the class of the look, but for not found: the look was not asked for.
func Unseen(vendor, op string, look error) error {
	e, ok := errors.AsType[*core.Error](look)
	if !ok {
		return &core.Error{Vendor: vendor, Op: op, Class: core.ClassUnavailable, Applied: core.AppliedUnknown, Err: look,
			Message: fmt.Sprintf("the vendor accepted the change, but reading it back failed: %v", look)}
	}

	out := new(*e) // others may hold the same
	out.Vendor, out.Op, out.Applied, out.Err = vendor, op, core.AppliedUnknown, look
	out.Message = "the vendor accepted the change, but reading it back failed: " + e.Words()
	out.Doubt = "the change was accepted, and could not be looked at"
	if e.Class == core.ClassNotFound {
		out.Class, out.Err = core.ClassNotApplied, nil
	}
	return out
}
