package core_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestPriorityOf_IsWhatTheContextWasGiven(t *testing.T) {
	ctx := t.Context()
	require.Equal(t, core.Bulk, core.PriorityOf(ctx))
	urgent := core.WithPriority(ctx, core.Urgent)
	child, cancel := context.WithCancel(urgent)
	defer cancel()
	require.Equal(t, core.Urgent, core.PriorityOf(child))
	require.Equal(t, core.Bulk, core.PriorityOf(core.WithPriority(child, core.Bulk)))
	require.Equal(t, core.Bulk, core.PriorityOf(ctx))
}

func TestPriority_HasAName(t *testing.T) {
	require.Equal(t, "bulk", core.Bulk.String())
	require.Equal(t, "urgent", core.Urgent.String())
	require.Equal(t, "Priority(7)", core.Priority(7).String())
}

func TestLateTurn_SaysTheWaitAndThePace(t *testing.T) {
	for _, c := range []struct {
		wait      time.Duration
		perSecond float64
		says      string
	}{
		{6123456 * time.Microsecond, 49, `would come in 6.123s, after the deadline; the pace is 49 requests a second;`},
		{83*time.Second + 300*time.Millisecond, 1234.5, `would come in 1m23s, after the deadline; the pace is 1234 requests a second;`},
		{time.Second, 2.4567, `the pace is 2.46 requests a second;`},
		{time.Hour, 1. / 60, `the pace is one request in 1m0s;`},
		{time.Second, 0, `would come in 1s, after the deadline; allow`},
		{-time.Second, 0, `would come after the deadline; allow`},
	} {
		err := core.LateTurn("api", c.wait, c.perSecond)
		require.Contains(t, err.Error(), c.says)
		require.NotContains(t, err.Error(), "asked to wait", "no server asked")
		require.Equal(t, max(0, c.wait), err.RetryAfter)
		require.Equal(t, core.AppliedNo, err.Applied)
		require.ErrorIs(t, err, core.ErrRateLimited)
		require.False(t, errors.Is(err, context.DeadlineExceeded))
		require.Equal(t, core.ClassRateLimited, core.ClassOf(err))
	}
	require.Contains(t, (&core.Error{Class: core.ClassRateLimited, Status: 429, RetryAfter: time.Minute}).Error(), "(asked to wait 1m0s)")
}
