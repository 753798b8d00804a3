// Command lockdown keeps work away from a person at every vendor at once, as in
// an incident, and later restores exactly what it changed.
//
//	go run ./examples/lockdown -sim
//	go run ./examples/lockdown -record kim.json avaya=kim@example.com liveperson=kim.park
//	go run ./examples/lockdown -restore kim.json
//
// The record is what tells a link that this block suspended from one that was
// suspended before. It is written as soon as there is something to record, vendor
// by vendor; a file that exists is added to, so that a block that is repeated loses
// nothing. On the simulators, which end with the program, it blocks and restores in
// one go.
//
// Exit: 0 done everywhere; 1 failed; 2 wrong usage or settings; 3 not everywhere.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

func main() {
	sim := flag.Bool("sim", false, "use the simulators")
	record := flag.String("record", "", "write what was changed to this `file`")
	restore := flag.String("restore", "", "undo what this `file` records")
	fleet.Usage(`lockdown -sim | -record FILE VENDOR=LOGIN... | -restore FILE

exit: 0 done everywhere; 1 failed; 2 wrong usage or settings; 3 not everywhere
`)
	flag.Parse()
	os.Exit(run(context.Background(), os.Stdout, *sim, *record, *restore, flag.Args()))
}

func run(ctx context.Context, out io.Writer, sim bool, record, restore string, args []string) int {
	log := &journal{file: record}
	switch {
	case restore != "":
		log.file = restore
		if err := log.load(); err != nil {
			return fail(out, 2, err)
		}
		if args = log.people(); len(args) == 0 {
			fmt.Fprintln(out, "the record names nothing that was changed: there is nothing to restore")
			return 0
		}
	case record == "" && !sim:
		return fail(out, 2, errors.New("-record is missing: without it the block cannot be undone exactly"))
	case record != "":
		if err := log.load(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fail(out, 2, err)
		}
	}
	people, err := fleet.ParsePeople(args, sim)
	if err != nil {
		return fail(out, 2, err)
	}
	accounts, end, err := fleet.Reach(people, fleet.Settings{Getenv: os.Getenv}, sim)
	if err != nil {
		return fail(out, 2, err)
	}
	defer end(ctx)
	if restore != "" {
		return unblock(ctx, out, accounts, log.entries)
	}
	code := block(ctx, out, accounts, log)
	if sim {
		return max(code, unblock(ctx, out, accounts, log.entries))
	}
	return code
}

// blocked is what became of one person's block.
type blocked struct {
	entry
	seen core.Presence
	err  error
}

func block(ctx context.Context, out io.Writer, accounts []fleet.Account, log *journal) int {
	done := fleet.Each(accounts, func(a fleet.Account) (b blocked) {
		b.Login = a.Login
		u, err := a.Find(ctx)
		if err != nil {
			b.err = err
			return b
		}
		// A block that fails half-way returns what it did, which must be kept.
		b.Block, b.err = a.Store.Block(ctx, u.ID)
		if err := log.add(b.entry); err != nil {
			record, _ := json.Marshal(b.entry)
			b.err = fmt.Errorf("the record could not be written (%w); keep it: %s", err, record)
		} else if b.err == nil {
			b.seen, b.err = look(ctx, a.Store, u.ID)
		}
		return b
	})
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "VENDOR\tLOGIN\tBLOCK\tNOW")
	code := 0
	for i, b := range done {
		result := "already blocked"
		switch {
		case b.err != nil:
			result, code = b.err.Error(), 3
		case len(b.Block.Changed) > 0:
			result = fmt.Sprint("changed ", b.Block.Changed)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", accounts[i].Vendor.Name, b.Login, result, shown(b.seen))
	}
	w.Flush()
	if code != 0 {
		fmt.Fprintln(out, "NOT blocked everywhere: see above")
	}
	return code
}

func unblock(ctx context.Context, out io.Writer, accounts []fleet.Account, kept []entry) int {
	type restored struct {
		what string
		ok   bool
	}
	done := fleet.Each(accounts, func(a fleet.Account) restored {
		var made []core.Block // more than one, where a block was repeated
		for _, e := range kept {
			if e.Block.Vendor == a.Vendor.Name && e.Login == a.Login {
				made = append(made, e.Block)
			}
		}
		if len(made) == 0 {
			return restored{"nothing to restore", true}
		}
		id := made[0].UserID
		if err := a.Store.Unblock(ctx, id, made...); err != nil {
			return restored{err.Error(), false}
		}
		p, err := look(ctx, a.Store, id)
		if err != nil {
			return restored{err.Error(), false}
		}
		return restored{shown(p), true}
	})
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "VENDOR\tLOGIN\tRESTORED")
	code := 0
	for i, r := range done {
		if !r.ok {
			code = 3
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", accounts[i].Vendor.Name, accounts[i].Login, r.what)
	}
	w.Flush()
	return code
}

// look reads the presence, where the vendor has any.
func look(ctx context.Context, s core.PresenceController, id string) (core.Presence, error) {
	p, err := s.Presence(ctx, id)
	if errors.Is(err, errors.ErrUnsupported) {
		return p, nil
	}
	return p, err
}

func shown(p core.Presence) string {
	say := func(b *bool, yes, no string) string {
		switch {
		case b == nil:
			return ""
		case *b:
			return ", " + yes
		}
		return ", " + no
	}
	if p.UserID == "" {
		return "-"
	}
	return string(p.Availability) + say(p.Blocked, "blocked", "not blocked") + say(p.Routable, "can receive work", "receives no work")
}

func fail(out io.Writer, code int, err error) int {
	fmt.Fprintln(out, "lockdown:", err)
	return code
}
