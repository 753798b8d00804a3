package riverroster

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// What a machine is told by its environment.
const (
	envKind   = "RIVERROSTER_MACHINE" // river or rollcall
	envSchema = "RIVERROSTER_SCHEMA"
	envVendor = "RIVERROSTER_VENDOR"
)

// TestMain lets the test binary be one of the machines.
func TestMain(m *testing.M) {
	switch os.Getenv(envKind) {
	case "river":
		workAsRiver()
	case "rollcall":
		workAsDriver()
	}
	os.Exit(m.Run())
}

const (
	people  = 1000
	workers = 8 // of each machine
	latency = 20 * time.Millisecond
)

// TestVersusRiver measures what two machines of eight workers do for 1,000 people: River with
// a job for each person, and a Driver. Then the same again, and one of the two is killed after
// a third. It prints the table of README.md. ROLLCALL_RIVER=1 chooses it.
func TestVersusRiver(t *testing.T) {
	if os.Getenv("ROLLCALL_RIVER") == "" {
		t.Skip("set ROLLCALL_RIVER=1 to measure this")
	}
	address := servicetest.Address(t, servicetest.Postgres)
	for _, kind := range []string{"river", "rollcall"} {
		for _, kill := range []bool{false, true} {
			r := race(t, address, kind, kill)
			t.Logf("%-8s killed=%-5v: %.0f people a second, all done after %.1f s, %d done twice", kind, kill, people/r.took.Seconds(), r.took.Seconds(), r.twice)
			if kind == "rollcall" {
				require.Zero(t, r.twice)
			}
		}
	}
}

type result struct {
	took  time.Duration
	twice int
}

// race lets two machines do everything, and says how long that took from the first request
// until the tables say that all is done.
func race(t *testing.T, address, kind string, kill bool) result {
	pool, err := pgxpool.New(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	schema := fmt.Sprintf("v%016x", rand.Uint64())
	require.NoError(t, pgroster.Migrate(t.Context(), pool, pgroster.InSchema(schema)))
	require.NoError(t, Migrate(t.Context(), pool, schema+"_river"))
	defer pool.Exec(context.Background(), "drop schema "+schema+" cascade; drop schema "+schema+"_river cascade")
	v := newSite()
	s := httptest.NewServer(v)
	defer s.Close()

	if kind == "river" {
		client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: schema + "_river"})
		require.NoError(t, err)
		jobs := make([]river.InsertManyParams, people)
		for i := range jobs {
			jobs[i].Args = personArgs{Person: fmt.Sprint(i)}
		}
		_, err = client.InsertMany(t.Context(), jobs)
		require.NoError(t, err)
	} else {
		d, err := New(driverConfig(pool, schema, s.URL))
		require.NoError(t, err)
		require.NoError(t, d.Submit(t.Context(), rename(people)))
	}

	var all []*exec.Cmd
	for range 2 {
		p := exec.Command(os.Args[0])
		p.Env = append(os.Environ(), envKind+"="+kind, envSchema+"="+schema, envVendor+"="+s.URL, servicetest.Postgres+"="+address)
		require.NoError(t, p.Start())
		defer func() { p.Process.Kill(); p.Wait() }()
		all = append(all, p)
	}
	left := map[string]string{
		"river":    "select count(*) from " + schema + "_river.river_job where kind = 'person' and state <> 'completed'",
		"rollcall": "select count(*) from " + schema + ".lane where not done",
	}[kind]
	for killed := false; ; time.Sleep(10 * time.Millisecond) {
		var open int
		require.NoError(t, pool.QueryRow(t.Context(), left).Scan(&open))
		done, twice, took := v.state()
		if kill && !killed && done > people/3 {
			require.NoError(t, all[0].Process.Kill())
			killed = true
		}
		if open == 0 {
			require.Equal(t, people, done)
			return result{took, twice}
		}
		require.Less(t, took, 2*time.Minute)
	}
}

// site is a vendor over HTTP: what it receives is carried out, whatever becomes of the sender.
type site struct {
	mu     sync.Mutex
	writes map[string]int
	first  time.Time
}

func newSite() *site { return &site{writes: map[string]int{}} }

func (v *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Path[1:]
	v.mu.Lock()
	if v.first.IsZero() {
		v.first = time.Now()
	}
	if r.Method == http.MethodPost {
		v.writes[id]++
	}
	done := v.writes[id] > 0
	v.mu.Unlock()
	time.Sleep(latency)
	json.NewEncoder(w).Encode(done)
}

func (v *site) state() (done, twice int, took time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range v.writes {
		twice += n - 1
	}
	if !v.first.IsZero() {
		took = time.Since(v.first)
	}
	return len(v.writes), twice, took
}

// remote is a store that talks to the site.
type remote struct {
	core.Store
	url    string
	client *http.Client
}

func newRemote(url string) remote {
	return remote{url: url, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}}
}

func (r remote) Capabilities() core.Capabilities { return core.Capabilities{Vendor: "a"} }

func (r remote) Fingerprint() string { return "f" }

func (r remote) send(ctx context.Context, method, id string) (done bool, err error) {
	q, err := http.NewRequestWithContext(ctx, method, r.url+"/"+id, nil)
	if err != nil {
		return false, err
	}
	a, err := r.client.Do(q)
	if err != nil {
		return false, &core.Error{Class: core.ClassUnavailable, Applied: core.AppliedUnknown, Err: err}
	}
	defer a.Body.Close()
	return done, json.NewDecoder(a.Body).Decode(&done)
}

func (r remote) GetUser(ctx context.Context, id string) (core.User, error) {
	done, err := r.send(ctx, http.MethodGet, id)
	u := core.User{ID: id, Login: id}
	if done {
		u.LastName = "new"
	}
	return u, err
}

func (r remote) UpdateUser(ctx context.Context, id string, _ core.UserChange) (core.User, error) {
	_, err := r.send(ctx, http.MethodPost, id)
	return core.User{ID: id, Login: id, LastName: "new"}, err
}

func driverConfig(pool *pgxpool.Pool, schema, url string) Config {
	return Config{Pool: pool, Journal: pgroster.Open(pool, pgroster.InSchema(schema)), Schema: schema + "_river",
		Run: roster.Run{Fleet: roster.Fleet{"a": newRemote(url)}, Workers: workers, ClaimTTL: 3 * time.Second}}
}

func machinePool() *pgxpool.Pool {
	pool, err := pgxpool.New(context.Background(), os.Getenv(servicetest.Postgres))
	if err != nil {
		panic(err)
	}
	return pool
}

func workAsDriver() {
	d, err := New(driverConfig(machinePool(), os.Getenv(envSchema), os.Getenv(envVendor)))
	if err != nil {
		panic(err)
	}
	d.Work(context.Background(), false)
}

type personArgs struct {
	Person string `json:"person"`
}

// Kind implements river.JobArgs.
func (personArgs) Kind() string { return "person" }

type personWorker struct {
	river.WorkerDefaults[personArgs]
	vendor remote
}

func (w *personWorker) Work(ctx context.Context, job *river.Job[personArgs]) error {
	_, err := w.vendor.UpdateUser(ctx, job.Args.Person, core.UserChange{})
	return err
}

// workAsRiver is River at its best: it looks for jobs every 10 ms instead of every 100, and
// takes those of a dead machine over after 5 s instead of an hour.
func workAsRiver() {
	registered := river.NewWorkers()
	river.AddWorker(registered, &personWorker{vendor: newRemote(os.Getenv(envVendor))})
	client, err := river.NewClient(riverpgxv5.New(machinePool()), &river.Config{
		Schema: os.Getenv(envSchema) + "_river", Workers: registered, Logger: slog.New(slog.DiscardHandler),
		FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 50 * time.Millisecond,
		JobTimeout: 4 * time.Second, RescueStuckJobsAfter: 5 * time.Second,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
	})
	if err != nil {
		panic(err)
	}
	if err := client.Start(context.Background()); err != nil {
		panic(err)
	}
	select {}
}
