// Command onboard makes the people of a CSV file users of a vendor and gives them
// their assignments. Who is there already is adopted: what differs is changed, links
// that are missing are added, and nothing is taken away. It can be run again.
//
//	go run ./examples/onboard -sim -vendor avaya
//	go run ./examples/onboard -vendor webex -password-env FIRST_PASSWORD agents.csv
//
// The first line names the columns: login, first, last, display, email, roles and
// assign (both separated by semicolons; an assignment is KIND:ID or KIND:ID@LEVEL).
// Any other column is a vendor's field by its wire name, and its cells are JSON.
//
// What became of each person is told as it happens, and kept in a journal; on a terminal,
// standard error shows how far it is. An interrupt finishes what is under way.
//
// Exit: 0 all are there; 1 failed; 2 wrong usage, settings or file; 3 some are not.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// samples are files for a run on the simulators.
//
//go:embed *.csv
var samples embed.FS

// samplePassword is the first password on the simulators, and the name of it.
const (
	samplePassword = "Sample-passw0rd"
	sampleVariable = "SAMPLE_PASSWORD"
)

// settings are the command line.
type settings struct {
	sim                             bool
	vendor, variable, journal, file string
	workers                         int
}

func main() {
	var s settings
	flag.BoolVar(&s.sim, "sim", false, "use the simulator, and a sample file")
	flag.StringVar(&s.vendor, "vendor", "", "which vendor")
	flag.StringVar(&s.variable, "password-env", "", "the `variable` with everybody's first password, where the vendor wants one")
	flag.StringVar(&s.journal, "journal", "onboard.journal", "the `file` that keeps what was done")
	flag.IntVar(&s.workers, "workers", 8, "how many people are worked on at once")
	fleet.Usage(`onboard [-sim] -vendor V [-password-env VARIABLE] FILE.csv

The first line names the columns: login, first, last, display, email, roles and
assign (the last two separated by semicolons; an assignment is KIND:ID[@LEVEL]).
Any other column is a vendor's field, and its cells are JSON. With -sim and
without a file a sample is used. It can be run again.

exit: 0 all are there; 1 failed; 2 wrong usage, settings or file; 3 some are not
`)
	flag.Parse()
	s.file = flag.Arg(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	os.Exit(run(ctx, os.Stdout, jobs.Terminal(os.Stderr), s))
}

func run(ctx context.Context, out, watch io.Writer, s settings) int {
	code, err := s.run(ctx, out, watch)
	if err != nil {
		fmt.Fprintln(os.Stderr, "onboard:", err)
	}
	return code
}

func (s settings) run(ctx context.Context, out, watch io.Writer) (int, error) {
	v, err := fleet.Named(s.vendor)
	if err != nil {
		return jobs.ExitUsage, err
	}
	// All of the file before any of it is done: a bad line must not be found at
	// three in the morning, in the middle.
	hires, err := s.hires(v)
	if err != nil {
		return jobs.ExitUsage, err
	}
	f, end, err := fleet.Open([]fleet.Member{{Name: v.Name, Vendor: v}}, fleet.Settings{Getenv: os.Getenv}, s.sim)
	if err != nil {
		return jobs.ExitUsage, err
	}
	defer end(ctx)
	journal, done, err := jobs.OpenJournal(s.journal, s.sim)
	if err != nil {
		return jobs.ExitFailed, err
	}
	defer done()

	report, err := s.onboard(ctx, out, watch, f, journal, hires)
	return jobs.Exit(report, err), err
}

// hires reads the file.
func (s settings) hires(v fleet.Vendor) ([]roster.Hire, error) {
	in, err := s.open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	hires, err := jobs.ReadPeople(in, v.Name)
	if err != nil {
		return nil, err
	}
	variable := s.variable
	if variable == "" && s.sim {
		variable = sampleVariable
	}
	for i := range hires {
		if v.TakesPassword {
			hires[i].Password = variable
		}
	}
	return hires, nil
}

func (s settings) open() (io.ReadCloser, error) {
	switch {
	case s.file == "" && s.sim:
		return samples.Open(s.vendor + ".csv")
	case s.file == "":
		return nil, errors.New("name the CSV file; -help tells its columns")
	}
	return os.Open(filepath.Clean(s.file))
}

// onboard plans the file against who is there, and does what is missing.
func (s settings) onboard(ctx context.Context, out, watch io.Writer, f roster.Fleet, journal roster.Journal,
	hires []roster.Hire) (*roster.Report, error) {
	census, err := roster.Take(ctx, f)
	if err != nil {
		return nil, err
	}
	plan, err := roster.Want{Have: hires}.Plan(census)
	if err != nil {
		return nil, err
	}
	plan.Why = "onboard"

	progress := jobs.NewProgress(watch, out)
	run := roster.Run{Fleet: f, Journal: journal, Workers: s.workers, Secrets: s.password, Progress: progress.Step}
	report, err := run.Apply(ctx, plan)
	progress.Clear()
	if report == nil {
		return nil, err
	}
	for _, g := range report.Gaps {
		fmt.Fprintf(out, "gap\t%s/%s\t%s\n", g.Person, g.Account, g.Why)
	}
	next := ""
	if err != nil || len(report.Gaps) > 0 {
		next = ": fix what is listed above and run it again"
	}
	fmt.Fprintf(out, "%d of %d steps are done, %d gaps%s.\n", report.Applied+report.Already, len(report.Steps), len(report.Gaps), next)
	return report, err
}

func (s settings) password(ctx context.Context, name string) (core.Secret, error) {
	if s.sim && name == sampleVariable {
		return core.NewSecret(samplePassword), nil
	}
	return jobs.Passwords(os.Getenv)(ctx, name)
}
