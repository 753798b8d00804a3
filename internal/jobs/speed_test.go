package jobs

import (
	"context"
	"fmt"
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

// worst is how many requests a person may take, and how many the job itself beside them. It
// is the least that the vendor's API permits under our rules: what a planner saw is
// looked at, and so is what a write has left. A job reads once who its credential is.
var worst = map[string]struct{ person, job float64 }{
	"have/avaya":         {2, 0.2},          // a creation with its links, the look at what settled, shared polls
	"have/libh3lp":       {4, 0.1},          // a creation, its address, two links
	"have/liveperson":    {0, 0.05},         // 50 in a request
	"have/lucs":          {1, 0},            //
	"have/webex":         {2 + 2/3.0, 0.13}, // the login is looked for, a creation; two more for who may not log in; the supervisor's agents
	"gone/avaya":         {3, 0.2},          // a read, the removal, the look
	"gone/libh3lp":       {5, 0},            // a block of one link (2), a read, the removal, the look
	"gone/liveperson":    {2, 0.1},          // read twice; blocks and removals are 50 in a request
	"gone/webex":         {5, 0},            // a block (2), a read, the removal, the look
	"blocked/libh3lp":    {2, 0},            //
	"blocked/liveperson": {1, 0.05},         // a read; 50 are written in a request
	"blocked/lucs":       {4, 0},            // the services, up to two of them, the block
	"blocked/webex":      {2, 0},            //
	"assign/avaya":       {3, 0.2},          // a read, a write, the look, shared polls
	"assign/libh3lp":     {1, 0.05},         // a write; the queue is read for many
	"assign/liveperson":  {1, 0.05},         //
	"assign/webex":       {0, 0.05},         // one list of agents
	"change/avaya":       {3, 0.2},          //
	"change/libh3lp":     {2, 0},            // a read for what the planner saw, a write
	"change/liveperson":  {1, 0.05},         // a read; 50 are written in a request
	"change/webex":       {2, 0},            //
}

// TestSpeed_RequestsAndTime: a job takes the fewest requests that the vendor permits, and
// little more time than the limit makes them take. ROLLCALL_JOBS=all does it with a
// thousand people; -v prints the table.
func TestSpeed_RequestsAndTime(t *testing.T) {
	n, tail := 100, 1.6 // of which a wait for what settles is a large part
	if all() {
		n, tail = 1000, 1.15
	}
	for _, job := range []string{"have", "gone", "blocked", "assign", "change"} {
		for _, vendor := range siteNames {
			if !slices.Contains(offered(t, vendor), job) {
				continue
			}
			t.Run(job+"/"+vendor, func(t *testing.T) {
				n := n
				if vendor == "webex" {
					n = min(n, 900) // a queue takes no more than 1,000 agents
				}
				requests, took, byOp := measure(t, vendor, job, n)
				each := float64(requests) / float64(n)
				ideal := time.Duration(float64(requests) / perSecond * float64(time.Second))
				t.Logf("| %s | %s | %.2f | %.2f | %v", job, vendor, each, float64(took)/float64(ideal), byOp)
				w, known := worst[job+"/"+vendor]
				require.True(t, known)
				assert.LessOrEqual(t, each, w.person+w.job+1/float64(n))
				if each >= 1 {
					assert.LessOrEqual(t, float64(took)/float64(ideal), tail)
				}
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
