package core_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestCallLimits_StandBesideEachOther: each option leaves the other as it was, the later
// one counts, and zero or less restores the client's own.
func TestCallLimits_StandBesideEachOther(t *testing.T) {
	ctx := t.Context()
	require.Zero(t, core.CallLimitsOf(ctx))

	both := core.WithMaxWait(core.WithMaxAttempts(ctx, 2), time.Minute)
	require.Equal(t, core.CallLimits{MaxAttempts: 2, MaxWait: time.Minute}, core.CallLimitsOf(both))
	require.Equal(t, core.CallLimits{MaxAttempts: 1, MaxWait: time.Minute}, core.CallLimitsOf(core.WithMaxAttempts(both, 1)))
	require.Equal(t, core.CallLimits{MaxAttempts: 2, MaxWait: time.Second}, core.CallLimitsOf(core.WithMaxWait(both, time.Second)))

	require.Equal(t, core.CallLimits{MaxWait: time.Minute}, core.CallLimitsOf(core.WithMaxAttempts(both, -1)))
	require.Equal(t, core.CallLimits{MaxAttempts: 2}, core.CallLimitsOf(core.WithMaxWait(both, -time.Second)))
}
