package libh3lp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
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
	// fields are those that one may write and the pages know. Empty, they may be left
	// out of an answer.
	fields []string
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
		return nil, unsaid(o.get, res, core.AppliedNo, "the answer holds no id")
	case is != id:
		return nil, unsaid(o.get, res, core.AppliedNo, "the answer is another "+o.what)
	}
	return v, nil
}

// create makes an entry of that name.
func create[T any, P entry[T]](ctx context.Context, c *Client, o ops, name string, body any, secrets ...core.Secret) (P, error) {
	data, sent, err := written(o.create, body)
	if err != nil {
		return nil, err
	}
	var got one[T]
	call := c.call(o.create)
	call.Body, call.Secrets, call.Out, call.EmptyOK, call.Check = data, secrets, &got, true, inspectAnswer
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	v := P(&got.value)
	if id, _, _ := v.key(); id <= 0 && got.said() { // not it, but a yes
		var there P
		if there, err = find[T, P](ctx, c, o, name); there != nil {
			*v = *there
			got.raw, err = wire.Marshal(there)
		}
	}
	id, _, _ := v.key()
	if id <= 0 || err != nil {
		e := unsaid(o.create, res, core.AppliedUnknown, "the answer holds no id")
		e.Err, e.Hint = err, "list the "+o.what+"s and look for the name before repeating it"
		return nil, e
	}
	// Nobody knows which other fields a create takes, nor which of them it shows: what
	// it does not show as it was sent is read.
	shown := members(got.raw)
	maps.DeleteFunc(sent, func(name string, v json.RawMessage) bool {
		return name == "type" || shown[name] != nil && same(v, shown[name])
	})
	now, raw, err := whole[T, P](ctx, c, o, o.create, id, &got, sent)
	if err == nil {
		v, err = now, c.ignored(o, o.create, res, sent, raw, true)
	}
	if e, ok := errors.AsType[*core.Error](err); ok {
		// It is there, whatever else.
		if e.Class != core.ClassCanceled {
			e.Class = core.ClassNotApplied
		}
		e.Applied, e.Message = core.AppliedYes, fmt.Sprintf("the %s was created with the id %d; %s", o.what, id, e.Message)
	}
	return v, err
}

// written is the body of a write, and the fields in it.
func written(op *rest.Op, body any) (data json.RawMessage, sent map[string]json.RawMessage, err error) {
	if data, err = wire.Marshal(body); err == nil {
		err = wire.Unmarshal(data, &sent)
	}
	if err != nil {
		return nil, nil, core.Invalid(vendor, op.Name, "it cannot be written as JSON")
	}
	return data, sent, nil
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
	data, sent, err := written(o.update, body)
	if err != nil {
		return nil, err
	}
	if len(sent) == 0 {
		return nil, core.Invalid(vendor, o.update.Name, "the change names no field")
	}
	var got one[T]
	call := c.call(o.update, itoa(id))
	call.Body, call.Secrets, call.Out, call.EmptyOK, call.Check = data, secrets, &got, true, inspectAnswer
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, absent[T, P](ctx, c, o, id, err)
	}
	if is, _, _ := P(&got.value).key(); is != 0 && is != id {
		return nil, unsaid(o.update, res, core.AppliedUnknown, "the answer is another "+o.what)
	}
	v, raw, err := whole[T, P](ctx, c, o, o.update, id, &got, sent)
	if err != nil {
		return nil, err
	}
	// A 204 has nothing to say it with: it counts as a yes.
	return v, c.ignored(o, o.update, res, sent, raw, res.Status == http.StatusNoContent || got.said())
}

// whole returns an entry after a write, and how it was shown: by the answer, or, where
// that is accepted and shows nothing, or not all that was sent, by a read.
func whole[T any, P entry[T]](ctx context.Context, c *Client, o ops, op *rest.Op, id int64, got *one[T], sent map[string]json.RawMessage) (P, json.RawMessage, error) {
	if is, _, _ := P(&got.value).key(); is == id && shows(got.raw, sent) {
		return &got.value, got.raw, nil
	}
	now, err := get[T, P](ctx, c, o, id)
	if errors.Is(err, core.ErrNotFound) {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, afterWrite(op, err, whyUnseen)
	}
	raw, err := wire.Marshal(now)
	if err != nil {
		return nil, nil, core.Invalid(vendor, op.Name, "what was read cannot be compared")
	}
	return now, raw, nil
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

const whyUnseen = "the change was accepted; looking what came of it failed"

// afterWrite is the error of a write that could not be looked at: text says what was
// known before.
func afterWrite(op *rest.Op, err error, text string) error {
	err = rest.AfterWrite(err, core.AppliedUnknown, text)
	if e, ok := err.(*core.Error); ok {
		e.Op = op.Name // the write's, and not that of the look
	}
	return err
}

// writeOnly are fields that no answer shows.
var writeOnly = []string{"password", "parent_id"}

// members are those of an object, and nil of anything else.
func members(raw json.RawMessage) (m map[string]json.RawMessage) {
	if wire.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// shows reports whether an answer shows all that was sent and can be shown.
func shows(answer json.RawMessage, sent map[string]json.RawMessage) bool {
	got := members(answer)
	if got == nil {
		return false
	}
	for name := range sent {
		if _, there := got[name]; !there && !slices.Contains(writeOnly, name) {
			return false
		}
	}
	return true
}

// ignored finds the fields that the vendor, which did not refuse, kept as they were.
// One of its own that is not shown at all is empty: it was taken where it was to be
// emptied. Of any other, and of one that no answer shows, nobody knows; for the latter
// the vendor's yes has to do, where it said yes.
func (c *Client) ignored(o ops, op *rest.Op, res rest.Response, sent map[string]json.RawMessage, answer json.RawMessage, said bool) error {
	got := members(answer)
	if got == nil {
		return nil
	}
	var kept, hidden, open []string
	applied := core.AppliedNo
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		is, there := got[name]
		never := slices.Contains(writeOnly, name)
		switch {
		case never && said:
		case never:
			open = append(open, name)
		case !there && !slices.Contains(o.fields, name):
			hidden = append(hidden, name)
		case same(sent[name], is), name == "email" && strings.EqualFold(text(sent[name]), text(is)): // a mail server folds, too
			applied = core.AppliedYes
			continue
		case !there:
			hidden = append(hidden, name)
		default:
			kept = append(kept, name+" (it is "+c.rest.Text(string(is))+")")
			continue
		}
		if applied == core.AppliedNo {
			applied = core.AppliedUnknown
		}
	}
	unclear := "it does not say whether it took " + strings.Join(open, ", ")
	if len(kept) == 0 && len(hidden) == 0 {
		if len(open) == 0 {
			return nil
		}
		return unsaid(op, res, core.AppliedUnknown, "the vendor did not refuse; "+unclear)
	}
	e := unsaid(op, res, applied, "the vendor answered yes")
	e.Class = core.ClassNotApplied
	if len(kept) > 0 {
		e.Message += " and did not take " + strings.Join(kept, ", ")
	}
	if len(hidden) > 0 {
		e.Message += "; it does not show " + strings.Join(hidden, ", ")
	}
	if len(open) > 0 {
		e.Message += "; " + unclear
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
	res, err := c.acknowledgement(ctx, call)
	switch {
	case err != nil:
		return gone[T, P](ctx, c, o, id, err)
	case res.Gone:
		there, err := isListed[T, P](ctx, c, o, id)
		return removed(o.destroy, res, there, err)
	}
	return nil
}

// isListed looks for an entry in the list. Only that is sure of who is not there any
// more.
func isListed[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64) (bool, error) {
	for v, err := range list[T, P](ctx, c, o) {
		if err != nil {
			return false, err
		}
		if is, _, _ := P(&v).key(); is == id {
			return true, nil
		}
	}
	return false, nil
}

// gone looks what a refused or unclear deletion means.
func gone[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64, err error) error {
	e, ok := errors.AsType[*core.Error](err)
	unclear := ok && e.Status == http.StatusNotFound && e.Applied == core.AppliedUnknown // a page, after a lost attempt
	if !ok || e.Status/100 != 2 && !unclear || e.Class == core.ClassPermission || e.Class == core.ClassUnauthenticated || ctx.Err() != nil {
		return err
	}
	if there, lookErr := isListed[T, P](ctx, c, o, id); there || lookErr != nil {
		return err // the vendor's words stand
	}
	if e.Applied == core.AppliedUnknown {
		return nil // an attempt of this call may have done it, and it is done
	}
	e.Class = core.ClassNotFound
	return e
}
