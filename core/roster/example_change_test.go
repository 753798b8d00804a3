package roster_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// A field of many people changes, within a budget; then it is taken back.
func Example_change() {
	ctx := context.Background()
	centre, people := crowd(100)
	fleet := roster.Fleet{"fake": store{centre}}
	journal, done := openExample()
	defer done()

	want := roster.Want{Change: map[string]map[string]core.UserChange{}}
	for _, person := range people {
		want.Change[person] = map[string]core.UserChange{"fake": {LastName: core.Set("Support")}}
	}
	census, err := roster.Take(ctx, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := want.Plan(census)
	if err != nil {
		fmt.Println(err)
		return
	}

	run := roster.Run{Fleet: fleet, Journal: journal, Budget: roster.Budget{
		Limits: []roster.Limit{{Op: core.OpUpdateUser, Share: 0.05}},
	}}
	_, err = run.Apply(ctx, plan)
	var over *roster.OverBudget
	if errors.As(err, &over) {
		fmt.Println("over budget:", over.Over[0].Limit)
	}

	run.Budget.Release = plan.ID() // somebody has read the plan
	report, err := run.Apply(ctx, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Applied, "changed")

	run.Budget = roster.Budget{}
	report, err = run.Undo(ctx, plan.ID())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Applied, "taken back")
	// Output:
	// over budget: users.update: 5 % of the 100 of fake
	// 100 changed
	// 100 taken back
}
