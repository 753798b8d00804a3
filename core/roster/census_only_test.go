package roster_test

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// metered is a store whose listings of users cost what they cost at a vendor.
type metered struct {
	store
	cost     core.Cost
	requests *atomic.Int64
}

func (m metered) Capabilities() core.Capabilities {
	caps := m.store.Capabilities()
	c := caps.Operations[core.OpListUsers]
	c.Cost = m.cost
	caps.Operations[core.OpListUsers] = c
	return caps
}

func (m metered) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		n := 0
		m.requests.Add(int64(m.cost.Call))
		for u, err := range m.store.ListUsers(ctx, q) {
			if n++; m.cost.Page > 0 && n > 1 && n%m.cost.Page == 1 {
				m.requests.Add(1)
			}
			if !yield(u, err) {
				return
			}
		}
		if n == 0 && m.cost.Walks {
			m.requests.Add(int64(1 + len(m.users)/m.cost.Page))
		}
	}
}

func TestTake_OnlyTakesWhatCostsFewerRequests(t *testing.T) {
	indexed, walks, whole := core.Cost{Call: 1, Page: 100}, core.Cost{Call: 1, Page: 50, Walks: true}, core.Cost{Call: 1}
	for _, c := range []struct {
		name          string
		cost          core.Cost
		users         int
		there, absent int
		most          int64
	}{
		{"no filter, one person", whole, 500, 1, 0, 2},
		{"no filter, 1,000 absent", whole, 500, 0, 1000, 2},
		{"an index, one person", indexed, 5000, 1, 0, 2},
		{"an index, 4 absent", indexed, 5000, 0, 4, 8},
		{"an index, 1,000 absent of 2,050", indexed, 2050, 0, 1000, 2 * 21},
		{"an index, 10 absent of 5,000", indexed, 5000, 0, 10, 2*20 + 1},
		{"a miss walks, one absent", walks, 2050, 0, 1, 3 * (1 + 42)},
		{"a miss walks, 4 absent", walks, 2050, 0, 4, 3 * (1 + 42)},
		{"a miss walks, 1,000 absent", walks, 2050, 0, 1000, 2 * 42},
		{"a miss walks, 1,000 absent of 5,020", walks, 5020, 0, 1000, 2 * 101},
		{"a miss walks, 500 of 1,020", walks, 1020, 500, 0, 2 * 21},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, people := crowd(c.users)
			names := people[:c.there]
			for i := range c.absent {
				names = append(names, fmt.Sprintf("absent%d@x.test", i))
			}
			m := metered{store{w}, c.cost, new(atomic.Int64)}
			census, err := roster.Take(t.Context(), roster.Fleet{"fake": m}, roster.Only(names...))
			require.NoError(t, err)
			assert.LessOrEqual(t, m.requests.Load(), c.most)
			assert.Len(t, census.Absent(), c.absent)
			n := 0
			for range census.People() {
				n++
			}
			assert.Equal(t, c.there, n)

			plan, err := roster.Want{Gone: names}.Plan(census)
			require.NoError(t, err)
			assert.Empty(t, plan.Gaps, "each absence is proven")
		})
	}
}

func TestTake_OnlyFindsOnePersonByEveryName(t *testing.T) {
	w, _ := crowd(3)
	u := w.users["u2"]
	u.Login, u.Email, u.Aliases = "kim", "Ki\u006d\u0301@x.test", []string{"k.park@x.test"}
	w.users["u2"] = u
	for _, cost := range []core.Cost{{Call: 1}, {Call: 1, Page: 2, Walks: true}} {
		for _, name := range []string{"KIM", "sip:ki\u1e3f@x.test", "fake:u2"} {
			m := metered{store{w}, cost, new(atomic.Int64)}
			c, err := roster.Take(t.Context(), roster.Fleet{"fake": m}, roster.Only(name))
			require.NoError(t, err)
			p, err := c.Person(name)
			require.NoError(t, err, "%s %v", name, cost)
			assert.Equal(t, "ki\u1e3f@x.test", p.Key)
			assert.Equal(t, "u2", p.Accounts["fake"].ID)
		}
	}
	c, err := roster.Take(t.Context(), roster.Fleet{"fake": store{w}})
	require.NoError(t, err)
	p, err := c.Person("K.Park@x.test")
	require.NoError(t, err)
	assert.Equal(t, "u2", p.Accounts["fake"].ID)
}
