package pace

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall-go/rollcall/core"
)

// consumer is a client that knows of its governor only what core says.
type consumer struct {
	governor core.Governor
	send     func()
}

func (c *consumer) do(ctx context.Context) error {
	if err := c.governor.Wait(ctx, "api"); err != nil {
		return err
	}
	c.send()
	c.governor.Report("api", core.Verdict{})
	return nil
}

// TestShare_ACrowdOnTwoClientsNeverPassesTheLimit: a thousand callers on two clients of
// one credential, all at once. In no second more than the limit is sent, and none is
// lost.
func TestShare_ACrowdOnTwoClientsNeverPassesTheLimit(t *testing.T) {
	const limit = 50
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		var sent []time.Duration
		send := func() {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, time.Since(start))
		}
		governor := New(Limit("", limit, 10))
		clients := []*consumer{{governor, send}, {governor, send}}

		var wg sync.WaitGroup
		for i := range 1000 {
			ctx := t.Context()
			if i%7 == 0 {
				ctx = urgently(ctx)
			}
			wg.Go(func() { assert.NoError(t, clients[i%2].do(ctx)) })
		}
		wg.Wait()

		assert.Len(t, sent, 1000)
		assert.InDelta(t, 1000./limit, time.Since(start).Seconds(), 0.05*1000/limit)
		assert.LessOrEqual(t, mostWithin(sent, time.Second), limit, "sent within one second")
	})
}

// Two governors, each told the whole limit, pass it: the test can fail.
func TestShare_TwoGovernorsPassTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		var sent []time.Duration
		send := func() {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, time.Since(start))
		}
		var wg sync.WaitGroup
		for range 2 {
			c := &consumer{New(Limit("", 50, 10)), send}
			for range 200 {
				wg.Go(func() { assert.NoError(t, c.do(t.Context())) })
			}
		}
		wg.Wait()
		assert.Greater(t, mostWithin(sent, time.Second), 50)
	})
}

// mostWithin returns the most moments that any window of that length holds. The
// moments are in order.
func mostWithin(moments []time.Duration, window time.Duration) (most int) {
	first := 0
	for i, m := range moments {
		for moments[first] <= m-window {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
