package roster_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// remote is a journal on another machine: its claims end, and each takes a while.
type remote struct {
	roster.Journal
	claims, frees, most *atomic.Int64
}

func newRemote(t *testing.T) remote {
	return remote{newJournal(t), new(atomic.Int64), new(atomic.Int64), new(atomic.Int64)}
}

func (r remote) Claim(ctx context.Context, q roster.ClaimRequest) (*roster.Claim, error) {
	time.Sleep(claimTakes)
	c, err := r.Journal.Claim(ctx, q)
	if err != nil {
		return nil, err
	}
	c.Renewed(time.Now().Add(q.TTL), 0)
	r.most.Store(max(r.most.Load(), r.claims.Add(1)-r.frees.Load()))
	return c, nil
}

func (r remote) Free(ctx context.Context, c *roster.Claim) error {
	r.frees.Add(1)
	return r.Journal.Free(ctx, c)
}

const claimTakes = 10 * time.Millisecond

// TestApply_ClaimsTheNextLaneMeanwhile: nobody waits for a claim but for the first, and no
// more lanes are held than one beside each that is worked on.
func TestApply_ClaimsTheNextLaneMeanwhile(t *testing.T) {
	for _, workers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			w := town()
			p := planOf(t, w, roster.Want{Gone: mixed().Gone, Blocked: mixed().Blocked})
			w.latency = 2 * claimTakes
			j := newRemote(t)
			run := runOn(w, j)
			run.Workers = workers

			start := time.Now()
			report, err := run.Apply(t.Context(), p)

			require.NoError(t, err)
			assert.True(t, report.Done())
			writes := time.Duration(w.sent() / workers)
			assert.Equal(t, claimTakes+writes*w.latency, time.Since(start))
			assert.LessOrEqual(t, j.most.Load(), int64(2*workers))
			assert.Equal(t, j.claims.Load(), j.frees.Load())
		})
	}
}

// TestApply_GivesBackWhatItClaimedMeanwhile when it ends.
func TestApply_GivesBackWhatItClaimedMeanwhile(t *testing.T) {
	for stop := range 8 {
		synctest.Test(t, func(t *testing.T) {
			w := town()
			p := planOf(t, w, mixed())
			w.latency = claimTakes / 2 // so that a claim may be under way when the last write has ended
			j := newRemote(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(stop)*claimTakes/4)
			defer cancel()

			runOn(w, j).Apply(ctx, p)
			synctest.Wait()

			assert.Equal(t, j.claims.Load(), j.frees.Load(), "stopped after %d quarters of a claim's time", stop)
		})
	}
}
