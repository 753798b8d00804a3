package libh3lp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const (
	opPresence = "Presence.Get"
	opBlock    = "Presence.Block"
	opUnblock  = "Presence.Unblock"
)

const whySetPresence = "at LibraryH3lp presence is set over XMPP by the user's own program; no HTTP API does"

// Presence implements core.PresenceController, from the public presence service,
// and from the user's own object where that service does not know the name. Blocked
// says that the user has links and all are suspended. Routable says whether chats
// can come: at available and chat, through an enabled link.
func (s *Store) Presence(ctx context.Context, userID string) (core.Presence, error) {
	id, err := parseID(opPresence, "the user", userID)
	if err != nil {
		return core.Presence{}, err
	}
	u, err := s.c.Users.Get(ctx, id)
	if err != nil {
		return core.Presence{}, err
	}
	links, err := s.linksOf(ctx, id)
	if err != nil {
		return core.Presence{}, err
	}
	show, err := s.showOf(ctx, u)
	if err != nil {
		return core.Presence{}, err
	}
	open := slices.ContainsFunc(links, func(l Link) bool { return bool(l.Enabled) })
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
		return u.Show, nil // a name that cannot be asked for
	}
	show, err := s.c.Presence.User(ctx, u.Name)
	if errors.Is(err, core.ErrNotFound) {
		return u.Show, nil // of another domain, as far as the service is concerned
	}
	return show, err
}

// availabilityOf translates a word. One that nobody knows is unknown, and never
// available.
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
	return core.Unsupported(vendor, "Presence.Set", whySetPresence)
}

// linksOf reads all links of a user, who must exist.
func (s *Store) linksOf(ctx context.Context, id int64) ([]Link, error) {
	links, err := s.c.allLinks(ctx, opListAssignments, id, theUser)
	if err != nil {
		return nil, explained(err, s.userExists(ctx, id))
	}
	if len(links) == 0 {
		if err := s.userExists(ctx, id)(); err != nil {
			return nil, err
		}
	}
	return links, nil
}

// Block suspends every enabled link of the user, and returns a record of exactly
// those. A user without links is core.ErrNotApplied. One all of whose links are
// suspended is blocked already, and the record is empty.
//
// A block that ends half-way is of class partial, and canceled where the context
// ended: its message names the links that are suspended now and those that are not.
// The record is returned beside the error and holds what this call suspended, or may
// have suspended where an answer was lost. Repeating the call suspends the rest and
// returns another record; Unblock takes both. ClientOptions.BlockLog is told what
// is about to be suspended before anything is sent.
func (s *Store) Block(ctx context.Context, userID string) (core.Block, error) {
	b := core.Block{Vendor: vendor, UserID: userID, Changed: []string{}}
	id, err := parseID(opBlock, "the user", userID)
	if err != nil {
		return b, err
	}
	unlock, err := s.lock(ctx, opBlock, id)
	if err != nil {
		return b, err
	}
	defer unlock()
	links, err := s.linksOf(ctx, id)
	if err != nil {
		return b, unread(opBlock, err)
	}
	if len(links) == 0 {
		return b, &core.Error{Vendor: vendor, Op: opBlock, Class: core.ClassNotApplied, Applied: core.AppliedNo,
			Message: "the user is assigned to no queue: there is nothing to suspend"}
	}
	var mine []string
	var jobs []*job
	var outcomes []core.Outcome
	for _, l := range links {
		if l.Enabled {
			outcomes = append(outcomes, core.Outcome{Assignment: assignmentOf(&l)})
			mine = append(mine, targetOf(&l))
		}
	}
	if len(outcomes) == 0 {
		return b, nil
	}
	b.Changed = mine
	for i := range outcomes {
		p, _ := checkAssignment(opBlock, outcomes[i].Assignment)
		jobs = append(jobs, &job{p, []*core.Outcome{&outcomes[i]}})
	}
	if log := s.c.options.BlockLog; log != nil {
		if err := log(ctx, b); err != nil {
			return core.Block{Vendor: vendor, UserID: userID, Changed: []string{}}, logError(err)
		}
	}
	s.make(ctx, s.enable(opBlock, false), jobs, foundOf(id, links))
	b.Changed = without(mine, outcomes)
	err = s.halfway(ctx, opBlock, "suspended", outcomes)
	return b, err
}

// without returns the links that a block may have suspended: those of the plan but
// the ones that it did not, or that somebody else did. The plan stays the log's.
func without(plan []string, outcomes []core.Outcome) []string {
	return slices.DeleteFunc(slices.Clone(plan), func(t string) bool {
		return slices.ContainsFunc(outcomes, func(o core.Outcome) bool {
			return o.Assignment.Target.String() == t && (o.Result == core.ResultFailed || o.Result == core.ResultAlready)
		})
	})
}

func logError(err error) error {
	return &core.Error{Vendor: vendor, Op: opBlock, Class: core.ClassFailed, Applied: core.AppliedNo, Err: err,
		Message: "the intent of the block could not be logged, and nothing was sent: " + err.Error()}
}

// targetOf names a link in the record of a block.
func targetOf(l *Link) string { return assignmentOf(l).Target.String() }

// foundOf is what read would have found.
func foundOf(userID int64, links []Link) found {
	f := found{byUser: true, links: map[int64]map[int64]*Link{userID: {}}}
	for _, l := range links {
		f.links[userID][l.QueueID] = &l
	}
	return f
}

// halfway is the error of several writes of which some were not made. Where none
// was, it is the cause.
func (s *Store) halfway(ctx context.Context, op, what string, outcomes []core.Outcome) error {
	partial := storekit.OutcomesError(vendor, op, outcomes)
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
	e := &core.Error{Vendor: vendor, Op: op, Class: core.ClassPartial, Applied: core.AppliedYes, Err: partial}
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
		e.Class, e.Err = core.ClassCanceled, errors.Join(ctx.Err(), context.Cause(ctx))
	} else if len(done) == 0 && ok {
		e.Class, e.Err = cause.Class, cause
	}
	e.Message = fmt.Sprintf("%s: %s", what, listed(done))
	if len(open) > 0 {
		e.Message += "; perhaps: " + listed(open)
	}
	if len(not) > 0 {
		e.Message += "; not: " + listed(not)
	}
	if ok {
		e.Message += "; first cause: " + cmp.Or(cause.Words(), string(cause.Class))
	}
	if e.Class == core.ClassPartial || e.Class == core.ClassCanceled {
		e.Hint = "repeating it is safe, and does the rest"
	}
	return e
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, " ")
}

// Unblock enables exactly the links of the records, and without a record every link
// of the user. A link that is not there any more is left out. One that fails
// half-way is an error as that of Block, and can be repeated.
func (s *Store) Unblock(ctx context.Context, userID string, made ...core.Block) error {
	id, err := parseID(opUnblock, "the user", userID)
	if err != nil {
		return err
	}
	mine := map[int64]bool{}
	for _, b := range made {
		if b.UserID != userID || b.Vendor != "" && b.Vendor != vendor {
			return core.Invalid(vendor, opUnblock, "the record is of another user or vendor")
		}
		for _, name := range b.Changed {
			t, err := core.ParseTarget(name)
			if err != nil {
				return core.Invalid(vendor, opUnblock, "the record holds what no block of LibraryH3lp changes")
			}
			queue, err := checkTarget(opUnblock, t)
			if err != nil {
				return core.Invalid(vendor, opUnblock, "the record holds what no block of LibraryH3lp changes")
			}
			mine[queue] = true
		}
	}
	if len(made) > 0 && len(mine) == 0 {
		return nil
	}
	unlock, err := s.lock(ctx, opUnblock, id)
	if err != nil {
		return err
	}
	defer unlock()
	links, err := s.linksOf(ctx, id)
	if err != nil {
		return unread(opUnblock, err)
	}
	links = slices.DeleteFunc(links, func(l Link) bool { return bool(l.Enabled) || len(made) > 0 && !mine[l.QueueID] })
	outcomes := make([]core.Outcome, len(links))
	jobs := make([]*job, len(links))
	for i := range links {
		outcomes[i].Assignment = assignmentOf(&links[i])
		jobs[i] = &job{pair{id, links[i].QueueID}, []*core.Outcome{&outcomes[i]}}
	}
	s.make(ctx, s.enable(opUnblock, true), jobs, foundOf(id, links))
	return s.halfway(ctx, opUnblock, "enabled again", outcomes)
}
