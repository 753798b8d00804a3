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
	return j.carryOut(ctx, j.journalPath(""), nil, func(ctx context.Context, run roster.Run) (*roster.Report, error) {
		return run.Undo(ctx, j.arg(0))
	})
}
