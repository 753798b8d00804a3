package main

import (
	"cmp"
	"context"
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
)

// command is a parsed command line.
type command struct {
	vendor      string
	sim         bool
	json        bool
	help        bool
	timeout     time.Duration
	maxAttempts int
	maxWait     time.Duration
	poll        time.Duration
	log         bool

	words []string // what is not a flag
	do    func(context.Context, *command, core.Store, *printer) error

	given    map[string]bool // the flags that were given
	login    string
	first    string
	last     string
	display  string
	email    string
	enabled  bool
	roles    []string
	password core.Secret
	clear    []string
	fields   map[string]any
	noWait   bool
	user     string
	target   string
	record   string
	kind     string
	name     string
}

// usageError is a wrong command line or wrong settings.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// verb is one command: its words, what follows them, and its own flags.
type verb struct {
	words []string
	args  string // for the usage text
	least int    // how many words must follow
	most  int    // -1: any number
	flags []string
	do    func(context.Context, *command, core.Store, *printer) error
}

var (
	specFlags   = []string{"login", "first", "last", "display", "email", "enabled", "role", "password-env", "field", "no-wait"}
	changeFlags = append([]string{"clear"}, specFlags...)
)

// verbs is every command there is. A new one is a line here and a function.
var verbs = []verb{
	{[]string{"vendors"}, "", 0, 0, nil, nil},
	{[]string{"users", "list"}, "[--login L] [--email E]", 0, 0, []string{"login", "email"}, listUsers},
	{[]string{"users", "get"}, "ID", 1, 1, nil, getUser},
	{[]string{"users", "create"}, "--login L [--first F] [--last N] [--display D] [--email E] [--enabled=BOOL] [--role R]... [--password-env VAR] [--field NAME=JSON]... [--no-wait]", 0, 0, specFlags, createUser},
	{[]string{"users", "update"}, "ID [--login L] [--first F] ... [--clear NAME]... [--field NAME=JSON]... [--no-wait]", 1, 1, changeFlags, updateUser},
	{[]string{"users", "delete"}, "ID [--no-wait]", 1, 1, []string{"no-wait"}, deleteUser},
	{[]string{"targets", "list"}, "[--kind KIND] [--name TEXT]", 0, 0, []string{"kind", "name"}, listTargets},
	{[]string{"assignments", "list"}, "(--user ID | --target KIND:ID)", 0, 0, []string{"user", "target"}, listAssignments},
	{[]string{"assignments", "add"}, "KIND:ID[@LEVEL] USER [USER...]", 2, -1, nil, changeAssignments(core.AssignmentStore.Assign)},
	{[]string{"assignments", "remove"}, "KIND:ID USER [USER...]", 2, -1, nil, changeAssignments(core.AssignmentStore.Unassign)},
	{[]string{"assignments", "suspend"}, "KIND:ID USER [USER...]", 2, -1, nil, changeAssignments(core.AssignmentStore.Suspend)},
	{[]string{"assignments", "resume"}, "KIND:ID USER [USER...]", 2, -1, nil, changeAssignments(core.AssignmentStore.Resume)},
	{[]string{"presence", "get"}, "USER", 1, 1, nil, getPresence},
	{[]string{"presence", "set"}, "USER available|busy|away|dnd|offline", 2, 2, nil, setPresence},
	{[]string{"presence", "block"}, "USER", 1, 1, nil, block},
	{[]string{"presence", "unblock"}, "USER [--record FILE]", 1, 1, []string{"record"}, unblock},
}

// commonFlags may stand with every command.
var commonFlags = []string{"vendor", "sim", "json", "timeout", "max-attempts", "max-wait", "poll", "log", "help", "h"}

// parse reads a command line; flags may stand before, between and after the
// words. What it returns is usable for printing even with an error.
func parse(args []string, getenv func(string) string) (*command, error) {
	c := &command{given: map[string]bool{}, fields: map[string]any{}}
	fs := flag.NewFlagSet("rollcall", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.vendor, "vendor", "", "")
	fs.BoolVar(&c.sim, "sim", false, "")
	fs.BoolVar(&c.json, "json", false, "")
	fs.BoolVar(&c.log, "log", false, "")
	fs.DurationVar(&c.timeout, "timeout", time.Minute, "")
	fs.IntVar(&c.maxAttempts, "max-attempts", 0, "")
	fs.DurationVar(&c.maxWait, "max-wait", 0, "")
	fs.DurationVar(&c.poll, "poll", 0, "")
	fs.BoolVar(&c.noWait, "no-wait", false, "")
	// Of two values one would be dropped in silence. The common flags may be given
	// again, to overrule an alias.
	once := func(name string, set func(string) error) func(string) error {
		return func(s string) error {
			if c.given[name] {
				return errors.New("it is given twice")
			}
			c.given[name] = true
			return set(s)
		}
	}
	for name, to := range map[string]*string{"login": &c.login, "first": &c.first, "last": &c.last, "display": &c.display,
		"email": &c.email, "user": &c.user, "target": &c.target, "record": &c.record, "kind": &c.kind, "name": &c.name} {
		fs.Func(name, "", once(name, func(s string) error { *to = s; return nil }))
	}
	fs.BoolFunc("enabled", "", once("enabled", func(s string) (err error) {
		if c.enabled, err = strconv.ParseBool(s); err != nil {
			err = errors.New("it is true or false")
		}
		return err
	}))
	fs.Func("role", "", func(s string) error { c.roles = append(c.roles, s); return nil })
	fs.Func("clear", "", func(s string) error { c.clear = append(c.clear, s); return nil })
	// Its value may be a secret, and package flag repeats what it refuses.
	var fields []string
	fs.Func("field", "", func(s string) error { fields = append(fields, s); return nil })
	fs.Func("password-env", "", once("password-env", func(name string) error {
		v := getenv(name)
		if v == "" {
			return fmt.Errorf("the environment variable %s is empty", name)
		}
		c.password = core.NewSecret(v)
		return nil
	}))

	// Wrong usage is told in JSON too when JSON was asked for.
	c.json = slices.ContainsFunc(args, func(arg string) bool {
		name, value, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		on, err := strconv.ParseBool(cmp.Or(value, "true"))
		return (name == "-json" || name == "json" && arg != name) && on && err == nil
	})
	for len(args) > 0 {
		if args[0] == "--" {
			c.words, args = append(c.words, args[1:]...), nil
			break
		}
		before := len(args)
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				c.help = true
				return c, nil
			}
			return c, usagef("%v", err)
		}
		args = fs.Args()
		if len(args) > 0 && (len(args) == before || args[0] != "--") {
			c.words, args = append(c.words, args[0]), args[1:]
		}
	}
	fs.Visit(func(f *flag.Flag) { c.given[f.Name] = true })
	for _, f := range fields {
		if err := c.addField(f); err != nil {
			return c, err
		}
	}
	return c, c.check()
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

func (c *command) check() error {
	if len(c.words) == 0 {
		return usagef("no command; rollcall --help lists them")
	}
	v, err := c.verb()
	if err != nil {
		return err
	}
	for name := range c.given {
		if !slices.Contains(commonFlags, name) && !slices.Contains(v.flags, name) {
			return usagef("--%s does not belong to %s", name, strings.Join(v.words, " "))
		}
	}
	rest := len(c.words) - len(v.words)
	if rest < v.least || v.most >= 0 && rest > v.most {
		return usagef("usage: rollcall [flags] %s %s", strings.Join(v.words, " "), v.args)
	}
	switch {
	case c.timeout <= 0:
		return usagef("--timeout must be positive")
	case c.maxAttempts < 0 || c.given["max-attempts"] && c.maxAttempts < 1:
		return usagef("--max-attempts must be at least 1")
	case c.maxWait < 0 || c.given["max-wait"] && c.maxWait <= 0:
		return usagef("--max-wait must be positive")
	case c.poll < 0 || c.given["poll"] && c.poll <= 0:
		return usagef("--poll must be positive")
	}
	c.do = v.do
	return nil
}

func (c *command) verb() (verb, error) {
	for _, v := range verbs {
		if len(c.words) >= len(v.words) && slices.Equal(c.words[:len(v.words)], v.words) {
			return v, nil
		}
	}
	return verb{}, usagef("no command %q; rollcall --help lists them", strings.Join(c.words[:min(2, len(c.words))], " "))
}

// arg returns the i-th word after the command's own.
func (c *command) arg(i int) string { return c.words[2+i] }

// changes reports whether the command does more than look.
func (c *command) changes() bool {
	return len(c.words) > 1 && c.words[1] != "list" && c.words[1] != "get"
}
