package pgroster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// newPool returns a pool and a schema of its own.
func newPool(t *testing.T) (*pgxpool.Pool, Option) {
	t.Helper()
	url := servicetest.Address(t, servicetest.Postgres)
	cfg, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	cfg.MaxConns = 4 // short statements: few connections cost the least
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	require.NoError(t, err)
	name := fmt.Sprintf("test_%016x", rand.Uint64())
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(), "drop schema if exists "+name+" cascade")
		require.NoError(t, err)
		pool.Close()
	})
	require.NoError(t, Migrate(t.Context(), pool, InSchema(name)))
	return pool, InSchema(name)
}

func TestJournal(t *testing.T) {
	coretest.TestJournal(t, func(t *testing.T) func() roster.Journal {
		pool, schema := newPool(t)
		return func() roster.Journal { return Open(pool, schema) }
	})
}
