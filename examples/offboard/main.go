// Command offboard takes a leaver out everywhere and proves it: at each vendor it
// blocks the person, takes the assignments away, deletes the user, and reads back.
//
//	go run ./examples/offboard -sim
//	go run ./examples/offboard avaya=kim@example.com webex=kim@example.com        # says what it would do
//	go run ./examples/offboard -yes avaya=kim@example.com webex=kim@example.com
//
// It can be run again after a failure: what is done already is found so.
//
// Exit: 0 gone everywhere; 2 wrong usage or settings; 3 not everywhere.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

func main() {
	sim := flag.Bool("sim", false, "use the simulators")
	yes := flag.Bool("yes", false, "do it; without this (and without -sim) it only says what it would do")
	fleet.Usage(`offboard [-sim | -yes] VENDOR=LOGIN...

Without -yes it says what it would do. It can be run again. With -sim and without
names it is a sample person at every vendor.

exit: 0 gone everywhere; 2 wrong usage or settings; 3 not everywhere
`)
	flag.Parse()
	os.Exit(run(context.Background(), os.Stdout, *sim, *yes || *sim, flag.Args()))
}

func run(ctx context.Context, out io.Writer, sim, yes bool, args []string) int {
	people, err := fleet.ParsePeople(args, sim)
	if err != nil {
		fmt.Fprintln(out, "offboard:", err)
		return 2
	}
	accounts, end, err := fleet.Reach(people, fleet.Settings{Getenv: os.Getenv}, sim)
	if err != nil {
		fmt.Fprintln(out, "offboard:", err)
		return 2
	}
	defer end(ctx)
	reports := fleet.Each(accounts, func(a fleet.Account) *report {
		r := &report{who: a.Vendor.Name + " " + a.Login}
		r.gone = leave(ctx, a, r, yes)
		return r
	})
	code := 0
	for _, r := range reports {
		fmt.Fprintf(out, "%s\n  %s\n", r.who, strings.Join(r.lines, "\n  "))
		if !r.gone {
			code = 3
		}
	}
	if code != 0 && yes {
		fmt.Fprintln(out, "NOT gone everywhere: see above; what failed can be tried by running it again")
	}
	return code
}

// report is what was done for one person at one vendor.
type report struct {
	who   string
	lines []string
	gone  bool
}

func (r *report) say(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// did tells how a step went. What the vendor does not offer is no failure; the
// read-back at the end decides.
func (r *report) did(what string, err error) bool {
	switch {
	case err == nil:
		r.say("%s", what)
	case errors.Is(err, errors.ErrUnsupported):
		r.say("%s: not offered by the vendor", what)
	default:
		r.say("%s: %v", what, err)
	}
	return err == nil
}

func leave(ctx context.Context, a fleet.Account, r *report, yes bool) (gone bool) {
	u, err := a.Find(ctx)
	if errors.Is(err, core.ErrNotFound) {
		if a.Store.Capabilities().Of(core.OpListUsers).Partial {
			r.say("nobody in the lists has this login; they can miss somebody, so that this proves nothing")
			return false
		}
		r.say("nobody has this login")
		return true
	}
	if err != nil {
		return r.did("looking for the user", err)
	}
	links, err := core.Collect(a.Store.ListAssignments(ctx, core.AssignmentQuery{UserID: u.ID}))
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return r.did("reading the assignments", err)
	}
	links = removable(a.Store.Capabilities(), links)
	if !yes {
		r.say("user %s: would be blocked, lose %d assignments, and be deleted, as far as the vendor offers it", u.ID, len(links))
		return false
	}
	_, err = a.Store.Block(ctx, u.ID) // first, so that no new work arrives
	blocked := err == nil
	r.did("blocked", err)
	if len(links) > 0 {
		outcomes, err := a.Store.Unassign(ctx, links...)
		done := 0
		for _, o := range outcomes {
			if o.Done() {
				done++
			}
		}
		r.did(fmt.Sprintf("%d of %d assignments taken away", done, len(links)), err)
	}
	settler, later := a.Store.(core.Settler)
	what := "deleted"
	if later {
		what = "removal accepted"
	}
	if r.did(what, a.Store.DeleteUser(ctx, u.ID)) && later {
		_, err := settler.Settle(ctx, u.ID, core.SettleAfter(core.Deleted))
		r.did("deleted", err)
	}
	return proven(ctx, a.Store, u.ID, r, blocked)
}

// removable leaves out what the vendor lets nobody take away.
func removable(caps core.Capabilities, links []core.Assignment) (out []core.Assignment) {
	if caps.Of(core.OpUnassign).Support == core.NotOffered {
		return nil
	}
	for _, a := range links {
		if k, ok := caps.Kind(a.Target.Kind); ok && !k.ReadOnly && !k.Single {
			out = append(out, a)
		}
	}
	return out
}

// proven reads back what is left.
func proven(ctx context.Context, s core.Store, id string, r *report, blocked bool) bool {
	_, err := s.GetUser(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		r.say("read back: the user is gone")
		return true
	}
	if err != nil {
		r.did("reading back", err)
		return false
	}
	if s.Capabilities().Of(core.OpDeleteUser).Support != core.NotOffered {
		r.say("read back: the user is STILL THERE")
		return false
	}
	p, err := s.Presence(ctx, id)
	if err == nil && blocked && p.Blocked != nil && *p.Blocked {
		r.say("read back: the user is blocked; deleting it is up to an administrator")
		return false
	}
	r.say("read back: the user is STILL AT WORK")
	return false
}
