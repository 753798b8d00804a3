package pgroster

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// vendor is a store whose users have a last name, and whose requests take a while.
type vendor struct {
	core.Store
	latency time.Duration

	mu     sync.Mutex
	name   map[string]string
	writes map[string]int
}

func newVendor(latency time.Duration) *vendor {
	return &vendor{latency: latency, name: map[string]string{}, writes: map[string]int{}}
}

func (v *vendor) Capabilities() core.Capabilities { return core.Capabilities{Vendor: "a"} }

func (v *vendor) Fingerprint() string { return "f" }

func (v *vendor) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(v.latency):
		return nil
	}
}

func (v *vendor) GetUser(ctx context.Context, id string) (core.User, error) {
	if err := v.wait(ctx); err != nil {
		return core.User{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return core.User{ID: id, Login: id, LastName: v.name[id]}, nil
}

func (v *vendor) ListUsers(context.Context, core.UserQuery) iter.Seq2[core.User, error] {
	return func(func(core.User, error) bool) {}
}

func (v *vendor) UpdateUser(ctx context.Context, id string, c core.UserChange) (core.User, error) {
	if err := v.wait(ctx); err != nil {
		return core.User{}, &core.Error{Class: core.ClassCanceled, Applied: core.AppliedNo, Err: err}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.writes[id]++
	v.name[id] = c.LastName.Or("")
	return core.User{ID: id, Login: id, LastName: v.name[id]}, nil
}

// rename is a plan that gives n people a new last name.
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

// TestRun_SharesAPlan: 1,000 people, two machines of 8 workers, a vendor of 20 ms.
func TestRun_SharesAPlan(t *testing.T) {
	const people = 1000
	pool, schema := newPool(t)
	v, p := newVendor(20*time.Millisecond), rename(people)
	require.NoError(t, Open(pool, schema).Begin(t.Context(), p))

	start := time.Now()
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		run := roster.Run{Fleet: roster.Fleet{"a": v}, Journal: Open(pool, schema), Workers: 8, Owner: fmt.Sprint("machine ", i)}
		wg.Go(func() { _, errs[i] = run.Drive(t.Context(), p.ID(), 0) })
	}
	wg.Wait()
	took := time.Since(start)

	require.NoError(t, errors.Join(errs...))
	require.Len(t, v.writes, people)
	for id, n := range v.writes {
		require.Equal(t, 1, n, id)
	}
	t.Logf("%d people in %v: %.0f a second", people, took, people/took.Seconds())
	require.Less(t, took, 30*time.Second) // on two idle cores it takes less than two
}
