package redispace

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/coretest"
)

// machines is how many share the credential of a check.
const machines = 4

// realRedis returns a client of a real Redis. Without one the test is skipped.
func realRedis(t *testing.T) *redis.Client {
	t.Helper()
	url := os.Getenv("ROLLCALL_REDIS_URL")
	if url == "" {
		t.Skip("set ROLLCALL_REDIS_URL to the address of a Redis to run this test")
	}
	o, err := redis.ParseURL(url)
	require.NoError(t, err)
	rdb := redis.NewClient(o)
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

func freshName() string { return fmt.Sprintf("test-%016x", rand.Uint64()) }

// TestGovernor runs in real time, several crowds at once: they mostly wait.
func TestGovernor(t *testing.T) {
	if os.Getenv("ROLLCALL_HERD") == "" {
		t.Skip("it measures time: set ROLLCALL_HERD=1 on a machine that does nothing else")
	}
	rdb := realRedis(t)
	coretest.TestGovernor(t, func(t *testing.T, told coretest.Limit) []core.Governor {
		t.Parallel()
		name := freshName()
		all := make([]core.Governor, machines)
		for i := range all {
			all[i] = New(rdb, name, Limit("", told.PerSecond, told.Burst))
		}
		return all
	})
}
