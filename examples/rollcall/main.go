// Command rollcall administers the people of a contact centre from the shell:
// users, assignments and presence, at any of the vendors, with the same words.
//
//	rollcall --sim --vendor avaya users list
//	rollcall --vendor avaya assignments add queue:ID@3 USER USER
//
// rollcall --help lists all commands and flags. The settings of a vendor come from
// the environment; one that is missing is named.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, streams{os.Stdin, os.Stdout, os.Stderr, isTerminal(os.Stderr)})
	stop()
	os.Exit(code)
}

// streams are where a run reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// terminal says whether somebody is watching err.
	terminal bool
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPartial = 3
)

// run is the whole program. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, io streams) int {
	c, err := parse(args, getenv)
	p := &printer{streams: io, json: c.json}
	if err != nil {
		return p.fail(err)
	}
	if c.help {
		p.usage()
		return exitDone
	}
	if c.words[0] == "vendors" {
		return p.vendors()
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	store, closeStore, err := open(c, getenv, io)
	if err != nil {
		return p.fail(err)
	}
	stop := p.progress(c.words)
	err = c.do(ctx, c, store, p)
	stop()
	closeStore(ctx) // before the error, which is the last line
	if err != nil {
		return p.fail(err)
	}
	return exitDone
}
