package rest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
)

// A turn that comes too late is told at once, with the pace and the wait.
func TestGovernor_ATurnAfterTheDeadlineIsRateLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(ok())
		c := newClient(p, func(c *Config) { c.Governor = pace.New(pace.Limit("", 0.1, 1)) })
		require.NoError(t, do(t.Context(), c, opCreate))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		e := failure(t, do(ctx, c, opCreate))
		require.Zero(t, time.Since(start))
		require.Equal(t, core.ClassRateLimited, e.Class)
		require.ErrorIs(t, e, core.ErrRateLimited)
		require.InDelta(t, 10.2, e.RetryAfter.Seconds(), 0.1)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Zero(t, e.Attempts)
		require.EqualError(t, e, `acme: `+opCreate.Name+`: rate limited: the turn in rate bucket "api" would come in 10s, `+
			`after the deadline; the pace is one request in 10s; allow more time, or send fewer requests at once`)
		require.Equal(t, 1, p.sends())
	})
}

// A context that ends while the call waits for its turn is canceled, as ever.
func TestGovernor_AContextThatEndsBeforeTheTurnIsCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := talk(ok())
		c := newClient(p, func(c *Config) { c.Governor = pace.New(pace.Limit("", 0.1, 1)) })
		require.NoError(t, do(t.Context(), c, opCreate))

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		e := failure(t, do(ctx, c, opCreate))
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, core.ClassCanceled, e.Class)
		require.ErrorIs(t, e, context.Canceled)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Equal(t, 1, p.sends())
	})
}

// The priority of a call reaches the governor.
func TestGovernor_SeesThePriorityOfTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := pace.New(pace.Limit("", 1, 1))
		c := newClient(talk(ok()), func(c *Config) { c.Governor = g })
		require.NoError(t, do(t.Context(), c, opGet))
		for range 20 {
			go do(t.Context(), c, opGet)
		}
		synctest.Wait()

		start := time.Now()
		require.NoError(t, do(core.WithPriority(t.Context(), core.Urgent), c, opGet))
		require.Less(t, time.Since(start), 1100*time.Millisecond)
		time.Sleep(30 * time.Second)
	})
}
