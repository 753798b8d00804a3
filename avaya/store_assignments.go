package avaya

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const (
	opListLinks = "Assignments.List"
	opAssign    = "Assignments.Assign"
	opUnassign  = "Assignments.Unassign"
)

const whySuspend = "Avaya knows no suspended link; removing and adding it is up to you"

// ListAssignments walks the assignments of a user, or the users of a target. A
// user's come from one read, profile included: what the user takes from its
// profile is in effect and is listed. A group's come from the group's own
// member list; all other targets are found in one walk over the users.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	if q.UserID != "" {
		return func(yield func(core.Assignment, error) bool) {
			u, err := s.c.Users.Get(ctx, q.UserID)
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			for _, a := range links(u) {
				if a.Target.ID == "" {
					yield(core.Assignment{}, &core.Error{Vendor: vendor, Op: opListLinks, Class: core.ClassProtocol, Applied: core.AppliedNo,
						Message: "the user has a " + string(a.Target.Kind) + " without an id, so something is not listed"})
					return
				}
				if !yield(a, nil) {
					return
				}
			}
		}
	}
	if err := checkTarget(opListLinks, q.Target); err != nil {
		return rest.Failed[core.Assignment](err)
	}
	if q.Target.Kind == core.KindGroup {
		return s.listMembers(ctx, q.Target)
	}
	var opts ListOptions
	if q.Target.Kind == core.KindProfile {
		opts.Filter = Equals("profileId", q.Target.ID)
	}
	return func(yield func(core.Assignment, error) bool) {
		for u, err := range s.c.Users.List(ctx, opts) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			for _, a := range links(&u) {
				if sameTarget(a.Target, q.Target) && !yield(a, nil) {
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

// links returns all assignments of a user.
func links(u *User) []core.Assignment {
	var out []core.Assignment
	add := func(kind core.Kind, id, name string, level core.Opt[int]) {
		a := core.Assignment{UserID: u.UserID, Target: core.Target{Kind: kind, ID: id, Name: name}}
		if n, ok := level.Get(); ok {
			a.Level = &n
		}
		out = append(out, a)
	}
	none := core.Opt[int]{}
	if u.Features != nil && u.Features.Matching != nil {
		for _, q := range u.Features.Matching.Queues {
			add(core.KindQueue, q.QueueID, q.Name.Or(""), q.Proficiency)
		}
		for _, name := range u.Features.Matching.Attributes {
			add(core.KindSkill, name, name, none)
		}
	}
	for _, id := range u.MemberOfGroups {
		add(core.KindGroup, id, "", none)
	}
	for _, id := range u.OwnedGroups {
		add(core.KindManagedGroup, id, "", none)
	}
	if id := u.ProfileID.Or(""); id != "" {
		add(core.KindProfile, id, "", none)
	}
	return out
}

// sameTarget compares targets as the vendor does: the ids of queues and groups
// are UUIDs, in either case; skills and profiles go by the letter.
func sameTarget(a, b core.Target) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case core.KindSkill, core.KindProfile:
		return a.ID == b.ID
	}
	return sameID(a.ID, b.ID)
}

func checkTarget(op string, t core.Target) error {
	switch t.Kind {
	case core.KindQueue, core.KindSkill, core.KindGroup, core.KindManagedGroup, core.KindProfile:
	case "":
		return core.Invalid(vendor, op, "the query names neither a user nor a target")
	default:
		return core.Unsupported(vendor, op, "Avaya has no assignments of kind "+string(t.Kind))
	}
	// A skill's id is a name and may hold what an id in a path may not.
	if t.Kind == core.KindSkill {
		if strings.TrimSpace(t.ID) == "" {
			return core.Invalid(vendor, op, "the skill's name is empty")
		}
		return nil
	}
	if why := rest.CheckID(t.ID); why != "" {
		return core.Invalid(vendor, op, "the id of the "+string(t.Kind)+" "+why)
	}
	if strings.Contains(t.ID, "@") {
		return core.Invalid(vendor, op, "the id of the "+string(t.Kind)+" holds an @, which none does: a level stands there only where a queue is added, and is a number")
	}
	return nil
}

// Assign implements core.AssignmentStore. All assignments of one user become one
// full replacement; users are written side by side and waited for together. A
// queue without a level gets the server's default. A user takes one profile:
// assigning another moves it, and the outcome says from where.
//
// A user that takes queues, skills or groups from its profile gets its own set
// when one is added or removed, because Avaya has no other way; the outcome says
// so.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, opAssign, as, add)
}

// Unassign implements core.AssignmentStore. Taking a profile away is
// unsupported, because it would take all that the user has from it: move the
// user to another profile, or clear profileId with UpdateUser.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	for _, a := range as {
		if a.Target.Kind == core.KindProfile {
			return nil, core.Unsupported(vendor, opUnassign,
				"a user's profile can be exchanged and not just taken away; to be without one, clear profileId in an update")
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

// writers bounds how many users are written at a time.
const writers = 8

// edit makes one assignment true of a user and says what it did: changed is
// false where it was true before, and note may say more.
type edit func(u *User, a core.Assignment) (changed bool, note string)

// gather is how long accepted writes are gathered, to be waited for together.
const gather = 5 * time.Second

// inWaves calls f with the ids that come, those of a few seconds together, so that
// one slow write keeps nobody else waiting. It returns when all is done.
func inWaves(ids <-chan string, f func(ids []string)) {
	var waves sync.WaitGroup
	var wave []string
	var due <-chan time.Time
	begin := func() {
		if ids := wave; len(ids) > 0 {
			waves.Go(func() { f(ids) })
		}
		wave, due = nil, nil
	}
	for open := true; open; {
		select {
		case id, more := <-ids:
			if open = more; !more {
				break
			}
			if wave = append(wave, id); due == nil {
				due = time.After(gather)
			}
		case <-due:
			begin()
		}
	}
	begin()
	waves.Wait()
}

// change applies edits: one read and one write a user, then one wait for those
// that were written about together, then one read of each to see what is in effect.
func (s *Store) change(ctx context.Context, op string, as []core.Assignment, do edit) ([]core.Outcome, error) {
	outcomes := make([]core.Outcome, len(as))
	var users []string
	byUser := map[string][]int{}
	for i, a := range as {
		if err := checkAssignment(op, a); err != nil {
			return nil, err
		}
		outcomes[i] = core.Outcome{Assignment: a}
		if byUser[a.UserID] == nil {
			users = append(users, a.UserID)
		}
		byUser[a.UserID] = append(byUser[a.UserID], i)
	}
	accepted := make(chan string, len(users))
	go func() {
		var group errgroup.Group
		group.SetLimit(writers)
		for _, id := range users {
			group.Go(func() error {
				if s.write(ctx, id, outcomes, byUser[id], do) {
					accepted <- id
				}
				return nil
			})
		}
		group.Wait()
		close(accepted)
	}()
	inWaves(accepted, func(ids []string) { s.await(ctx, op, ids, outcomes, byUser, do) })
	return outcomes, storekit.OutcomesError(vendor, op, outcomes)
}

func checkAssignment(op string, a core.Assignment) error {
	if why := rest.CheckID(a.UserID); why != "" {
		return core.Invalid(vendor, op, "a user id "+why)
	}
	if err := checkTarget(op, a.Target); err != nil {
		return err
	}
	switch {
	case a.Suspended:
		return core.Unsupported(vendor, op, whySuspend)
	case a.Level != nil && a.Target.Kind != core.KindQueue:
		return core.Unsupported(vendor, op, "at Avaya only a queue has a level, a "+string(a.Target.Kind)+" has none")
	case a.Level != nil:
		if err := levelRange(*a.Level); err != nil {
			return core.Invalid(vendor, op, err.Error())
		}
	}
	return nil
}

// write makes the changes of one user in one replacement and reports whether
// one was sent and accepted.
func (s *Store) write(ctx context.Context, id string, outcomes []core.Outcome, mine []int, do edit) bool {
	m, err := s.c.Users.modify(ctx, id, nil, func(u *User) error {
		any := false
		for _, i := range mine {
			changed, note := do(u, outcomes[i].Assignment)
			outcomes[i].Result, outcomes[i].Message = core.ResultApplied, note
			if !changed {
				outcomes[i].Result = core.ResultAlready
			}
			any = any || changed
		}
		if !any {
			return nothingToChange{}
		}
		return nil
	})
	for _, i := range mine {
		o := &outcomes[i]
		switch {
		case err != nil && o.Result != core.ResultAlready:
			o.Fail(err)
		case err == nil && len(m.pinned) > 0 && o.Result == core.ResultApplied:
			o.Message = strings.TrimPrefix(o.Message+"; "+strings.Join(m.pinned, ", ")+
				" came from the profile and now are the user's own", "; ")
		case err == nil && m.goneProfile != "" && o.Result == core.ResultApplied:
			o.Message = strings.TrimPrefix(o.Message+"; the user's profile "+m.goneProfile+
				" is gone: what the user may have had from it is now the user's own", "; ")
		}
	}
	return err == nil && !m.skipped
}

// await waits until the writes are in effect and looks at each user again: only
// what is seen there counts as applied.
func (s *Store) await(ctx context.Context, op string, users []string, outcomes []core.Outcome, byUser map[string][]int, do edit) {
	cfg := core.SettleConfig{Wait: s.c.settle, After: core.Updated}
	watches, waitErr := s.c.settleAll(ctx, userSettling, users, cfg)
	var group errgroup.Group
	group.SetLimit(writers)
	for n, id := range users {
		group.Go(func() error {
			w := watches[n]
			var now *User
			err := waitErr
			if w.decided {
				now, err = s.c.Users.Get(ctx, id)
			}
			for _, i := range byUser[id] {
				if o := &outcomes[i]; o.Result == core.ResultApplied {
					confirm(o, op, w, now, err, do)
				}
			}
			return nil
		})
	}
	group.Wait()
}

// confirm decides one outcome whose write was accepted.
func confirm(o *core.Outcome, op string, w *watch, now *User, err error, do edit) {
	if err != nil {
		// The write was accepted; whether it is in effect could not be seen.
		o.Fail(err)
		o.Result = core.ResultUnknown
		return
	}
	if part := w.partOf(o.Assignment.Target.Kind); part != nil && part.Status.failed() {
		o.Fail(&core.Error{Vendor: vendor, Op: op, Class: core.ClassFailed, Code: string(part.Status),
			Message: part.name + ": " + part.Message, Applied: core.AppliedUnknown})
		o.Result = core.ResultFailed
		return
	}
	if w.result.State == core.Deferred {
		// What waits need not show yet.
		o.Code, o.Deferred = string(StatusPending), true
		o.Message = strings.TrimPrefix(o.Message+"; parts of the write wait until the agent logs out", "; ")
		return
	}
	again := *now
	again.Features = now.Features.clone()
	again.MemberOfGroups, again.OwnedGroups = slices.Clone(now.MemberOfGroups), slices.Clone(now.OwnedGroups)
	if missing, _ := do(&again, o.Assignment); missing {
		o.Fail(&core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Applied: core.AppliedUnknown,
			Message: "the vendor accepted the change and the user does not show it"})
		o.Result = core.ResultFailed
		return
	}
	if err := w.err(op); err != nil {
		o.Message = strings.TrimPrefix(o.Message+"; of the same write "+err.(*core.Error).Message, "; ")
	}
}

// partOf returns the latest state of the part that carries a kind of link, if
// the vendor reports one.
func (w *watch) partOf(kind core.Kind) *namedAction {
	if w.last == nil || kind != core.KindQueue && kind != core.KindSkill {
		return nil
	}
	for i := range w.last.parts {
		if w.last.parts[i].name == "matching" {
			return &w.last.parts[i]
		}
	}
	return nil
}

func (f *Features) clone() *Features {
	if f == nil {
		return nil
	}
	w := *f
	if f.Matching != nil {
		m := *f.Matching
		m.Queues, m.Attributes = slices.Clone(m.Queues), slices.Clone(m.Attributes)
		w.Matching = &m
	}
	return &w
}

// add is the edit of Assign.
func add(u *User, a core.Assignment) (changed bool, note string) {
	switch a.Target.Kind {
	case core.KindQueue:
		return addQueue(u, a)
	case core.KindSkill:
		m := u.matching()
		if slices.Contains(m.Attributes, a.Target.ID) {
			return false, ""
		}
		m.Attributes = append(slices.Clip(m.Attributes), a.Target.ID)
	case core.KindGroup:
		return addID(&u.MemberOfGroups, a.Target.ID), ""
	case core.KindManagedGroup:
		return addID(&u.OwnedGroups, a.Target.ID), ""
	case core.KindProfile:
		from := u.ProfileID.Or("")
		if from == a.Target.ID {
			return false, ""
		}
		u.ProfileID = core.Set(a.Target.ID)
		if from != "" {
			note = "moved from profile " + from
		}
	}
	return true, note
}

func addQueue(u *User, a core.Assignment) (bool, string) {
	m := u.matching()
	level := core.Opt[int]{}
	if a.Level != nil {
		level = core.Set(*a.Level)
	}
	for i := range m.Queues {
		q := &m.Queues[i]
		if !sameID(q.QueueID, a.Target.ID) {
			continue
		}
		was, known := q.Proficiency.Get()
		if a.Level == nil || known && was == *a.Level {
			return false, ""
		}
		m.Queues = slices.Clone(m.Queues)
		m.Queues[i].Proficiency = level
		if !known {
			return true, ""
		}
		return true, fmt.Sprintf("proficiency was %d", was)
	}
	m.Queues = append(slices.Clip(m.Queues), QueueLink{QueueID: a.Target.ID, Proficiency: level})
	return true, ""
}

// remove is the edit of Unassign.
func remove(u *User, a core.Assignment) (changed bool, note string) {
	switch a.Target.Kind {
	case core.KindQueue, core.KindSkill:
		if u.Features == nil || u.Features.Matching == nil {
			return false, ""
		}
		m := u.matching()
		queues, skills := len(m.Queues), len(m.Attributes)
		if a.Target.Kind == core.KindQueue {
			m.Queues = slices.DeleteFunc(slices.Clone(m.Queues), func(q QueueLink) bool { return sameID(q.QueueID, a.Target.ID) })
		} else {
			m.Attributes = slices.DeleteFunc(slices.Clone(m.Attributes), func(s string) bool { return s == a.Target.ID })
		}
		return len(m.Queues) != queues || len(m.Attributes) != skills, ""
	case core.KindGroup:
		return removeID(&u.MemberOfGroups, a.Target.ID), ""
	case core.KindManagedGroup:
		return removeID(&u.OwnedGroups, a.Target.ID), ""
	}
	return false, ""
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

func addID(ids *[]string, id string) bool {
	if slices.ContainsFunc(*ids, func(x string) bool { return sameID(x, id) }) {
		return false
	}
	*ids = append(slices.Clip(*ids), id)
	return true
}

func removeID(ids *[]string, id string) bool {
	left := slices.DeleteFunc(slices.Clone(*ids), func(x string) bool { return sameID(x, id) })
	if len(left) == len(*ids) {
		return false
	}
	*ids = left
	return true
}

// levelRange checks a proficiency before anything is sent.
func levelRange(level int) error {
	if level < 1 || level > 16 {
		return fmt.Errorf("proficiency %d is outside 1..16 (1 is the best)", level)
	}
	return nil
}
