package liveperson

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// How users are written, and how the effect of a write is read back.

// write sends users, one as an object or many as an array, and returns those of the
// answer.
func (u *Users) write(ctx context.Context, op *rest.Op, users []User, under Revision[User], single bool) ([]User, rest.Response, error) {
	var args []string
	if op == opReplaceUser {
		args = []string{itoa(users[0].ID)}
	}
	call, err := u.c.call(ctx, op, serviceReadWrite, args...)
	if err != nil {
		return nil, rest.Response{}, err
	}

	bodies := make([]User, len(users))
	for i := range users {
		bodies[i] = users[i].writable(op.Replay != rest.Once)
		call.Secrets = append(call.Secrets, users[i].PasswordSh)
		u.c.rest.KeepSecret(users[i].PasswordSh.Reveal()) // a later answer may repeat it
	}

	if call.Body = any(bodies); single {
		call.Body = &bodies[0]
	}

	var answer wire.OneOrMany[User]
	call.Query, call.Out, call.EmptyOK = writeQuery{V: u.c.usersVersion}, &answer, true
	call.Header = setIfMatch(call.Header, headerIfMatch, under)
	res, err := u.c.rest.Do(ctx, call)
	if err != nil {
		return nil, rest.Response{}, asConflict(op, err)
	}

	revision := revisionOf[User](res.Header)
	u.c.own.told(revision)
	for i := range answer {
		answer[i].received(revision)
	}
	return answer, res, nil
}

// asConflict corrects the class of a 409 to a create: a create has no revision.
func asConflict(op *rest.Op, err error) error {
	if e, ok := err.(*core.Error); ok && op.Replay == rest.Once && e.Class == core.ClassRevision {
		e.Class = core.ClassConflict
	}
	return err
}

// put sends one whole user, checked and filled in. It returns the user of the answer:
// nil if the answer omits it, or a part of it.
func (u *Users) put(ctx context.Context, sent *User) (*User, rest.Response, error) {
	made, res, err := u.write(ctx, opReplaceUser, []User{*sent}, cmp.Or(sent.Revision, AnyRevision), true)
	switch {
	case err != nil:
		u.c.own.refused(sent.ID)
		return nil, res, err
	case len(made) != 1 || made[0].ID == 0:
		return nil, res, nil
	case made[0].ID != sent.ID:
		return nil, res, u.c.otherUser(opReplaceUser.Name, core.AppliedUnknown, res)
	}
	return u.whole(&made[0], sent), res, nil
}

// whole returns the user of an answer to a replacement, or nil where the answer
// is not complete.
func (u *Users) whole(got, sent *User) *User {
	if !got.isComplete() || got.nulls() > sent.nulls() {
		return nil
	}
	u.c.own.answered(got)
	return got
}

// look reads a user after a write, from the host that was written to. It refuses an
// incomplete user, another user, and a deleted one.
func (u *Users) look(ctx context.Context, op string, id int64) (*User, rest.Response, error) {
	user, res, err := u.get(ctx, serviceReadWrite, id, AnyRevision)
	if err != nil {
		return nil, res, err
	}
	return user, res, u.checkComplete(op, user, id, res)
}

// current reads a user for a write to build on. If the read is older than this client's
// own write, the answer to that write is used instead; or else the read is repeated,
// and what it still does not show is laid over it.
func (u *Users) current(ctx context.Context, op string, id int64) (*User, error) {
	user, _, err := u.look(ctx, op, id)
	if err != nil && !(errors.Is(err, core.ErrNotFound) && u.c.own.of(id).made) {
		return nil, err
	}
	var read Revision[User]
	if err == nil {
		read = user.Revision
	}

	if newer := u.c.own.latest(id, read); newer != nil && (err != nil || read != "") {
		return newer, nil
	}
	if err != nil {
		return nil, err
	}

	if u.c.own.waits(user.Revision) {
		caughtUp, err := u.c.readBack(op).Look(ctx, func(ctx context.Context) (bool, error) {
			var err error
			user, _, err = u.look(ctx, op, id)
			return err == nil && !u.c.own.isAhead(user.Revision), err
		})
		if err != nil {
			return nil, err
		}
		if !caughtUp {
			u.c.own.gaveUp()
		}
	}

	if err := u.c.own.users.Refresh(itoa(id), user); err != nil {
		return nil, u.c.failed(op, core.ClassProtocol, core.AppliedNo, "the user cannot be written back: "+err.Error())
	}
	return user, nil
}

// effect is the write of one user, and how it is read back.
type effect struct {
	u         *Users
	op        string
	id        int64
	was, sent *User
	// lost names the fields of the write that a user does not show.
	lost func(is *User) []string
	// blind says that seeing the new state would not prove who wrote it.
	blind bool

	answer *User         // the answer to the write, if it is the whole user
	now    *User         // the latest state that the vendor showed
	res    rest.Response // the response that it came in
}

// make sends the write and reads the user back until it shows. Send returns the user of
// the answer, or nil if the answer is not the whole user.
func (e *effect) make(ctx context.Context, send func(context.Context) (*User, rest.Response, error)) error {
	err := e.u.c.readBack(e.op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: e.op, Was: e.blind, Certain: e.isCertain, What: e.what,
		Write: func(ctx context.Context) (bool, error) {
			got, res, err := send(ctx)
			if e.res = res; err != nil || got == nil {
				return false, err
			}
			e.answer, e.now = got, got
			return e.shows(got), nil
		},
		Shows: func(ctx context.Context) (bool, error) {
			got, res, err := e.u.look(ctx, e.op, e.id)
			switch {
			case errors.Is(err, core.ErrNotFound):
				return false, nil
			case err != nil:
				return false, err
			}
			e.now, e.res = got, res
			return e.shows(got), nil
		},
	})
	if err == nil {
		e.u.c.names.note(e.sent, e.now, e.now.Revision)
		return e.roleEnded()
	}

	e.u.c.names.forget(e.id)
	if f, ok := err.(*core.Error); ok && f.Class == core.ClassNotApplied {
		about(e.res, f)
		f.Account = e.u.c.options.Account
		if e.now != nil && anyShows(e.was, e.sent, e.now, e.lost(e.now)) {
			f.Applied, f.Doubt = core.AppliedYes, "" // some of it shows
		}
	}
	return err
}

// shows reports whether a user shows the write, except for fields that the vendor
// removed with a role.
func (e *effect) shows(is *User) bool {
	lost := e.lost(is)
	return len(lost) == 0 || endsRole(e.was, e.sent) && allOfRoles(lost)
}

func (e *effect) what() string {
	if e.now == nil {
		return fmt.Sprintf("the user %d does not show", e.id)
	}
	return fmt.Sprintf("the user %d does not show it: %s", e.id, strings.Join(e.lost(e.now), ", "))
}

// isCertain reports whether a change that does not show was certainly not made: neither
// the revision nor the answer says that anything changed.
func (e *effect) isCertain() bool {
	return e.now != nil && unmoved(e.was.Revision, e.now.Revision) && !e.u.c.own.isAhead(e.now.Revision)
}

func unmoved(before, now Revision[User]) bool {
	return now != "" && now != AnyRevision && now == before
}

// roleEnded is the error of a write that ended a role, so that the vendor removed
// fields that went with it. It is nil if the vendor removed nothing.
func (e *effect) roleEnded() error {
	lost := e.lost(e.now)
	if len(lost) == 0 {
		return nil
	}
	f := e.u.c.failed(e.op, core.ClassNotApplied, core.AppliedYes,
		fmt.Sprintf("the vendor accepted the change of user %d and dropped %s", e.id, strings.Join(lost, ", ")))
	f.Hint = "it does so when a change of profileIds ends a role; read the user to see its state"
	return about(e.res, f)
}

// checkComplete refuses to write back an incomplete user, another user, and a deleted one.
func (u *Users) checkComplete(op string, user *User, id int64, res rest.Response) error {
	switch {
	case user.ID != id:
		return u.c.otherUser(op, core.AppliedNo, res)
	case user.Deleted.Or(false):
		return u.c.isDeleted(op, res)
	case !user.isComplete():
		return about(res, u.c.failed(op, core.ClassIncomplete, core.AppliedNo,
			"the vendor answered with only a part of the user, and writing that back would delete the rest"))
	}
	return nil
}

func (c *Client) isDeleted(op string, res rest.Response) error {
	return about(res, c.failed(op, core.ClassNotFound, core.AppliedNo, "the user is deleted"))
}

func (c *Client) otherUser(op string, applied core.Applied, res rest.Response) error {
	return about(res, c.failed(op, core.ClassProtocol, applied, "the vendor answered with another user than the one asked for"))
}
