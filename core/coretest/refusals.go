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
			s.Errorf("Capabilities mentions %q, which is no operation", op)
		}
	}
	seen := map[core.Kind]bool{}
	for _, k := range s.caps.Kinds {
		if !slices.Contains(core.Kinds(), k.Kind) || seen[k.Kind] {
			s.Errorf("kind %q is not one, or is mentioned twice", k.Kind)
		}
		seen[k.Kind] = true
	}
	if _, settles := s.Store.(core.Settler); settles != s.offers(core.OpSettle) {
		s.Errorf("Capabilities says that %s is offered: %v; the store implements core.Settler: %v", core.OpSettle, !settles, settles)
	}
}

// call is one way to ask the store for an operation.
type call struct {
	op   core.Operation
	name string
	run  func(ctx context.Context, userID string) error
}

// calls are all operations, asked with a user's id.
func (s *suite) calls() []call {
	target := s.anyTarget()
	change := core.UserChange{}
	for _, name := range fieldNames {
		if f, ok := s.Fields[name]; ok && f.To != nil {
			change = changeOf(name, f.To)
			break
		}
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
		{core.OpGetUser, "GetUser", func(ctx context.Context, id string) error { _, err := s.Store.GetUser(ctx, id); return err }},
		{core.OpUpdateUser, "UpdateUser", func(ctx context.Context, id string) error {
			_, err := s.Store.UpdateUser(ctx, id, change)
			return err
		}},
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
			to := core.Available
			if len(s.Availabilities) > 0 {
				to = s.Availabilities[0]
			}
			return s.Store.SetPresence(ctx, id, to)
		}},
		{core.OpBlock, "Block", func(ctx context.Context, id string) error { _, err := s.Store.Block(ctx, id); return err }},
		{core.OpUnblock, "LiftBlocks", func(ctx context.Context, id string) error { return s.Store.LiftBlocks(ctx, id) }},
	}
	if settler, ok := s.Store.(core.Settler); ok {
		out = append(out, call{core.OpSettle, "Settle", func(ctx context.Context, id string) error { _, err := settler.Settle(ctx, id); return err }})
	}
	return out
}

// others are the operations that take no user's id.
func (s *suite) others() []call {
	target := s.anyTarget()
	out := []call{
		{core.OpListUsers, "ListUsers", func(ctx context.Context, _ string) error {
			_, err := core.Collect(s.Store.ListUsers(ctx, core.UserQuery{}))
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

func (s *suite) unsupported(err error, what string) {
	s.Helper()
	s.is(err, errors.ErrUnsupported, "%s", what)
	if err == nil {
		return
	}
	if !errors.Is(err, core.ErrUnsupported) || core.ClassOf(err) != core.ClassUnsupported {
		s.Errorf("%s: the error is not of class unsupported: %v", what, err)
	}
	s.notApplied(err, what)
}

func checkUnsupported(s *suite) {
	for _, c := range append(s.calls(), s.others()...) {
		if !s.offers(c.op) {
			s.quiet(c.name, func() { s.unsupported(c.run(s.Context(), s.UserID), c.name) })
		}
	}
	if s.offers(core.OpAssign) && !s.offers(core.OpSuspend) {
		target := s.anyTarget()
		s.quiet("assigning a suspended link", func() {
			_, err := s.Store.Assign(s.Context(), core.Assignment{UserID: s.UserID, Target: target, Suspended: true})
			s.unsupported(err, "assigning a suspended link, where no link can be suspended")
		})
	}
}

func checkMissingFields(s *suite) {
	for _, name := range fieldNames {
		if _, has := s.Fields[name]; has {
			continue
		}
		if s.offers(core.OpCreateUser) {
			spec := s.Spec(1)
			setSpec(&spec, name, sample(name))
			s.quiet("creating a user with "+string(name), func() {
				_, err := s.Store.CreateUser(s.Context(), spec)
				s.unsupported(err, "creating a user with "+string(name)+", which the vendor lacks")
			})
		}
		if s.offers(core.OpUpdateUser) {
			for _, v := range []any{sample(name), nil} {
				s.quiet("changing "+string(name), func() {
					_, err := s.Store.UpdateUser(s.Context(), s.UserID, changeOf(name, v))
					s.unsupported(err, "changing "+string(name)+", which the vendor lacks")
				})
			}
		}
		if s.offers(core.OpGetUser) {
			if v := valueOf(s.get(s.UserID), name); v != nil && !s.caps.Field(core.Field(name)).Readable {
				s.Errorf("%s is %v when read, though the vendor lacks it", name, v)
			}
		}
		if s.offers(core.OpListUsers) && (name == Login || name == Email) {
			s.quiet("looking for "+string(name), func() {
				q := core.UserQuery{Login: "coretest@example.com"}
				if name == Email {
					q = core.UserQuery{Email: q.Login}
				}
				_, err := core.Collect(s.Store.ListUsers(s.Context(), q))
				s.unsupported(err, "looking for "+string(name)+", which the vendor lacks")
			})
		}
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
		for name, do := range map[string]assigner{
			"Assign": s.Store.Assign, "Unassign": s.Store.Unassign, "Suspend": s.Store.Suspend, "Resume": s.Store.Resume,
		} {
			if has && !k.ReadOnly {
				continue
			}
			what := fmt.Sprintf("%s of kind %s", name, kind)
			s.quiet(what, func() {
				outcomes, err := do(s.Context(), a)
				s.unsupported(err, what)
				if len(outcomes) > 0 {
					s.Errorf("%s: refused as a whole, and yet there are outcomes", what)
				}
			})
		}
		if !has {
			what := "ListAssignments of kind " + string(kind)
			s.quiet(what, func() {
				_, err := core.Collect(s.Store.ListAssignments(s.Context(), core.AssignmentQuery{Target: target}))
				s.unsupported(err, what)
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
			s.unsupported(err, "a call with one kind that is lacking")
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
			s.unsupported(err, what)
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
			s.unsupported(err, what)
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
				continue // which asks for everybody's
			}
			what := fmt.Sprintf("%s of the impossible id %q", c.name, id)
			s.quiet(what, func() {
				err := c.run(s.Context(), id)
				s.is(err, core.ErrInvalid, "%s", what)
				s.notApplied(err, what)
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
				s.is(err, core.ErrCanceled, "%s", what)
				s.is(err, cause, "%s", what)
			})
		}
	}
}

func checkRefused(s *suite) {
	if s.Refuse == nil {
		s.Skipf("the Fixture cannot make the vendor refuse (Refuse)")
	}
	s.Refuse()
	for _, c := range append(s.calls(), s.others()...) {
		if !s.offers(c.op) {
			continue
		}
		err := c.run(s.Context(), s.UserID)
		s.is(err, core.ErrPermission, "%s, refused by the vendor", c.name)
	}
}
