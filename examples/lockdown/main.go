// Command lockdown keeps work away from a person at every vendor at once, as in
// an incident, and later restores exactly what it changed.
//
//	go run ./examples/lockdown -sim
//	go run ./examples/lockdown -record kim.journal avaya=kim@example.com liveperson=kim.park
//	go run ./examples/lockdown -restore kim.journal
//
// The record is a journal of core/roster: it tells a link that this block suspended from
// one that was suspended before, also where the program was killed half-way. A block that
// is repeated adds to it and loses nothing. With -for 2h the block is a lease, which
// rollcall reap ends in time. On the simulators, which end with the program, it blocks
// and restores in one go.
//
// Exit: 0 done everywhere; 1 failed; 2 wrong usage or settings; 3 not everywhere.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

func main() {
	var s settings
	flag.BoolVar(&s.sim, "sim", false, "use the simulators")
	flag.StringVar(&s.record, "record", "", "keep what was changed in this `file`")
	flag.StringVar(&s.restore, "restore", "", "undo what this `file` records")
	flag.DurationVar(&s.lease, "for", 0, "how long the block lasts; rollcall reap then ends it")
	fleet.Usage(`lockdown -sim | -record FILE [-for D] VENDOR=LOGIN... | -restore FILE

exit: 0 done everywhere; 1 failed; 2 wrong usage or settings; 3 not everywhere
`)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(s.run(core.WithPriority(ctx, core.Urgent), os.Stdout, flag.Args()))
}

// settings are the command line.
type settings struct {
	sim             bool
	record, restore string
	lease           time.Duration
}

func (s settings) run(ctx context.Context, out io.Writer, args []string) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(out, "lockdown:", err)
		return code
	}
	if s.record == "" && s.restore == "" && !s.sim {
		return fail(jobs.ExitUsage, errors.New("-record is missing: without it the block cannot be undone exactly"))
	}
	if _, err := os.Stat(s.restore); s.restore != "" && err != nil {
		return fail(jobs.ExitUsage, err)
	}
	var people []fleet.Person
	if s.restore == "" {
		var err error
		if people, err = fleet.ParsePeople(args, s.sim); err != nil {
			return fail(jobs.ExitUsage, err)
		}
	}
	journal, done, err := jobs.OpenJournal(s.record+s.restore, s.sim && s.record+s.restore == "")
	if err != nil {
		return fail(jobs.ExitUsage, err)
	}
	defer done()

	members, logins := fleet.Group(people)
	if s.restore != "" {
		if members, err = recorded(ctx, journal); err != nil {
			return fail(jobs.ExitFailed, err)
		}
		if len(members) == 0 {
			fmt.Fprintln(out, "the record names nothing that was changed: there is nothing to restore")
			return jobs.ExitDone
		}
	}
	f, end, err := fleet.Open(members, fleet.Settings{Getenv: os.Getenv, BlockLog: roster.BlockLog}, s.sim)
	if err != nil {
		return fail(jobs.ExitUsage, err)
	}
	defer end(ctx)

	run := roster.Run{Fleet: f, Journal: journal, Workers: 32, Progress: jobs.NewProgress(nil, out).Step}
	if s.restore != "" {
		return restore(ctx, out, run)
	}
	code := s.block(ctx, out, run, logins)
	if s.sim {
		return max(code, restore(ctx, out, run))
	}
	return code
}

// block blocks people at all accounts at once. What one account meets does not stop the
// others.
func (s settings) block(ctx context.Context, out io.Writer, run roster.Run, logins map[string][]string) int {
	accounts := slices.Sorted(maps.Keys(logins))
	reports := make([]*roster.Report, len(accounts))
	errs := make([]error, len(accounts))
	var wait sync.WaitGroup
	for i, account := range accounts {
		wait.Go(func() { reports[i], errs[i] = s.blockAt(ctx, run, account, logins[account]) })
	}
	wait.Wait()

	code := jobs.ExitDone
	for i := range accounts {
		if tell(out, accounts[i], reports[i], errs[i]) != jobs.ExitDone {
			code = jobs.ExitPartial
		}
	}
	if code != jobs.ExitDone {
		fmt.Fprintln(out, "NOT blocked everywhere: see above")
	}
	return code
}

// blockAt blocks people at one account: elsewhere the same login may be somebody else's.
func (s settings) blockAt(ctx context.Context, run roster.Run, account string, logins []string) (*roster.Report, error) {
	run.Fleet = roster.Fleet{account: run.Fleet[account]}
	census, err := roster.Take(ctx, run.Fleet, roster.Only(logins...))
	if err != nil {
		return nil, err
	}
	want := roster.Want{Blocked: logins}
	if s.lease > 0 {
		want.Until = time.Now().Add(s.lease)
	}
	plan, err := want.Plan(census)
	if err != nil {
		return nil, err
	}
	plan.Why = "lockdown"
	return run.Apply(ctx, plan)
}

// restore takes back what the plans of a journal changed, where it is still so.
func restore(ctx context.Context, out io.Writer, run roster.Run) int {
	code := jobs.ExitDone
	plans, err := core.Collect(run.Journal.Plans(ctx))
	if err != nil {
		fmt.Fprintln(out, "lockdown:", err)
		return jobs.ExitFailed
	}
	for _, p := range plans {
		if p.Undoes != "" {
			continue
		}
		report, err := run.Undo(ctx, p.ID())
		if tell(out, "restored", report, err) != jobs.ExitDone {
			code = jobs.ExitPartial
		}
	}
	return code
}

// recorded are the accounts of a journal's plans.
func recorded(ctx context.Context, journal roster.Journal) ([]fleet.Member, error) {
	names := map[string]bool{}
	for p, err := range journal.Plans(ctx) {
		if err != nil {
			return nil, err
		}
		for _, s := range p.Steps {
			names[s.Account] = true
		}
	}
	var members []fleet.Member
	for _, name := range slices.Sorted(maps.Keys(names)) {
		v, err := fleet.Named(name)
		if err != nil {
			return nil, err
		}
		members = append(members, fleet.Member{Name: name, Vendor: v})
	}
	return members, nil
}

// tell says what a run left, and returns its exit code.
func tell(out io.Writer, what string, report *roster.Report, err error) int {
	fmt.Fprintf(out, "%s: ", what)
	if report != nil {
		report.WriteText(out)
	}
	if err != nil {
		fmt.Fprintln(out, err)
	}
	return jobs.Exit(report, err)
}
