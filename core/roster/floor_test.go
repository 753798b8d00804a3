package roster_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
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

// shift is a world with a target, and the plan of who leaves it and who comes.
type shift struct {
	in, out, stay int
	asleep        int // members who are suspended or disabled
	floor         int
}

// world is the world before the shift, and what is wanted.
func (s shift) world() (*world, roster.Want) {
	w := newWorld()
	people, within := []string{}, []string{}
	for i := range s.in {
		people = append(people, fmt.Sprintf("in%d@x.test", i))
		w.add(people[i])
	}
	for i := range s.out + s.stay {
		name := fmt.Sprintf("old%d@x.test", i)
		w.add(name, q1)
		if within = append(within, name); i >= s.out {
			people = append(people, name)
		}
	}

	for i := range s.asleep {
		name := fmt.Sprintf("asleep%d@x.test", i)
		id := w.add(name, q1)
		within = append(within, name)
		if i > 0 {
			u := w.users[id]
			u.Enabled = new(false)
			w.users[id] = u
			continue
		}
		a := w.links[id][q1.String()]
		a.Suspended = true
		w.links[id][q1.String()] = a
	}

	if len(people) == 0 && s.floor > 0 {
		people = within[:1]
	}
	return w, roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Exact, People: people, Within: within,
		Floor: &s.floor}}}
}

// failing is a store at which some writes fail, each time. It looks at the target after
// every write.
type failing struct {
	store
	fails map[string]fault // by operation and user
	wrote func()
}

func (f failing) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	defer f.wrote()
	return f.store.Assign(f.doomed(ctx, core.OpAssign, as), as...)
}

func (f failing) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	defer f.wrote()
	return f.store.Unassign(f.doomed(ctx, core.OpUnassign, as), as...)
}

func (f failing) doomed(ctx context.Context, op core.Operation, as []core.Assignment) context.Context {
	return context.WithValue(ctx, faultKey{}, f.fails[string(op)+as[0].UserID])
}

// TestFloor_HoldsWhicheverStepsFail tries every subset of failing steps of plans with up to
// 12 steps, and looks at the target after every write.
func TestFloor_HoldsWhicheverStepsFail(t *testing.T) {
	var shifts []shift
	plans := 40
	if testing.Short() {
		plans = 10
	} else {
		shifts = append(shifts, shift{in: 4, out: 6, stay: 1, asleep: 2, floor: 3}) // 12 steps
	}
	for seed := range plans {
		rng := rand.New(rand.NewPCG(uint64(seed), 1))
		shifts = append(shifts, shift{in: rng.IntN(4), out: 1 + rng.IntN(4), stay: rng.IntN(2), asleep: rng.IntN(3), floor: rng.IntN(4)})
	}

	runs, most, low := 0, 0, 0
	for i, s := range shifts {
		w, wanted := s.world()
		plan := planOf(t, w, wanted)
		least := min(w.staff(q1), s.floor)
		require.LessOrEqual(t, len(plan.Steps), 12)
		most = max(most, len(plan.Steps))
		for subset := range 1 << len(plan.Steps) {
			runs++
			lowest := failSome(t, s, plan, subset, 1+3*(i%2))
			require.GreaterOrEqual(t, lowest, least, "%+v, failing %b", s, subset)
			if lowest == least {
				low++
			}
		}
	}
	t.Logf("%d runs of plans of up to %d steps; %d came down to the least", runs, most, low)
	require.NotZero(t, low, "nothing came near the floor")
}

// failSome applies a plan of which some steps fail, and returns the fewest people that the
// target ever had.
func failSome(t *testing.T, s shift, plan roster.Plan, subset, workers int) (lowest int) {
	t.Helper()
	w, _ := s.world()
	lowest = w.staff(q1)
	var mu sync.Mutex
	at := failing{store: store{w}, fails: map[string]fault{}, wrote: func() {
		mu.Lock()
		defer mu.Unlock()
		lowest = min(lowest, w.staff(q1))
	}}
	for i, step := range plan.Steps {
		if subset&(1<<i) != 0 {
			at.fails[string(step.Op)+step.User] = []fault{refused, lostRequest, lostAnswer}[(i+subset)%3]
		}
	}
	r := runOn(w, newMemory())
	r.Fleet["fake"], r.Workers, r.FloorWait = at, workers, time.Nanosecond
	_, err := r.Apply(t.Context(), plan)
	if subset == 0 && s.floor == 0 {
		require.NoError(t, err)
	}
	return lowest
}

func TestFloor_TwoWhoLookAtOnceDoNotBothGo(t *testing.T) {
	w, people := crowd(6)
	two := 2
	want := roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Exact, People: people[:1], Within: people,
		Floor: &two}}}
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
	p := planOf(t, w, roster.Want{Gone: people[:2], Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Add,
		People: people[2:], Floor: &two}}})
	r := runOn(w, newJournal(t))
	r.FloorWait = time.Nanosecond
	_, err := r.Apply(t.Context(), p)
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, 2, w.staff(q1), "one of the two had to stay")
}
