package lucs

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

const (
	whyAssign  = "LUCS has no link between a user and a service: traits, profiles and organization units decide who serves which"
	whySuspend = "LUCS cannot suspend a single service for a user; block the user instead"
	whyKind    = "LUCS assigns users to services only, which are of kind queue, not to a "
)

// ListAssignments walks the users of a service, in one request, or the services of
// a user, each once, or with a zero query everybody's: both ask every service for its
// users, once, and end with core.ErrIncomplete where one cannot be read. A user in no
// service that the key sees is core.ErrNotFound, unless the server has a route that
// knows better (Routes.User).
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	switch {
	case q.IsZero():
		return adapter.Walk(s.border, core.OpListAll, s.links(ctx, false, func(*User) bool { return true }))
	case q.UserID != "":
		return adapter.Walk(s.border, core.OpListByUser, s.serves(ctx, q.UserID))
	case q.Target.Kind != core.KindQueue:
		return adapter.Failed[core.Assignment](s.border.Unsupported(core.OpListByTarget, whyKind+string(q.Target.Kind)))
	}
	return adapter.Walk(s.border, core.OpListByTarget, s.servedBy(ctx, q.Target))
}

// servedBy walks the users of a service.
func (s *Store) servedBy(ctx context.Context, t core.Target) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		target := t
		target.ID = canonical(t.ID)
		for u, err := range s.c.Services.ListUsers(ctx, t.ID, ServiceUserListOptions{}) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			if !yield(core.Assignment{UserID: canonical(u.ID), Target: target}, nil) {
				return
			}
		}
	}
}

// links walks the services of all users that keep accepts, who may be one looked for.
func (s *Store) links(ctx context.Context, looking bool, keep func(*User) bool) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		for m, err := range s.c.members(ctx, looking) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			if keep(&m.user) && !yield(core.Assignment{UserID: canonical(m.user.ID), Target: targetOf(&m.service)}, nil) {
				return
			}
		}
	}
}

// serves walks the services of a user.
func (s *Store) serves(ctx context.Context, userID string) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		if err := checkGUID(string(core.OpListByUser), "the user", userID); err != nil {
			yield(core.Assignment{}, err)
			return
		}
		found := false
		for a, err := range s.links(ctx, true, func(u *User) bool { return sameID(u.ID, userID) }) {
			found = true
			if !yield(a, err) || err != nil {
				return
			}
		}
		if found {
			return
		}

		err := noSuchUser(string(core.OpListByUser))
		if s.c.has(opGetUser) {
			_, err = s.c.Users.Get(ctx, userID)
		}
		if err != nil {
			yield(core.Assignment{}, err)
		}
	}
}

// Assign is unsupported.
func (s *Store) Assign(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpAssign, whyAssign)
}

// Unassign is unsupported.
func (s *Store) Unassign(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpUnassign, whyAssign)
}

// Suspend is unsupported.
func (s *Store) Suspend(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpSuspend, whySuspend)
}

// Resume is unsupported.
func (s *Store) Resume(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpResume, whySuspend)
}
