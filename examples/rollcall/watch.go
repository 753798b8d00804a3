package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// watchFleet prints each change as it is seen, until the program is interrupted or the
// time of --for is over. A look that fails is told on standard error, and the next one is
// compared with the last that succeeded.
func watchFleet(ctx context.Context, j *job) error {
	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)

	w := &watcher{job: j, accounts: len(f)}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	if j.lasts > 0 {
		watching, stop = context.WithTimeout(ctx, j.lasts)
		defer stop()
	}

	cfg := roster.WatchConfig{Every: j.every, Governors: f.Governors(), Looked: w.looked, Census: append(j.only(), roster.WithPresence())}
	for change, err := range roster.Watch(watching, f, cfg) {
		switch {
		case err != nil && w.hopeless(err):
			return err
		case err == nil:
			w.change(change)
		}
		if j.p.out.err != nil {
			return nil // nobody reads any more, which is told
		}
	}

	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &core.Error{Op: "watch", Class: core.ClassCanceled, Applied: core.AppliedNo, Message: "the time of --timeout is over"}
	case ctx.Err() != nil:
		return nil // interrupted, as watches end
	case !w.read && w.last == nil:
		return &core.Error{Op: "watch", Class: core.ClassIncomplete, Applied: core.AppliedNo,
			Message: "the time was over before the first look ended: whether anything changed is not known", Hint: "make --for longer"}
	}
	if w.last == nil && !j.json {
		fmt.Fprintf(j.text(), "%s in %s.\n", counted(w.changes, "change was seen", "changes were seen"), j.lasts)
	}
	return w.last
}

// watcher is one watch.
type watcher struct {
	*job
	accounts int
	changes  int
	read     bool // something was, at least once
	last     error
	told     string // the last failure
}

// looked is told of every look.
func (w *watcher) looked(census *roster.Census, err error) {
	first := !w.read
	w.last = err

	switch {
	case err != nil && census != nil && failures(err) < w.accounts:
		w.read = true
	case err == nil:
		w.read = true
	}
	w.tellFailure(err)
	if !w.read || !first {
		return
	}
	if err == nil {
		w.tellAbsent(census)
	}

	people := 0
	for range census.People() {
		people++
	}
	w.p.note(fmt.Sprintf("note: watching %s at %s", counted(people, "person", "people"), counted(w.accounts, "account", "accounts")))
}

// tellFailure tells a failure once, as long as it is the same, and its end.
func (w *watcher) tellFailure(err error) {
	text := ""
	if err != nil {
		text = oneSentence(err)
	}

	switch {
	case text == w.told:
	case text != "":
		w.p.note("note: a look failed, and is tried again: " + jobs.Printable(text))
	default:
		w.p.note("note: all accounts can be read again")
	}
	w.told = text
}

// hopeless reports whether looking again serves nothing: nothing could be read from the
// beginning on, or every account refuses the credential. A watch does not lock an account
// by trying a wrong password for hours.
func (w *watcher) hopeless(err error) bool {
	if failures(err) < w.accounts {
		return false
	}
	return !w.read || errors.Is(err, core.ErrUnauthenticated) || errors.Is(err, core.ErrPermission)
}

// failures counts the accounts that could not be read.
func failures(err error) int {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return len(many.Unwrap())
	}
	return 1
}

// change prints one change.
func (w *watcher) change(c roster.Change) {
	w.changes++
	if w.json {
		w.p.line(map[string]any{"change": c})
		return
	}
	fmt.Fprintf(w.text(), "%s  %s at %s: %s (within %s)\n", c.Seen.Format(time.TimeOnly), c.Person, c.Account,
		changeText(c), c.Within.Round(time.Second))
}

// changeText is a change in words.
func changeText(c roster.Change) string {
	switch {
	case c.What == roster.WhatGone:
		return "gone"
	case c.What == roster.WhatUser && c.UserBefore == nil:
		return "new"
	case c.What == roster.WhatUser:
		return userText(*c.UserBefore, *c.UserAfter)
	case c.What == roster.WhatPresence && c.PresenceBefore == nil:
		return "is " + presenceText(*c.PresenceAfter)
	case c.What == roster.WhatPresence:
		return presenceText(*c.PresenceBefore) + " -> " + presenceText(*c.PresenceAfter)
	case c.LinkBefore == nil:
		return "staffs " + linkText(*c.LinkAfter)
	case c.LinkAfter == nil:
		return "no longer staffs " + linkText(*c.LinkBefore)
	}
	return linkText(*c.LinkBefore) + " -> " + linkText(*c.LinkAfter)
}

// userText names the fields that changed, with both values.
func userText(before, after core.User) string {
	was, is := fieldsOf(before), fieldsOf(after)
	var parts []string
	for _, f := range core.Fields() {
		if a, b := was[string(f)], is[string(f)]; a != b {
			parts = append(parts, fmt.Sprintf("%s %s -> %s", f, shown(a), shown(b)))
		}
	}

	if len(parts) == 0 {
		return "changed"
	}
	return strings.Join(parts, ", ")
}

// fieldsOf are the neutral fields of a user as JSON, by name.
func fieldsOf(u core.User) map[string]string {
	data, err := json.Marshal(u)
	var raw map[string]json.RawMessage
	if err != nil || json.Unmarshal(data, &raw) != nil {
		return nil
	}
	fields := map[string]string{}
	for name, value := range raw {
		fields[name] = string(value)
	}
	return fields
}

func shown(value string) string {
	if value == "" || value == "null" {
		return "nothing"
	}
	return value
}
