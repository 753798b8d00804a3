package libh3lp

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

const (
	whyAssignSuspended = "LibraryH3lp creates every link enabled: assign it, then suspend it"
	whyKind            = "LibraryH3lp assigns users to queues only, not to a "
	whyLevel           = "LibraryH3lp's assignments have no level"
)

// ListAssignments walks the queues of a user or the users of a queue, in one request and,
// where there are none, a second that looks for the owner; or everybody's assignments, in
// one request per queue and one for the queues.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	op, of := core.OpListByTarget, side{queue: true}
	var err error
	switch {
	case q.IsZero():
		return s.everybodys(ctx)
	case q.UserID != "":
		op, of = core.OpListByUser, side{}
		of.id, err = s.parseID(op, "the user", q.UserID)
	default:
		of.id, err = s.checkTarget(op, q.Target)
	}

	if err != nil {
		return adapter.Failed[core.Assignment](err)
	}

	return adapter.Walk(s.border, op, func(yield func(core.Assignment, error) bool) {
		n := 0
		for l, err := range s.c.linksOf(ctx, of) {
			if err != nil {
				yield(core.Assignment{}, s.c.explained(ctx, of, err))
				return
			}
			if n++; !yield(assignmentOf(&l), nil) {
				return
			}
		}
		if n == 0 {
			// No links, or no such id: the vendor may answer both in the same way.
			if err := s.c.sideExists(ctx, of); err != nil {
				yield(core.Assignment{}, err)
			}
		}
	})
}

// everybodys walks the operators of all queues: there are fewer queues than users.
func (s *Store) everybodys(ctx context.Context) iter.Seq2[core.Assignment, error] {
	const op = core.OpListAll
	return adapter.Walk(s.border, op, func(yield func(core.Assignment, error) bool) {
		listed := false
		fail := func(err error) { yield(core.Assignment{}, storekit.Incomplete(vendor, string(op), err, listed)) }
		for queue, err := range s.c.Queues.List(ctx) {
			if err != nil {
				fail(err)
				return
			}
			for l, err := range s.c.Operators.List(ctx, queue.ID) {
				if err != nil {
					listed = listed || errors.Is(err, core.ErrNotFound) // about a queue of the list, which the caller did not ask for
					fail(err)
					return
				}
				if listed = true; !yield(assignmentOf(&l), nil) {
					return
				}
			}
		}
	})
}

func assignmentOf(l *Link) core.Assignment {
	return core.Assignment{UserID: itoa(l.UserID), Target: core.Target{Kind: core.KindQueue, ID: itoa(l.QueueID), Name: l.Queue},
		Suspended: !bool(l.Enabled)}
}

// Assign implements core.AssignmentStore: one write per link. A link that is
// suspended is there already, and stays suspended; a new one is enabled.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	for _, a := range as {
		if a.Suspended {
			return nil, s.border.Unsupported(core.OpAssign, whyAssignSuspended)
		}
	}
	return s.change(ctx, s.assigning(core.OpAssign), as)
}

// Unassign implements core.AssignmentStore: one write per link. Where there is no link
// because there is no such user or queue the outcome is failed, not found.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, s.unassigning(), as)
}

// Suspend implements core.AssignmentStore: one write per link. Where there is no
// link the outcome is failed, not found. The user can opt in again.
func (s *Store) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, s.switching(core.OpSuspend, false), as)
}

// Resume implements core.AssignmentStore: one write per link. Where there is no link
// the outcome is failed, not found.
func (s *Store) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, s.switching(core.OpResume, true), as)
}

// change makes an edit of some links. Other calls of this client cannot change the
// links of these users meanwhile, so a block records exactly what it found.
func (s *Store) change(ctx context.Context, e edit, as []core.Assignment) ([]core.Outcome, error) {
	pairs, err := s.pairsOf(e.op, as)
	if err != nil {
		return nil, err
	}
	unlock, err := s.lockUsers(ctx, e.op, pairs)
	if err != nil {
		return s.allFailed(e.op, as, err)
	}
	defer unlock()

	found := &sides{}
	outcomes, err := s.links(e, fewerReads(pairs), found).Make(ctx, as...)
	if e.both {
		return outcomes, s.unknownSides(ctx, e, pairs, outcomes, found, err)
	}
	return outcomes, err
}

// allFailed ends a call that sent nothing.
func (s *Store) allFailed(op core.Operation, as []core.Assignment, err error) ([]core.Outcome, error) {
	outcomes := make([]core.Outcome, len(as))
	for i, a := range as {
		outcomes[i].Assignment = a
		outcomes[i].Fail(err)
	}
	return outcomes, s.border.Error(op, storekit.OutcomesError(vendor, string(op), outcomes))
}

// checkNewLinks refuses links that a new user cannot have.
func (s *Store) checkNewLinks(links []core.Assignment) error {
	const op = core.OpCreateUser
	for _, a := range links {
		if a.Suspended {
			return s.border.Unsupported(op, whyAssignSuspended)
		}
		a.UserID = "1"
		if _, err := s.pairOf(op, a); err != nil {
			return err
		}
	}
	return nil
}

// linkNew makes the links of a user who was just created, and so has none.
func (s *Store) linkNew(ctx context.Context, userID int64, links []core.Assignment) error {
	as := make([]core.Assignment, len(links))
	for i, a := range links {
		a.UserID = itoa(userID)
		as[i] = a
	}

	unlock, err := s.lockUsers(ctx, core.OpCreateUser, []pair{{user: userID}})
	if err != nil {
		return err
	}
	defer unlock()

	engine := s.links(s.assigning(core.OpCreateUser), false, &sides{})
	_, err = firstRead(engine, linked{}).Make(ctx, as...)
	return err
}

func (s *Store) pairsOf(op core.Operation, as []core.Assignment) ([]pair, error) {
	pairs := make([]pair, len(as))
	for i, a := range as {
		p, err := s.pairOf(op, a)
		if err != nil {
			return nil, err
		}
		pairs[i] = p
	}
	return pairs, nil
}

// pairOf checks an assignment, and returns the key of its link.
func (s *Store) pairOf(op core.Operation, a core.Assignment) (p pair, err error) {
	if p.user, err = s.parseID(op, "the user", a.UserID); err != nil {
		return p, err
	}
	if p.queue, err = s.checkTarget(op, a.Target); err != nil {
		return p, err
	}
	if a.Level != nil {
		return p, s.border.Unsupported(op, whyLevel)
	}
	return p, nil
}

func (s *Store) checkTarget(op core.Operation, t core.Target) (int64, error) {
	if t.Kind == "" {
		return 0, s.border.Invalid(op, "neither a user nor a target is named")
	}
	if t.Kind != core.KindQueue {
		return 0, s.border.Unsupported(op, whyKind+string(t.Kind))
	}
	return s.parseID(op, "the queue", t.ID)
}

// readLinks reads the links of a user or of a queue, for a write to depend on.
func (s *Store) readLinks(ctx context.Context, of side) (linked, error) {
	all, err := s.c.allLinks(ctx, of)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, storekit.Incomplete(vendor, "", err, true) // cut off, each time
	case err != nil:
		return nil, s.c.explained(ctx, of, err)
	}

	out := linked{}
	for i := range all {
		out[all[i].pair()] = &all[i]
	}
	return out, nil
}
