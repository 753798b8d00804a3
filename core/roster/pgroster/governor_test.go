package pgroster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/internal/lease"
	"github.com/rollcall-go/rollcall/core/internal/lease/leasetest"
)

// machines is how many share the credential of a check.
const machines = 4

// model runs the statement on the clock of the test, so that a testing/synctest bubble
// needs no time: to the bubble a question takes half a millisecond, however long it
// takes the database. The connection is outside of the bubble.
type model struct {
	mu   sync.Mutex
	do   chan func(*pgxpool.Conn)
	done chan bool
	db   db
}

const modelTrip = 250 * time.Microsecond

func newModel(t *testing.T) *model {
	pool, schema := newPool(t)
	m := &model{db: newDB(pool, optionsOf([]Option{schema}).schema), do: make(chan func(*pgxpool.Conn)), done: make(chan bool)}
	require.NoError(t, m.db.exec(t.Context(), `create or replace function $.clock() returns float8 language sql volatile as
		'select current_setting(''rollcall.now'')::float8'`))
	conn, err := pool.Acquire(t.Context())
	require.NoError(t, err)
	go func() {
		defer conn.Release()
		for f := range m.do {
			f(conn)
			m.done <- true
		}
	}()
	t.Cleanup(func() { close(m.do) })
	return m
}

// outside runs f with the connection, outside of the bubble.
func (m *model) outside(f func(*pgxpool.Conn)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.do <- f
	<-m.done
}

// credential is the model for a credential of its own.
func (m *model) credential() credential {
	return credential{m, server{m.db, fmt.Sprintf("%016x", rand.Uint64())}}
}

type credential struct {
	m *model
	s server
}

// Take implements lease.Server.
func (c credential) Take(_ context.Context, a lease.Ask) (g lease.Grant, err error) {
	time.Sleep(modelTrip)
	now := fmt.Sprintf("%.6f", float64(time.Now().UnixMicro())/1e6)
	c.m.outside(func(conn *pgxpool.Conn) {
		var b pgx.Batch
		b.Queue("select set_config('rollcall.now', $1, false)", now)
		b.Queue(c.s.db.sql(takeText), c.s.args(a)...)
		r := conn.SendBatch(context.Background(), &b)
		defer r.Close()
		if _, err = r.Exec(); err == nil {
			g, err = grantOf(r.QueryRow())
		}
	})
	time.Sleep(modelTrip)
	return g, err
}

// Trip implements leasetest.Model.
func (c credential) Trip() time.Duration { return 2 * modelTrip }

// Fallback implements leasetest.Model.
func (c credential) Fallback(perSecond float64) core.Governor { return fallback(perSecond) }

// Forget implements leasetest.Model.
func (c credential) Forget() {
	c.m.outside(func(conn *pgxpool.Conn) {
		conn.Exec(context.Background(), c.s.db.sql("delete from $.pace where name = $1"), c.s.name)
		conn.Exec(context.Background(), c.s.db.sql("delete from $.pace_machine where name = $1"), c.s.name)
	})
}

func TestGovernor(t *testing.T) {
	m := newModel(t)
	coretest.TestGovernor(t, func(t *testing.T, told coretest.Limit) []core.Governor {
		s := m.credential()
		all := make([]core.Governor, machines)
		for i := range all {
			all[i] = lease.New(lease.Config{Server: s, Fallback: fallback,
				Limits: map[string]lease.Limit{"": {PerSecond: told.PerSecond, Burst: told.Burst}}})
		}
		return all
	}, coretest.VirtualTime())
}

// TestHerd is the table of README.md, in virtual time.
func TestHerd(t *testing.T) {
	m := newModel(t)
	leasetest.TestTable(t, func(*testing.T) leasetest.Model { return m.credential() })
}

// TestTake_CutsOnceAndSharesIt over the statement itself: every branch of it runs.
func TestTake_CutsOnceAndSharesIt(t *testing.T) {
	pool, schema := newPool(t)
	s := server{newDB(pool, optionsOf([]Option{schema}).schema), "name"}
	take := func(a lease.Ask) lease.Grant {
		t.Helper()
		g, err := s.Take(t.Context(), a)
		require.NoError(t, err)
		return g
	}

	told := lease.Limit{PerSecond: 200, Burst: 20}
	g := take(lease.Ask{Machine: "a", N: 30, Told: told})
	require.Equal(t, 20, g.K, "the whole burst at once")
	require.InDelta(t, 196, g.Rate, 0.01)
	require.Equal(t, lease.Limit{PerSecond: 100, Burst: 5}, take(lease.Ask{Machine: "b", Told: lease.Limit{PerSecond: 100, Burst: 5}}).Told, "the lowest counts")

	require.Zero(t, take(lease.Ask{Bucket: "x", Machine: "a", N: 1}).Rate)
	cut := take(lease.Ask{Bucket: "x", Machine: "a", N: 1, Accepted: 100, Fresh: 100, Refused: 1, Epoch: 1})
	require.InDelta(t, 97, cut.Rate, 0.01)
	require.True(t, cut.Refusing)
	stale := take(lease.Ask{Bucket: "x", Machine: "b", Refused: 3, Epoch: 1})
	require.Equal(t, cut.Rate, stale.Rate, "what left before the cut cuts nothing")
	require.Equal(t, cut.Epoch, stale.Epoch)
	require.False(t, take(lease.Ask{Bucket: "x", Machine: "b", Accepted: 1, Fresh: 1, Epoch: cut.Epoch}).Refusing)
	again := take(lease.Ask{Bucket: "x", Machine: "a", Refused: 1, Epoch: cut.Epoch})
	require.Greater(t, again.Epoch, cut.Epoch)

	require.Zero(t, take(lease.Ask{Bucket: "x", Machine: "b", Away: true}).Rejoin, "the others are there")
	_, err := pool.Exec(t.Context(), "update "+s.db.schema+".pace set led = 0")
	require.NoError(t, err)
	back := take(lease.Ask{Bucket: "x", Machine: "b", Away: true}).Rejoin
	require.Positive(t, back, "all were away: they come back at one moment")
	require.Less(t, take(lease.Ask{Bucket: "x", Machine: "a", Away: true}).Rejoin, back)

	_, err = pool.Exec(t.Context(), "truncate "+s.db.schema+".pace")
	require.NoError(t, err)
	seeded := take(lease.Ask{Bucket: "x", Machine: "a", N: 50, Rate: 42, Epoch: 7, Next: time.Second})
	require.InDelta(t, 42, seeded.Rate, 0.01, "what was lost comes back from the machine")
	require.EqualValues(t, 7, seeded.Epoch)
	require.Greater(t, seeded.First, 100*time.Millisecond, "without a fresh burst")
}
