package roster_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Every night the accounts are brought to what is wanted, within a budget. What somebody
// else changed is told from what we changed our minds about.
func Example_reconcile() {
	ctx := context.Background()
	centre := newWorld()
	queue := core.Target{Kind: core.KindQueue, ID: "support"}
	centre.add("ana@example.com")
	centre.add("bo@example.com", queue)
	centre.add("svc-rollcall@example.com")
	fleet := roster.Fleet{"avaya": store{centre}}
	journal, done := openExample()
	defer done()

	want := roster.Want{Members: []roster.Members{{Account: "avaya", Target: queue, Mode: roster.Add, People: []string{"ana@example.com"}}}}
	night := func() {
		census, err := roster.Take(ctx, fleet, roster.KnownTo(journal))
		if err != nil {
			fmt.Println(err)
			return
		}
		findings, err := want.Drift(census)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, f := range findings {
			fmt.Println(f.Person, f.What+":", f.Cause)
		}

		plan, err := want.Plan(census)
		if err != nil {
			fmt.Println(err) // every bad row, before the first write
			return
		}
		run := roster.Run{Fleet: fleet, Journal: journal, Budget: roster.Budget{
			Limits:  []roster.Limit{{Op: core.OpDeleteUser, Most: 5}, {Op: core.OpUnassign, Share: 0.05}},
			Protect: []string{"svc-rollcall@example.com"},
		}}
		report, err := run.Apply(ctx, plan) // over budget: *OverBudget with every step, and no write
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(report.Applied, "applied")
	}

	night()
	delete(centre.links["u1"], queue.String()) // somebody takes Ana out by hand
	night()
	night()
	// Output:
	// ana@example.com queue:support: new
	// 1 applied
	// ana@example.com queue:support: somebody else changed it
	// 1 applied
	// 0 applied
}
