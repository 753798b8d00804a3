package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/internal/servicetest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestMain lets the test binary be the program: each machine is a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("NIGHTSHIFT_IS_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// site is a vendor's simulator on loopback, a database of its own, and their addresses.
type site struct {
	t     *testing.T
	dir   string
	env   map[string]string
	sim   *libh3lptest.Server
	queue string
	flags []string // the accounts
	db    *pgx.Conn
}

// newSite makes a site whose vendor takes so long for each request.
func newSite(t *testing.T, latency time.Duration) *site {
	t.Helper()
	return newSiteAt(t, latency, servicetest.Address(t, servicetest.Postgres))
}

// newSiteAt makes a site with a database at that server.
func newSiteAt(t *testing.T, latency time.Duration, admin string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), flags: []string{"--vendor", "libh3lp"}, sim: libh3lptest.NewServer(libh3lptest.WithSampleData())}
	base, err := s.sim.Start()
	require.NoError(t, err)
	t.Cleanup(s.sim.Close)
	s.queue = fmt.Sprint(s.sim.AddQueue(map[string]any{"name": "night"}))
	if latency > 0 {
		s.sim.Fault(libh3lptest.Fault{Times: -1, Delay: latency})
	}

	name := fmt.Sprintf("night_%016x", rand.Uint64())
	root, err := pgx.Connect(t.Context(), admin)
	require.NoError(t, err)
	_, err = root.Exec(t.Context(), "create database "+name)
	require.NoError(t, err)
	u, err := url.Parse(admin)
	require.NoError(t, err)
	u.Path = "/" + name
	s.db, err = pgx.Connect(t.Context(), u.String())
	require.NoError(t, err)
	require.NoError(t, root.Close(t.Context()))
	t.Cleanup(func() {
		s.db.Close(context.Background())
		root, err := pgx.Connect(context.Background(), admin)
		require.NoError(t, err)
		defer root.Close(context.Background())
		_, err = root.Exec(context.Background(), "drop database "+name+" with (force)")
		require.NoError(t, err)
	})

	s.env = map[string]string{
		"NIGHTSHIFT_DATABASE_URL": u.String(),
		"LIBH3LP_BASE_URL":        base, "LIBH3LP_USERNAME": libh3lptest.Username, "LIBH3LP_PASSWORD": libh3lptest.Password,
	}
	return s
}

// process is one run of the program.
type process struct {
	*exec.Cmd
	t        *testing.T
	out, err bytes.Buffer
	ended    chan error
}

func (s *site) start(words ...string) *process {
	s.t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], slices.Concat([]string{"--json"}, s.flags, words)...), t: s.t, ended: make(chan error, 1)}
	p.Env = append(p.Env, "NIGHTSHIFT_IS_PROGRAM=1")
	for name, value := range s.env {
		p.Env = append(p.Env, name+"="+value)
	}
	p.Stdout, p.Stderr = &p.out, &p.err
	require.NoError(s.t, p.Start())
	s.t.Cleanup(func() { p.Process.Kill() })
	go func() { p.ended <- p.Wait() }()
	return p
}

// code waits for the end and returns the exit code.
func (p *process) code(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(within):
		require.FailNow(p.t, "the program does not end", "%v\n%s\n%s", p.Args[1:], p.out.String(), p.err.String())
	}
	return p.ProcessState.ExitCode()
}

func (p *process) signal(sig syscall.Signal) { require.NoError(p.t, p.Process.Signal(sig)) }

// done runs a word that must end well, and returns its lines.
func (s *site) done(words ...string) []map[string]any {
	s.t.Helper()
	p := s.start(words...)
	require.Equal(s.t, 0, p.code(time.Minute), "%v: %s", words, p.err.String())
	return lines(s.t, p.out.String())
}

func lines(t *testing.T, text string) (all []map[string]any) {
	for line := range strings.Lines(text) {
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &v), line)
		all = append(all, v)
	}
	return all
}

// plan plans that n new users are added to the queue, one step for each.
func (s *site) plan(n int, changes ...func(*roster.Plan)) (file, id string) {
	s.t.Helper()
	members, err := fleet.ParseMembers("libh3lp", nil)
	require.NoError(s.t, err)
	f, end, err := fleet.Open(members, fleet.Settings{Getenv: func(name string) string { return s.env[name] }}, false)
	require.NoError(s.t, err)
	defer end(context.Background())

	p := roster.Plan{Why: "test", Actor: s.t.Name(), Made: time.Now(), Fleet: map[string]string{"libh3lp": f.Fingerprint("libh3lp")},
		Population: map[string]roster.Population{"libh3lp": {Users: 10 * n, Links: 10 * n, Certificate: roster.Complete}}}
	for _, user := range s.sim.AddUsers(n) {
		id := fmt.Sprint(user)
		p.Steps = append(p.Steps, roster.Step{ID: id + "/libh3lp/assignments.add", Lane: "libh3lp/" + id, Op: core.OpAssign, Account: "libh3lp",
			User: id, Login: id, Calls: 1, Links: []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: s.queue}}}})
	}
	for _, change := range changes {
		change(&p)
	}
	text, err := p.Encode()
	require.NoError(s.t, err)
	file = filepath.Join(s.dir, fmt.Sprintf("%d.plan.json", rand.Uint32()))
	require.NoError(s.t, os.WriteFile(file, text, 0o600))
	return file, p.ID()
}

// writes are the requests that were carried out and may have changed something. One whose
// sender died was not.
func (s *site) writes() map[string]int {
	n := map[string]int{}
	for _, r := range s.sim.Requests() {
		if r.Method != "GET" && !strings.Contains(r.Path, "auth") && r.Status >= 200 && r.Status < 300 {
			n[r.Method+" "+r.Path+string(r.Body)]++
		}
	}
	return n
}

// once requires that n things were done, each once.
func (s *site) once(n int) {
	s.t.Helper()
	writes := s.writes()
	require.Len(s.t, writes, n)
	for what, times := range writes {
		require.Equal(s.t, 1, times, what)
	}
}

func (s *site) count(query string, args ...any) (n int) {
	s.t.Helper()
	if s.db.Ping(s.t.Context()) != nil { // the database was restarted
		var err error
		s.db, err = pgx.ConnectConfig(s.t.Context(), s.db.Config())
		require.NoError(s.t, err)
	}
	require.NoError(s.t, s.db.QueryRow(s.t.Context(), query, args...).Scan(&n))
	return n
}

// nothingHeld requires that all lanes are done and free, and that all jobs ended well. A claim
// whose answer came to a machine that slept is given back when it wakes; if the machine ends
// just then, the claim runs out by itself.
func (s *site) nothingHeld() {
	s.t.Helper()
	s.until("no lane is held", 5*time.Second, func() bool {
		return s.count("select count(*) from rollcall.lane where owner is not null and until > clock_timestamp()") == 0
	})
	require.Zero(s.t, s.count("select count(*) from rollcall.lane where not done"))
	require.Zero(s.t, s.count("select count(*) from rollcall_river.river_job where kind = 'rollcall_plan' and state <> 'completed'"))
}

func (s *site) until(what string, within time.Duration, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(within); !ok(); time.Sleep(20 * time.Millisecond) {
		require.True(s.t, time.Now().Before(end), what)
	}
}

func TestNight_CarriesAPlanOutAndTakesItBack(t *testing.T) {
	s := newSite(t, 0)
	s.done("migrate")
	s.done("migrate")
	file, id := s.plan(12)
	s.done("submit", file)
	require.Empty(t, s.writes(), "nothing is sent before somebody works")
	status := s.done("status", id)
	require.EqualValues(t, 12, status[12]["report"].(map[string]any)["open"])

	told := s.done("work", "--until-idle", "--workers", "4")
	require.Len(t, told, 13)
	s.once(12)
	s.nothingHeld()
	require.EqualValues(t, 12, s.done("status", id)[12]["report"].(map[string]any)["applied"])

	// The same plan again is the same run.
	s.done("submit", file)
	s.done("work", "--until-idle")
	s.once(12)

	out := filepath.Join(s.dir, "one.receipt")
	var person string
	for step := range strings.SplitSeq(told[0]["step"].(string), "/") {
		person = step
		break
	}
	s.done("receipt", person, "--plan", id, "--out", out)
	receipt, err := os.ReadFile(out)
	require.NoError(t, err)
	_, err = roster.Verify(receipt)
	require.NoError(t, err)

	s.sim.Reset()
	s.done("undo", id)
	require.Empty(t, s.writes())
	s.done("work", "--until-idle")
	require.Len(t, s.writes(), 12)
	s.nothingHeld()
}

func TestNight_RefusesBeforeAnythingIsQueued(t *testing.T) {
	s := newSite(t, 0)
	file, id := s.plan(3)
	last := func(p *process) map[string]any {
		all := lines(t, p.err.String())
		return all[len(all)-1]["error"].(map[string]any)
	}
	for _, c := range []struct {
		words []string
		code  int
		class string
	}{
		{[]string{"submit", file}, 2, "invalid"}, // no tables yet
		{[]string{"migrate"}, 0, ""},
		{[]string{"submit", file, "--most", "assignments.add=2"}, 4, "invalid"},
		{[]string{"status", id}, 1, "not_found"},
		{[]string{"work", "--until-idle", "--rate", "nobody=5"}, 2, "invalid"},
		{[]string{"submit", "nowhere.json"}, 2, "invalid"},
		{[]string{"work", "--until-idle"}, 0, ""},
		{[]string{"submit", file, "--most", "assignments.add=2", "--release", id}, 0, ""},
	} {
		p := s.start(c.words...)
		require.Equal(t, c.code, p.code(time.Minute), "%v: %s", c.words, p.err.String())
		if c.code != 0 {
			require.Equal(t, c.class, last(p)["class"], c.words)
		}
		if c.code == 4 {
			require.NotEmpty(t, last(p)["over"])
		}
	}
	s.env["NIGHTSHIFT_DATABASE_URL"] = "postgres://u:hunter2@127.0.0.1:1/%zz"
	p := s.start("status", id)
	require.Equal(t, 2, p.code(time.Minute))
	require.NotContains(t, p.err.String(), "hunter2")
}

func TestNight_StopsWhenItIsTold(t *testing.T) {
	s := newSite(t, 100*time.Millisecond)
	s.done("migrate")
	file, _ := s.plan(200)
	s.done("submit", file)
	p := s.start("work", "--workers", "4", "--claim-ttl", "1m")
	s.until("the work begins", 30*time.Second, func() bool { return len(s.writes()) > 10 })
	at := time.Now()
	p.signal(syscall.SIGTERM)
	require.Equal(t, 0, p.code(8*time.Second), p.err.String())
	require.Less(t, time.Since(at), 8*time.Second)
	require.Zero(t, s.count("select count(*) from rollcall.lane where owner is not null"), "claims are given back at once")

	s.done("work", "--until-idle", "--workers", "16")
	s.once(200)
	s.nothingHeld()
}
