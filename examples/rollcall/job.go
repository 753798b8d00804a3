package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// job is what the word of a job works with.
type job struct {
	*command
	p      *printer
	getenv func(string) string
	io     streams
}

// endError is the end of a job: an error, and the exit code that it means.
type endError struct {
	error
	code int
}

func (e *endError) Unwrap() error { return e.error }

// fleet opens the accounts that the flags name. Nothing is sent.
func (j *job) fleet(ctx context.Context) (roster.Fleet, func(context.Context), error) {
	members, err := j.members(ctx, j.getenv, j.io)
	if err != nil {
		return nil, nil, err
	}

	s := settings(j.command, j.getenv, j.io)
	s.BlockLog = roster.BlockLog
	if s.Govern, err = fleet.Govern(members, j.rates); err != nil {
		return nil, nil, usagef("%v", err)
	}

	f, end, err := fleet.Open(members, s, j.sim)
	if err != nil {
		return nil, nil, usagef("%v", err) // a client that cannot be made has wrong settings
	}
	return f, end, nil
}

// journalPath is where the journal is: beside the plan, or in this folder.
func (j *job) journalPath(plan string) string {
	return cmp.Or(j.journal, filepath.Join(filepath.Dir(plan), "rollcall.journal"))
}

// readJournal opens a journal that must be there. What is damaged can be read up to the
// damage, which is told.
func (j *job) readJournal(opts ...roster.FileOption) (*roster.FileJournal, error) {
	path := j.journalPath("")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &core.Error{Op: j.words[0], Class: core.ClassNotFound, Applied: core.AppliedNo,
			Message: "there is no journal " + path, Hint: "--journal names another one"}
	}
	return openJournal(path, opts...)
}

// openJournal opens a journal. A path that holds none is a wrong setting; one that is
// damaged from its first line on is not.
func openJournal(path string, opts ...roster.FileOption) (*roster.FileJournal, error) {
	journal, err := roster.OpenFile(path, opts...)
	if err != nil && !errors.Is(err, roster.ErrDamaged) {
		return nil, usagef("%v", err)
	}
	return journal, err
}

// writable refuses a journal that takes nothing any more.
func writable(journal *roster.FileJournal) error {
	if err := journal.Damage(); err != nil {
		return fmt.Errorf("nothing was sent: %w", err)
	}
	return nil
}

// readPlan reads the file of a plan.
func readPlan(path string) (roster.Plan, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return roster.Plan{}, usagef("the plan cannot be read: %v", err)
	}
	return roster.ParsePlan(data)
}

// clean is standard output without what steers a terminal: the texts are a vendor's.
type clean struct{ to io.Writer }

func (c clean) Write(text []byte) (int, error) {
	_, err := c.to.Write(bytes.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, text))
	return len(text), err
}

// text is where tables for people go.
func (j *job) text() io.Writer { return j.p.text() }

// oneSentence is an error of several lines, one for each fault, as one.
func oneSentence(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}

// run is how a plan is carried out: as the flags say, telling each step as it ends.
func (j *job) run(f roster.Fleet, journal roster.Journal, t *teller) roster.Run {
	return roster.Run{
		Fleet: f, Journal: journal, Budget: j.budget, Workers: j.workers,
		Secrets: jobs.Passwords(j.getenv), Settle: core.Wait{First: j.poll}, Progress: t.step,
	}
}

// priority lets an urgent job overtake others.
func (j *job) priority(ctx context.Context) context.Context {
	if j.urgent {
		ctx = core.WithPriority(ctx, core.Urgent)
	}
	return ctx
}
