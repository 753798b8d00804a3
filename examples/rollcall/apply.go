package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
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

// undoPlan takes back what a plan did, where it is still so.
func undoPlan(ctx context.Context, j *job) error {
	journal, err := j.readJournal(roster.ReadOnly()) // a new one would know no plan
	if err != nil {
		return err
	}
	journal.Close()
	return j.carryOut(ctx, j.journalPath(""), nil, func(ctx context.Context, run roster.Run) (*roster.Report, error) {
		return run.Undo(ctx, j.arg(0))
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

// reapLeases undoes the leases that are due, and reports each.
func reapLeases(ctx context.Context, j *job) error {
	journal, err := j.readJournal()
	if err != nil {
		return err
	}
	defer journal.Close()
	if err := writable(journal); err != nil {
		return err
	}
	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)

	defer j.watchSignal(ctx)()
	t := j.tell()
	reports, err := j.run(f, journal, t).Reap(j.priority(ctx))
	for _, r := range reports {
		t.report(r)
	}
	if len(reports) == 0 && err == nil && !j.json {
		fmt.Fprintln(j.text(), "No lease is due.")
	}
	if err == nil {
		return nil
	}
	return &endError{err, reapExit(reports, err)}
}

// reapExit is the exit code of several leases: only moved ones are 5, and as long as one
// is overdue it is 3.
func reapExit(reports []*roster.Report, err error) int {
	_, unfinished := errors.AsType[*roster.Unfinished](err)
	if !unfinished && len(reports) == 0 {
		return jobs.Exit(nil, err)
	}
	moved := errors.Is(err, roster.ErrMoved)
	for _, r := range reports {
		moved = moved && r.Failed+r.Unknown+r.Open == 0
	}
	if moved && onlyUnfinished(err) {
		return jobs.ExitMoved
	}
	return exitPartial
}

// onlyUnfinished reports whether an error holds nothing but runs that are not done.
func onlyUnfinished(err error) bool {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			if !onlyUnfinished(e) {
				return false
			}
		}
		return true
	}
	_, ok := err.(*roster.Unfinished)
	return ok
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
