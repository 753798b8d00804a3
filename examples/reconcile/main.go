// Command reconcile brings accounts to what a file says, as a nightly job does: it tells
// what differs and who changed it, and does it within a budget.
//
//	go run ./examples/reconcile -sim -vendor libh3lp,liveperson examples/reconcile/want.json
//	go run ./examples/reconcile -vendor libh3lp,liveperson want.json        # says what it would do
//	go run ./examples/reconcile -yes -vendor libh3lp,liveperson want.json
//
// The journal tells drift (somebody else changed it) from a want that changed. What
// somebody changes back again and again is left alone and told. Over budget nothing is
// written; whoever has read the plan releases that one: -release PLAN-ID, within a day.
//
// Exit: 0 all is as it is wanted; 1 failed; 2 wrong usage or settings; 3 partly; 4 over
// budget, nothing was written; 5 the world has moved.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

func main() {
	var n night
	flag.BoolVar(&n.sim, "sim", false, "use the simulators")
	flag.BoolVar(&n.yes, "yes", false, "do it; without this (and without -sim) it only says what it would do")
	flag.StringVar(&n.vendors, "vendor", "", "which vendors, separated by commas")
	flag.StringVar(&n.journal, "journal", "rollcall.journal", "the `file` that keeps what was done")
	flag.StringVar(&n.release, "release", "", "the `id` of a plan that was over budget and that somebody has read")
	fleet.Usage(`reconcile [-sim | -yes] -vendor V,V... [-release PLAN-ID] WANT.json

exit: 0 all is as it is wanted; 1 failed; 2 wrong usage or settings; 3 partly; 4 over
budget, nothing was written; 5 the world has moved
`)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(n.run(ctx, os.Stdout, flag.Arg(0)))
}

// budget is what one day may take away without somebody reading it.
var budget = roster.Budget{Limits: []roster.Limit{
	{Op: core.OpDeleteUser, Most: 5},
	{Op: core.OpUnassign, Share: 0.05}, // of an account's links
}}

// night is the command line.
type night struct {
	sim, yes                  bool
	vendors, journal, release string
}

func (n night) run(ctx context.Context, out io.Writer, file string) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(out, "reconcile:", err)
		return code
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fail(jobs.ExitUsage, err)
	}
	want, err := roster.ParseWant(data)
	if err != nil {
		return fail(jobs.ExitUsage, err) // every bad row, before anything is asked
	}

	members, err := fleet.ParseMembers(n.vendors, nil)
	if err != nil {
		return fail(jobs.ExitUsage, err)
	}
	f, end, err := fleet.Open(members, fleet.Settings{Getenv: os.Getenv, BlockLog: roster.BlockLog}, n.sim)
	if err != nil {
		return fail(jobs.ExitUsage, err)
	}
	defer end(ctx)
	journal, done, err := jobs.OpenJournal(n.journal, n.sim)
	if err != nil {
		return fail(jobs.ExitUsage, err)
	}
	defer done()

	run := roster.Run{Fleet: f, Journal: journal, Budget: budget, Secrets: jobs.Passwords(os.Getenv), Progress: jobs.NewProgress(nil,
		out).Step}
	run.Budget.Release = n.release
	report, err := n.reconcile(ctx, out, run, want)
	if err != nil {
		return fail(jobs.Exit(report, err), err)
	}
	return jobs.Exit(report, nil)
}

// reconcile is one night. The report is nil where nothing was to be done.
func (n night) reconcile(ctx context.Context, out io.Writer, run roster.Run, want roster.Want) (*roster.Report, error) {
	plan, err := n.plan(ctx, out, run, want)
	if err != nil {
		return nil, err
	}
	plan.WriteText(out)
	fmt.Fprintln(out, "plan", plan.ID())
	if !n.yes && !n.sim {
		return nil, nil
	}
	report, err := run.Apply(ctx, plan)
	if report != nil {
		report.WriteText(out)
	}
	return report, err
}

// plan compares the want with a census, and tells who changed what. A plan that is to be
// released is the one that was read: it waits beside the journal.
func (n night) plan(ctx context.Context, out io.Writer, run roster.Run, want roster.Want) (roster.Plan, error) {
	waiting := filepath.Join(filepath.Dir(n.journal), "reconcile.plan.json")
	if n.release != "" {
		data, err := os.ReadFile(waiting)
		if err != nil {
			return roster.Plan{}, err
		}
		return roster.ParsePlan(data)
	}

	census, err := roster.Take(ctx, run.Fleet, roster.KnownTo(run.Journal))
	if err != nil {
		return roster.Plan{}, err
	}
	findings, err := want.Drift(census)
	if err != nil {
		return roster.Plan{}, err
	}
	for _, f := range findings {
		fmt.Fprintf(out, "%s at %s, %s: %s\n", f.Person, f.Account, f.What, f.Cause)
	}

	plan, err := want.Plan(census)
	if err != nil {
		return roster.Plan{}, err
	}
	plan.Why, plan.Expires = "reconcile", plan.Made.Add(24*time.Hour)
	if n.sim {
		return plan, nil
	}
	data, err := plan.Encode()
	if err != nil {
		return roster.Plan{}, err
	}
	return plan, jobs.WritePrivate(waiting, data)
}
