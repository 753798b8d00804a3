package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

// verb is one command: its words, what follows them, its own flags, and what does it.
// A command speaks to one vendor (do), is the word of a job (job), or is about this
// program (local).
type verb struct {
	words   []string
	args    string   // for the usage text
	follows []string // what completes each word that follows, the last one also further ones
	least   int      // how many words must follow
	most    int      // -1: any number
	flags   []string
	do      func(context.Context, *command, core.Store, *printer) error
	job     func(context.Context, *job) error
	local   func(*command, *printer) error
	task    string // what people have in mind, for the list of all commands
	about   string // one sentence
	example string // behind "rollcall "
	looks   bool   // it changes nothing at a vendor
}

// String is the command as it is typed.
func (v verb) String() string { return strings.Join(v.words, " ") }

var (
	specFlags   = []string{"login", "first", "last", "display", "email", "enabled", "role", "password-env", "field", "no-wait"}
	changeFlags = append([]string{"clear"}, specFlags...)
	reapFlags   = []string{"rate", "journal", "workers", "urgent"}
	runFlags    = append([]string{"most", "share", "over", "protect", "release"}, reapFlags...)
)

// What people have in mind, in the order of the list of all commands.
const (
	taskPeople   = "people, at one vendor"
	taskLinks    = "where they work: queues, skills, groups and so on"
	taskPresence = "whether they take work"
	taskFleet    = "everybody, over all accounts"
	taskJobs     = "jobs: plan, read, apply"
	taskProof    = "what was done, proven"
	taskProgram  = "this program"
)

// verbs is every command there is. A new one is a line in one of the tables and a
// function. It is set by init, because help lists it.
var verbs []verb

func init() {
	verbs = slices.Concat(userVerbs, linkVerbs, presenceVerbs, fleetVerbs, jobVerbs, proofVerbs, programVerbs)
}

var userVerbs = []verb{
	{words: []string{"users", "list"}, args: "[--login L] [--email E]", flags: []string{"login", "email"}, do: listUsers, looks: true,
		task:  taskPeople,
		about: "everybody, or who has a login or an address", example: "--vendor webex users list --email kim@example.com"},
	{words: []string{"users", "get"}, args: "ID", follows: []string{"users"}, least: 1, most: 1, do: getUser, looks: true, task: taskPeople,
		about: "one person, with --json in full", example: "--vendor avaya --json users get login:kim@example.com"},
	{words: []string{"users", "create"}, args: "--login L [--first F] [--last N] [--display D] [--email E] [--enabled=BOOL] [--role R]... " +
		"[--password-env VAR] [--field NAME=JSON]... [--no-wait]",
		flags: specFlags, do: createUser, task: taskPeople,
		about: "a new user, in effect when it ends", example: "--vendor avaya users create --login kim@x.org --first Kim --last Park"},
	{words: []string{"users", "update"}, args: "ID [--login L] [--first F] ... [--clear NAME]... [--field NAME=JSON]... [--no-wait]",
		follows: []string{"users"},
		least:   1, most: 1, flags: changeFlags, do: updateUser, task: taskPeople,
		about: "changes what is named, nothing else", example: "--vendor liveperson users update login:kim --display Kimmy"},
	{words: []string{"users", "delete"}, args: "ID [--no-wait]", follows: []string{"users"}, least: 1, most: 1, flags: []string{"no-wait"},
		do: deleteUser, task: taskPeople,
		about: "deletes a user, gone when it ends", example: "--vendor libh3lp users delete login:kim"},
}

var linkVerbs = []verb{
	{words: []string{"targets", "list"}, args: "[--kind KIND] [--name TEXT]", flags: []string{"kind", "name"}, do: listTargets, looks: true,
		task:  taskLinks,
		about: "what people can be assigned to", example: "--vendor webex targets list --kind queue"},
	{words: []string{"assignments", "list"}, args: "(--user ID | --target KIND:ID)", flags: []string{"user", "target"}, do: listAssignments,
		looks: true, task: taskLinks,
		about: "what a person staffs, or who staffs a target", example: "--vendor avaya assignments list --user login:kim@x.org"},
	{words: []string{"assignments", "add"}, args: "KIND:ID[@LEVEL] USER [USER...]", follows: []string{"targets", "users"}, least: 2, most: -1,
		do: changeAssignments(core.AssignmentStore.Assign), task: taskLinks,
		about: "assigns people to a target", example: "--vendor avaya assignments add queue:name:Sales@3 login:kim@x.org"},
	{words: []string{"assignments", "remove"}, args: "KIND:ID USER [USER...]", follows: []string{"targets", "users"}, least: 2, most: -1,
		do: changeAssignments(core.AssignmentStore.Unassign), task: taskLinks,
		about: "takes people off a target", example: "--vendor liveperson assignments remove skill:name:Billing login:kim"},
	{words: []string{"assignments", "suspend"}, args: "KIND:ID USER [USER...]", follows: []string{"targets", "users"}, least: 2, most: -1,
		do: changeAssignments(core.AssignmentStore.Suspend), task: taskLinks,
		about: "keeps the link without work coming through", example: "--vendor webex assignments suspend queue:name:Support login:kim@x.org"},
	{words: []string{"assignments", "resume"}, args: "KIND:ID USER [USER...]", follows: []string{"targets", "users"}, least: 2, most: -1,
		do: changeAssignments(core.AssignmentStore.Resume), task: taskLinks,
		about: "lets work come through it again", example: "--vendor webex assignments resume queue:name:Support login:kim@x.org"},
}

var presenceVerbs = []verb{
	{words: []string{"presence", "get"}, args: "USER", follows: []string{"users"}, least: 1, most: 1, do: getPresence, looks: true,
		task:  taskPresence,
		about: "whether a person can take work", example: "--vendor liveperson presence get login:kim"},
	{words: []string{"presence", "set"}, args: "USER available|busy|away|dnd|offline", follows: []string{"users", "availabilities"}, least: 2,
		most: 2, do: setPresence, task: taskPresence,
		about: "sets a person's presence", example: "--vendor lucs presence set login:sip:kim@x.org away"},
	{words: []string{"presence", "block"}, args: "USER", follows: []string{"users"}, least: 1, most: 1, do: block, task: taskPresence,
		about: "lets no work come, and prints a record", example: "--vendor webex --json presence block login:kim@x.org > kim.block"},
	{words: []string{"presence", "unblock"}, args: "USER [--record FILE]", follows: []string{"users"}, least: 1, most: 1,
		flags: []string{"record"}, do: unblock, task: taskPresence,
		about: "lifts every block, or the recorded one", example: "--vendor webex presence unblock login:kim@x.org --record kim.block"},
}

var fleetVerbs = []verb{
	{words: []string{"census"}, args: "[--person KEY]...", flags: []string{"person", "rate"}, job: takeCensus, looks: true, task: taskFleet,
		about: "everybody, and whether each list is whole", example: "--vendor avaya,webex census --person kim@example.com"},
	{words: []string{"watch"}, args: "[--every D] [--for D] [--person KEY]...", flags: []string{"person", "every", "for", "rate"},
		job: watchFleet, looks: true, task: taskFleet,
		about: "what changes, as it is seen", example: "--vendor avaya,webex watch --every 5m --for 8h"},
}

var jobVerbs = []verb{
	{words: []string{"plan"}, args: "WANT.json|PEOPLE.csv [--out PLAN.json] [--force] [--actor TEXT] [--why TEXT] [--expires D] " +
		"[--password-env VAR]", follows: []string{"files"},
		least: 1, most: 1, flags: []string{"out", "force", "actor", "why", "expires", "password-env", "rate"}, job: makePlan, looks: true,
		task:  taskJobs,
		about: "what would be done, to read and to apply", example: "--vendor avaya,webex plan leavers.json --why 'ticket 4711'"},
	{words: []string{"show"}, args: "PLAN.json", follows: []string{"files"}, least: 1, most: 1, job: showPlan, looks: true, task: taskJobs,
		about: "what a plan would do; offline", example: "show leavers.plan.json"},
	{words: []string{"doctor"}, args: "PLAN.json", follows: []string{"files"}, least: 1, most: 1, flags: []string{"rate"}, job: examinePlan,
		looks: true, task: taskJobs,
		about: "whether the credentials have what it needs", example: "--vendor avaya,webex doctor leavers.plan.json"},
	{words: []string{"apply"}, args: "PLAN.json [--journal FILE] [--workers N] [--urgent] [budget]", follows: []string{"files"}, least: 1,
		most: 1, flags: runFlags, job: applyPlan, task: taskJobs,
		about: "does it; again after a crash it resumes", example: "--vendor avaya,webex apply leavers.plan.json --most users.delete=5"},
	{words: []string{"status"}, args: "PLAN-ID [--journal FILE]", least: 1, most: 1, flags: []string{"journal"}, job: showStatus, looks: true,
		task:  taskJobs,
		about: "what is done, open, unknown; sends nothing", example: "status sha256:0f3a... --journal leavers.journal"},
	{words: []string{"undo"}, args: "PLAN-ID [--journal FILE] [--workers N] [--urgent] [budget]", least: 1, most: 1, flags: runFlags,
		job: undoPlan, task: taskJobs,
		about: "takes back what a plan did", example: "--vendor avaya,webex undo sha256:0f3a..."},
	{words: []string{"reap"}, args: "[--journal FILE] [--workers N] [--urgent]", flags: reapFlags, job: reapLeases, task: taskJobs,
		about: "undoes the leases that are due", example: "--vendor avaya,webex reap"},
}

var proofVerbs = []verb{
	{words: []string{"receipt"}, args: "PERSON [--journal FILE] [--out FILE] [--sign-key FILE]", least: 1, most: 1,
		flags: []string{"journal", "out", "sign-key"}, job: writeReceipt, looks: true, task: taskProof,
		about: "the proof of what was done for a person", example: "receipt kim@example.com --out kim.receipt --sign-key audit.pem"},
	{words: []string{"verify"}, args: "RECEIPT [--key FILE]...", follows: []string{"files"}, least: 1, most: 1, flags: []string{"key"},
		job: verifyReceipt, looks: true, task: taskProof,
		about: "whether a receipt is genuine; offline", example: "verify kim.receipt --key audit.pub"},
	{words: []string{"recheck"}, args: "RECEIPT", follows: []string{"files"}, least: 1, most: 1, flags: []string{"rate"}, job: recheckReceipt,
		looks: true, task: taskProof,
		about: "looks again, and says who is back", example: "--vendor avaya,webex recheck kim.receipt"},
}

var programVerbs = []verb{
	{words: []string{"vendors"}, looks: true, task: taskProgram, local: printVendors,
		about: "what each vendor offers, and what not", example: "vendors"},
	{words: []string{"help"}, args: "[COMMAND]", follows: []string{"commands"}, most: 2, looks: true, task: taskProgram, local: help,
		about: "all commands, or one with its flags", example: "help users create"},
	{words: []string{"version"}, looks: true, task: taskProgram, local: printVersion,
		about: "which rollcall this is", example: "version"},
	{words: []string{"completion"}, args: "bash|zsh|fish", follows: []string{"shells"}, least: 1, most: 1, looks: true, task: taskProgram,
		local: printCompletion,
		about: "a script that completes commands", example: "completion bash > rollcall.bash"},
}

// verb finds the command that the words name.
func (c *command) verb() (verb, error) {
	if v, ok := verbOf(c.words); ok {
		return v, nil
	}
	typed := strings.Join(c.words[:min(2, len(c.words))], " ")
	return verb{}, usagef("no command %q%s; rollcall help lists them", typed, perhapsVerb(c.words))
}

// verbOf is the command whose words these begin with.
func verbOf(words []string) (verb, bool) {
	for _, v := range verbs {
		if len(words) >= len(v.words) && slices.Equal(words[:len(v.words)], v.words) {
			return v, true
		}
	}
	return verb{}, false
}

// perhapsVerb names the command that may be meant, or what goes with a first word that
// stands alone.
func perhapsVerb(words []string) string {
	var second, names []string
	for _, v := range verbs {
		names = append(names, v.String())
		if v.words[0] == words[0] && len(v.words) == 2 {
			second = append(second, v.words[1])
		}
	}
	if len(words) == 1 && len(second) > 0 {
		return fmt.Sprintf("; %s goes with %s", words[0], orList(second))
	}

	quoted := func(word string) string { return fmt.Sprintf("%q", word) }
	if len(second) > 0 {
		return meant.Perhaps(words[1], second, func(word string) string { return quoted(words[0] + " " + word) })
	}
	if len(words) > 1 {
		if text := meant.Perhaps(words[0]+" "+words[1], names, quoted); text != "" {
			return text
		}
	}
	return meant.Perhaps(words[0], names, quoted)
}

// orList is "a, b or c".
func orList(words []string) string { return listed(words, " or ") }

// andList is "a, b and c".
func andList(words []string) string { return listed(words, " and ") }

func listed(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + last + words[len(words)-1]
}
