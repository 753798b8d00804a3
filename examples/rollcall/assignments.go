package main

import (
	"context"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

func listAssignments(ctx context.Context, c *command, s core.Store, p *printer) (err error) {
	var q core.AssignmentQuery
	switch {
	case c.given["user"] == c.given["target"]:
		return usagef("assignments list needs either --user or --target")
	case c.given["user"]:
		if q.UserID = c.user; c.user == "" {
			return core.Invalid(c.vendor, "Assignments.List", "the user's id is empty")
		}
	default:
		t, err := core.ParseTarget(c.target)
		if err != nil {
			return usagef("%v", err)
		}
		q.Target = t
	}
	t := p.table("USER", "KIND", "ID", "NAME", "LEVEL", "SUSPENDED")
	defer func() { t.flush(err) }()
	for a, err := range s.ListAssignments(ctx, q) {
		if err != nil {
			return err
		}
		if t.assignment(a); p.out.err != nil {
			break
		}
	}
	return nil
}

// changeAssignments makes a command of one of the four changes.
func changeAssignments(change func(core.AssignmentStore, context.Context, ...core.Assignment) ([]core.Outcome, error)) func(context.Context, *command, core.Store, *printer) error {
	return func(ctx context.Context, c *command, s core.Store, p *printer) error {
		var target core.Target
		var level *int
		var err error
		if c.words[1] == "add" {
			target, level, err = core.ParseLevelled(c.arg(0))
		} else {
			target, err = core.ParseTarget(c.arg(0))
		}
		if err != nil {
			return usagef("%v", err)
		}
		var as []core.Assignment
		for _, user := range c.words[3:] {
			as = append(as, core.Assignment{UserID: user, Target: target, Level: level})
		}
		outcomes, err := change(s, ctx, as...)
		t := p.table("USER", "TARGET", "RESULT", "CODE", "MESSAGE")
		for _, o := range outcomes {
			t.outcome(o)
		}
		t.flush(err)
		if slices.ContainsFunc(outcomes, func(o core.Outcome) bool { return o.Deferred }) && err == nil {
			p.note("accepted; the vendor carries parts of it out later, probably when the agent logs out")
		}
		return err
	}
}
