package liveperson

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const opModifyUser = "Users.Modify"

// Modify reads a user, lets change edit it, and puts the whole user back, with every
// field that change did not touch as it was, known or not.
//
// The write goes out under the revision of the read. When anybody has changed any user
// of the account in between, it starts over: change may run several times, must depend
// on nothing but the user it gets, and must not call the Client, whose writers of users
// take turns here. After a lost answer, a user that shows the change ends it.
//
// A FullName that reads blank and that change does not set is treated as
// WithBlankFullName says. When change flips IsEnabled and leaves DisabledManually
// alone, that becomes its opposite, as the vendor has it. LoginName cannot be
// changed: core.ErrUnsupported.
//
// What the vendor then shows is compared with what was sent, but for what it masks.
// When a change of profiles ends a role, the vendor takes away what belongs to it:
// skillIds, maxChats, maxAsyncChats and memberOf from one who is an agent no more,
// managerOf from one who is no agent manager. Then the user as it is now comes back
// together with core.ErrNotApplied and core.AppliedYes, and the message names the
// fields. To have none, empty them in the same change. What the vendor ignored without
// such a reason is named likewise.
//
// It takes two requests, and more looks where the answer does not show the change. An
// error with core.AppliedUnknown may be that of a later try: an earlier write of the
// call may have been carried out, unseen.
func (u *Users) Modify(ctx context.Context, id int64, change func(*User) error) (*User, error) {
	return u.modify(ctx, &modification{op: opModifyUser, id: id, edit: func(user *User) error {
		was := *user
		if err := change(user); err != nil {
			return err
		}
		user.follow(&was)
		return nil
	}})
}

// follow makes DisabledManually the opposite of IsEnabled if only IsEnabled was
// changed.
func (u *User) follow(was *User) {
	if now, ok := u.IsEnabled.Get(); ok && u.IsEnabled != was.IsEnabled && u.DisabledManually == was.DisabledManually {
		u.DisabledManually = core.Set(!now)
	}
}

// modification is one read-modify-write of a user.
type modification struct {
	op   string
	id   int64
	edit func(*User) error // it returns errNothing if there is nothing to write
	// named are the fields that the caller names, by wire name: they are read back
	// whether they changed or not.
	named []string

	last    *effect // the latest write
	refused error   // the error of a stale revision
	same    int     // how often it was stale although the user had not changed
	shared  bool    // the latest write was one of many users, and was refused as a whole
	doubt   error   // of an earlier write of this call that is in doubt
}

var (
	// errNothing is what an edit returns when there is nothing to write.
	errNothing = errors.New("nothing to change")
	// errStale is a write that met a stale revision.
	errStale = errors.New("stale revision")
)

// maxSame is how often a write may be refused for its revision although the user has
// not changed. Then the refusal is returned: it may have another reason.
const maxSame = 3

const whyLogin = "LivePerson cannot change the loginName of a user"

// modify is the loop under Modify and the adapter. It returns the user as it is now,
// also beside an error about what it shows.
func (u *Users) modify(ctx context.Context, m *modification) (*User, error) {
	for try := 1; ; try++ {
		user, err := u.tryModify(ctx, m)
		if err != errStale {
			return user, m.doubtful(err)
		}
		if try >= u.c.tries {
			return nil, m.doubtful(hinted(m.refused,
				"the read-modify-write gave up: each time, some user of the account had been changed in between"))
		}

		// Two writers that collided must not collide again in step.
		if err := pause(ctx, rand.N(time.Duration(try)*20*time.Millisecond)); err != nil {
			return nil, m.doubtful(u.c.canceled(m.op, err, "the context ended between two tries of a read-modify-write"))
		}
	}
}

// tryModify reads, edits and writes once.
func (u *Users) tryModify(ctx context.Context, m *modification) (*User, error) {
	unlock, err := u.c.turn(ctx, m.op)
	if err != nil {
		return nil, err
	}
	defer unlock()

	was, sent, err := u.edited(ctx, opReplaceUser, m)
	if err != nil || sent == nil {
		return was, err
	}
	return m.write(ctx, u, was, sent)
}

// edited reads a user and edits it, for a write by op. Sent is nil where there is nothing
// to write.
func (u *Users) edited(ctx context.Context, op *rest.Op, m *modification) (was, sent *User, err error) {
	was, err = u.current(ctx, m.op, m.id)
	if err != nil {
		return nil, nil, err
	}
	if done, err := m.isDone(was); done {
		return was, nil, err
	}

	sent = was.clone()
	switch err := m.edit(sent); {
	case err == errNothing:
		return was, nil, nil
	case err != nil:
		return nil, nil, err
	case sent.LoginName != was.LoginName || sent.ID != m.id:
		return nil, nil, u.c.unsupported(m.op, whyLogin)
	case m.last != nil && sameUser(was, sent):
		return was, nil, nil // the write was refused, but the user has this state anyway
	}

	if err := u.c.fillBlank(op, sent); err != nil {
		return nil, nil, err
	}
	return was, sent, nil
}

// isDone checks before another try whether the user shows the latest write after all,
// or whether that was refused again although the user has not changed.
func (m *modification) isDone(is *User) (done bool, err error) {
	switch {
	case m.last == nil:
		return false, nil
	case (m.doubt != nil || m.shared) && !m.last.blind && m.last.shows(is):
		m.last.now, m.doubt = is, nil
		return true, m.last.roleEnded()
	case m.last.was.Revision == is.Revision:
		m.same++
	}

	if m.same < maxSame {
		return false, nil
	}
	return true, m.refused
}

// write sends the edited user and reads it back.
func (m *modification) write(ctx context.Context, u *Users, was, sent *User) (*User, error) {
	return m.make(ctx, m.effect(u, was, sent), func(ctx context.Context) (*User, rest.Response, error) { return u.put(ctx, sent) })
}

// effect is the next write.
func (m *modification) effect(u *Users, was, sent *User) *effect {
	m.last = &effect{u: u, op: m.op, id: m.id, was: was, sent: sent, blind: !changesShown(was, sent),
		lost: func(is *User) []string { return unmet(was, sent, is, endsRole(was, sent), m.named...) }}
	return m.last
}

// make sends a write and looks at it. The error is errStale where it met a stale revision.
func (m *modification) make(ctx context.Context, e *effect, send func(context.Context) (*User, rest.Response, error)) (*User, error) {
	m.shared = false
	err := e.make(ctx, func(ctx context.Context) (*User, rest.Response, error) {
		got, res, err := send(ctx)
		if errors.Is(err, core.ErrRevision) {
			m.refused = err
			return nil, res, errStale
		}
		return got, res, err
	})
	switch {
	case err == errStale:
		if evidence.InDoubt(m.refused) {
			m.doubt = m.refused
		}
		return nil, errStale
	case err == nil:
		e.u.c.own.wrote(e.was, e.now)
	case core.ClassOf(err) == core.ClassNotApplied && core.MaybeApplied(err):
		e.u.c.own.wrote(e.was, cmp.Or(e.answer, e.sent)) // it was accepted, and may still take effect
	}
	return e.now, err
}

// doubtful is the error of a call with an earlier write in doubt: that the latest try
// did nothing proves nothing about the earlier one.
func (m *modification) doubtful(err error) error {
	if err == nil || m.doubt == nil {
		return err
	}
	e, ok := errors.AsType[*core.Error](err)
	switch {
	case ok && e.Applied != core.AppliedNo:
		return err
	case ok && err == error(e):
		e = new(*e) // others may hold the same error
	case ok:
		e = new(*e)
		e.Err = err
	default:
		e = &core.Error{Vendor: vendor, Op: m.op, Class: cmp.Or(core.ClassOf(err), core.ClassUnavailable), Err: err,
			Message: "the answer to a write was lost, and the next try ended: " + err.Error()}
	}

	e.Applied = core.AppliedUnknown
	if before, ok := errors.AsType[*core.Error](m.doubt); ok {
		e.Doubt = cmp.Or(before.Doubt, "the answer to an earlier write was lost")
	}
	return hinted(e, "an earlier write of this call may have been carried out: read the user to see its state")
}

// hinted puts a hint before that of an error.
func hinted(err error, hint string) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}
	e = new(*e)
	if e.Hint != "" && e.Hint != hint {
		hint += "; " + e.Hint
	}
	e.Hint = hint
	return e
}

// turn waits for the caller's turn among the writers of one Client. All users share one
// revision, so writers of different users collide too.
func (c *Client) turn(ctx context.Context, op string) (end func(), err error) {
	end, err = c.locks.Lock(ctx, "users")
	if err != nil {
		return nil, c.canceled(op, err, "the context ended while other changes of users were under way")
	}
	return end, nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
