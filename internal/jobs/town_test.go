package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// all reports whether every cut is tried, and not a sample.
func all() bool { return os.Getenv("ROLLCALL_JOBS") == "all" }

// settle puts n people of each kind in place, and returns a want of every kind that the
// vendor can do: hires with links, changes, moves, blocks and leavers.
func (s *site) settle(n int) roster.Want {
	w := roster.Want{Change: map[string]map[string]core.UserChange{}}
	var moved []string
	for i := range n {
		person := func(kind string) string {
			name := fmt.Sprintf("%s%s%d", s.prefix, kind, i)
			s.add(name)
			return s.login(name)
		}
		w.Have = append(w.Have, s.hire(i))
		if s.blocks {
			w.Blocked = append(w.Blocked, person("shut"))
		}
		if s.deletes {
			w.Gone = append(w.Gone, person("leaver"))
		}
		if s.change != nil {
			w.Change[person("renamed")] = map[string]core.UserChange{s.name: s.changeOf(i)}
		}
		if len(s.targets) > 0 {
			moved = append(moved, person("mover"))
		}
	}
	if len(moved) > 0 {
		w.Members = []roster.Members{
			{Account: s.name, Target: s.targets[1], Mode: roster.Add, People: moved, Level: s.level},
			{Account: s.name, Target: s.targets[0], Mode: roster.Remove, People: moved},
		}
	}
	return w
}

// kinds is how many kinds of people settle puts in place, the hires among them.
func (s *site) kinds() int {
	n := 1
	for _, has := range []bool{s.blocks, s.deletes, s.change != nil, len(s.targets) > 0} {
		if has {
			n++
		}
	}
	return n
}

// town is a site with people, the plan of what is wanted of them, and the way to it.
type town struct {
	*site
	wire  *wire
	store core.Store
	plan  roster.Plan
	path  string // of the journal
	// attempts bounds how often the client sends one request; zero leaves it to the client.
	attempts int
}

// newTown makes a town of about size people. It must be called in a bubble.
func newTown(t *testing.T, vendor string, size int, dir string) *town {
	t.Helper()
	s := newSite(t, vendor)
	c := &town{site: s, path: filepath.Join(dir, "j")}
	want := s.settle(max(1, size/s.kinds()))
	c.connectAgain(t)
	c.plan = planOf(t, c.fleet(), want)
	require.Empty(t, c.plan.Gaps)
	s.sim.Reset()
	return c
}

// connectAgain makes a new client, as a new process has it.
func (c *town) connectAgain(t *testing.T) {
	t.Helper()
	if c.store != nil {
		c.store.Close(context.Background())
	}
	c.wire = &wire{to: c.sim.Transport()}
	var err error
	c.store, err = c.connect("", core.ClientOptions{Transport: c.wire, BlockLog: roster.BlockLog})
	require.NoError(t, err)
}

// close ends the last client. A look-up of the earlier ones that nobody waits for any more
// ends by itself, within a minute.
func (c *town) close() {
	c.store.Close(context.Background())
	time.Sleep(2 * time.Minute)
}

func (c *town) fleet() roster.Fleet { return roster.Fleet{c.name: c.store} }

// run is the run of one process.
func (c *town) run(j roster.Journal) roster.Run {
	r := runOn(c.fleet(), j)
	r.Budget.Release = c.plan.ID()
	r.Grace = time.Nanosecond
	return r
}

// apply resumes the plan on the journal's file, as a new process does.
func (c *town) apply(t *testing.T) (*roster.Report, error) {
	t.Helper()
	j, err := roster.OpenFile(c.path)
	require.NoError(t, err)
	defer j.Close()
	return c.run(j).Apply(core.WithMaxAttempts(t.Context(), c.attempts), c.plan)
}

// notDone is the first step that is not done, for messages.
func notDone(r *roster.Report) string {
	if r == nil {
		return "no report"
	}
	for _, s := range r.Steps {
		if s.Result != core.ResultApplied && s.Result != core.ResultAlready {
			return fmt.Sprintf("%s is %s: %s", s.Step, s.Result, s.Message)
		}
	}
	return ""
}
