//go:build unix

package pgroster

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/rollcall-go/rollcall/core/internal/lease"
	"github.com/rollcall-go/rollcall/core/internal/lease/leasetest"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

// envSchema tells a machine where the tables are.
const envSchema = "PGROSTER_SCHEMA"

var pools sync.Map // of *pgxpool.Pool, by address

var maker leasetest.Maker = func(address, credential string, told lease.Limit) *lease.Governor {
	pool, ok := pools.Load(address)
	if !ok {
		cfg, err := pgxpool.ParseConfig(address)
		if err != nil {
			panic(err)
		}
		cfg.MaxConns = 1 // there are many machines
		made, err := pgxpool.NewWithConfig(context.Background(), cfg)
		if err != nil {
			panic(err)
		}
		for made.Ping(context.Background()) != nil {
			time.Sleep(10 * time.Millisecond) // the herd begins when all are connected
		}
		pool, _ = pools.LoadOrStore(address, made)
	}
	return NewGovernor(pool.(*pgxpool.Pool), credential, InSchema(os.Getenv(envSchema)), Limit("", told.PerSecond, told.Burst)).lease
}

// TestMain lets the test binary be one of the machines.
func TestMain(m *testing.M) {
	maker.Machine()
	os.Exit(m.Run())
}

// TestProcesses is a part of the table with real processes and a real PostgreSQL.
func TestProcesses(t *testing.T) {
	_, schema := newPool(t)
	t.Setenv(envSchema, optionsOf([]Option{schema}).schema)
	maker.TestProcesses(t, servicetest.Address(t, servicetest.Postgres), servicetest.Gate,
		"told, the server is away for 3 s", "told, a machine is stopped for 5 s", "told, urgent behind 800")
}
