package jobs

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// TestLost_AnswerOfEveryWrite: the answer to a write is lost, or the write itself. Nothing
// is carried out twice, what cannot be known stays unknown, and the next run ends like the
// uncut one. The client sends each request once: a replay that is safe by itself is the
// client's own business, and would hide what the run does.
func TestLost_AnswerOfEveryWrite(t *testing.T) {
	for _, vendor := range siteNames {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			want, writes := "", 0
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				c := newTown(t, vendor, townSize, dir)
				defer c.close()
				report, err := c.apply(t)
				require.NoError(t, err, notDone(report))
				want = c.state()
				for _, r := range c.sim.Requests() {
					if c.isWrite(r.Method, r.Path) {
						writes++
					}
				}
			})
			struck := 0
			for _, s := range []strike{lostAnswer, lostRequest} {
				for _, at := range points(writes) {
					if loseOnce(t, vendor, s, at, want) {
						struck++
					}
				}
			}
			assert.GreaterOrEqual(t, struck, 2, "losses that struck")
			t.Logf("%d of %d writes lost", struck, writes)
		})
	}
}

func loseOnce(t *testing.T, vendor string, s strike, at int, want string) (struck bool) {
	t.Helper()
	dir := t.TempDir()
	what := fmt.Sprintf("%s of write %d", s, at)
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, vendor, townSize, dir)
		defer c.close()
		c.attempts = 1
		var n, hit atomic.Int64
		c.wire.strikes = func(_ int, r *http.Request) strike {
			if c.isWrite(r.Method, r.URL.Path) && n.Add(1) == int64(at) {
				hit.Add(1)
				return s
			}
			return ""
		}
		report, err := c.apply(t)
		if struck = hit.Load() > 0; !struck {
			return
		}
		c.requireNothingClaimed(t, report, want, what)
		require.Empty(t, c.twice(), what)
		if err == nil {
			return
		}

		report, err = c.apply(t)
		c.requireDone(t, report, err, what)
		c.requireNothingClaimed(t, report, want, what)
		require.Empty(t, c.twice(), what)
	})
	return struck
}

// requireNothingClaimed checks that a run which says that all is done has done it.
func (c *town) requireNothingClaimed(t *testing.T, report *roster.Report, want, what string) {
	t.Helper()
	require.NotNil(t, report, what)
	if report.Done() {
		require.Equal(t, want, c.state(), what)
	}
	require.Zero(t, report.Failed+report.Moved, "%s: %s", what, notDone(report))
}
