package liveperson

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

const (
	opListLinks = "Assignments.List"
	opAssign    = "Assignments.Assign"
	opUnassign  = "Assignments.Unassign"
)

const (
	whySuspend = "LivePerson knows no suspended link; removing and adding it is up to you, and a user is blocked as a whole"
	whyGroup   = "an agent is in exactly one agent group: assign another to move it"
)

// ListAssignments walks the assignments of a user, from one read, or the users
// of a target, by one walk over all users: no endpoint lists them.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		if q.UserID != "" {
			u, err := s.userOf(ctx, q.UserID)
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			if u.short() {
				yield(core.Assignment{}, withheld(opListLinks, u, "assignments"))
				return
			}
			for _, a := range links(u) {
				if !yield(a, nil) {
					return
				}
			}
			return
		}
		if err := checkTarget(opListLinks, q.Target); err != nil {
			yield(core.Assignment{}, err)
			return
		}
		for u, err := range s.c.Users.List(ctx, UserList{}) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			if u.Deleted.Or(false) {
				continue
			}
			if u.short() {
				yield(core.Assignment{}, withheld(opListLinks, &u, "assignments"))
				return
			}
			for _, a := range links(&u) {
				if a.Target.Kind == q.Target.Kind && a.Target.ID == q.Target.ID && !yield(a, nil) {
					return
				}
			}
		}
	}
}

func (s *Store) userOf(ctx context.Context, userID string) (*User, error) {
	id, err := parseID(opListLinks, "the user", userID)
	if err != nil {
		return nil, err
	}
	return s.get(ctx, id)
}

// links returns all assignments of a user.
func links(u *User) []core.Assignment {
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

func checkTarget(op string, t core.Target) error {
	if t.Kind == "" {
		return core.Invalid(vendor, op, "neither a user nor a target is named")
	}
	if _, ok := (core.Capabilities{Kinds: kinds}).Kind(t.Kind); !ok {
		return core.Unsupported(vendor, op, "at LivePerson a user is assigned to skills, one group, managed groups, profiles and lobs, and not to a "+string(t.Kind))
	}
	_, err := parseID(op, "the target", t.ID)
	return err
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
			return nil, core.Invalid(vendor, opAssign, "one user cannot be moved to two agent groups at once")
		}
		moves[a.UserID] = a.Target.ID
	}
	return s.change(ctx, opAssign, as, add)
}

// Unassign implements core.AssignmentStore. The agent group cannot be taken away
// and is refused as unsupported; the last profile cannot either, which is known
// only from the user and fails its outcome.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	for _, a := range as {
		if a.Target.Kind == core.KindGroup {
			return nil, core.Unsupported(vendor, opUnassign, whyGroup)
		}
	}
	return s.change(ctx, opUnassign, as, remove)
}

// Suspend is unsupported.
func (s *Store) Suspend(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, core.Unsupported(vendor, "Assignments.Suspend", whySuspend)
}

// Resume is unsupported.
func (s *Store) Resume(context.Context, ...core.Assignment) ([]core.Outcome, error) {
	return nil, core.Unsupported(vendor, "Assignments.Resume", whySuspend)
}

func checkAssignment(op string, a core.Assignment) (int64, error) {
	id, err := parseID(op, "the user", a.UserID)
	if err != nil {
		return 0, err
	}
	if err := checkTarget(op, a.Target); err != nil {
		return 0, err
	}
	switch {
	case a.Suspended:
		return 0, core.Unsupported(vendor, op, whySuspend)
	case a.Level != nil:
		return 0, core.Unsupported(vendor, op, "at LivePerson no assignment has a level")
	}
	return id, nil
}

// add is the edit of Assign.
func add(u *User, a core.Assignment) (changed bool, note string, err error) {
	id, err := parseID(opAssign, "the target", a.Target.ID)
	if err != nil {
		return false, "", err
	}
	switch a.Target.Kind {
	case core.KindSkill:
		return addID(&u.SkillIDs, id), "", nil
	case core.KindProfile:
		return addID(&u.ProfileIDs, id), "", nil
	case core.KindLOB:
		return addID(&u.LOBIDs, id), "", nil
	case core.KindManagedGroup:
		if slices.Contains(groupIDs(u.ManagerOf), id) {
			return false, "", nil
		}
		u.ManagerOf = append(slices.Clip(u.ManagerOf), Membership{AgentGroupID: core.Set(id)})
	case core.KindGroup:
		if u.MemberOf == nil {
			u.MemberOf = &Membership{AgentGroupID: core.Set(id)}
			return true, "", nil
		}
		from, ok := u.MemberOf.AgentGroupID.Get()
		switch {
		case ok && from == id:
			return false, "", nil
		case ok:
			note = fmt.Sprintf("moved from group %d", from)
		}
		m := *u.MemberOf
		m.AgentGroupID = core.Set(id)
		u.MemberOf = &m
	}
	return true, note, nil
}

// remove is the edit of Unassign.
func remove(u *User, a core.Assignment) (changed bool, note string, err error) {
	id, err := parseID(opUnassign, "the target", a.Target.ID)
	if err != nil {
		return false, "", err
	}
	switch a.Target.Kind {
	case core.KindSkill:
		return removeID(&u.SkillIDs, id), "", nil
	case core.KindLOB:
		return removeID(&u.LOBIDs, id), "", nil
	case core.KindProfile:
		if slices.Equal(u.ProfileIDs, []int64{id}) {
			return false, "", core.Invalid(vendor, opUnassign, "a user needs a profile, and this is its last: assign another first")
		}
		return removeID(&u.ProfileIDs, id), "", nil
	case core.KindManagedGroup:
		left := slices.DeleteFunc(slices.Clone(u.ManagerOf), func(m Membership) bool { return m.AgentGroupID == core.Set(id) })
		changed = len(left) != len(u.ManagerOf)
		u.ManagerOf = left
	}
	return changed, "", nil
}

func addID(ids *IDs, id int64) bool {
	if slices.Contains(*ids, id) {
		return false
	}
	*ids = append(slices.Clip(*ids), id)
	return true
}

func removeID(ids *IDs, id int64) bool {
	left := slices.DeleteFunc(slices.Clone(*ids), func(x int64) bool { return x == id })
	if len(left) == len(*ids) {
		return false
	}
	*ids = left
	return true
}
