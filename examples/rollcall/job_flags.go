package main

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
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
}

func (j *jobFlags) define(fs *flag.FlagSet) {
	fs.BoolVar(&j.force, "force", false, "")
	fs.BoolVar(&j.urgent, "urgent", false, "")
	fs.DurationVar(&j.expires, "expires", 0, "")
	fs.DurationVar(&j.every, "every", 0, "")
	fs.DurationVar(&j.lasts, "for", 0, "")
	fs.DurationVar(&j.budget.Over, "over", 0, "")
	fs.IntVar(&j.workers, "workers", 0, "")
	fs.Func("most", "", func(text string) error { return j.limit(text, mostOf) })
	fs.Func("share", "", func(text string) error { return j.limit(text, shareOf) })
}

// limit reads OP=N of a budget.
func (j *jobFlags) limit(text string, value func(string, *roster.Limit) error) error {
	op, number, ok := strings.Cut(text, "=")
	if !ok {
		return errors.New("it is OP=NUMBER, for example users.delete=5")
	}
	l := roster.Limit{Op: core.Operation(op)}
	if !roster.Performs(l.Op) {
		return fmt.Errorf("no plan has steps of %q; there are users.create, users.update, users.delete, assignments.add and so on", op)
	}
	if err := value(number, &l); err != nil {
		return err
	}
	j.budget.Limits = append(j.budget.Limits, l)
	return nil
}

func mostOf(text string, l *roster.Limit) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("the number is a whole one, from 0 on")
	}
	l.Most = n
	return nil
}

func shareOf(text string, l *roster.Limit) error {
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(percent) || percent < 0 || percent > 100 {
		return errors.New("the share is a number of per cent, from 0 to 100")
	}
	l.Share = percent / 100
	return nil
}

// checkJob refuses values of flags that cannot be meant. An empty one is a variable that
// was not set.
func (c *command) checkJob() error {
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
