package roster_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// staff counts who is linked to a target, not suspended and not disabled.
func (w *world) staff(t core.Target) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, links := range w.links {
		a, there := links[t.String()]
		if there && !a.Suspended && *w.users[id].Enabled {
			n++
		}
	}
	return n
}

// TestFloor_HoldsWhicheverStepsFail tries every subset of failing steps of random plans
// with up to 12 steps, and looks at the target after every write.
func TestFloor_HoldsWhicheverStepsFail(t *testing.T) {
	plans, runs := 30, 0
	if testing.Short() {
		plans = 10
	}
	for seed := range plans {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		in, out, stay := rng.IntN(4), 1+rng.IntN(4), rng.IntN(2)
		floor := rng.IntN(4)
		asleep := rng.IntN(3) // members who are suspended or disabled
		make := func() (*world, roster.Plan) {
			w := newWorld()
			var people, within []string
			for i := range in {
				people = append(people, fmt.Sprintf("in%d@x.test", i))
				w.add(people[i])
			}
			for i := range out + stay {
				name := fmt.Sprintf("old%d@x.test", i)
				w.add(name, q1)
				if within = append(within, name); i >= out {
					people = append(people, name)
				}
			}
			for i := range asleep {
				name := fmt.Sprintf("asleep%d@x.test", i)
				id := w.add(name, q1)
				if i == 0 {
					a := w.links[id][q1.String()]
					a.Suspended = true
					w.links[id][q1.String()] = a
				} else {
					u := w.users[id]
					u.Enabled = new(false)
					w.users[id] = u
				}
				within = append(within, name)
			}
			if len(people) == 0 {
				people = []string{}
			}
			want := roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Exact, People: people, Within: within, Floor: &floor}}}
			if len(people) == 0 && floor > 0 {
				want.Members[0].People = []string{within[0]}
			}
			return w, planOf(t, w, want)
		}
		w, plan := make()
		before, steps := w.staff(q1), len(plan.Steps)
		require.LessOrEqual(t, steps, 12)
		all := 1 << steps
		for subset := range min(all, 64) {
			failing := subset
			if all > 64 { // of large plans a sample of the subsets
				failing = rng.IntN(all)
			}
			runs++
			w, plan := make()
			after := len(want(plan))
			least := min(before, floor)
			lowest := before
			w.before = func(int, core.Operation) { lowest = min(lowest, w.staff(q1)) }
			w.strike = func(n int, _ core.Operation) fault {
				if failing&(1<<(n-1)) != 0 {
					return []fault{refused, lostRequest, lostAnswer}[n%3]
				}
				return ""
			}
			r := runOn(w, newJournal(t))
			r.FloorWait = time.Nanosecond
			_, _ = r.Apply(t.Context(), plan)
			lowest = min(lowest, w.staff(q1))
			require.GreaterOrEqual(t, lowest, least, "seed %d, failing %b, before %d, after %d, floor %d", seed, failing, before, after, floor)
		}
	}
	t.Logf("%d runs", runs)
}

// want are the steps of a plan that add.
func want(p roster.Plan) (adds []roster.Step) {
	for _, s := range p.Steps {
		if s.Op == core.OpAssign {
			adds = append(adds, s)
		}
	}
	return adds
}

func TestFloor_TwoWhoLookAtOnceDoNotBothGo(t *testing.T) {
	w, people := crowd(6)
	two := 2
	want := roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Exact, People: people[:1], Within: people, Floor: &two}}}
	p := planOf(t, w, want)
	require.Len(t, p.Steps, 5)
	w.latency = 5 * time.Millisecond
	r := runOn(w, newJournal(t))
	r.Workers, r.FloorWait = 8, time.Nanosecond
	report, err := r.Apply(t.Context(), p)
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, 4, report.Applied)
	assert.Equal(t, 1, report.Waiting)
	assert.Equal(t, 2, w.staff(q1))
}

func TestFloor_CountsWhoLeavesTheVendorToo(t *testing.T) {
	w, people := crowd(3)
	two := 2
	p := planOf(t, w, roster.Want{Gone: people[:2], Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Add, People: people[2:], Floor: &two}}})
	r := runOn(w, newJournal(t))
	r.FloorWait = time.Nanosecond
	_, err := r.Apply(t.Context(), p)
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, 2, w.staff(q1), "one of the two had to stay")
}
