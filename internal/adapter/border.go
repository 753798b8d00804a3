package adapter

import (
	"errors"
	"iter"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// Border is where the errors of a Store leave it: each then has the name of the Store's
// operation, the vendor and the caller's label of the account.
type Border struct {
	Vendor, Account string
	// Base and Customer are the address of the vendor's API and what names the account
	// there, for Fingerprint.
	Base     *url.URL
	Customer string
	// Pace is what the client's requests pass.
	Pace core.Governor
}

// Governor is what paces the requests of the Store's client. It implements core.Paced.
func (b Border) Governor() core.Governor { return b.Pace }

// Fingerprint names the vendor, the origin and the account there, and no credential.
func (b Border) Fingerprint() string {
	words := []string{b.Vendor}
	if b.Base != nil {
		at := url.URL{Scheme: b.Base.Scheme, Host: strings.ToLower(b.Base.Host), Path: strings.TrimSuffix(b.Base.Path, "/")}
		words = append(words, at.String())
	}
	if b.Customer != "" {
		words = append(words, b.Customer)
	}
	return strings.Join(words, " ")
}

// Error names an error after an operation of the Store. Errors that others may hold are
// copied; an error that wraps one of ours keeps its type and is left alone.
func (b Border) Error(op core.Operation, err error) error {
	switch e := err.(type) {
	case *core.Error:
		e = new(*e)
		e.Vendor, e.Account, e.Op = b.Vendor, b.Account, string(op)
		if part, ok := errors.AsType[*core.PartialError](e.Err); ok {
			e.Err = b.partial(op, part)
		}
		return e
	case *core.PartialError:
		return b.partial(op, e)
	}
	return err
}

func (b Border) partial(op core.Operation, part *core.PartialError) *core.PartialError {
	part.Vendor, part.Account, part.Op = b.Vendor, b.Account, string(op)
	for i := range part.Outcomes {
		part.Outcomes[i].Err = b.Error(op, part.Outcomes[i].Err)
	}
	return part
}

// Invalid is the error of a call that was refused before anything was sent.
func (b Border) Invalid(op core.Operation, why string) *core.Error {
	e := core.Invalid(b.Vendor, string(op), why)
	e.Account = b.Account
	return e
}

// CheckRecord refuses the record of a block of another user, vendor or account: ids are
// small numbers at some vendors, and that user would be unblocked. Same says that the
// record names the user.
func (b Border) CheckRecord(op core.Operation, made core.Block, same bool) error {
	if !same || made.Vendor != "" && made.Vendor != b.Vendor || made.Account != "" && made.Account != b.Account {
		return b.Invalid(op, "the record is of another user, vendor or account")
	}
	return nil
}

// Unsupported is the error of what the vendor does not offer.
func (b Border) Unsupported(op core.Operation, why string) *core.Error {
	e := core.Unsupported(b.Vendor, string(op), why)
	e.Account = b.Account
	return e
}

// Walk is a listing of the Store: its errors are named after the operation, and one that
// breaks it off matches core.ErrIncomplete and its cause.
func Walk[T any](b Border, op core.Operation, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		listed := false
		for v, err := range seq {
			if err != nil {
				yield(v, b.Error(op, storekit.Incomplete(b.Vendor, string(op), err, listed)))
				return
			}
			if listed = true; !yield(v, nil) {
				return
			}
		}
	}
}

// Failed is a listing that ends at once with an error.
func Failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
