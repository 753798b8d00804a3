package riverroster

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// page is a client of River like the one of its web page: it works on nothing.
func (p *place) page() *river.Client[pgx.Tx] {
	c, err := river.NewClient(riverpgxv5.New(p.pool), &river.Config{Schema: p.name + "_river"})
	require.NoError(p.t, err)
	return c
}

// all are the numbers of the jobs of plans.
func (p *place) all() (ids []int64) {
	p.t.Helper()
	rows, err := p.pool.Query(p.t.Context(), "select id from "+p.name+"_river.river_job where kind = 'rollcall_plan' order by id")
	require.NoError(p.t, err)
	ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	require.NoError(p.t, err)
	return ids
}

// TestDriver_StopsWhatIsCancelledInRiver on each machine, and gives the lanes back. A retry
// continues, and does nothing twice.
func TestDriver_StopsWhatIsCancelledInRiver(t *testing.T) {
	v := newVendor()
	v.latency = 50 * time.Millisecond
	s, p := newPlace(t, v), rename(200)
	require.NoError(t, s.machine().Submit(t.Context(), p))

	var wg sync.WaitGroup
	for range 2 {
		d := s.machine()
		wg.Go(func() { d.Work(t.Context(), true) })
	}
	s.until("both work", func() bool {
		return v.written() > 20 && s.count("select count(distinct owner) from @.lane where owner is not null") == 2
	})
	for _, id := range s.all() {
		_, err := s.page().JobCancel(t.Context(), id)
		require.NoError(t, err)
	}
	wg.Wait() // nothing is left to do

	require.Equal(t, 8, s.jobs(rivertype.JobStateCancelled))
	require.Zero(t, s.count("select count(*) from @.lane where owner is not null"), "the lanes are given back")
	before := v.written()
	require.Less(t, before, 200)
	s.work()
	require.Equal(t, before, v.written(), "nobody continues what was cancelled")

	for _, id := range s.all() {
		_, err := s.page().JobRetry(t.Context(), id)
		require.NoError(t, err)
	}
	// A web page with an older River leaves the note of the cancellation.
	_, err := s.pool.Exec(t.Context(), "update "+s.name+`_river.river_job set metadata = metadata || '{"cancel_attempted_at": "2026-01-01T00:00:00Z"}'
		where kind = 'rollcall_plan' and id % 2 = 0`)
	require.NoError(t, err)
	s.work()
	require.Equal(t, 200, v.written())
	require.Len(t, v.writes, 200)
	require.Equal(t, 8, s.jobs(rivertype.JobStateCompleted))
	report, err := roster.Status(t.Context(), s.journal(), p.ID())
	require.NoError(t, err)
	require.True(t, report.Done())
}

// TestDriver_EndsWhatIsCancelledOnADeadMachine: nobody else takes it over.
func TestDriver_EndsWhatIsCancelledOnADeadMachine(t *testing.T) {
	v := newVendor()
	s, p := newPlace(t, v), rename(5)
	d := s.machine()
	require.NoError(t, d.Submit(t.Context(), p))
	_, err := s.pool.Exec(t.Context(), "update "+d.Schema+".river_job set state = 'running', attempt = 1, attempted_at = now() - interval '1 minute' "+
		"where id = $1", s.all()[0])
	require.NoError(t, err)
	for _, id := range s.all() {
		_, err := s.page().JobCancel(t.Context(), id)
		require.NoError(t, err)
	}
	require.Equal(t, 1, s.jobs(rivertype.JobStateRunning), "River leaves it to its machine")

	s.work()
	require.Equal(t, 8, s.jobs(rivertype.JobStateCancelled))
	require.Zero(t, v.written())
}

// TestDriver_TriesAgainWhatIsRetriedInRiver: one job of a plan that had ended is enough.
func TestDriver_TriesAgainWhatIsRetriedInRiver(t *testing.T) {
	v := newVendor("3")
	s, p := newPlace(t, v), rename(20)
	require.NoError(t, s.machine().Submit(t.Context(), p))
	s.work()
	require.Equal(t, 20, v.written())

	for i, id := range s.all() {
		before := v.written()
		_, err := s.page().JobRetry(t.Context(), id)
		require.NoError(t, err)
		s.work()
		require.Equal(t, 8, s.jobs(rivertype.JobStateCompleted))
		require.Equal(t, before+1, v.written(), "what failed is tried once")
		require.Equal(t, i+2, v.writes["3"])
		if i == 2 {
			break
		}
	}

	v.refuse = nil
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, id := range s.all() { // at once
		_, err := s.page().JobRetry(ctx, id)
		require.NoError(t, err)
	}
	s.work()
	report, err := roster.Status(ctx, s.journal(), p.ID())
	require.NoError(t, err)
	require.True(t, report.Done())
	require.Equal(t, 5, v.writes["3"])
	require.Equal(t, 24, v.written())
	require.Equal(t, 8, s.jobs(rivertype.JobStateCompleted))
}
