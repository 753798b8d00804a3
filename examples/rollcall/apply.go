package main

import (
	"context"
	"time"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// applyPlan does what a plan says and is not done yet.
func applyPlan(ctx context.Context, j *job) error {
	plan, err := readPlan(j.arg(0))
	if err != nil {
		return err
	}
	return j.carryOut(ctx, j.journalPath(j.arg(0)), &plan, func(ctx context.Context, run roster.Run) (*roster.Report, error) {
		return run.Apply(ctx, plan)
	})
}

// carryOut opens the fleet and the journal, runs, and tells the end. The progress knows
// how long the plan takes, if there is one.
func (j *job) carryOut(ctx context.Context, path string, plan *roster.Plan, do func(context.Context, roster.Run) (*roster.Report, error)) error {
	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)
	journal, err := openJournal(path)
	if err != nil {
		return err
	}
	defer journal.Close()
	if err := writable(journal); err != nil {
		return err
	}

	defer j.watchSignal(ctx)()
	t := j.tell()
	if plan != nil {
		t.progress.Forecast = forecastOf(f, *plan)
	}
	report, err := do(j.priority(ctx), j.run(f, journal, t))
	return t.ended(report, err)
}

// forecastOf tells how long the steps of a plan take at an account. A governor learns, so
// it is asked again, but not for each picture.
func forecastOf(f roster.Fleet, plan roster.Plan) func(account string) (time.Duration, bool) {
	var asked time.Time
	var is map[string]roster.Forecast
	return func(account string) (time.Duration, bool) {
		if now := time.Now(); is == nil || now.Sub(asked) > 2*time.Second {
			is, asked = fleet.Forecast(f, plan), now
		}
		return is[account].Took, is[account].Known
	}
}
