package coretest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// recorder is a reporter that notes failures instead of failing a test.
type recorder struct {
	ctx      context.Context
	failures []string
	skipped  string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); runtime.Goexit() }
func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// observe runs the suite, or some of it, and returns what each check found.
func observe(t *testing.T, newStore func() Fixture, only ...string) map[string]*recorder {
	t.Helper()
	out := map[string]*recorder{}
	for _, c := range checks {
		if len(only) > 0 && !slices.Contains(only, c.name) {
			continue
		}
		r := &recorder{}
		synctest.Test(t, func(t *testing.T) {
			r.ctx = t.Context()
			done := make(chan struct{})
			go func() { // Fatalf ends its goroutine
				defer close(done)
				s := begin(r, newStore())
				s.fresh, s.virtual = newStore, true
				c.run(s)
			}()
			<-done
		})
		require.NotContains(t, out, c.name)
		out[c.name] = r
	}
	return out
}

func TestSuite_AcceptsAGoodStore(t *testing.T) {
	for name, settles := range map[string]bool{"at once": false, "settling": true} {
		t.Run(name, func(t *testing.T) {
			TestStore(t, func(*testing.T) Fixture {
				f := newFake("", false)
				f.settles = settles
				return f.fixture()
			}, VirtualTime())
		})
	}
}

func TestSuite_AcceptsAGoodStoreInRealTime(t *testing.T) {
	TestStore(t, func(*testing.T) Fixture {
		f := newFake("", false)
		f.patient = -1
		return f.fixture()
	})
}

func TestSuite_AcceptsABareStore(t *testing.T) {
	TestStore(t, func(*testing.T) Fixture { return newFake("", true).fixture() }, VirtualTime())
}

func TestSuite_SkipsOnlyWhatIsNotOffered(t *testing.T) {
	for name, r := range observe(t, func() Fixture { return newFake("", false).fixture() }) {
		if name == "settle" || name == "gone is seen and not guessed" {
			require.NotEmpty(t, r.skipped)
			continue
		}
		require.Empty(t, r.skipped, name)
	}
	ran := 0
	for _, r := range observe(t, func() Fixture { return newFake("", true).fixture() }) {
		if r.skipped == "" {
			ran++
		}
	}
	require.Less(t, ran, len(checks))
	require.Greater(t, ran, 8)
}

// A hook that the fixture lacks is told, and not passed over in silence.
func TestSuite_SaysWhichHooksAreMissing(t *testing.T) {
	for check, spoil := range map[string]func(*Fixture){
		"a page instead of an answer":             func(f *Fixture) { f.Disturb = nil },
		"a change that shows late is waited for":  func(f *Fixture) { f.Lag = nil },
		"own writes are remembered":               func(f *Fixture) { f.Lag = nil },
		"a list that repeats a row is incomplete": func(f *Fixture) { f.Repeat = nil },
		"a block is logged before it is made":     func(f *Fixture) { f.BlockLog = nil },
		"operations cost what they promise":       func(f *Fixture) { f.Requests = nil },
		"refusals are reported":                   func(f *Fixture) { f.Refuse = nil },
	} {
		found := observe(t, func() Fixture {
			f := newFake("", false).fixture()
			spoil(&f)
			return f
		}, check)
		require.Contains(t, found[check].skipped, "the Fixture ", check)
		require.Empty(t, found[check].failures)
	}
}

// Each flaw is planted in a store that is good otherwise, and must be found by
// the check that is there for it.
func TestSuite_FindsFlaws(t *testing.T) {
	for _, c := range []struct {
		flaw, check string
		bare        bool
	}{
		{"a note is missing", "capabilities are complete", false},
		{"unsupported is plain", "unsupported operations are refused", true},
		{"unsupported sends", "unsupported operations are refused", true},
		{"a missing field is dropped", "fields the vendor lacks are refused", false},
		{"any kind will do", "kinds the vendor lacks are refused", false},
		{"any level will do", "levels where there are none are refused", false},
		{"a profile is taken away", "single-valued targets are not removed", false},
		{"impossible ids are sent", "impossible ids are invalid", false},
		{"context is ignored", "an ended context is reported", false},
		{"list ends silently", "refusals are reported", false},
		{"list ends silently", "an ended context is reported", false},
		{"partial is nil", "refusals are reported", false},
		{"list is eager", "users are listed", false},
		{"list runs once", "users are listed", false},
		{"list is short", "users are listed", false},
		{"vendor is not named", "users are listed", false},
		{"find by prefix", "users are found exactly", false},
		{"vendor is not named", "a user is read", false},
		{"not found is invalid", "an unknown user is not found", false},
		{"not found is invalid", "a user is created and deleted", false},
		{"delete of a gone user is fine", "a user is created and deleted", false},
		{"delete of a gone user is fine", "an unknown user is not found", false},
		{"the password shows", "a user is created and deleted", false},
		{"create lacks a field", "required fields are needed", false},
		{"required is cleared", "required fields are needed", false},
		{"absent means empty", "a change keeps the rest", false},
		{"unknown fields are lost", "a change keeps the rest", false},
		{"absent means empty", "an empty change keeps everything", false},
		{"unknown fields are lost", "an empty change keeps everything", false},
		{"clear keeps", "clear clears", false},
		{"already is applied", "assign and unassign", false},
		{"applied is a lie", "assign and unassign", false},
		{"listings disagree", "assign and unassign", false},
		{"a missing level resets", "levels", false},
		{"before is not told", "a single-valued target moves", false},
		{"a single-valued kind holds two", "a single-valued target moves", false},
		{"outcomes are sorted", "outcomes come in order", false},
		{"assigning replaces", "outcomes come in order", false},
		{"partial is nil", "some fail, others do not", false},
		{"partial is the first cause", "some fail, others do not", false},
		{"applied is a lie", "an assignment given twice", false},
		{"suspending links", "suspend and resume", false},
		{"assigning resumes", "suspend and resume", false},
		{"busy is made away", "presence", false},
		{"a block is a presence", "block and unblock", false},
		{"a second block claims the first", "block and unblock", false},
		{"unblock lifts all", "without a record nothing is unblocked", false},
		{"unblock resumes all", "unblock restores just what was blocked", false},
		{"gives up on 429", "a refusal for the rate is waited out", false},
		{"reads are not repeated", "a server error", false},
		{"reads are not repeated", "an answer that is lost", false},
		{"a lost answer counts as a refusal", "an answer that is lost", false},
		{"a lost answer counts as a success", "a server error", false},
		{"a create is sent twice", "an answer that is lost", false},
		{"a cut list is short", "an answer that is cut", false},
		{"slow is an error", "an answer that is slow", false},
		{"patience has no end", "a silent vendor does not outlast the context", false},

		{"a field is not told", "fields are as Capabilities says", false},
		{"a field has no name of the vendor's", "fields are as Capabilities says", false},
		{"the cost is not told", "operations cost what they promise", false},
		{"it costs more", "operations cost what they promise", false},
		{"a level out of range is sent", "levels out of range are refused", false},
		{"of two levels the last counts", "one link with two levels is refused", false},
		{"an error names another operation", "an unknown user is not found", false},
		{"an error names another operation", "a page instead of an answer", false},
		{"the account is not named", "an unknown user is not found", false},
		{"case counts", "users are found in any spelling", false},
		{"composition counts", "users are found in any spelling", false},
		{"case counts", "targets are listed", false},
		{"find by prefix", "targets are listed", false},
		{"a target is not listed", "targets are listed", false},
		{"targets have no name", "targets are listed", false},
		{"everybody's list is empty", "all assignments are listed", false},
		{"listings disagree", "all assignments are listed", false},
		{"links are dropped", "a user is created with assignments", false},
		{"links are not checked", "a user is created with assignments", false},
		{"the precondition is ignored", "a precondition is kept", false},
		{"the revision is ignored", "a precondition is kept", false},
		{"numbers from JSON are refused", "specs and changes survive JSON", false},
		{"before is not told", "outcomes show what was before", false},
		{"the log is told afterwards", "a block is logged before it is made", false},
		{"the log is not told", "a block is logged before it is made", false},

		// Not found is believed only of the thing that was asked for.
		{"a page is not found", "a page instead of an answer", false},
		{"a page is not found", "half an answer", false},
		{"a 404 of a collection is not found", "a 404 of a collection", false},
		{"a page counts as a success", "a page instead of an answer", false},
		{"a refused page counts as a refusal", "a page after the change", false},
		{"a part counts as a success", "half an answer", false},
		{"half a refusal counts as a refusal", "half an answer after the change", false},
		{"the fifth of nine requests lies", "a page instead of an answer", false},
		// What does not show yet is looked for, and then in doubt.
		{"a change is looked at once", "a change that shows late is waited for", false},
		{"what does not show counts as a refusal", "a change that never shows is in doubt", false},
		{"new and not shown is not found", "a change that never shows is in doubt", false},
		{"the record of a failed block is lost", "a change that never shows is in doubt", false},
		// Gone is seen, or the vendor's word.
		{"new is gone", "gone is seen and not guessed", false},
		{"a page is not found", "gone is seen and not guessed", false},
		// Own writes are remembered.
		{"own writes are forgotten", "own writes are remembered", false},
		// A list is complete, or says that it is not.
		{"a repeated row is handed out", "a list that repeats a row is incomplete", false},
		{"a page is an empty list", "a page instead of an answer", false},
		{"a list breaks off like a read", "a page instead of an answer", false},
		{"a list that breaks off hides its cause", "a page instead of an answer", false},
	} {
		t.Run(c.flaw+"/"+c.check, func(t *testing.T) {
			found := observe(t, func() Fixture {
				f := newFake(c.flaw, c.bare)
				f.settles = strings.HasPrefix(c.check, "gone ")
				return f.fixture()
			}, c.check)
			require.Contains(t, found, c.check)
			require.NotEmpty(t, found[c.check].failures, "the suite does not see it")
		})
	}
}

func TestSuite_NamesWhatItMisses(t *testing.T) {
	for name, spoil := range map[string]func(*Fixture){
		"no store":            func(f *Fixture) { f.Store = nil },
		"no user":             func(f *Fixture) { f.UserID = "" },
		"one user":            func(f *Fixture) { f.OtherID = f.UserID },
		"no unknown id":       func(f *Fixture) { f.UnknownID = "" },
		"no spec":             func(f *Fixture) { f.Spec = nil },
		"no such field":       func(f *Fixture) { f.Fields["shoeSize"] = Field{} },
		"no value of a field": func(f *Fixture) { delete(f.Fields, "email") },
		"no such kind":        func(f *Fixture) { f.Targets["lob"] = f.Targets["queue"] },
		"targets missing":     func(f *Fixture) { delete(f.Targets, "queue") },
		"levels missing":      func(f *Fixture) { f.Levels = nil },
		"one single target":   func(f *Fixture) { f.Targets["profile"] = f.Targets["profile"][:1] },
		"no availabilities":   func(f *Fixture) { f.Availabilities = nil },
	} {
		t.Run(name, func(t *testing.T) {
			found := observe(t, func() Fixture {
				f := newFake("", false).fixture()
				spoil(&f)
				return f
			})
			n := 0
			for _, r := range found {
				if slices.ContainsFunc(r.failures, func(s string) bool { return len(s) > 12 && s[:12] == "the Fixture " }) {
					n++
				}
			}
			require.Positive(t, n)
		})
	}
}
