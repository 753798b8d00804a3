package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/rollcall-go/rollcall/core/roster"
)

// showStatus says how a plan stands, by the journal alone.
func showStatus(ctx context.Context, j *job) error {
	journal, err := j.readJournal(roster.ReadOnly())
	if err != nil {
		return err
	}
	defer journal.Close()
	j.tellDamage(journal)

	report, err := roster.Status(ctx, journal, j.arg(0))
	if err != nil {
		return err
	}

	if !j.json {
		t := tabwriter.NewWriter(j.text(), 0, 4, 2, ' ', 0)
		for _, s := range report.Steps {
			fmt.Fprintln(t, strings.TrimRight(fmt.Sprintf("%s\t%s\t%s", s.Result, s.Step, s.Message), "\t"))
		}
		t.Flush()
		c := report.Counts
		fmt.Fprintf(j.text(), "%d applied, %d already so, %d failed, %d unknown, %d moved, %d waiting, %d open; %s\n",
			c.Applied, c.Already, c.Failed, c.Unknown, c.Moved, c.Waiting, c.Open, nextAfter(report))
		return nil
	}

	for _, s := range report.Steps {
		j.p.step(s)
	}
	counts, err := report.StatusJSON()
	if err != nil {
		return err
	}
	j.p.line(map[string]any{"report": json.RawMessage(counts)})
	return nil
}

func nextAfter(r *roster.Report) string {
	if r.Done() {
		return "the plan is done: undo takes it back, receipt proves it."
	}
	return "apply the same plan again to go on."
}

// tellDamage says that a journal can be read up to its damage only.
func (j *job) tellDamage(journal *roster.FileJournal) {
	if err := journal.Damage(); err != nil {
		j.p.note("note: " + oneSentence(err))
	}
}
