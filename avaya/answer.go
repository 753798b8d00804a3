package avaya

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// senseless is the error for a success that cannot be what was asked for. After
// a write nobody knows what it did.
func senseless(op *rest.Op, res rest.Response, why string) error {
	applied := core.AppliedUnknown
	if op.Replay == rest.Safe {
		applied = core.AppliedNo
	}
	return &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassProtocol, Applied: applied, Message: why,
		Status: res.Status, RequestID: res.RequestID, Attempts: res.Attempts}
}

func noID(op *rest.Op, res rest.Response, field string) error {
	return senseless(op, res, "the answer holds no "+field)
}

func anotherThan(op *rest.Op, res rest.Response) error {
	return senseless(op, res, "the answer is about another than the one that was asked for")
}

// aboutID checks the id in the answer to a read; same says whether it is the one
// that was asked for.
func aboutID(op *rest.Op, res rest.Response, field, id string, same bool) error {
	switch {
	case id == "":
		return noID(op, res, field)
	case !same:
		return anotherThan(op, res)
	}
	return nil
}

// checked returns what was read, or the error of its check.
func checked[T any](v *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// sameID compares ids as the vendor writes them: UUIDs in either case.
func sameID(a, b string) bool { return strings.EqualFold(a, b) }

// sameLogin compares logins, which the vendor may fold.
func sameLogin(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}
