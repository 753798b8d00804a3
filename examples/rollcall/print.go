package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// printer writes results for people or, with --json, one JSON object per line.
type printer struct {
	in       io.Reader
	out      *output
	err      io.Writer
	terminal bool // somebody is watching err
	json     bool
	width    int               // of the terminal that shows out, zero for a pipe
	errWidth int               // of the one that shows err
	logins   map[string]string // of the users whose logins were typed, by id
	mu       sync.Mutex        // progress writes from the side
}

func newPrinter(to streams, c *command) *printer {
	p := &printer{in: to.in, out: &output{to: to.out}, err: to.err, terminal: to.terminal, json: c.json,
		width: to.width, errWidth: to.errWidth, logins: c.logins}
	if c.changes() {
		p.out.instead = to.err
	}
	return p
}

// output is standard output that remembers why it could not be written: a list that
// nobody got must not end like one that was read.
type output struct {
	to io.Writer
	// instead gets what cannot be written: an id or a record is not to be had again.
	instead io.Writer
	err     error
}

func (o *output) Write(text []byte) (n int, err error) {
	if o.err == nil {
		if n, o.err = o.to.Write(text); o.err == nil {
			return n, nil
		}
	}
	if o.instead != nil {
		o.instead.Write(text[n:])
	}
	return n, o.err
}

// unwritten is the error of a command that was carried out, and whose result could
// not be told.
func (p *printer) unwritten(c *command) error {
	if p.out.err == nil {
		return nil
	}
	e := &core.Error{Vendor: c.vendor, Op: strings.Join(c.words[:min(2, len(c.words))], " "), Class: core.ClassIncomplete,
		Message: "standard output cannot be written: " + p.out.err.Error(), Applied: core.AppliedNo, Err: p.out.err}
	if c.changes() {
		e.Applied, e.Hint = core.AppliedYes, "the change is made; what was to be printed stands above"
	}
	return e
}

func (p *printer) line(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		data = []byte(`{"error":{"class":"protocol","message":"a result cannot be printed"}}`)
	}
	fmt.Fprintf(p.out, "%s\n", data)
}

// note is a sentence for people that is not a result.
func (p *printer) note(text string) { fmt.Fprintln(jobs.Fold(p.err, p.errWidth), text) }

// text is where sentences and tables for people go.
func (p *printer) text() io.Writer { return jobs.Fold(clean{p.out}, p.width) }

// who is a user for people: at a terminal by the login, where it was typed.
func (p *printer) who(id string) string {
	if p.width == 0 {
		return id
	}
	return cmp.Or(p.logins[id], id)
}

// named puts the logins that were typed in the place of the ids that they name, at a
// terminal.
func (p *printer) named(text string) string {
	if p.errWidth == 0 {
		return text
	}
	var pairs []string
	for id, login := range p.logins {
		if len(id) >= 10 { // a short one may be a part of something else
			pairs = append(pairs, id, login)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (p *printer) ok(sentence string, more map[string]any) {
	if !p.json {
		fmt.Fprintln(p.text(), sentence)
		if r, ok := more["record"]; ok {
			data, _ := json.Marshal(r)
			fmt.Fprintf(p.out, "record: %s\n", data)
		}
		return
	}

	line := map[string]any{"ok": true}
	maps.Copy(line, more)
	p.line(line)
}

func (p *printer) record(b core.Block) {
	if p.json {
		p.line(map[string]any{"ok": false, "record": b})
		return
	}
	data, _ := json.Marshal(b)
	fmt.Fprintf(p.out, "record of what was blocked: %s\n", data)
}

// userLine is a user as --json prints it.
type userLine struct {
	core.User
	Deferred bool `json:"deferred,omitzero"`
	// Native is the vendor's own value, by wire name.
	Native any `json:"native,omitzero"`
}

// whole prints a user with the vendor's own fields.
func (p *printer) whole(u core.User) {
	if p.json {
		p.line(userLine{User: u, Native: u.Native})
		return
	}
	p.user(u, false)
}

func (p *printer) user(u core.User, deferred bool) {
	if p.json {
		p.line(userLine{User: u, Deferred: deferred})
		return
	}

	p.facts([][2]string{
		{"id", u.ID}, {"login", u.Login}, {"first name", u.FirstName}, {"last name", u.LastName},
		{"display name", u.DisplayName}, {"email", u.Email}, {"enabled", maybe(u.Enabled)},
		{"roles", strings.Join(u.Roles, ", ")}, {"revision", string(u.Revision)},
	})
}

// facts prints names and values, those that are not empty. On a terminal a value that does
// not fit beside its name stands below it, whole: an id is there to be copied.
func (p *printer) facts(facts [][2]string) {
	facts = slices.DeleteFunc(facts, func(f [2]string) bool { return f[1] == "" })
	wide := 0
	for _, f := range facts {
		wide = max(wide, len(f[0])+2)
	}

	for _, f := range facts {
		value := jobs.Printable(f[1])
		switch {
		case p.width == 0 || wide+jobs.Cells(value) <= p.width:
			fmt.Fprintf(p.out, "%-*s%s\n", wide, f[0], value)
		default:
			fmt.Fprintf(p.out, "%s\n%s\n", f[0], jobs.Wrap(value, p.width, "", ""))
		}
	}
}

func (p *printer) presence(pr core.Presence) {
	if p.json {
		p.line(pr)
		return
	}

	text := fmt.Sprintf("%s is %s", p.who(pr.UserID), pr.Availability)
	if pr.Raw != "" {
		text += " (" + pr.Raw + ")"
	}
	if pr.Blocked != nil {
		text += ", blocked: " + maybe(pr.Blocked)
	}
	if pr.Routable != nil {
		text += ", can take work: " + maybe(pr.Routable)
	}
	if pr.Reason != "" {
		text += ", reason: " + pr.Reason
	}
	fmt.Fprintln(p.text(), jobs.Printable(text))
}

func maybe(b *bool) string {
	if b == nil {
		return ""
	}
	return strconv.FormatBool(*b)
}

// fail prints an error as the last line of standard error and returns the exit
// code it means.
func (p *printer) fail(err error) int {
	line, code := errorOf(err)

	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.json {
		fmt.Fprintf(jobs.Fold(p.err, p.errWidth), "rollcall: %s\n", jobs.Printable(p.named(oneSentence(err))))
		return code
	}

	data, merr := json.Marshal(line)
	if merr != nil {
		data = []byte(`{"class":"protocol"}`)
	}
	if over, ok := errors.AsType[*roster.OverBudget](err); ok {
		data = jobs.WithOver(data, over)
	}
	data = fmt.Appendf(nil, `{"error":%s}`, data)
	fmt.Fprintf(p.err, "%s\n", data)
	return code
}

// errorOf returns an error in the words of package core, and its exit code.
func errorOf(err error) (*core.Error, int) {
	part, parts := errors.AsType[*core.PartialError](err)
	e, ours := errors.AsType[*core.Error](err)
	if _, usage := errors.AsType[*usageError](err); usage {
		return &core.Error{Class: core.ClassInvalid, Message: err.Error()}, exitUsage
	}

	if end, ok := errors.AsType[*endError](err); ok {
		return jobError(end.error), end.code
	}
	if errors.Is(err, roster.ErrRefused) {
		return jobError(err), exitUsage
	}

	// An error of class partial holds the outcomes, and says more.
	if parts && !(ours && e.Class == core.ClassPartial) {
		return &core.Error{Vendor: part.Vendor, Account: part.Account, Op: part.Op, Class: core.ClassPartial,
			Message: err.Error(), Applied: applied(part)}, exitPartial
	}
	if !ours {
		return jobError(err), exitFailed
	}
	if e.Class == core.ClassPartial {
		return e, exitPartial
	}
	return e, exitFailed
}

// applied sums outcomes up: some were made, or may have been, or none was.
func applied(p *core.PartialError) core.Applied {
	sum := core.AppliedNo
	for _, o := range p.Outcomes {
		switch o.Applied() {
		case core.AppliedYes:
			sum = core.AppliedYes
		case core.AppliedUnknown:
			return core.AppliedUnknown
		}
	}
	return sum
}

// progress tells somebody at a terminal that long work is under way. In a pipe,
// and with --json, it is silent.
func (p *printer) progress(words []string) (stop func()) {
	if !p.terminal || p.json {
		return func() {}
	}

	const patience = 2 * time.Second
	done, gone := make(chan struct{}), make(chan struct{})
	start := time.Now()

	go func() {
		defer close(gone)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for shown := false; ; {
			select {
			case <-tick.C:
				if time.Since(start) >= patience {
					p.mu.Lock()
					fmt.Fprintf(p.err, "\r%s: still at it, %s ", strings.Join(words[:min(2, len(words))], " "), time.Since(start).Round(time.Second))
					p.mu.Unlock()
					shown = true
				}
			case <-done:
				if shown {
					fmt.Fprint(p.err, "\r\033[K")
				}
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(done); <-gone })
}
