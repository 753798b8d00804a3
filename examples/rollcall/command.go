package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

// command is a parsed command line.
type command struct {
	vendor      string
	sim         bool
	json        bool
	help        bool
	version     bool
	profile     string
	found       []fleet.Member    // the accounts that the flags or the profile name
	logins      map[string]string // that were typed, by the ids that they name
	timeout     time.Duration
	maxAttempts int
	maxWait     time.Duration
	poll        time.Duration
	log         bool

	words []string // what is not a flag
	word  verb     // the command that they name

	given    map[string]bool // the flags that were given
	login    string
	first    string
	last     string
	display  string
	email    string
	enabled  bool
	roles    []string
	variable string // of the first password
	password core.Secret
	clear    []string
	fields   map[string]any
	noWait   bool
	user     string
	target   string
	record   string
	kind     string
	name     string
	jobFlags
}

// usageError is a wrong command line or wrong settings.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// parse reads a command line; flags may stand before, between and after the
// words. What it returns is usable for printing even with an error.
func parse(args []string, getenv func(string) string) (*command, error) {
	c := &command{given: map[string]bool{}, fields: map[string]any{}, logins: map[string]string{}}
	fs := flag.NewFlagSet("rollcall", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	c.define(fs)

	// Its value may be a secret, and package flag repeats what it refuses.
	var fields []string
	fs.Func("field", "", func(s string) error { fields = append(fields, s); return nil })

	// Wrong usage is told in JSON too when JSON was asked for.
	c.json = slices.ContainsFunc(args, func(arg string) bool {
		name, value, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		on, err := strconv.ParseBool(cmp.Or(value, "true"))
		return (name == "-json" || name == "json" && arg != name) && on && err == nil
	})

	if err := c.split(fs, args); err != nil || c.help {
		return c, err
	}
	fs.Visit(func(f *flag.Flag) { c.given[f.Name] = true })
	for _, f := range fields {
		if err := c.addField(f); err != nil {
			return c, err
		}
	}
	return c, c.check(getenv)
}

// split tells the flags of a command line from its words.
func (c *command) split(fs *flag.FlagSet, args []string) error {
	for len(args) > 0 {
		if args[0] == "--" {
			c.words = append(c.words, args[1:]...)
			return nil
		}

		before := len(args)
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				c.help = true
				return nil
			}
			return usagef("%v%s", err, perhapsFlag(err))
		}
		args = fs.Args()
		if len(args) > 0 && (len(args) == before || args[0] != "--") {
			c.words, args = append(c.words, args[0]), args[1:]
		}
	}
	return nil
}

// define names all flags but --field.
func (c *command) define(fs *flag.FlagSet) {
	fs.StringVar(&c.vendor, "vendor", "", "")
	fs.BoolVar(&c.sim, "sim", false, "")
	fs.BoolVar(&c.json, "json", false, "")
	fs.BoolVar(&c.log, "log", false, "")
	fs.BoolVar(&c.version, "version", false, "")
	fs.StringVar(&c.profile, "profile", "", "")
	fs.DurationVar(&c.timeout, "timeout", 0, "")
	fs.IntVar(&c.maxAttempts, "max-attempts", 0, "")
	fs.DurationVar(&c.maxWait, "max-wait", 0, "")
	fs.DurationVar(&c.poll, "poll", 0, "")
	fs.BoolVar(&c.noWait, "no-wait", false, "")

	// Of two values one would be dropped in silence. The common flags may be given
	// again, to overrule an alias.
	for name, to := range map[string]*string{"login": &c.login, "first": &c.first, "last": &c.last, "display": &c.display,
		"email": &c.email, "user": &c.user, "target": &c.target, "record": &c.record, "kind": &c.kind, "name": &c.name,
		"password-env": &c.variable, "out": &c.out, "actor": &c.actor, "why": &c.why, "journal": &c.journal,
		"release": &c.budget.Release, "sign-key": &c.signKey} {
		fs.Func(name, "", c.once(name, func(s string) error { *to = s; return nil }))
	}

	fs.BoolFunc("enabled", "", c.once("enabled", func(s string) (err error) {
		if c.enabled, err = strconv.ParseBool(s); err != nil {
			err = errors.New("it is true or false")
		}
		return err
	}))

	for name, to := range map[string]*[]string{"role": &c.roles, "clear": &c.clear, "account": &c.accounts, "key": &c.keys,
		"person": &c.people} {
		fs.Func(name, "", func(s string) error { *to = append(*to, s); return nil })
	}
	c.jobFlags.define(fs)
}

// once refuses a flag that is given twice.
func (c *command) once(name string, set func(string) error) func(string) error {
	return func(s string) error {
		if c.given[name] {
			return errors.New("it is given twice")
		}
		c.given[name] = true
		return set(s)
	}
}

func (c *command) addField(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return usagef("--field needs NAME=JSON")
	}
	if _, twice := c.fields[name]; twice {
		return usagef("--field %s is given twice", name)
	}
	if !json.Valid([]byte(value)) {
		return usagef("the value of --field %s is not JSON (text needs quotes: %s='\"text\"')", name, name)
	}
	c.fields[name] = json.RawMessage(value)
	return nil
}

func (c *command) check(getenv func(string) string) error {
	if len(c.words) == 0 && c.version {
		c.words = []string{"version"}
	}
	if len(c.words) == 0 {
		return usagef("no command; rollcall help lists them")
	}

	v, err := c.verb()
	if err != nil {
		return err
	}

	for name := range c.given {
		if !slices.Contains(commonFlags, name) && !slices.Contains(v.flags, name) {
			return usagef("--%s does not belong to %s%s", name, v, meant.Perhaps(name, v.flags, dashed))
		}
	}

	rest := len(c.words) - len(v.words)
	if rest < v.least || v.most >= 0 && rest > v.most {
		return usagef("usage: rollcall [flags] %s %s", v, v.args)
	}

	c.word = v
	if err := c.checkCommon(); err != nil || v.job == nil {
		return cmp.Or(err, c.readPassword(getenv))
	}

	return c.checkJob()
}

// checkCommon refuses values of the common flags that cannot be meant.
func (c *command) checkCommon() error {
	switch {
	case c.given["profile"] && c.profile == "":
		return usagef("--profile is empty")
	case c.timeout < 0 || c.given["timeout"] && c.timeout == 0:
		return usagef("--timeout must be positive")
	case c.maxAttempts < 0 || c.given["max-attempts"] && c.maxAttempts < 1:
		return usagef("--max-attempts must be at least 1")
	case c.maxWait < 0 || c.given["max-wait"] && c.maxWait <= 0:
		return usagef("--max-wait must be positive")
	case c.poll < 0 || c.given["poll"] && c.poll <= 0:
		return usagef("--poll must be positive")
	}
	return nil
}

// perhapsFlag names the flag that may be meant, where package flag says that there is none
// of the name that was typed.
func perhapsFlag(err error) string {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return ""
	}
	return meant.Perhaps(strings.TrimPrefix(name, "-"), allFlags, dashed)
}

func dashed(name string) string { return "--" + name }

// readPassword reads the variable that --password-env names. For a job it is a name.
func (c *command) readPassword(getenv func(string) string) error {
	if !c.given["password-env"] {
		return nil
	}
	value := getenv(c.variable)
	if value == "" {
		return usagef("--password-env: the environment variable %s is empty", c.variable)
	}
	c.password = core.NewSecret(value)
	return nil
}

// arg returns the i-th word after the command's own.
func (c *command) arg(i int) string { return c.words[len(c.word.words)+i] }

// changes reports whether the command does more than look.
func (c *command) changes() bool { return len(c.words) > 0 && c.word.words != nil && !c.word.looks }
