package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// completing is the hidden first word with which a shell's script asks what may follow:
// the words before the cursor come behind it, the last of them perhaps begun.
const completing = "__complete"

// completer knows what may stand at the cursor. It reads the file of profiles at most, and
// sends nothing.
type completer struct {
	getenv func(string) string
	words  []string          // before the cursor that are no flags
	values map[string]string // of the flags before it
	waits  string            // the flag whose value is at the cursor
}

// complete returns what may stand at the cursor, where args are the words up to it.
func complete(args []string, getenv func(string) string) []string {
	current := ""
	if len(args) > 0 {
		current, args = args[len(args)-1], args[:len(args)-1]
	}
	c := &completer{getenv: getenv, values: map[string]string{}}
	for _, arg := range args {
		c.take(arg)
	}

	name, value, hasValue := strings.Cut(strings.TrimLeft(current, "-"), "=")
	switch dash := strings.HasPrefix(current, "-"); {
	case c.waits != "":
		return c.of(c.waits, "", current)
	case dash && hasValue:
		return c.of(name, current[:len(current)-len(value)], value)
	case dash:
		return only(c.flags(), current)
	}
	return c.next(current)
}

// take reads one word before the cursor.
func (c *completer) take(arg string) {
	if c.waits != "" {
		c.values[c.waits], c.waits = arg, ""
		return
	}

	if !strings.HasPrefix(arg, "-") {
		c.words = append(c.words, arg)
		return
	}

	name, value, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	if f, ok := flagNamed(name); ok && !hasValue && takesNext(f) {
		c.waits = name
		return
	}
	c.values[name] = value
}

// takesNext reports whether the value of a flag is the next word: that of a switch never
// is.
func takesNext(f flagText) bool { return f.arg != "" && !strings.HasPrefix(f.arg, "[") }

// flags are those that may stand with the words so far.
func (c *completer) flags() []string {
	v, known := verbOf(c.words)
	var names []string
	for _, f := range ownTexts {
		if known && slices.Contains(v.flags, f.name) {
			names = append(names, "--"+f.name)
		}
	}
	for _, f := range commonTexts {
		names = append(names, "--"+f.name)
	}
	return append(names, "--help")
}

// next is what may follow the words so far: a further word of a command, or what the
// command is about.
func (c *completer) next(current string) []string {
	if v, ok := verbOf(c.words); ok {
		n := len(c.words) - len(v.words)
		if len(v.follows) == 0 || v.most >= 0 && n >= v.most {
			return nil
		}
		if v.follows[0] == "commands" {
			return words(c.words[1:], current)
		}
		return c.valuesOf(v.follows[min(n, len(v.follows)-1)], "", current)
	}
	return words(c.words, current)
}

// words are the words of commands that may follow those before.
func words(before []string, current string) []string {
	var out []string
	for _, v := range verbsFrom(before) {
		if len(v.words) > len(before) && !slices.Contains(out, v.words[len(before)]) {
			out = append(out, v.words[len(before)])
		}
	}
	return only(out, current)
}

// of are the values of a flag.
func (c *completer) of(flag, before, current string) []string {
	f, _ := flagNamed(flag)
	return c.valuesOf(f.values, before, current)
}

// valuesOf are the values of a kind that begin with what stands at the cursor. For files
// there are none: the shell completes them better.
func (c *completer) valuesOf(kind, before, current string) []string {
	var out []string
	switch kind {
	case "vendors":
		// In a list with commas the last one is at the cursor.
		done := current[:strings.LastIndex(current, ",")+1]
		before, current, out = before+done, current[len(done):], vendorNames()
	case "accounts":
		out = c.accounts()
	case "profiles":
		if file, err := readConfig(c.getenv); err == nil {
			out = slices.Sorted(maps.Keys(file.Profiles))
		}
	case "kinds":
		out = kindNames()
	case "targets":
		for _, kind := range c.kinds() {
			out = append(out, kind+":", kind+":name:")
		}
	case "users":
		out = []string{"login:"}
	case "fields":
		out = c.fields()
	case "operations":
		for _, op := range jobs.Performed() {
			out = append(out, op+"=")
		}
	case "availabilities":
		out = availabilities
	case "shells":
		out = shells()
	}

	out = only(out, current)
	for i := range out {
		out[i] = before + out[i]
	}
	return out
}

// accounts are those of the profile that is chosen.
func (c *completer) accounts() []string {
	p, _, err := (&command{profile: c.values["profile"]}).profileOf(c.getenv)
	if err != nil || p == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(p.Accounts))
}

// vendor is the one that --vendor names, if it names one.
func (c *completer) vendor() (core.Capabilities, bool) {
	v, err := fleet.Named(c.values["vendor"])
	if err != nil {
		return core.Capabilities{}, false
	}
	return v.Capabilities(), true
}

// kinds are those of the vendor, or all.
func (c *completer) kinds() []string {
	offers, known := c.vendor()
	return slices.DeleteFunc(kindNames(), func(kind string) bool {
		_, has := offers.Kind(core.Kind(kind))
		return known && !has
	})
}

// fields are the neutral fields that can be cleared at the vendor, or all.
func (c *completer) fields() []string {
	var out []string
	offers, known := c.vendor()
	for _, f := range core.Fields() {
		if !known || offers.Field(f).Clearable {
			out = append(out, string(f))
		}
	}
	return out
}

func vendorNames() []string {
	var names []string
	for _, v := range all {
		names = append(names, v.Name)
	}
	return names
}

// only are the words that begin with a text.
func only(words []string, begin string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.HasPrefix(word, begin) })
}
