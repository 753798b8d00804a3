package roster_test

import (
	"context"
	"path/filepath"
	"sync"
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
	late *sync.Map // of []roster.Record, by claim
}

// take returns what is late of a claim, and forgets it.
func (f forgetful) take(c *roster.Claim) []roster.Record {
	late, _ := f.late.LoadAndDelete(c)
	rs, _ := late.([]roster.Record)
	return rs
}

func (f forgetful) Append(ctx context.Context, c *roster.Claim, rs ...roster.Record) error {
	if len(rs) == 1 && rs[0].Phase == roster.PhaseOutcome {
		f.late.Store(c, append(f.take(c), rs...))
		return nil
	}
	return f.Journal.Append(ctx, c, append(f.take(c), rs...)...)
}

func (f forgetful) Free(ctx context.Context, c *roster.Claim) error {
	late := f.take(c)
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
	run := runOn(w, forgetful{j, lost, new(sync.Map)})
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
