package coretest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// Disturbance is what goes wrong with one request; see [Fixture.Disturb]. One of
// its effects is set.
type Disturbance struct {
	Name string
	// Status is answered instead of carrying the request out, with RetryAfter as
	// the header of that name where it is not empty.
	Status     int
	RetryAfter string
	// LoseAnswer carries the request out and breaks the connection before a byte of
	// the answer is sent.
	LoseAnswer bool
	// CutBody carries the request out and breaks the connection in the middle of
	// the answer's body.
	CutBody bool
	// Delay holds the request back before it is carried out.
	Delay time.Duration
}

var (
	tooMany = Disturbance{Name: "429", Status: 429, RetryAfter: "1"}
	broken  = Disturbance{Name: "500", Status: 500}
	lost    = Disturbance{Name: "a lost answer", LoseAnswer: true}
	cut     = Disturbance{Name: "a cut body", CutBody: true}
	slow    = Disturbance{Name: "a slow answer", Delay: 20 * time.Second}
	hanging = Disturbance{Name: "no answer", Delay: time.Hour}
)

// under returns the check that every operation is honest when one of its
// requests, whichever, is disturbed.
func under(d Disturbance) func(*suite) {
	return func(s *suite) {
		if s.Disturb == nil {
			s.Skipf("the Fixture cannot disturb a request (Disturb)")
		}
		if d.Delay > 0 && !s.virtual {
			s.Skipf("waiting takes VirtualTime")
		}
		for _, r := range reads() {
			s.disturbRead(r, d)
		}
		for _, w := range writes() {
			s.disturbWrite(w, d)
		}
	}
}

// strikes says which of an operation's n requests are disturbed, one in each
// trial: of many, the first and the last.
func strikes(n int) (out []int) {
	for i := range n {
		if i < 3 || i >= n-2 {
			out = append(out, i)
		}
	}
	return out
}

// sends counts the requests of an undisturbed operation.
func (s *suite) sends(f func()) int {
	if s.Requests == nil {
		return 1
	}
	before := s.Requests()
	f()
	return s.Requests() - before
}

// reading is an operation that changes nothing.
type reading struct {
	op   core.Operation
	list bool
	run  func(context.Context, *suite) (any, error)
}

func reads() []reading {
	links := func(query func(*suite) core.AssignmentQuery) func(context.Context, *suite) (any, error) {
		return func(ctx context.Context, s *suite) (any, error) {
			return core.Collect(s.Store.ListAssignments(ctx, query(s)))
		}
	}
	return []reading{
		{core.OpListUsers, true, func(ctx context.Context, s *suite) (any, error) {
			return core.Collect(s.Store.ListUsers(ctx, core.UserQuery{}))
		}},
		{core.OpGetUser, false, func(ctx context.Context, s *suite) (any, error) { return s.Store.GetUser(ctx, s.UserID) }},
		{core.OpListByUser, true, links(func(s *suite) core.AssignmentQuery { return core.AssignmentQuery{UserID: s.UserID} })},
		{core.OpListByTarget, true, links(func(s *suite) core.AssignmentQuery { return core.AssignmentQuery{Target: s.anyTarget()} })},
		{core.OpPresence, false, func(ctx context.Context, s *suite) (any, error) { return s.Store.Presence(ctx, s.UserID) }},
	}
}

func (s *suite) disturbRead(r reading, d Disturbance) {
	s.Helper()
	if !s.offers(r.op) {
		return
	}
	calm := s.another()
	n := calm.sends(func() { r.run(s.Context(), calm) })
	for _, at := range strikes(n) {
		s := s.another()
		what := string(r.op) + " with " + d.Name
		s.Disturb(at, d)
		got, err := r.run(s.Context(), s)
		if err != nil {
			if !r.list || !d.CutBody {
				s.Errorf("%s at request %d: a read that can be repeated failed: %v", what, at+1, err)
			}
			s.wellMade(err, what)
			continue
		}
		want, err := r.run(s.Context(), s)
		s.ok(err, "%s, undisturbed", r.op)
		s.equal(asJSON(want), asJSON(got), "%s at request %d: what was read", what, at+1)
	}
}

func asJSON(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// writing is an operation that changes something.
type writing struct {
	op      core.Operation
	needs   []core.Operation // to prepare it, and to see what came of it
	prepare func(*suite)
	run     func(context.Context, *suite) error
	after   core.Change
	done    func(*suite) bool
}

func writes() []writing {
	link := func(s *suite) core.Assignment { return core.Assignment{UserID: s.UserID, Target: s.anyTarget()} }
	type assigning = func(core.Store, context.Context, ...core.Assignment) ([]core.Outcome, error)
	change := func(do assigning) func(context.Context, *suite) error {
		return func(ctx context.Context, s *suite) error { _, err := do(s.Store, ctx, link(s)); return err }
	}
	prepared := func(dos ...assigning) func(*suite) {
		return func(s *suite) {
			for _, do := range dos {
				_, err := do(s.Store, s.Context(), link(s))
				s.ok(err, "preparing")
			}
		}
	}
	there := func(s *suite) bool { a := link(s); return s.link(a.UserID, a.Target) != nil }
	suspended := func(s *suite) bool {
		a := link(s)
		l := s.link(a.UserID, a.Target)
		return l != nil && l.Suspended
	}
	not := func(f func(*suite) bool) func(*suite) bool { return func(s *suite) bool { return !f(s) } }
	exists := func(id string, s *suite) bool {
		_, err := s.Store.GetUser(s.Context(), id)
		if err != nil && !errors.Is(err, core.ErrNotFound) {
			s.Errorf("looking whether user %s is there: %v", id, err)
		}
		return err == nil
	}
	return []writing{
		{op: core.OpCreateUser, needs: []core.Operation{core.OpListUsers}, after: core.Created,
			run: func(ctx context.Context, s *suite) error {
				u, err := s.Store.CreateUser(ctx, s.Spec(1))
				s.changed = u.ID
				return err
			},
			done: func(s *suite) bool {
				all, err := core.Collect(s.Store.ListUsers(s.Context(), core.UserQuery{Login: s.Spec(1).Login}))
				s.ok(err, "looking for the new user")
				if len(all) > 1 {
					s.Errorf("one create made %d users", len(all))
				}
				return len(all) > 0
			}},
		{op: core.OpUpdateUser, needs: []core.Operation{core.OpGetUser}, after: core.Updated,
			run: func(ctx context.Context, s *suite) error {
				name, to := s.anyChange()
				_, err := s.Store.UpdateUser(ctx, s.UserID, changeOf(name, to))
				s.changed = s.UserID
				return err
			},
			done: func(s *suite) bool {
				name, to := s.anyChange()
				return asJSON(valueOf(s.get(s.UserID), name)) == asJSON(wanted(to))
			}},
		{op: core.OpDeleteUser, needs: []core.Operation{core.OpGetUser}, after: core.Deleted,
			run: func(ctx context.Context, s *suite) error {
				s.changed = s.UserID
				return s.Store.DeleteUser(ctx, s.UserID)
			},
			done: func(s *suite) bool { return !exists(s.UserID, s) }},
		{op: core.OpAssign, run: change(core.Store.Assign), done: there},
		{op: core.OpUnassign, prepare: prepared(core.Store.Assign), run: change(core.Store.Unassign), done: not(there)},
		{op: core.OpSuspend, prepare: prepared(core.Store.Assign), run: change(core.Store.Suspend), done: suspended},
		{op: core.OpResume, prepare: prepared(core.Store.Assign, core.Store.Suspend), run: change(core.Store.Resume), done: not(suspended)},
		{op: core.OpSetPresence, needs: []core.Operation{core.OpPresence},
			prepare: func(s *suite) {
				s.ok(s.Store.SetPresence(s.Context(), s.UserID, s.Availabilities[0]), "preparing")
			},
			run: func(ctx context.Context, s *suite) error {
				return s.Store.SetPresence(ctx, s.UserID, s.Availabilities[1])
			},
			done: func(s *suite) bool { return s.presence(s.UserID).Availability == s.Availabilities[1] }},
		{op: core.OpBlock, needs: []core.Operation{core.OpPresence},
			prepare: func(s *suite) {
				if s.offers(core.OpAssign) {
					_, err := s.Store.Assign(s.Context(), link(s)) // something that a block may suspend
					s.ok(err, "preparing")
				}
			},
			run: func(ctx context.Context, s *suite) error {
				made, err := s.Store.Block(ctx, s.UserID)
				s.made = made
				return err
			},
			done: func(s *suite) bool { return said(s.presence(s.UserID).Blocked) }},
		{op: core.OpUnblock, needs: []core.Operation{core.OpPresence, core.OpBlock},
			prepare: func(s *suite) { s.block(s.UserID) },
			run:     func(ctx context.Context, s *suite) error { return s.Store.LiftBlocks(ctx, s.UserID) },
			done:    func(s *suite) bool { return !said(s.presence(s.UserID).Blocked) }},
	}
}

func said(b *bool) bool { return b != nil && *b }

// anyChange returns a field that an update can change and that can be seen.
func (s *suite) anyChange() (FieldName, any) {
	for _, name := range fieldNames {
		if f := s.Fields[name]; f.To != nil && !f.Blank {
			return name, f.To
		}
	}
	s.Skipf("the Fixture names no field that can be changed and seen")
	return "", nil
}

// can reports whether a writing can be tried at this store.
func (s *suite) can(w writing) bool {
	if !s.offers(w.op) || slices.ContainsFunc(w.needs, func(op core.Operation) bool { return !s.offers(op) }) {
		return false
	}
	switch w.op {
	case core.OpAssign, core.OpUnassign, core.OpSuspend, core.OpResume:
		k, _ := s.caps.Kind(s.anyTarget().Kind)
		return s.canRead() && !(k.Single && w.op == core.OpUnassign)
	case core.OpSetPresence:
		return len(s.Availabilities) > 1
	}
	return true
}

// begun returns another account in which the writing is prepared.
func (s *suite) begun(w writing) *suite {
	s.Helper()
	n := s.another()
	if w.prepare != nil {
		w.prepare(n)
	}
	return n
}

func (s *suite) disturbWrite(w writing, d Disturbance) {
	s.Helper()
	if !s.can(w) {
		return
	}
	calm := s.begun(w)
	if w.op == core.OpBlock {
		calm.linksOf(s.UserID) // as below, so that the same requests are left
	}
	n := calm.sends(func() { s.ok(w.run(s.Context(), calm), "%s, undisturbed", w.op) })
	for _, at := range strikes(n) {
		s := s.begun(w)
		what := string(w.op) + " with " + d.Name
		var before []string
		if w.op == core.OpBlock {
			before = s.linksOf(s.UserID)
		}
		s.Disturb(at, d)
		err := w.run(s.Context(), s)
		if err == nil {
			if w.after != core.AnyChange {
				s.settle(s.changed, w.after)
			}
			if !w.done(s) {
				s.Errorf("%s at request %d: it says that it was done, and it was not", what, at+1)
			}
			continue
		}
		if d.Status == 429 || d.Delay > 0 {
			s.Errorf("%s at request %d: nothing was wrong but the time, and yet: %v", what, at+1, err)
		}
		s.wellMade(err, what)
		if settler, ok := s.Store.(core.Settler); ok && w.after != core.AnyChange && s.changed != "" {
			settler.Settle(s.Context(), s.changed) // whatever is under way
		}
		switch done := w.done(s); {
		case appliedOf(err) == core.AppliedNo && done:
			s.Errorf("%s at request %d: it says that nothing was applied, and it was: %v", what, at+1, err)
		case appliedOf(err) == core.AppliedYes && !done:
			s.Errorf("%s at request %d: it says that it was applied, and it was not: %v", what, at+1, err)
		case appliedOf(err) == "":
			s.Errorf("%s at request %d: it does not say whether it was applied: %v", what, at+1, err)
		}
		if w.op == core.OpBlock && s.offers(core.OpUnblock) {
			s.ok(s.Store.Unblock(s.Context(), s.UserID, s.made), "unblocking with the record of a block that failed")
			s.blocked(false, s.UserID, "after unblocking with the record of a block that failed")
			s.equal(before, s.linksOf(s.UserID), "%s at request %d: the assignments after its record was taken back", what, at+1)
		}
	}
}

// appliedOf says what an error tells about the one change that was asked.
func appliedOf(err error) core.Applied {
	if part, ok := errors.AsType[*core.PartialError](err); ok {
		for _, o := range part.Outcomes {
			if o.Result != core.ResultFailed {
				return core.AppliedUnknown
			}
		}
		return core.AppliedNo
	}
	if e, ok := errors.AsType[*core.Error](err); ok {
		return e.Applied
	}
	return ""
}

// checkPatience: whatever waits for the vendor ends with the caller's context.
func checkPatience(s *suite) {
	if s.Disturb == nil {
		s.Skipf("the Fixture cannot disturb a request (Disturb)")
	}
	if !s.virtual {
		s.Skipf("waiting takes VirtualTime")
	}
	trial := func(op core.Operation, s *suite, run func(context.Context) error) {
		s.Helper()
		s.Disturb(0, hanging)
		ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		err := run(ctx)
		if took := time.Since(began); took > 10*time.Second {
			s.Errorf("%s: the context ended after 5s and the call after %s", op, took)
		}
		time.Sleep(2 * hanging.Delay) // what others may wait for as well goes on, and ends
		if err == nil || !errors.Is(err, context.DeadlineExceeded) {
			s.Errorf("%s: the context ended while the vendor was silent, and the error is %v", op, err)
		}
	}
	for _, r := range reads() {
		if s.offers(r.op) {
			s := s.another()
			trial(r.op, s, func(ctx context.Context) error { _, err := r.run(ctx, s); return err })
		}
	}
	for _, w := range writes() {
		if s.can(w) {
			s := s.begun(w)
			trial(w.op, s, func(ctx context.Context) error { return w.run(ctx, s) })
		}
	}
}
