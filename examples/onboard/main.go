// Command onboard makes the people of a CSV file users of a vendor and gives them
// their assignments. It can be run again: who is there already is left alone, but
// for assignments that are missing.
//
//	go run ./examples/onboard -sim -vendor avaya
//	go run ./examples/onboard -vendor webex -password-env FIRST_PASSWORD agents.csv
//
// The first line names the columns: login, first, last, display, email, roles and
// assign (both separated by semicolons; an assignment is KIND:ID or KIND:ID@LEVEL).
// Any other column is a vendor's field by its wire name, and its cells are JSON.
//
// What became of each line is told on standard output, in the file's order; on a
// terminal, standard error shows how far it is.
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
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// samples are files for a run on the simulators.
//
//go:embed *.csv
var samples embed.FS

func main() {
	sim := flag.Bool("sim", false, "use the simulator, and a sample file")
	vendor := flag.String("vendor", "", "which vendor")
	password := flag.String("password-env", "", "the `variable` with everybody's first password, where the vendor wants one")
	fleet.Usage(`onboard [-sim] -vendor V [-password-env VARIABLE] FILE.csv

The first line names the columns: login, first, last, display, email, roles and
assign (the last two separated by semicolons; an assignment is KIND:ID[@LEVEL]).
Any other column is a vendor's field, and its cells are JSON. With -sim and
without a file a sample is used. It can be run again.

exit: 0 all are there; 1 failed; 2 wrong usage, settings or file; 3 some are not
`)
	flag.Parse()
	first := core.NewSecret(os.Getenv(*password))
	switch {
	case *password != "" && first.IsZero():
		fmt.Fprintf(os.Stderr, "onboard: the environment variable %s is not set\n", *password)
		os.Exit(2)
	case *sim && first.IsZero() && takesPassword[*vendor]:
		first = core.NewSecret("Sample-passw0rd")
	}
	watch := io.Discard
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		watch = os.Stderr
	}
	os.Exit(run(context.Background(), os.Stdout, watch, *vendor, *sim, first, flag.Arg(0)))
}

// takesPassword are the vendors whose users have a first password; those of the
// others log in elsewhere.
var takesPassword = map[string]bool{"avaya": true, "libh3lp": true, "liveperson": true}

func run(ctx context.Context, out, watch io.Writer, vendor string, sim bool, password core.Secret, file string) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(os.Stderr, "onboard:", err)
		return code
	}
	v, err := fleet.Named(vendor)
	if err != nil {
		return fail(2, err)
	}
	in, err := openFile(file, vendor, sim)
	if err != nil {
		return fail(2, err)
	}
	defer in.Close()
	// All of the file before any of it is done: a bad line must not be found at
	// three in the morning, in the middle.
	newcomers, err := read(in, password)
	if err != nil {
		return fail(2, err)
	}
	store, end, err := v.Connect(fleet.Settings{Getenv: os.Getenv}, sim)
	if err != nil {
		return fail(2, err)
	}
	defer end(ctx)
	failed, err := onboard(ctx, out, watch, store, newcomers)
	switch {
	case err != nil:
		return fail(1, err)
	case failed > 0:
		return fail(3, fmt.Errorf("%d of %d are not as the file says: mend and run it again", failed, len(newcomers)))
	}
	return 0
}

func openFile(name, vendor string, sim bool) (io.ReadCloser, error) {
	switch {
	case name == "" && sim:
		return samples.Open(vendor + ".csv")
	case name == "":
		return nil, errors.New("name the CSV file; -help tells its columns")
	}
	return os.Open(name)
}

// onboard works on several people at a time; the client paces the crowd.
func onboard(ctx context.Context, out, watch io.Writer, store core.Store, newcomers []newcomer) (failed int, err error) {
	// One walk, instead of a search for each.
	ids := map[string]string{}
	for u, err := range store.ListUsers(ctx, core.UserQuery{}) {
		if err != nil {
			return 0, err
		}
		ids[u.Login] = u.ID
	}
	p := progress{out: watch, total: len(newcomers)}
	results := make([]string, len(newcomers))
	var group errgroup.Group
	group.SetLimit(8)
	for i, n := range newcomers {
		group.Go(func() error {
			id, what, err := welcome(ctx, store, n, ids[n.spec.Login])
			if err != nil {
				what += ": " + err.Error()
			}
			results[i] = fmt.Sprintf("%s\t%s\t%s", n.spec.Login, id, what)
			p.step(err != nil)
			return nil
		})
	}
	group.Wait()
	p.clear()
	for _, r := range results {
		fmt.Fprintln(out, r)
	}
	return p.failed, nil
}

// welcome makes one person a user, unless it is one, and assigns it. What it
// returns is true also where it ends with an error.
func welcome(ctx context.Context, store core.Store, n newcomer, id string) (_, what string, err error) {
	what = "already there"
	if id == "" {
		u, err := store.CreateUser(ctx, n.spec)
		if err != nil {
			return u.ID, "not created", err // or not known to be: the error says which
		}
		id, what = u.ID, "created"
		if settler, ok := store.(core.Settler); ok {
			if _, err := settler.Settle(ctx, id, core.SettleAfter(core.Created)); err != nil {
				return id, "accepted, and then failed", err
			}
		}
	}
	if len(n.links) == 0 {
		return id, what, nil
	}
	links := make([]core.Assignment, len(n.links))
	for i, a := range n.links {
		links[i] = a
		links[i].UserID = id
	}
	if _, err := store.Assign(ctx, links...); err != nil {
		return id, what + ", not fully assigned", err
	}
	return id, what + ", assigned", nil
}

// progress shows how far it is, where somebody watches.
type progress struct {
	out   io.Writer
	total int

	mu           sync.Mutex
	done, failed int
}

func (p *progress) step(failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if failed {
		p.failed++
	}
	fmt.Fprintf(p.out, "\r%d of %d, %d failed ", p.done, p.total, p.failed)
}

func (p *progress) clear() { fmt.Fprint(p.out, "\r\033[K") }
