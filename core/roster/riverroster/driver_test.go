package riverroster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// vendor is a store whose users have a last name. It takes a while, and refuses some.
type vendor struct {
	core.Store
	latency time.Duration

	mu     sync.Mutex
	refuse map[string]bool
	name   map[string]string
	writes map[string]int
}

func newVendor(refuse ...string) *vendor {
	v := &vendor{refuse: map[string]bool{}, name: map[string]string{}, writes: map[string]int{}}
	for _, id := range refuse {
		v.refuse[id] = true
	}
	return v
}

func (v *vendor) Capabilities() core.Capabilities { return core.Capabilities{Vendor: "a"} }

func (v *vendor) Fingerprint() string { return "f" }

func (v *vendor) GetUser(_ context.Context, id string) (core.User, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return core.User{ID: id, Login: id, LastName: v.name[id]}, nil
}

func (v *vendor) UpdateUser(_ context.Context, id string, c core.UserChange) (core.User, error) {
	time.Sleep(v.latency)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writes[id]++
	if v.refuse[id] {
		return core.User{}, &core.Error{Class: core.ClassConflict, Message: "no", Applied: core.AppliedNo}
	}
	v.name[id] = c.LastName.Or("")
	return core.User{ID: id, Login: id, LastName: v.name[id]}, nil
}

// written is how many writes there were.
func (v *vendor) written() (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, times := range v.writes {
		n += times
	}
	return n
}

func rename(n int) roster.Plan {
	p := roster.Plan{Why: "rename", Made: time.Now(), Fleet: map[string]string{"a": "f"}}
	for i := range n {
		id := strconv.Itoa(i)
		p.Steps = append(p.Steps, roster.Step{ID: id + "/a/users.update", Lane: "a/" + id, Op: core.OpUpdateUser, Account: "a", User: id,
			Login:  id,
			Change: &core.UserChange{LastName: core.Set("new")}})
	}
	return p
}

// place is a database with tables of its own, and a vendor.
type place struct {
	t    *testing.T
	pool *pgxpool.Pool
	name string
	v    *vendor
}

func newPlace(t *testing.T, v *vendor) *place {
	t.Helper()
	url := servicetest.Address(t, servicetest.Postgres)
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	name := fmt.Sprintf("r%016x", rand.Uint64())
	t.Cleanup(func() {
		for _, schema := range []string{name, name + "_river"} {
			_, err := pool.Exec(context.Background(), "drop schema "+schema+" cascade")
			require.NoError(t, err)
		}
		pool.Close()
	})
	require.NoError(t, pgroster.Migrate(t.Context(), pool, pgroster.InSchema(name)))
	require.NoError(t, Migrate(t.Context(), pool, name+"_river"))
	return &place{t, pool, name, v}
}

// journal is one more machine's.
func (p *place) journal() *pgroster.Journal {
	return pgroster.Open(p.pool, pgroster.InSchema(p.name))
}

func (p *place) machine() *Driver {
	d, err := New(Config{Pool: p.pool, Journal: p.journal(), Schema: p.name + "_river",
		Run: roster.Run{Fleet: roster.Fleet{"a": p.v}, Workers: 4, ClaimTTL: 2 * time.Second}})
	require.NoError(p.t, err)
	return d
}

// work lets two machines work until nothing is left.
func (p *place) work() {
	p.t.Helper()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		d := p.machine()
		wg.Go(func() { errs[i] = d.Work(p.t.Context(), true) })
	}
	wg.Wait()
	require.NoError(p.t, errors.Join(errs...))
}

// count asks a question about the tables; "$." stands for River's schema, "@." for ours.
func (p *place) count(query string) (n int) {
	p.t.Helper()
	query = strings.NewReplacer("$.", p.name+"_river.", "@.", p.name+".").Replace(query)
	require.NoError(p.t, p.pool.QueryRow(p.t.Context(), query).Scan(&n))
	return n
}

// jobs is how many jobs of plans are in a state.
func (p *place) jobs(state rivertype.JobState) int {
	p.t.Helper()
	return p.count("select count(*) from $.river_job where kind = 'rollcall_plan' and state = '" + string(state) + "'")
}

func (p *place) until(what string, ok func() bool) {
	p.t.Helper()
	require.Eventually(p.t, ok, 20*time.Second, 10*time.Millisecond, what)
}

func TestDriver_TriesWhatFailsOnceForEachSubmission(t *testing.T) {
	v := newVendor("3")
	s, p := newPlace(t, v), rename(20)
	require.NoError(t, s.machine().Submit(t.Context(), p))
	s.work()
	require.Len(t, v.writes, 20)
	for id, n := range v.writes {
		require.Equal(t, 1, n, id)
	}
	require.Equal(t, 8, s.jobs(rivertype.JobStateCompleted))

	// The same plan again opens what failed, and nothing else.
	v.refuse = nil
	require.NoError(t, s.machine().Submit(t.Context(), p))
	s.work()
	require.Equal(t, 2, v.writes["3"])
	require.Equal(t, 1, v.writes["4"])
	report, err := roster.Status(t.Context(), s.journal(), p.ID())
	require.NoError(t, err)
	require.True(t, report.Done())
	require.Equal(t, 16, s.jobs(rivertype.JobStateCompleted))
}

// TestDriver_EndsLeasesThatAreDue at the start already, also where a machine died while it
// did so: River takes its job over after an hour.
func TestDriver_EndsLeasesThatAreDue(t *testing.T) {
	v := newVendor()
	s, p := newPlace(t, v), rename(5)
	p.Until = time.Now().Add(3 * time.Second)
	for i := range p.Steps {
		p.Steps[i].If = &roster.Seen{Values: map[string]any{"lastName": nil}}
	}
	d := s.machine()
	require.NoError(t, d.Submit(t.Context(), p))
	s.work()
	require.Equal(t, 5, v.written())
	require.Equal(t, "new", v.name["4"])

	_, err := d.client.Insert(t.Context(), reapArgs{}, &river.InsertOpts{ScheduledAt: time.Now().Add(-time.Hour)})
	require.NoError(t, err)
	_, err = s.pool.Exec(t.Context(), "update "+d.Schema+".river_job set state = 'running', attempted_at = now() - interval '1 minute', attempt = 1 "+
		"where kind = 'rollcall_reap' and state in ('available', 'scheduled')")
	require.NoError(t, err)
	require.Equal(t, 1, s.count("select count(*) from $.river_job where kind = 'rollcall_reap' and state = 'running'"))
	time.Sleep(time.Until(p.Until))

	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { d.Work(ctx, false) })
	s.until("the lease has ended", func() bool { return v.written() == 10 })
	stop()
	wg.Wait()
	require.Empty(t, v.name["4"])
	require.Zero(t, s.count("select count(*) from @.lane where owner is not null"))
}
