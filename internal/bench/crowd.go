package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const callers = 64

// Crowd is W3: 64 callers who get a user each, again and again.
func (s *Suite) Crowd(ctx context.Context, t *Table) error {
	rounds, requests := 9, 6000
	if s.Short {
		rounds, requests = 3, 3000
	}
	for _, p := range Protocols {
		work := "W3 64 callers, " + string(p)
		rows, err := s.rows(p)
		if err != nil {
			return err
		}
		rows = append(rows, NewFloor(s.Server, p, false))
		for _, r := range rows {
			if _, err := crowd(ctx, r, callers, callers*10); err != nil {
				return err
			}
		}
		err = inTurns(rows, rounds, func(r *Row) error {
			n := requests
			if p == TLS && r.Name != Floor && r.Name != Rollcall {
				n /= 4 // so many handshakes take twenty times as long
			}
			before, err := s.Server.Conns()
			if err != nil {
				return err
			}
			var late time.Duration
			c, err := costOf(func() (err error) {
				late, err = crowd(ctx, r, callers, n)
				return err
			})
			if err != nil {
				return err
			}
			after, err := s.Server.Conns()
			t.add(work, "requests/s", r.Name, float64(n)/c.time.Seconds())
			t.add(work, "client CPU, µs", r.Name, c.cpu.Seconds()*1e6/float64(n))
			t.add(work, "p99, ms", r.Name, late.Seconds()*1e3)
			t.add(work, "new connections per 1,000", r.Name, float64(after-before)*1000/float64(n))
			return err
		})
		closeAll(rows)
		if err != nil {
			return err
		}
	}
	return nil
}

// crowd makes so many gets and returns the time that 99 of 100 stayed under.
func crowd(ctx context.Context, r *Row, callers, requests int) (time.Duration, error) {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	took := make([][]time.Duration, callers)
	var wg sync.WaitGroup
	for i := range callers {
		took[i] = make([]time.Duration, 0, requests/callers*2)
		wg.Go(func() {
			for next.Add(1) <= int64(requests) {
				start := time.Now()
				if err := r.Get(ctx, false); err != nil {
					failed.Store(&err)
					return
				}
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	return all[len(all)*99/100], nil
}
