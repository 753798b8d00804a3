package jobs

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// mortal is the journal of a process that dies: at one of its own writes, before the
// bytes are written or after, or when its client's wire dies.
type mortal struct {
	roster.Journal
	wire  *wire
	die   int
	after bool
	n     *atomic.Int64
	stop  context.CancelFunc
}

func (m mortal) kill() {
	m.wire.mu.Lock()
	defer m.wire.mu.Unlock()
	m.wire.dead = true
	m.stop()
}

func (m mortal) cut(do func() error) error {
	if m.wire.isDead() {
		return errCrash
	}
	n := int(m.n.Add(1))
	if n == m.die && !m.after {
		m.kill()
		return errCrash
	}
	err := do()
	if n == m.die {
		m.kill()
		return errCrash
	}
	return err
}

func (m mortal) Begin(ctx context.Context, p roster.Plan, notes ...roster.Record) error {
	return m.cut(func() error { return m.Journal.Begin(ctx, p, notes...) })
}

func (m mortal) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	return m.cut(func() error { return m.Journal.Append(ctx, c, rs...) })
}

func (m mortal) Claim(ctx context.Context, q roster.ClaimRequest) (c *roster.Claim, err error) {
	err = m.cut(func() error { c, err = m.Journal.Claim(ctx, q); return err })
	return c, err
}

func (m mortal) Free(ctx context.Context, c *roster.Claim) error {
	if m.wire.isDead() {
		return errCrash
	}
	return m.Journal.Free(ctx, c)
}

// cutAt applies the plan in a process that dies at the n-th request or the n-th write of
// its journal, and reports whether it came so far.
func (c *town) cutAt(t *testing.T, s strike, n int) bool {
	t.Helper()
	j, err := roster.OpenFile(c.path)
	require.NoError(t, err)
	defer j.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	m := mortal{Journal: j, wire: c.wire, n: new(atomic.Int64), stop: stop, after: s == journalAfter}
	if s == journalBefore || s == journalAfter {
		m.die = n
	} else {
		c.wire.strikes = func(at int, _ *http.Request) strike {
			if at != n {
				return ""
			}
			stop()
			return s
		}
	}
	c.run(m).Apply(ctx, c.plan)
	struck := c.wire.isDead()
	c.connectAgain(t)
	return struck
}

const (
	journalBefore strike = "before a journal's write"
	journalAfter  strike = "after a journal's write"
)

// uncut is the state that a run leaves that nothing disturbs, how many requests it takes,
// and how many writes of the journal.
func uncut(t *testing.T, vendor string, size int) (state string, requests, writes int) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, vendor, size, dir)
		defer c.close()
		c.cutAt(t, journalBefore, 1<<30) // it lives
		report, err := c.apply(t)
		require.NoError(t, err, notDone(report))
		require.Empty(t, c.twice())
		state, requests = c.state(), len(c.sim.Requests())
		for range c.plan.Steps {
			writes += 4 // at most: a claim, an intent, an outcome, and what else there is
		}
	})
	return state, requests, writes
}

// townSize is how many people a town has: what it takes to try every cut grows with the
// square. In the larger one Avaya's users take two pages, so that looks can meet the writes of
// the run itself.
func townSize() int {
	if testing.Short() {
		return 30
	}
	return 60
}

// samples is how many cuts are tried of each kind unless all are.
func samples() int {
	if testing.Short() {
		return 2
	}
	return 4
}

// points are the places to cut at, of n.
func points(n int) []int {
	if all() {
		out := make([]int, n)
		for i := range out {
			out[i] = i + 1
		}
		return out
	}
	out := []int{1}
	for i := 1; i < samples(); i++ {
		out = append(out, max(1, i*n/samples()+i*i%7))
	}
	return out
}

// TestCut_AnywhereEndsLikeUncut: a process dies before and after requests and journal
// writes; the next one finishes. The end is that of the uncut run, and every change was
// made once.
func TestCut_AnywhereEndsLikeUncut(t *testing.T) {
	for _, vendor := range siteNames {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			want, requests, writes := uncut(t, vendor, townSize())
			struck := 0
			for _, s := range []strike{crashBefore, crashAfter, journalBefore, journalAfter} {
				n := requests
				if s == journalBefore || s == journalAfter {
					n = writes
				}
				for _, at := range points(n) {
					if cutOnce(t, vendor, s, at, want) {
						struck++
					}
				}
			}
			assert.Greater(t, struck, 2*samples(), "cuts that struck")
			t.Logf("%d cuts", struck)
		})
	}
}

// cutOnce cuts a run and resumes it, and reports whether the cut struck.
func cutOnce(t *testing.T, vendor string, s strike, at int, want string) (struck bool) {
	t.Helper()
	dir := t.TempDir()
	what := fmt.Sprintf("%s %d", s, at)
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, vendor, townSize(), dir)
		defer c.close()
		if struck = c.cutAt(t, s, at); !struck {
			return
		}
		report, err := c.apply(t)
		c.requireDone(t, report, err, what)
		if report.Done() {
			require.Equal(t, want, c.state(), what)
		}
		require.Empty(t, c.twice(), what)
	})
	return struck
}

// TestCut_ADeletionUnderWayIsNotSentAgain: Avaya still shows a user for a while whose
// deletion it has accepted. Whoever comes after a crash finds that out.
func TestCut_ADeletionUnderWayIsNotSentAgain(t *testing.T) {
	want, _, _ := uncut(t, "avaya", townSize())
	for at := 10; at <= 16; at++ {
		cutOnce(t, "avaya", crashBefore, at, want)
	}
}

// requireDone checks that everything is done, but for what cannot be known: LUCS lists
// users by service, so that somebody who is not found may have been created.
func (c *town) requireDone(t *testing.T, report *roster.Report, err error, what string) {
	t.Helper()
	if c.name != "lucs" || err == nil {
		require.NoError(t, err, "%s: %s", what, notDone(report))
		return
	}
	require.LessOrEqual(t, report.Unknown, 8, "%s: at most those under way", what)
	for _, s := range report.Steps {
		if s.Result != core.ResultApplied && s.Result != core.ResultAlready {
			require.Equal(t, core.ResultUnknown, s.Result, "%s: %s", what, s.Message)
			require.Contains(t, s.Step, string(core.OpCreateUser), what)
		}
	}
}
