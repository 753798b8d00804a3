package storekit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// Waiting for something that the vendor does later.
func ExampleUntil() {
	states := []string{"IN_PROGRESS", "IN_PROGRESS", "COMPLETED"}
	look := func(context.Context) (storekit.Probe, error) {
		state := states[0]
		states = states[1:]
		if state == "COMPLETED" {
			return storekit.Probe{Phase: storekit.PhaseDone, State: state}, nil
		}
		return storekit.Probe{Phase: storekit.PhasePending, State: state}, nil
	}
	patient := core.Wait{First: time.Millisecond, Max: 10 * time.Millisecond}
	last, err := storekit.Until(context.Background(), patient, "example", "Users.Settle", look)
	fmt.Println(last.State, err)
	// Output: COMPLETED <nil>
}

// A listing in pages, walked as one. It ends with an error rather than short.
func ExamplePager_All() {
	type agent struct{ ID string }
	pages := map[string]storekit.Page[agent]{
		"1": {Items: []agent{{"ada"}, {"bo"}}, Next: "2", Total: 4},
		"2": {Items: []agent{{"cy"}}, Next: "", Total: 4}, // one is missing
	}
	agents := storekit.Pager[agent]{
		Vendor: "example", Op: "Agents.List", Start: "1",
		Key:   func(a *agent) string { return a.ID },
		Fetch: func(_ context.Context, cursor string) (storekit.Page[agent], error) { return pages[cursor], nil },
	}.All(context.Background())

	for a, err := range agents {
		if err != nil {
			what, next, _ := strings.Cut(err.Error(), ";")
			fmt.Println(errors.Is(err, core.ErrIncomplete), what)
			fmt.Println(next)
			break
		}
		fmt.Println(a.ID)
	}
	// Output:
	// ada
	// bo
	// cy
	// true example: Agents.List: incomplete: the vendor announced 4 items and sent 3
	//  what was listed so far is correct, the rest is missing: list again
}

// One field of a record that is always replaced as a whole, under its revision.
func ExampleModify() {
	type record struct {
		rev         int
		name, floor string
	}
	stored, others := record{rev: 1, name: "Ana", floor: "2"}, 1

	read := func(context.Context) (record, error) { return stored, nil }
	write := func(_ context.Context, r record) (record, error) {
		if others > 0 { // somebody else writes in between, once
			others--
			stored.rev, stored.name = stored.rev+1, "Anna"
		}
		if r.rev != stored.rev {
			return record{}, &core.Error{Class: core.ClassRevision, Applied: core.AppliedNo}
		}
		r.rev++
		stored = r
		return stored, nil
	}
	got, err := storekit.Modify(context.Background(), 3, read, func(r *record) error {
		r.floor = "3"
		return nil
	}, write)
	fmt.Println(got.name, got.floor, err) // the others' change is there too
	// Output: Anna 3 <nil>
}

// A row that comes twice in a listing is found with 8 bytes for each row.
func ExampleSeen() {
	var seen storekit.Seen
	for _, id := range []string{"ada", "bo", "ada"} {
		fmt.Println(id, "is new:", seen.Add(id))
	}
	// Output:
	// ada is new: true
	// bo is new: true
	// ada is new: false
}
