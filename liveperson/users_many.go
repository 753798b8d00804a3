package liveperson

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// CreateMany makes several users in one request and returns them in the order
// they were given in. Each needs what Create needs. If the vendor answers with
// only some of them, or with one that is not as asked, the error is a *BatchError,
// which says which; those that were made are returned, and the place of each other one
// is nil.
//
// Whether the vendor makes all or none when it refuses one is not documented. As
// with Create, an error with core.AppliedUnknown leaves open what was made.
func (u *Users) CreateMany(ctx context.Context, users []User) ([]*User, error) {
	for i := range users {
		if err := u.requireNew(opCreateUsers, &users[i]); err != nil {
			return nil, err
		}
	}

	if len(users) == 0 {
		return nil, nil
	}
	made, res, err := u.write(ctx, opCreateUsers, users, "", false)
	if err != nil {
		return nil, howToFindOut(err, "each of the login names")
	}

	out := make([]*User, len(users))
	b := u.c.newBatch(opCreateUsers, len(users), res)
	for i := range users {
		b.results[i].LoginName = users[i].LoginName
		got := madeOf(made, users[i].LoginName)
		if got == nil || got.ID == 0 {
			continue
		}
		e := u.making(opCreateUsers, &users[i])
		e.id = got.ID
		out[i], err = e.made(b.settle(ctx, e, got))
		b.settled(i, got.ID, err)
	}
	return out, b.err(core.AppliedUnknown)
}

// ReplaceMany puts several whole users in one request, under the oldest of their
// revisions, and returns them in the order they were given in: see Replace. Revisions
// that are neither numbers nor equal have no oldest: core.ErrInvalid. If the vendor
// answers with only some of them, or with one that does not show what was sent, the
// error is a *BatchError, which says which.
func (u *Users) ReplaceMany(ctx context.Context, users []User) ([]*User, error) {
	sent := make([]User, len(users))
	for i := range users {
		if err := u.requireWhole(opReplaceUsers, &users[i]); err != nil {
			return nil, err
		}
		sent[i] = *users[i].clone()
		if err := u.c.fillBlank(opReplaceUsers, &sent[i]); err != nil {
			return nil, err
		}
	}

	if len(users) == 0 {
		return nil, nil
	}
	under, ok := oldest(sent)
	if !ok {
		return nil, u.c.invalid(opReplaceUsers, "the revisions of the users cannot be compared, so no single one guards them all: read the "+
			"users again, or replace them one by one")
	}

	made, res, err := u.write(ctx, opReplaceUsers, sent, under, false)
	if err != nil {
		return nil, err
	}

	out := make([]*User, len(sent))
	b := u.c.newBatch(opReplaceUsers, len(sent), res)
	for i := range sent {
		b.results[i].ID, b.results[i].LoginName = sent[i].ID, sent[i].LoginName
		u.c.own.users.Forget(itoa(sent[i].ID))
		got := answered(made, sent[i].ID)
		if got == nil {
			u.c.names.forget(sent[i].ID)
			continue
		}
		e := u.replacing(opReplaceUsers, &sent[i])
		err := b.settle(ctx, e, got)
		out[i] = e.now
		b.settled(i, sent[i].ID, err)
	}
	return out, b.err(core.AppliedUnknown)
}

// answered returns the user with an id from an answer, or nil.
func answered(made []User, id int64) *User {
	if i := slices.IndexFunc(made, func(u User) bool { return u.ID == id }); i >= 0 {
		return &made[i]
	}
	return nil
}

// BatchError reports a write of several users that is not certain for all of them: the
// vendor answered with only some, or some do not show it. It is core.ErrPartial.
type BatchError struct {
	Op string
	// Results has one entry for each user of the call, in order.
	Results []BatchResult
	// Err is the error in the words of package core.
	Err *core.Error
}

// BatchResult is what became of one user.
type BatchResult struct {
	ID        int64 // 0 for a user that was to be created and is not known to exist
	LoginName string
	// Done is true where the answer has the user. Where it is false, the vendor omits
	// the user: most likely it did not know it, or left it as it was.
	Done bool
	// Err says what is wrong with a user that the answer has: it does not show what was
	// sent, or the answer had not all of it and it could not be read again.
	Err error
}

// Error names the users that are missing from the answer.
func (e *BatchError) Error() string { return e.Err.Error() }

// Unwrap returns the error in the words of package core.
func (e *BatchError) Unwrap() error { return e.Err }

// batch is a write of several users that the vendor accepted.
type batch struct {
	c       *Client
	op      *rest.Op
	res     rest.Response
	results []BatchResult
	missing int
	wrong   error // the first of those in results
	barred  error // if set, why no other user can be read either
}

func (c *Client) newBatch(op *rest.Op, n int, res rest.Response) *batch {
	return &batch{c: c, op: op, res: res, results: make([]BatchResult, n), missing: n}
}

// settle reads back one user of an accepted write, unless the answer shows it.
func (b *batch) settle(ctx context.Context, e *effect, got *User) error {
	if !got.isComplete() {
		got = nil
	}
	if got == nil && b.barred != nil {
		return b.barred
	}
	err := e.make(ctx, func(context.Context) (*User, rest.Response, error) { return got, b.res, nil })
	if class := core.ClassOf(err); class == core.ClassUnauthenticated || class == core.ClassCanceled {
		b.barred = err
	}
	return err
}

// settled records how a user of the answer ended.
func (b *batch) settled(i int, id int64, err error) {
	b.done(i, id)
	if b.results[i].Err = err; b.wrong == nil {
		b.wrong = err
	}
}

func (b *batch) done(i int, id int64) {
	b.results[i].ID, b.results[i].Done = id, true
	b.missing--
}

// err returns the error of a batch that is not complete.
func (b *batch) err(applied core.Applied) error {
	if b.missing == 0 && b.wrong == nil {
		return nil
	}

	var names []string
	for _, r := range b.results {
		switch {
		case r.Done:
		case r.ID != 0:
			names = append(names, itoa(r.ID))
		default:
			names = append(names, r.LoginName)
		}
	}

	if len(names) > 10 {
		names = append(names[:10], "…")
	}
	e := about(b.res, b.c.failed(b.op.Name, core.ClassPartial, applied, fmt.Sprintf("the vendor answered for %d of %d users; missing: %s",
		len(b.results)-b.missing, len(b.results), strings.Join(names, ", "))))
	e.Hint = "read the missing users before you retry the change for them"
	if e.Err = b.wrong; b.missing == 0 {
		e.Applied, e.Hint = core.AppliedYes, ""
		e.Message = "the vendor accepted the change of all users, but some do not show it or could not be read again: " + b.wrong.Error()
	}
	return &BatchError{Op: b.op.Name, Results: b.results, Err: e}
}

// oldest returns the revision for a write of several users: if any of them was changed
// since it was read, the write is refused. It is not ok if no single revision does that
// for all. Without any revision there is no guard.
func oldest(users []User) (under Revision[User], ok bool) {
	var revisions []Revision[User]
	for i := range users {
		if r := users[i].Revision; r != AnyRevision {
			revisions = append(revisions, r)
		}
	}

	slices.Sort(revisions)
	revisions = slices.Compact(revisions)

	switch {
	case len(revisions) == 0 || len(revisions) == 1 && revisions[0] == "":
		return AnyRevision, true
	case len(revisions) == 1:
		return revisions[0], true
	}

	least := int64(math.MaxInt64)
	for _, r := range revisions {
		n, err := strconv.ParseInt(string(r), 10, 64)
		if err != nil || n < 0 {
			return "", false
		}
		if n < least {
			least, under = n, r
		}
	}
	return under, true
}
