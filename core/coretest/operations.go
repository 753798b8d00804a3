package coretest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// reading is an operation that changes nothing. A list may be incomplete, and a 404 to
// a collection is not about a user.
type reading struct {
	op               core.Operation
	list, collection bool
	run              func(context.Context, *suite) (any, error)
}

func reads() []reading {
	links := func(query func(*suite) core.AssignmentQuery) func(context.Context, *suite) (any, error) {
		return func(ctx context.Context, s *suite) (any, error) {
			return core.Collect(s.Store.ListAssignments(ctx, query(s)))
		}
	}
	return []reading{
		{op: core.OpListUsers, list: true, collection: true, run: func(ctx context.Context, s *suite) (any, error) {
			return core.Collect(s.Store.ListUsers(ctx, core.UserQuery{}))
		}},
		{op: core.OpGetUser, run: func(ctx context.Context, s *suite) (any, error) { return s.Store.GetUser(ctx, s.UserID) }},
		{op: core.OpListTargets, list: true, collection: true, run: func(ctx context.Context, s *suite) (any, error) {
			return core.Collect(s.Store.ListTargets(ctx, core.TargetQuery{}))
		}},
		{op: core.OpListAll, list: true, collection: true,
			run: links(func(*suite) core.AssignmentQuery { return core.AssignmentQuery{} })},
		{op: core.OpListByUser, list: true,
			run: links(func(s *suite) core.AssignmentQuery { return core.AssignmentQuery{UserID: s.UserID} })},
		{op: core.OpListByTarget, list: true,
			run: links(func(s *suite) core.AssignmentQuery { return core.AssignmentQuery{Target: s.anyTarget()} })},
		{op: core.OpPresence, run: func(ctx context.Context, s *suite) (any, error) { return s.Store.Presence(ctx, s.UserID) }},
	}
}

// writing is an operation that changes something.
type writing struct {
	op      core.Operation
	needs   []core.Operation // to prepare it, and to see what came of it
	prepare func(*suite)
	run     func(context.Context, *suite) error
	after   core.Change
	done    func(*suite) bool
}

func writes() []writing {
	return slices.Concat(userWrites(), linkWrites(), presenceWrites())
}

func userWrites() []writing {
	return []writing{
		{op: core.OpCreateUser, needs: []core.Operation{core.OpListUsers}, after: core.Created,
			run: func(ctx context.Context, s *suite) error {
				u, err := s.Store.CreateUser(ctx, s.Spec(1))
				s.changed = u.ID
				return err
			},
			done: func(s *suite) bool {
				all, err := core.Collect(s.Store.ListUsers(s.Context(), core.UserQuery{Login: s.Spec(1).Login}))
				s.ok(err, "looking for the new user")
				if len(all) > 1 {
					s.Errorf("one create made %d users", len(all))
				}
				return len(all) > 0
			}},

		{op: core.OpUpdateUser, needs: []core.Operation{core.OpGetUser}, after: core.Updated,
			run: func(ctx context.Context, s *suite) error {
				name, to := s.anyChange()
				_, err := s.Store.UpdateUser(ctx, s.UserID, changeOf(name, to))
				s.changed = s.UserID
				return err
			},
			done: func(s *suite) bool {
				name, to := s.anyChange()
				return asJSON(valueOf(s.get(s.UserID), name)) == asJSON(inOneOrder(to))
			}},

		{op: core.OpDeleteUser, needs: []core.Operation{core.OpGetUser}, after: core.Deleted,
			run: func(ctx context.Context, s *suite) error {
				s.changed = s.UserID
				return s.Store.DeleteUser(ctx, s.UserID)
			},
			done: func(s *suite) bool { return !s.exists(s.UserID) }},
	}
}

func linkWrites() []writing {
	type assigning = func(core.Store, context.Context, ...core.Assignment) ([]core.Outcome, error)
	change := func(do assigning) func(context.Context, *suite) error {
		return func(ctx context.Context, s *suite) error { _, err := do(s.Store, ctx, s.anyLink()); return err }
	}
	prepared := func(dos ...assigning) func(*suite) {
		return func(s *suite) {
			for _, do := range dos {
				_, err := do(s.Store, s.Context(), s.anyLink())
				s.ok(err, "preparing")
			}
		}
	}

	there := func(s *suite) bool { a := s.anyLink(); return s.link(a.UserID, a.Target) != nil }
	suspended := func(s *suite) bool {
		a := s.anyLink()
		l := s.link(a.UserID, a.Target)
		return l != nil && l.Suspended
	}
	not := func(f func(*suite) bool) func(*suite) bool { return func(s *suite) bool { return !f(s) } }
	return []writing{
		{op: core.OpAssign, run: change(core.Store.Assign), done: there},
		{op: core.OpUnassign, prepare: prepared(core.Store.Assign), run: change(core.Store.Unassign), done: not(there)},
		{op: core.OpSuspend, prepare: prepared(core.Store.Assign), run: change(core.Store.Suspend), done: suspended},
		{op: core.OpResume, prepare: prepared(core.Store.Assign, core.Store.Suspend), run: change(core.Store.Resume), done: not(suspended)},
	}
}

func presenceWrites() []writing {
	blocked := func(s *suite) bool { return said(s.presence(s.UserID).Blocked) }
	unblocked := func(s *suite) bool { return !blocked(s) }

	return []writing{
		{op: core.OpSetPresence, needs: []core.Operation{core.OpPresence},
			prepare: func(s *suite) {
				s.ok(s.Store.SetPresence(s.Context(), s.UserID, s.Availabilities[0]), "preparing")
			},
			run: func(ctx context.Context, s *suite) error {
				return s.Store.SetPresence(ctx, s.UserID, s.Availabilities[1])
			},
			done: func(s *suite) bool { return s.presence(s.UserID).Availability == s.Availabilities[1] }},

		{op: core.OpBlock, needs: []core.Operation{core.OpPresence},
			prepare: func(s *suite) {
				if s.offers(core.OpAssign) {
					_, err := s.Store.Assign(s.Context(), s.anyLink()) // something that a block may suspend
					s.ok(err, "preparing")
				}
				s.before = s.linksOf(s.UserID)
			},
			run: func(ctx context.Context, s *suite) error {
				made, err := s.Store.Block(ctx, s.UserID)
				s.made = made
				return err
			},
			done: blocked},

		{op: core.OpUnblock, needs: []core.Operation{core.OpPresence, core.OpBlock},
			prepare: func(s *suite) { s.made = s.block(s.UserID) },
			run:     func(ctx context.Context, s *suite) error { return s.Store.Unblock(ctx, s.UserID, s.made) },
			done:    unblocked},

		{op: core.OpLiftBlocks, needs: []core.Operation{core.OpPresence, core.OpBlock},
			prepare: func(s *suite) { s.block(s.UserID) },
			run:     func(ctx context.Context, s *suite) error { return s.Store.LiftBlocks(ctx, s.UserID) },
			done:    unblocked},
	}
}

// said reports whether a value that may be missing is there and true.
func said(b *bool) bool { return b != nil && *b }

func asJSON(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// remembered is longer than a client remembers that its credential was refused.
const remembered = 2 * time.Minute

// anyLink is the assignment that single changes are tried with.
func (s *suite) anyLink() core.Assignment {
	return core.Assignment{UserID: s.UserID, Target: s.anyTarget()}
}

// exists reports whether a user can be read.
func (s *suite) exists(id string) bool {
	s.Helper()
	_, err := s.Store.GetUser(s.Context(), id)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		s.Errorf("looking whether user %s is there: %v", id, err)
	}
	return err == nil
}

// can reports whether a writing can be tried at this store.
func (s *suite) can(w writing) bool {
	if !s.offers(w.op) || slices.ContainsFunc(w.needs, func(op core.Operation) bool { return !s.offers(op) }) {
		return false
	}

	switch w.op {
	case core.OpUpdateUser:
		return len(s.changeable()) > 0
	case core.OpAssign, core.OpUnassign, core.OpSuspend, core.OpResume:
		k, _ := s.caps.Kind(s.anyTarget().Kind)
		return s.canRead() && !(k.Single && w.op == core.OpUnassign)
	case core.OpSetPresence:
		return len(s.Availabilities) > 1
	}
	return true
}

// begun returns another account in which the writing is prepared.
func (s *suite) begun(w writing) *suite {
	s.Helper()
	n := s.another()
	if w.prepare != nil {
		w.prepare(n)
	}
	return n
}

// finished waits until what a writing did is in effect, and until the client has
// forgotten refusals. It does not judge the error of a change that failed.
func (s *suite) finished(w writing) {
	if s.virtual {
		time.Sleep(remembered)
	}
	if w.after == core.AnyChange || s.changed == "" {
		return
	}

	if s.Fixture.Settle != nil {
		s.Fixture.Settle(s.Context(), s.changed, w.after)
	} else if settler, ok := s.Store.(core.Settler); ok {
		settler.Settle(s.Context(), s.changed)
	}
}
