package roster_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Whoever is linked to nothing takes a licence for nothing: a query over a census finds
// them, and a change disables them.
func Example_licences() {
	ctx := context.Background()
	centre, _ := crowd(5)
	centre.add("idle@x.test")
	fleet := roster.Fleet{"fake": store{centre}}
	journal, done := openExample()
	defer done()

	census, err := roster.Take(ctx, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	if proof := census.Proof("fake"); proof.Verdict != roster.Complete {
		fmt.Println("links may be missing:", proof.Why)
		return
	}

	want := roster.Want{Change: map[string]map[string]core.UserChange{}}
	for person := range census.People() {
		for account, u := range person.Accounts {
			if len(census.Links(account, u.ID)) == 0 && u.Enabled != nil && *u.Enabled {
				want.Change[person.Key] = map[string]core.UserChange{account: {Enabled: core.Set(false)}}
			}
		}
	}
	plan, err := want.Plan(census)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range plan.Steps {
		fmt.Println(step.Op, step.Person())
	}
	report, err := roster.Run{Fleet: fleet, Journal: journal}.Apply(ctx, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Applied, "disabled")
	// Output:
	// users.update idle@x.test
	// 1 disabled
}
