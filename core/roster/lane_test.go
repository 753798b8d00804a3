package roster_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// forgetful is a journal that holds outcomes back until the lane is freed, as one may that
// keeps them with the next sync, and then has lost the first of them.
type forgetful struct {
	roster.Journal
	lost *atomic.Bool
	late map[*roster.Claim][]roster.Record
}

func (f forgetful) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	if len(rs) == 1 && rs[0].Phase == roster.PhaseOutcome {
		f.late[c] = append(f.late[c], rs...)
		return nil
	}
	rs, f.late[c] = append(f.late[c], rs...), nil
	return f.Journal.Append(ctx, c, rs...)
}

func (f forgetful) Free(ctx context.Context, c *roster.Claim) error {
	late := f.late[c]
	delete(f.late, c)
	if len(late) > 0 && f.lost.CompareAndSwap(false, true) {
		if err := f.Journal.Free(ctx, c); err != nil {
			return err
		}
		return roster.ErrFenced
	}
	if err := f.Journal.Append(ctx, c, late...); err != nil {
		return err
	}
	return f.Journal.Free(ctx, c)
}

// TestApply_LooksAgainWhereAnOutcomeWasLost: a claim ran out before the last outcome of its
// lane was kept. The lane is claimed again and looked at, and nothing is done twice.
func TestApply_LooksAgainWhereAnOutcomeWasLost(t *testing.T) {
	w := town()
	p := planOf(t, w, mixed())
	j := quick(t, filepath.Join(t.TempDir(), "j"))
	defer j.Close()
	lost := new(atomic.Bool)
	run := runOn(w, forgetful{j, lost, map[*roster.Claim][]roster.Record{}})
	run.Workers = 1

	report, err := run.Apply(t.Context(), p)

	require.NoError(t, err)
	require.True(t, lost.Load())
	require.True(t, report.Done())
	require.Equal(t, finalState, w.state())
	require.Empty(t, w.twice())
	kept, err := roster.Status(t.Context(), j, p.ID())
	require.NoError(t, err)
	require.True(t, kept.Done(), "the journal knows of every step")
}
