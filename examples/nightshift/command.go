package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// command is a parsed command line.
type command struct {
	vendor      string
	accounts    []string
	json, log   bool
	help        bool
	timeout     time.Duration
	maxAttempts int
	maxWait     time.Duration
	rates       []rate
	claimTTL    time.Duration

	workers   int
	untilIdle bool
	plan, out string
	budget    roster.Budget

	given map[string]bool
	word  string
	args  []string
}

// rate is a limit that was told for an account.
type rate struct {
	account   string
	perSecond float64
	burst     int
}

// usageError is a wrong command line or wrong settings.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// word is what the program can do.
type word struct {
	args  string // how many words follow, and what they are
	n     int
	flags []string
	do    func(context.Context, *night) error
	about string
}

var budgetFlags = []string{"most", "share", "over", "protect", "release"}

// words is set by init, because help lists it.
var words map[string]word

func init() {
	words = map[string]word{
		"migrate": {do: migrate, about: "makes or updates the tables, River's and ours"},
		"submit":  {args: "PLAN.json [budget]", n: 1, flags: budgetFlags, do: submit, about: "judges the budget and queues the plan"},
		"work": {args: "[--workers N] [--until-idle]", flags: []string{"workers", "until-idle"}, do: work,
			about: "takes part until it is told to stop"},
		"status": {args: "PLAN-ID", n: 1, do: status, about: "what is done, open, unknown"},
		"receipt": {args: "PERSON --plan PLAN-ID [--out FILE]", n: 1, flags: []string{"plan", "out"}, do: receipt,
			about: "the proof of what was done for a person"},
		"undo": {args: "PLAN-ID [budget]", n: 1, flags: budgetFlags, do: undo, about: "submits the plan that takes back what a plan did"},
	}
}

var commonFlags = []string{"vendor", "account", "json", "log", "timeout", "max-attempts", "max-wait", "rate", "claim-ttl", "help", "h"}

// parse reads a command line; flags may stand before, between and after the words. What
// it returns is usable for printing even with an error.
func parse(args []string) (*command, error) {
	c := &command{given: map[string]bool{}}
	fs := flag.NewFlagSet("nightshift", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	c.define(fs)

	// Wrong usage is told in JSON too when JSON was asked for.
	c.json = slices.Contains(args, "--json") || slices.Contains(args, "-json")

	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				c.help = true
				return c, nil
			}
			return c, usagef("%v", err)
		}
		if args = fs.Args(); len(args) > 0 {
			c.args, args = append(c.args, args[0]), args[1:]
		}
	}
	fs.Visit(func(f *flag.Flag) { c.given[f.Name] = true })
	return c, c.check()
}

func (c *command) define(fs *flag.FlagSet) {
	fs.StringVar(&c.vendor, "vendor", "", "")
	fs.BoolVar(&c.json, "json", false, "")
	fs.BoolVar(&c.log, "log", false, "")
	fs.BoolVar(&c.untilIdle, "until-idle", false, "")
	fs.DurationVar(&c.timeout, "timeout", 0, "")
	fs.DurationVar(&c.maxWait, "max-wait", 0, "")
	fs.DurationVar(&c.claimTTL, "claim-ttl", 10*time.Second, "")
	fs.IntVar(&c.maxAttempts, "max-attempts", 0, "")
	fs.IntVar(&c.workers, "workers", 8, "")
	fs.StringVar(&c.plan, "plan", "", "")
	fs.StringVar(&c.out, "out", "", "")
	fs.StringVar(&c.budget.Release, "release", "", "")

	fs.Func("account", "", func(text string) error { c.accounts = append(c.accounts, text); return nil })
	fs.Func("rate", "", c.addRate)
	jobs.BudgetFlags(fs, &c.budget)
}

// addRate reads ACCOUNT=PER_SECOND[/BURST].
func (c *command) addRate(text string) error {
	account, limit, ok := strings.Cut(text, "=")
	number, burst, hasBurst := strings.Cut(limit, "/")
	perSecond, err := strconv.ParseFloat(number, 64)
	n, err2 := strconv.Atoi(cmp.Or(burst, "1"))
	if !ok || account == "" || err != nil || err2 != nil || hasBurst && burst == "" || n < 1 || !(perSecond > 0) || math.IsInf(perSecond, 1) {
		return errors.New("it is ACCOUNT=PER_SECOND or ACCOUNT=PER_SECOND/BURST, for example avaya=50/10")
	}
	c.rates = append(c.rates, rate{account, perSecond, n})
	return nil
}

func (c *command) check() error {
	if len(c.args) == 0 {
		return usagef("no word; nightshift --help lists them")
	}

	c.word, c.args = c.args[0], c.args[1:]
	w, ok := words[c.word]
	if !ok {
		return usagef("no word %q; nightshift --help lists them", c.word)
	}
	if len(c.args) != w.n {
		return usagef("usage: nightshift [flags] %s %s", c.word, w.args)
	}

	for name := range c.given {
		if !slices.Contains(commonFlags, name) && !slices.Contains(w.flags, name) {
			return usagef("--%s does not belong to %s", name, c.word)
		}
	}

	for i, arg := range c.args {
		if strings.TrimSpace(arg) == "" {
			return usagef("word %d behind %s is empty", i+1, c.word)
		}
	}

	for name, good := range map[string]bool{"timeout": c.timeout > 0, "max-wait": c.maxWait > 0, "max-attempts": c.maxAttempts > 0,
		"claim-ttl": c.claimTTL >= 100*time.Millisecond, "over": c.budget.Over > 0, "workers": c.workers > 0, "plan": c.plan != "",
		"out": c.out != "", "release": c.budget.Release != "", "protect": !slices.Contains(c.budget.Protect, "")} {
		if c.given[name] && !good {
			return usagef("--%s has no usable value", name)
		}
	}
	return nil
}
