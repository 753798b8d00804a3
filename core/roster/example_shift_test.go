package roster_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// The late shift takes over a queue from the early one. Adds come first, and the queue
// never has fewer than two. Somebody who is in neither team stays where they are.
func Example_shift() {
	ctx := context.Background()
	centre := newWorld()
	queue := core.Target{Kind: core.KindQueue, ID: "support"}
	early, late := []string{"ana@example.com", "bo@example.com"}, []string{"cy@example.com", "di@example.com"}
	for _, login := range append(early, "lead@example.com") {
		centre.add(login, queue)
	}
	for _, login := range late {
		centre.add(login)
	}
	fleet := roster.Fleet{"libh3lp": store{centre}}
	journal, done := openExample()
	defer done()

	census, err := roster.Take(ctx, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := roster.Want{Members: []roster.Members{{
		Account: "libh3lp", Target: queue, Mode: roster.Exact, People: late,
		Within: append(early, late...),
		Floor:  new(2), // a removal waits while it would leave one
	}}}.Plan(census)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range plan.Steps {
		fmt.Println(step.Op, step.Person(), "after", len(step.After))
	}
	report, err := roster.Run{Fleet: fleet, Journal: journal}.Apply(ctx, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Applied, "applied")
	// Output:
	// assignments.add cy@example.com after 0
	// assignments.add di@example.com after 0
	// assignments.remove ana@example.com after 2
	// assignments.remove bo@example.com after 2
	// 4 applied
}
