// Command shift hands a queue from one team to the next: whoever comes is added first,
// whoever goes is taken out only while enough others work there, and somebody who is in
// neither team stays where they are.
//
//	go run ./examples/shift -sim
//	go run ./examples/shift -vendor libh3lp -from ana,bo -to cy,di -floor 2 queue:34814        # says what it would do
//	go run ./examples/shift -yes -vendor libh3lp -from ana,bo -to cy,di -floor 2 queue:34814
//
// People are named by login or address. It can be run again after a failure, and rollcall
// undo PLAN-ID is the way back.
//
// Exit: 0 handed over; 1 failed; 2 wrong usage or settings; 3 partly; 5 the world has moved.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

func main() {
	var s shift
	flag.BoolVar(&s.sim, "sim", false, "use the simulator, with a sample shift where none is named")
	flag.BoolVar(&s.yes, "yes", false, "do it; without this (and without -sim) it only says what it would do")
	flag.StringVar(&s.vendor, "vendor", "", "which vendor")
	flag.StringVar(&s.from, "from", "", "the `team` that goes, separated by commas")
	flag.StringVar(&s.to, "to", "", "the `team` that comes")
	flag.IntVar(&s.floor, "floor", 1, "how many must work there at any time")
	flag.StringVar(&s.journal, "journal", "rollcall.journal", "the `file` that keeps what was done")
	fleet.Usage(`shift [-sim | -yes] -vendor V -from TEAM -to TEAM [-floor N] KIND:ID

exit: 0 handed over; 1 failed; 2 wrong usage or settings; 3 partly; 5 the world has moved
`)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(s.run(ctx, os.Stdout, flag.Arg(0)))
}

// shift is the command line.
type shift struct {
	sim, yes         bool
	vendor, from, to string
	floor            int
	journal          string
}

func (s shift) run(ctx context.Context, out io.Writer, target string) int {
	fail := func(err error) int {
		fmt.Fprintln(out, "shift:", err)
		return jobs.ExitUsage
	}
	if s.sim && target == "" {
		s.vendor, s.from, s.to, s.floor, target = "libh3lp", "desk-anna,desk-cy", "elif.demir,dylan.frost", 2, "queue:34814"
	}

	members, err := fleet.ParseMembers(s.vendor, nil)
	if err != nil {
		return fail(err)
	}
	want, err := s.want(target)
	if err != nil {
		return fail(err)
	}
	f, end, err := fleet.Open(members, fleet.Settings{Getenv: os.Getenv}, s.sim)
	if err != nil {
		return fail(err)
	}
	defer end(ctx)

	plan, err := handOver(ctx, f, want)
	if err != nil {
		fmt.Fprintln(out, "shift:", err)
		return jobs.Exit(nil, err)
	}
	plan.WriteText(out)
	if !s.yes && !s.sim {
		return jobs.ExitDone
	}

	journal, done, err := jobs.OpenJournal(s.journal, s.sim)
	if err != nil {
		return fail(err)
	}
	defer done()
	report, err := roster.Run{Fleet: f, Journal: journal, Progress: jobs.NewProgress(nil, out).Step}.Apply(ctx, plan)
	if report != nil {
		report.WriteText(out)
	}
	if err != nil {
		fmt.Fprintln(out, "shift:", err)
	}
	return jobs.Exit(report, err)
}

// want is that the team that comes staffs the target, and of the team that goes nobody
// who does not also come.
func (s shift) want(target string) (roster.Want, error) {
	to, err := core.ParseTarget(target)
	if err != nil {
		return roster.Want{}, err
	}
	if s.from == "" || s.to == "" {
		return roster.Want{}, errors.New("-from and -to name the two teams")
	}
	from, come := strings.Split(s.from, ","), strings.Split(s.to, ",")
	want := roster.Want{Members: []roster.Members{{
		Account: s.vendor, Target: to, Mode: roster.Exact, People: come,
		Within: slices.Concat(from, come), // who is in neither team stays
		Floor:  new(s.floor),              // a removal waits while too few are left
	}}}
	return want, want.Check()
}

// handOver plans a shift. A list that is not proven whole plans no removal, and says so.
func handOver(ctx context.Context, f roster.Fleet, want roster.Want) (roster.Plan, error) {
	census, err := roster.Take(ctx, f)
	if err != nil {
		return roster.Plan{}, err
	}
	plan, err := want.Plan(census)
	plan.Why = "shift"
	return plan, err
}
