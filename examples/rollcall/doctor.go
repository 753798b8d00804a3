package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// examinePlan says what a plan needs, and whether the accounts and the credentials have
// it. It sends no write.
func examinePlan(ctx context.Context, j *job) error {
	plan, err := readPlan(j.arg(0))
	if err != nil {
		return err
	}

	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)

	stop := j.p.progress(j.words)
	defer stop()
	found, err := roster.Doctor(ctx, f, plan)
	stop()
	if err != nil {
		return err
	}

	counts := map[roster.Standing]int{}
	var bad []string
	for _, d := range found {
		counts[d.Verdict]++
		j.diagnosis(d)
		if d.Verdict == roster.Refused || d.Verdict == roster.Lacking {
			bad = append(bad, d.Account+" "+string(d.Op))
		}
	}

	if len(bad) > 0 {
		e := &core.Error{Op: "doctor", Class: core.ClassUnsupported, Applied: core.AppliedNo,
			Message: fmt.Sprintf("of %d operations that the plan asks for, %d cannot be done: %s", len(found), len(bad), strings.Join(bad, ", ")),
			Hint:    "what is not offered is left to people"}
		if counts[roster.Refused] > 0 {
			e.Class, e.Hint = core.ClassPermission, "grant the credential what was refused"
		}
		return &endError{e, exitPartial}
	}
	if !j.json {
		j.healthy(counts, plan)
	}
	return nil
}

// diagnosis prints what was found of one operation.
func (j *job) diagnosis(d roster.Diagnosis) {
	if j.json {
		j.p.line(d)
		return
	}
	fmt.Fprintf(j.text(), "%s %s: %s\n", d.Account, d.Op, d.Verdict)
	text := d.Message
	if len(d.Permissions) > 0 && !strings.Contains(text, strings.Join(d.Permissions, ", ")) {
		text += "; it demands " + strings.Join(d.Permissions, ", ")
	}
	fmt.Fprintln(j.text(), jobs.Wrap(text, 80, "  ", "  "))
}

func (j *job) healthy(counts map[roster.Standing]int, plan roster.Plan) {
	switch {
	case len(plan.Steps) == 0:
		fmt.Fprintln(j.text(), "The plan has no steps: it needs nothing.")
	case counts[roster.Unproven] > 0:
		fmt.Fprintln(j.text(), "Nothing was refused. What is unproven shows when it is first written.")
	default:
		fmt.Fprintln(j.text(), "The credentials have what the plan needs.")
	}
}
