package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// applyPlan does what a plan says and is not done yet.
func applyPlan(ctx context.Context, j *job) error {
	plan, err := readPlan(j.arg(0))
	if err != nil {
		return err
	}
	return j.carryOut(ctx, j.journalPath(j.arg(0)), func(ctx context.Context, run roster.Run) (*roster.Report, error) {
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
	return j.carryOut(ctx, j.journalPath(""), func(ctx context.Context, run roster.Run) (*roster.Report, error) {
		return run.Undo(ctx, j.arg(0))
	})
}

// carryOut opens the fleet and the journal, runs, and tells the end.
func (j *job) carryOut(ctx context.Context, path string, do func(context.Context, roster.Run) (*roster.Report, error)) error {
	f, end, err := j.fleet()
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
	f, end, err := j.fleet()
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
