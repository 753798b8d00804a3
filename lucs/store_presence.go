package lucs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

const (
	opPresence = "Presence.Get"
	opSet      = "Presence.Set"
	opBlock    = "Presence.Block"
	opUnblock  = "Presence.Unblock"
)

// Presence implements core.PresenceController: the availability from the presence
// alone, blocked from IsBlockedByLuwareApi alone, and routable from IsSelectable
// and IsBlockedByLuwareApi alone. The reason is the agent's, or else the system's.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	u, err := s.get(ctx, opPresence, userID)
	if err != nil {
		return core.Presence{}, err
	}
	p := core.Presence{
		UserID: canonical(u.ID), Availability: s.c.dialect.PresenceWords.availability(u.Presence), Raw: string(u.Presence),
		Routable: u.Routable(), Reason: cmp.Or(u.NotReadyReason.Or(""), string(u.NotSelectableReason.Or(""))),
	}
	if blocked, ok := u.IsBlockedByLuwareApi.Get(); ok {
		p.Blocked = &blocked
	}
	return p, nil
}

// SetPresence implements core.PresenceController. It looks until the user shows the
// presence, within the time of WithReadBack, and is core.ErrNotApplied if it then
// shows another: the server may have ignored it, or the agent, or a call that was
// not answered, may have changed it since. A server that shows no presence at all
// cannot be looked at; there, accepted is all that is known.
func (s *Store) SetPresence(ctx context.Context, userID string, to core.Availability) error {
	word := s.c.dialect.PresenceWords.of(to)
	switch {
	case word != "":
	case to == core.Offline:
		return core.Unsupported(vendor, opSet, "LUCS names no presence that would be offline; where the server has a word for it, set it in the Dialect (PresenceWords)")
	default:
		return core.Invalid(vendor, opSet, fmt.Sprintf("%q is not a presence that can be set", to))
	}
	return s.change(ctx, &deed{
		op: opSet, id: userID, trusting: true,
		do: func(ctx context.Context, id string) (*User, error) { return nil, s.c.Users.SetPresence(ctx, id, word) },
		shows: func(u *User) bool {
			return fold(u.Presence) == fold(word) || s.c.dialect.PresenceWords.availability(u.Presence) == to
		},
		silent: func(u *User) bool { return u.Presence == "" },
		state:  func(u *User) string { return "shows the presence " + string(u.Presence) },
	})
}

// blockFlag is the name of what a block changes.
const blockFlag = "IsBlockedByLuwareApi"

// Block implements core.PresenceController. Presence is not touched, and nobody
// sees the block in the messenger. It is sent whatever the user shows, because a list
// may be late; what was shown before decides what the record holds: nothing for a user
// who was blocked already, so that its record lifts nobody else's block. Where that
// list was late itself the record is too, and Unblock without one is what helps.
//
// It looks whether the user then is blocked, and is core.ErrNotApplied if it does not
// show that: with core.AppliedNo where the server's answer does not either, and else
// with core.AppliedUnknown and the record, which names what may have been changed.
// Where the user says nothing of a block, the server's answer is what there is to
// look at.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	b := core.Block{Vendor: vendor, UserID: canonical(userID), Changed: []string{}}
	d := deed{
		op: opBlock, id: userID, do: s.c.Users.Block,
		shows:  func(u *User) bool { return u.IsBlockedByLuwareApi.Or(false) },
		silent: saysNoBlock, state: blockState,
	}
	err := s.change(ctx, &d)
	if !d.was && core.MaybeApplied(err) {
		b.Changed = append(b.Changed, blockFlag) // or perhaps: its record must lift it all the same
	}
	return b, err
}

// Unblock implements core.PresenceController. It looks whether the user then is
// not blocked any more, and at nothing else: a pending task may have reached the
// agent at once, who then is not selectable. A user whom no service shows, or who
// could not be looked for, is unblocked all the same, and the server's answer then is
// all there is to look at. A record that names nothing restores nothing. For an
// unblock that does not show, see Block.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	if err := checkGUID(opUnblock, "the user", userID); err != nil {
		return err
	}
	lift := len(made) == 0
	for _, b := range made {
		if !sameID(b.UserID, userID) || b.Vendor != "" && b.Vendor != vendor {
			return core.Invalid(vendor, opUnblock, "the record is of another user or vendor")
		}
		for _, name := range b.Changed {
			if name != blockFlag {
				return core.Invalid(vendor, opUnblock, "the record holds what no block of LUCS changes")
			}
		}
		lift = lift || slices.Contains(b.Changed, blockFlag)
	}
	if !lift {
		return nil
	}
	return s.change(ctx, &deed{
		op: opUnblock, id: userID, do: s.c.Users.Unblock, unseen: true, trusting: true,
		shows:  func(u *User) bool { return !u.IsBlockedByLuwareApi.Or(false) },
		silent: saysNoBlock, state: blockState,
	})
}

func saysNoBlock(u *User) bool { return !u.IsBlockedByLuwareApi.IsSet() }

func blockState(u *User) string {
	if blocked, ok := u.IsBlockedByLuwareApi.Get(); ok {
		return fmt.Sprintf("shows %s: %t", blockFlag, blocked)
	}
	return "does not show " + blockFlag
}

// deed is one change of a user that is looked at afterwards.
type deed struct {
	op, id string
	// unseen says to go on with a user who is not found, or could not be looked for.
	unseen bool
	// do makes the change and may return what the server said of it.
	do func(context.Context, string) (*User, error)
	// shows reports whether the user shows the change, silent that it says nothing of
	// it, and state says what it shows.
	shows, silent func(*User) bool
	state         func(*User) string
	// trusting takes the change for made where nothing tells.
	trusting bool

	// was is set where the user showed the change before it was made, and blind where
	// it could not be looked for.
	was, blind bool
}

// made reports whether the change shows: in the user, else, where that says nothing
// or is nil because it was not found, in what the server answered to the change. What
// the user showed before as well is no proof against that answer.
func (d *deed) made(u, said *User) bool {
	if d.was && d.denies(said) {
		return false
	}
	for _, who := range []*User{u, said} {
		if who != nil && !d.silent(who) {
			return d.shows(who)
		}
	}
	return u != nil && d.trusting
}

// denies reports whether a user is known, and shows that the change was not made.
func (d *deed) denies(u *User) bool { return u != nil && !d.silent(u) && !d.shows(u) }

// change makes a change and looks whether the user shows it. A user whom no service
// shows is left alone, unless the deed says otherwise: nobody could tell what became
// of it.
func (s *Store) change(ctx context.Context, d *deed) error {
	if err := checkGUID(d.op, "the user", d.id); err != nil {
		return err
	}
	unlock, err := s.c.lock(ctx, d.op, d.id)
	if err != nil {
		return err
	}
	defer unlock()
	before, unseen := s.c.find(ctx, d.op, d.id)
	switch {
	case unseen == nil:
		d.id = bare(before.ID) // in the server's case
		d.was = !d.silent(before) && d.shows(before)
	case !d.unseen || endsSearch(unseen) || refusedKey(unseen):
		return unseen
	default:
		d.blind = true
	}
	said, err := d.do(ctx, d.id)
	if d.blind && errors.Is(err, core.ErrNotFound) && !core.MaybeApplied(err) {
		return unseen // which may be less than that there is no such user
	}
	if err != nil {
		return s.lost(ctx, d, err)
	}
	return s.confirm(ctx, d, said)
}

// lost looks once more where it is not known whether the change was made: if the
// user shows it, and did not before, it is.
func (s *Store) lost(ctx context.Context, d *deed, cause error) error {
	if e, ok := cause.(*core.Error); !ok || e.Applied != core.AppliedUnknown || ctx.Err() != nil || d.was {
		return cause
	}
	if u, err := s.c.find(ctx, d.op, d.id); err != nil || d.silent(u) || !d.shows(u) {
		return cause
	}
	return nil
}

// confirm looks until the user shows the change, within the client's time for it.
func (s *Store) confirm(ctx context.Context, d *deed, said *User) error {
	var last *User
	var failed error // the last look
	look := func(context.Context) (storekit.Probe, error) {
		// In the caller's time: a look that has begun is not given up, because what
		// was seen before it may be older than the change.
		u, err := s.c.findAgain(ctx, d.op, d.id)
		if failed = err; err != nil {
			if (d.blind || errors.Is(err, core.ErrNotFound)) && d.made(nil, said) {
				return storekit.Probe{Phase: storekit.PhaseDone}, nil
			}
			return storekit.Probe{}, ownClass(err)
		}
		last = u
		if d.made(u, said) {
			return storekit.Probe{Phase: storekit.PhaseDone, State: d.state(u)}, nil
		}
		return storekit.Probe{Phase: storekit.PhasePending, State: d.state(u)}, nil
	}
	if d.blind && d.made(nil, said) {
		return nil // who could not be looked for before
	}
	probe, err := look(ctx)
	if err == nil && probe.Phase == storekit.PhaseDone {
		return nil
	}
	if err == nil || passing(err) {
		within := s.c.readBackWithin
		if deadline, ok := ctx.Deadline(); ok {
			within = min(within, time.Until(deadline)*9/10) // what was found is worth more than that the time is over
		}
		looking, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		probe, err = storekit.Until(looking, s.c.rest.Watch(s.c.readBack, d.op, core.WaitReadBack), vendor, d.op, look)
		if err == nil && probe.Phase == storekit.PhaseDone {
			return nil
		}
	}
	if ctx.Err() == nil && core.ClassOf(err) == core.ClassCanceled { // our time for it is over, not the caller's
		switch {
		case last != nil:
			return notShown(d, last, said)
		case failed != nil:
			err = failed
		}
	}
	return unconfirmed(err)
}

// notShown is the error of a change that was accepted and that the user, as it was
// last seen, does not show. That may be late, so that only an answer which shows the
// old value as well says that nothing was done.
func notShown(d *deed, last, said *User) error {
	e := &core.Error{Vendor: vendor, Op: d.op, Class: core.ClassNotApplied, Applied: core.AppliedUnknown,
		Message: "the server accepted the change, and the user " + d.state(last),
		Hint:    "read the presence to see whether it has changed since"}
	switch {
	case d.silent(last) || said == nil || d.silent(said):
	case d.shows(last) != d.shows(said):
		e.Message += ", though the answer to the change says otherwise"
	default:
		e.Applied = core.AppliedNo
	}
	return e
}

// ownClass gives the error of a search the class of what stopped it, by which a wait
// goes on or ends.
func ownClass(err error) error {
	e, ok := err.(*core.Error)
	cause, caused := errors.AsType[*core.Error](errors.Unwrap(err))
	if !ok || !caused || e.Class != core.ClassIncomplete {
		return err
	}
	e = new(*e)
	e.Class = cause.Class
	return e
}

// passing reports a failed look that another may make good.
func passing(err error) bool {
	switch core.ClassOf(err) {
	case core.ClassUnavailable, core.ClassRateLimited, core.ClassProtocol, core.ClassIncomplete:
		return true
	}
	return false
}

// unconfirmed is the error of a change that was accepted and could not be looked at.
func unconfirmed(err error) error {
	e, ok := err.(*core.Error)
	if !ok {
		return err
	}
	e = new(*e)
	if !strings.Contains(e.Message, "accepted") {
		e.Message = "the server accepted the change, and whether it shows could not be read: " + e.Words()
	}
	e.Applied, e.Hint = core.AppliedUnknown, "repeating it is safe"
	return e
}

// readBackDefaults are how patiently a change is looked for.
const (
	readBackMax    = 3 * time.Second
	readBackWithin = 10 * time.Second
)
