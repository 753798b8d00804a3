package lucs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// Presence implements core.PresenceController: the availability from the presence
// alone, blocked from IsBlockedByLuwareApi alone, and routable from IsSelectable
// and IsBlockedByLuwareApi alone. The reason is the agent's, or else the system's. It
// takes one request where the user's service is remembered, and else a search.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	u, err := s.get(ctx, core.OpPresence, userID)
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
// presence, for ClientOptions.ReadBack, and is core.ErrNotApplied if it then shows
// another: the server may have ignored it, or the agent, or a call that was not
// answered, may have changed it since. A server that shows no presence at all cannot be
// looked at; there, accepted is all that is known. It takes two reads of the user, and
// one request for the presence.
func (s *Store) SetPresence(ctx context.Context, userID string, to core.Availability) error {
	const op = core.OpSetPresence
	word := s.c.dialect.PresenceWords.of(to)
	switch {
	case word != "":
	case to == core.Offline:
		return s.border.Unsupported(op, "LUCS documents no presence that means offline; if your server has a word for it, set it in the "+
			"Dialect (PresenceWords)")
	default:
		return s.border.Invalid(op, fmt.Sprintf("%q is not a presence that can be set", to))
	}

	return s.change(ctx, &deed{
		op: op, id: userID, trusting: true,
		do: func(ctx context.Context, id string) (*User, error) { return nil, s.c.Users.SetPresence(ctx, id, word) },
		shows: func(u *User) bool {
			return fold(u.Presence) == fold(word) || s.c.dialect.PresenceWords.availability(u.Presence) == to
		},
		silent: func(u *User) bool { return u.Presence == "" },
		state:  func(u *User) string { return "shows the presence " + string(u.Presence) },
	})
}

// blockFlag is the field that a block changes.
const blockFlag = "IsBlockedByLuwareApi"

// Block implements core.PresenceController. Presence is not touched, and nobody
// sees the block in the messenger. It is sent whatever the user shows, because a list
// may be late; what was shown before decides what the record holds: nothing for a user
// who was blocked already, so that its record lifts nobody else's block. Where that
// list was late itself the record is too, and LiftBlocks is what helps.
//
// It looks whether the user then is blocked, for ClientOptions.ReadBack, and is
// core.ErrNotApplied with core.AppliedUnknown if it does not show that. Where the user
// does not show a block at all, the server's answer is what there is to look at. It
// takes two reads of the user, and one request for the block.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	b := core.Block{Vendor: vendor, Account: s.border.Account, UserID: canonical(userID), Changed: []string{}}
	d := &deed{
		op: core.OpBlock, id: userID, do: s.c.Users.Block, mark: func(u *User) { u.IsBlockedByLuwareApi = core.Set(true) },
		shows:  func(u *User) bool { return u.IsBlockedByLuwareApi.Or(false) },
		silent: saysNoBlock, state: blockState,
	}
	d.begin = func() error {
		if d.was {
			return nil
		}
		b.Changed = []string{blockFlag}
		return s.c.rest.Intend(ctx, b)
	}
	err := s.change(ctx, d)
	if !core.MaybeApplied(err) {
		b.Changed = []string{}
	}
	return b, err
}

// Unblock implements core.PresenceController: it lifts the block that the records name,
// as LiftBlocks does. Without a record, or with one that names nothing, it sends
// nothing.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	const op = core.OpUnblock
	if err := checkGUID(string(op), "the user", userID); err != nil {
		return s.border.Error(op, err)
	}

	lift := false
	for _, b := range made {
		if err := s.border.CheckRecord(op, b, sameID(b.UserID, userID)); err != nil {
			return err
		}
		if slices.ContainsFunc(b.Changed, func(name string) bool { return name != blockFlag }) {
			return s.border.Invalid(op, "the record contains something that no block of LUCS changes")
		}
		lift = lift || len(b.Changed) > 0
	}

	if !lift {
		return nil
	}
	return s.lift(ctx, op, userID)
}

// LiftBlocks implements core.PresenceController. It looks whether the user then is
// not blocked any more, and at nothing else: a pending task may have reached the
// agent at once, who then is not selectable. A user whom no service shows, or who
// could not be looked for, is unblocked too, and the server's answer then is
// all there is to look at. For an unblock that does not show, see Block.
func (s *Store) LiftBlocks(ctx context.Context, userID string) error {
	return s.lift(ctx, core.OpLiftBlocks, userID)
}

func (s *Store) lift(ctx context.Context, op core.Operation, userID string) error {
	return s.change(ctx, &deed{
		op: op, id: userID, do: s.c.Users.Unblock, mark: func(u *User) { u.IsBlockedByLuwareApi = core.Set(false) },
		unseen: true, trusting: true,
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

// deed is one change of a user that is read back afterwards.
type deed struct {
	op core.Operation
	id string
	// unseen says to continue if the user is not found, or could not be read.
	unseen bool
	// begin, if set, is called before the change is sent.
	begin func() error
	// do makes the change and may return the server's answer to it. Mark, if set, makes
	// the same change on the user as it was read, to be remembered.
	do   func(context.Context, string) (*User, error)
	mark func(*User)
	// shows reports whether the user shows the change, silent whether it omits the
	// field, and state says what it shows.
	shows, silent func(*User) bool
	state         func(*User) string
	// trusting takes the change as made if nothing shows the opposite.
	trusting bool

	before *User // nil if it could not be read
	was    bool  // the user showed the change before it was made
	said   *User // in the answer
	last   *User // in the latest look
	taken  bool  // the server accepted it
}

// change makes a change and reads back whether the user shows it. A user whom no
// service shows is left alone, unless the deed says otherwise: the effect could not be
// seen.
func (s *Store) change(ctx context.Context, d *deed) error {
	op := string(d.op)
	if err := checkGUID(op, "the user", d.id); err != nil {
		return s.border.Error(d.op, err)
	}
	unlock, err := s.c.lock(ctx, op, d.id)
	if err != nil {
		return s.border.Error(d.op, err)
	}
	defer unlock()

	before, unseen := s.c.find(ctx, op, d.id)
	switch {
	case unseen == nil:
		d.before, d.id = before, bare(before.ID) // in the server's spelling
		d.was = !d.silent(before) && d.shows(before)
	case !d.unseen || endsSearch(unseen) || refusedKey(unseen):
		return s.border.Error(d.op, unseen)
	}

	if d.begin != nil {
		if err := d.begin(); err != nil {
			return s.border.Error(d.op, err)
		}
	}

	err = s.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op, Was: d.was || d.before == nil, What: d.what,
		Write: func(ctx context.Context) (told bool, err error) {
			told, err = s.send(ctx, d)
			if unseen != nil && errors.Is(err, core.ErrNotFound) && !core.MaybeApplied(err) {
				return false, unseen // which may be less than "there is no such user"
			}
			return told, err
		},
		Shows: func(ctx context.Context) (bool, error) { return s.look(ctx, d) },
	})
	return s.border.Error(d.op, err)
}

// send makes the change. If the user could not be read, the answer decides.
func (s *Store) send(ctx context.Context, d *deed) (told bool, err error) {
	if d.said, err = d.do(ctx, d.id); err != nil {
		return false, err
	}
	d.taken = true
	if d.mark != nil && d.before != nil {
		after := d.before.clone()
		d.mark(after)
		s.c.written.Wrote(idKey(d.id), d.before, after)
	}
	return d.before == nil && d.made(nil), nil
}

// look reports whether the user shows the change. If the user has left the list since,
// the answer decides.
func (s *Store) look(ctx context.Context, d *deed) (bool, error) {
	u, err := s.c.findAgain(ctx, string(d.op), d.id)
	if err != nil {
		if (d.before == nil || errors.Is(err, core.ErrNotFound)) && d.made(nil) {
			return true, nil
		}
		return false, err
	}
	d.last = u
	return d.made(u), nil
}

// made reports whether the change shows: in the user or, if the user omits the field or
// was not found (nil), in the server's answer to the change. A state that the user
// showed before as well proves nothing against that answer.
func (d *deed) made(u *User) bool {
	if d.was && d.denies(d.said) {
		return false
	}
	for _, who := range []*User{u, d.said} {
		if who != nil && !d.silent(who) {
			return d.shows(who)
		}
	}
	return u != nil && d.trusting && d.taken
}

// denies reports whether the user was read and shows that the change was not made.
func (d *deed) denies(u *User) bool { return u != nil && !d.silent(u) && !d.shows(u) }

// what says what the user shows instead of the accepted change.
func (d *deed) what() string {
	if d.last == nil {
		return "no service shows the user"
	}
	text := "the user " + d.state(d.last)
	if d.said != nil && !d.silent(d.last) && !d.silent(d.said) && d.shows(d.last) != d.shows(d.said) {
		text += ", though the answer to the change says otherwise"
	}
	return text
}
