package coretest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rollcall-go/rollcall/core"
)

// Option adjusts TestStore.
type Option func(*options)

type options struct{ virtual bool }

// VirtualTime runs each check in a testing/synctest bubble, so that waiting
// costs nothing. The store's transport must then be in memory: a bubble with a
// real connection hangs.
func VirtualTime() Option { return func(o *options) { o.virtual = true } }

// TestStore checks a store. NewStore is called once for each check, within its
// subtest (and its bubble).
func TestStore(t *testing.T, newStore func(t *testing.T) Fixture, opts ...Option) {
	t.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}

	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			body := func(t *testing.T) {
				s := begin(t, newStore(t))
				s.fresh, s.virtual = func() Fixture { return newStore(t) }, o.virtual
				c.run(s)
			}

			if !o.virtual {
				body(t)
				return
			}

			skipped := false // in a bubble it would count as passed
			synctest.Test(t, func(t *testing.T) {
				defer func() { skipped = t.Skipped() }()
				body(t)
			})

			if skipped {
				t.SkipNow()
			}
		})
	}
}

// check is one subtest.
type check struct {
	name string
	run  func(*suite)
}

var checks = []check{
	{"capabilities are complete", checkCapabilities},
	{"fields are as Capabilities says", checkFields},
	{"unsupported operations are refused", checkUnsupported},
	{"fields the vendor lacks are refused", checkMissingFields},
	{"kinds the vendor lacks are refused", checkMissingKinds},
	{"levels where there are none are refused", checkMissingLevels},
	{"levels out of range are refused", checkLevelRange},
	{"one link with two levels is refused", checkTwoLevels},
	{"single-valued targets are not removed", checkSingleUnassign},
	{"impossible ids are invalid", checkImpossibleIDs},
	{"an ended context is reported", checkEndedContext},
	{"refusals are reported", checkRefused},
	{"operations cost what they promise", checkCost},

	{"users are listed", checkList},
	{"users are found exactly", checkFind},
	{"users are found in any spelling", checkFolding},
	{"a user is read", checkGet},
	{"an unknown user is not found", checkUnknown},
	{"a user is created and deleted", checkCreateDelete},
	{"a user is created with assignments", checkCreateLinks},
	{"required fields are needed", checkRequired},
	{"a change keeps the rest", checkUpdate},
	{"an empty change keeps everything", checkEmptyUpdate},
	{"clear clears", checkClear},
	{"a precondition is kept", checkIf},
	{"specs and changes survive JSON", checkJSON},

	{"targets are listed", checkTargets},
	{"all assignments are listed", checkListAll},
	{"assign and unassign", checkAssign},
	{"levels", checkLevels},
	{"a single-valued target moves", checkMove},
	{"outcomes show what was before", checkBefore},
	{"outcomes come in order", checkOrder},
	{"some fail, others do not", checkPartial},
	{"an assignment given twice", checkTwice},
	{"no assignments, no outcomes", checkNone},
	{"suspend and resume", checkSuspend},

	{"presence", checkPresence},
	{"block and unblock", checkBlock},
	{"unblock restores just what was blocked", checkUnblockJust},
	{"without a record nothing is unblocked", checkNoRecord},
	{"a block is logged before it is made", checkBlockLog},
	{"settle", checkSettle},

	{"a refusal for the rate is waited out", under(tooMany)},
	{"a server error", under(broken)},
	{"an answer that is lost", under(lost)},
	{"an answer that is cut", under(cut)},
	{"an answer that is slow", under(slow)},
	{"a page instead of an answer", under(pages...)},
	{"a page after the change", under(after(pages)...)},
	{"half an answer", under(halves...)},
	{"half an answer after the change", under(after(halves)...)},
	{"a 404 of a collection", under(nowhere)},
	{"a silent vendor does not outlast the context", checkPatience},

	{"a change that shows late is waited for", checkShortLag},
	{"a change that never shows is in doubt", checkEndlessLag},
	{"gone is seen and not guessed", checkGone},
	{"own writes are remembered", checkOwnWrites},
	{"a list that repeats a row is incomplete", checkRepeats},
}

// reporter is the part of *testing.T that the suite needs.
type reporter interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// suite is one check under way.
type suite struct {
	reporter
	Fixture
	caps core.Capabilities

	fresh   func() Fixture // another account
	virtual bool
	changed string     // the user of the latest change that was tried
	made    core.Block // by the latest block that was tried
	before  []string   // the assignments before it
}

// another returns the suite over an account of its own.
func (s *suite) another() *suite {
	s.Helper()
	n := begin(s.reporter, s.fresh())
	n.fresh, n.virtual = s.fresh, s.virtual
	return n
}

func begin(r reporter, f Fixture) *suite {
	r.Helper()
	s := &suite{reporter: r, Fixture: f}
	if f.Store == nil || f.UserID == "" || f.OtherID == "" || f.UserID == f.OtherID || f.UnknownID == "" {
		r.Fatalf("the Fixture needs a Store, two different users and an UnknownID")
	}

	// What the store offers decides what the fixture must have.
	s.caps = f.Store.Capabilities()
	if s.offers(core.OpCreateUser) && f.Spec == nil {
		r.Fatalf("the Fixture needs a Spec: the store offers %s", core.OpCreateUser)
	}

	for name := range f.Fields {
		if !slices.Contains(core.Fields(), name) {
			r.Fatalf("the Fixture has a field %q, which is not a neutral field", name)
		}
	}
	for kind := range f.Targets {
		if _, ok := s.caps.Kind(kind); !ok {
			r.Fatalf("the Fixture has targets of kind %s, which the store does not offer", kind)
		}
	}
	for _, k := range s.caps.Kinds {
		if !k.ReadOnly && s.offers(core.OpAssign) && len(f.Targets[k.Kind]) == 0 {
			r.Fatalf("the Fixture has no target of kind %s", k.Kind)
		}
	}
	return s
}

func (s *suite) offers(op core.Operation) bool {
	support := s.caps.Of(op).Support
	return support == core.Native || support == core.Emulated
}

// need skips the check where the store does not offer an operation.
func (s *suite) need(ops ...core.Operation) {
	s.Helper()
	for _, op := range ops {
		if !s.offers(op) {
			s.Skipf("the vendor offers no %s: %s", op, s.caps.Of(op).Note)
		}
	}
}

// settle waits until a change is in effect.
func (s *suite) settle(id string, after core.Change) {
	s.Helper()
	var err error
	if s.Fixture.Settle != nil {
		err = s.Fixture.Settle(s.Context(), id, after)
	} else if settler, ok := s.Store.(core.Settler); ok {
		_, err = settler.Settle(s.Context(), id, core.SettleAfter(after))
	}
	s.ok(err, "settling %s", id)
}

func (s *suite) get(id string) core.User {
	s.Helper()
	u, err := s.Store.GetUser(s.Context(), id)
	s.ok(err, "getting user %s", id)
	return u
}

// links returns the assignments of a user, or of a target, in one order.
func (s *suite) links(q core.AssignmentQuery) []core.Assignment {
	s.Helper()
	all, err := core.Collect(s.Store.ListAssignments(s.Context(), q))
	s.ok(err, "listing assignments of %s%s", q.UserID, q.Target.ID)
	slices.SortFunc(all, func(a, b core.Assignment) int { return strings.Compare(a.String(), b.String()) })
	return all
}

// link finds one assignment through both listings, which must agree.
func (s *suite) link(id string, t core.Target) *core.Assignment {
	s.Helper()

	find := func(q core.AssignmentQuery) *core.Assignment {
		var found *core.Assignment
		for _, a := range s.links(q) {
			if q.UserID != "" && a.UserID != id || q.UserID == "" && !same(a.Target, t) {
				s.Errorf("the assignments of %s%s contain a foreign one: %s", q.UserID, q.Target, a)
			}
			if a.UserID == id && same(a.Target, t) {
				if found != nil {
					s.Errorf("%s is listed twice", a)
				}
				found = &a
			}
		}
		return found
	}

	var byUser, byTarget *core.Assignment
	user, target := s.offers(core.OpListByUser), s.offers(core.OpListByTarget)
	if user {
		byUser = find(core.AssignmentQuery{UserID: id})
	}
	if target {
		byTarget = find(core.AssignmentQuery{Target: t})
	}

	if user && target {
		switch {
		case (byUser == nil) != (byTarget == nil):
			s.Errorf("the listings of user %s and of %s do not agree: in the first %v, in the second %v", id, t, byUser != nil, byTarget != nil)
		case byUser != nil && byUser.Suspended != byTarget.Suspended:
			s.Errorf("the listings of user %s and of %s do not agree on suspended", id, t)
		}
	}

	if byUser == nil {
		return byTarget
	}
	return byUser
}

func same(a, b core.Target) bool { return a.Kind == b.Kind && strings.EqualFold(a.ID, b.ID) }

// canRead reports whether the suite can see assignments.
func (s *suite) canRead() bool { return s.offers(core.OpListByUser) || s.offers(core.OpListByTarget) }

// linked checks whether an assignment is there.
func (s *suite) linked(want bool, id string, t core.Target, when string) {
	s.Helper()
	if s.canRead() && (s.link(id, t) != nil) != want {
		s.Errorf("%s: is %s assigned to %s? %v, want %v", when, id, t, !want, want)
	}
}

// kinds returns the kinds that can be written, with their targets.
func (s *suite) kinds() (out []core.KindCapability) {
	for _, k := range s.caps.Kinds {
		if !k.ReadOnly && len(s.Targets[k.Kind]) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// plain returns the kinds that a user can have several of, or skips the check.
func (s *suite) plain() (out []core.KindCapability) {
	s.Helper()
	s.need(core.OpAssign)
	for _, k := range s.kinds() {
		if !k.Single {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		s.Skipf("the vendor has no kind of assignment that can be written, beside single-valued ones")
	}
	return out
}

// one makes a single change and returns its outcome, which must be done.
func (s *suite) one(do assigner, a core.Assignment, want core.Result, what string) core.Outcome {
	s.Helper()
	outcomes, err := do(s.Context(), a)
	s.ok(err, "%s %s", what, a)
	if len(outcomes) != 1 {
		s.Fatalf("%s %s: %d outcomes", what, a, len(outcomes))
	}

	o := outcomes[0]
	s.equal(a, o.Assignment, "%s: the outcome's assignment", what)
	if o.Result != want {
		s.Errorf("%s %s: the result is %s, want %s (%s)", what, a, o.Result, want, o.Message)
	}
	return o
}
