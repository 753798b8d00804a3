package jobs

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// TestMoved_WorldOfEveryStep: somebody else changes the subject of one step after the plan
// was made. That lane stops, the foreign change survives, and all others finish.
func TestMoved_WorldOfEveryStep(t *testing.T) {
	for _, vendor := range siteNames {
		if vendor == "lucs" {
			continue // nothing there sees anything: people are created and blocked
		}
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			for _, kind := range []string{"renamed", "mover"} {
				for i := range max(1, townSize()/5) {
					if i%10 == 0 || all() {
						moveOnce(t, vendor, fmt.Sprintf("%s%d", kind, i))
					}
				}
			}
		})
	}
}

func moveOnce(t *testing.T, vendor, who string) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, vendor, townSize(), dir)
		defer c.close()
		var step roster.Step
		for _, s := range c.plan.Steps {
			if s.Login == c.login(who) && s.If != nil && (s.Op == core.OpUpdateUser || s.Op == core.OpUnassign) {
				step = s
			}
		}
		require.NotEmpty(t, step.ID, who)
		// What the planner saw of a link is that it was there: gone is what the step wants,
		// so a link has moved when its level has.
		link := strings.HasPrefix(who, "mover")
		if link && c.relevel == nil {
			return
		}
		if link {
			c.relevel(who)
		} else {
			c.foreign(who)
		}

		report, err := c.apply(t)
		require.ErrorIs(t, err, roster.ErrMoved, "%s: %s", who, notDone(report))
		assert.Equal(t, 1, report.Moved, who)
		for _, s := range report.Steps {
			if s.Step == step.ID {
				assert.Equal(t, roster.ResultMoved, s.Result, s.Message)
			}
		}
		assert.Equal(t, len(c.plan.Steps)-1-report.Waiting, report.Applied+report.Already, who)
		if link {
			assert.True(t, c.releveled(who), who)
		} else {
			assert.True(t, c.seen(who), who)
		}
		require.Empty(t, c.twice(), who)
	})
}

// TestUndo_IsExact: what a job of every kind did is taken back, and a foreign edit between
// survives.
func TestUndo_IsExact(t *testing.T) {
	for _, vendor := range siteNames {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { undo(t, vendor, dir, "") })
			if vendor != "lucs" {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) { undo(t, vendor, dir, "renamed1") })
			}
		})
	}
}

// undo applies a job without leavers, who cannot be brought back, and takes it back. With
// a name somebody else edits that person in between.
func undo(t *testing.T, vendor, dir, edited string) {
	t.Helper()
	s := newSite(t, vendor)
	c := &town{site: s, path: filepath.Join(dir, "j")}
	want := s.settle(10)
	if !s.deletes {
		want.Have = nil // whom nobody deletes
	}
	want.Gone = nil
	c.connectAgain(t)
	defer c.close()
	before := c.state()
	c.plan = planOf(t, c.fleet(), want)
	require.Empty(t, c.plan.Gaps)
	report, err := c.apply(t)
	require.NoError(t, err, notDone(report))
	require.NotEqual(t, before, c.state())
	if edited != "" {
		c.foreign(edited)
	}

	c.sim.Reset()
	c.connectAgain(t)
	j, err := roster.OpenFile(c.path)
	require.NoError(t, err)
	defer j.Close()
	run := c.run(j)
	run.Budget.Limits = []roster.Limit{{Op: core.OpDeleteUser, Share: 1}}
	report, err = run.Undo(t.Context(), c.plan.ID())
	require.Empty(t, c.twice())
	if edited != "" {
		require.ErrorIs(t, err, roster.ErrMoved, notDone(report))
		assert.Equal(t, 1, report.Moved)
		assert.True(t, c.seen(edited))
		return
	}
	require.NoError(t, err, notDone(report))
	require.Empty(t, report.Gaps)
	require.Equal(t, before, c.state())

	// Again: nothing is sent.
	sent := len(c.sim.Requests())
	_, err = run.Undo(t.Context(), c.plan.ID())
	require.NoError(t, err)
	require.Len(t, c.sim.Requests(), sent)
}

// TestLease_EndsByItself: people are blocked until a time; reap frees just them, once.
func TestLease_EndsByItself(t *testing.T) {
	for _, vendor := range siteNames {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { lease(t, vendor, dir) })
		})
	}
}

func lease(t *testing.T, vendor, dir string) {
	t.Helper()
	s := newSite(t, vendor)
	if !s.blocks {
		return
	}
	c := &town{site: s, path: filepath.Join(dir, "j")}
	var people []string
	for i := range 10 {
		s.add(fmt.Sprintf("shut%d", i))
		people = append(people, s.login(fmt.Sprintf("shut%d", i)))
	}
	c.connectAgain(t)
	defer c.close()
	before := c.state()
	c.plan = planOf(t, c.fleet(), roster.Want{Blocked: people, Until: time.Now().Add(time.Hour)})
	report, err := c.apply(t)
	require.NoError(t, err, notDone(report))
	require.NotEqual(t, before, c.state())

	j, err := roster.OpenFile(c.path)
	require.NoError(t, err)
	defer j.Close()
	run := c.run(j)
	reports, err := run.Reap(t.Context())
	require.NoError(t, err)
	require.Empty(t, reports, "not yet")
	time.Sleep(2 * time.Hour)
	reports, err = run.Reap(t.Context())
	require.NoError(t, err)
	require.Len(t, reports, 1)
	require.Equal(t, before, c.state())
	reports, err = run.Reap(t.Context())
	require.NoError(t, err)
	require.Empty(t, reports, "it is closed")
}

// TestRefused_StopsTheAccount: a credential that is refused stops the lanes of its account,
// and of no other.
func TestRefused_StopsTheAccount(t *testing.T) {
	for _, vendor := range siteNames {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				c := newTown(t, vendor, townSize(), dir)
				defer c.close()
				var n atomic.Int64
				c.wire.refuse = func() bool { return n.Add(1) > 20 }
				report, err := c.apply(t)
				require.ErrorIs(t, err, core.ErrPartial)
				c.requireStopped(t, report)
				c.connectAgain(t)
				report, err = c.apply(t)
				require.NoError(t, err, notDone(report))
				require.Empty(t, c.twice())
			})
		})
	}
}

// requireStopped checks that those under way were refused, and nobody after them. What was
// sent before and could not be looked at any more is unknown.
func (c *town) requireStopped(t *testing.T, report *roster.Report) {
	t.Helper()
	assert.LessOrEqual(t, c.wire.refused, max(80, townSize()), "refused requests: those under way, and no more")
	assert.Greater(t, report.Waiting, townSize()/10)
}
