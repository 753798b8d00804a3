package liveperson

import (
	"cmp"
	"context"
	"errors"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const opModifyUser = "Users.Modify"

// Modify reads a user, lets change edit it, and puts the whole user back, with
// every field that change did not touch as it was, known or not. The write goes
// out under the revision of the read. When anybody has changed any user of the
// account in between, it starts over: change may run several times, must depend
// on nothing but the user it gets, and must not call the Client, whose writers
// of users take turns here.
//
// A FullName that reads blank and that change does not set is treated as
// WithBlankFullName says. When change flips IsEnabled and leaves DisabledManually
// alone, that becomes its opposite, as the vendor has it. LoginName cannot be
// changed: core.ErrUnsupported.
//
// The answer is compared with what was sent, but for what it masks. When a change
// of profiles ends a role, the vendor takes away what belongs to it: skillIds,
// maxChats, maxAsyncChats and memberOf from one who is an agent no more, managerOf
// from one who is no agent manager. Then the user as it is now comes back together
// with a *DroppedError, which is core.ErrNotApplied and names the fields. To have
// none, empty them in the same change. What the vendor ignored without such a
// reason is named likewise.
//
// An error with core.AppliedUnknown may be that of a later try: an earlier write of
// the call may have been carried out, unseen.
func (u *Users) Modify(ctx context.Context, id int64, change func(*User) error) (*User, error) {
	m, err := u.modify(ctx, opModifyUser, id, func(user *User, _ bool) error {
		was := *user
		if err := change(user); err != nil {
			return err
		}
		user.follow(&was)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m.user, m.notShown(opModifyUser)
}

// follow makes DisabledManually the opposite of IsEnabled where that alone is
// another than it was.
func (u *User) follow(was *User) {
	if now, ok := u.IsEnabled.Get(); ok && u.IsEnabled != was.IsEnabled && u.DisabledManually == was.DisabledManually {
		u.DisabledManually = core.Set(!now)
	}
}

// modified is what modify did.
type modified struct {
	user *User         // as it is now
	res  rest.Response // that told so
	was  *User         // before the change
	sent *User         // nil where there was nothing to write
	// seenTwice is set where the answer to the write did not show it, and the user
	// was read again.
	seenTwice bool
}

// applied is what is known of a write that the user does not show.
func (m *modified) applied() core.Applied {
	if m.seenTwice {
		return core.AppliedNo
	}
	return core.AppliedUnknown // perhaps the answer is of before
}

// nothingToChange is what a change returns to modify when there is nothing to write.
type nothingToChange struct{}

func (nothingToChange) Error() string { return "nothing to change" }

// modify is the loop under Modify and the adapter. The change is told whether an
// earlier write of this call may have been carried out, unseen.
func (u *Users) modify(ctx context.Context, op string, id int64, change func(user *User, maybe bool) error) (modified, error) {
	t := turn{c: u.c, op: op}
	defer t.end()
	maybe := false
	var stale error // the latest refusal for its revision
	var refused Revision[User]
	unmoved := 0
	var read modified // the latest
	m, err := storekit.Modify(ctx, u.c.tries,
		func(ctx context.Context) (modified, error) {
			if err := t.begin(ctx); err != nil {
				return modified{}, err
			}
			user, res, err := u.get(ctx, serviceReadWrite, id, AnyRevision)
			if err != nil {
				return modified{}, err
			}
			if err := isWhole(op, user, id, res); err != nil {
				return modified{}, err
			}
			if stale != nil && user.Revision == refused {
				// Perhaps it is refused for something else, which trying will not mend.
				if unmoved++; unmoved == unmovedMost {
					return modified{}, stale
				}
			}
			read = modified{user: user, res: res}
			return read, nil
		},
		func(m *modified) error {
			m.was = m.user.clone()
			login := m.user.LoginName
			if err := change(m.user, maybe); err != nil {
				return err
			}
			if m.user.LoginName != login || m.user.ID != id {
				return core.Unsupported(vendor, op, whyLogin)
			}
			return u.c.fillBlank(opReplaceUser, m.user)
		},
		func(ctx context.Context, m modified) (modified, error) {
			defer t.end()
			m.sent = m.user
			if m.sent.Revision == "" {
				m.sent.Revision = AnyRevision // the vendor counts nothing: there is no guard
			}
			got, res, err := u.put(ctx, m.sent)
			if e, ok := errors.AsType[*core.Error](err); ok {
				maybe = maybe || e.Applied != core.AppliedNo
				stale, refused = err, m.sent.Revision
			}
			if m.user, m.res = got, res; err == nil {
				if lost := m.lost(); len(lost) > 0 && !(m.endsRole() && allOfRoles(lost)) {
					u.lookTwice(ctx, &m)
				}
			}
			return m, err
		})
	if _, nothing := err.(nothingToChange); nothing {
		return read, nil
	}
	if err = inOp(op, err); maybe {
		err = doubtful(op, err)
	}
	return m, err
}

// lookTwice reads the user again where the answer to a write does not show it:
// perhaps it is of before.
func (u *Users) lookTwice(ctx context.Context, m *modified) {
	user, res, err := u.get(ctx, serviceReadWrite, m.sent.ID, AnyRevision)
	if err == nil && isWhole("", user, m.sent.ID, res) == nil {
		m.user, m.res, m.seenTwice = user, res, true
	}
}

// doubtful is the error of a call of which an earlier write may have been carried
// out, unseen: that the latest try did nothing says nothing about that.
func doubtful(op string, err error) error {
	e, ok := errors.AsType[*core.Error](err)
	switch {
	case err == nil || ok && e.Applied != core.AppliedNo:
		return err
	case ok && err == error(e):
		e = new(*e) // others may hold the same
	case ok:
		e = new(*e)
		e.Err = err
	default:
		e = &core.Error{Vendor: vendor, Op: op, Class: cmp.Or(core.ClassOf(err), core.ClassUnavailable), Err: err,
			Message: "the answer to a write was lost, and the next try ended: " + err.Error()}
	}
	e.Applied = core.AppliedUnknown
	hint := "an earlier write of this call may have been carried out: read the user to see what it holds now"
	if e.Hint != "" {
		hint += "; " + e.Hint
	}
	e.Hint = hint
	return e
}

// unmovedMost is how often a write is refused for its revision although nobody
// has changed anything, before that is the answer.
const unmovedMost = 3

const whyLogin = "LivePerson cannot change the loginName of a user"

// isWhole refuses to write back what was not read whole, is of somebody else, or
// is of a user that is gone.
func isWhole(op string, user *User, id int64, res rest.Response) error {
	switch {
	case user.ID != id:
		return otherUser(op, core.AppliedNo, res)
	case user.Deleted.Or(false):
		return isDeleted(op, res)
	case user.short():
		return about(res, &core.Error{Vendor: vendor, Op: op, Class: core.ClassIncomplete, Applied: core.AppliedNo,
			Message: "the vendor answered with a part of the user only, and writing that back would delete the rest"})
	}
	return nil
}

func isDeleted(op string, res rest.Response) error {
	return about(res, &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotFound, Applied: core.AppliedNo, Message: "the user is deleted"})
}

func otherUser(op string, applied core.Applied, res rest.Response) error {
	return about(res, &core.Error{Vendor: vendor, Op: op, Class: core.ClassProtocol, Applied: applied,
		Message: "the vendor answered with another user than the one that was asked for"})
}

// inOp completes an error of storekit.Modify, which does not know where it happened.
func inOp(op string, err error) error {
	if e, ok := errors.AsType[*core.Error](errors.Unwrap(err)); ok && e.Class == core.ClassRevision && e != err {
		e = new(*e)
		e.Hint = "the read-modify-write gave up: each time, some user of the account had been changed in between"
		return e
	}
	if e, ok := err.(*core.Error); ok && e.Vendor == "" {
		e = new(*e)
		e.Vendor, e.Op = vendor, op
		return e
	}
	return err
}

// turn is one writer's turn among those of one Client. Because the revision is
// that of all users, two that work on different users collide as well.
type turn struct {
	c      *Client
	op     string
	unlock func()
}

func (t *turn) begin(ctx context.Context) error {
	t.end()
	unlock, err := t.c.locks.Lock(ctx, "users")
	if err != nil {
		return &core.Error{Vendor: vendor, Op: t.op, Class: core.ClassCanceled, Err: err, Applied: core.AppliedNo,
			Message: "the context ended while other changes of users were under way"}
	}
	t.unlock = unlock
	return nil
}

func (t *turn) end() {
	if t.unlock != nil {
		t.unlock()
		t.unlock = nil
	}
}
