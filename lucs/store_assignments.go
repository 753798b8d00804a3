package lucs

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
)

const opListLinks = "Assignments.List"

const (
	whyAssign  = "at LUCS there is no link between a user and a service: who serves one follows from traits, profiles and organization units"
	whySuspend = "at LUCS no single service can be suspended for a user; a user is blocked as a whole"
	whyKind    = "at LUCS a user is assigned to services only, which are of kind queue, and not to a "
)

// ListAssignments walks the users of a service, in one request, or the services of
// a user, each once, which asks every service for its users and ends with core.ErrIncomplete
// where one cannot be read. A user in no service that the key sees is
// core.ErrNotFound, unless the server has a route that knows better (Routes.User).
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	if q.UserID == "" && q.Target.Kind != "" {
		return s.servedBy(ctx, q.Target)
	}
	return s.serves(ctx, q.UserID)
}

// servedBy walks the users of a service.
func (s *Store) servedBy(ctx context.Context, t core.Target) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		if t.Kind != core.KindQueue {
			yield(core.Assignment{}, core.Unsupported(vendor, opListLinks, whyKind+string(t.Kind)))
			return
		}
		seen := map[string]struct{}{}
		target := t
		target.ID = canonical(t.ID)
		for u, err := range s.c.Users.OfService(ctx, t.ID, ServiceUsers{}) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			if _, again := seen[idKey(u.ID)]; again {
				continue
			}
			seen[idKey(u.ID)] = struct{}{}
			if !yield(core.Assignment{UserID: canonical(u.ID), Target: target}, nil) {
				return
			}
		}
	}
}

// serves walks the services of a user.
func (s *Store) serves(ctx context.Context, userID string) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		if err := checkGUID(opListLinks, "the user", userID); err != nil {
			yield(core.Assignment{}, err)
			return
		}
		seen := map[string]struct{}{} // services
		for m, err := range s.c.members(ctx) {
			if err != nil {
				yield(core.Assignment{}, noServices(err))
				return
			}
			if !sameID(m.user.ID, userID) {
				continue
			}
			if _, again := seen[idKey(m.service.ID)]; again {
				continue
			}
			seen[idKey(m.service.ID)] = struct{}{}
			a := core.Assignment{UserID: canonical(m.user.ID), Target: core.Target{Kind: core.KindQueue, ID: canonical(m.service.ID), Name: m.service.Name.Or("")}}
			if !yield(a, nil) {
				return
			}
		}
		if len(seen) > 0 {
			return
		}
		err := nobody(opListLinks)
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
	return nil, core.Unsupported(vendor, "Assignments.Assign", whyAssign)
}

// Unassign is unsupported.
func (s *Store) Unassign(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, core.Unsupported(vendor, "Assignments.Unassign", whyAssign)
}

// Suspend is unsupported.
func (s *Store) Suspend(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, core.Unsupported(vendor, "Assignments.Suspend", whySuspend)
}

// Resume is unsupported.
func (s *Store) Resume(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, core.Unsupported(vendor, "Assignments.Resume", whySuspend)
}
