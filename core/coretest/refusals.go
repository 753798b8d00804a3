package coretest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

func checkCapabilities(s *suite) {
	if s.caps.Vendor == "" {
		s.Errorf("Capabilities names no vendor")
	}
	for _, op := range core.Operations() {
		c, ok := s.caps.Operations[op]
		switch {
		case !ok:
			s.Errorf("Capabilities does not mention %s", op)
		case c.Support == core.Native:
		case c.Support != core.Emulated && c.Support != core.NotOffered:
			s.Errorf("%s: support is %q", op, c.Support)
		case c.Note == "":
			s.Errorf("%s is %s, and Capabilities does not say how or why", op, c.Support)
		}
	}

	for op := range s.caps.Operations {
		if !slices.Contains(core.Operations(), op) {
			s.Errorf("Capabilities mentions %q, which is not an operation", op)
		}
	}

	checkKinds(s)
	checkPartialLists(s)

	if _, settles := s.Store.(core.Settler); settles != s.offers(core.OpSettle) {
		s.Errorf("Capabilities says that %s is offered: %v; the store implements core.Settler: %v", core.OpSettle, !settles, settles)
	}
}

// checkKinds: each kind is known, mentioned once, and has a range of levels if it has levels.
func checkKinds(s *suite) {
	seen := map[core.Kind]bool{}
	for _, k := range s.caps.Kinds {
		if !slices.Contains(core.Kinds(), k.Kind) || seen[k.Kind] {
			s.Errorf("kind %q does not exist, or is mentioned twice", k.Kind)
		}
		seen[k.Kind] = true
		if (k.Level != "") != (k.Levels != nil) {
			s.Errorf("kind %s: Level is %q and Levels is %v", k.Kind, k.Level, k.Levels)
		}
	}
}

// checkPartialLists: only lists can miss users, and the note says which.
func checkPartialLists(s *suite) {
	for op, c := range s.caps.Operations {
		switch op {
		case core.OpListUsers, core.OpListTargets, core.OpListAll, core.OpListByUser, core.OpListByTarget:
			if c.Partial && c.Note == "" {
				s.Errorf("%s can miss users, and Capabilities does not say which", op)
			}
		default:
			if c.Partial {
				s.Errorf("%s is not a list, but Capabilities says that it can miss users", op)
			}
		}
	}
}

// call is one way to ask the store for an operation.
type call struct {
	op   core.Operation
	name string
	run  func(ctx context.Context, userID string) error
}

// second returns the error of a call that also returns a value.
func second[T any](_ T, err error) error { return err }

// calls returns all operations that take a user's id.
func (s *suite) calls() []call {
	target := s.anyTarget()
	change := core.UserChange{}
	for _, name := range core.Fields() {
		if f := s.Fields[name]; f.To != nil {
			change = changeOf(name, f.To)
			break
		}
	}

	to := core.Available
	if len(s.Availabilities) > 0 {
		to = s.Availabilities[0]
	}
	record := core.Block{Vendor: s.caps.Vendor, Account: s.Account, UserID: s.UserID, Changed: []string{"something"}}
	if s.offers(core.OpBlock) && s.offers(core.OpUnblock) {
		record = s.block(s.UserID)
	}

	assign := func(do assigner) func(context.Context, string) error {
		return func(ctx context.Context, id string) error {
			outcomes, err := do(ctx, core.Assignment{UserID: id, Target: target})
			if part, ok := errors.AsType[*core.PartialError](err); ok && len(part.Outcomes) != len(outcomes) {
				return fmt.Errorf("the call returns %d outcomes and its error holds %d: %w", len(outcomes), len(part.Outcomes), err)
			}
			return err
		}
	}

	out := []call{
		{core.OpGetUser, "GetUser", func(ctx context.Context, id string) error { return second(s.Store.GetUser(ctx, id)) }},
		{core.OpUpdateUser, "UpdateUser", func(ctx context.Context, id string) error { return second(s.Store.UpdateUser(ctx, id, change)) }},
		{core.OpDeleteUser, "DeleteUser", s.Store.DeleteUser},
		{core.OpListByUser, "ListAssignments by user", func(ctx context.Context, id string) error {
			_, err := core.Collect(s.Store.ListAssignments(ctx, core.AssignmentQuery{UserID: id}))
			return err
		}},
		{core.OpAssign, "Assign", assign(s.Store.Assign)},
		{core.OpUnassign, "Unassign", assign(s.Store.Unassign)},
		{core.OpSuspend, "Suspend", assign(s.Store.Suspend)},
		{core.OpResume, "Resume", assign(s.Store.Resume)},
		{core.OpPresence, "Presence", func(ctx context.Context, id string) error { _, err := s.Store.Presence(ctx, id); return err }},
		{core.OpSetPresence, "SetPresence", func(ctx context.Context, id string) error {
			return s.Store.SetPresence(ctx, id, to)
		}},
		{core.OpBlock, "Block", func(ctx context.Context, id string) error { _, err := s.Store.Block(ctx, id); return err }},
		{core.OpUnblock, "Unblock", func(ctx context.Context, id string) error {
			made := record
			made.UserID = id
			return s.Store.Unblock(ctx, id, made)
		}},
		{core.OpLiftBlocks, "LiftBlocks", s.Store.LiftBlocks},
	}

	if settler, ok := s.Store.(core.Settler); ok {
		out = append(out, call{core.OpSettle, "Settle", func(ctx context.Context, id string) error {
			_, err := settler.Settle(ctx, id)
			return err
		}})
	}
	return out
}

// others returns the operations that take no user's id.
func (s *suite) others() []call {
	target := s.anyTarget()
	out := []call{
		{core.OpListUsers, "ListUsers", func(ctx context.Context, _ string) error {
			_, err := core.Collect(s.Store.ListUsers(ctx, core.UserQuery{}))
			return err
		}},
		{core.OpListTargets, "ListTargets", func(ctx context.Context, _ string) error {
			_, err := core.Collect(s.Store.ListTargets(ctx, core.TargetQuery{}))
			return err
		}},
		{core.OpListAll, "ListAssignments of everybody", func(ctx context.Context, _ string) error {
			_, err := core.Collect(s.Store.ListAssignments(ctx, core.AssignmentQuery{}))
			return err
		}},
		{core.OpListByTarget, "ListAssignments by target", func(ctx context.Context, _ string) error {
			_, err := core.Collect(s.Store.ListAssignments(ctx, core.AssignmentQuery{Target: target}))
			return err
		}},
	}

	spec := core.UserSpec{Login: "coretest@example.com"}
	if s.Spec != nil {
		spec = s.Spec(90)
	}

	return append(out, call{core.OpCreateUser, "CreateUser", func(ctx context.Context, _ string) error {
		_, err := s.Store.CreateUser(ctx, spec)
		return err
	}})
}

// anyTarget returns a target that can be written, a queue if there is one because
// only its links can be suspended everywhere; else any target there is.
func (s *suite) anyTarget() core.Target {
	var best core.Target
	worth := 0
	for _, k := range s.caps.Kinds {
		if len(s.Targets[k.Kind]) == 0 {
			continue
		}

		w := 1
		switch {
		case k.ReadOnly:
		case k.Single:
			w = 2
		case k.Kind == core.KindQueue:
			w = 4
		default:
			w = 3
		}
		if w > worth {
			best, worth = s.Targets[k.Kind][0], w
		}
	}
	if worth == 0 {
		return core.Target{Kind: core.KindQueue, ID: "1"}
	}
	return best
}

func checkUnsupported(s *suite) {
	for _, c := range append(s.calls(), s.others()...) {
		if !s.offers(c.op) {
			s.quiet(c.name, func() { s.unsupported(c.run(s.Context(), s.UserID), c.op, c.name) })
		}
	}

	if s.offers(core.OpAssign) && !s.offers(core.OpSuspend) {
		target := s.anyTarget()
		s.quiet("assigning a suspended link", func() {
			_, err := s.Store.Assign(s.Context(), core.Assignment{UserID: s.UserID, Target: target, Suspended: true})
			s.unsupported(err, core.OpAssign, "assigning a suspended link, where no link can be suspended")
		})
	}
}

func checkMissingKinds(s *suite) {
	for _, kind := range core.Kinds() {
		k, has := s.caps.Kind(kind)
		target := core.Target{Kind: kind, ID: "1"}
		if ts := s.Targets[kind]; len(ts) > 0 {
			target = ts[0]
		}
		a := core.Assignment{UserID: s.UserID, Target: target}

		for op, do := range map[core.Operation]assigner{
			core.OpAssign: s.Store.Assign, core.OpUnassign: s.Store.Unassign, core.OpSuspend: s.Store.Suspend, core.OpResume: s.Store.Resume,
		} {
			if has && !k.ReadOnly {
				continue
			}
			what := fmt.Sprintf("%s of kind %s", op, kind)
			s.quiet(what, func() {
				outcomes, err := do(s.Context(), a)
				s.unsupported(err, op, what)
				if len(outcomes) > 0 {
					s.Errorf("%s: refused as a whole, but there are outcomes", what)
				}
			})
		}

		if !has {
			what := "ListAssignments of kind " + string(kind)
			s.quiet(what, func() {
				_, err := core.Collect(s.Store.ListAssignments(s.Context(), core.AssignmentQuery{Target: target}))
				s.unsupported(err, core.OpListByTarget, what)
			})
			s.quiet("ListTargets of kind "+string(kind), func() {
				_, err := core.Collect(s.Store.ListTargets(s.Context(), core.TargetQuery{Kind: kind}))
				s.unsupported(err, core.OpListTargets, "ListTargets of kind "+string(kind))
			})
		}
	}

	if !s.offers(core.OpAssign) {
		return
	}

	// One bad assignment refuses the whole call, before the good one is made.
	for _, kind := range core.Kinds() {
		if _, has := s.caps.Kind(kind); has {
			continue
		}
		good := s.anyTarget()
		s.quiet("a call with one kind that is lacking", func() {
			_, err := s.Store.Assign(s.Context(), core.Assignment{UserID: s.UserID, Target: good},
				core.Assignment{UserID: s.UserID, Target: core.Target{Kind: kind, ID: "1"}})
			s.unsupported(err, core.OpAssign, "a call with one kind that is lacking")
		})
		break
	}
}

func checkMissingLevels(s *suite) {
	s.need(core.OpAssign)
	for _, k := range s.kinds() {
		if k.Level != "" {
			continue
		}
		what := "a level on kind " + string(k.Kind)
		s.quiet(what, func() {
			_, err := s.Store.Assign(s.Context(), core.Assignment{UserID: s.UserID, Target: s.Targets[k.Kind][0], Level: new(1)})
			s.unsupported(err, core.OpAssign, what)
		})
	}
}

func checkSingleUnassign(s *suite) {
	n := 0
	for _, k := range s.kinds() {
		if !k.Single {
			continue
		}
		n++
		what := "taking away the only " + string(k.Kind)
		s.quiet(what, func() {
			_, err := s.Store.Unassign(s.Context(), core.Assignment{UserID: s.UserID, Target: s.Targets[k.Kind][0]})
			s.unsupported(err, core.OpUnassign, what)
		})
	}
	if n == 0 {
		s.Skipf("the vendor has no single-valued kind")
	}
}

func checkImpossibleIDs(s *suite) {
	ids := append([]string{"", ".", "..", "a/b", "../a", "a\x00b", "a\nb"}, s.ImpossibleIDs...)
	for _, c := range s.calls() {
		if !s.offers(c.op) {
			continue
		}
		for _, id := range ids {
			if id == "" && c.op == core.OpListByUser {
				continue // which would ask for everybody's
			}
			what := fmt.Sprintf("%s of the impossible id %q", c.name, id)
			s.quiet(what, func() {
				s.invalid(c.run(s.Context(), id), c.op, what)
			})
		}
	}
}

func checkEndedContext(s *suite) {
	canceled, cancel := context.WithCancel(s.Context())
	cancel()
	late, cancel := context.WithTimeout(s.Context(), -1)
	defer cancel()

	for _, c := range append(s.calls(), s.others()...) {
		if !s.offers(c.op) {
			continue
		}
		for ctx, cause := range map[context.Context]error{canceled: context.Canceled, late: context.DeadlineExceeded} {
			what := fmt.Sprintf("%s with a context that ended (%v)", c.name, cause)
			s.quiet(what, func() {
				err := c.run(ctx, s.UserID)
				s.is(err, core.ErrCanceled, c.op, "%s", what)
				s.is(err, cause, c.op, "%s", what)
			})
		}
	}
}

func checkRefused(s *suite) {
	if s.Refuse == nil {
		s.Skipf("the Fixture cannot make the vendor refuse (Refuse)")
	}
	calls := append(s.calls(), s.others()...)
	s.Refuse()

	for _, c := range calls {
		if !s.offers(c.op) {
			continue
		}
		err := c.run(s.Context(), s.UserID)
		s.is(err, core.ErrPermission, c.op, "%s, refused by the vendor", c.name)
	}
}

// checkLevelRange: a level that the vendor does not have is invalid.
func checkLevelRange(s *suite) {
	s.need(core.OpAssign)
	n := 0
	for _, k := range s.kinds() {
		if k.Levels == nil {
			continue
		}
		n++
		beyond := []int{k.Levels.Min - 1}
		if k.Levels.Max != 0 {
			beyond = append(beyond, k.Levels.Max+1)
		}

		for _, level := range beyond {
			what := fmt.Sprintf("level %d on kind %s, whose levels are %+v", level, k.Kind, *k.Levels)
			s.quiet(what, func() {
				_, err := s.Store.Assign(s.Context(), core.Assignment{UserID: s.UserID, Target: s.Targets[k.Kind][0], Level: &level})
				s.invalid(err, core.OpAssign, what)
			})
		}
	}
	if n == 0 {
		s.Skipf("the vendor has no kind with a level")
	}
}

// checkTwoLevels: two levels for one link in one call are refused.
func checkTwoLevels(s *suite) {
	s.need(core.OpAssign)
	n := 0
	for _, k := range s.kinds() {
		if k.Level == "" {
			continue
		}
		n++
		a := core.Assignment{UserID: s.UserID, Target: s.Targets[k.Kind][0], Level: new(s.Levels[k.Kind][0])}
		b := a
		b.Level = new(s.Levels[k.Kind][1])

		what := "one link with two levels in one call"
		s.quiet(what, func() {
			_, err := s.Store.Assign(s.Context(), a, b)
			s.invalid(err, core.OpAssign, what)
		})
	}
	if n == 0 {
		s.Skipf("the vendor has no kind with a level")
	}
}
