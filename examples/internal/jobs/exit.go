package jobs

import (
	"context"
	"errors"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// The exit codes of jobs.
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitUsage   = 2 // wrong usage, settings, want, plan or receipt
	ExitPartial = 3 // a step failed, is unknown or waits, or there are gaps
	ExitOver    = 4 // over budget: nothing was written
	ExitMoved   = 5 // the world has moved, and nothing else went wrong
)

// Exit returns the exit code that the end of a run means. What no step could do counts
// as partly done.
func Exit(report *roster.Report, err error) int {
	_, over := errors.AsType[*roster.OverBudget](err)
	_, unfinished := errors.AsType[*roster.Unfinished](err)
	gaps := report != nil && len(report.Gaps) > 0

	switch {
	case err == nil && !gaps:
		return ExitDone
	case err == nil:
		return ExitPartial
	case over:
		return ExitOver
	case errors.Is(err, roster.ErrRefused):
		return ExitUsage
	case unfinished && errors.Is(err, roster.ErrMoved) && !gaps:
		return ExitMoved
	case unfinished || report != nil && errors.Is(err, core.ErrCanceled):
		return ExitPartial
	}
	return ExitFailed
}

// Passwords gives the first passwords that a plan names as variables of the environment.
func Passwords(getenv func(string) string) func(context.Context, string) (core.Secret, error) {
	return func(_ context.Context, name string) (core.Secret, error) {
		value := getenv(name)
		if value == "" {
			return core.Secret{}, errors.New("the environment variable is not set")
		}
		return core.NewSecret(value), nil
	}
}
