// Command rollcall administers the people of a contact centre from the shell:
// users, assignments and presence, at any of the vendors, with the same words.
//
//	rollcall --sim --vendor avaya users list
//	rollcall --vendor avaya assignments add queue:ID@3 USER USER
//
// It also runs jobs over many people and accounts: a want is planned, the plan is read,
// applied, resumed after a crash, undone and proven.
//
//	rollcall --vendor avaya,webex plan WANT.json
//	rollcall --vendor avaya,webex apply WANT.plan.json
//	rollcall receipt kim@example.com --out kim.receipt
//
// rollcall help lists all commands and flags, and rollcall help COMMAND says more of one.
// The settings of a vendor come from the environment, or from a profile; one that is
// missing is named. README.md is the page for users.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

func main() {
	// net/http writes what a server sends unasked to the global log, bodies included.
	log.SetOutput(io.Discard)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := run(ctx, os.Args[1:], os.Getenv, streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, terminal: isTerminal(os.Stderr),
		width: widthOf(os.Stdout, os.Getenv), errWidth: widthOf(os.Stderr, os.Getenv),
	})
	stop()
	os.Exit(code)
}

// streams are where a run reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// terminal says whether somebody is watching err.
	terminal bool
	// width and errWidth are how many columns the terminals have that show out and err,
	// zero where nothing is a terminal: what is printed there is whole.
	width, errWidth int
	// net is the network, nil for the clients' own.
	net http.RoundTripper
}

// The exit codes.
const (
	exitDone    = jobs.ExitDone
	exitFailed  = jobs.ExitFailed
	exitUsage   = jobs.ExitUsage
	exitPartial = jobs.ExitPartial
	exitOver    = jobs.ExitOver
	exitMoved   = jobs.ExitMoved
)

// run is the whole program. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, io streams) int {
	if len(args) > 0 && args[0] == completing {
		for _, word := range complete(args[1:], getenv) {
			fmt.Fprintln(io.out, word)
		}
		return exitDone
	}

	c, err := parse(args, getenv)
	p := newPrinter(io, c)
	switch {
	case err != nil:
		return p.fail(err)
	case c.help:
		p.usage(c.words)
	case c.word.local != nil:
		err = c.word.local(c, p)
	default:
		err = c.run(ctx, getenv, io, p)
	}

	if err == nil {
		err = p.unwritten(c)
	}
	if err != nil {
		return p.fail(err)
	}
	return exitDone
}

// run carries a command out.
func (c *command) run(ctx context.Context, getenv func(string) string, io streams, p *printer) error {
	limit := c.timeout
	if limit == 0 && c.word.job == nil {
		limit = time.Minute
	}

	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	if c.word.job != nil {
		return c.word.job(ctx, &job{command: c, p: p, getenv: getenv, io: io})
	}

	store, closeStore, err := open(ctx, c, getenv, io)
	if err != nil {
		return err
	}
	defer closeStore(ctx) // before the error, which is the last line

	stop := p.progress(c.words)
	defer stop()
	return c.word.do(ctx, c, store, p)
}
