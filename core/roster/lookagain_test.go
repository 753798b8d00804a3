package roster_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// busyTown is a town whose list of users takes longer to read than a run takes from one
// creation or deletion to the next, and a plan for it.
func busyTown(t *testing.T) (*world, roster.Plan) {
	w := town()
	p := planOf(t, w, mixed())
	w.latency, w.walk, w.walks = 10*time.Millisecond, 15*time.Millisecond, 0
	return w, p
}

// ofCreates makes faults strike at creations, in order.
func ofCreates(faults ...fault) func(int, core.Operation) fault {
	creates := new(atomic.Int64)
	return func(_ int, op core.Operation) fault {
		if op != core.OpCreateUser {
			return ""
		}
		if n := int(creates.Add(1)); n <= len(faults) {
			return faults[n-1]
		}
		return ""
	}
}

// TestApply_LooksAgainWhenItsOwnWritesRest: a look for somebody who was to be created meets
// the run's own writes. The run ends it by itself, and sends nothing twice.
func TestApply_LooksAgainWhenItsOwnWritesRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := busyTown(t)
		w.strike = ofCreates(lostRequest, lostAnswer)
		creates := new(atomic.Int64)
		w.before = func(_ int, op core.Operation) {
			if op == core.OpCreateUser && creates.Add(1) == 3 {
				time.Sleep(w.walk / 3) // into the looks for the first two
			}
		}
		run := runOn(w, newJournal(t))
		run.Workers = 3

		report, err := run.Apply(t.Context(), p)

		require.NoError(t, err)
		assert.True(t, report.Done())
		assert.Equal(t, finalState, w.state())
		assert.Empty(t, w.twice())
		assert.Equal(t, 2+2, w.walks, "each look met the creation of a third, and once more it was quiet")
	})
}

// TestApply_LooksAgainAfterACrash: what a process that died left in doubt is looked for in
// the same way.
func TestApply_LooksAgainAfterACrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := busyTown(t)
		path, dead := filepath.Join(t.TempDir(), "j"), new(atomic.Bool)
		j := quick(t, path)
		w.strike = func(_ int, op core.Operation) fault {
			if op != core.OpCreateUser {
				return ""
			}
			dead.Store(true)
			return crashBefore
		}
		run := runOn(w, mortal{Journal: j, n: new(atomic.Int64), dead: dead})
		run.Apply(t.Context(), p)
		require.True(t, dead.Load())
		require.NoError(t, j.Close())

		w.strike, w.walks = nil, 0
		run = runOn(w, quick(t, path))
		run.Workers = 3
		report, err := run.Apply(t.Context(), p)

		require.NoError(t, err)
		assert.True(t, report.Done())
		assert.Equal(t, finalState, w.state())
		assert.Empty(t, w.twice())
		assert.Equal(t, 2, w.walks)
	})
}

// TestDrive_LooksAgainBesideAnotherRun: two runs share a plan, and each has a step in doubt.
// Neither waits for the other's.
func TestDrive_LooksAgainBesideAnotherRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := busyTown(t)
		w.strike = ofCreates(lostRequest, lostAnswer, lostAnswer) // two lost requests of one person leave it unknown
		j := newJournal(t)
		require.NoError(t, j.Begin(t.Context(), p))

		var wg sync.WaitGroup
		for i := range 2 {
			run := runOn(w, j)
			run.Workers, run.Owner = 2, fmt.Sprint("machine ", i)
			wg.Go(func() { run.Drive(t.Context(), p.ID(), 0) })
		}
		wg.Wait()

		status, err := roster.Status(t.Context(), j, p.ID())
		require.NoError(t, err)
		assert.True(t, status.Done())
		assert.Equal(t, finalState, w.state())
		assert.Empty(t, w.twice())
	})
}

// TestApply_LooksAFewTimesOnly: a list that never stands still leaves the step unknown.
func TestApply_LooksAFewTimesOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := busyTown(t)
		w.strike = ofCreates(lostAnswer)
		stop := make(chan struct{})
		defer close(stop)
		go func() { // somebody else
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
					w.mu.Lock()
					w.moved++
					w.mu.Unlock()
				}
			}
		}()

		start := time.Now()
		report, err := runOn(w, newJournal(t)).Apply(t.Context(), p)

		require.ErrorIs(t, err, core.ErrPartial)
		assert.Equal(t, 1, report.Unknown)
		assert.Equal(t, 1+3, w.walks, "one after the write, and three more")
		assert.Greater(t, time.Since(start), 6*time.Second, "with pauses of 2 s and 4 s")
		assert.Empty(t, w.twice())
	})
}
