package roster_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

func TestUndo_IsExact(t *testing.T) {
	w := town()
	before := w.state()
	want := mixed()
	want.Gone = nil
	p := planOf(t, w, want)
	r := runOn(w, newJournal(t))
	_, err := r.Apply(t.Context(), p)
	require.NoError(t, err)
	require.NotEqual(t, before, w.state())

	report, err := r.Undo(t.Context(), p.ID())
	require.NoError(t, err)
	assert.Equal(t, len(p.Steps), report.Applied)
	assert.Equal(t, before, w.state())

	// Again: nothing is sent.
	sent := w.sent()
	_, err = r.Undo(t.Context(), p.ID())
	require.NoError(t, err)
	assert.Equal(t, sent, w.sent())
}

func TestUndo_LeavesAForeignEdit(t *testing.T) {
	w := town()
	p := planOf(t, w, roster.Want{Change: map[string]map[string]core.UserChange{
		"renamed0@x.test": {"fake": {LastName: core.Set("A")}}, "renamed1@x.test": {"fake": {LastName: core.Set("B")}}}})
	r := runOn(w, newJournal(t))
	_, err := r.Apply(t.Context(), p)
	require.NoError(t, err)
	id := p.Steps[0].User
	u := w.users[id]
	u.LastName = "Foreign"
	w.users[id] = u
	report, err := r.Undo(t.Context(), p.ID())
	require.ErrorIs(t, err, roster.ErrMoved)
	assert.Equal(t, 1, report.Moved)
	assert.Equal(t, 1, report.Applied)
	assert.Equal(t, "Foreign", w.users[id].LastName)
}

func TestUndo_ResumesAtEveryCut(t *testing.T) {
	want := mixed()
	want.Gone = nil
	for _, f := range []fault{crashBefore, crashAfter} {
		for cut := 1; ; cut++ {
			w := town()
			before := w.state()
			p := planOf(t, w, want)
			path := filepath.Join(t.TempDir(), "j")
			j := quick(t, path)
			_, err := runOn(w, j).Apply(t.Context(), p)
			require.NoError(t, err)
			done := w.sent()
			w.effects = map[string]int{}

			dead, struck := new(atomic.Bool), false
			w.strike = func(n int, _ core.Operation) fault {
				if n != done+cut {
					return ""
				}
				struck = true
				dead.Store(true)
				return f
			}
			_, err = runOn(w, mortal{Journal: j, n: new(atomic.Int64), dead: dead}).Undo(t.Context(), p.ID())
			if !struck {
				require.NoError(t, err)
				break
			}
			require.ErrorIs(t, err, errCrash)
			w.strike = nil
			j.Close()
			j = quick(t, path)
			_, err = runOn(w, j).Undo(t.Context(), p.ID())
			require.NoError(t, err, "%s %d", f, cut)
			require.Equal(t, before, w.state(), "%s %d", f, cut)
			require.Empty(t, w.twice())
		}
	}
}

// leased blocks people until a time, and returns a run whose clock can be set.
func leased(t *testing.T, w *world, j roster.Journal, hours int, people ...string) roster.Plan {
	t.Helper()
	c, err := roster.Take(t.Context(), roster.Fleet{"fake": store{w}}, roster.Only(people...))
	require.NoError(t, err)
	want := roster.Want{Blocked: people}
	if hours > 0 {
		want.Until = time.Now().Add(time.Duration(hours) * time.Hour)
	}
	p, err := want.Plan(c)
	require.NoError(t, err)
	_, err = runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err)
	return p
}

func reapAt(t *testing.T, w *world, j roster.Journal, hours float64) ([]*roster.Report, error) {
	t.Helper()
	r := runOn(w, j)
	r.Now = func() time.Time { return time.Now().Add(time.Duration(hours * float64(time.Hour))) }
	return r.Reap(t.Context())
}

func blockedNow(w *world, login string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, u := range w.users {
		if u.Login == login {
			return w.blocked[id]
		}
	}
	return false
}

func TestReap_EndsALease(t *testing.T) {
	w, j := town(), newJournal(t)
	before := w.state()
	leased(t, w, j, 2, "shut0@x.test", "shut1@x.test")
	reports, err := reapAt(t, w, j, 1)
	require.NoError(t, err)
	assert.Empty(t, reports)
	assert.True(t, blockedNow(w, "shut0@x.test"))

	// One fails: it stays due, and the next reap tries again.
	w.strike = func(n int, op core.Operation) fault {
		if n == 3 {
			return refused
		}
		return ""
	}
	reports, err = reapAt(t, w, j, 3)
	require.ErrorIs(t, err, core.ErrPartial)
	require.Len(t, reports, 1)
	assert.Equal(t, 1, reports[0].Failed)
	w.strike = nil
	_, err = reapAt(t, w, j, 3)
	require.NoError(t, err)
	assert.Equal(t, before, w.state())
	reports, err = reapAt(t, w, j, 3)
	require.NoError(t, err)
	assert.Empty(t, reports, "a lease that has ended is not due any more")
}

func TestReap_KeepsAForeignEditAndReportsItOnce(t *testing.T) {
	w, j := town(), newJournal(t)
	p := planOf(t, w, roster.Want{Until: time.Now().Add(time.Hour),
		Change: map[string]map[string]core.UserChange{"renamed0@x.test": {"fake": {LastName: core.Set("A")}}}})
	_, err := runOn(w, j).Apply(t.Context(), p)
	require.NoError(t, err)
	u := w.users[p.Steps[0].User]
	u.LastName = "Foreign"
	w.users[u.ID] = u
	reports, err := reapAt(t, w, j, 2)
	require.ErrorIs(t, err, roster.ErrMoved)
	assert.Equal(t, 1, reports[0].Moved)
	reports, err = reapAt(t, w, j, 2)
	require.NoError(t, err)
	assert.Empty(t, reports)
	assert.Equal(t, "Foreign", w.users[u.ID].LastName)
}

func TestReap_AHoldKeepsAState(t *testing.T) {
	t.Run("a later lease", func(t *testing.T) {
		w, j := town(), newJournal(t)
		leased(t, w, j, 2, "shut0@x.test")
		later := leased(t, w, j, 4, "shut0@x.test")
		require.Len(t, later.Holds, 1)
		require.Empty(t, later.Steps)
		_, err := reapAt(t, w, j, 3)
		require.NoError(t, err)
		assert.True(t, blockedNow(w, "shut0@x.test"))
		_, err = reapAt(t, w, j, 5)
		require.NoError(t, err)
		assert.False(t, blockedNow(w, "shut0@x.test"))
	})
	t.Run("for good", func(t *testing.T) {
		w, j := town(), newJournal(t)
		leased(t, w, j, 2, "shut0@x.test")
		leased(t, w, j, 0, "shut0@x.test")
		_, err := reapAt(t, w, j, 3)
		require.NoError(t, err)
		reports, err := reapAt(t, w, j, 30)
		require.NoError(t, err)
		assert.Empty(t, reports)
		assert.True(t, blockedNow(w, "shut0@x.test"))
	})
}

func TestReap_EndsALeaseThatCrashedInTheMiddle(t *testing.T) {
	for cut := 1; cut <= 3; cut++ {
		for _, f := range []fault{crashBefore, crashAfter} {
			w := town()
			before := w.state()
			path := filepath.Join(t.TempDir(), "j")
			j := quick(t, path)
			p := planOf(t, w, roster.Want{Blocked: []string{"shut0@x.test", "shut1@x.test", "shut2@x.test"}, Until: time.Now().Add(time.Hour)})
			dead := new(atomic.Bool)
			w.strike = func(n int, _ core.Operation) fault {
				if n == cut {
					dead.Store(true)
					return f
				}
				return ""
			}
			_, err := runOn(w, mortal{Journal: j, n: new(atomic.Int64), dead: dead}).Apply(t.Context(), p)
			require.ErrorIs(t, err, errCrash)
			j.Close()
			w.strike = nil
			j = quick(t, path)
			_, err = reapAt(t, w, j, 2)
			require.NoError(t, err, "%s %d", f, cut)
			assert.Equal(t, before, w.state(), "%s %d", f, cut)
		}
	}
}
