// Command nightshift carries plans out on several machines.
//
//	nightshift migrate
//	nightshift --vendor avaya,webex submit WANT.plan.json
//	nightshift --vendor avaya,webex work --workers 16
//	nightshift status PLAN-ID
//
// The journal is in PostgreSQL (NIGHTSHIFT_DATABASE_URL). The limit of a vendor is shared
// through Redis (NIGHTSHIFT_REDIS_URL), or without it through PostgreSQL. Plans are made
// by the program rollcall. nightshift --help lists all words and flags.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/rollcall-go/rollcall/core"
)

func main() {
	// net/http writes what a server sends unasked to the global log, bodies included.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	os.Exit(code)
}

// run is the whole program. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, out, err io.Writer) int {
	c, wrong := parse(args)
	p := &printer{out: out, err: err, json: c.json}
	if wrong != nil {
		return p.fail(wrong)
	}
	if c.help {
		p.usage()
		return 0
	}

	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}

	n := &night{command: c, getenv: getenv, p: p}
	defer n.close()
	problem := words[c.word].do(ctx, n)
	if _, usage := errors.AsType[*usageError](problem); problem != nil && !usage && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		problem = timeIsOver(c.word, problem)
	}
	return p.fail(problem)
}

// timeIsOver is the end of a word that --timeout has cut.
func timeIsOver(word string, err error) error {
	e := &core.Error{Op: word, Class: core.ClassCanceled, Message: "the time is over", Err: err, Applied: core.AppliedUnknown}
	if cut, ok := errors.AsType[*core.Error](err); ok {
		e.Applied = cut.Applied
	}
	return e
}
