package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// perSecond is the limit that every client is told, and latency what an answer takes.
const (
	perSecond = 50
	latency   = 50 * time.Millisecond
)

// jobsOf are the jobs of the table, over n people each.
func jobsOf(s *site, n int) map[string]func() roster.Want {
	add := func() []string {
		var people []string
		for i := range n {
			people = append(people, s.login(fmt.Sprintf("person%d", i)))
			s.add(fmt.Sprintf("person%d", i))
		}
		return people
	}
	jobs := map[string]func() roster.Want{"have": func() roster.Want {
		var w roster.Want
		for i := range n {
			w.Have = append(w.Have, s.hire(i))
		}
		return w
	}}
	if s.deletes {
		jobs["gone"] = func() roster.Want { return roster.Want{Gone: add()} }
	}
	if s.blocks {
		jobs["blocked"] = func() roster.Want { return roster.Want{Blocked: add()} }
	}
	if len(s.targets) > 0 {
		jobs["assign"] = func() roster.Want {
			return roster.Want{Members: []roster.Members{{Account: s.name, Target: s.targets[1], Mode: roster.Add, People: add(), Level: s.level}}}
		}
	}
	if s.change != nil {
		jobs["change"] = func() roster.Want {
			w := roster.Want{Change: map[string]map[string]core.UserChange{}}
			for i, name := range add() {
				w.Change[name] = map[string]core.UserChange{s.name: s.changeOf(i)}
			}
			return w
		}
	}
	return jobs
}

// measure does one job, and returns its requests and its time.
func measure(t *testing.T, vendor, job string, n int) (requests int, took time.Duration, byOp map[string]int) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, vendor)
		w := &wire{to: s.sim.Transport(), latency: latency}
		store, err := s.connect("", core.ClientOptions{Transport: w, RateLimit: core.RateLimit{PerSecond: perSecond, Burst: 10}})
		require.NoError(t, err)
		defer store.Close(context.Background())
		want := jobsOf(s, n)[job]()
		plan := planOf(t, roster.Fleet{vendor: store}, want)
		require.Empty(t, plan.Gaps)

		journal, err := roster.OpenFile(filepath.Join(dir, "j"))
		require.NoError(t, err)
		defer journal.Close()
		s.sim.Reset()
		start := time.Now()
		run := runOn(roster.Fleet{vendor: store}, journal)
		run.Budget.Release = plan.ID()
		report, err := run.Apply(t.Context(), plan)
		took = time.Since(start)
		if report != nil && !report.Done() {
			for _, st := range report.Steps {
				if st.Result != core.ResultApplied && st.Result != core.ResultAlready {
					t.Log(st.Step, st.Result, st.Message)
					break
				}
			}
		}
		require.NoError(t, err)
		byOp = map[string]int{}
		for _, r := range s.sim.Requests() {
			byOp[r.Op]++
			requests++
		}
	})
	return requests, took, byOp
}

func planOf(t testing.TB, f roster.Fleet, want roster.Want) roster.Plan {
	t.Helper()
	c, err := roster.Take(t.Context(), f)
	require.NoError(t, err)
	p, err := want.Plan(c)
	require.NoError(t, err)
	return p
}

func runOn(f roster.Fleet, j roster.Journal) roster.Run {
	return roster.Run{Fleet: f, Journal: j,
		Secrets: func(context.Context, string) (core.Secret, error) { return core.NewSecret("Op3n-Sesame!"), nil }}
}

func TestSpeed(t *testing.T) {
	n := 100
	if os.Getenv("ROLLCALL_JOBS") == "all" {
		n = 1000
	}
	for _, job := range []string{"have", "gone", "blocked", "assign", "change"} {
		for _, vendor := range siteNames {
			if !slices.Contains(offered(t, vendor), job) {
				continue
			}
			t.Run(vendor+"/"+job, func(t *testing.T) {
				requests, took, byOp := measure(t, vendor, job, n)
				ideal := time.Duration(float64(requests) / perSecond * float64(time.Second))
				t.Logf("| %s | %s | %.3f | %.2f | %v", job, vendor, float64(requests)/float64(n), float64(took)/float64(ideal), byOp)
				assert.NotZero(t, requests)
			})
		}
	}
}

func offered(t *testing.T, vendor string) (out []string) {
	for job := range jobsOf(newSite(t, vendor), 0) {
		out = append(out, job)
	}
	return out
}
