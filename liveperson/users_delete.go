package liveperson

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Delete removes a user under a revision, or with AnyRevision whatever has
// changed since. The vendor keeps it, marked as deleted. A user that is gone is
// core.ErrNotFound, unless an earlier attempt of this call may have removed it. One
// that is still there after the vendor accepted the deletion is core.ErrNotApplied.
//
// It takes one request, and looks where the answer does not show the user as deleted.
func (u *Users) Delete(ctx context.Context, id int64, under Revision[User]) error {
	if err := u.c.checkIDs(opDeleteUser, id); err != nil {
		return err
	}
	if under == "" {
		return u.c.needRevision(opDeleteUser)
	}

	d := deletion{u: u, op: opDeleteUser, under: under, left: []int64{id}}
	return d.make(ctx, func(ctx context.Context) (deleted, error) {
		call, err := u.c.call(ctx, opDeleteUser, serviceReadWrite, itoa(id))
		if err != nil {
			return nil, err
		}
		call.GoneIsDone = true
		return d.send(ctx, call)
	})
}

// DeleteMany removes several users in one request: see Delete. If some of them are
// still there the error is a *BatchError, which says which. What the answer does not
// name as deleted is looked at, one by one.
//
// Whether the vendor removes all or none when it does not know one of them is not
// documented; it is core.ErrNotFound then.
func (u *Users) DeleteMany(ctx context.Context, ids []int64, under Revision[User]) error {
	if err := u.c.checkIDs(opDeleteUsers, ids...); err != nil {
		return err
	}
	if under == "" {
		return u.c.needRevision(opDeleteUsers)
	}

	if len(ids) == 0 {
		return nil
	}

	d := deletion{u: u, op: opDeleteUsers, under: under, left: slices.Clone(ids)}
	err := d.make(ctx, func(ctx context.Context) (deleted, error) {
		call, err := u.c.call(ctx, opDeleteUsers, serviceReadWrite)
		if err != nil {
			return nil, err
		}
		words := make([]string, len(ids)) // ids are texts here
		for i, id := range ids {
			words[i] = itoa(id)
		}
		call.Body = words
		return d.send(ctx, call)
	})
	if !d.accepted || err == nil {
		return err
	}

	b := u.c.newBatch(opDeleteUsers, len(ids), d.res)
	for i, id := range ids {
		if b.results[i].ID = id; !slices.Contains(d.left, id) {
			b.done(i, id)
		}
	}

	b.wrong = err
	return b.err(core.AppliedUnknown)
}

// deletion is one request that deletes users.
type deletion struct {
	u     *Users
	op    *rest.Op
	under Revision[User]

	left     []int64 // users not known to be gone
	accepted bool
	res      rest.Response
	revision Revision[User] // of the latest look
}

// make sends the deletion. It reads back the users that the answer does not show as
// deleted, until they are gone.
func (d *deletion) make(ctx context.Context, send func(context.Context) (deleted, error)) error {
	all := slices.Clone(d.left)
	err := d.u.c.readBack(d.op.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: d.op.Name, Shows: d.look, Certain: d.isCertain,
		Write: func(ctx context.Context) (bool, error) {
			gone, err := send(ctx)
			if err == nil || evidence.InDoubt(err) {
				for _, id := range all {
					d.u.c.own.forget(id) // a missing user is no longer explained by a delay
				}
			}
			if err != nil {
				return false, err
			}
			d.accepted = true
			d.left = slices.DeleteFunc(d.left, func(id int64) bool { return gone[id] })
			return len(d.left) == 0, nil
		},
		What: func() string { return "it does not show as deleted: " + namesOf(d.left) },
	})

	for _, id := range all {
		if !slices.Contains(d.left, id) {
			d.u.c.names.forget(id)
		}
	}

	if e, ok := err.(*core.Error); ok && d.accepted {
		e.Account = d.u.c.options.Account
		about(d.res, e)
	}
	return err
}

// send sends the request and returns the ids that the answer shows as deleted.
func (d *deletion) send(ctx context.Context, call rest.Request) (deleted, error) {
	var answer deleted
	call.Query, call.Out, call.EmptyOK = writeQuery{V: d.u.c.usersVersion}, &answer, true
	call.Header = setIfMatch(call.Header, headerIfMatch, d.under)
	res, err := d.u.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}

	d.res = res
	d.u.c.own.told(revisionOf[User](res.Header))
	if res.Gone {
		return deleted{d.left[0]: true}, nil
	}
	return answer, nil
}

// look finds out which users still exist, a few at a time.
func (d *deletion) look(ctx context.Context) (gone bool, err error) {
	there := make([]bool, len(d.left))
	var workers errgroup.Group
	workers.SetLimit(readers)
	revisions := make([]Revision[User], len(d.left))
	for i, id := range d.left {
		workers.Go(func() error {
			user, _, err := d.u.look(ctx, d.op.Name, id)
			switch {
			case err == nil:
				there[i], revisions[i] = true, user.Revision
			case !errors.Is(err, core.ErrNotFound):
				there[i] = true
				return err
			}
			return nil
		})
	}

	err = workers.Wait()

	var left []int64
	for i, id := range d.left {
		if there[i] {
			left = append(left, id)
			d.revision = revisions[i]
		}
	}

	d.left = left
	return len(left) == 0, err
}

// isCertain reports whether a user that still exists was certainly not deleted.
func (d *deletion) isCertain() bool {
	return unmoved(d.under, d.revision) && !d.u.c.own.isAhead(d.revision)
}

func namesOf(ids []int64) string {
	var names []string
	for _, id := range ids {
		if names = append(names, itoa(id)); len(names) == 10 {
			names = append(names, "…")
			break
		}
	}
	return strings.Join(names, ", ")
}

// deleted is the set of users that an answer shows as deleted: of entities, as
// documented, or of bare ids.
type deleted map[int64]bool

// ReadBody implements rest.BodyReader. Any other answer proves nothing.
func (d *deleted) ReadBody(body []byte) error {
	*d = deleted{}
	if body = bytes.TrimSpace(body); bytes.HasPrefix(body, []byte("<")) {
		return errPage
	}
	var ids []int64
	if bytes.HasPrefix(body, []byte("[")) && wire.Unmarshal(body, &ids) == nil {
		for _, id := range ids {
			(*d)[id] = true
		}
		return nil
	}

	var users wire.OneOrMany[User] // complete or partial users, and nothing else
	if wire.Unmarshal(body, &users) == nil {
		for _, u := range users {
			(*d)[u.ID] = u.Deleted.Or(false)
		}
	}
	return nil
}

// answeredUser is the answer to a write that is not documented: the user, or nothing.
type answeredUser struct {
	id    int64
	empty bool
}

// ReadBody implements rest.BodyReader.
func (a *answeredUser) ReadBody(body []byte) error {
	var user struct {
		ID int64 `json:"id"`
	}
	switch body = bytes.TrimSpace(body); {
	case bytes.HasPrefix(body, []byte("<")):
		return errPage
	case string(body) == "{}" || string(body) == "null":
		return nil
	}

	switch a.empty = false; {
	case wire.Unmarshal(body, &user) == nil:
		a.id = user.ID
	}
	return nil
}

var errPage = errors.New("the answer is an HTML page")
