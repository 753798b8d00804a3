package coretest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// under returns the check that every operation is honest when one of its requests goes
// wrong: each request of each operation, in each of some ways.
func under(ds ...Disturbance) func(*suite) {
	return func(s *suite) {
		if s.Disturb == nil {
			s.Skipf("the Fixture cannot disturb a request (Disturb)")
		}
		if ds[0].Delay > 0 && !s.virtual {
			s.Skipf("waiting takes VirtualTime")
		}

		// Reads first, then writes: each trial gets an account of its own.
		for _, r := range reads() {
			if s.offers(r.op) && !ds[0].Effect { // what is only read has no effect
				s.disturbRead(r, ds)
			}
		}
		for _, w := range writes() {
			if s.can(w) {
				s.disturbWrite(w, ds)
			}
		}
	}
}

// trials calls f for every request that an operation sends undisturbed, and every
// disturbance. Run runs the operation, and f gets the account that it is tried in.
func (s *suite) trials(op core.Operation, ds []Disturbance, fresh func() *suite, run func(*suite) error, f func(s *suite, d Disturbance,
	what string, err error)) {
	s.Helper()
	calm := fresh()
	n := calm.sends(func() { s.ok(run(calm), "%s, undisturbed", op) })

	for _, d := range ds {
		for at := range n {
			s := fresh()
			s.Disturb(at, d)
			var err error
			if sent := s.sends(func() { err = run(s) }); s.Requests != nil && sent <= at {
				continue // it took fewer requests, and the disturbance is still to come
			}
			f(s, d, fmt.Sprintf("%s with %s at request %d of %d", op, d.Name, at+1, n), err)
		}
	}
}

func (s *suite) disturbRead(r reading, ds []Disturbance) {
	s.Helper()
	var got any
	run := func(s *suite) (err error) {
		got, err = r.run(s.Context(), s)
		return err
	}
	s.trials(r.op, ds, s.another, run, func(s *suite, d Disturbance, what string, err error) {
		if err == nil {
			want, err := r.run(s.Context(), s)
			s.ok(err, "%s, undisturbed", r.op)
			s.equal(asJSON(want), asJSON(got), "%s: what was read", what)
			return
		}

		if d.passes() && !(r.list && d.CutBody) {
			s.Errorf("%s: a read that can be repeated failed: %v", what, err)
		}
		s.wellMade(err, r.op, what)
		s.notApplied(err, what)
		s.believed(d, r.collection, err, what)
		if missing := errors.Is(err, core.ErrNotFound); r.list && !missing {
			s.brokeOff(err, r.op, what)
		}
	})
}

// believed checks that not found is believed only of the thing that was asked for.
func (s *suite) believed(d Disturbance, collection bool, err error, what string) {
	s.Helper()
	if d.aboutNobody(collection) && errors.Is(err, core.ErrNotFound) {
		s.Errorf("%s: an answer that proves nothing is reported as not found: %v", what, err)
	}
}

func (s *suite) disturbWrite(w writing, ds []Disturbance) {
	s.Helper()
	run := func(s *suite) error { return w.run(s.Context(), s) }
	s.trials(w.op, ds, func() *suite { return s.begun(w) }, run, func(s *suite, d Disturbance, what string, err error) {
		if err != nil && d.harmless() {
			s.Errorf("%s: only the answer was late, and still it failed: %v", what, err)
		}
		if err != nil {
			made := appliedOf(err) == core.AppliedYes // what follows a creation is about the new user
			s.believed(d, w.op == core.OpCreateUser && !made, err, what)
		}
		s.honest(w, err, what)
		if w.op == core.OpBlock {
			s.undo(what)
		}
	})
}

// honest compares what an operation reports with what it did.
func (s *suite) honest(w writing, err error, what string) {
	s.Helper()
	if err == nil {
		if w.after != core.AnyChange {
			s.settle(s.changed, w.after)
		}
		if !w.done(s) {
			s.Errorf("%s: it says that it was done, and it was not", what)
		}
		return
	}

	s.wellMade(err, w.op, what)
	s.finished(w)
	switch done := w.done(s); {
	case appliedOf(err) == core.AppliedNo && done:
		s.Errorf("%s: it says that nothing was applied, and it was: %v", what, err)
	case appliedOf(err) == core.AppliedYes && !done && !errors.Is(err, core.ErrPartial):
		s.Errorf("%s: it says that it was applied, and it was not: %v", what, err)
	case appliedOf(err) == "":
		s.Errorf("%s: it does not say whether it was applied: %v", what, err)
	}
}

// undo checks that the record of a block undoes it, even if the block failed.
func (s *suite) undo(what string) {
	s.Helper()
	if len(s.made.Changed) == 0 && said(s.presence(s.UserID).Blocked) {
		s.Errorf("%s: the user is blocked, and the record is empty", what)
	}

	if !s.offers(core.OpUnblock) {
		return
	}
	s.ok(s.Store.Unblock(s.Context(), s.UserID, s.made), "%s: unblocking with its record", what)
	s.blocked(false, s.UserID, what+": after unblocking with its record")
	s.equal(s.before, s.linksOf(s.UserID), "%s: the assignments after its record was taken back", what)
}

// checkPatience: every wait for the vendor ends with the caller's context.
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
