package libh3lp

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

const (
	opListLinks = "Assignments.List"
	opAssign    = "Assignments.Assign"
	opUnassign  = "Assignments.Unassign"
	opSuspend   = "Assignments.Suspend"
	opResume    = "Assignments.Resume"
)

const whyAssignSuspended = "LibraryH3lp makes every link enabled: assign, then suspend"

// ListAssignments walks the queues of a user, or the users of a queue.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		walk, exists, err := s.walkOf(ctx, q)
		if err != nil {
			yield(core.Assignment{}, err)
			return
		}
		n := 0
		for l, err := range walk {
			if err != nil {
				yield(core.Assignment{}, explained(err, exists))
				return
			}
			n++
			if !yield(assignmentOf(&l), nil) {
				return
			}
		}
		if n == 0 {
			// No links, or nobody of that id: the vendor may answer both alike.
			if err := exists(); err != nil {
				yield(core.Assignment{}, err)
			}
		}
	}
}

// walkOf returns the walk that answers a query, and a look whether what it asks
// about exists.
func (s *Store) walkOf(ctx context.Context, q core.AssignmentQuery) (iter.Seq2[Link, error], func() error, error) {
	if q.UserID != "" {
		id, err := parseID(opListLinks, "the user", q.UserID)
		return s.c.Assignments.List(ctx, id), s.userExists(ctx, id), err
	}
	id, err := checkTarget(opListLinks, q.Target)
	return s.c.Operators.List(ctx, id), s.queueExists(ctx, id), err
}

// explained makes of a list that was refused, in words or with null, the news that
// there is nobody to list, where that is so.
func explained(err error, exists func() error) error {
	switch core.ClassOf(err) {
	case core.ClassInvalid, core.ClassProtocol:
		if why := exists(); errors.Is(why, core.ErrNotFound) {
			return why
		}
	}
	return err
}

func assignmentOf(l *Link) core.Assignment {
	return core.Assignment{UserID: itoa(l.UserID), Target: core.Target{Kind: core.KindQueue, ID: itoa(l.QueueID), Name: l.Queue}, Suspended: !bool(l.Enabled)}
}

func checkTarget(op string, t core.Target) (int64, error) {
	if t.Kind == "" {
		return 0, core.Invalid(vendor, op, "neither a user nor a target is named")
	}
	if t.Kind != core.KindQueue {
		return 0, core.Unsupported(vendor, op, "at LibraryH3lp a user is assigned to queues, and not to a "+string(t.Kind))
	}
	return parseID(op, "the queue", t.ID)
}

// Assign implements core.AssignmentStore: one write a link. A link that is
// suspended is there already, and stays suspended; a new one is enabled.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	for _, a := range as {
		if a.Suspended {
			return nil, core.Unsupported(vendor, opAssign, whyAssignSuspended)
		}
	}
	return s.change(ctx, as, edit{op: opAssign,
		done:  func(l *Link) bool { return l != nil },
		write: s.c.Assignments.Create,
	})
}

// Unassign implements core.AssignmentStore: one write a link. Where there is no link
// because there is no such user or queue the outcome is failed, not found.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, as, edit{op: opUnassign, both: true,
		done:  func(l *Link) bool { return l == nil },
		write: s.c.Assignments.Delete,
	})
}

// Suspend implements core.AssignmentStore: one write a link. Where there is no
// link the outcome is failed, not found. The user can opt in again.
func (s *Store) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, as, s.enable(opSuspend, false))
}

// Resume implements core.AssignmentStore: one write a link. Where there is no link
// the outcome is failed, not found.
func (s *Store) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, as, s.enable(opResume, true))
}

// edit makes one thing true of links.
type edit struct {
	op string
	// needed says that the link must be there.
	needed bool
	// both says that the user and the queue must be there even where the link is not.
	both bool
	// done reports whether it is true of a link, nil where there is none.
	done  func(*Link) bool
	write func(ctx context.Context, userID, queueID int64) error
}

func (s *Store) enable(op string, to Flag) edit {
	return edit{op: op, needed: true,
		done: func(l *Link) bool { return l != nil && l.Enabled == to },
		write: func(ctx context.Context, userID, queueID int64) error {
			_, err := s.c.Assignments.Update(ctx, userID, queueID, to)
			return err
		},
	}
}

// writers is how many links are written, or owners read, at a time.
const writers = 4

// pair is the key of a link.
type pair struct{ user, queue int64 }

// job is the change of one link, which a call may ask for more than once.
type job struct {
	pair
	outcomes []*core.Outcome
}

// change makes an edit of some links. It reads them from the side that takes fewer
// reads, and writes those that need it.
func (s *Store) change(ctx context.Context, as []core.Assignment, e edit) ([]core.Outcome, error) {
	outcomes := make([]core.Outcome, len(as))
	byPair := map[pair]*job{}
	var jobs []*job
	for i, a := range as {
		p, err := checkAssignment(e.op, a)
		if err != nil {
			return nil, err
		}
		outcomes[i] = core.Outcome{Assignment: a}
		j := byPair[p]
		if j == nil {
			j = &job{pair: p}
			byPair[p] = j
			jobs = append(jobs, j)
		}
		j.outcomes = append(j.outcomes, &outcomes[i])
	}
	if len(jobs) == 0 {
		return outcomes, nil
	}
	unlock, err := s.lockUsers(ctx, e.op, jobs)
	if err != nil {
		for i := range outcomes {
			outcomes[i].Fail(err)
		}
		return outcomes, storekit.OutcomesError(vendor, e.op, outcomes)
	}
	defer unlock()
	f := s.read(ctx, jobs)
	if e.both {
		s.findGhosts(ctx, jobs, &f)
	}
	s.make(ctx, e, jobs, f)
	return outcomes, storekit.OutcomesError(vendor, e.op, outcomes)
}

func checkAssignment(op string, a core.Assignment) (p pair, err error) {
	if p.user, err = parseID(op, "the user", a.UserID); err != nil {
		return p, err
	}
	if p.queue, err = checkTarget(op, a.Target); err != nil {
		return p, err
	}
	if a.Level != nil {
		return p, core.Unsupported(vendor, op, "at LibraryH3lp no assignment has a level")
	}
	return p, nil
}

// lockUsers keeps other calls of this client off the links of these users, so that
// a block records what it found and no other call changed in between.
func (s *Store) lockUsers(ctx context.Context, op string, jobs []*job) (unlock func(), err error) {
	var unlocks []func()
	unlock = func() {
		for _, u := range unlocks {
			u()
		}
	}
	ids := map[int64]bool{}
	for _, j := range jobs {
		ids[j.user] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) { // in one order, so that two calls cannot wait for each other
		u, err := s.lock(ctx, op, id)
		if err != nil {
			unlock()
			return nil, err
		}
		unlocks = append(unlocks, u)
	}
	return unlock, nil
}

func (s *Store) lock(ctx context.Context, op string, userID int64) (func(), error) {
	unlock, err := s.c.locks.Lock(ctx, itoa(userID))
	if err != nil {
		return nil, &core.Error{Vendor: vendor, Op: op, Class: core.ClassCanceled, Err: err, Applied: core.AppliedNo,
			Message: "the context ended before anything was sent"}
	}
	return unlock, nil
}

// found is the links that were read, and why others could not be.
type found struct {
	byUser bool
	links  map[int64]map[int64]*Link // by owner, then by the other side
	errs   map[int64]error           // by owner
	ghosts map[pair]error            // why there can be no link
}

func (f found) owner(p pair) (owner, other int64) {
	if f.byUser {
		return p.user, p.queue
	}
	return p.queue, p.user
}

// of returns a link, nil where there is none.
func (f found) of(p pair) (*Link, error) {
	owner, other := f.owner(p)
	return f.links[owner][other], f.errs[owner]
}

// read reads the links of the jobs: those of each user, or of each queue, whichever
// are fewer.
func (s *Store) read(ctx context.Context, jobs []*job) found {
	users, queues := map[int64]bool{}, map[int64]bool{}
	for _, j := range jobs {
		users[j.user], queues[j.queue] = true, true
	}
	f := found{byUser: len(users) <= len(queues), links: map[int64]map[int64]*Link{}, errs: map[int64]error{}}
	owners := users
	if !f.byUser {
		owners = queues
	}
	ids := slices.Sorted(maps.Keys(owners))
	lists, errs := make([]map[int64]*Link, len(ids)), make([]error, len(ids))
	var group errgroup.Group
	group.SetLimit(writers)
	for i, id := range ids {
		group.Go(func() error {
			op, own, exists := opListAssignments, theUser, s.userExists(ctx, id)
			if !f.byUser {
				op, own, exists = opListOperators, theQueue, s.queueExists(ctx, id)
			}
			all, err := s.c.allLinks(ctx, op, id, own)
			if err != nil {
				errs[i] = explained(err, exists)
				return nil
			}
			lists[i] = map[int64]*Link{}
			for k := range all {
				_, other := f.owner(pair{all[k].UserID, all[k].QueueID})
				lists[i][other] = &all[k]
			}
			return nil
		})
	}
	group.Wait()
	for i, id := range ids {
		f.links[id], f.errs[id] = lists[i], errs[i]
	}
	return f
}

// findGhosts looks, for the pairs that are not linked, whether both sides are there:
// the side that was read says nothing about the other, and an empty list little about
// its owner. It takes one read for each side, and one for each that a list lacks.
// Where a look fails, there is still no link.
func (s *Store) findGhosts(ctx context.Context, jobs []*job, f *found) {
	users, queues := map[int64]bool{}, map[int64]bool{}
	for _, j := range jobs {
		if l, err := f.of(j.pair); l != nil || err != nil {
			continue
		}
		owner, _ := f.owner(j.pair)
		known := len(f.links[owner]) > 0
		if !known || !f.byUser {
			users[j.user] = true
		}
		if !known || f.byUser {
			queues[j.queue] = true
		}
	}
	noUser, noQueue := absentees[User](ctx, s.c, userOps, users), absentees[Queue](ctx, s.c, queueOps, queues)
	f.ghosts = map[pair]error{}
	for _, j := range jobs {
		if why := cmp.Or(noUser[j.user], noQueue[j.queue]); why != nil {
			f.ghosts[j.pair] = why
		}
	}
}

// absentees finds out which of some users or queues do not exist. A list need not hold
// all that there are: those that it lacks are asked for.
func absentees[T any, P entry[T]](ctx context.Context, c *Client, o ops, ids map[int64]bool) map[int64]error {
	if len(ids) > 1 {
		for v, err := range list[T, P](ctx, c, o) {
			if err != nil {
				return nil
			}
			id, _, _ := P(&v).key()
			delete(ids, id)
		}
	}
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(writers)
	out := map[int64]error{}
	for id := range ids {
		group.Go(func() error {
			if _, err := get[T, P](ctx, c, o, id); errors.Is(err, core.ErrNotFound) {
				mu.Lock()
				defer mu.Unlock()
				out[id] = err
			}
			return nil
		})
	}
	group.Wait()
	return out
}

// make carries out an edit, a few links at a time. What could not be read is not
// written.
func (s *Store) make(ctx context.Context, e edit, jobs []*job, f found) {
	var group errgroup.Group
	group.SetLimit(writers)
	for _, j := range jobs {
		l, err := f.of(j.pair)
		switch {
		case err != nil:
			j.fail(unread(e.op, err))
		case e.needed && l == nil:
			j.fail(notLinked(e.op))
		case l == nil && f.ghosts[j.pair] != nil:
			j.fail(f.ghosts[j.pair])
		case e.done(l):
			j.end(core.ResultAlready)
		default:
			group.Go(func() error { s.write(ctx, e, j); return nil })
		}
	}
	group.Wait()
}

// unread is the error of a write that was not made because what it stands on could
// not be read. Where that was cut off, each time, it is incomplete.
func unread(op string, err error) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Class != core.ClassIncomplete && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	e = new(*e)
	e.Op, e.Class, e.Applied = op, core.ClassIncomplete, core.AppliedNo
	e.Message = "the links could not be read to their end, and nothing was written: " + e.Message
	return e
}

func notLinked(op string) error {
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotFound, Applied: core.AppliedNo, Message: "the user is not assigned to the queue"}
}

func (j *job) fail(err error) {
	for _, o := range j.outcomes {
		o.Fail(err)
	}
}

// end sets a good result. What a call asks for twice is made once.
func (j *job) end(r core.Result) {
	for _, o := range j.outcomes {
		o.Result, r = r, core.ResultAlready
	}
}

// write makes the change of one link, and looks again where the answer is a no or
// leaves open what happened.
func (s *Store) write(ctx context.Context, e edit, j *job) {
	err := e.write(ctx, j.user, j.queue)
	if err == nil {
		j.end(core.ResultApplied)
		return
	}
	ce, ok := errors.AsType[*core.Error](err)
	if !ok {
		j.fail(err)
		return
	}
	open := ce.Applied == core.AppliedUnknown
	refused := ce.Class == core.ClassInvalid || ce.Class == core.ClassConflict || ce.Class == core.ClassNotFound
	if !open && !refused || ctx.Err() != nil {
		j.fail(err)
		return
	}
	l, lookErr := s.c.findLink(ctx, j.user, j.queue)
	switch {
	case errors.Is(lookErr, core.ErrNotFound):
		err = lookErr // there is nobody whose link it could be
	case lookErr != nil:
	case e.done(l) && open:
		j.end(core.ResultApplied) // it was not so before, and the lost answer was a yes
		return
	case e.done(l):
		j.end(core.ResultAlready) // somebody else was faster
		return
	case l == nil && (refused || ce.Class == core.ClassProtocol):
		err = s.missing(ctx, j.pair, err)
		if e.needed && refused && !errors.Is(err, core.ErrNotFound) {
			err = notLinked(e.op) // it went meanwhile
		}
	}
	j.fail(err)
}

func (s *Store) userExists(ctx context.Context, id int64) func() error {
	return func() error { _, err := s.c.Users.Get(ctx, id); return err }
}

func (s *Store) queueExists(ctx context.Context, id int64) func() error {
	return func() error { _, err := s.c.Queues.Get(ctx, id); return err }
}

// missing finds out whether an answer that says no, or nothing, means that the user
// or the queue does not exist, so that neither does a link.
func (s *Store) missing(ctx context.Context, p pair, err error) error {
	for _, exists := range []func() error{s.userExists(ctx, p.user), s.queueExists(ctx, p.queue)} {
		if why := exists(); errors.Is(why, core.ErrNotFound) {
			return why
		}
	}
	return err
}
