// Command offboard takes a leaver out everywhere and proves it: at each vendor the
// person is blocked and deleted, or where the vendor deletes nobody, loses what can be
// taken away; then all of it is looked at again.
//
//	go run ./examples/offboard -sim
//	go run ./examples/offboard avaya=kim@example.com webex=kim@example.com        # says what it would do
//	go run ./examples/offboard -yes avaya=kim@example.com webex=kim@example.com
//
// It can be run again after a failure: what is done already is found so. The journal
// keeps what was done, and a receipt for each person proves it; rollcall verify and
// rollcall recheck read it.
//
// Exit: 0 gone everywhere, and that is proven; 2 wrong usage or settings; 3 not
// everywhere.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

func main() {
	sim := flag.Bool("sim", false, "use the simulators")
	yes := flag.Bool("yes", false, "do it; without this (and without -sim) it only says what it would do")
	journal := flag.String("journal", "offboard.journal", "the `file` that keeps what was done; the receipts stand beside it")
	fleet.Usage(`offboard [-sim | -yes] VENDOR=LOGIN...

Without -yes it says what it would do. It can be run again. With -sim and without
names it is a sample person at every vendor.

exit: 0 gone everywhere; 2 wrong usage or settings; 3 not everywhere
`)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Stdout, *sim, *yes || *sim, *journal, flag.Args()))
}

func run(ctx context.Context, out io.Writer, sim, yes bool, path string, args []string) int {
	fail := func(err error) int {
		fmt.Fprintln(out, "offboard:", err)
		return jobs.ExitUsage
	}
	people, err := fleet.ParsePeople(args, sim)
	if err != nil {
		return fail(err)
	}
	members, logins := fleet.Group(people)
	f, end, err := fleet.Open(members, fleet.Settings{Getenv: os.Getenv, BlockLog: roster.BlockLog}, sim)
	if err != nil {
		return fail(err)
	}
	defer end(ctx)

	l := leaving{out: out, fleet: f}
	if yes {
		journal, done, err := jobs.OpenJournal(path, sim)
		if err != nil {
			return fail(err)
		}
		defer done()
		l.journal = journal
		if !sim {
			l.receipts = filepath.Dir(path)
		}
	}
	gone := true
	for _, m := range members {
		fmt.Fprintf(out, "%s %q\n", m.Name, logins[m.Name])
		ok, err := l.account(ctx, m.Name, logins[m.Name])
		if err != nil {
			fmt.Fprintln(out, err)
		}
		gone = gone && ok && err == nil
	}
	if gone {
		return jobs.ExitDone
	}
	if yes {
		fmt.Fprintln(out, "NOT gone everywhere, or not proven: see above; what failed can be tried by running it again")
	}
	return jobs.ExitPartial
}

// leaving is one run.
type leaving struct {
	out      io.Writer
	fleet    roster.Fleet
	journal  *roster.FileJournal // nil: only say what would be done
	receipts string              // the folder, empty for none
}

// account takes people out of one account, and reports whether they are gone for sure.
func (l leaving) account(ctx context.Context, name string, logins []string) (gone bool, err error) {
	// A login is looked for at its own account alone: elsewhere it may be somebody else's.
	here := roster.Fleet{name: l.fleet[name]}
	opts := []roster.CensusOption{roster.Only(logins...)}
	if l.journal != nil {
		opts = append(opts, roster.KnownTo(l.journal))
	}
	census, err := roster.Take(ctx, here, opts...)
	if err != nil {
		return false, err
	}
	plan, err := roster.Want{Gone: logins}.Plan(census)
	if err != nil {
		return false, err
	}
	plan.Why = "offboard"
	for _, login := range census.Absent() {
		fmt.Fprintf(l.out, "nobody has the login %s\n", login)
	}
	if l.journal == nil || len(plan.Steps) == 0 {
		err := plan.WriteText(l.out)
		return len(plan.Steps)+len(plan.Gaps) == 0, err
	}

	run := roster.Run{Fleet: here, Journal: l.journal, Progress: jobs.NewProgress(nil, l.out).Step}
	report, err := run.Apply(ctx, plan)
	if report != nil {
		report.WriteText(l.out)
	}
	if err != nil {
		return false, err
	}
	still, err := l.prove(ctx, plan, report)
	return len(report.Gaps) == 0 && !still, err
}

// prove looks again at each person, and writes the receipt.
func (l leaving) prove(ctx context.Context, plan roster.Plan, report *roster.Report) (still bool, err error) {
	var people []string
	for _, s := range plan.Steps {
		if !slices.Contains(people, s.Person()) {
			people = append(people, s.Person())
		}
	}

	for _, person := range people {
		receipt, err := report.Receipt(ctx, person)
		if err != nil {
			return false, err
		}
		looks, err := receipt.Recheck(ctx, l.fleet)
		if err != nil {
			return false, err
		}
		for _, look := range looks {
			if look.Back {
				still = true
				fmt.Fprintf(l.out, "looked at again: %s: %s\n", look.Step, look.Why)
			}
		}
		file, err := receipt.Encode()
		if err != nil {
			return false, err
		}
		if l.receipts == "" {
			continue
		}
		path := filepath.Join(l.receipts, url.PathEscape(person+"."+plan.Steps[0].Account)+".receipt")
		if err := jobs.WritePrivate(path, file); err != nil {
			return false, err
		}
		fmt.Fprintln(l.out, "receipt:", path)
	}

	return still, nil
}
