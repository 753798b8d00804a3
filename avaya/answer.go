package avaya

import (
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// senseless is the error of a success that cannot answer the call. After a write, what
// it did is not known.
func (c *Client) senseless(op *rest.Op, res rest.Response, why string) error {
	applied := core.AppliedUnknown
	if op.Replay == rest.Safe {
		applied = core.AppliedNo
	}
	return &core.Error{Vendor: vendor, Account: c.options.Account, Op: op.Name, Class: core.ClassProtocol, Applied: applied, Message: why,
		Status: res.Status, RequestID: res.RequestID, Attempts: res.Attempts}
}

// sameID compares ids as the vendor writes them: UUIDs in either case.
func sameID(a, b string) bool { return strings.EqualFold(a, b) }
