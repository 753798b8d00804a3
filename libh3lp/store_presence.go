package libh3lp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const whySetPresence = "at LibraryH3lp presence is set over XMPP by the user's own program; no HTTP API does"

// Presence implements core.PresenceController, from the public presence service,
// and from the user's own object where that service does not know the name. Blocked
// says that the user has links and all are suspended. Routable says whether chats
// can come: at available and chat, through an enabled link. It takes three requests.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	const op = core.OpPresence
	id, err := s.parseID(op, "the user", userID)
	if err != nil {
		return core.Presence{}, err
	}

	u, err := s.c.Users.Get(ctx, id)
	if err != nil {
		return core.Presence{}, s.border.Error(op, err)
	}
	links, err := s.readLinks(ctx, side{id: id})
	if err != nil {
		return core.Presence{}, s.border.Error(op, err)
	}

	open := false
	for _, l := range links {
		open = open || bool(l.Enabled)
	}
	show, err := s.showOf(ctx, u)
	if err != nil {
		known := core.Presence{UserID: userID, Availability: core.Unknown, Blocked: new(len(links) > 0 && !open)}
		return known, s.border.Error(op, err)
	}
	p := core.Presence{UserID: userID, Availability: availabilityOf(show), Raw: string(show), Blocked: new(len(links) > 0 && !open)}
	switch {
	case !open:
		p.Routable = new(false)
	case p.Availability != core.Unknown:
		p.Routable = new(show.AcceptsChats())
	}

	switch {
	case p.Availability != core.Available && p.Availability != core.Unknown:
		p.Reason = strings.TrimSpace(u.Status)
	case len(links) == 0:
		p.Reason = "assigned to no queue"
	case !open:
		p.Reason = "suspended from every queue"
	}
	return p, nil
}

func (s *Store) showOf(ctx context.Context, u *User) (Show, error) {
	if rest.CheckID(u.Name) != "" {
		return u.Show, nil // the service cannot be asked for such a name
	}
	show, err := s.c.Presence.User(ctx, u.Name)
	if errors.Is(err, core.ErrNotFound) {
		return u.Show, nil // by the service's rules, in another domain
	}
	return show, err
}

// availabilityOf translates a word. An undocumented word is unknown, never available.
func availabilityOf(s Show) core.Availability {
	switch s.folded() {
	case ShowAvailable, ShowChat:
		return core.Available
	case ShowDND:
		return core.DND
	case ShowAway, ShowXA:
		return core.Away
	case ShowUnavailable:
		return core.Offline
	}
	return core.Unknown
}

// SetPresence is unsupported.
func (s *Store) SetPresence(context.Context, string, core.Availability) error {
	return s.border.Unsupported(core.OpSetPresence, whySetPresence)
}

// Block suspends every enabled link of the user, and returns a record of those that it
// suspended, or may have suspended: all that was sent and not certainly refused. A user
// without links is core.ErrNotApplied. One all of whose links are suspended is blocked
// already, and the record is empty. It takes one request, and one per enabled link.
//
// A block that ends half-way is of class partial, and canceled where the context
// ended: its message names the links that are suspended now and those that are not.
// The record is returned beside the error. Repeating the call suspends the rest and
// returns another record; Unblock takes both. ClientOptions.BlockLog is told of every
// link that is about to be suspended before the first is.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	const op = core.OpBlock
	b := core.Block{Vendor: vendor, Account: s.border.Account, UserID: userID, Changed: []string{}}
	id, err := s.parseID(op, "the user", userID)
	if err != nil {
		return b, err
	}

	unlock, err := s.lockUsers(ctx, op, []pair{{user: id}})
	if err != nil {
		return b, err
	}
	defer unlock()

	links, err := s.linksOfUser(ctx, id)
	if err != nil {
		return b, s.border.Error(op, err)
	}
	if len(links) == 0 {
		return b, s.border.Error(op, &core.Error{Class: core.ClassNotApplied, Applied: core.AppliedNo,
			Message: "the user is assigned to no queue: there is nothing to suspend"})
	}

	suspend := s.switching(op, false)
	as := todo(links, suspend, nil)
	if len(as) == 0 {
		return b, nil
	}

	if err := s.intend(ctx, b, as); err != nil {
		return b, err
	}

	outcomes, err := firstRead(s.links(suspend, false, &sides{}), links).Make(ctx, as...)
	for _, o := range outcomes {
		if o.Applied() != core.AppliedNo {
			b.Changed = append(b.Changed, o.Assignment.Target.String())
		}
	}
	return b, s.halfway(ctx, op, "suspended", outcomes, err)
}

// linksOfUser reads the links of a user, who must exist.
func (s *Store) linksOfUser(ctx context.Context, id int64) (linked, error) {
	links, err := s.readLinks(ctx, side{id: id})
	if err == nil && len(links) == 0 {
		err = s.c.sideExists(ctx, side{id: id})
	}
	return links, err
}

// todo are the links that an edit still has to change, in the order of their queues. If
// only is set, no others are returned.
func todo(links linked, e edit, only map[int64]bool) []core.Assignment {
	var as []core.Assignment
	for _, p := range slices.SortedFunc(maps.Keys(links), func(a, b pair) int { return cmp.Compare(a.queue, b.queue) }) {
		if l := links[p]; !e.holds(l) && (only == nil || only[p.queue]) {
			as = append(as, assignmentOf(l))
		}
	}
	return as
}

// intend records in the caller's log what is about to be suspended.
func (s *Store) intend(ctx context.Context, intent core.Block, as []core.Assignment) error {
	intent.Changed = nil
	for _, a := range as {
		intent.Changed = append(intent.Changed, a.Target.String())
	}
	return s.c.rest.Intend(ctx, intent)
}

// halfway is the error of several writes that were not all made. If none was, it is the
// cause.
func (s *Store) halfway(ctx context.Context, op core.Operation, what string, outcomes []core.Outcome, partial error) error {
	if partial == nil {
		return nil
	}
	var done, open, not []string
	var first error
	for _, o := range outcomes {
		name := o.Assignment.Target.String()
		switch {
		case o.Done():
			done = append(done, name)
			continue
		case o.Result == core.ResultUnknown:
			open = append(open, name)
		default:
			not = append(not, name)
		}
		if first == nil || errors.Is(first, core.ErrCanceled) && !errors.Is(o.Err, core.ErrCanceled) {
			first = o.Err
		}
	}

	e := &core.Error{Vendor: vendor, Op: string(op), Class: core.ClassPartial, Applied: core.AppliedYes, Err: partial}
	cause, ok := errors.AsType[*core.Error](first)
	if ok {
		e.Status, e.Code, e.RequestID, e.RetryAfter, e.Attempts = cause.Status, cause.Code, cause.RequestID, cause.RetryAfter, cause.Attempts
	}

	switch {
	case len(open) > 0:
		e.Applied = core.AppliedUnknown
	case len(done) == 0:
		e.Applied = core.AppliedNo
	}

	if ctx.Err() != nil {
		e.Class, e.Err = core.ClassCanceled, rest.Ended(ctx)
	} else if len(done) == 0 && ok {
		e.Class, e.Err = cause.Class, cause
	}

	e.Message = fmt.Sprintf("%s: %s", what, named(done))
	if len(open) > 0 {
		e.Message += "; perhaps: " + named(open)
	}
	if len(not) > 0 {
		e.Message += "; not: " + named(not)
	}

	if ok {
		e.Message += "; first cause: " + cmp.Or(cause.Words(), string(cause.Class))
	}
	if e.Class == core.ClassPartial || e.Class == core.ClassCanceled {
		e.Hint = "a retry is safe, and does the rest"
	}
	return s.border.Error(op, e)
}

func named(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, " ")
}

// Unblock enables exactly the links of the records; without any it sends nothing. A link
// that is not there any more is left out. One that fails half-way is an error as that of
// Block, and can be repeated.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	const op = core.OpUnblock
	mine := map[int64]bool{}
	for _, b := range made {
		if err := s.border.CheckRecord(op, b, b.UserID == userID); err != nil {
			return err
		}
		for _, name := range b.Changed {
			t, err := core.ParseTarget(name)
			if err != nil || t.Kind != core.KindQueue {
				return s.border.Invalid(op, "the record contains something that no block of LibraryH3lp changes")
			}
			queue, ok := parseID(t.ID)
			if !ok {
				return s.border.Invalid(op, "the record contains something that no block of LibraryH3lp changes")
			}
			mine[queue] = true
		}
	}
	return s.enable(ctx, op, userID, mine)
}

// LiftBlocks enables every suspended link of the user, whoever has suspended it. It takes
// one request, and one per suspended link.
func (s *Store) LiftBlocks(ctx context.Context, userID string) error {
	return s.enable(ctx, core.OpLiftBlocks, userID, nil)
}

// enable enables a user's links to some queues, or to all if queues is nil.
func (s *Store) enable(ctx context.Context, op core.Operation, userID string, only map[int64]bool) error {
	id, err := s.parseID(op, "the user", userID)
	if err != nil || only != nil && len(only) == 0 {
		return err
	}
	unlock, err := s.lockUsers(ctx, op, []pair{{user: id}})
	if err != nil {
		return err
	}
	defer unlock()

	links, err := s.linksOfUser(ctx, id)
	if err != nil {
		return s.border.Error(op, err)
	}
	enable := s.switching(op, true)
	outcomes, err := firstRead(s.links(enable, false, &sides{}), links).Make(ctx, todo(links, enable, only)...)
	return s.halfway(ctx, op, "enabled again", outcomes, err)
}
