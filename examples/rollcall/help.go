package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// helpWidth is what help fits into.
const helpWidth = 80

// help prints all commands, or those that its words name.
func help(c *command, p *printer) error {
	words := c.words[1:]
	if len(words) > 0 && len(verbsFrom(words)) == 0 {
		return usagef("no command %q%s; rollcall help lists them", strings.Join(words, " "), perhapsVerb(words))
	}
	p.usage(words)
	return nil
}

// verbsFrom are the commands that begin with the words.
func verbsFrom(words []string) []verb {
	return slices.DeleteFunc(slices.Clone(verbs), func(v verb) bool {
		n := min(len(words), len(v.words))
		return !slices.Equal(words[:n], v.words[:n])
	})
}

// usage prints the help: of the one command that the words name, of those that begin with
// them, or of all.
func (p *printer) usage(words []string) {
	if v, ok := verbOf(words); ok {
		helpOf(p.out, v)
		return
	}
	shown := verbsFrom(words)
	if len(shown) == 0 {
		shown = verbs
	}

	fmt.Fprintln(p.out, "usage: rollcall [flags] command; rollcall help COMMAND says more of one")
	task := ""
	for _, v := range shown {
		if v.task != task {
			task = v.task
			fmt.Fprintf(p.out, "\n%s:\n", task)
		}
		entry(p.out, v.String()+" "+brief(v.args), v.about)
	}

	fmt.Fprintln(p.out, "\nflags, before or after the words:")
	printFlags(p.out, commonTexts)
	fmt.Fprintln(p.out, usageText)
	fmt.Fprintln(p.out, "\nsettings, from the environment (in brackets: optional):")
	printSettings(p.out)
	fmt.Fprintln(p.out, exitText)
}

// helpOf prints the help of one command.
func helpOf(out io.Writer, v verb) {
	fmt.Fprintf(out, "rollcall %s: %s.\n", v, v.about)
	fmt.Fprintln(out, "\nusage, with the flags before or after the words:")
	fmt.Fprintln(out, "  "+usageLine(strings.TrimSpace(v.String()+" "+v.args)))
	if slices.Contains(v.flags, "most") {
		fmt.Fprintln(out, "  "+usageLine("budget: "+budgetText))
	}
	if own := textsOf(v.flags); len(own) > 0 {
		fmt.Fprintln(out, "\nits flags:")
		printFlags(out, own)
	}

	if text := argsText(v); text != "" {
		fmt.Fprintln(out, "\n"+text)
	}

	fmt.Fprintln(out, "\nflags of every command:")
	printFlags(out, commonTexts)
	if v.local == nil && !v.offline() {
		fmt.Fprintln(out, "\nsettings, from the environment (in brackets: optional):")
		printSettings(out)
	}
	fmt.Fprintf(out, "\nexample:\n  rollcall %s\n", strings.ReplaceAll(v.example, " > ", " \\\n      > "))
	if v.job == nil {
		fmt.Fprintln(out, "\nexit: 0 done; 1 failed; 2 wrong usage or settings; 3 partly")
		return
	}
	fmt.Fprintln(out, exitText)
}

// usageLine folds a usage line, but not between a flag and its value.
func usageLine(text string) string {
	inside := false
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '[' || r == '(':
			inside = true
		case r == ']' || r == ')':
			inside = false
		case r == ' ' && inside:
			return '\x01'
		}
		return r
	}, text)

	return strings.ReplaceAll(hanging(text, "      "), "\x01", " ")
}

// hanging wraps a text that stands in a column, behind what is as wide as the indent.
func hanging(text, indent string) string {
	return strings.TrimPrefix(jobs.Wrap(text, helpWidth, indent, indent), indent)
}

// offline reports whether the command needs no vendor.
func (v verb) offline() bool {
	return slices.Contains([]string{"show", "status", "receipt", "verify"}, v.words[0])
}

// argsText says what the words stand for that follow a command.
func argsText(v verb) string {
	var lines []string
	if strings.Contains(v.args, "USER") || slices.Contains(v.follows, "users") {
		lines = append(lines, "A user is an id, or login:LOGIN for the one person with that login.")
	}
	if strings.Contains(v.args, "KIND:ID") {
		lines = append(lines, "A target is KIND:ID, or KIND:name:NAME for the one with that name.\nThe kinds are "+andList(kindNames())+".")
	}
	if strings.Contains(v.args, "PLAN-ID") {
		lines = append(lines, "A plan's id is what plan printed: sha256: and 64 digits.")
	}
	return strings.Join(lines, "\n")
}

// brief is what follows a command, without the flags that may be left out.
func brief(args string) string {
	if i := strings.Index(args, "["); i >= 0 && strings.HasPrefix(args[i:], "[--") {
		args = args[:i]
	}
	return strings.TrimSpace(args)
}

// entry prints a name, and beside it or below it what it is.
func entry(out io.Writer, name, about string) {
	const column = 33
	name = strings.TrimSpace(name)
	indent := strings.Repeat(" ", column+2)
	about = hanging(about, indent)
	if len(name) > column-2 {
		fmt.Fprintf(out, "  %s\n%s%s\n", name, indent, about)
		return
	}
	fmt.Fprintf(out, "  %-*s%s\n", column, name, about)
}

func printFlags(out io.Writer, flags []flagText) {
	const column = 24
	indent := strings.Repeat(" ", column+2)
	for _, f := range flags {
		fmt.Fprintf(out, "  %-*s%s\n", column, f, hanging(f.about, indent))
	}
}

func printSettings(out io.Writer) {
	const indent = "             "
	for _, v := range all {
		fmt.Fprintf(out, "  %-11s%s\n", v.Name, hanging(v.Env, indent))
	}
}

const budgetText = "[--most OP=N]... [--share OP=PERCENT]... [--over D] [--protect PERSON]... [--release PLAN-ID]"

const usageText = `
budget: [--most OP=N]... [--share OP=PERCENT]... [--over D]
        [--protect PERSON]... [--release PLAN-ID]

Wherever a user is asked for, login:LOGIN names the one person with that login;
wherever a target is asked for, KIND:name:NAME the one with that name.

A plan is a file that can be read, kept and sent: apply does what it says and
nothing else, and not if the file, the account or the person was changed in
between. The journal is rollcall.journal beside the plan, or in this folder,
unless --journal names it. A budget counts what the journal says was done in the
last 24 hours (--over); a plan over it is released once by its id. Without one,
users.delete is limited to 20 % of an account's users, from 20 users on.

A block prints a record; unblock --record FILE lifts just that. FILE may hold
the records of several blocks, one per line. Where a block is many writes
(libh3lp), the record of what it is about to do comes on standard error before
the first of them: it lifts a block that was killed.`

const exitText = `
exit: 0 done; 1 failed; 2 wrong usage, settings, want, plan or receipt;
3 partly; 4 over budget, nothing was written; 5 the world has moved since the
plan`
