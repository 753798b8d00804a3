package liveperson

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// How the changes of assignments are written: those of one user in one replacement,
// and those of many users in one request.

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

// work is one call of Assign or Unassign.
type work struct {
	s  *Store
	op string
	do edit
	// barred is set when the credential is refused: the rest is refused likewise,
	// and not sent.
	barred atomic.Pointer[core.Error]
}

// job is the changes of one user.
type job struct {
	id       int64
	outcomes []*core.Outcome
	// repeats are outcomes of what the call names again: those of outcomes, by index.
	repeats map[*core.Outcome]int
	// done is set when the outcomes are final.
	done bool
	// maybe is set when a write may have been carried out, unseen.
	maybe bool
	// was holds, for each outcome, whether the change was found needed.
	was []bool
}

// add gives a job the outcome of one more assignment.
func (j *job) add(o *core.Outcome) {
	same := func(p *core.Outcome) bool {
		return p.Assignment.Target.Kind == o.Assignment.Target.Kind && p.Assignment.Target.ID == o.Assignment.Target.ID
	}
	if i := slices.IndexFunc(j.outcomes, same); i >= 0 {
		if j.repeats == nil {
			j.repeats = map[*core.Outcome]int{}
		}
		j.repeats[o] = i
		return
	}
	j.outcomes, j.was = append(j.outcomes, o), append(j.was, false)
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
		j.add(&outcomes[i])
	}
	w := &work{s: s, op: op, do: do}
	if len(jobs) > 1 {
		for chunk := range slices.Chunk(jobs, perBatch) {
			w.writeBatch(ctx, chunk)
		}
	}
	for _, j := range jobs {
		if !j.done {
			w.writeOne(ctx, j)
		}
		for o, i := range j.repeats {
			a := o.Assignment
			*o = *j.outcomes[i]
			o.Assignment = a
		}
	}
	return outcomes, storekit.OutcomesError(vendor, op, outcomes)
}

// fail ends the job's outcomes that were not reached otherwise.
func (w *work) fail(j *job, err error) {
	if e, ok := errors.AsType[*core.Error](err); ok && e.Class == core.ClassUnauthenticated {
		w.barred.CompareAndSwap(nil, e)
	}
	j.done = true
	err = w.doubt(j, err)
	for _, o := range j.outcomes {
		if o.Result != core.ResultAlready && o.Result != core.ResultFailed {
			o.Fail(err)
		}
	}
}

// doubt is what an error says about the changes of a job. A write that was accepted
// may have done them or not, where nobody could look.
func (w *work) doubt(j *job, err error) error {
	if e, ok := errors.AsType[*core.Error](err); ok && e.Applied == core.AppliedYes {
		e = new(*e)
		e.Applied = core.AppliedUnknown
		return e
	}
	if j.maybe {
		return doubtful(w.op, err)
	}
	return err
}

// isBarred ends a job without sending anything, if the credential was refused.
func (w *work) isBarred(j *job) bool {
	e := w.barred.Load()
	if e == nil {
		return false
	}
	e = new(*e)
	e.Op, e.Attempts, e.Applied = w.op, 0, core.AppliedNo
	e.Hint = "not sent, because the credential was refused for another user of the call"
	w.fail(j, e)
	return true
}

// apply edits a user as it was just read, and reports whether there is anything
// to write.
func (w *work) apply(j *job, u *User) bool {
	any := false
	for i, o := range j.outcomes {
		changed, note, err := w.do(u, o.Assignment)
		switch {
		case err != nil:
			if j.was[i] {
				err = w.doubt(j, err)
			}
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

// confirm decides the outcomes of a write that was accepted, by what the vendor
// says the user now is. Applied is what is known of one that does not show.
func (w *work) confirm(j *job, sent, got *User, applied core.Applied) {
	j.done = true
	endsRole := slices.ContainsFunc(j.outcomes, func(o *core.Outcome) bool { return o.Assignment.Target.Kind == core.KindProfile })
	lost := droppedFields(sent, got, endsRole)
	for _, o := range j.outcomes {
		if o.Result != core.ResultApplied {
			continue
		}
		if !w.shows(got, o) {
			o.Fail(&core.Error{Vendor: vendor, Op: w.op, Class: core.ClassNotApplied, Status: http.StatusOK, Attempts: 1, Applied: applied,
				Message: "the vendor accepted the change and the user does not show it"})
			continue
		}
		if len(lost) > 0 {
			o.Message = strings.TrimPrefix(o.Message+"; the vendor dropped "+strings.Join(lost, ", ")+" of the user", "; ")
		}
	}
}

// shows reports whether a user shows the change of an outcome.
func (w *work) shows(u *User, o *core.Outcome) bool {
	missing, _, err := w.do(u.clone(), o.Assignment)
	return !missing || err != nil
}

// showsAll reports whether a user shows all changes of a job that were written.
func (w *work) showsAll(u *User, j *job) bool {
	return !slices.ContainsFunc(j.outcomes, func(o *core.Outcome) bool { return o.Result == core.ResultApplied && !w.shows(u, o) })
}

// writeOne makes the changes of one user in one replacement.
func (w *work) writeOne(ctx context.Context, j *job) {
	if w.isBarred(j) {
		return
	}
	m, err := w.s.c.Users.modify(ctx, w.op, j.id, func(u *User, maybe bool) error {
		j.maybe = j.maybe || maybe
		if !w.apply(j, u) {
			return nothingToChange{}
		}
		return nil
	})
	switch {
	case err != nil:
		w.fail(j, err)
	case m.sent == nil:
		j.done = true
	default:
		if !m.seenTwice && !w.showsAll(m.user, j) {
			w.s.c.Users.lookTwice(ctx, &m)
		}
		w.confirm(j, m.sent, m.user, m.applied())
	}
}

// writeBatch makes the changes of several users in one replacement of them all.
// What it cannot decide it leaves to writeOne: a refusal says nothing about which
// user it is for, and a batch may be refused whole for one.
func (w *work) writeBatch(ctx context.Context, jobs []*job) {
	c := w.s.c
	t := turn{c: c, op: w.op}
	defer t.end()
	type batch struct {
		jobs []*job
		sent []User
		got  []*User
	}
	var open []*job // of the latest write
	b, err := storekit.Modify(ctx, min(batchTries, c.tries),
		func(ctx context.Context) (batch, error) {
			if err := t.begin(ctx); err != nil {
				return batch{}, err
			}
			users := w.readMany(ctx, jobs)
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
				if !w.apply(j, &b.sent[i]) {
					j.done = true
					continue
				}
				if err := c.fillBlank(opReplaceUsers, &b.sent[i]); err != nil {
					w.fail(j, err)
					continue
				}
				needed.jobs, needed.sent = append(needed.jobs, j), append(needed.sent, b.sent[i])
			}
			*b = needed
			open = b.jobs
			if len(b.jobs) < 2 || !guarded(b.sent) {
				return nothingToChange{} // left to writeOne
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
			got, err := c.Users.putMany(ctx, b.sent)
			b.got = got
			if e, ok := errors.AsType[*core.Error](err); ok && e.Applied != core.AppliedNo {
				for _, j := range b.jobs {
					j.maybe = true
				}
			}
			return b, err
		})
	t.end()
	half, partly := errors.AsType[*BatchError](err)
	if err == nil || partly {
		for i, j := range b.jobs {
			switch {
			case b.got[i] != nil && w.showsAll(b.got[i], j):
				w.confirm(j, &b.sent[i], b.got[i], core.AppliedUnknown)
			case b.got[i] != nil:
				j.maybe = true // perhaps the answer is of before
			case partly && half.Results[i].Err != nil && !oneTellsMore(half.Results[i].Err):
				w.fail(j, half.Results[i].Err)
			}
		}
		return
	}
	if _, nothing := err.(nothingToChange); nothing || oneTellsMore(err) {
		return
	}
	if open == nil {
		open = jobs
	}
	for _, j := range open {
		if !j.done {
			w.fail(j, inOp(w.op, err))
		}
	}
}

// guarded reports whether one revision guards the write of all these users, or none
// of them has any.
func guarded(users []User) bool {
	without := 0
	for i := range users {
		if users[i].Revision == "" {
			without++
		}
	}
	_, ok := oldest(users)
	return without == len(users) || without == 0 && ok
}

// oneTellsMore reports an error that the same change, made for one user alone, may
// not meet, or explain.
func oneTellsMore(err error) bool {
	switch core.ClassOf(err) {
	case core.ClassRevision, core.ClassInvalid, core.ClassNotFound, core.ClassConflict, core.ClassPermission, core.ClassFailed:
		return true
	}
	return false
}

// readMany reads the users of the jobs from the read-write host. One that cannot
// be read ends its job.
func (w *work) readMany(ctx context.Context, jobs []*job) []*User {
	users := make([]*User, len(jobs))
	var group errgroup.Group
	group.SetLimit(readers)
	for i, j := range jobs {
		if j.done {
			continue
		}
		group.Go(func() error {
			if w.isBarred(j) {
				return nil
			}
			u, res, err := w.s.c.Users.get(ctx, serviceReadWrite, j.id, AnyRevision)
			if err == nil {
				err = isWhole(w.op, u, j.id, res)
			}
			if err != nil {
				w.fail(j, err)
				return nil
			}
			users[i] = u
			return nil
		})
	}
	group.Wait()
	return users
}
