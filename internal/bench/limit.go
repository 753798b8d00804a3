package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// mutations is the size of the job of W4. At 50 a second it takes 6 s.
const mutations = 300

const idealTime = mutations * time.Second / limitRate

// Limit is W4: a job of mutations against a rate limit, told to the client or
// not. The jobs of one client and number of callers run side by side, each
// against a limit of its own: they mostly wait.
func (s *Suite) Limit(ctx context.Context, t *Table) error {
	rounds, crowds := 3, []int{8, 64, 200}
	if s.Short {
		rounds, crowds = 1, []int{64}
	}
	for range rounds {
		for _, callers := range crowds {
			limit := core.ClientOptions{RateLimit: core.RateLimit{PerSecond: limitRate, Burst: limitBurst}}
			told := func() (*Row, error) { return NewRollcall(s.Server, HTTP, limit) }
			untold := func() (*Row, error) { return NewRollcall(s.Server, HTTP, core.ClientOptions{}) }
			plain := func() (*Row, error) { return NewRetryablehttp(s.Server, HTTP), nil }
			err := s.jobs(ctx, t, callers, []*cell{
				{limit: "known", kind: Bucket, new: told},
				{limit: "known", kind: Windows, new: told},
				{limit: "not known", kind: Bucket, new: untold},
				{limit: "not known", kind: Windows, new: untold},
			})
			if err != nil {
				return err
			}
			err = s.jobs(ctx, t, callers, []*cell{
				{limit: "not known", kind: Bucket, new: plain},
				{limit: "not known", kind: Windows, new: plain},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// A cell is one job of W4 and what came of it.
type cell struct {
	limit string
	kind  LimitKind
	new   func() (*Row, error)

	row string
	job job
	err error
}

func (s *Suite) jobs(ctx context.Context, t *Table, callers int, cells []*cell) error {
	var wg sync.WaitGroup
	for i, c := range cells {
		wg.Go(func() {
			var r *Row
			if r, c.err = c.new(); c.err != nil {
				return
			}
			defer r.Close()
			c.row = r.Name
			c.job, c.err = s.job(ctx, r, c.kind, callers, fmt.Sprint(i))
		})
	}
	wg.Wait()
	for _, c := range cells {
		if c.err != nil {
			return c.err
		}
		work := fmt.Sprintf("W4 limit %s, %s, %d callers", c.limit, c.kind, callers)
		t.add(work, "time over N/R", c.row, c.job.time.Seconds()/idealTime.Seconds())
		t.add(work, "429s, % of calls", c.row, float64(c.job.refused)*100/mutations)
		t.add(work, "calls lost", c.row, float64(c.job.lost))
	}
	return nil
}

type job struct {
	time          time.Duration
	refused, lost int
}

func (s *Suite) job(ctx context.Context, r *Row, kind LimitKind, callers int, id string) (job, error) {
	if err := s.Server.Limit(id, kind); err != nil {
		return job{}, err
	}
	var next, lost atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range callers {
		wg.Go(func() {
			for next.Add(1) <= mutations {
				if err := r.Replace(ctx, id); err != nil {
					lost.Add(1)
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	refused, err := s.Server.Refused(id)
	return job{took, refused, int(lost.Load())}, err
}
