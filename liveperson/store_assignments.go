package liveperson

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

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
			if !u.hasLinks() {
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
			if !u.hasLinks() {
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

// hasLinks reports an answer that shows what the user is assigned to. Every user has
// profiles; what else there is none of may be left out.
func (u *User) hasLinks() bool { return u.ProfileIDs != nil || u.Extra["profileIds"] != nil }

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

// edit makes one assignment true of a user and says what it did: changed is
// false where it was true before, and note may say more. It fails where the
// vendor's rules forbid it.
type edit func(u *User, a core.Assignment) (changed bool, note string, err error)

const (
	// perBatch is how many users one request replaces; the vendor names no limit.
	perBatch = 50
	// readers is how many users are read at a time.
	readers = 8
	// batchTries is how often a batch starts over on a stale revision before its
	// users are written one by one: the more users, the longer it takes to read
	// them and the likelier that somebody is faster.
	batchTries = 4
)

// job is the changes of one user.
type job struct {
	id       int64
	outcomes []*core.Outcome
	// done is set when the outcomes are final.
	done bool
	// maybe is set when a write may have been carried out, unseen.
	maybe bool
	// was holds, for each outcome, whether the change was found needed.
	was []bool
}

func (s *Store) change(ctx context.Context, op string, as []core.Assignment, do edit) ([]core.Outcome, error) {
	outcomes := make([]core.Outcome, len(as))
	byUser := map[int64]*job{}
	var jobs []*job
	for i, a := range as {
		id, err := checkAssignment(op, a)
		if err != nil {
			return nil, err
		}
		outcomes[i] = core.Outcome{Assignment: a}
		j := byUser[id]
		if j == nil {
			j = &job{id: id}
			byUser[id] = j
			jobs = append(jobs, j)
		}
		j.outcomes = append(j.outcomes, &outcomes[i])
		j.was = append(j.was, false)
	}
	if len(jobs) > 1 {
		for chunk := range slices.Chunk(jobs, perBatch) {
			s.writeBatch(ctx, op, chunk, do)
		}
	}
	for _, j := range jobs {
		if !j.done {
			s.writeOne(ctx, op, j, do)
		}
	}
	return outcomes, core.OutcomesError(vendor, op, outcomes)
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

// apply edits a user as it was just read, and reports whether there is anything
// to write.
func (j *job) apply(u *User, do edit) bool {
	any := false
	for i, o := range j.outcomes {
		changed, note, err := do(u, o.Assignment)
		switch {
		case err != nil:
			o.Fail(err)
			continue
		case changed:
			j.was[i], any = true, true
			o.Result, o.Message = core.ResultApplied, note
		case j.maybe && j.was[i]:
			// It was needed before, a write got lost, and now it is so.
			o.Result = core.ResultApplied
		default:
			j.was[i] = false
			o.Result, o.Message = core.ResultAlready, ""
		}
		o.Code, o.Err = "", nil
	}
	return any
}

// failAll ends the job's outcomes that were not reached otherwise.
func (j *job) failAll(err error) {
	j.done = true
	for _, o := range j.outcomes {
		if o.Result != core.ResultAlready && o.Result != core.ResultFailed {
			o.Fail(err)
		}
	}
}

// confirm decides the outcomes of a write that was accepted, by what the vendor
// says the user now is.
func (j *job) confirm(op string, sent, got *User, do edit) {
	j.done = true
	lost := droppedFields(sent, got)
	for _, o := range j.outcomes {
		if o.Result != core.ResultApplied {
			continue
		}
		if missing, _, err := do(got.clone(), o.Assignment); missing && err == nil {
			o.Fail(&core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Applied: core.AppliedNo,
				Message: "the vendor accepted the change and the user does not show it"})
			continue
		}
		if len(lost) > 0 {
			o.Message = strings.TrimPrefix(o.Message+"; the vendor dropped "+strings.Join(lost, ", ")+" of the user", "; ")
		}
	}
}

// writeOne makes the changes of one user in one replacement.
func (s *Store) writeOne(ctx context.Context, op string, j *job, do edit) {
	m, err := s.c.Users.modify(ctx, op, j.id, func(u *User, maybe bool) error {
		j.maybe = j.maybe || maybe
		if !j.apply(u, do) {
			return nothingToChange{}
		}
		return nil
	})
	switch {
	case err != nil:
		j.failAll(err)
	case m.sent == nil:
		j.done = true
	default:
		j.confirm(op, m.sent, m.user, do)
	}
}

// writeBatch makes the changes of several users in one replacement of them all.
// What it cannot decide it leaves to writeOne: a refusal says nothing about which
// user it is for, and a batch may be refused whole for one.
func (s *Store) writeBatch(ctx context.Context, op string, jobs []*job, do edit) {
	t := turn{c: s.c, op: op}
	defer t.end()
	type batch struct {
		jobs []*job
		sent []User
		got  []*User
	}
	var open []*job // of the latest write
	b, err := core.Modify(ctx, min(batchTries, s.c.tries),
		func(ctx context.Context) (batch, error) {
			if err := t.begin(ctx); err != nil {
				return batch{}, err
			}
			users := s.readMany(ctx, op, jobs)
			b := batch{}
			for i, u := range users {
				if u == nil || jobs[i].done {
					continue
				}
				b.jobs, b.sent = append(b.jobs, jobs[i]), append(b.sent, *u)
			}
			return b, ctx.Err()
		},
		func(b *batch) error {
			var needed batch
			for i, j := range b.jobs {
				if !j.apply(&b.sent[i], do) {
					j.done = true
					continue
				}
				if err := s.c.fillBlank(opReplaceUsers, &b.sent[i]); err != nil {
					j.failAll(err)
					continue
				}
				needed.jobs, needed.sent = append(needed.jobs, j), append(needed.sent, b.sent[i])
			}
			*b = needed
			open = b.jobs
			if len(b.jobs) < 2 {
				return nothingToChange{} // one is for writeOne
			}
			return nil
		},
		func(ctx context.Context, b batch) (batch, error) {
			defer t.end()
			for i := range b.sent {
				if b.sent[i].Revision == "" {
					b.sent[i].Revision = AnyRevision
				}
			}
			got, err := s.c.Users.putMany(ctx, b.sent)
			b.got = got
			if e, ok := errors.AsType[*core.Error](err); ok && e.Applied == core.AppliedUnknown {
				for _, j := range b.jobs {
					j.maybe = true
				}
			}
			return b, err
		})
	t.end()
	if _, short := errors.AsType[*BatchError](err); err == nil || short {
		for i, j := range b.jobs {
			if b.got[i] != nil {
				j.confirm(op, &b.sent[i], b.got[i], do)
			}
		}
		return
	}
	if _, nothing := err.(nothingToChange); nothing {
		return
	}
	switch core.ClassOf(err) {
	case core.ClassRevision, core.ClassInvalid, core.ClassNotFound, core.ClassConflict, core.ClassPermission, core.ClassFailed:
		return // one by one tells more
	}
	if open == nil {
		open = jobs
	}
	for _, j := range open {
		if !j.done {
			j.failAll(inOp(op, err))
		}
	}
}

// readMany reads the users of the jobs from the read-write host. One that cannot
// be read ends its job.
func (s *Store) readMany(ctx context.Context, op string, jobs []*job) []*User {
	users := make([]*User, len(jobs))
	var group errgroup.Group
	group.SetLimit(readers)
	for i, j := range jobs {
		if j.done {
			continue
		}
		group.Go(func() error {
			u, _, err := s.c.Users.get(ctx, serviceReadWrite, j.id, AnyRevision)
			if err == nil {
				err = s.c.Users.isWhole(op, u, j.id)
			}
			if err != nil {
				j.failAll(err)
				return nil
			}
			users[i] = u
			return nil
		})
	}
	group.Wait()
	return users
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
