package main

import (
	"context"

	"github.com/rollcall-go/rollcall/core/roster"
)

// undoPlan takes back what a plan did, where it is still so.
func undoPlan(ctx context.Context, j *job) error {
	journal, err := j.readJournal(roster.ReadOnly()) // a new one would know no plan
	if err != nil {
		return err
	}
	journal.Close()
	return j.carryOut(ctx, j.journalPath(""), undoing(j.arg(0)))
}

// undoing takes a plan back.
func undoing(plan string) doing {
	return func(ctx context.Context, run roster.Run, ahead func(roster.Plan)) (*roster.Report, error) {
		inverse, err := run.Inverse(ctx, plan) // what is unknown is looked at here, and not again
		if err != nil {
			return nil, err
		}
		ahead(inverse)
		return run.Undo(ctx, plan)
	}
}
