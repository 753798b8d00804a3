package liveperson

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

const (
	whySuspend = "LivePerson cannot suspend an assignment; to stop the work, unassign it and assign it again later, or block the user"
	whyGroup   = "an agent is in exactly one agent group: assign another to move it"
	whyKind    = "LivePerson assigns users to skills, one group, managed groups, profiles and lobs, not to a "
)

const (
	// perBatch is how many users one request creates, replaces or removes. The vendor documents no
	// limit. Ours keeps a body well below the size that gateways refuse (a user is 1 to 2 kB), and
	// the time to read a batch so short that another writer is unlikely to change a user in it.
	perBatch = 50
	// readers is how many users are read at a time.
	readers = 8
	// batchTries is how often a batch starts over on a stale revision before its users
	// are written one by one: the more users, the longer it takes to read them and the
	// likelier that another writer is faster.
	batchTries = 4
)

// ListAssignments walks the assignments of a user, from one read, or those of a target
// or of everybody, by one walk over all users: no endpoint lists them.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	switch {
	case q.UserID != "":
		return adapter.Walk(s.border, core.OpListByUser, func(yield func(core.Assignment, error) bool) {
			u, err := s.read(ctx, core.OpListByUser, q.UserID)
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			s.yieldLinks(u, core.Target{}, yield)
		})
	case q.IsZero():
		return s.everybodys(ctx, core.OpListAll, core.Target{})
	}

	if err := s.checkTarget(core.OpListByTarget, q.Target); err != nil {
		return adapter.Failed[core.Assignment](err)
	}
	return s.everybodys(ctx, core.OpListByTarget, q.Target)
}

// everybodys walks the assignments of all users, to one target if there is one.
func (s *Store) everybodys(ctx context.Context, op core.Operation, to core.Target) iter.Seq2[core.Assignment, error] {
	return adapter.Walk(s.border, op, func(yield func(core.Assignment, error) bool) {
		for u, err := range s.living(ctx) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			if !s.yieldLinks(u, to, yield) {
				return
			}
		}
	})
}

// yieldLinks hands out the assignments of one user, and reports whether to go on.
func (s *Store) yieldLinks(u *User, to core.Target, yield func(core.Assignment, error) bool) bool {
	if !u.isComplete() {
		yield(core.Assignment{}, s.withheld(u, "assignments"))
		return false
	}
	for _, a := range linksOf(u) {
		if to.Kind != "" && (a.Target.Kind != to.Kind || a.Target.ID != to.ID) {
			continue
		}
		if !yield(a, nil) {
			return false
		}
	}
	return true
}

// linksOf returns all assignments of a user.
func linksOf(u *User) []core.Assignment {
	var out []core.Assignment
	add := func(kind core.Kind, ids ...int64) {
		for _, id := range ids {
			if id != NullID {
				out = append(out, core.Assignment{UserID: itoa(u.ID), Target: core.Target{Kind: kind, ID: itoa(id)}})
			}
		}
	}
	add(core.KindSkill, u.SkillIDs...)
	add(core.KindGroup, groupOf(u)...)
	add(core.KindManagedGroup, groupIDs(u.ManagerOf)...)
	add(core.KindProfile, u.ProfileIDs...)
	add(core.KindLOB, u.LOBIDs...)
	return out
}

// Assign implements core.AssignmentStore. All changes of one user go into one
// replacement, and several users into one request. An agent is in one group:
// assigning another moves it, and the outcome says from where.
//
// A profile that ends a role, or adds one, is the vendor's to take or refuse; what
// it takes from the user with the role is named in the outcome.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	moves := map[string]string{}
	for _, a := range as {
		if a.Target.Kind != core.KindGroup {
			continue
		}
		if to, ok := moves[a.UserID]; ok && to != a.Target.ID {
			return nil, s.border.Invalid(core.OpAssign, "one user cannot be moved to two agent groups at once")
		}
		moves[a.UserID] = a.Target.ID
	}
	return s.links(core.OpAssign, add).Make(ctx, as...)
}

// Unassign implements core.AssignmentStore. The agent group cannot be taken away
// and is refused as unsupported; the last profile cannot either, which is known
// only from the user and fails its outcome.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	for _, a := range as {
		if a.Target.Kind == core.KindGroup {
			return nil, s.border.Unsupported(core.OpUnassign, whyGroup)
		}
	}
	return s.links(core.OpUnassign, remove).Make(ctx, as...)
}

// Suspend is unsupported.
func (s *Store) Suspend(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpSuspend, whySuspend)
}

// Resume is unsupported.
func (s *Store) Resume(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, s.border.Unsupported(core.OpResume, whySuspend)
}

// draft is a user as it was read, and as it is to be written.
type draft struct{ was, user *User }

// links is the engine for one edit of users' assignments.
func (s *Store) links(op core.Operation, edit func(u *User, a core.Assignment) (adapter.Edit, error)) adapter.Links[int64, *draft] {
	return adapter.Links[int64, *draft]{
		Border: s.border, Op: op, ReadBack: s.c.readBack(string(op)),
		Workers: readers, Tries: s.c.tries, Batch: perBatch, BatchTries: min(batchTries, s.c.tries),

		Check:     func(a core.Assignment) (int64, error) { return s.checkAssignment(op, a) },
		Lock:      func(ctx context.Context, _ int64) (func(), error) { return s.c.turn(ctx, string(op)) },
		LockBatch: func(ctx context.Context) (func(), error) { return s.c.turn(ctx, string(op)) },
		Read: func(ctx context.Context, id int64) (*draft, error) {
			u, err := s.c.Users.current(ctx, string(op), id)
			if err != nil {
				return nil, err
			}
			return &draft{was: u.clone(), user: u}, nil
		},
		Look: func(ctx context.Context, id int64) (*draft, error) {
			u, _, err := s.c.Users.look(ctx, string(op), id)
			if err != nil {
				return nil, err
			}
			return &draft{was: u.clone(), user: u}, nil
		},
		Edit:  func(d *draft, a core.Assignment) (adapter.Edit, error) { return edit(d.user, a) },
		Write: s.replace, WriteMany: s.replaceMany,
		Certain: func(before, now *draft) bool {
			return unmoved(before.was.Revision, now.was.Revision) && !s.c.own.isAhead(now.was.Revision)
		},
	}
}

// replace writes one user with the edits of some assignments.
func (s *Store) replace(ctx context.Context, _ int64, d *draft, as []core.Assignment) (adapter.Answer[*draft], error) {
	if err := s.c.fillBlank(opReplaceUser, d.user); err != nil {
		return adapter.Answer[*draft]{}, err
	}
	got, _, err := s.c.Users.put(ctx, d.user)
	if err != nil {
		s.c.names.forget(d.user.ID)
		return adapter.Answer[*draft]{}, err
	}
	return s.answer(d, got, as), nil
}

// answer is what the answer to a replacement shows: nothing, unless it is the whole
// user.
func (s *Store) answer(d *draft, got *User, as []core.Assignment) adapter.Answer[*draft] {
	if got == nil {
		s.c.own.wrote(d.was, d.user)
		s.c.names.forget(d.user.ID)
		return adapter.Answer[*draft]{}
	}

	s.c.own.wrote(d.was, got)
	s.c.own.answered(got)
	s.c.names.note(d.user, got, got.Revision)
	a := adapter.Answer[*draft]{State: &draft{was: got.clone(), user: got}, Shown: true}
	// Only a change of profiles ends a role and removes what belongs to it.
	if slices.ContainsFunc(as, func(a core.Assignment) bool { return a.Target.Kind == core.KindProfile }) {
		if lost := unmet(d.was, d.user, got, true); len(lost) > 0 && allOfRoles(lost) {
			a.Note = "the vendor dropped " + strings.Join(lost, ", ") + " of the user"
		}
	}
	return a
}

// replaceMany writes several users in one request. Users that the answer does not
// decide are written alone afterwards: a refusal does not name its user, and a whole
// batch may be refused because of one.
func (s *Store) replaceMany(ctx context.Context, edited []adapter.Edited[int64, *draft]) ([]adapter.Answer[*draft], []error) {
	answers, errs := make([]adapter.Answer[*draft], len(edited)), make([]error, len(edited))
	sent := make([]User, 0, len(edited))
	at := make([]int, 0, len(edited)) // the indexes of those sent
	for i, e := range edited {
		if errs[i] = s.c.fillBlank(opReplaceUsers, e.State.user); errs[i] == nil {
			sent, at = append(sent, *e.State.user), append(at, i)
		}
	}

	all := func(err error) ([]adapter.Answer[*draft], []error) {
		for _, i := range at {
			errs[i] = err
		}
		return answers, errs
	}

	under, guarded := oldest(sent)
	if len(sent) < 2 || !guarded {
		return all(adapter.ErrAlone)
	}
	made, _, err := s.c.Users.write(ctx, opReplaceUsers, sent, under, false)
	if err != nil {
		for i := range sent {
			s.c.own.refused(sent[i].ID)
		}
	}

	switch {
	case err == nil:
	case errors.Is(err, core.ErrRevision), !oneTellsMore(err):
		return all(err)
	default:
		return all(errors.Join(adapter.ErrAlone, err))
	}

	// If the answer lacks a user it proves nothing about any: each one is read back.
	isComplete := len(made) == len(sent) && !slices.ContainsFunc(at, func(i int) bool { return answered(made, edited[i].Owner) == nil })
	for _, i := range at {
		d := edited[i].State
		got := answered(made, edited[i].Owner)
		switch {
		case got == nil:
			s.c.names.forget(d.user.ID)
			errs[i] = errors.Join(adapter.ErrAlone, evidence.NotShown(vendor, "", "it did not answer for the user", false))
		case !got.isComplete(), !isComplete:
			answers[i] = s.answer(d, nil, edited[i].Links)
		default:
			answers[i] = s.answer(d, got, edited[i].Links)
		}
	}
	return answers, errs
}

// oneTellsMore reports whether the same change for one user alone may succeed, or give
// a clearer error.
func oneTellsMore(err error) bool {
	switch core.ClassOf(err) {
	case core.ClassInvalid, core.ClassNotFound, core.ClassConflict, core.ClassPermission, core.ClassFailed:
		return true
	}
	return false
}

func hasKind(kind core.Kind) bool {
	_, ok := core.Capabilities{Kinds: kinds}.Kind(kind)
	return ok
}

func (s *Store) checkTarget(op core.Operation, t core.Target) error {
	if t.Kind == "" {
		return s.border.Invalid(op, "the kind of the target is missing")
	}
	if !hasKind(t.Kind) {
		return s.border.Unsupported(op, whyKind+string(t.Kind))
	}
	_, err := s.parseID(op, "the target", t.ID)
	return err
}

func (s *Store) checkAssignment(op core.Operation, a core.Assignment) (int64, error) {
	id, err := s.parseID(op, "the user", a.UserID)
	if err != nil {
		return 0, err
	}
	return id, s.checkLink(op, a)
}

func (s *Store) checkLink(op core.Operation, a core.Assignment) error {
	switch {
	case a.Suspended:
		return s.border.Unsupported(op, whySuspend)
	case a.Level != nil:
		return s.border.Unsupported(op, "LivePerson's assignments have no level")
	}
	return s.checkTarget(op, a.Target)
}

// link adds the links of a spec to a new user, with the rules of Assign.
func (s *Store) link(op core.Operation, u *User, links []core.Assignment) error {
	group := ""
	for _, a := range links {
		if err := s.checkLink(op, a); err != nil {
			return err
		}
		if a.Target.Kind == core.KindGroup {
			if group != "" && group != a.Target.ID {
				return s.border.Invalid(op, "one user cannot be in two agent groups at once")
			}
			group = a.Target.ID
		}
		if _, err := add(u, a); err != nil {
			return err
		}
	}
	return nil
}

// add is the edit of Assign.
func add(u *User, a core.Assignment) (adapter.Edit, error) {
	id, _ := parseID(a.Target.ID)
	switch a.Target.Kind {
	case core.KindSkill:
		return addID(&u.SkillIDs, id, a), nil
	case core.KindProfile:
		return addID(&u.ProfileIDs, id, a), nil
	case core.KindLOB:
		return addID(&u.LOBIDs, id, a), nil
	case core.KindManagedGroup:
		if slices.Contains(groupIDs(u.ManagerOf), id) {
			return adapter.Edit{Before: &a}, nil
		}
		u.ManagerOf = append(slices.Clip(u.ManagerOf), Membership{AgentGroupID: core.Set(id)})
		return adapter.Edit{Changed: true}, nil
	}
	return moveTo(u, id, a), nil
}

// moveTo puts a user into an agent group. A user has only one.
func moveTo(u *User, id int64, a core.Assignment) adapter.Edit {
	if u.MemberOf == nil {
		u.MemberOf = &Membership{AgentGroupID: core.Set(id)}
		return adapter.Edit{Changed: true}
	}
	from, ok := u.MemberOf.AgentGroupID.Get()
	if ok && from == id {
		return adapter.Edit{Before: &a}
	}

	e := adapter.Edit{Changed: true}
	if ok {
		e.Before = &core.Assignment{UserID: a.UserID, Target: core.Target{Kind: core.KindGroup, ID: itoa(from)}}
		e.Note = fmt.Sprintf("moved from group %d", from)
	}

	m := *u.MemberOf
	m.AgentGroupID = core.Set(id)
	u.MemberOf = &m
	return e
}

// remove is the edit of Unassign.
func remove(u *User, a core.Assignment) (adapter.Edit, error) {
	id, _ := parseID(a.Target.ID)
	switch a.Target.Kind {
	case core.KindSkill:
		return removeID(&u.SkillIDs, id, a), nil
	case core.KindLOB:
		return removeID(&u.LOBIDs, id, a), nil
	case core.KindProfile:
		if slices.Equal(u.ProfileIDs, []int64{id}) {
			return adapter.Edit{}, core.Invalid(vendor, "", "a user needs a profile, and this is its last: assign another first")
		}
		return removeID(&u.ProfileIDs, id, a), nil
	}

	left := slices.DeleteFunc(slices.Clone(u.ManagerOf), func(m Membership) bool { return m.AgentGroupID == core.Set(id) })
	if len(left) == len(u.ManagerOf) {
		return adapter.Edit{}, nil
	}
	u.ManagerOf = left
	return adapter.Edit{Changed: true, Before: &a}, nil
}

func addID(ids *IDs, id int64, a core.Assignment) adapter.Edit {
	if slices.Contains(*ids, id) {
		return adapter.Edit{Before: &a}
	}
	*ids = append(slices.Clip(*ids), id)
	return adapter.Edit{Changed: true}
}

func removeID(ids *IDs, id int64, a core.Assignment) adapter.Edit {
	left := slices.DeleteFunc(slices.Clone(*ids), func(x int64) bool { return x == id })
	if len(left) == len(*ids) {
		return adapter.Edit{}
	}
	*ids = left
	return adapter.Edit{Changed: true, Before: &a}
}
