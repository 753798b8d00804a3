package libh3lp

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// one reads an answer that holds one thing: an object, or an array of one. The same
// call may return either form. Null and an empty array show nothing.
type one[T any] struct {
	value T
	raw   json.RawMessage // as it came, to see what it shows
	shown bool
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *one[T]) UnmarshalJSON(data []byte) error {
	*o = one[T]{}
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '[' {
		only, n := wire.Only(data)
		switch n {
		case 0:
			return nil
		case 1:
			data = only
		default:
			return &wire.TypeError{Want: "one object", Got: "array of several"}
		}
	}

	if string(bytes.TrimSpace(data)) == "null" {
		return nil
	}
	o.shown, o.raw = true, bytes.Clone(data)
	return wire.Unmarshal(data, &o.value)
}

// said reports a success: one that the answer states, or one that shows the thing itself.
func (o *one[T]) said() bool {
	v, ok := judge(o.raw)
	return ok && (v.yes || v.shows())
}

// several reads a list. A list of one may come as an object.
type several[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (s *several[T]) UnmarshalJSON(data []byte) error {
	if v, ok := judge(data); ok && v.shows() {
		var o one[T]
		if err := o.UnmarshalJSON(data); err != nil {
			return err
		}
		*s = several[T]{o.value}
		return nil
	}
	return wire.Unmarshal(data, (*[]T)(s))
}

// walk walks a list while it arrives. One element may come as an object.
func walk[T any](ctx context.Context, c *Client, call rest.Request) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var alone several[T]
		call.Check = func(body []byte) *core.Error { // the answer is not an array
			if v, ok := judge(body); ok && v.shows() {
				alone.UnmarshalJSON(body)
				return nil
			}
			return inspect(body)
		}
		for v, err := range rest.List[T](ctx, c.rest, call, nil) {
			if err != nil && len(alone) == 1 {
				v, err = alone[0], nil
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// rows finds rows that come twice, perhaps in place of others.
type rows struct {
	seen  storekit.Seen
	twice string
}

// isNew reports whether a row has not come before.
func (r *rows) isNew(key string) bool {
	isNew := r.seen.Add(key)
	if !isNew && r.twice == "" {
		r.twice = key
	}
	return isNew
}

// passOver notes a row of another kind, such as a folder. One that comes twice may stand in
// place of a wanted row; one without an id proves nothing.
func (r *rows) passOver(kind, id string) {
	if id != "" && id != "0" {
		r.isNew(strings.ToLower(kind) + " " + id)
	}
}

// end is the error of a list in which a row came twice, or nil.
func (r *rows) end(c *Client, op *rest.Op) error {
	if r.twice == "" {
		return nil
	}
	e := c.unsaid(op, rest.Response{Status: http.StatusOK, Attempts: 1}, core.AppliedNo,
		"the vendor sent "+r.twice+" twice, perhaps in place of another")
	e.Class, e.Hint = core.ClassIncomplete, "what was listed so far is correct: list again"
	return e
}

// nothing reports an answer that shows nothing: null, an empty list, or no body. The
// vendor may answer so when a thing does not exist.
func nothing(body []byte) bool {
	body = bytes.TrimSpace(body)
	switch string(body) {
	case "", "null", "[]":
		return true
	}
	var all []json.RawMessage
	return body[0] == '[' && wire.Unmarshal(body, &all) == nil && (len(all) == 0 || len(all) == 1 && string(bytes.TrimSpace(all[0])) == "null")
}

// checkRead is the Check of a read of one thing. The vendor reports a missing thing in
// four ways: a 404, a failure, an empty array, or null.
func checkRead(what string) func([]byte) *core.Error {
	return func(body []byte) *core.Error {
		if e := inspect(body); e != nil {
			if e.Class != core.ClassUnauthenticated && e.Class != core.ClassPermission {
				e.Class = core.ClassNotFound
			}
			return e
		}
		if nothing(body) {
			return &core.Error{Class: core.ClassNotFound, Message: "there is no such " + what}
		}
		return nil
	}
}

// acknowledged reads an answer that reports success. An answer that merely shows a
// thing does not.
type acknowledged struct{ yes bool }

// UnmarshalJSON implements json.Unmarshaler.
func (a *acknowledged) UnmarshalJSON(data []byte) error {
	v, _ := judge(data)
	a.yes = v.yes
	return nil
}

// acknowledgement sends a write whose answer is only a success. An answer that omits it
// leaves the write in doubt.
func (c *Client) acknowledgement(ctx context.Context, call rest.Request) (res rest.Response, err error) {
	a := new(acknowledged)
	call.Out, call.EmptyOK = a, true
	res, err = c.rest.Do(ctx, call)
	if err == nil && !a.yes && !res.Gone && res.Status != http.StatusNoContent {
		err = c.unsaid(call.Op, res, core.AppliedUnknown, "the answer does not say whether it was done")
	}
	return res, err
}

// unsaid is the error of a 2xx answer that omits what it should say.
func (c *Client) unsaid(op *rest.Op, res rest.Response, applied core.Applied, what string) *core.Error {
	e := &core.Error{Vendor: vendor, Account: c.options.Account, Op: op.Name, Class: core.ClassProtocol, Status: res.Status,
		RequestID: res.RequestID, Attempts: res.Attempts, Applied: applied, Message: what}
	if applied == core.AppliedUnknown {
		e.Doubt = "the answer does not say what was done"
	}
	return e
}

// invalid is the error of a call that was refused before anything was sent.
func (c *Client) invalid(op *rest.Op, why string) *core.Error {
	e := core.Invalid(vendor, op.Name, why)
	e.Account = c.options.Account
	return e
}

// notShown is the error of an accepted change that does not show.
func (c *Client) notShown(op *rest.Op, what string, certain bool) *core.Error {
	e := evidence.NotShown(vendor, op.Name, what, certain)
	e.Account = c.options.Account
	return e
}

// unseen is the error of an accepted change that could not be read back.
func (c *Client) unseen(op *rest.Op, look error) error {
	return c.owned(evidence.Unseen(vendor, op.Name, look))
}

// owned puts the caller's label of the account on an error that has none.
func (c *Client) owned(err error) error {
	if e, ok := err.(*core.Error); ok && e.Account != c.options.Account {
		e = new(*e)
		e.Account = c.options.Account
		return e
	}
	return err
}

// readBack says how long to look for the effect of a write.
func (c *Client) readBack(op string) evidence.ReadBack {
	return evidence.ReadBackOf(op, c.options.ReadBack, c.rest)
}

// checkIDs refuses ids that no user or queue can have. Folders have negative ids, as
// far as is known.
func (c *Client) checkIDs(op *rest.Op, ids ...int64) error {
	for _, id := range ids {
		if id <= 0 {
			return c.invalid(op, "an id must be positive")
		}
	}
	return nil
}
