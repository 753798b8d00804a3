package riverroster

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// How long a job sleeps that can do nothing now.
const (
	another  = time.Second / 2 // another job of this process drives the plan
	leftOver = 2 * time.Second // something is left for other machines
)

func snooze(d time.Duration) error { return river.JobSnooze(d/2 + rand.N(d)) }

// planWorker drives plans.
type planWorker struct {
	river.WorkerDefaults[planArgs]
	d *Driver
}

// Work drives one plan as far as this process can. It always ends completed or asleep:
// what goes wrong is in the journal, or passes.
func (w *planWorker) Work(_ context.Context, job *river.Job[planArgs]) error {
	d, plan := w.d, job.Args.Plan
	if d.ctx.Err() != nil {
		return river.JobSnooze(0)
	}
	if !d.enter(plan) {
		return snooze(another)
	}
	defer d.leave(plan)

	report, err := d.Run.Drive(d.ctx, plan, job.Args.Since)
	var left *roster.Unfinished
	switch {
	case d.ctx.Err() != nil:
		if report != nil {
			d.Ended(report)
		}
		return river.JobSnooze(0) // for whoever is still there
	case errors.Is(err, roster.ErrRefused), errors.Is(err, core.ErrNotFound):
		d.notice("plan " + plan + " is left to others: " + err.Error())
		return snooze(leftOver)
	case err != nil && !errors.As(err, &left):
		d.notice("plan " + plan + " is tried again: " + err.Error())
		return snooze(another)
	}

	d.Ended(report)
	if report.Open > 0 {
		d.notice("plan " + plan + ": some of its steps are left to others, because a password is not set here")
		return snooze(leftOver)
	}
	again, err := d.finish(d.ctx, job.ID, job.Args)
	if err != nil || again {
		return river.JobSnooze(0)
	}
	return nil
}

// enter takes a plan on, unless this process drives it already.
func (d *Driver) enter(plan string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.driving[plan] {
		return false
	}
	d.driving[plan] = true
	return true
}

func (d *Driver) leave(plan string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.driving, plan)
}

// reapWorker ends the leases that are due, and finds plans that nobody drives.
type reapWorker struct {
	river.WorkerDefaults[reapArgs]
	d *Driver
}

// Work reaps. What is still due is tried again by the next such job.
func (w *reapWorker) Work(ctx context.Context, _ *river.Job[reapArgs]) error {
	d := w.d
	if d.ctx.Err() != nil {
		return nil
	}

	if err := d.Journal.Sweep(ctx); err != nil {
		d.notice(err.Error())
	}
	if err := d.sweep(ctx); err != nil {
		d.notice(err.Error())
	}
	if _, err := d.Run.Reap(d.ctx); err != nil && d.ctx.Err() == nil {
		d.notice("a lease that is due cannot be ended yet: " + err.Error())
	}
	return nil
}
