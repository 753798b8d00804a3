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
	return j.carryOut(ctx, j.journalPath(j.arg(0)), func(ctx context.Context, run roster.Run, ahead func(roster.Plan)) (*roster.Report,
		error) {
		ahead(plan)
		return run.Apply(ctx, plan)
	})
}

// doing is what a job does with a run. It tells ahead what its steps are, so that the
// progress knows how long they take.
type doing func(ctx context.Context, run roster.Run, ahead func(roster.Plan)) (*roster.Report, error)

// carryOut opens the fleet and the journal, runs, and tells the end.
func (j *job) carryOut(ctx context.Context, path string, do doing) error {
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
	report, err := do(j.priority(ctx), j.run(f, journal, t), t.ahead(f))
	return t.ended(report, err)
}

// ahead tells the progress of a run what its steps are.
func (t *teller) ahead(f roster.Fleet) func(roster.Plan) {
	return func(plan roster.Plan) { t.progress.Forecast = forecastOf(f, plan) }
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
