package avaya

import (
	"context"
	"iter"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const (
	whySuspend = "Avaya cannot suspend an assignment; to stop the work, unassign it and assign it again later"
	whyProfile = "a user's profile can be replaced, not removed; to leave the user without one, clear profileId in an update"
)

// perCall is the best number of users for one call of Assign: enough for them to share
// polls (50 users each), and few enough for the first outcome to come soon.
const perCall = 100

// levels are the proficiencies of a queue.
var levels = core.LevelRange{Min: 1, Max: 16}

// ListAssignments walks the assignments of a user, of a target, or everybody's. A
// user's come from one read, profile included: what the user takes from its
// profile is in effect and is listed. A group's come from the group's own
// member list; all others are found in one walk over the users.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	switch {
	case q.UserID != "":
		return adapter.Walk(s.border, core.OpListByUser, func(yield func(core.Assignment, error) bool) {
			u, err := s.c.Users.get(ctx, q.UserID)
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			s.yieldLinks(u, yield)
		})
	case q.IsZero():
		return adapter.Walk(s.border, core.OpListAll, func(yield func(core.Assignment, error) bool) {
			for u, err := range s.c.Users.List(ctx, UserListOptions{}) {
				if err != nil {
					yield(core.Assignment{}, err)
					return
				}
				if !s.yieldLinks(&u, yield) {
					return
				}
			}
		})
	}

	if err := s.checkTarget(core.OpListByTarget, q.Target); err != nil {
		return adapter.Failed[core.Assignment](err)
	}
	list := s.listHolders
	if q.Target.Kind == core.KindGroup {
		list = s.listMembers
	}
	return adapter.Walk(s.border, core.OpListByTarget, list(ctx, q.Target))
}

// yieldLinks yields the links of a user, and an error in place of one without an id.
func (s *Store) yieldLinks(u *User, yield func(core.Assignment, error) bool) bool {
	for _, a := range links(u) {
		if a.Target.ID == "" {
			return yield(core.Assignment{}, &core.Error{Class: core.ClassProtocol, Applied: core.AppliedNo,
				Message: "the user has a " + string(a.Target.Kind) + " without an id, so the list is incomplete"}) && false
		}
		if !yield(a, nil) {
			return false
		}
	}
	return true
}

// listHolders walks the users of a target that does not list them itself.
func (s *Store) listHolders(ctx context.Context, target core.Target) iter.Seq2[core.Assignment, error] {
	var opts ListOptions
	if target.Kind == core.KindProfile {
		opts.Filter = Equals("profileId", target.ID)
	}
	return func(yield func(core.Assignment, error) bool) {
		for u, err := range s.c.Users.List(ctx, opts) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			for _, a := range links(&u) {
				if sameTarget(a.Target, target) && !yield(a, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) listMembers(ctx context.Context, target core.Target) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		g, members, err := s.c.Groups.members(ctx, target.ID)
		if err != nil {
			yield(core.Assignment{}, err)
			return
		}
		for _, id := range members {
			a := core.Assignment{UserID: id, Target: core.Target{Kind: target.Kind, ID: g.GroupID, Name: g.Name}}
			if !yield(a, nil) {
				return
			}
		}
	}
}

// Assign implements core.AssignmentStore. All assignments of one user become one
// full replacement; users are written side by side and waited for together. A
// queue without a level gets the server's default. A user takes one profile:
// assigning another moves it, and the outcome says from where.
//
// A user that takes queues, skills or groups from its profile gets its own set
// when one is added or removed, because Avaya has no other way; the outcome says
// so.
//
// Cost per user: a read, one of the profile where there is one, a write and a look;
// and a poll for 50 users.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.changes(core.OpAssign, add).Make(ctx, as...)
}

// Unassign implements core.AssignmentStore. Taking a profile away is
// unsupported, because it would take all that the user has from it: move the
// user to another profile, or clear profileId with UpdateUser.
//
// A user whose own set becomes what its profile gives follows the profile again, and
// the outcome says so; a switch for routing that has become empty does not count.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.changes(core.OpUnassign, remove).Make(ctx, as...)
}

// Suspend is unsupported.
func (s *Store) Suspend(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpSuspend, whySuspend)
}

// Resume is unsupported.
func (s *Store) Resume(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpResume, whySuspend)
}

// addLinks gives a user that is to be created its assignments.
func (s *Store) addLinks(op core.Operation, u *User, as []core.Assignment) error {
	if len(as) == 0 {
		return nil
	}
	links := s.changes(core.OpAssign, add)
	links.Op = op
	of := make([]core.Assignment, len(as))
	for i, a := range as {
		a.UserID = "new"
		of[i] = a
	}

	if err := links.CheckAll(of...); err != nil {
		return err
	}
	for _, a := range of {
		add(u, a)
	}
	return nil
}

// edit changes a user so that an assignment holds, and says what there was to do.
type edit func(u *User, a core.Assignment) adapter.Edit

// maxWriters bounds how many users are written at a time.
const maxWriters = 8

// changes is the engine for one operation. An owner is a user, by its id in lower
// case: two spellings of one id are one user.
func (s *Store) changes(op core.Operation, do edit) adapter.Links[string, *state] {
	spelt := map[string]string{} // as the caller spelled it; filled before anything is read
	users := s.c.Users

	return adapter.Links[string, *state]{
		Border: s.border, Op: op, ReadBack: s.c.readBack(op), Workers: maxWriters, Split: true,
		Check: func(a core.Assignment) (string, error) {
			owner := strings.ToLower(a.UserID)
			if spelt[owner] == "" {
				spelt[owner] = a.UserID
			}
			return owner, s.checkAssignment(op, a)
		},
		Same: func(a core.Assignment) string { return strings.ToLower(a.UserID) + " " + targetKey(a.Target) },
		Lock: func(ctx context.Context, owner string) (func(), error) { return users.lock(ctx, owner) },
		Read: func(ctx context.Context, owner string) (*state, error) { return users.read(ctx, spelt[owner]) },
		Look: func(ctx context.Context, owner string) (*state, error) {
			u, err := users.Get(ctx, spelt[owner])
			return &state{User: u}, err
		},
		Edit: func(user *state, a core.Assignment) (adapter.Edit, error) { return do(user.User, a), nil },
		Write: func(ctx context.Context, _ string, user *state, _ []core.Assignment) (adapter.Answer[*state], error) {
			user.follow = op == core.OpUnassign
			p, err := users.put(ctx, user, nil)
			return adapter.Answer[*state]{Note: user.note(p.withheld)}, err
		},
		Await: func(ctx context.Context, owners []string) []adapter.Awaited { return s.await(ctx, owners, spelt) },
	}
}

// note says what a write changed in what the user takes from its profile.
func (u *state) note(w withheld) string {
	switch {
	case len(w.pinned) > 0:
		return strings.Join(w.pinned, ", ") + " came from the profile and are now the user's own"
	case len(w.returned) > 0:
		return strings.Join(w.returned, ", ") + " equal the profile's, and are taken from it again"
	case u.gone != "":
		return "the user's profile " + u.gone + " no longer exists: what the user took from it is now the user's own"
	case u.follow && u.gives["features"] != nil && u.taken["features"] == nil:
		return "features belong to the user, and do not follow the profile"
	}
	return ""
}

// await waits until the writes of some users are in effect, with one poll for all.
func (s *Store) await(ctx context.Context, owners []string, spelt map[string]string) []adapter.Awaited {
	ids := make([]string, len(owners))
	for i, owner := range owners {
		ids[i] = spelt[owner]
	}
	watches, err := s.c.settleAll(ctx, userSettling, ids, core.SettleConfig{Wait: s.c.settle, After: core.Updated}, nil)

	ends := make([]adapter.Awaited, len(owners))
	for i, w := range watches {
		if !w.decided {
			ends[i].Err = err
			continue
		}
		ends[i] = adapter.Awaited{Failed: w.failedPart}
		if e := w.err(); e != nil {
			ends[i].Note = "of the same write " + e.Message
		}
		if w.result.State == core.Deferred {
			ends[i].Deferred, ends[i].Code = true, string(StatusPending)
			ends[i].Note = "parts of the write wait until the agent logs out"
		}
	}
	return ends
}

// failedPart returns why the part of the change that holds a link failed, or nil.
func (w *watch) failedPart(a core.Assignment) error {
	if w.last == nil || a.Target.Kind != core.KindQueue && a.Target.Kind != core.KindSkill {
		return nil
	}
	for _, p := range w.last.parts {
		if p.name == "matching" && p.Status.failed() {
			return &core.Error{Class: core.ClassFailed, Code: string(p.Status),
				Message: p.name + ": " + p.Message, Applied: core.AppliedUnknown}
		}
	}
	return nil
}

func (s *Store) checkAssignment(op core.Operation, a core.Assignment) error {
	if why := rest.CheckID(a.UserID); why != "" {
		return s.border.Invalid(op, "a user id "+why)
	}
	if err := s.checkTarget(op, a.Target); err != nil {
		return err
	}

	switch {
	case a.Target.Kind == core.KindProfile && op == core.OpUnassign:
		return s.border.Unsupported(op, whyProfile)
	case a.Suspended:
		return s.border.Unsupported(op, whySuspend)
	case a.Level != nil && a.Target.Kind != core.KindQueue:
		return s.border.Unsupported(op, "Avaya has levels for queues only; a "+string(a.Target.Kind)+" has none")
	case a.Level != nil && !levels.Holds(*a.Level):
		return s.border.Invalid(op, a.String()+": a proficiency is 1 to 16 (1 is the best)")
	}
	return nil
}

func (s *Store) checkTarget(op core.Operation, t core.Target) error {
	switch t.Kind {
	case core.KindQueue, core.KindSkill, core.KindGroup, core.KindManagedGroup, core.KindProfile:
	case "":
		return s.border.Invalid(op, "the target has no kind")
	default:
		return s.border.Unsupported(op, "Avaya has no assignments of kind "+string(t.Kind))
	}

	// A skill's id is a name and may hold what an id in a path may not.
	if t.Kind == core.KindSkill {
		if strings.TrimSpace(t.ID) == "" {
			return s.border.Invalid(op, "the skill's name is empty")
		}
		return nil
	}

	if why := rest.CheckID(t.ID); why != "" {
		return s.border.Invalid(op, "the id of the "+string(t.Kind)+" "+why)
	}
	if strings.Contains(t.ID, "@") {
		return s.border.Invalid(op, "the id of the "+string(t.Kind)+" contains an @, which no id does: a level is written so only "+
			"where a queue is assigned, and is a number")
	}
	return nil
}
