package coretest

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

func checkAssign(s *suite) {
	for _, k := range s.plain() {
		target := s.Targets[k.Kind][0]
		a := core.Assignment{UserID: s.UserID, Target: target}
		s.linked(false, s.UserID, target, "before")
		before, other := s.linksOf(s.UserID), s.linksOf(s.OtherID)

		s.one(s.Store.Assign, a, core.ResultApplied, "assigning")
		s.linked(true, s.UserID, target, "after assigning")
		s.one(s.Store.Assign, a, core.ResultAlready, "assigning again")
		s.linked(true, s.UserID, target, "after assigning again")
		s.linked(false, s.OtherID, target, "after assigning another user")

		now := s.linksOf(s.UserID)
		for _, link := range before {
			if !slices.Contains(now, link) {
				s.Errorf("assigning %s took %s away", target, link)
			}
		}
		if !s.offers(core.OpUnassign) {
			continue
		}

		s.one(s.Store.Unassign, a, core.ResultApplied, "unassigning")
		s.linked(false, s.UserID, target, "after unassigning")
		s.one(s.Store.Unassign, a, core.ResultAlready, "unassigning again")
		s.equal(before, s.linksOf(s.UserID), "the assignments after assigning and unassigning %s", target)
		s.equal(other, s.linksOf(s.OtherID), "the assignments of another user")
	}
}

// linksOf returns what a user is assigned to, as text and in one order; nil
// where it cannot be read.
func (s *suite) linksOf(id string) (out []string) {
	s.Helper()
	if s.offers(core.OpListByUser) {
		for _, a := range s.links(core.AssignmentQuery{UserID: id}) {
			text := a.String()
			if a.Suspended {
				text += " (suspended)"
			}
			out = append(out, text)
		}
	}
	return out
}

func checkLevels(s *suite) {
	n := 0
	for _, k := range s.plain() {
		if k.Level == "" {
			continue
		}
		n++
		levels, target := s.Levels[k.Kind], s.Targets[k.Kind][0]
		if levels[0] == levels[1] {
			s.Fatalf("the Fixture has no two Levels of kind %s", k.Kind)
		}

		shows := func(want int, when string) {
			s.Helper()
			if !s.canRead() {
				return
			}
			switch l := s.link(s.UserID, target); {
			case l == nil:
				s.Errorf("%s: %s is not assigned to %s", when, s.UserID, target)
			case l.Level == nil || *l.Level != want:
				s.Errorf("%s: the level of %s is not %d", when, l, want)
			}
		}

		at := func(level *int) core.Assignment {
			return core.Assignment{UserID: s.UserID, Target: target, Level: level}
		}

		// Each step starts from where the one before it ended.
		s.one(s.Store.Assign, at(new(levels[0])), core.ResultApplied, "assigning with a level")
		shows(levels[0], "after assigning with a level")
		s.one(s.Store.Assign, at(new(levels[0])), core.ResultAlready, "assigning with the same level")

		s.one(s.Store.Assign, at(nil), core.ResultAlready, "assigning without a level")
		shows(levels[0], "after assigning without a level, which keeps it")

		s.one(s.Store.Assign, at(new(levels[1])), core.ResultApplied, "assigning with another level")
		shows(levels[1], "after assigning with another level")
	}

	if n == 0 {
		s.Skipf("the vendor has no kind with a level")
	}
}

func checkMove(s *suite) {
	s.need(core.OpAssign)
	n := 0
	for _, k := range s.kinds() {
		if !k.Single {
			continue
		}
		n++
		if len(s.Targets[k.Kind]) < 2 {
			s.Fatalf("the Fixture needs two targets of the single-valued kind %s", k.Kind)
		}

		from, to := s.Targets[k.Kind][0], s.Targets[k.Kind][1]
		s.one(s.Store.Assign, core.Assignment{UserID: s.UserID, Target: from}, core.ResultApplied, "assigning")
		s.linked(true, s.UserID, from, "after assigning")

		o := s.one(s.Store.Assign, core.Assignment{UserID: s.UserID, Target: to}, core.ResultApplied, "moving")
		if o.Before == nil || !same(o.Before.Target, from) || o.Before.UserID != s.UserID {
			s.Errorf("the outcome of a move does not say from where (%s): before it was %v", from, o.Before)
		}
		s.linked(true, s.UserID, to, "after moving")
		s.linked(false, s.UserID, from, "after moving")
		s.one(s.Store.Assign, core.Assignment{UserID: s.UserID, Target: to}, core.ResultAlready, "moving to where it is")
	}

	if n == 0 {
		s.Skipf("the vendor has no single-valued kind")
	}
}

// several returns assignments of two users to all plain targets, interleaved.
func (s *suite) several() (as []core.Assignment) {
	for _, k := range s.plain() {
		for _, t := range s.Targets[k.Kind] {
			for _, id := range []string{s.OtherID, s.UserID} {
				as = append(as, core.Assignment{UserID: id, Target: t})
			}
		}
	}
	return as
}

// inOrder checks that there is one outcome per assignment, in the same order.
func (s *suite) inOrder(as []core.Assignment, outcomes []core.Outcome, what string) {
	s.Helper()
	if len(outcomes) != len(as) {
		s.Fatalf("%s: %d outcomes for %d assignments", what, len(outcomes), len(as))
	}
	for i := range as {
		s.equal(as[i], outcomes[i].Assignment, "%s: the assignment of outcome %d", what, i)
	}
}

func checkOrder(s *suite) {
	as := s.several()
	outcomes, err := s.Store.Assign(s.Context(), as...)
	s.ok(err, "assigning two users to all targets")
	s.inOrder(as, outcomes, "assigning")

	for i, o := range outcomes {
		if o.Result != core.ResultApplied || !o.Done() || o.Err != nil {
			s.Errorf("outcome %d of %s: %s %v", i, o.Assignment, o.Result, o.Err)
		}
		s.linked(true, as[i].UserID, as[i].Target, "after assigning many")
	}

	if !s.offers(core.OpUnassign) {
		return
	}

	// Half of them, and back to front.
	var half []core.Assignment
	for i := len(as) - 1; i >= 0; i -= 2 {
		half = append(half, as[i])
	}
	outcomes, err = s.Store.Unassign(s.Context(), half...)
	s.ok(err, "unassigning half of them")
	s.inOrder(half, outcomes, "unassigning")

	gone := map[string]bool{}
	for _, a := range half {
		gone[a.String()] = true
	}
	for _, a := range as {
		s.linked(!gone[a.String()], a.UserID, a.Target, "after unassigning half")
	}
}

func checkPartial(s *suite) {
	target := s.Targets[s.plain()[0].Kind][0]
	as := []core.Assignment{{UserID: s.UserID, Target: target}, {UserID: s.UnknownID, Target: target}, {UserID: s.OtherID, Target: target}}
	outcomes, err := s.Store.Assign(s.Context(), as...)
	s.partial(as, outcomes, err, core.OpAssign, "assigning two users and one who does not exist")
	s.equal([]core.Result{core.ResultApplied, core.ResultFailed, core.ResultApplied},
		[]core.Result{outcomes[0].Result, outcomes[1].Result, outcomes[2].Result}, "the results")
	s.is(outcomes[1].Err, core.ErrNotFound, core.OpAssign, "the cause of the one that failed")
	s.is(err, core.ErrNotFound, core.OpAssign, "the error reaches its causes: it")

	s.linked(true, s.UserID, target, "after a call that failed for another user")
	s.linked(true, s.OtherID, target, "after a call that failed for another user")

	outcomes, err = s.Store.Assign(s.Context(), as[1])
	s.partial(as[1:2], outcomes, err, core.OpAssign, "assigning just one, who does not exist")
}

func (s *suite) partial(as []core.Assignment, outcomes []core.Outcome, err error, op core.Operation, what string) {
	s.Helper()
	s.is(err, core.ErrPartial, op, "%s", what)
	part, ok := errors.AsType[*core.PartialError](err)
	if !ok {
		s.Fatalf("%s: the error is not a *core.PartialError: %v", what, err)
	}

	s.inOrder(as, outcomes, what)
	s.inOrder(as, part.Outcomes, what+" (in the error)")
	for i := range outcomes {
		s.equal(outcomes[i].Result, part.Outcomes[i].Result, "%s: result %d of the call and of its error", what, i)
	}
}

func checkTwice(s *suite) {
	target := s.Targets[s.plain()[0].Kind][0]
	a := core.Assignment{UserID: s.UserID, Target: target}
	outcomes, err := s.Store.Assign(s.Context(), a, a)
	s.ok(err, "assigning the same twice in one call")
	s.inOrder([]core.Assignment{a, a}, outcomes, "assigning the same twice")
	s.linked(true, s.UserID, target, "after assigning the same twice in one call")
}

func checkNone(s *suite) {
	s.need(core.OpAssign, core.OpUnassign)
	s.quiet("changing no assignments", func() {
		for _, do := range []assigner{s.Store.Assign, s.Store.Unassign} {
			outcomes, err := do(s.Context())
			if err != nil || len(outcomes) != 0 {
				s.Errorf("changing no assignments gives %v, %v", outcomes, err)
			}
		}
	})
}

func checkSuspend(s *suite) {
	s.need(core.OpSuspend, core.OpResume)
	for _, k := range s.plain() {
		target := s.Targets[k.Kind][0]
		a := core.Assignment{UserID: s.UserID, Target: target}

		outcomes, err := s.Store.Suspend(s.Context(), a)
		if errors.Is(err, errors.ErrUnsupported) {
			s.unsupported(err, core.OpSuspend, "suspending")
			continue // not with this kind
		}

		s.partial([]core.Assignment{a}, outcomes, err, core.OpSuspend, "suspending where there is no link")
		s.equal(core.ResultFailed, outcomes[0].Result, "suspending where there is no link")
		s.linked(false, s.UserID, target, "after suspending where there is no link")

		suspended := func(want bool, when string) {
			s.Helper()
			if !s.canRead() {
				return
			}
			if l := s.link(s.UserID, target); l == nil || l.Suspended != want {
				s.Errorf("%s: want a link with suspended %v, got %v", when, want, l)
			}
		}

		s.one(s.Store.Assign, a, core.ResultApplied, "assigning")
		suspended(false, "after assigning")
		s.one(s.Store.Suspend, a, core.ResultApplied, "suspending")
		suspended(true, "after suspending")
		s.one(s.Store.Suspend, a, core.ResultAlready, "suspending again")
		s.one(s.Store.Assign, a, core.ResultAlready, "assigning a suspended link")
		suspended(true, "after assigning a suspended link")
		s.one(s.Store.Resume, a, core.ResultApplied, "resuming")
		suspended(false, "after resuming")
		s.one(s.Store.Resume, a, core.ResultAlready, "resuming again")
	}
}

// checkBefore: an outcome tells the link that was there, so that it can be undone.
func checkBefore(s *suite) {
	for _, k := range s.plain() {
		target := s.Targets[k.Kind][0]
		a := core.Assignment{UserID: s.UserID, Target: target}
		if k.Level != "" {
			a.Level = new(s.Levels[k.Kind][0])
		}
		s.wasBefore(s.one(s.Store.Assign, a, core.ResultApplied, "assigning"), nil, "assigning")
		s.wasBefore(s.one(s.Store.Assign, a, core.ResultAlready, "assigning again"), &a, "assigning again")
		if k.Level != "" {
			other := a
			other.Level = new(s.Levels[k.Kind][1])
			s.wasBefore(s.one(s.Store.Assign, other, core.ResultApplied, "assigning with another level"), &a, "assigning with another level")
			a = other
		}

		if s.suspends(k.Kind) {
			shut := a
			shut.Suspended = true
			s.wasBefore(s.one(s.Store.Suspend, a, core.ResultApplied, "suspending"), &a, "suspending")
			s.wasBefore(s.one(s.Store.Resume, a, core.ResultApplied, "resuming"), &shut, "resuming")
		}

		if s.offers(core.OpUnassign) {
			s.wasBefore(s.one(s.Store.Unassign, a, core.ResultApplied, "unassigning"), &a, "unassigning")
			s.wasBefore(s.one(s.Store.Unassign, a, core.ResultAlready, "unassigning again"), nil, "unassigning again")
		}
	}
}

// suspends reports whether links of a kind can be suspended.
func (s *suite) suspends(kind core.Kind) bool {
	if !s.offers(core.OpSuspend) || !s.offers(core.OpResume) {
		return false
	}
	n := s.another()
	_, err := n.Store.Suspend(s.Context(), core.Assignment{UserID: n.UserID, Target: n.Targets[kind][0]})
	return !errors.Is(err, errors.ErrUnsupported)
}

// wasBefore compares the link before one change with what it should be.
func (s *suite) wasBefore(o core.Outcome, want *core.Assignment, what string) {
	s.Helper()
	is := o.Before
	switch {
	case want == nil && is == nil:
	case want == nil || is == nil:
		s.Errorf("%s %s: the link before is %v, want %v", what, o.Assignment, is, want)
	case is.UserID != want.UserID || !same(is.Target, want.Target) || is.Suspended != want.Suspended || want.Level != nil &&
		(is.Level == nil || *is.Level != *want.Level):
		s.Errorf("%s %s: the link before is %s (suspended %v), want %s (suspended %v)", what, o.Assignment, is, is.Suspended, want,
			want.Suspended)
	}

	data, err := json.Marshal(o)
	s.ok(err, "an outcome as JSON")
	var back core.Outcome
	s.ok(json.Unmarshal(data, &back), "an outcome from JSON")
	s.equal(asJSON(o), asJSON(back), "an outcome after JSON")
}
