package libh3lp

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"strconv"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// one reads an answer that is one thing: an object, or an array of one. The vendor
// answers the same call now so and now so. Null, an empty array and one of an empty
// object show nothing.
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
		var all []json.RawMessage
		if err := wire.Unmarshal(data, &all); err != nil {
			return err
		}
		switch len(all) {
		case 0:
			return nil
		case 1:
			data = all[0]
		default:
			return &wire.TypeError{Want: "one object", Got: "array of " + strconv.Itoa(len(all))}
		}
	}
	var members map[string]json.RawMessage
	if wire.Unmarshal(data, &members) == nil && len(members) == 0 {
		return nil
	}
	o.shown, o.raw = true, bytes.Clone(data)
	return wire.Unmarshal(data, &o.value)
}

// said reports an answer that is a yes: by a word, or by what it shows.
func (o *one[T]) said() bool {
	v, ok := judge(o.raw)
	return ok && (v.yes || v.shows())
}

// several reads a list, which may be an object where it has one element.
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
		call.Check = func(body []byte) *core.Error { // of an answer that is no array
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

// nothing reports an answer that shows nothing, which is how a read of what does
// not exist may look.
func nothing(body []byte) bool {
	body = bytes.TrimSpace(body)
	var o one[json.RawMessage]
	return len(body) == 0 || o.UnmarshalJSON(body) == nil && !o.shown
}

// checkRead is the Check of a read of one thing: what does not exist is told in
// four ways, with a 404, a failure, an empty array, or null.
func checkRead(what string) func([]byte) *core.Error {
	return func(body []byte) *core.Error {
		if e := inspectAnswer(body); e != nil {
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

// acknowledged reads an answer that says yes, with or without showing something,
// or that says nothing.
type acknowledged struct{ said bool }

// UnmarshalJSON implements json.Unmarshaler.
func (a *acknowledged) UnmarshalJSON(data []byte) error {
	a.said = false
	if nothing(data) {
		return nil
	}
	if data = bytes.TrimSpace(data); data[0] != '{' && data[0] != '[' {
		return &wire.TypeError{Want: "object or array", Got: "value"}
	}
	v, ok := judge(data)
	a.said = !ok || v.yes || v.shows()
	return nil
}

// acknowledgement sends a write that is answered with success alone. An answer that
// says nothing leaves open whether it was done.
func (c *Client) acknowledgement(ctx context.Context, call rest.Request) (rest.Response, error) {
	a := new(acknowledged)
	call.Out, call.EmptyOK, call.Check = a, true, inspectAnswer
	res, err := c.rest.Do(ctx, call)
	if err == nil && !a.said && !res.Gone && res.Status != http.StatusNoContent {
		err = unsaid(call.Op, res, core.AppliedUnknown, "the answer does not say whether it was done")
	}
	return res, err
}

// removed is the end of a deletion that was answered with a 404 after an attempt whose
// answer was lost. That attempt may have done it, or may never have arrived: there
// says what a look found, or why it found nothing.
func removed(op *rest.Op, res rest.Response, there bool, err error) error {
	switch {
	case err != nil:
		return afterWrite(op, err, "an earlier attempt may have done it; looking whether it did failed")
	case !there:
		return nil
	}
	e := unsaid(op, res, core.AppliedNo, "the vendor says that it is not there, and lists it")
	e.Class = core.ClassNotApplied
	return e
}

// unsaid is the error of a success that says nothing, where more was expected.
func unsaid(op *rest.Op, res rest.Response, applied core.Applied, what string) *core.Error {
	return &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassProtocol, Status: res.Status, RequestID: res.RequestID,
		Attempts: res.Attempts, Applied: applied, Message: what}
}

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

// checkIDs refuses ids that no user or queue can have. Those of folders are
// negative, as far as is known.
func checkIDs(op *rest.Op, ids ...int64) error {
	for _, id := range ids {
		if id <= 0 {
			return core.Invalid(vendor, op.Name, "an id is positive")
		}
	}
	return nil
}

// parseID reads an id as package core has it. Only the one spelling that the
// vendor itself would use is an id.
func parseID(op, what, id string) (int64, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n <= 0 || itoa(n) != id {
		return 0, core.Invalid(vendor, op, "the id of "+what+" is impossible: those of LibraryH3lp are positive whole numbers")
	}
	return n, nil
}
