package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// takeCensus prints everybody, or the people who are asked for, and a certificate for
// each account. What fails at one account hides nothing of the others.
func takeCensus(ctx context.Context, j *job) error {
	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)

	stop := j.p.progress(j.words)
	defer stop()
	opts, done := j.knownTo("")
	defer done()

	census, failed := roster.Take(ctx, f, append(opts, j.only()...)...)
	stop()
	if census == nil {
		return failed
	}

	ambiguous := j.ambiguous(census)
	if j.json {
		err = census.WriteJSON(j.p.out)
	} else {
		err = j.printCensus(census)
	}
	if err != nil && j.p.out.err == nil {
		return err
	}
	if failed == nil {
		j.tellAbsent(census)
	}
	return errors.Join(ambiguous, failed)
}

// only limits a census to the people whom the flags name.
func (j *job) only() []roster.CensusOption {
	if len(j.people) == 0 {
		return nil
	}
	return []roster.CensusOption{roster.Only(j.people...)}
}

// ambiguous is the error of names that mean several people.
func (j *job) ambiguous(census *roster.Census) error {
	var errs []error
	for _, name := range j.people {
		if _, err := census.Person(name); err != nil && !errors.Is(err, core.ErrNotFound) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// tellAbsent names the unknown people: a misspelt name must not go unnoticed.
func (j *job) tellAbsent(census *roster.Census) {
	if names := census.Absent(); len(names) > 0 {
		j.p.note("note: nobody is called " + jobs.Printable(strings.Join(names, " or ")) + " at any account; look whether it is spelt right")
	}
}

// printCensus prints tables for people: who is where, what the people staff who were
// asked for, and how far each list can be believed.
func (j *job) printCensus(census *roster.Census) error {
	out := j.text()
	people, ambiguous := 0, 0
	t := j.p.table(censusColumns)
	for p := range census.People() {
		people++
		name := p.Key
		for _, account := range census.Accounts() {
			u, there := p.Accounts[account]
			if !there {
				continue
			}
			if p.Key == account+":"+u.ID {
				ambiguous++
				name = cmp.Or(u.Email, u.Login) + " (?)"
			}
			t.row(cmp.Or(nameOf(u), "-"), name, account, strconv.Itoa(len(census.Links(account, u.ID))), u.ID)
			name = same
		}
	}

	if people == 0 {
		fmt.Fprintln(out, "nobody found")
	} else {
		t.flush(nil)
	}
	if len(j.people) > 0 {
		j.printLinks(out, census)
	}

	fmt.Fprintln(out)
	j.printProofs(out, census)
	fmt.Fprintln(out, censusSentence(census, people, ambiguous, len(j.people) > 0))
	return nil
}

// nameOf is a user's name for people; some vendors have none.
func nameOf(u core.User) string {
	return cmp.Or(strings.TrimSpace(u.FirstName+" "+u.LastName), u.DisplayName)
}

// printLinks prints what people staff, and whether they are blocked.
func (j *job) printLinks(out io.Writer, census *roster.Census) {
	for p := range census.People() {
		for _, account := range census.Accounts() {
			u, there := p.Accounts[account]
			if !there {
				continue
			}

			fmt.Fprintf(out, "\n%s at %s\n", cmp.Or(nameOf(u), u.Login, u.ID), account)
			for _, a := range census.Links(account, u.ID) {
				fmt.Fprintf(out, "  staffs %s\n", linkText(a))
			}
			if is, read := census.Presence(account, u.ID); read {
				fmt.Fprintf(out, "  is %s\n", presenceText(is))
			}
		}
	}
}

// linkText is a link in words, the target's name before its id.
func linkText(a core.Assignment) string {
	text := string(a.Target.Kind) + " "
	if a.Target.Name != "" && a.Target.Name != a.Target.ID {
		text += fmt.Sprintf("%s (%s)", a.Target.Name, a.Target.ID)
	} else {
		text += a.Target.ID
	}
	if a.Level != nil {
		text += fmt.Sprintf(", level %d", *a.Level)
	}
	if a.Suspended {
		text += ", suspended"
	}
	return text
}

// presenceText is a presence in words. What the vendor does not say is left out.
func presenceText(p core.Presence) string {
	text := cmp.Or(string(p.Availability), "of unknown availability")
	if p.Blocked != nil && *p.Blocked {
		text += ", blocked"
	}
	return text
}

// printProofs prints the verdict on each account, and why.
func (j *job) printProofs(out io.Writer, census *roster.Census) {
	for _, account := range census.Accounts() {
		proof := census.Proof(account)
		fmt.Fprintf(out, "%s: %s, %s\n", account, proof.Verdict, counted(proof.Users, "user", "users"))

		named := longIDs(census, account)
		for _, why := range proof.Why {
			fmt.Fprintln(out, jobs.Wrap(named.Replace(why), 80, "  ", "    "))
		}
	}
}

// longIDs replaces the ids of an account that nobody can read by the names of their
// people and targets.
func longIDs(census *roster.Census, account string) *strings.Replacer {
	const long = 20
	var pairs []string
	for p := range census.People() {
		u, there := p.Accounts[account]
		if !there {
			continue
		}

		if len(u.ID) >= long {
			pairs = append(pairs, u.ID, cmp.Or(u.Login, u.ID))
		}
		for _, a := range census.Links(account, u.ID) {
			if len(a.Target.ID) >= long {
				pairs = append(pairs, a.Target.ID, cmp.Or(a.Target.Name, a.Target.ID))
			}
		}
	}
	return strings.NewReplacer(pairs...)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// censusSentence says what the census is good for.
func censusSentence(census *roster.Census, people, ambiguous int, some bool) string {
	text := fmt.Sprintf("%s at %s.", counted(people, "person", "people"), counted(len(census.Accounts()), "account", "accounts"))
	if some {
		text = fmt.Sprintf("%s found; %s asked.", counted(people, "person was", "people were"), counted(len(census.Accounts()), "account was",
			"accounts were"))
	}
	if ambiguous > 0 {
		text += fmt.Sprintf(" %d share a name at one account (?): name one of them as ACCOUNT:ID.", ambiguous)
	}

	unsure := slices.DeleteFunc(census.Accounts(), func(account string) bool {
		list := census.Fleet()[account].Capabilities().Of(core.OpListUsers)
		return census.Proof(account).Verdict == roster.Complete && !list.Partial
	})
	switch {
	case some:
	case len(unsure) == 0:
		text += " Every list is proven whole: who is not in it is not there."
	default:
		text += fmt.Sprintf(" The list of %s is not proven whole: a plan takes nobody for gone because of it.", strings.Join(unsure, ", "))
	}
	return jobs.Wrap(text, 80, "", "")
}
