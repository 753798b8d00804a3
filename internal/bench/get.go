package bench

import (
	"context"
	"runtime"
	"syscall"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// A Suite is the server and the settings of a run.
type Suite struct {
	Server *Server
	// Short runs what takes a minute and judges only what does not depend on time.
	Short bool
}

// rows returns new clients, in the order in which they first take turns.
func (s *Suite) rows(p Protocol) ([]*Row, error) {
	sdk, err := NewRollcall(s.Server, p, core.ClientOptions{})
	if err != nil {
		return nil, err
	}
	return []*Row{NewFloor(s.Server, p, true), sdk, NewRetryablehttp(s.Server, p)}, nil
}

func closeAll(rows []*Row) {
	for _, r := range rows {
		r.Close()
	}
}

// inTurns calls measure for each row, rounds times over, each round in another
// order.
func inTurns(rows []*Row, rounds int, measure func(*Row) error) error {
	for n := range rounds {
		for i := range rows {
			if err := measure(rows[(i+n)%len(rows)]); err != nil {
				return err
			}
		}
	}
	return nil
}

// cost is what a piece of work took.
type cost struct {
	time, cpu     time.Duration
	bytes, allocs float64
}

// costOf measures work. It begins with an empty heap, so that nobody pays for
// the garbage of the one before.
func costOf(work func() error) (cost, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(), time.Now()
	err := work()
	c := cost{time: time.Since(start), cpu: cpuTime() - cpu}
	runtime.ReadMemStats(&after)
	c.bytes = float64(after.TotalAlloc - before.TotalAlloc)
	c.allocs = float64(after.Mallocs - before.Mallocs)
	return c, err
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Get is W1: one user, again and again, by one caller.
func (s *Suite) Get(ctx context.Context, t *Table) error {
	rounds, calls := 60, 500
	if s.Short {
		rounds, calls = 10, 200
	}
	for _, extra := range []bool{false, true} {
		work := "W1 get"
		if extra {
			work = "W1 get, 2 unknown fields"
		}
		rows, err := s.rows(HTTP)
		if err != nil {
			return err
		}
		for _, r := range rows { // token, connection, what the client makes once
			for range 20 {
				if err := r.Get(ctx, extra); err != nil {
					return err
				}
			}
		}
		err = inTurns(rows, rounds, func(r *Row) error {
			c, err := costOf(func() error {
				for range calls {
					if err := r.Get(ctx, extra); err != nil {
						return err
					}
				}
				return nil
			})
			n := float64(calls)
			t.add(work, "time, µs", r.Name, c.time.Seconds()*1e6/n)
			t.add(work, "client CPU, µs", r.Name, c.cpu.Seconds()*1e6/n)
			t.add(work, "B/op", r.Name, c.bytes/n)
			t.add(work, "allocs/op", r.Name, c.allocs/n)
			return err
		})
		closeAll(rows)
		if err != nil {
			return err
		}
	}
	return nil
}
