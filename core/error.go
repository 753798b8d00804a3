package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Class says what kind of failure an Error is, in words that are the same at
// every vendor.
type Class string

// The classes. Each has a sentinel for errors.Is.
const (
	ClassNotFound        Class = "not_found"
	ClassConflict        Class = "conflict"
	ClassRevision        Class = "revision"
	ClassInvalid         Class = "invalid"
	ClassUnauthenticated Class = "unauthenticated"
	ClassPermission      Class = "permission"
	ClassRateLimited     Class = "rate_limited"
	ClassUnavailable     Class = "unavailable"
	ClassUnsupported     Class = "unsupported"
	ClassNotApplied      Class = "not_applied"
	ClassFailed          Class = "failed"
	ClassPartial         Class = "partial"
	ClassIncomplete      Class = "incomplete"
	ClassCanceled        Class = "canceled"
	ClassProtocol        Class = "protocol"
)

// Sentinels for errors.Is, one for each class.
var (
	// ErrNotFound: the thing asked for does not exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the vendor refused because of another thing, for example a login that is taken.
	ErrConflict = errors.New("conflict")
	// ErrRevision: the thing was changed by somebody else since it was read.
	ErrRevision = errors.New("stale revision")
	// ErrInvalid: the request makes no sense to the vendor, or to us before anything was sent.
	ErrInvalid = errors.New("invalid")
	// ErrUnauthenticated: the credential was refused.
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrPermission: the credential is good and may not do this.
	ErrPermission = errors.New("permission denied")
	// ErrRateLimited: the vendor asked to wait longer than the caller allows, or the
	// turn at our own pace would come after the deadline.
	ErrRateLimited = errors.New("rate limited")
	// ErrUnavailable: the vendor did not answer, or answered that it cannot now.
	ErrUnavailable = errors.New("unavailable")
	// ErrUnsupported: the vendor offers no such operation. It wraps errors.ErrUnsupported.
	ErrUnsupported = fmt.Errorf("not offered by the vendor: %w", errors.ErrUnsupported)
	// ErrNotApplied: the vendor reported success and did not do it, or there was nothing that
	// it could be done to.
	ErrNotApplied = errors.New("not applied")
	// ErrFailed: a change that the vendor accepted failed later.
	ErrFailed = errors.New("failed")
	// ErrPartial: some of several changes were not made.
	ErrPartial = errors.New("partly done")
	// ErrIncomplete: a listing could not be read to its end.
	ErrIncomplete = errors.New("incomplete")
	// ErrCanceled: the context ended. The error also matches the context's own.
	ErrCanceled = errors.New("canceled")
	// ErrProtocol: the answer makes no sense.
	ErrProtocol = errors.New("protocol error")
)

var sentinels = map[Class]error{
	ClassNotFound:        ErrNotFound,
	ClassConflict:        ErrConflict,
	ClassRevision:        ErrRevision,
	ClassInvalid:         ErrInvalid,
	ClassUnauthenticated: ErrUnauthenticated,
	ClassPermission:      ErrPermission,
	ClassRateLimited:     ErrRateLimited,
	ClassUnavailable:     ErrUnavailable,
	ClassUnsupported:     ErrUnsupported,
	ClassNotApplied:      ErrNotApplied,
	ClassFailed:          ErrFailed,
	ClassPartial:         ErrPartial,
	ClassIncomplete:      ErrIncomplete,
	ClassCanceled:        ErrCanceled,
	ClassProtocol:        ErrProtocol,
}

// Applied says whether a change reached the vendor's data: what a caller must
// know after a write that did not end well.
type Applied string

// The three answers. A read is always AppliedNo.
const (
	AppliedNo      Applied = "no"
	AppliedYes     Applied = "yes"
	AppliedUnknown Applied = "unknown"
)

// Error is the one error of this module. It holds no secret, no query and no
// body; its text is one line.
type Error struct {
	// Vendor and Account name the client: Account is the caller's own label, from
	// ClientOptions.Account.
	Vendor, Account string
	// Op is the name of the operation: an Operation such as "users.create" for a call
	// of a Store, and such as "Users.Create" for a call of a vendor's client.
	Op string
	// Class says what kind of failure it is; errors.Is with the sentinels reads it.
	Class Class
	// Status is the HTTP status, or 0 where there was no answer.
	Status int
	// Code and Message are the vendor's own, bounded and on one line, or ours
	// where the vendor was not asked.
	Code, Message string
	// Hint says what to do next, where there is something to say.
	Hint string
	// RequestID is the vendor's name for the request, to quote to its support.
	RequestID string
	// RetryAfter is the wait the vendor asked for, also where it was refused; or the
	// wait until a turn that would have come after the deadline.
	RetryAfter time.Duration
	// Attempts counts how often the failed request was sent; 0 means never.
	Attempts int
	// Applied says whether the change reached the vendor's data.
	Applied Applied
	// Doubt says why Applied is unknown: which attempt opened the doubt, and how.
	Doubt string
	// Err is the cause, if there is one below.
	Err error
}

// Error describes the failure in one line: where, what, the vendor's words, and
// what to do next.
func (e *Error) Error() string {
	var b strings.Builder

	if e.Vendor != "" {
		b.WriteString(e.Vendor)
		if e.Account != "" && e.Account != e.Vendor {
			b.WriteString(" " + e.Account)
		}
		b.WriteString(": ")
	}

	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}

	if s := sentinels[e.Class]; s != nil && e.Class != ClassUnsupported {
		b.WriteString(s.Error())
	} else {
		b.WriteString(strings.ReplaceAll(string(e.Class), "_", " "))
	}

	if e.Status != 0 {
		b.WriteString(strings.TrimRight(fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status)), " "))
	}
	if e.Code != "" {
		b.WriteString(" (" + e.Code + ")")
	}

	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RetryAfter > 0 && !e.lateTurn() {
		fmt.Fprintf(&b, " (asked to wait %s)", e.RetryAfter)
	}

	if e.RequestID != "" {
		b.WriteString(" [request " + e.RequestID + "]")
	}

	if e.Applied == AppliedYes || e.Applied == AppliedUnknown {
		b.WriteString("; applied: " + string(e.Applied))
		if e.Doubt != "" {
			b.WriteString(" (" + e.Doubt + ")")
		}
	}

	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return oneLine(b.String())
}

// Words returns what was said of the failure, without where it happened: Message,
// or the text of Status where the vendor gave none ("Forbidden"), or "" where
// there is neither. Use it to quote the failure in a sentence of your own; Error
// tells all.
func (e *Error) Words() string { return cmp.Or(e.Message, http.StatusText(e.Status)) }

// lateTurn says whether our own pace is the reason, and not an answer. The message of
// LateTurn names the wait, which no server asked for.
func (e *Error) lateTurn() bool { return e.Class == ClassRateLimited && e.Status == 0 }

// Is matches the sentinel of the error's class.
func (e *Error) Is(target error) bool {
	if target == errors.ErrUnsupported {
		return e.Class == ClassUnsupported
	}
	s := sentinels[e.Class]
	return s != nil && s == target
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of an error of this module, ClassCanceled for a
// bare context error, and "" for anything else.
func ClassOf(err error) Class {
	if p, ok := errors.AsType[*PartialError](err); ok && p != nil {
		return ClassPartial
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return ClassCanceled
	}
	return ""
}

// Unsupported returns the error for what a vendor does not offer: class
// unsupported, nothing sent, nothing applied. Why says it in one sentence.
func Unsupported(vendor, op, why string) *Error {
	return &Error{Vendor: vendor, Op: op, Class: ClassUnsupported, Message: why, Applied: AppliedNo}
}

// Invalid returns the error for a request that was refused before anything was
// sent.
func Invalid(vendor, op, why string) *Error {
	return &Error{Vendor: vendor, Op: op, Class: ClassInvalid, Message: why, Applied: AppliedNo}
}

// PartialError reports a call of several changes, some of which were not made.
// It holds every outcome, in the order of the call; errors.Is and errors.As see
// the causes.
type PartialError struct {
	Vendor, Account, Op string
	Outcomes            []Outcome
}

// Error counts the outcomes and gives the first cause.
func (e *PartialError) Error() string {
	var bad int
	var first *Outcome
	for i := range e.Outcomes {
		if o := &e.Outcomes[i]; !o.Done() {
			if first == nil {
				first = o
			}
			bad++
		}
	}

	text := fmt.Sprintf("%s: %s: %d of %d changes not made", e.Vendor, e.Op, bad, len(e.Outcomes))
	if first != nil {
		text += fmt.Sprintf("; first: %s %s: %s", first.Assignment.UserID, first.Result, first.Message)
	}
	return oneLine(text)
}

// Is matches ErrPartial.
func (e *PartialError) Is(target error) bool { return target == ErrPartial }

// Unwrap returns the causes of the outcomes that were not done.
func (e *PartialError) Unwrap() []error {
	var errs []error
	for _, o := range e.Outcomes {
		if o.Err != nil && !o.Done() {
			errs = append(errs, o.Err)
		}
	}
	return errs
}

func asError(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// oneLine removes what would break a line or a terminal: a kind or an id made up by a
// caller can contain anything.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// MaybeApplied reports whether the change that ended with err was made, or may
// have been. Use it where you keep a record of changes, or must look what became of one.
func MaybeApplied(err error) bool {
	if part, ok := errors.AsType[*PartialError](err); ok {
		return slices.ContainsFunc(part.Outcomes, func(o Outcome) bool { return o.Applied() != AppliedNo })
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Applied != AppliedNo
	}
	return true
}
