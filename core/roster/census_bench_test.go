package roster_test

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// bulk is a vendor with many users, whose lists are made as they are read.
type bulk struct {
	store
	account      string
	users, links int // links of each user
	changed      int // one in so many users has another level on each link; 0: none
}

func (s bulk) id(i int) string { return fmt.Sprintf("%s-%06d", s.account, i) }

func (s bulk) ListUsers(context.Context, core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		for i := range s.users {
			login := "agent" + strconv.Itoa(i) + "@example.com"
			u := core.User{Vendor: "fake", Account: s.account, ID: s.id(i), Login: login, Email: login,
				FirstName: "First" + strconv.Itoa(i), LastName: "Last" + strconv.Itoa(i)}
			if !yield(u, nil) {
				return
			}
		}
	}
}

func (s bulk) ListAssignments(context.Context, core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		for i := range s.users {
			for k := range s.links {
				level := 1 + k
				if s.changed > 0 && i%s.changed == 0 {
					level++
				}
				n := strconv.Itoa((i + 7*k) % 200)
				a := core.Assignment{UserID: s.id(i), Level: &level, Target: core.Target{Kind: core.KindQueue, ID: "queue-" + n, Name: "Queue " + n}}
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}

func bulkFleet(changed int) roster.Fleet {
	f := roster.Fleet{}
	for _, account := range []string{"avaya", "libh3lp", "liveperson", "lucs", "webex"} {
		f[account] = bulk{store{newWorld()}, account, 18_000, 5, changed}
	}
	return f
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}

// BenchmarkCensus is 18,000 users at each of five accounts and 450,000 links. MB is what
// the census holds.
func BenchmarkCensus(b *testing.B) {
	f := bulkFleet(0)
	for range b.N {
		before := heap()
		c, err := roster.Take(b.Context(), f)
		require.NoError(b, err)
		b.ReportMetric(heap()-before, "MB")
		require.Equal(b, 90_000, c.Proof("avaya").Links)
		runtime.KeepAlive(c)
	}
}

// BenchmarkDiff compares two of them, of which a part differs.
func BenchmarkDiff(b *testing.B) {
	before := take(b, bulkFleet(0))
	for name, changed := range map[string]int{"none": 0, "1%": 100, "5%": 20, "all": 1} {
		after := take(b, bulkFleet(changed))
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = 0
				for range after.Diff(before) {
					n++
				}
			}
			b.ReportMetric(float64(n), "changes")
		})
	}
}
