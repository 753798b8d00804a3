package pgroster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// bare returns a pool and the name of a schema that nobody has made yet.
func bare(t *testing.T) (*pgxpool.Pool, string) {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), servicetest.Address(t, servicetest.Postgres))
	require.NoError(t, err)
	name := fmt.Sprintf("bare_%016x", rand.Uint64())
	t.Cleanup(func() {
		_, err := pool.Exec(context.Background(), "drop schema if exists "+name+" cascade")
		require.NoError(t, err)
		pool.Close()
	})
	return pool, name
}

// TestMigrate_KeepsWhatEachEarlierVersionWrote: a plan that was begun under it, of which a
// step is done and another was under way, is carried on.
func TestMigrate_KeepsWhatEachEarlierVersionWrote(t *testing.T) {
	for version := 1; version < schemaVersion; version++ {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			pool, name := bare(t)
			d, p, v := newDB(pool, name), rename(3), newVendor(0)
			require.NoError(t, d.exec(t.Context(), "create schema "+name))
			require.NoError(t, d.exec(t.Context(), "create table $.version (version int not null)"))
			for at := 1; at <= version; at++ {
				text, err := schemas.ReadFile(fmt.Sprintf("schema/%d.sql", at))
				require.NoError(t, err)
				require.NoError(t, pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), "set local search_path to "+name)
					require.NoError(t, err)
					_, err = tx.Exec(t.Context(), d.sql(string(text)), pgx.QueryExecModeSimpleProtocol)
					return err
				}))
				require.NoError(t, d.exec(t.Context(), "insert into $.version values ($1)", at))
			}
			j := Open(pool, InSchema(name))
			require.ErrorIs(t, j.Ready(t.Context()), ErrNotMigrated)

			require.NoError(t, j.Begin(t.Context(), p))
			first := roster.Record{Plan: p.ID(), Lane: "a/0", Step: p.Steps[0].ID, Phase: roster.PhaseOutcome, Result: "applied", Owner: "me", Token: 1}
			e, err := roster.Seal(first, "")
			require.NoError(t, err)
			require.NoError(t, d.exec(t.Context(), "insert into $.record (plan, lane, at, head, body) values ($1, 'a/0', now(), $2, $3)",
				p.ID(), string(e.Head), string(e.Body)))
			require.NoError(t, d.exec(t.Context(), "update $.lane set head = $1, open = '{}' where lane = 'a/0'", e.Hash()))
			if version >= 5 {
				require.NoError(t, d.exec(t.Context(), "update $.lane set done = true where lane = 'a/0'"))
			}
			require.NoError(t, d.exec(t.Context(), "update $.lane set owner = 'dead', token = 1, until = now() where lane = 'a/1'"))

			require.NoError(t, Migrate(t.Context(), pool, InSchema(name)))
			require.NoError(t, j.Ready(t.Context()))
			report, err := roster.Run{Fleet: roster.Fleet{"a": v}, Journal: j}.Resume(t.Context(), p.ID())
			require.NoError(t, err)
			require.Equal(t, 3, report.Applied)
			require.Equal(t, map[string]int{"1": 1, "2": 1}, v.writes, "what was done stays done")
			var done int
			require.NoError(t, d.row(t.Context(), "select count(*) from $.lane where done and owner is null").Scan(&done))
			require.Equal(t, 3, done)
		})
	}
}

func TestMigrate_MayBeCalledByManyAtOnceAndAgain(t *testing.T) {
	pool, name := bare(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { errs[i] = Migrate(t.Context(), pool, InSchema(name)) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.NoError(t, Migrate(t.Context(), pool, InSchema(name)))
	require.NoError(t, Open(pool, InSchema(name)).Ready(t.Context()))
}

func TestMigrate_RefusesTablesOfALaterVersion(t *testing.T) {
	pool, schema := newPool(t)
	j := Open(pool, schema)
	require.NoError(t, j.db.exec(t.Context(), "insert into $.version values ($1)", schemaVersion+1))

	require.ErrorContains(t, Migrate(t.Context(), pool, schema), fmt.Sprintf("version %d, made by a later rollcall", schemaVersion+1))
	require.ErrorIs(t, j.Ready(t.Context()), ErrNotMigrated)
}

func TestReady_TellsThatNoTablesAreThere(t *testing.T) {
	pool, name := bare(t)
	require.ErrorIs(t, Open(pool, InSchema(name)).Ready(t.Context()), ErrNotMigrated)
}
