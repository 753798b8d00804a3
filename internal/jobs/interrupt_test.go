package jobs

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// TestInterrupt_FinishesWhatIsUnderWay: a run whose context ends at any of its requests
// leaves nobody half made: a step is done, was accepted, or was not begun.
func TestInterrupt_FinishesWhatIsUnderWay(t *testing.T) {
	for _, vendor := range siteNames {
		t.Run(vendor, func(t *testing.T) {
			for n := 1; n <= 12 && interruptAt(t, vendor, n); n++ {
			}
		})
	}
}

// interruptAt ends the context of a run at its n-th request, and applies the plan again.
// It reports whether the run came so far.
func interruptAt(t *testing.T, vendor string, n int) (struck bool) {
	t.Helper()
	const people = 6
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, vendor)
		w := &wire{to: s.sim.Transport(), latency: 50 * time.Millisecond}
		store, err := s.connect("", core.ClientOptions{Transport: w})
		require.NoError(t, err)
		defer store.Close(context.Background())
		plan := planOf(t, roster.Fleet{vendor: store}, jobsOf(s, people)["have"]())

		j, err := roster.OpenFile(filepath.Join(dir, "j"))
		require.NoError(t, err)
		defer j.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		before := w.n
		w.strikes = func(at int, _ *http.Request) strike {
			if at == before+n {
				struck = true
				cancel()
			}
			return ""
		}
		run := runOn(roster.Fleet{vendor: store}, j)
		run.Workers = 2
		run.Grace = 30 * time.Second
		report, err := run.Apply(ctx, plan)
		if !struck {
			require.NoError(t, err)
			return
		}
		if err != nil { // the last requests end all steps
			require.ErrorIs(t, err, core.ErrCanceled)
		}
		if report == nil { // it was still judged, and nothing was begun
			report = &roster.Report{}
		}
		for _, st := range report.Steps {
			end := fmt.Sprint(st.Result)
			if st.Message == "accepted; apply again to see its end" {
				end = "accepted"
			}
			assert.Contains(t, []string{"applied", "accepted", "open"}, end, "request %d: %s: %s", n, st.Step, st.Message)
		}

		report, err = run.Apply(t.Context(), plan)
		require.NoError(t, err, notDone(report))
		require.Equal(t, people, report.Applied)
	})
	return struck
}
