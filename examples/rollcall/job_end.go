package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// teller tells how the steps of a run end: with --json each as it ends, else as progress
// on a terminal.
type teller struct {
	j        *job
	progress *jobs.Progress
	told     map[string]core.Result // by plan and step
}

func (j *job) tell() *teller {
	var watch io.Writer
	if j.p.terminal && !j.json {
		watch = j.p.err
	}
	progress := jobs.NewProgress(watch, nil)
	progress.Width = j.p.errWidth
	return &teller{j: j, progress: progress, told: map[string]core.Result{}}
}

func (t *teller) step(ev roster.Event) {
	t.progress.Step(ev)
	if t.j.json {
		t.told[ev.Plan+ev.Step] = ev.Result
		t.j.p.step(ev.StepReport)
	}
}

// watchSignal says, while a job runs, that a signal was heard.
func (j *job) watchSignal(ctx context.Context) (stop func()) {
	said := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(said)
		j.p.mu.Lock()
		defer j.p.mu.Unlock()
		fmt.Fprintln(j.p.err, "rollcall: no step is begun any more; what is under way is finished (a second signal ends at once)")
	})

	return func() {
		if !cancel() {
			<-said
		}
	}
}

// step prints the end of a step.
func (p *printer) step(s roster.StepReport) {
	p.line(jobs.Line(s))
}

// report prints what a run left: the steps that were not told, and the counts.
func (t *teller) report(r *roster.Report) {
	t.progress.Clear()
	notBegun(r)
	if !t.j.json {
		r.WriteText(t.j.text())
		return
	}
	for _, s := range r.Steps {
		if t.told[r.Plan+s.Step] != s.Result {
			t.j.p.step(s)
		}
	}
	t.j.p.line(map[string]any{"report": r})
}

// notBegun counts what was not begun before an interrupt as waiting: only a status
// knows open steps.
func notBegun(r *roster.Report) {
	for i := range r.Steps {
		if s := &r.Steps[i]; s.Result == roster.ResultOpen {
			s.Result, s.Message = roster.ResultWaiting, "the run ended before it was begun"
			r.Open--
			r.Waiting++
		}
	}
}

// ended prints a run's report and returns its end.
func (t *teller) ended(r *roster.Report, err error) error {
	t.progress.Clear()
	if r == nil {
		if err == nil {
			return nil
		}
		return &endError{err, jobs.Exit(nil, err)}
	}

	code := jobs.Exit(r, err)
	t.report(r)
	switch {
	case code == jobs.ExitDone:
		if len(r.Steps) > 0 && !t.j.json {
			fmt.Fprintf(t.j.text(), "The journal has it: rollcall receipt PERSON proves it, rollcall undo %s takes it back.\n", r.Plan)
		}
		return nil
	case errors.Is(err, core.ErrCanceled):
		if e, ok := err.(*core.Error); ok {
			e = new(*e)
			e.Applied, err = jobs.AppliedBy(r), e
		}
	case err == nil:
		err = &core.Error{Op: t.j.words[0], Class: core.ClassPartial, Applied: core.AppliedYes,
			Message: gapsLeft(len(r.Gaps))}
	}
	return &endError{err, code}
}

func gapsLeft(n int) string {
	if n == 1 {
		return "1 gap is left to people: no step can do it"
	}
	return fmt.Sprintf("%d gaps are left to people: no step can do them", n)
}

// jobError is an error of a job in the words of package core. If there are several, the
// text holds all of them, and the facts are those of the first.
func jobError(err error) *core.Error {
	e := &core.Error{Class: cmp.Or(core.ClassOf(err), core.ClassProtocol)}
	if first, ok := errors.AsType[*core.Error](err); ok {
		e = new(*first)
	}

	if first, ok := err.(*core.Error); !ok || first.Class == "" {
		e.Message, e.Hint = oneSentence(err), ""
	}

	if left, ok := errors.AsType[*roster.Unfinished](err); ok {
		e.Class, e.Applied = core.ClassPartial, jobs.AppliedBy(left.Report)
	}
	if _, over := errors.AsType[*roster.OverBudget](err); over || errors.Is(err, roster.ErrRefused) {
		e.Class, e.Applied = core.ClassInvalid, core.AppliedNo
	}
	return e
}
