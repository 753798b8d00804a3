package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// printer writes results for people or, with --json, one JSON object per line.
type printer struct {
	out, err io.Writer
	json     bool
	mu       sync.Mutex
}

func (p *printer) line(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		data = []byte(`{"error":{"class":"protocol","message":"a result cannot be printed"}}`)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "%s\n", data)
}

// say writes a sentence for people, or with --json an object.
func (p *printer) say(object any, format string, args ...any) {
	if p.json {
		p.line(object)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.out, jobs.Printable(fmt.Sprintf(format, args...)))
}

// note is a sentence for people that is not a result.
func (p *printer) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.err, "nightshift: "+jobs.Printable(text))
}

// step prints the end of a step.
func (p *printer) step(s roster.StepReport) {
	if !p.json {
		p.say(nil, "%-8s %s %s", s.Result, s.Step, s.Message)
		return
	}
	p.line(jobs.Line(s))
}

// exitError is an end with an exit code of its own. Without a text nothing is said.
type exitError struct {
	error
	code int
}

func (e *exitError) Unwrap() error { return e.error }

// fail prints an error as the last line of standard error and returns the exit code it
// means.
func (p *printer) fail(err error) int {
	if err == nil {
		return jobs.ExitDone
	}

	e, code := errorOf(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.json {
		fmt.Fprintf(p.err, "nightshift: %s\n", jobs.Printable(strings.ReplaceAll(err.Error(), "\n", "; ")))
		return code
	}

	object, merr := json.Marshal(e)
	if merr != nil {
		object = []byte(`{"class":"protocol"}`)
	}
	if over, ok := errors.AsType[*roster.OverBudget](err); ok {
		object = jobs.WithOver(object, over)
	}

	fmt.Fprintf(p.err, "{\"error\":%s}\n", object)
	return code
}

// errorOf returns an error in the words of package core, and its exit code.
func errorOf(err error) (*core.Error, int) {
	e := &core.Error{Class: cmp.Or(core.ClassOf(err), core.ClassUnavailable), Applied: core.AppliedNo}
	if first, ok := errors.AsType[*core.Error](err); ok {
		e = new(*first)
	}
	e.Message = cmp.Or(e.Message, strings.ReplaceAll(err.Error(), "\n", "; "))
	if left, ok := errors.AsType[*roster.Unfinished](err); ok {
		e.Class, e.Applied, e.Message = core.ClassPartial, jobs.AppliedBy(left.Report), err.Error()
	}

	if _, usage := errors.AsType[*usageError](err); usage {
		return &core.Error{Class: core.ClassInvalid, Message: err.Error()}, jobs.ExitUsage
	}
	if end, ok := errors.AsType[*exitError](err); ok {
		return e, end.code
	}
	if _, over := errors.AsType[*roster.OverBudget](err); over || errors.Is(err, roster.ErrRefused) {
		e.Class, e.Applied = core.ClassInvalid, core.AppliedNo
	}
	return e, jobs.Exit(nil, err)
}

func (p *printer) usage() {
	fmt.Fprintln(p.out, "usage: nightshift [flags] word\n\nwords:")
	for _, name := range slices.Sorted(maps.Keys(words)) {
		w := words[name]
		fmt.Fprintf(p.out, "  %-52s %s\n", strings.TrimSpace(name+" "+w.args), w.about)
	}
	fmt.Fprintln(p.out, `
budget: [--most OP=N]... [--share OP=PERCENT]... [--over D] [--protect PERSON]... [--release PLAN-ID]

flags, before or after the words:
  --vendor NAME,...        the vendors, one account of each
  --account NAME=VENDOR    an account with a name of its own; its variables begin with NAME_
  --json                   one JSON object a line; an error is the last line of standard error
  --rate ACCOUNT=R[/B]     the vendor allows R requests a second, B at once; else the pace is learned
  --claim-ttl D            how long a machine that is silent keeps its lanes (10s)
  --timeout D              bound of the whole command (none)
  --max-attempts N         how often one request is sent at most
  --max-wait D             longest single wait that the vendor may ask for
  --log                    log attempts to standard error

environment: NIGHTSHIFT_DATABASE_URL (PostgreSQL), NIGHTSHIFT_REDIS_URL (optional), and the vendors' variables

exit: 0 done; 1 failed; 2 wrong usage or settings; 3 partly; 4 over budget, nothing was queued;
5 the world has moved`)
}
