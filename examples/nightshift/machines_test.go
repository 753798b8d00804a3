package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/internal/servicetest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// TestNight_TakesOver: of three machines one is killed and one is stopped for twice the
// time of a claim and woken. Nothing may be done twice in any round. In the two of a short
// run the time must be kept once, because other tests may use the machine, too: then there
// is a third and a fourth. With ROLLCALL_ROUNDS=20 it must be kept in each of so many.
func TestNight_TakesOver(t *testing.T) {
	const ttl = 3 * time.Second
	rounds, _ := strconv.Atoi(os.Getenv("ROLLCALL_ROUNDS"))
	best := time.Hour
	for i := range max(rounds, 4) {
		took := takeOver(t, ttl)
		t.Logf("all done %v after the kill", took)
		best = min(best, took)
		if rounds > 0 {
			require.LessOrEqual(t, took, ttl+time.Second)
		} else if i > 0 && best <= ttl+time.Second {
			return
		}
	}
	require.LessOrEqual(t, best, ttl+time.Second)
}

// oneByOne makes the steps of a plan changes of users, which this vendor takes one by one:
// links share calls, and one machine would claim all of them at once.
func oneByOne(p *roster.Plan) {
	for i := range p.Steps {
		s := &p.Steps[i]
		s.ID, s.Op, s.Links = s.User+"/libh3lp/users.update", core.OpUpdateUser, nil
		s.Change = &core.UserChange{Email: core.Set(s.User + "@night.example")}
	}
}

// takeOver is one round. It returns how long after the kill all was done.
func takeOver(t *testing.T, ttl time.Duration) time.Duration {
	const people = 240
	s := newSite(t, 0)
	// The first steps are slow, so that the last machine to look for work finds some.
	s.sim.Fault(libh3lptest.Fault{Times: 3 * 12 * 2, Delay: time.Second}, libh3lptest.Fault{Times: -1, Delay: 50 * time.Millisecond})
	s.done("migrate")
	file, id := s.plan(people, oneByOne)

	var all []*process
	for range 3 {
		all = append(all, s.start("work", "--workers", "12", "--claim-ttl", ttl.String()))
	}
	s.until("three machines are there", 30*time.Second, func() bool {
		return s.count("select count(distinct application_name) from pg_stat_activity where datname = current_database() and application_name "+
			"like 'nightshift work%'") == 3
	})
	s.done("submit", file)
	s.until("the work begins on every machine", 30*time.Second, func() bool {
		return s.count("select count(distinct owner) from rollcall.lane where owner is not null") == 3 && len(s.writes()) > people/10
	})
	killed, stopped, left := all[0], all[1], all[2]
	stopped.signal(syscall.SIGSTOP)
	killed.signal(syscall.SIGKILL)
	at := time.Now()
	require.Equal(t, -1, killed.code(time.Second))

	s.until("the last machine does everything", time.Minute, func() bool {
		return s.count("select count(*) from rollcall.lane where not done") == 0
	})
	took := time.Since(at)
	time.Sleep(time.Until(at.Add(2 * ttl)))
	stopped.signal(syscall.SIGCONT)
	s.until("the jobs end", 10*time.Second, func() bool {
		return s.count("select count(*) from rollcall_river.river_job where kind = 'rollcall_plan' and state <> 'completed'") == 0
	})
	left.signal(syscall.SIGTERM)
	stopped.signal(syscall.SIGTERM)
	require.Equal(t, 0, left.code(30*time.Second), left.err.String())
	require.Equal(t, 0, stopped.code(30*time.Second), stopped.err.String())

	s.once(people)
	s.nothingHeld()
	require.EqualValues(t, people, s.done("status", id)[people]["report"].(map[string]any)["applied"])
	return took
}

// TestNight_LosesNothingWhenTheDatabaseCrashes in the middle of the work: what was
// confirmed is there, and nothing is done twice.
func TestNight_LosesNothingWhenTheDatabaseCrashes(t *testing.T) {
	const people = 200
	d := servicetest.StartPostgres(t)
	s := newSiteAt(t, 60*time.Millisecond, d.Address())
	s.done("migrate")
	file, id := s.plan(people, oneByOne)
	s.done("submit", file)
	var all []*process
	for range 2 {
		all = append(all, s.start("work", "--until-idle", "--workers", "4", "--claim-ttl", "3s"))
	}
	s.until("the work begins", 30*time.Second, func() bool { return len(s.writes()) > people/5 })
	d.Crash(time.Second)
	before := len(s.writes())
	require.Less(t, before, people, "there is work left after the crash")

	for _, p := range all {
		require.Equal(t, 0, p.code(time.Minute), p.err.String())
	}
	s.once(people)
	s.nothingHeld()
	require.EqualValues(t, people, s.done("status", id)[people]["report"].(map[string]any)["applied"])
}

// many is a site with two accounts of one vendor and with three vendors.
func many(t *testing.T) (s *site, fleetOf func() roster.Fleet) {
	s = newSite(t, 0)
	start := func(base string, err error) string {
		require.NoError(t, err)
		return base
	}
	emea := libh3lptest.NewServer(libh3lptest.WithSampleData())
	avaya := avayatest.NewServer(avayatest.WithSampleData())
	webex := webextest.NewServer(webextest.WithSampleData())
	for _, end := range []func(){emea.Close, avaya.Close, webex.Close} {
		t.Cleanup(end)
	}
	emea.AddQueue(map[string]any{"name": "night"})
	maps.Copy(s.env, map[string]string{
		"EMEA_LIBH3LP_BASE_URL": start(emea.Start()), "EMEA_LIBH3LP_USERNAME": libh3lptest.Username,
		"EMEA_LIBH3LP_PASSWORD": libh3lptest.Password,
		"AVAYA_BASE_URL":        start(avaya.Start()), "AVAYA_ACCOUNT_ID": avayatest.AccountID, "AVAYA_APP_KEY": avayatest.AppKey,
		"AVAYA_CLIENT_ID": avayatest.ClientID, "AVAYA_CLIENT_SECRET": avayatest.ClientSecret,
		"WEBEX_BASE_URL": start(webex.Start()), "WEBEX_TOKEN": webextest.Bearer,
	})
	s.flags = []string{"--vendor", "libh3lp,avaya,webex", "--account", "emea=libh3lp"}

	members, err := fleet.ParseMembers("libh3lp,avaya,webex", []string{"emea=libh3lp"})
	require.NoError(t, err)
	f, end, err := fleet.Open(members, fleet.Settings{Getenv: func(name string) string { return s.env[name] }}, false)
	require.NoError(t, err)
	t.Cleanup(func() { end(context.Background()) })
	return s, func() roster.Fleet { return f }
}

// nightOf is a want that touches people of every account.
func nightOf(t *testing.T, f roster.Fleet, census *roster.Census) (w roster.Want, person string) {
	w.Change = map[string]map[string]core.UserChange{}
	night := map[string]core.Target{}
	for _, account := range []string{"libh3lp", "emea"} {
		for target, err := range f[account].ListTargets(t.Context(), core.TargetQuery{Kind: core.KindQueue}) {
			require.NoError(t, err)
			if target.Name == "night" {
				night[account] = target
			}
		}
		w.Members = append(w.Members, roster.Members{Account: account, Target: night[account], Mode: roster.Add})
	}
	count := map[string]int{}
	for p := range census.People() {
		for account := range p.Accounts {
			if count[account]++; count[account] > 3 {
				continue
			}
			switch account {
			case "libh3lp":
				w.Members[0].People = append(w.Members[0].People, p.Key)
			case "emea":
				w.Members[1].People = append(w.Members[1].People, p.Key)
			default:
				person = p.Key
				if w.Change[p.Key] == nil {
					w.Change[p.Key] = map[string]core.UserChange{}
				}
				w.Change[p.Key][account] = core.UserChange{DisplayName: core.Set("Night " + account)}
			}
		}
	}
	return w, person
}

// TestNight_WorksOverAccountsAndVendors: two machines carry out one plan over two accounts
// of one vendor and over three vendors, prove it, and take it back.
func TestNight_WorksOverAccountsAndVendors(t *testing.T) {
	s, open := many(t)
	f := open()
	census, err := roster.Take(t.Context(), f)
	require.NoError(t, err)
	w, person := nightOf(t, f, census)
	p, err := w.Plan(census)
	require.NoError(t, err)
	require.Empty(t, p.Gaps)
	steps := map[string]int{}
	for _, step := range p.Steps {
		steps[step.Account]++
	}
	require.Equal(t, map[string]int{"libh3lp": 3, "emea": 3, "avaya": 3, "webex": 3}, steps)
	text, err := p.Encode()
	require.NoError(t, err)
	file := filepath.Join(s.dir, "night.plan.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))

	s.done("migrate")
	s.done("submit", file)
	work := func() {
		var all []*process
		for range 2 {
			all = append(all, s.start("work", "--until-idle", "--workers", "4", "--rate", "emea=50/5"))
		}
		for _, p := range all {
			require.Equal(t, 0, p.code(time.Minute), p.err.String())
		}
		s.nothingHeld()
	}
	work()
	report := func(id string) map[string]any {
		all := s.done("status", id)
		return all[len(all)-1]["report"].(map[string]any)
	}
	require.EqualValues(t, len(p.Steps), report(p.ID())["applied"], report(p.ID()))
	after, err := roster.Take(t.Context(), f, roster.Since(census))
	require.NoError(t, err)
	require.Len(t, slices.Collect(after.Diff(census)), len(p.Steps))

	out := filepath.Join(s.dir, "one.receipt")
	s.done("receipt", person, "--plan", p.ID(), "--out", out)
	receipt, err := os.ReadFile(out)
	require.NoError(t, err)
	_, err = roster.Verify(receipt)
	require.NoError(t, err)

	inverse := s.done("undo", p.ID())[0]["plan"].(map[string]any)
	require.Equal(t, p.ID(), inverse["undoes"])
	work()
	require.EqualValues(t, len(p.Steps), report(fmt.Sprint(inverse["id"]))["applied"])
	back, err := roster.Take(t.Context(), f, roster.Since(after))
	require.NoError(t, err)
	require.Empty(t, slices.Collect(back.Diff(census)), "everything is as it was")

	// Without the second account's flag the plan is not for these machines.
	s.flags = []string{"--vendor", "libh3lp,avaya,webex"}
	require.Equal(t, 2, s.start("submit", file).code(time.Minute))
}
