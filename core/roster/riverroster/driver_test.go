package riverroster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// vendor is a store that gives users a last name, and refuses some.
type vendor struct {
	core.Store
	mu     sync.Mutex
	refuse map[string]bool
	writes map[string]int
}

func (v *vendor) Capabilities() core.Capabilities { return core.Capabilities{Vendor: "a"} }

func (v *vendor) Fingerprint() string { return "f" }

func (v *vendor) GetUser(_ context.Context, id string) (core.User, error) {
	return core.User{ID: id, Login: id}, nil
}

func (v *vendor) UpdateUser(_ context.Context, id string, c core.UserChange) (core.User, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writes[id]++
	if v.refuse[id] {
		return core.User{}, &core.Error{Class: core.ClassConflict, Message: "no", Applied: core.AppliedNo}
	}
	return core.User{ID: id, Login: id, LastName: c.LastName.Or("")}, nil
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

func TestDriver_TriesWhatFailsOnceForEachSubmission(t *testing.T) {
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

	v := &vendor{refuse: map[string]bool{"3": true}, writes: map[string]int{}}
	machine := func() *Driver {
		d, err := New(Config{Pool: pool, Journal: pgroster.Open(pool, pgroster.InSchema(name)), Schema: name + "_river",
			Run: roster.Run{Fleet: roster.Fleet{"a": v}, Workers: 4}})
		require.NoError(t, err)
		return d
	}
	work := func() {
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			d := machine()
			wg.Go(func() { errs[i] = d.Work(t.Context(), true) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
	}

	p := rename(20)
	require.NoError(t, machine().Submit(t.Context(), p))
	work()
	require.Len(t, v.writes, 20)
	for id, n := range v.writes {
		require.Equal(t, 1, n, id)
	}
	states := func() (n int) {
		require.NoError(t, pool.QueryRow(t.Context(), "select count(*) from "+name+"_river.river_job where kind = 'rollcall_plan' and state = "+
			"'completed'").Scan(&n))
		return n
	}
	require.Equal(t, 8, states())

	// The same plan again opens what failed, and nothing else.
	v.refuse = nil
	require.NoError(t, machine().Submit(t.Context(), p))
	work()
	require.Equal(t, 2, v.writes["3"])
	require.Equal(t, 1, v.writes["4"])
	report, err := roster.Status(t.Context(), pgroster.Open(pool, pgroster.InSchema(name)), p.ID())
	require.NoError(t, err)
	require.True(t, report.Done())
	require.Equal(t, 16, states())
}
