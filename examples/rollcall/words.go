package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
)

// verb is one command: its words, what follows them, its own flags, and what does it.
// A command speaks to one vendor (do) or is the word of a job (job).
type verb struct {
	words []string
	args  string // for the usage text
	least int    // how many words must follow
	most  int    // -1: any number
	flags []string
	do    func(context.Context, *command, core.Store, *printer) error
	job   func(context.Context, *job) error
	about string // of a word of a job, for the usage text
	looks bool   // it changes nothing at a vendor
}

var (
	specFlags   = []string{"login", "first", "last", "display", "email", "enabled", "role", "password-env", "field", "no-wait"}
	changeFlags = append([]string{"clear"}, specFlags...)
)

// verbs is every command there is. A new one is a line in one of the tables and a
// function.
var verbs = slices.Concat(vendorVerbs, jobVerbs)

// vendorVerbs are the commands that speak to one vendor.
var vendorVerbs = []verb{
	{words: []string{"vendors"}, looks: true},
	{words: []string{"users", "list"}, args: "[--login L] [--email E]", flags: []string{"login", "email"}, do: listUsers, looks: true},
	{words: []string{"users", "get"}, args: "ID", least: 1, most: 1, do: getUser, looks: true},
	{words: []string{"users", "create"}, args: "--login L [--first F] [--last N] [--display D] [--email E] [--enabled=BOOL] [--role R]... [--password-env VAR] [--field NAME=JSON]... [--no-wait]", flags: specFlags, do: createUser},
	{words: []string{"users", "update"}, args: "ID [--login L] [--first F] ... [--clear NAME]... [--field NAME=JSON]... [--no-wait]", least: 1, most: 1, flags: changeFlags, do: updateUser},
	{words: []string{"users", "delete"}, args: "ID [--no-wait]", least: 1, most: 1, flags: []string{"no-wait"}, do: deleteUser},
	{words: []string{"targets", "list"}, args: "[--kind KIND] [--name TEXT]", flags: []string{"kind", "name"}, do: listTargets, looks: true},
	{words: []string{"assignments", "list"}, args: "(--user ID | --target KIND:ID)", flags: []string{"user", "target"}, do: listAssignments, looks: true},
	{words: []string{"assignments", "add"}, args: "KIND:ID[@LEVEL] USER [USER...]", least: 2, most: -1, do: changeAssignments(core.AssignmentStore.Assign)},
	{words: []string{"assignments", "remove"}, args: "KIND:ID USER [USER...]", least: 2, most: -1, do: changeAssignments(core.AssignmentStore.Unassign)},
	{words: []string{"assignments", "suspend"}, args: "KIND:ID USER [USER...]", least: 2, most: -1, do: changeAssignments(core.AssignmentStore.Suspend)},
	{words: []string{"assignments", "resume"}, args: "KIND:ID USER [USER...]", least: 2, most: -1, do: changeAssignments(core.AssignmentStore.Resume)},
	{words: []string{"presence", "get"}, args: "USER", least: 1, most: 1, do: getPresence, looks: true},
	{words: []string{"presence", "set"}, args: "USER available|busy|away|dnd|offline", least: 2, most: 2, do: setPresence},
	{words: []string{"presence", "block"}, args: "USER", least: 1, most: 1, do: block},
	{words: []string{"presence", "unblock"}, args: "USER [--record FILE]", least: 1, most: 1, flags: []string{"record"}, do: unblock},
}

var (
	reapFlags = []string{"account", "rate", "journal", "workers", "urgent"}
	runFlags  = append([]string{"most", "share", "over", "protect", "release"}, reapFlags...)
)

// jobVerbs are the words of jobs, over all accounts of a fleet.
var jobVerbs = []verb{
	{words: []string{"census"}, args: "[--person KEY]...", flags: []string{"account", "rate", "person"}, job: takeCensus, looks: true,
		about: "everybody, over all accounts, and for each whether its list is whole"},
	{words: []string{"plan"}, args: "WANT.json|PEOPLE.csv [--out PLAN.json] [--force] [--actor TEXT] [--why TEXT] [--expires D] [--password-env VAR]",
		least: 1, most: 1, flags: []string{"account", "rate", "out", "force", "actor", "why", "expires", "password-env"}, job: makePlan, looks: true,
		about: "what would be done, for people to read and for apply"},
	{words: []string{"show"}, args: "PLAN.json", least: 1, most: 1, flags: []string{"account"}, job: showPlan, looks: true,
		about: "what a plan would do, as plan printed it; offline"},
	{words: []string{"apply"}, args: "PLAN.json [--journal FILE] [--workers N] [--urgent] [budget]", least: 1, most: 1, flags: runFlags, job: applyPlan,
		about: "does it; again after a crash it resumes"},
	{words: []string{"undo"}, args: "PLAN-ID [--journal FILE] [--workers N] [--urgent] [budget]", least: 1, most: 1, flags: runFlags, job: undoPlan,
		about: "takes back what a plan did, where it is still so"},
	{words: []string{"reap"}, args: "[--journal FILE] [--workers N] [--urgent]", flags: reapFlags, job: reapLeases,
		about: "undoes the leases that are due"},
	{words: []string{"status"}, args: "PLAN-ID [--journal FILE]", least: 1, most: 1, flags: []string{"account", "journal"}, job: showStatus, looks: true,
		about: "what is done, open, unknown; sends nothing"},
	{words: []string{"receipt"}, args: "PERSON [--journal FILE] [--out FILE] [--sign-key FILE]", least: 1, most: 1,
		flags: []string{"account", "journal", "out", "sign-key"}, job: writeReceipt, looks: true,
		about: "the proof of what was done for a person; sends nothing"},
	{words: []string{"verify"}, args: "RECEIPT [--key FILE]...", least: 1, most: 1, flags: []string{"account", "key"}, job: verifyReceipt, looks: true,
		about: "whether a receipt is genuine; offline"},
	{words: []string{"recheck"}, args: "RECEIPT", least: 1, most: 1, flags: []string{"account", "rate"}, job: recheckReceipt, looks: true,
		about: "looks again, and says who is back"},
	{words: []string{"doctor"}, args: "PLAN.json", least: 1, most: 1, flags: []string{"account", "rate"}, job: examinePlan, looks: true,
		about: "what a plan needs, and whether the credentials have it; changes nothing"},
	{words: []string{"watch"}, args: "[--every D] [--for D] [--person KEY]...", flags: []string{"account", "rate", "person", "every", "for"}, job: watchFleet, looks: true,
		about: "what changes, as it is seen; until it is interrupted, or --for D"},
}

// commonFlags may stand with every command.
var commonFlags = []string{"vendor", "sim", "json", "timeout", "max-attempts", "max-wait", "poll", "log", "help", "h"}

// verb finds the command that the words name.
func (c *command) verb() (verb, error) {
	for _, v := range verbs {
		if len(c.words) >= len(v.words) && slices.Equal(c.words[:len(v.words)], v.words) {
			return v, nil
		}
	}
	meant := ""
	if near := nearest(strings.Join(c.words[:min(2, len(c.words))], " ")); near != "" {
		meant = fmt.Sprintf("; perhaps %q is meant", near)
	}
	return verb{}, usagef("no command %q%s; rollcall --help lists them", strings.Join(c.words[:min(2, len(c.words))], " "), meant)
}

// nearest returns the command that differs from what was typed in two letters at most.
func nearest(typed string) string {
	best, name := 3, ""
	for _, v := range verbs {
		is := strings.Join(v.words, " ")
		words := strings.Fields(typed)
		text := strings.Join(words[:min(len(v.words), len(words))], " ")
		if d := distance(text, is); d < best {
			best, name = d, is
		}
	}
	return name
}

// distance counts the letters that differ between two texts (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// usage prints the help: of the commands that begin with the words, or of all.
func (p *printer) usage(words []string) {
	shown := slices.DeleteFunc(slices.Clone(verbs), func(v verb) bool {
		n := min(len(words), len(v.words))
		return !slices.Equal(words[:n], v.words[:n])
	})
	if len(shown) == 0 {
		shown = verbs
	}
	fmt.Fprintln(p.out, "usage: rollcall [flags] command")
	for i, v := range shown {
		switch {
		case i == 0 && v.job == nil:
			fmt.Fprintln(p.out, "\nat one vendor:")
		case v.job != nil && (i == 0 || shown[i-1].job == nil):
			fmt.Fprintln(p.out, "\njobs, over several accounts:")
		}
		fmt.Fprintln(p.out, strings.TrimRight("  "+strings.Join(v.words, " ")+" "+v.args, " "))
		if v.about != "" {
			fmt.Fprintln(p.out, "        "+v.about)
		}
	}
	fmt.Fprintln(p.out, usageText)
	fmt.Fprintln(p.out, "\nsettings, from the environment (in brackets: optional):")
	for _, v := range all {
		fmt.Fprintf(p.out, "  %-11s %s\n", v.Name, v.Env)
	}
}

const usageText = `
budget: [--most OP=N]... [--share OP=PERCENT]... [--over D] [--protect PERSON]... [--release PLAN-ID]

flags, before or after the words:
  --vendor NAMES         which vendor to talk to; for a job several, with commas
  --account NAME=VENDOR  one more account of a job; its variables have NAME_ before them
  --rate ACCOUNT=N[/B]   limit of an account, of a job: N requests a second, B at once
  --sim                  talk to embedded simulators with sample data
  --json                 one JSON object per line; an error is the last line of standard error
  --timeout D            bound of the whole command (60s; none for a job)
  --max-attempts N       how often one request is sent at most
  --max-wait D           longest single wait that the vendor may ask for
  --poll D               first poll interval while a change takes effect
  --log                  log attempts to standard error

A plan is a file that can be read, kept and sent: apply does what it says and nothing
else, and not if the file, the account or the person was changed in between. The journal
is rollcall.journal beside the plan, or in this folder, unless --journal names it.
A budget counts what the journal says was done in the last 24 hours (--over); a plan
over it is released once by its id. Without one, users.delete is limited to 20 % of an
account's users, from 20 users on.

A block prints a record; unblock --record FILE lifts just that. FILE may hold the
records of several blocks, one per line. Where a block is many writes (libh3lp), the
record of what it is about to do comes on standard error before the first of them: it
lifts a block that was killed.

exit: 0 done; 1 failed; 2 wrong usage, settings, want, plan or receipt; 3 partly;
4 over budget, nothing was written; 5 the world has moved since the plan`
