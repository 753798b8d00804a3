package keylock_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/keylock"
)

func TestOneAtATimeForEachKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var locks keylock.Locks
		var wg sync.WaitGroup
		start := time.Now()
		inside := map[string]int{}
		for _, key := range []string{"a", "a", "a", "b"} {
			wg.Go(func() {
				unlock, err := locks.Lock(t.Context(), key)
				if err != nil {
					t.Error(err)
					return
				}
				defer unlock()
				time.Sleep(time.Second)
				if key == "a" {
					inside[key]++ // the race detector is the assertion
				}
			})
		}
		wg.Wait()
		require.Equal(t, 3, inside["a"])
		require.Equal(t, 3*time.Second, time.Since(start), "a's turns follow each other, b waits for nobody")
	})
}

func TestGivingUpLeavesTheLockToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var locks keylock.Locks
		unlock, err := locks.Lock(t.Context(), "a")
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = locks.Lock(ctx, "a")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		unlock()
		unlock() // releasing twice must not let two in
		unlock, err = locks.Lock(t.Context(), "a")
		require.NoError(t, err)
		ctx2, cancel2 := context.WithTimeout(t.Context(), time.Second)
		defer cancel2()
		_, err = locks.Lock(ctx2, "a")
		require.Error(t, err)
		unlock()
	})
}
