package riverroster

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

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

// Work drives one plan as far as this process can. It always ends completed, asleep or,
// where somebody has cancelled it, cancelled: what goes wrong is in the journal, or passes.
func (w *planWorker) Work(_ context.Context, job *river.Job[planArgs]) error {
	d, plan := w.d, job.Args.Plan
	if d.ctx.Err() != nil {
		return river.JobSnooze(0)
	}
	if err := d.forgetCancel(job.JobRow); err != nil {
		return snooze(another)
	}
	ctx, entered := d.enter(plan, job.ID)
	if !entered {
		return snooze(another)
	}
	defer d.leave(plan)

	if retried(job.JobRow) {
		since, err := d.reopen(ctx, job.ID, plan)
		if err != nil {
			return snooze(another)
		}
		job.Args.Since = since
	}

	report, err := d.Run.Drive(ctx, plan, job.Args.Since)
	var left *roster.Unfinished
	switch {
	case ctx.Err() != nil:
		if report != nil {
			d.Ended(report)
		}
		if d.ctx.Err() == nil {
			d.notice("plan " + plan + ": its job was cancelled; what is done stays done, and a retry of the job continues")
			return river.JobCancel(errCancelled)
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

// errCancelled is what River shows of a job that was stopped.
var errCancelled = errors.New("cancelled; no further step was begun")

// noted is what River's row of a job notes under a name.
func noted(job *rivertype.JobRow, name string) json.RawMessage {
	var metadata map[string]json.RawMessage
	json.Unmarshal(job.Metadata, &metadata)
	return metadata[name]
}

// retried reports whether somebody has retried a job in River whose plan had ended.
func retried(job *rivertype.JobRow) bool { return noted(job, mark) != nil }

// enter takes a plan on, unless this process drives it already. The context ends when no
// step of it is to be begun any more.
func (d *Driver) enter(plan string, job int64) (ctx context.Context, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.driving[plan]; ok {
		return nil, false
	}
	ctx, stop := context.WithCancel(d.ctx)
	d.driving[plan] = drive{job, stop}
	return ctx, true
}

func (d *Driver) leave(plan string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.driving[plan].stop()
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
