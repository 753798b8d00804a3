// Command staffing tells who staffs a target, a queue for example, whether they
// can take work now, and who of all users staffs nothing of that kind.
//
//	go run ./examples/staffing -sim -vendor libh3lp queue:ID
//	go run ./examples/staffing -sim -vendor liveperson -json skill:ID
//
// Without a target it reports all links of all users. With -json each person is
// one line. It is a census (core/roster): one walk of the users and one of all links,
// and where the list of users is not proven whole, it says so.
//
// Exit: 0 done; 1 failed; 2 wrong usage or settings.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

func main() {
	sim := flag.Bool("sim", false, "use the simulator")
	vendor := flag.String("vendor", "", "which vendor")
	asJSON := flag.Bool("json", false, "one JSON object a line")
	fleet.Usage(`staffing [-sim] -vendor V [-json] [KIND:ID]

Who staffs the target, and who staffs nothing of its kind; without a target, all
that everybody staffs.

exit: 0 done; 1 failed; 2 wrong usage or settings
`)
	flag.Parse()
	os.Exit(run(context.Background(), os.Stdout, *vendor, *sim, *asJSON, flag.Arg(0)))
}

func run(ctx context.Context, out io.Writer, vendor string, sim, asJSON bool, text string) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(os.Stderr, "staffing:", err)
		return code
	}
	v, err := fleet.Named(vendor)
	if err != nil {
		return fail(2, err)
	}
	var target core.Target
	if text != "" {
		if target, err = core.ParseTarget(text); err != nil {
			return fail(2, err)
		}
	}
	store, end, err := v.Connect(fleet.Settings{Getenv: os.Getenv}, sim)
	if err != nil {
		return fail(2, err)
	}
	defer end(ctx)
	people, proof, err := staff(ctx, store, target)
	if err != nil {
		return fail(1, err) // half a list is worse than none
	}
	if proof.Verdict != roster.Complete {
		fmt.Fprintf(os.Stderr, "staffing: the list of users is %s, so somebody may be missing: %s\n", proof.Verdict,
			strings.Join(proof.Why, "; "))
	}

	if asJSON {
		for _, p := range people {
			line, _ := json.Marshal(p)
			fmt.Fprintf(out, "%s\n", line)
		}
		return 0
	}
	table(out, people)
	return 0
}

// person is a user and what of it matters here.
type person struct {
	UserID   string            `json:"userId"`
	Login    string            `json:"login"`
	Links    []core.Assignment `json:"links"` // empty: staffs nothing
	Presence *core.Presence    `json:"presence,omitzero"`
}

// staff returns the people of a target, in its own order, and then the users who
// staff nothing of its kind, by key. Without a target it is all users and all they
// staff. How far it can be believed that somebody staffs nothing, the certificate says.
func staff(ctx context.Context, store core.Store, target core.Target) ([]person, roster.Certificate, error) {
	const here = "here"
	census, err := roster.Take(ctx, roster.Fleet{here: store})
	if err != nil {
		return nil, roster.Certificate{}, err
	}
	proof := census.Proof(here)
	var staff, idle []person
	login := map[string]string{}
	for p := range census.People() {
		u := p.Accounts[here]
		login[u.ID] = u.Login
		links := slices.DeleteFunc(census.Links(here, u.ID), func(a core.Assignment) bool {
			return target.Kind != "" && a.Target.Kind != target.Kind
		})
		one := person{UserID: u.ID, Login: u.Login, Links: append([]core.Assignment{}, links...)}
		switch {
		case len(links) == 0:
			idle = append(idle, one)
		case target.ID == "":
			staff = append(staff, one)
		}
	}

	if target.ID != "" {
		// Asked of the target itself: it may have members who are no users, such as
		// the phone of a room.
		for a, err := range store.ListAssignments(ctx, core.AssignmentQuery{Target: target}) {
			if err != nil {
				return nil, proof, err
			}
			staff = append(staff, person{UserID: a.UserID, Login: cmp.Or(login[a.UserID], a.UserID), Links: []core.Assignment{a}})
		}
	}
	for i := range staff {
		if staff[i].Presence, err = presence(ctx, store, staff[i].UserID); err != nil {
			return nil, proof, err
		}
	}
	return append(staff, idle...), proof, nil
}

// presence is nil where the vendor has none to read.
func presence(ctx context.Context, s core.PresenceController, id string) (*core.Presence, error) {
	p, err := s.Presence(ctx, id)
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, core.ErrNotFound) {
		return nil, nil // nor has what is no user
	}
	return &p, err
}

func table(out io.Writer, people []person) {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintln(w, "LOGIN\tTARGET\tLEVEL\tLINK\tNOW")
	for _, p := range people {
		if len(p.Links) == 0 {
			fmt.Fprintf(w, "%s\tnothing\t\t\t\n", p.Login)
		}
		for _, a := range p.Links {
			level, link, now := "", "active", "-"
			if a.Level != nil {
				level = fmt.Sprint(*a.Level)
			}
			if a.Suspended {
				link = "suspended"
			}
			if p.Presence != nil {
				now = string(p.Presence.Availability)
				if p.Presence.Blocked != nil && *p.Presence.Blocked {
					now += ", blocked"
				}
			}
			fmt.Fprintf(w, "%s\t%s %s\t%s\t%s\t%s\n", p.Login, a.Target.Kind, cmp.Or(a.Target.Name, a.Target.ID), level, link, now)
		}
	}
}
