package avaya

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// senseless is the error for a success that cannot be what was asked for. After
// a write it is not known what it did.
func (c *Client) senseless(op *rest.Op, res rest.Response, why string) error {
	applied := core.AppliedUnknown
	if op.Replay == rest.Safe {
		applied = core.AppliedNo
	}
	return &core.Error{Vendor: vendor, Account: c.options.Account, Op: op.Name, Class: core.ClassProtocol, Applied: applied, Message: why,
		Status: res.Status, RequestID: res.RequestID, Attempts: res.Attempts}
}

func (c *Client) noID(op *rest.Op, res rest.Response, field string) error {
	return c.senseless(op, res, "the answer holds no "+field)
}

func (c *Client) anotherThan(op *rest.Op, res rest.Response) error {
	return c.senseless(op, res, "the answer is about another than the one that was asked for")
}

// aboutID checks the id in the answer to a read; same says whether it is the one
// that was asked for.
func (c *Client) aboutID(op *rest.Op, res rest.Response, field, id string, same bool) error {
	switch {
	case id == "":
		return c.noID(op, res, field)
	case !same:
		return c.anotherThan(op, res)
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
