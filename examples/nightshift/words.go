package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/core/roster/pgroster"
	"github.com/rollcall-go/rollcall/core/roster/riverroster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// migrate makes or updates the tables.
func migrate(ctx context.Context, n *night) error {
	if err := n.connect(); err != nil {
		return err
	}
	if err := pgroster.Migrate(ctx, n.pool); err != nil {
		return clean(err, core.AppliedUnknown)
	}
	if err := riverroster.Migrate(ctx, n.pool, riverroster.DefaultSchema); err != nil {
		return clean(err, core.AppliedUnknown)
	}

	n.p.say(map[string]bool{"ok": true}, "The tables are there.")
	return nil
}

// submit judges a plan and queues it.
func submit(ctx context.Context, n *night) error {
	file, err := os.ReadFile(n.args[0])
	if err != nil {
		return usagef("the plan cannot be read: %v", err)
	}
	plan, err := roster.ParsePlan(file)
	if err != nil {
		return err
	}

	d, err := n.driver(ctx, riverroster.Config{})
	if err != nil {
		return err
	}
	if err := d.Submit(ctx, plan); err != nil {
		return err
	}

	n.submitted(plan)
	return nil
}

// queued is the line of a plan that was submitted.
type queued struct {
	ID     string `json:"id"`
	Steps  int    `json:"steps"`
	Gaps   int    `json:"gaps"`
	Undoes string `json:"undoes,omitzero"`
}

func (n *night) submitted(p roster.Plan) {
	q := queued{p.ID(), len(p.Steps), len(p.Gaps), p.Undoes}
	n.p.say(map[string]queued{"plan": q}, "Queued %s: %d steps, %d gaps. nightshift work carries it out, nightshift status %s shows how "+
		"far it is.",
		q.ID, q.Steps, q.Gaps, q.ID)
}

// undo submits the inverse of a plan.
func undo(ctx context.Context, n *night) error {
	d, err := n.driver(ctx, riverroster.Config{})
	if err != nil {
		return err
	}
	inverse, err := d.Run.Inverse(ctx, n.args[0])
	if err != nil {
		return err
	}

	if err := d.Submit(ctx, inverse); err != nil {
		return err
	}
	n.submitted(inverse)
	return nil
}

// ends collects how the plans stand that this process took part in.
type ends struct {
	mu      sync.Mutex
	reports map[string]*roster.Report
}

func (e *ends) add(r *roster.Report) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reports[r.Plan] = r
}

// work takes part until it is told to stop.
func work(ctx context.Context, n *night) error {
	e := &ends{reports: map[string]*roster.Report{}}
	d, err := n.driver(ctx, riverroster.Config{
		Ended: e.add,
		Run:   roster.Run{Progress: func(ev roster.Event) { n.p.step(ev.StepReport) }},
	})
	if err == nil {
		err = d.Work(ctx, n.untilIdle)
	}

	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return cmp.Or(err, ctx.Err())
	case ctx.Err() != nil:
		return nil // it was told to stop
	case err != nil:
		return err
	}
	return e.end(n)
}

// end prints the reports, and says whether every plan ended well.
func (e *ends) end(n *night) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var left *roster.Unfinished
	moved := true

	for _, r := range e.reports {
		n.report(r)
		if r.Done() {
			continue
		}
		u := &roster.Unfinished{Report: r}
		if only := errors.Is(u, roster.ErrMoved); left == nil || moved && !only {
			left, moved = u, only
		}
	}

	switch {
	case left == nil:
		return nil
	case moved:
		return &exitError{left, jobs.ExitMoved}
	}
	return &exitError{left, jobs.ExitPartial}
}

func (n *night) report(r *roster.Report) {
	if n.json {
		n.p.line(map[string]any{"report": r})
		return
	}
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	r.WriteText(n.p.out)
}

// status says how a plan stands, by the journal alone.
func status(ctx context.Context, n *night) error {
	if err := n.open(ctx); err != nil {
		return err
	}
	report, err := roster.Status(ctx, n.journal, n.args[0])
	if err != nil {
		return err
	}

	for _, s := range report.Steps {
		n.p.step(s)
	}
	counts, err := report.StatusJSON()
	if err != nil {
		return err
	}

	c := report.Counts
	n.p.say(map[string]any{"report": json.RawMessage(counts)}, "%d applied, %d already so, %d failed, %d unknown, %d moved, %d "+
		"waiting, %d open",
		c.Applied, c.Already, c.Failed, c.Unknown, c.Moved, c.Waiting, c.Open)
	return nil
}

// receipt writes the proof of what was done for a person.
func receipt(ctx context.Context, n *night) error {
	if err := n.open(ctx); err != nil {
		return err
	}
	r, err := roster.MakeReceipt(ctx, n.journal, n.plan, n.args[0])
	if err != nil {
		return err
	}
	file, err := r.Encode()
	if err != nil {
		return err
	}

	if n.out == "" {
		n.p.out.Write(file)
		return nil
	}
	if err := jobs.WritePrivate(n.out, file); err != nil {
		return usagef("the receipt cannot be written: %v", err)
	}

	n.p.say(map[string]any{"ok": true, "person": r.Person, "file": n.out, "plans": len(r.Plans)},
		"The receipt of %s is in %s. It is not signed: keep a copy elsewhere.", r.Person, n.out)
	return nil
}
