package libh3lp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// entry is a user or a queue: what has a name in the one name space they share.
type entry[T any] interface {
	*T
	key() (id int64, kind, name string)
}

// ops are the records of one kind of entry.
type ops struct {
	what                               string
	list, get, create, update, destroy *rest.Op
}

// forbidden are the characters that no name has, beside the space.
const forbidden = `"&'/:<>@\`

// mostName is how many characters a name may have.
const mostName = 40

// CheckName says whether a user or queue can have a name, by the rules of the
// vendor pages "Users" and "Queues": 40 characters, lower case, no space and none
// of "&'/:<>@\. The error is core.ErrInvalid. Whether the name is free is another
// matter: it must be unique among all users and queues of the server, those of
// other subscriptions included.
func CheckName(name string) error {
	if why := badName(name); why != "" {
		return core.Invalid(vendor, "CheckName", why)
	}
	return nil
}

func badName(name string) string {
	switch {
	case name == "":
		return "the name is missing"
	case !utf8.ValidString(name):
		return "the name is not valid UTF-8"
	case utf8.RuneCountInString(name) > mostName:
		return fmt.Sprintf("the name is longer than %d characters", mostName)
	case name != strings.ToLower(name):
		return "the name is not in lower case"
	case strings.ContainsAny(name, forbidden) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "the name holds a space or one of the characters " + forbidden
	case rest.CheckID(name) != "":
		return "the name " + rest.CheckID(name)
	}
	return ""
}

// list walks all entries of a kind. Folders, which the vendor may list among them,
// are left out.
func list[T any, P entry[T]](ctx context.Context, c *Client, o ops) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for v, err := range walk[T](ctx, c, c.call(o.list)) {
			if err != nil {
				yield(none, err)
				return
			}
			id, kind, _ := P(&v).key()
			if kind != "" && !strings.EqualFold(kind, o.what) {
				continue
			}
			if id <= 0 {
				yield(none, noID(o.list, core.AppliedNo))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

func noID(op *rest.Op, applied core.Applied) *core.Error {
	return &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassProtocol, Applied: applied, Message: "the answer holds no id"}
}

// get reads one entry.
func get[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64) (P, error) {
	if err := checkIDs(o.get, id); err != nil {
		return nil, err
	}
	var got one[T]
	call := c.call(o.get, itoa(id))
	call.Out, call.Check = &got, checkRead(o.what)
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	v := P(&got.value)
	switch is, kind, _ := v.key(); {
	case kind != "" && !strings.EqualFold(kind, o.what):
		e := unsaid(o.get, res, core.AppliedNo, "what has this id is no "+o.what)
		e.Class = core.ClassNotFound
		return nil, e
	case is <= 0:
		return nil, noID(o.get, core.AppliedNo)
	case is != id:
		return nil, unsaid(o.get, res, core.AppliedNo, "the answer is another "+o.what)
	}
	return v, nil
}

// create makes an entry of that name.
func create[T any, P entry[T]](ctx context.Context, c *Client, o ops, name string, body any, secrets ...core.Secret) (P, error) {
	var got one[T]
	call := c.call(o.create)
	call.Body, call.Secrets, call.Out, call.EmptyOK, call.Check = body, secrets, &got, true, inspectAnswer
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	v := P(&got.value)
	id, _, is := v.key()
	if id <= 0 {
		if got.shown { // not it, but a yes
			if v, err = find[T, P](ctx, c, o, name); v != nil {
				return v, nil
			}
		}
		e := unsaid(o.create, res, core.AppliedUnknown, "the answer holds no id")
		e.Err, e.Hint = err, "list the "+o.what+"s and look for the name before repeating it"
		return nil, e
	}
	if is != name {
		e := unsaid(o.create, res, core.AppliedYes, fmt.Sprintf("the %s was created with the id %d, and its name is not the one that was asked for: %s", o.what, id, c.rest.Text(is)))
		e.Class = core.ClassNotApplied
		return v, e
	}
	return v, nil
}

// find looks for an entry by name, which the vendor cannot.
func find[T any, P entry[T]](ctx context.Context, c *Client, o ops, name string) (P, error) {
	for v, err := range list[T, P](ctx, c, o) {
		if err != nil {
			return nil, err
		}
		if _, _, is := P(&v).key(); is == name {
			return &v, nil
		}
	}
	return nil, nil
}

// update sends some fields of an entry, and compares what came back.
func update[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64, body any, secrets ...core.Secret) (P, error) {
	if err := checkIDs(o.update, id); err != nil {
		return nil, err
	}
	data, err := wire.Marshal(body)
	if err != nil {
		return nil, core.Invalid(vendor, o.update.Name, "the change cannot be written as JSON")
	}
	var sent map[string]json.RawMessage
	if err := wire.Unmarshal(data, &sent); err != nil || len(sent) == 0 {
		return nil, core.Invalid(vendor, o.update.Name, "the change names no field")
	}
	var got one[json.RawMessage]
	call := c.call(o.update, itoa(id))
	call.Body, call.Secrets, call.Out, call.EmptyOK, call.Check = json.RawMessage(data), secrets, &got, true, inspectAnswer
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, absent[T, P](ctx, c, o, id, err)
	}
	v := new(T)
	if got.shown {
		if err := wire.Unmarshal(got.value, v); err != nil {
			e := unsaid(o.update, res, core.AppliedUnknown, "the answer cannot be read: "+err.Error())
			e.Err = err
			return nil, e
		}
	}
	is, _, _ := P(v).key()
	raw := got.value
	switch {
	case is == 0, is == id && !shows(raw, sent):
		// It was accepted, and is not shown, or not all of it.
		now, err := get[T, P](ctx, c, o, id)
		if errors.Is(err, core.ErrNotFound) {
			return nil, err
		}
		if err != nil {
			return nil, afterWrite(o.update, err)
		}
		v = now
		if raw, err = wire.Marshal(now); err != nil {
			return nil, core.Invalid(vendor, o.update.Name, "what was read cannot be compared")
		}
	case is != id:
		return nil, unsaid(o.update, res, core.AppliedUnknown, "the answer is another "+o.what)
	}
	return v, c.ignored(o.update, res, sent, raw)
}

// absent finds out whether a refusal in words means that there is nothing of that
// id.
func absent[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64, err error) error {
	if e, ok := errors.AsType[*core.Error](err); ok && e.Class == core.ClassInvalid && e.Status/100 == 2 {
		if _, why := get[T, P](ctx, c, o, id); errors.Is(why, core.ErrNotFound) {
			return why
		}
	}
	return err
}

// afterWrite is the error of a write that was accepted, and that could not be looked
// at.
func afterWrite(op *rest.Op, err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}
	e = new(*e)
	e.Op, e.Applied = op.Name, core.AppliedUnknown
	e.Message = "the change was accepted; looking what came of it failed: " + e.Message
	return e
}

// writeOnly are fields that no answer shows.
var writeOnly = []string{"password", "parent_id"}

// shows reports whether an answer shows all that was sent and can be shown.
func shows(answer json.RawMessage, sent map[string]json.RawMessage) bool {
	var got map[string]json.RawMessage
	if wire.Unmarshal(answer, &got) != nil {
		return false
	}
	for name := range sent {
		if _, there := got[name]; !there && !slices.Contains(writeOnly, name) {
			return false
		}
	}
	return true
}

// ignored finds the fields that the vendor, which answered yes, kept as they were.
// One that is not shown at all is empty: it was taken where it was to be emptied, and
// else nobody knows.
func (c *Client) ignored(op *rest.Op, res rest.Response, sent map[string]json.RawMessage, answer json.RawMessage) error {
	var got map[string]json.RawMessage
	if wire.Unmarshal(answer, &got) != nil {
		return nil
	}
	var kept, hidden []string
	applied := core.AppliedNo
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if slices.Contains(writeOnly, name) {
			if applied == core.AppliedNo {
				applied = core.AppliedUnknown
			}
			continue
		}
		is, there := got[name]
		switch {
		case same(sent[name], is), name == "email" && strings.EqualFold(text(sent[name]), text(is)): // a mail server folds, too
			applied = core.AppliedYes
		case !there:
			hidden = append(hidden, name)
			if applied == core.AppliedNo {
				applied = core.AppliedUnknown
			}
		default:
			kept = append(kept, name+" (it is "+c.rest.Text(string(is))+")")
		}
	}
	if len(kept) == 0 && len(hidden) == 0 {
		return nil
	}
	e := unsaid(op, res, applied, "the vendor answered yes")
	e.Class = core.ClassNotApplied
	if len(kept) > 0 {
		e.Message += " and did not take " + strings.Join(kept, ", ")
	}
	if len(hidden) > 0 {
		e.Message += "; it does not show " + strings.Join(hidden, ", ")
	}
	return e
}

// same compares two values as the vendor would: what is off is null, false, or
// not a word.
func same(a, b json.RawMessage) bool {
	x, y := plain(a), plain(b)
	return reflect.DeepEqual(x, y)
}

func plain(raw json.RawMessage) any {
	switch word := text(raw); strings.ToLower(word) {
	case "":
	case "false", "null":
		return nil
	default:
		return word
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' {
		return nil
	}
	var v any
	wire.Unmarshal(raw, &v)
	return v
}

// remove deletes an entry.
func remove[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64) error {
	if err := checkIDs(o.destroy, id); err != nil {
		return err
	}
	call := c.call(o.destroy, itoa(id))
	call.GoneIsDone = true
	err := c.acknowledgement(ctx, call)
	if err != nil {
		return gone[T, P](ctx, c, o, id, err)
	}
	return nil
}

// gone looks what a refused or unclear deletion means. Only the list is sure of
// who is not there any more.
func gone[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64, err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Status/100 != 2 || e.Class == core.ClassPermission || e.Class == core.ClassUnauthenticated || ctx.Err() != nil {
		return err
	}
	for v, lerr := range list[T, P](ctx, c, o) {
		if lerr != nil {
			return err
		}
		if is, _, _ := P(&v).key(); is == id {
			return err // it is there, and the vendor's words stand
		}
	}
	if e.Applied == core.AppliedUnknown {
		return nil // an attempt of this call may have done it, and it is done
	}
	e.Class = core.ClassNotFound
	return e
}
