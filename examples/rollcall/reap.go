package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

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
	run := j.run(f, journal, t)
	if err := allDue(j.priority(ctx), run, time.Now(), t.ahead(f)); err != nil {
		return err
	}

	reports, err := run.Reap(j.priority(ctx))
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

// allDue tells ahead the steps that take back all leases that are due.
func allDue(ctx context.Context, run roster.Run, now time.Time, ahead func(roster.Plan)) error {
	due, err := core.Collect(run.Journal.Due(ctx, now))
	if err != nil {
		return err
	}

	var all roster.Plan
	for _, p := range due {
		inverse, err := run.Inverse(ctx, p.ID()) // what is unknown is looked at here, and not again
		if err != nil {
			return nil // Reap meets it as well, and goes on with the others
		}
		all.Steps = append(all.Steps, inverse.Steps...)
	}
	ahead(all)
	return nil
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
