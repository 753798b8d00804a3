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
		if c.user == "" {
			return core.Invalid(c.vendor, string(core.OpListByUser), "the user's id is empty")
		}
		if q.UserID, err = c.userID(ctx, s, c.user); err != nil {
			return err
		}
	default:
		if q.Target, err = parseTarget(c.target); err != nil {
			return err
		}
		if q.Target, err = target(ctx, s, q.Target); err != nil {
			return err
		}
	}

	t := p.table(linkColumns, 4, 1, 5, 0, 2, 3)
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
func changeAssignments(change func(core.AssignmentStore, context.Context, ...core.Assignment) ([]core.Outcome, error)) func(context.Context,
	*command, core.Store, *printer) error {
	return func(ctx context.Context, c *command, s core.Store, p *printer) error {
		as, err := c.assignments(ctx, s)
		if err != nil {
			return err
		}

		outcomes, err := change(s, ctx, as...)
		t := p.table(outcomeColumns)
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

// assignments reads the target and the users of a change. All of them must be found
// before anything is changed.
func (c *command) assignments(ctx context.Context, s core.Store) ([]core.Assignment, error) {
	var to core.Target
	var level *int
	var err error
	if c.words[1] == "add" {
		to, level, err = parseLevelled(c.arg(0))
	} else {
		to, err = parseTarget(c.arg(0))
	}
	if err != nil {
		return nil, err
	}
	if to, err = target(ctx, s, to); err != nil {
		return nil, err
	}

	var as []core.Assignment
	for _, user := range c.words[3:] {
		id, err := c.userID(ctx, s, user)
		if err != nil {
			return nil, err
		}
		as = append(as, core.Assignment{UserID: id, Target: to, Level: level})
	}
	return as, nil
}
