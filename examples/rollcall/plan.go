package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// makePlan compares a want with a census, and writes what would be done into a file.
func makePlan(ctx context.Context, j *job) error {
	members, err := j.members(ctx, j.getenv, j.io)
	if err != nil {
		return err
	}

	want, err := j.readWant(j.arg(0), members)
	if err != nil {
		return err
	}

	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)

	stop := j.p.progress(j.words)
	defer stop()

	file := j.out
	if file == "" {
		file = strings.TrimSuffix(j.arg(0), filepath.Ext(j.arg(0))) + ".plan.json"
	}
	known, done := j.knownTo(file)
	defer done()
	census, err := roster.Take(ctx, f, known...)
	if err != nil {
		return err
	}

	plan, err := want.Plan(census)
	if err != nil {
		return err
	}
	drift, err := want.Drift(census)
	if err != nil {
		return err
	}

	plan.Actor, plan.Why = j.actor, j.why
	if j.expires > 0 {
		plan.Expires = plan.Made.Add(j.expires)
	}
	if err := writePlan(file, plan, j.force); err != nil {
		return err
	}

	stop() // the result must not be mixed with the progress
	if !j.json {
		j.printDrift(drift)
	}
	return j.printPlan(plan, file, absent(want, census), fleet.Total(fleet.Forecast(f, plan)))
}

// printDrift says why what is planned is not so already, where the journal knows what was
// applied last.
func (j *job) printDrift(drift []roster.Finding) {
	for _, f := range drift {
		if f.Cause == roster.CauseNew || f.Cause == roster.CauseFight || len(f.Times) == 0 { // a gap tells of a fight
			continue
		}
		text := fmt.Sprintf("%s at %s, %s: %s since it was applied on %s", f.Person, f.Account, f.What, f.Cause,
			f.Times[len(f.Times)-1].Local().Format(time.DateTime))
		fmt.Fprintln(j.text(), jobs.Wrap(text, 80, "", "  "))
	}
}

// knownTo lets the census ask for the people whom the journal beside the plan names, where
// there is one that can be read: a list that lacks one of them is not whole.
func (j *job) knownTo(plan string) (opts []roster.CensusOption, done func()) {
	journal, err := roster.OpenFile(j.journalPath(plan), roster.ReadOnly())
	if err != nil {
		return nil, func() {}
	}
	if journal.Damage() == nil {
		opts = append(opts, roster.KnownTo(journal))
	}
	return opts, func() { journal.Close() }
}

// readWant reads a want, or a file of people for the one account that the flags name.
func (j *job) readWant(path string, members []fleet.Member) (roster.Want, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return roster.Want{}, usagef("the want cannot be read: %v", err)
	}

	var want roster.Want
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		if len(members) != 1 {
			return want, usagef("a file of people is for one account; the flags name %d", len(members))
		}
		if want.Have, err = jobs.ReadPeople(bytes.NewReader(data), members[0].Name); err != nil {
			return want, usagef("%s: %v", path, err)
		}
		err = want.Check()
	} else {
		want, err = roster.ParseWant(data)
	}

	if err != nil {
		return want, err
	}
	if err := hasAccounts(want, members); err != nil {
		return want, err
	}

	for i, h := range want.Have {
		at := slices.IndexFunc(members, func(m fleet.Member) bool { return m.Name == h.Account })
		if h.Password == "" && members[at].Vendor.TakesPassword {
			want.Have[i].Password = j.variable
		}
	}
	return want, nil
}

// hasAccounts refuses a want of an account that the flags do not name, before anything
// is read from a vendor.
func hasAccounts(want roster.Want, members []fleet.Member) error {
	known := map[string]bool{}
	for _, m := range members {
		known[m.Name] = true
	}
	check := func(place, account string) error {
		if known[account] {
			return nil
		}
		return usagef("want: %s: there is no account %q; --vendor or --account names the accounts", place, account)
	}

	for i, h := range want.Have {
		if err := check(fmt.Sprintf("have[%d]", i), h.Account); err != nil {
			return err
		}
	}

	for i, m := range want.Members {
		if err := check(fmt.Sprintf("members[%d]", i), m.Account); err != nil {
			return err
		}
	}

	for _, person := range slices.Sorted(maps.Keys(want.Change)) {
		for _, account := range slices.Sorted(maps.Keys(want.Change[person])) {
			if err := check("change."+person, account); err != nil {
				return err
			}
		}
	}

	return nil
}

// absent are the names that are to be gone and that nobody has anywhere: one of them may
// be misspelt.
func absent(want roster.Want, census *roster.Census) []string {
	names := []string{}
	for _, name := range want.Gone {
		if _, err := census.Person(name); errors.Is(err, core.ErrNotFound) {
			names = append(names, name)
		}
	}
	return names
}

// writePlan puts a plan's file in place. One that is there already stays, unless it says
// to do the same or is to be overwritten.
func writePlan(path string, plan roster.Plan, force bool) error {
	data, err := plan.Encode()
	if err != nil {
		return err
	}
	parsed, err := roster.ParsePlan(data)
	if err != nil {
		return err // nobody could apply it
	}

	if !force {
		if err := replaces(path, parsed); err != nil {
			return err
		}
	}
	if err := jobs.WritePrivate(path, data); err != nil {
		return usagef("the plan cannot be written: %v", err)
	}
	return nil
}

func replaces(path string, plan roster.Plan) error {
	there, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}

	if err == nil {
		var old roster.Plan
		if old, err = roster.ParsePlan(there); err == nil && sameWork(old, plan) {
			return nil
		}
	}
	return usagef("%s is there already and is not this plan; --force overwrites it, --out names another file", path)
}

// sameWork reports whether two plans hold the same steps and gaps.
func sameWork(a, b roster.Plan) bool {
	x, err1 := json.Marshal([]any{a.Steps, a.Gaps})
	y, err2 := json.Marshal([]any{b.Steps, b.Gaps})
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// printPlan prints each step and gap, and what the plan is in all.
func (j *job) printPlan(plan roster.Plan, file string, absent []string, forecast roster.Forecast) error {
	if !j.json {
		return j.printPlanText(plan, file, absent, forecast)
	}
	for _, s := range plan.Steps {
		j.p.line(map[string]any{"step": s})
	}
	for _, g := range plan.Gaps {
		j.p.line(map[string]any{"gap": g})
	}

	if absent == nil {
		absent = []string{}
	}

	var seconds *float64
	if forecast.Known && len(plan.Steps) > 0 {
		seconds = new(forecast.Took.Seconds())
	}
	j.p.line(map[string]any{"plan": map[string]any{
		"id": plan.ID(), "file": file, "steps": len(plan.Steps), "gaps": len(plan.Gaps),
		"calls": forecast.Calls, "seconds": seconds, "absent": absent,
	}})
	return nil
}

func (j *job) printPlanText(plan roster.Plan, file string, absent []string, forecast roster.Forecast) error {
	out := j.text()
	plan.WriteText(out)
	fmt.Fprintf(out, "plan %s\n", plan.ID())

	if forecast.Known && len(plan.Steps) > 0 {
		fmt.Fprintf(out, "At the pace that is known, its requests take %s.\n", forecast.Took.Round(time.Second))
	}
	if !plan.Expires.IsZero() {
		fmt.Fprintf(out, "It expires at %s.\n", plan.Expires.Format(time.RFC3339))
	}
	if len(absent) > 0 {
		fmt.Fprintf(out, "Nobody has the name %s at any account; look whether it is spelt right.\n", strings.Join(absent, " or "))
	}

	switch {
	case len(plan.Steps) > 0:
		fmt.Fprintf(out, "Nothing was changed. Read it, then: rollcall [flags] apply %s\n", file)
	case len(plan.Gaps) > 0:
		fmt.Fprintln(out, "No step can do what was asked; the gaps are left to people.")
	default:
		fmt.Fprintln(out, "There is nothing to do.")
	}
	return nil
}
