package avaya

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// links returns all assignments of a user.
func links(u *User) []core.Assignment {
	var out []core.Assignment
	if u.Features != nil && u.Features.Matching != nil {
		for _, q := range u.Features.Matching.Queues {
			out = append(out, queueLink(u, q))
		}
		for _, name := range u.Features.Matching.Attributes {
			out = append(out, linkTo(u, core.KindSkill, name))
		}
	}

	for _, id := range u.MemberOfGroups {
		out = append(out, linkTo(u, core.KindGroup, id))
	}
	for _, id := range u.OwnedGroups {
		out = append(out, linkTo(u, core.KindManagedGroup, id))
	}

	if id := u.ProfileID.Or(""); id != "" {
		out = append(out, linkTo(u, core.KindProfile, id))
	}
	return out
}

func linkTo(u *User, kind core.Kind, id string) core.Assignment {
	a := core.Assignment{UserID: u.UserID, Target: core.Target{Kind: kind, ID: id}}
	if kind == core.KindSkill {
		a.Target.Name = id
	}
	return a
}

func queueLink(u *User, q QueueLink) core.Assignment {
	a := linkTo(u, core.KindQueue, q.QueueID)
	a.Target.Name = q.Name.Or("")
	if n, ok := q.Proficiency.Get(); ok {
		a.Level = &n
	}
	return a
}

// targetKey names a target as the vendor does: the ids of queues and groups are UUIDs,
// in either case; in skills and profiles case counts.
func targetKey(t core.Target) string {
	switch t.Kind {
	case core.KindSkill, core.KindProfile:
		return t.String()
	}
	return strings.ToLower(t.String())
}

func sameTarget(a, b core.Target) bool { return targetKey(a) == targetKey(b) }

// linked returns the link of a user to a target, or nil.
func linked(u *User, t core.Target) *core.Assignment {
	for _, a := range links(u) {
		if sameTarget(a.Target, t) {
			return &a
		}
	}
	return nil
}

// add is the edit of Assign.
func add(u *User, a core.Assignment) adapter.Edit {
	e := adapter.Edit{Before: linked(u, a.Target)}
	switch a.Target.Kind {
	case core.KindQueue:
		return addQueue(u, a, e)
	case core.KindProfile:
		return moveProfile(u, a, e)
	}

	if e.Before != nil {
		return e
	}

	e.Changed = true
	switch a.Target.Kind {
	case core.KindSkill:
		m := u.matching()
		m.Attributes = append(m.Attributes, a.Target.ID)
	case core.KindGroup:
		u.MemberOfGroups = append(u.MemberOfGroups, a.Target.ID)
	case core.KindManagedGroup:
		u.OwnedGroups = append(u.OwnedGroups, a.Target.ID)
	}
	return e
}

func moveProfile(u *User, a core.Assignment, e adapter.Edit) adapter.Edit {
	from := u.ProfileID.Or("")
	if from == a.Target.ID {
		return e
	}
	e.Changed = true
	u.ProfileID = core.Set(a.Target.ID)
	if from != "" {
		before := linkTo(u, core.KindProfile, from)
		e.Before, e.Note = &before, "moved from profile "+from
	}
	return e
}

// addQueue adds a queue, or changes its level in place.
func addQueue(u *User, a core.Assignment, e adapter.Edit) adapter.Edit {
	level := core.Opt[int]{}
	if a.Level != nil {
		level = core.Set(*a.Level)
	}
	if e.Before == nil {
		m := u.matching()
		m.Queues = append(m.Queues, QueueLink{QueueID: a.Target.ID, Proficiency: level})
		e.Changed = true
		return e
	}

	was := e.Before.Level
	if a.Level == nil || was != nil && *was == *a.Level {
		return e
	}
	for i := range u.matching().Queues {
		if q := &u.Features.Matching.Queues[i]; sameID(q.QueueID, a.Target.ID) {
			q.Proficiency = level
		}
	}

	e.Changed = true
	if was != nil {
		e.Note = fmt.Sprintf("proficiency was %d", *was)
	}
	return e
}

// remove is the edit of Unassign.
func remove(u *User, a core.Assignment) adapter.Edit {
	e := adapter.Edit{Before: linked(u, a.Target)}
	if e.Before == nil {
		return e
	}
	e.Changed = true
	is := func(id string) bool { return sameTarget(core.Target{Kind: a.Target.Kind, ID: id}, a.Target) }

	switch a.Target.Kind {
	case core.KindQueue:
		m := u.matching()
		m.Queues = slices.DeleteFunc(m.Queues, func(q QueueLink) bool { return is(q.QueueID) })
	case core.KindSkill:
		m := u.matching()
		m.Attributes = slices.DeleteFunc(m.Attributes, is)
	case core.KindGroup:
		u.MemberOfGroups = slices.DeleteFunc(u.MemberOfGroups, is)
	case core.KindManagedGroup:
		u.OwnedGroups = slices.DeleteFunc(u.OwnedGroups, is)
	}
	return e
}

// matching returns the user's routing, switched on if it was not.
func (u *User) matching() *Matching {
	if u.Features == nil {
		u.Features = &Features{}
	}
	if u.Features.Matching == nil {
		u.Features.Matching = &Matching{}
	}
	return u.Features.Matching
}
