package main

import (
	"flag"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// jobFlags are the flags of the words of jobs.
type jobFlags struct {
	accounts []string
	out      string
	force    bool
	actor    string
	why      string
	expires  time.Duration
	journal  string
	workers  int
	urgent   bool
	budget   roster.Budget
	signKey  string
	keys     []string
	people   []string      // of census and watch
	every    time.Duration // of watch, like lasts
	lasts    time.Duration
	rates    []fleet.Rate
}

func (j *jobFlags) define(fs *flag.FlagSet) {
	fs.BoolVar(&j.force, "force", false, "")
	fs.BoolVar(&j.urgent, "urgent", false, "")
	fs.DurationVar(&j.expires, "expires", 0, "")
	fs.DurationVar(&j.every, "every", 0, "")
	fs.DurationVar(&j.lasts, "for", 0, "")
	fs.IntVar(&j.workers, "workers", 0, "")

	fs.Func("rate", "", func(text string) error {
		r, err := fleet.ParseRate(text)
		j.rates = append(j.rates, r)
		return err
	})
	jobs.BudgetFlags(fs, &j.budget)
}

// dropLoginPrefix takes login:LOGIN for a person, as it is taken for a user, unless an
// account is called so: a job finds a person by the login anyway.
func (c *command) dropLoginPrefix() {
	const prefix = "login:"
	if slices.ContainsFunc(c.accounts, func(text string) bool { return strings.HasPrefix(text, "login=") || text == "login" }) {
		return
	}

	for _, names := range [][]string{c.people, c.budget.Protect} {
		for i := range names {
			names[i] = strings.TrimPrefix(names[i], prefix)
		}
	}
	if c.words[0] == "receipt" {
		c.words[1] = strings.TrimPrefix(c.words[1], prefix)
	}
}

// checkJob refuses values of flags that cannot be meant. An empty one is a variable that
// was not set.
func (c *command) checkJob() error {
	c.dropLoginPrefix()
	for name, value := range map[string]string{"out": c.out, "journal": c.journal, "release": c.budget.Release, "sign-key": c.signKey,
		"password-env": c.variable, "actor": c.actor, "why": c.why} {
		if c.given[name] && value == "" {
			return usagef("--%s is empty", name)
		}
	}

	for name, values := range map[string][]string{"protect": c.budget.Protect, "key": c.keys, "person": c.people} {
		for _, value := range values {
			if strings.TrimSpace(value) == "" {
				return usagef("--%s is empty", name)
			}
		}
	}

	for i := range c.word.least {
		if strings.TrimSpace(c.arg(i)) == "" {
			return usagef("a word behind %s is empty", c.words[0])
		}
	}

	switch {
	case c.given["expires"] && c.expires <= 0:
		return usagef("--expires must be positive")
	case c.given["over"] && c.budget.Over <= 0:
		return usagef("--over must be positive")
	case c.given["every"] && c.every <= 0:
		return usagef("--every must be positive")
	case c.given["for"] && c.lasts <= 0:
		return usagef("--for must be positive")
	case c.given["workers"] && c.workers < 1:
		return usagef("--workers must be at least 1")
	}

	return nil
}
