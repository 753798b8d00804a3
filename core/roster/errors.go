package roster

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

var (
	// ErrRefused: the want, the plan, the receipt or a setting is wrong, and nothing was
	// sent that writes. The error's *core.Error has class invalid.
	ErrRefused = errors.New("refused")
	// ErrNothing: every lane that was asked for is held by somebody else.
	ErrNothing = errors.New("every lane is held by somebody else")
	// ErrFenced: the claim is no longer the lane's. Whoever holds it must stop.
	ErrFenced = errors.New("the claim has run out")
	// ErrDamaged: the journal was changed or lost something that it had confirmed. What
	// stands before the damage can be read; nothing is appended.
	ErrDamaged = errors.New("the journal is damaged")
	// ErrBroken: a write or a sync of the journal failed. What it holds is only known to
	// the next process that opens it.
	ErrBroken = errors.New("the journal cannot be written any more")
)

// refusal is an error that matches ErrRefused and is a *core.Error of class invalid.
type refusal struct{ err *core.Error }

func refuse(op, format string, args ...any) error {
	return refusal{core.Invalid("", op, fmt.Sprintf(format, args...))}
}

// Error is the sentence alone, where it happened in front.
func (r refusal) Error() string { return r.err.Op + ": " + r.err.Message }

func (r refusal) Unwrap() []error { return []error{r.err, ErrRefused} }

// Ambiguous says that a name means two users of one account, or two people. Nothing is
// guessed: name one of them as "account:ID".
type Ambiguous struct {
	// Account has two users of the name, with these IDs. It is empty where two people
	// have the name at different accounts.
	Name, Account string
	IDs           []string
	// Pins are the names that choose, "account:ID".
	Pins []string
}

// Error names both and says how to choose.
func (a *Ambiguous) Error() string {
	what := fmt.Sprintf("%d users of %s", len(a.IDs), a.Account)
	if a.Account == "" {
		what = fmt.Sprintf("%d people", len(a.Pins))
	}
	return fmt.Sprintf("%s means %s; name one of them as %s", a.Name, what, strings.Join(a.Pins, " or "))
}

// Unwrap is the *core.Error of class conflict that says the same.
func (a *Ambiguous) Unwrap() error {
	return &core.Error{Account: a.Account, Op: "census", Class: core.ClassConflict, Message: a.Error(), Applied: core.AppliedNo}
}

// facts returns what a record keeps of an error: an *Error, made where there is none.
func facts(err error) *core.Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e
	}
	return &core.Error{Class: core.ClassOf(err), Message: err.Error(), Applied: core.AppliedUnknown}
}
