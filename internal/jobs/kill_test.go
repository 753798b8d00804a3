package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/simtest"
)

// driverEnv makes the test binary a driver: a process that applies a plan to simulators of
// another process.
const driverEnv = "ROLLCALL_JOBS_DRIVER"

// orders are what a driver is told.
type orders struct {
	Bases         map[string]string // by account
	Plan, Journal string
}

func TestMain(m *testing.M) {
	if text := os.Getenv(driverEnv); text != "" {
		if err := drive(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// drive is the driver.
func drive(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	file, err := os.ReadFile(o.Plan)
	if err != nil {
		return err
	}
	plan, err := roster.ParsePlan(file)
	if err != nil {
		return err
	}
	fleet, err := o.fleet(func(vendor string) *site { return newSite(nobody{}, vendor) })
	if err != nil {
		return err
	}
	journal, err := roster.OpenFile(o.Journal)
	if err != nil {
		return err
	}
	defer journal.Close()
	run := runOn(fleet, journal)
	run.Workers, run.Budget.Release = 16, plan.ID()
	report, err := run.Apply(context.Background(), plan)
	if err != nil {
		return fmt.Errorf("%w: %s", err, notDone(report))
	}
	return nil
}

// nobody is the test of a driver, which has none.
type nobody struct{ testing.TB }

func (nobody) Helper() {}

// fleet connects to the simulators. A site lends its way to connect.
func (o orders) fleet(lend func(vendor string) *site) (roster.Fleet, error) {
	fleet := roster.Fleet{}
	for vendor, base := range o.Bases {
		store, err := lend(vendor).connect(base, core.ClientOptions{BlockLog: roster.BlockLog, RateLimit: core.RateLimit{PerSecond: 5000,
			Burst: 100}})
		if err != nil {
			return nil, err
		}
		fleet[vendor] = store
	}
	return fleet, nil
}

// city is five sites over loopback, one plan over all of them, and a place for its files.
type city struct {
	orders
	sites []*site
	plan  roster.Plan
}

func newCity(t *testing.T, size int) *city {
	t.Helper()
	dir := t.TempDir()
	c := &city{orders: orders{Bases: map[string]string{}, Plan: filepath.Join(dir, "plan.json"), Journal: filepath.Join(dir, "journal")}}
	c.plan = roster.Plan{Made: time.Now().UTC(), Fleet: map[string]string{}, Population: map[string]roster.Population{}}
	for _, vendor := range siteNames {
		s := newSite(t, vendor)
		if vendor == "avaya" {
			s = avayaSite(t, avayatest.WithDelays(avayatest.Delays{}))
			s.name = vendor
		}
		s.prefix = vendor + "-"
		c.sites = append(c.sites, s)
		base, err := s.sim.Start()
		require.NoError(t, err)
		t.Cleanup(s.sim.Close)
		c.Bases[vendor] = base

		want := s.settle(max(1, size/s.kinds()))
		if vendor == "lucs" {
			want.Have = nil // of whom it cannot be known whether a lost create was made
		}
		fleet, err := orders{Bases: map[string]string{vendor: base}}.fleet(func(string) *site { return s })
		require.NoError(t, err)
		plan := planOf(t, fleet, want)
		fleet[vendor].Close(context.Background())
		require.Empty(t, plan.Gaps)
		c.plan.Steps = append(c.plan.Steps, plan.Steps...)
		c.plan.Fleet[vendor], c.plan.Population[vendor] = plan.Fleet[vendor], plan.Population[vendor]
	}
	file, err := c.plan.Encode()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(c.Plan, file, 0o600))
	for _, s := range c.sites {
		s.sim.Reset()
	}
	return c
}

// driver starts a driver.
func (c *city) driver(t *testing.T) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(c.orders)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	d := exec.Command(self)
	d.Env = append(os.Environ(), driverEnv+"="+string(text))
	d.Stderr = os.Stderr
	require.NoError(t, d.Start())
	return d
}

// onRequest calls f with the number of each request that arrives anywhere.
func (c *city) onRequest(f func(n int64)) {
	var n atomic.Int64
	for _, s := range c.sites {
		s.sim.Fault(simtest.Fault{Times: -1, Match: func(*http.Request, []byte) bool { f(n.Add(1)); return false }})
	}
}

func (c *city) state() map[string]string {
	out := map[string]string{}
	for _, s := range c.sites {
		out[s.name] = s.state()
	}
	return out
}

// TestKill_EndsLikeUncut: a process is killed (kill -9) at a random point, and another one
// finishes. The end is that of a run that nobody killed, and every change was made once.
func TestKill_EndsLikeUncut(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	rounds, size := 8, 50
	if all() {
		rounds, size = 50, 100
	}
	whole := newCity(t, size)
	var total atomic.Int64
	whole.onRequest(func(n int64) { total.Store(max(total.Load(), n)) })
	require.NoError(t, whole.driver(t).Wait())
	want := whole.state()

	var killed atomic.Int64
	t.Run("rounds", func(t *testing.T) {
		for round := range rounds {
			t.Run(fmt.Sprint(round), func(t *testing.T) {
				t.Parallel()
				if killOnce(t, size, 1+rand.Int64N(total.Load()), want) {
					killed.Add(1)
				}
			})
		}
	})
	require.Greater(t, int(killed.Load()), rounds/2, "kills that struck")
	t.Logf("%d of %d processes killed, of %d requests each", killed.Load(), rounds, total.Load())
}

// killOnce kills a driver when a request arrives, lets another one finish, and reports
// whether there was one to kill.
func killOnce(t *testing.T, size int, at int64, want map[string]string) (killed bool) {
	t.Helper()
	c := newCity(t, size)
	var d *exec.Cmd
	var once sync.Once
	started := make(chan struct{})
	c.onRequest(func(n int64) {
		if n == at {
			<-started
			time.Sleep(rand.N(2 * time.Millisecond)) // between two requests, too
			once.Do(func() { d.Process.Kill() })
		}
	})
	d = c.driver(t)
	close(started)
	killed = d.Wait() != nil
	require.NoError(t, c.driver(t).Wait(), "killed at request %d", at)
	require.Equal(t, want, c.state(), "killed at request %d", at)
	for _, s := range c.sites {
		require.Empty(t, s.twice(), "killed at request %d, %s", at, s.name)
	}
	return killed
}
