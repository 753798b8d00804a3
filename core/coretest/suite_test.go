package coretest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
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

// observe runs the whole suite and returns what each check found.
func observe(t *testing.T, newStore func() Fixture) map[string]*recorder {
	t.Helper()
	out := map[string]*recorder{}
	for _, c := range checks {
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

func TestSuiteAcceptsAGoodStore(t *testing.T) {
	TestStore(t, func(*testing.T) Fixture { return newFake("", false).fixture() })
}

func TestSuiteAcceptsABareStore(t *testing.T) {
	TestStore(t, func(*testing.T) Fixture { return newFake("", true).fixture() }, VirtualTime())
}

func TestSuiteSkipsOnlyWhatIsNotOffered(t *testing.T) {
	for name, r := range observe(t, func() Fixture { return newFake("", false).fixture() }) {
		if name == "settle" {
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

// Each flaw is planted in a store that is good otherwise, and must be found by
// the check that is there for it.
func TestSuiteFindsFlaws(t *testing.T) {
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
		{"context is ignored", "an ended context is told", false},
		{"list ends silently", "refusals are told", false},
		{"list ends silently", "an ended context is told", false},
		{"partial is nil", "refusals are told", false},
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
		{"a move does not say from where", "a single-valued target moves", false},
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
		{"unblock lifts all", "block and unblock", false},
		{"unblock resumes all", "unblock restores just what was blocked", false},
		{"gives up on 429", "a refusal for the rate is waited out", false},
		{"reads are not repeated", "a server error", false},
		{"reads are not repeated", "an answer that is lost", false},
		{"a lost answer is a no", "an answer that is lost", false},
		{"a lost answer is a yes", "an answer that is lost", false},
		{"a create is sent twice", "an answer that is lost", false},
		{"the record of a failed block is lost", "an answer that is lost", false},
		{"a cut list is short", "an answer that is cut", false},
		{"slow is an error", "an answer that is slow", false},
		{"patience has no end", "a silent vendor does not outlast the context", false},
	} {
		t.Run(c.flaw+"/"+c.check, func(t *testing.T) {
			found := observe(t, func() Fixture { return newFake(c.flaw, c.bare).fixture() })
			require.Contains(t, found, c.check)
			require.NotEmpty(t, found[c.check].failures, "the suite does not see it")
		})
	}
}

func TestSuiteNamesWhatItMisses(t *testing.T) {
	for name, spoil := range map[string]func(*Fixture){
		"no store":          func(f *Fixture) { f.Store = nil },
		"no user":           func(f *Fixture) { f.UserID = "" },
		"one user":          func(f *Fixture) { f.OtherID = f.UserID },
		"no unknown id":     func(f *Fixture) { f.UnknownID = "" },
		"no spec":           func(f *Fixture) { f.Spec = nil },
		"no such field":     func(f *Fixture) { f.Fields["shoeSize"] = Field{} },
		"no such kind":      func(f *Fixture) { f.Targets["lob"] = f.Targets["queue"] },
		"targets missing":   func(f *Fixture) { delete(f.Targets, "queue") },
		"levels missing":    func(f *Fixture) { f.Levels = nil },
		"one single target": func(f *Fixture) { f.Targets["profile"] = f.Targets["profile"][:1] },
		"no availabilities": func(f *Fixture) { f.Availabilities = nil },
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
