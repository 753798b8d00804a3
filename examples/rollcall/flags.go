package main

import (
	"slices"
)

// flagText is a flag as help and completion tell it. What it does to a command is in
// define.
type flagText struct {
	name   string
	arg    string // what its value is; empty for a switch
	about  string // what it does, with the unit
	values string // what completes its value: see values in complete.go
}

// String is the flag as it is typed.
func (f flagText) String() string {
	if f.arg == "" {
		return "--" + f.name
	}
	return "--" + f.name + " " + f.arg
}

// commonTexts are the flags that may stand with every command.
var commonTexts = []flagText{
	{"vendor", "NAMES", "which vendor to talk to; for a job several, with commas", "vendors"},
	{"account", "NAME=VENDOR", "an account with a name of its own, whose variables have NAME_ before them; with a profile, NAME alone is " +
		"one of its accounts", "accounts"},
	{"profile", "NAME", "accounts and settings from the file that ROLLCALL_CONFIG names (ROLLCALL_PROFILE is its default)", "profiles"},
	{"sim", "", "talk to embedded simulators with sample data", ""},
	{"json", "", "one JSON object per line; an error is the last line of standard error", ""},
	{"timeout", "D", "bound of the whole command, such as 30s or 5m (60s; none for a job)", ""},
	{"max-attempts", "N", "how often one request is sent at most (4)", ""},
	{"max-wait", "D", "longest single wait that the vendor may ask for (2m)", ""},
	{"poll", "D", "first poll interval while a change takes effect", ""},
	{"log", "", "log attempts to standard error", ""},
}

// ownTexts are the flags that belong to some commands.
var ownTexts = []flagText{
	{"login", "LOGIN", "the login, in any case", ""},
	{"first", "NAME", "the first name", ""},
	{"last", "NAME", "the last name", ""},
	{"display", "NAME", "the display name", ""},
	{"email", "ADDRESS", "the e-mail address", ""},
	{"enabled", "[=BOOL]", "whether the user may log in: --enabled or --enabled=false", ""},
	{"role", "ROLE", "a role, in the vendor's words; again for more", ""},
	{"password-env", "VAR", "the environment variable that holds the first password", "variables"},
	{"clear", "FIELD", "empty a field, by its neutral or its wire name; again for more", "fields"},
	{"field", "NAME=JSON", "set a field of the vendor by its wire name; again for more", ""},
	{"no-wait", "", "return when the change is accepted, before it is in effect", ""},
	{"user", "USER", "the user, as an id or login:LOGIN", "users"},
	{"target", "KIND:ID", "the target, as KIND:ID or KIND:name:NAME", "targets"},
	{"record", "FILE", "the record that block printed, - for standard input: restore just that", "files"},
	{"kind", "KIND", "only targets of this kind", "kinds"},
	{"name", "TEXT", "only targets with this name", ""},

	{"person", "KEY", "only this person, by e-mail address, login or ACCOUNT:ID; again for more", ""},
	{"rate", "ACCOUNT=N[/B]", "the limit of an account: N requests a second, B at once", "accounts"},
	{"out", "FILE", "the file to write", "files"},
	{"force", "", "overwrite the file", ""},
	{"actor", "TEXT", "who wants it, for the record", ""},
	{"why", "TEXT", "why, for the record", ""},
	{"expires", "D", "how long the plan may be begun, such as 48h (for ever)", ""},
	{"journal", "FILE", "the journal (rollcall.journal beside the plan, or in this folder)", "files"},
	{"workers", "N", "how many requests are under way at once (8)", ""},
	{"urgent", "", "overtake other jobs under the same rate limit", ""},
	{"most", "OP=N", "at most N of an operation, such as users.delete=5; again for more", "operations"},
	{"share", "OP=PERCENT", "at most so many per cent of an account; again for more", "operations"},
	{"over", "D", "the time that a budget counts over (24h)", ""},
	{"protect", "PERSON", "nobody may touch this person; again for more", ""},
	{"release", "PLAN-ID", "the plan that may exceed the budget, once", ""},
	{"sign-key", "FILE", "the private key to sign with: ed25519 in PEM (PKCS #8)", "files"},
	{"key", "FILE", "a public key that counts: ed25519 in PEM (PKIX); again for more", "files"},
	{"every", "D", "the time between two looks (1m)", ""},
	{"for", "D", "how long to watch (until interrupted)", ""},
}

// commonFlags may stand with every command.
var commonFlags = append(namesOf(commonTexts), "help", "h", "version")

// allFlags are the names of all flags.
var allFlags = slices.Concat(commonFlags, namesOf(ownTexts))

func namesOf(texts []flagText) []string {
	names := make([]string, len(texts))
	for i, f := range texts {
		names[i] = f.name
	}
	return names
}

// textsOf are the flags with these names, in the order of the table.
func textsOf(names []string) []flagText {
	var out []flagText
	for _, f := range ownTexts {
		if slices.Contains(names, f.name) {
			out = append(out, f)
		}
	}
	return out
}

// flagNamed finds a flag by its name.
func flagNamed(name string) (flagText, bool) {
	all := slices.Concat(commonTexts, ownTexts)
	i := slices.IndexFunc(all, func(f flagText) bool { return f.name == name })
	if i < 0 {
		return flagText{}, false
	}
	return all[i], true
}
