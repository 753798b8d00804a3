package libh3lp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
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
	// fields are the documented fields that can be written. If empty, an answer may
	// omit them.
	fields []string
}

// key names an entry, also among those of the other kind.
func (o ops) key(id int64) string { return o.what + " " + itoa(id) }

// list walks all entries of a kind. Folders, which the vendor may list among them,
// are left out.
func list[T any, P entry[T]](ctx context.Context, c *Client, o ops) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var rows rows
		for v, err := range walk[T](ctx, c, c.call(o.list)) {
			if err != nil {
				yield(none, err)
				return
			}
			if rows.seen.Floods() {
				break
			}

			id, kind, name := P(&v).key()
			if kind != "" && !strings.EqualFold(kind, o.what) {
				rows.passOver(kind, itoa(id))
				continue
			}
			if id <= 0 || name == "" {
				yield(none, c.unsaid(o.list, rest.Response{Status: http.StatusOK}, core.AppliedNo,
					"the list contains a "+o.what+" without an id or a name"))
				return
			}
			if rows.isNew(o.key(id)) && !yield(v, nil) {
				return
			}
		}
		if err := rows.end(c, o.list); err != nil {
			yield(none, err)
		}
	}
}

// get reads one entry. It waits for one that this client has just created and that
// cannot be read yet.
func get[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64) (v P, err error) {
	if err := c.checkIDs(o.get, id); err != nil {
		return nil, err
	}
	v, err = read[T, P](ctx, c, o, id)
	if !errors.Is(err, core.ErrNotFound) || !c.created.Has(o.key(id)) {
		return v, err
	}

	absent := err
	shown, err := c.readBack(o.get.Name).Look(ctx, func(ctx context.Context) (bool, error) {
		now, err := read[T, P](ctx, c, o, id)
		if errors.Is(err, core.ErrNotFound) {
			return false, nil
		}
		v = now
		return err == nil, err
	})
	if err == nil && !shown {
		return nil, absent
	}
	return v, err
}

// read reads one entry as it is shown now.
func read[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64) (P, error) {
	var got one[T]
	call := c.call(o.get, itoa(id))
	call.Out, call.Check = &got, checkRead(o.what)
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}

	v := P(&got.value)
	switch is, kind, name := v.key(); {
	case kind != "" && !strings.EqualFold(kind, o.what):
		e := c.unsaid(o.get, res, core.AppliedNo, "what has this id is not a "+o.what)
		e.Class = core.ClassNotFound
		return nil, e
	case is <= 0:
		return nil, c.unsaid(o.get, res, core.AppliedNo, "the answer contains no id")
	case is != id:
		return nil, c.unsaid(o.get, res, core.AppliedNo, "the answer is about another "+o.what)
	case name == "":
		return nil, c.unsaid(o.get, res, core.AppliedNo, "the answer contains no name")
	}
	return v, nil
}

// exists is the error of an entry that cannot be read, for example because it does not
// exist.
func exists[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64) error {
	_, err := get[T, P](ctx, c, o, id)
	return err
}

// create makes an entry of that name.
func create[T any, P entry[T]](ctx context.Context, c *Client, o ops, name string, body any, secrets ...core.Secret) (P, error) {
	data, sent, err := c.fieldsOf(o.create, body)
	if err != nil {
		return nil, err
	}
	var got one[T]
	call := c.call(o.create)
	call.Body, call.Secrets, call.Out, call.EmptyOK = data, secrets, &got, true
	res, err := c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}

	// A caller who takes another user's id for the new one may delete the wrong user.
	v := P(&got.value)
	id, _, answered := v.key()
	if id > 0 && answered == "" {
		if now, err := read[T, P](ctx, c, o, id); err == nil {
			_, _, answered = now.key()
		}
	}

	switch {
	case id <= 0:
		return nil, c.unsaid(o.create, res, core.AppliedUnknown, "the answer contains no id; look for the name before you retry")
	case answered == "":
		return nil, c.unsaid(o.create, res, core.AppliedUnknown, "the answer does not name the "+o.what+", and reading it by its id failed")
	case !evidence.SameLogin(answered, name):
		return nil, c.unsaid(o.create, res, core.AppliedUnknown, "the answer is about another "+o.what)
	}

	// Fields that the answer shows as they were sent need no look.
	c.created.Add(o.key(id))
	delete(sent, "type")
	a := &accepted[T, P]{c: c, o: o, op: o.create, id: id, res: res, sent: sent, isNew: true, said: true}
	a.answered(v, got.raw)
	for _, field := range a.found.as {
		delete(sent, field)
	}

	err = a.settle(ctx)
	if e, ok := errors.AsType[*core.Error](err); ok {
		if e.Class != core.ClassCanceled {
			e.Class = core.ClassNotApplied
		}
		e.Applied, e.Doubt, e.Hint = core.AppliedYes, "", ""
		e.Message = fmt.Sprintf("the %s was created with the id %d; %s", o.what, id, e.Message)
	}
	return a.value, err
}

// fieldsOf is the body of a write, and the fields in it.
func (c *Client) fieldsOf(op *rest.Op, body any) (data json.RawMessage, sent evidence.Object, err error) {
	if data, err = wire.Marshal(body); err == nil {
		err = wire.Unmarshal(data, &sent)
	}
	if err != nil {
		return nil, nil, c.invalid(op, "it cannot be written as JSON: "+strings.TrimPrefix(err.Error(), "wire: "))
	}
	return data, sent, nil
}

// update sends some fields of an entry, and compares what came back.
func update[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64, body any, secrets ...core.Secret) (P, error) {
	if err := c.checkIDs(o.update, id); err != nil {
		return nil, err
	}
	data, sent, err := c.fieldsOf(o.update, body)
	if err != nil {
		return nil, err
	}

	if len(sent) == 0 {
		return nil, c.invalid(o.update, "the change names no field")
	}

	var got one[T]
	call := c.call(o.update, itoa(id))
	call.Body, call.Secrets, call.Out, call.EmptyOK = data, secrets, &got, true
	res, err := c.rest.Do(ctx, call)
	a := &accepted[T, P]{c: c, o: o, op: o.update, id: id, res: res, sent: sent}
	switch is, _, _ := P(&got.value).key(); {
	case err != nil && evidence.InDoubt(err):
		return a.cleared(ctx, err)
	case err != nil:
		return nil, absent[T, P](ctx, c, o, id, err)
	case is != 0 && is != id:
		return a.cleared(ctx, c.unsaid(o.update, res, core.AppliedUnknown, "the answer is about another "+o.what))
	case !got.shown:
		// The vendor may report a missing thing in this form.
		if err := exists[T, P](ctx, c, o, id); errors.Is(err, core.ErrNotFound) {
			return nil, err
		}
	case is == id:
		a.answered(P(&got.value), got.raw)
	}

	a.said = res.Status == http.StatusNoContent || got.said() // a 204 has no body
	err = a.settle(ctx)
	return a.value, err
}

// absent finds out whether a refusal in words means that the id does not exist.
func absent[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64, err error) error {
	if e, ok := errors.AsType[*core.Error](err); ok && e.Class == core.ClassInvalid && e.Status/100 == 2 {
		if why := exists[T, P](ctx, c, o, id); errors.Is(why, core.ErrNotFound) {
			return why
		}
	}
	return err
}

// remove deletes an entry, and reads back that it is gone.
func remove[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64) error {
	if err := c.checkIDs(o.destroy, id); err != nil {
		return err
	}
	call := c.call(o.destroy, itoa(id))
	call.GoneIsDone = true

	unclear := false
	err := c.readBack(o.destroy.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: o.destroy.Name,
		Write: func(ctx context.Context) (bool, error) {
			res, err := c.acknowledgement(ctx, call)
			unclear = err != nil || res.Gone
			return false, err
		},
		Shows: func(ctx context.Context) (bool, error) {
			if unclear { // only the list proves that an entry is gone
				there, err := isListed[T, P](ctx, c, o, id)
				return !there && err == nil, err
			}
			_, err := read[T, P](ctx, c, o, id)
			if errors.Is(err, core.ErrNotFound) {
				return true, nil
			}
			return false, err
		},
		What: func() string { return "the " + o.what + " is still there" },
	})
	if err == nil {
		c.created.Forget(o.key(id))
		return nil
	}
	return c.owned(refusedAsGone[T, P](ctx, c, o, id, err))
}

// isListed looks for an entry in the list.
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

// refusedAsGone finds out whether a deletion was refused because there is nothing to
// delete.
func refusedAsGone[T any, P entry[T]](ctx context.Context, c *Client, o ops, id int64, err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Applied != core.AppliedNo || e.Status/100 != 2 || e.Class == core.ClassPermission || e.Class == core.ClassUnauthenticated ||
		ctx.Err() != nil {
		return err
	}
	if there, lookErr := isListed[T, P](ctx, c, o, id); there || lookErr != nil {
		return err // keep the vendor's words
	}
	e = new(*e)
	e.Class = core.ClassNotFound
	return e
}
