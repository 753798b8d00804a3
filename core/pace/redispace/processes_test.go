//go:build unix

package redispace

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcall-go/rollcall/core/internal/lease"
	"github.com/rollcall-go/rollcall/core/internal/lease/leasetest"
	"github.com/rollcall-go/rollcall/internal/servicetest"
)

var clients sync.Map // of *redis.Client, by address

var maker leasetest.Maker = func(address, credential string, told lease.Limit) *lease.Governor {
	rdb, ok := clients.Load(address)
	if !ok {
		o, err := redis.ParseURL(address)
		if err != nil {
			panic(err)
		}
		redis.SetLogger(silent{})
		o.MaxRetries = -1
		made := redis.NewClient(o)
		for made.Ping(context.Background()).Err() != nil {
			time.Sleep(10 * time.Millisecond) // the herd begins when all are connected
		}
		rdb, _ = clients.LoadOrStore(address, made)
	}
	return New(rdb.(*redis.Client), credential, Limit("", told.PerSecond, told.Burst)).lease
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// TestMain lets the test binary be one of the machines.
func TestMain(m *testing.M) {
	maker.Machine()
	os.Exit(m.Run())
}

// TestProcesses is the table of README.md with real processes and a real Redis.
func TestProcesses(t *testing.T) {
	maker.TestProcesses(t, servicetest.Address(t, servicetest.Redis), servicetest.Gate)
}
