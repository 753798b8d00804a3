package roster_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// crowd is a world of many people, and their names.
func crowd(n int) (*world, []string) {
	w := newWorld()
	var people []string
	for i := range n {
		people = append(people, fmt.Sprintf("p%03d@x.test", i))
		w.add(people[i], q1)
	}
	return w, people
}

func TestBudget_TrippedMeansNoWrite(t *testing.T) {
	w, people := crowd(100)
	p := planOf(t, w, roster.Want{Gone: people[:10]})
	j := newJournal(t)
	r := runOn(w, j)
	for _, limits := range [][]roster.Limit{
		{{Op: core.OpDeleteUser, Most: 9}},
		{{Op: core.OpDeleteUser, Share: 0.09}},
		{{Op: core.OpDeleteUser, Share: 1}, {Op: core.OpBlock}},
		{{Op: core.OpDeleteUser, Most: 50}, {Op: core.OpDeleteUser, Vendor: "fake", Most: 9}},
		{{Op: core.OpDeleteUser, Most: 50}, {Op: core.OpDeleteUser, Account: "fake", Share: 0.01}},
	} {
		r.Budget = roster.Budget{Limits: limits}
		_, err := r.Apply(t.Context(), p)
		var over *roster.OverBudget
		require.ErrorAs(t, err, &over, "%v", limits)
		require.Len(t, over.Over, 1)
		assert.Equal(t, 10, over.Over[0].Planned)
		assert.Len(t, over.Over[0].Steps, 10)
		assert.Zero(t, w.sent())
	}

	// Released by its id, it passes, and a resume needs no release.
	r.Budget.Release = p.ID()
	w.strike = func(n int, _ core.Operation) fault {
		if n >= 3 {
			return refused
		}
		return ""
	}
	_, err := r.Apply(t.Context(), p)
	require.ErrorIs(t, err, core.ErrPartial)
	w.strike, r.Budget.Release = nil, ""
	_, err = r.Apply(t.Context(), p)
	require.NoError(t, err)

	// Another plan is not released by it.
	q := planOf(t, w, roster.Want{Gone: people[10:20]})
	r.Budget = roster.Budget{Limits: []roster.Limit{{Op: core.OpDeleteUser, Most: 9}}, Release: p.ID()}
	_, err = r.Apply(t.Context(), q)
	assert.ErrorContains(t, err, "over budget")
}

func TestBudget_HasADefault(t *testing.T) {
	w, people := crowd(40)
	p := planOf(t, w, roster.Want{Gone: people[:9]})
	_, err := runOn(w, newJournal(t)).Apply(t.Context(), p)
	require.ErrorContains(t, err, "over budget")
	p = planOf(t, w, roster.Want{Gone: people[:8]})
	_, err = runOn(w, newJournal(t)).Apply(t.Context(), p)
	require.NoError(t, err)

	small, few := crowd(19)
	p = planOf(t, small, roster.Want{Gone: few})
	_, err = runOn(small, newJournal(t)).Apply(t.Context(), p)
	require.NoError(t, err)
}

func TestBudget_ASlowDripTrips(t *testing.T) {
	w, people := crowd(100)
	j := newJournal(t)
	r := runOn(w, j)
	now := time.Now()
	r.Now = func() time.Time { return now }
	r.Budget.Limits = []roster.Limit{{Op: core.OpDeleteUser, Share: 0.20}}
	done := 0
	for i := range 10 {
		p := planOf(t, w, roster.Want{Gone: people[4*i : 4*i+4]})
		now = now.Add(30 * time.Minute)
		if _, err := r.Apply(t.Context(), p); err != nil {
			require.ErrorContains(t, err, "over budget")
			break
		}
		done += 4
	}
	assert.LessOrEqual(t, done, 20)
	assert.GreaterOrEqual(t, done, 16)

	now = now.Add(25 * time.Hour)
	p := planOf(t, w, roster.Want{Gone: people[60:64]})
	_, err := r.Apply(t.Context(), p)
	require.NoError(t, err, "what is a day old does not count")
}

func TestBudget_ProtectedPeopleAreNeverTouched(t *testing.T) {
	w, people := crowd(5)
	u := w.users["u1"]
	u.Email = "alias@x.test"
	w.users["u1"] = u
	p := planOf(t, w, roster.Want{Blocked: people[:2]})
	for _, name := range []string{"P000@x.test", "alias@x.test", "fake:u1"} {
		r := runOn(w, newJournal(t))
		r.Budget = roster.Budget{Protect: []string{name}, Release: p.ID()}
		_, err := r.Apply(t.Context(), p)
		require.ErrorContains(t, err, "over budget", name)
		assert.Zero(t, w.sent())
	}
}

// TestBudget_ProtectionOfNobodyIsRefused: a misspelt name would let the plan touch whoever
// was meant.
func TestBudget_ProtectionOfNobodyIsRefused(t *testing.T) {
	w, people := crowd(5)
	other := newWorld()
	other.add("svc@x.test")
	p := planOf(t, w, roster.Want{Blocked: people[:2]})

	for _, names := range [][]string{{"p00@x.test"}, {people[4], "svc@x.tset"}, {"fake:u99"}, {"other:u99"}} {
		r := runOn(w, newJournal(t))
		r.Budget = roster.Budget{Protect: names, Release: p.ID()}
		_, err := r.Apply(t.Context(), p)
		require.ErrorIs(t, err, roster.ErrRefused, names)
		require.ErrorIs(t, err, core.ErrInvalid)
		require.ErrorContains(t, err, "nobody at fake has the name "+names[len(names)-1])
		require.Zero(t, w.sent())
	}

	r := runOn(w, newJournal(t))
	r.Fleet["other"] = store{other}
	r.Budget.Protect = []string{people[4], "fake:u5", "SVC@x.test", "other:u1"}
	_, err := r.Apply(t.Context(), p)
	require.NoError(t, err, "who is not touched, and who is at another account of the fleet")
}

func TestBudget_LinksAndOneAlwaysPasses(t *testing.T) {
	w, people := crowd(100)
	p := planOf(t, w, roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Remove, People: people[:6]}}})
	r := runOn(w, newJournal(t))
	r.Budget.Limits = []roster.Limit{{Op: core.OpUnassign, Share: 0.05}}
	_, err := r.Apply(t.Context(), p)
	require.ErrorContains(t, err, "over budget")
	r.Budget.Limits = []roster.Limit{{Op: core.OpUnassign, Target: q2, Most: 0}}
	_, err = r.Apply(t.Context(), p)
	require.NoError(t, err, "a limit on another target")
	p = planOf(t, w, roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Remove, People: people[10:11]}}})
	r = runOn(w, newJournal(t))
	r.Budget.Limits = []roster.Limit{{Op: core.OpUnassign, Share: 0.0001}}
	_, err = r.Apply(t.Context(), p)
	require.NoError(t, err)
}

// selfish is a store that knows whose credential it has.
type selfish struct {
	store
	id  string
	err error
}

func (s selfish) OwnUserID(context.Context) (string, error) { return s.id, s.err }

func TestBudget_TheCredentialsOwnAccountIsProtected(t *testing.T) {
	w, people := crowd(30)
	run := func(s selfish, people ...string) error {
		f := roster.Fleet{"fake": s}
		p, err := roster.Want{Gone: people}.Plan(take(t, f))
		require.NoError(t, err)
		_, err = roster.Run{Fleet: f, Journal: newJournal(t), Budget: roster.Budget{Release: p.ID()}}.Apply(t.Context(), p)
		return err
	}
	err := run(selfish{store{w}, "u1", nil}, people[:2]...)
	require.ErrorContains(t, err, "protected: "+people[0]+" at fake, whose credential this is")
	require.ErrorContains(t, err, "no release lifts the protection of a person")
	assert.Zero(t, w.sent(), "no release lifts it")

	err = run(selfish{store{w}, "", &core.Error{Class: core.ClassUnavailable}}, people[:2]...)
	require.ErrorIs(t, err, core.ErrUnavailable, "what cannot be known is not guessed")
	assert.Zero(t, w.sent())

	require.NoError(t, run(selfish{store{w}, "u1", nil}, people[2:4]...))
	require.NoError(t, run(selfish{store{w}, "", core.Unsupported("fake", "x", "nobody's")}, people[4:6]...))
}

// TestBudget_FortyPlansOfFourPerCentTripTheDefault: every 36 minutes of a day somebody asks
// for four per cent of those who are left.
func TestBudget_FortyPlansOfFourPerCentTripTheDefault(t *testing.T) {
	w, people := crowd(100)
	j := newJournal(t)
	now := time.Now()
	left, tripped := people, 0
	for range 40 {
		r := runOn(w, j)
		r.Now = func() time.Time { return now }
		part := (len(left)*4 + 99) / 100
		p := planOf(t, w, roster.Want{Gone: left[:part]})
		before := w.sent()
		if _, err := r.Apply(t.Context(), p); err != nil {
			require.ErrorContains(t, err, "over budget")
			assert.Equal(t, before, w.sent(), "nothing was written")
			tripped++
		} else {
			left = left[part:]
		}
		now = now.Add(36 * time.Minute)
	}
	assert.Len(t, left, 84, "20 per cent of those who are left")
	assert.Equal(t, 36, tripped)

	// A day after the last of them, four per cent pass again.
	now = now.Add(24 * time.Hour)
	r := runOn(w, j)
	r.Now = func() time.Time { return now }
	_, err := r.Apply(t.Context(), planOf(t, w, roster.Want{Gone: left[:4]}))
	require.NoError(t, err)
}

func TestBudget_AShareOfADoubtfulListTripsAtOnce(t *testing.T) {
	w, people := crowd(100)
	walks := 0
	l := listed{store: store{w}, walks: &walks}
	f := roster.Fleet{"fake": l}
	p, err := roster.Want{Gone: people[:5]}.Plan(take(t, f, roster.Witness(1000)))
	require.NoError(t, err)
	require.Equal(t, roster.Doubtful, p.Population["fake"].Certificate)
	_, err = roster.Run{Fleet: f, Journal: newJournal(t)}.Apply(t.Context(), p)
	require.ErrorContains(t, err, "how many there are is not certain")
	assert.Zero(t, w.sent())
}
