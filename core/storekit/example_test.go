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
