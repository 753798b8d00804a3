package census

import (
	"context"
	"iter"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/coretest/fixtures"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/webex"
)

// vendors are the five, each over its simulator.
var vendors = map[string]func(t testing.TB) coretest.Fixture{
	"avaya":      func(t testing.TB) coretest.Fixture { return fixtures.Avaya(t) },
	"libh3lp":    func(t testing.TB) coretest.Fixture { return fixtures.LibH3lp(t) },
	"liveperson": func(t testing.TB) coretest.Fixture { return fixtures.LivePerson(t) },
	"lucs":       func(t testing.TB) coretest.Fixture { return fixtures.LUCS(t, lucs.Dialect{}) },
	"webex":      func(t testing.TB) coretest.Fixture { return fixtures.Webex(t, webex.Assist) },
}

// lie is what a liar's lists are like.
type lie string

const (
	capped     lie = "capped"
	lostFilter lie = "the second page loses the filter"
	empty      lie = "an empty 200"
)

// liar is a store whose lists are wrong and hide it.
type liar struct {
	core.Store
	lie    lie
	hides  string // whom a capped list leaves out, and all behind
	struck *atomic.Int64
}

func (l liar) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		switch {
		case l.lie == empty:
			l.struck.Add(1)
			return
		case l.lie == lostFilter && q != (core.UserQuery{}):
			page := 0
			for u, err := range l.Store.ListUsers(ctx, q) {
				if page++; !yield(u, err) {
					return
				}
			}
			if page == 0 {
				return
			}
			l.struck.Add(1)
			q = core.UserQuery{}
		}
		for u, err := range l.Store.ListUsers(ctx, q) {
			if l.lie == capped && u.ID == l.hides {
				l.struck.Add(1)
				return
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

func (l liar) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		for a, err := range l.Store.ListAssignments(ctx, q) {
			if !yield(a, err) {
				return
			}
		}
		if l.lie != lostFilter || q.IsZero() {
			return
		}
		l.struck.Add(1)
		for a, err := range l.Store.ListAssignments(ctx, core.AssignmentQuery{}) {
			if !yield(a, err) {
				return
			}
		}
	}
}

// OwnUserID is the store's, where it has one.
func (l liar) OwnUserID(ctx context.Context) (string, error) {
	if s, ok := l.Store.(core.Self); ok {
		return s.OwnUserID(ctx)
	}
	return "", core.ErrUnsupported
}

func take(t *testing.T, store core.Store, opts ...roster.CensusOption) *roster.Census {
	t.Helper()
	c, err := roster.Take(t.Context(), roster.Fleet{"x": store}, opts...)
	require.NoError(t, err)
	return c
}

// removals are the steps of a plan that take something away.
func removals(p roster.Plan) (ids []string) {
	for _, s := range p.Steps {
		switch s.Op {
		case core.OpDeleteUser, core.OpUnassign, core.OpUpdateUser:
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// reconcile wants two people gone and everybody but one out of a target.
func reconcile(t *testing.T, c *roster.Census, f coretest.Fixture, people ...core.User) roster.Plan {
	t.Helper()
	want := roster.Want{}
	for _, u := range people {
		want.Gone = append(want.Gone, u.Login)
	}
	for _, targets := range f.Targets {
		want.Members = append(want.Members, roster.Members{Account: "x", Target: targets[0], Mode: roster.Exact,
			People: []string{"nobody@example.test"}, Within: roster.Everyone})
	}
	p, err := want.Plan(c)
	require.NoError(t, err)
	return p
}

func why(p roster.Plan) string {
	var words []string
	for _, g := range p.Gaps {
		words = append(words, g.Why)
	}
	return strings.Join(words, "\n")
}

func TestTruth_IsCertifiedWithoutAnExtraRequest(t *testing.T) {
	for name, make := range vendors {
		t.Run(name, func(t *testing.T) {
			f := make(t)
			first := take(t, f.Store)
			assert.Equal(t, roster.Complete, first.Proof("x").Verdict, "%v", first.Proof("x").Why)

			listing := func(do func()) int {
				n := f.Requests()
				do()
				return f.Requests() - n
			}
			plain := listing(func() {
				_, err := core.Collect(f.Store.ListUsers(t.Context(), core.UserQuery{}))
				require.NoError(t, err)
				_, err = core.Collect(f.Store.ListAssignments(t.Context(), core.AssignmentQuery{}))
				require.NoError(t, err)
			})
			var again *roster.Census
			certified := listing(func() { again = take(t, f.Store, roster.Since(first)) })
			assert.Equal(t, roster.Complete, again.Proof("x").Verdict, "%v", again.Proof("x").Why)
			assert.Equal(t, plain, certified, "requests: %v", again.Proof("x").Why)
			assert.Contains(t, strings.Join(again.Proof("x").Why, "\n"), "known from the last census, is in it")
			for ch := range again.Diff(first) {
				t.Errorf("nothing changed, and it says %+v", ch)
			}
		})
	}
}

func TestLies_RemoveNobody(t *testing.T) {
	for name, make := range vendors {
		for _, l := range []lie{capped, lostFilter, empty} {
			t.Run(name+"/"+string(l), func(t *testing.T) {
				f := make(t)
				before := take(t, f.Store)
				kim, err := f.Store.GetUser(t.Context(), f.UserID)
				require.NoError(t, err)
				lee, err := f.Store.GetUser(t.Context(), f.OtherID)
				require.NoError(t, err)

				lying := liar{f.Store, l, f.UserID, new(atomic.Int64)}
				opts := []roster.CensusOption{roster.Since(before)}
				if l == lostFilter {
					opts = append(opts, roster.Only(kim.Login))
				}
				c := take(t, lying, opts...)
				require.NotZero(t, lying.struck.Load(), "the lie was never told")
				proof := c.Proof("x")
				assert.Equal(t, roster.Broken, proof.Verdict, "%v", proof.Why)

				people := []core.User{kim, lee}
				if l == lostFilter {
					people = people[:1]
				}
				p := reconcile(t, c, f, people...)
				assert.Empty(t, removals(p))
				says := map[lie]string{capped: "is there and the list lacks it", lostFilter: "the filter was lost",
					empty: "is there and the list lacks it"}[l]
				assert.Contains(t, why(p), says)
				for ch := range c.Diff(before) {
					assert.NotEqual(t, roster.WhatGone, ch.What, "%+v", ch)
				}
			})
		}
	}
}

// On a first census no user is known: an empty list is doubtful anyway, and a pin finds
// a capped one out.
func TestLies_OnAFirstCensus(t *testing.T) {
	for name, make := range vendors {
		t.Run(name, func(t *testing.T) {
			f := make(t)
			c := take(t, liar{f.Store, empty, "", new(atomic.Int64)})
			assert.NotEqual(t, roster.Complete, c.Proof("x").Verdict)
			assert.Empty(t, removals(reconcile(t, c, f)))

			c = take(t, liar{f.Store, capped, f.UserID, new(atomic.Int64)}, roster.Pins(map[string]string{"x:" + f.UserID: "kim"}))
			assert.Equal(t, roster.Broken, c.Proof("x").Verdict, "%v", c.Proof("x").Why)

			// Limit (b): two walks that agree prove that a list is stable. Who demands more
			// says so.
			c = take(t, liar{f.Store, capped, f.UserID, new(atomic.Int64)}, roster.Witness(1000))
			assert.NotEqual(t, roster.Complete, c.Proof("x").Verdict)
		})
	}
}
