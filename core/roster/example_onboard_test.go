package roster_test

import (
	"context"
	"fmt"
	"os"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Two people start tomorrow. One of them is there already and is adopted.
func Example_onboard() {
	ctx := context.Background()
	centre := newWorld()
	centre.add("ana@example.com")
	fleet := roster.Fleet{"fake": store{centre}}
	journal, done := openExample()
	defer done()

	support := core.Target{Kind: core.KindQueue, ID: "support"}
	want := roster.Want{}
	for _, login := range []string{"ana@example.com", "bo@example.com"} {
		want.Have = append(want.Have, roster.Hire{
			Person: login, Account: "fake", Password: "FIRST_PASSWORD",
			Spec:  core.UserSpec{Login: login, Email: login, FirstName: "First"},
			Links: []core.Assignment{{Target: support, Level: new(2)}},
		})
	}

	census, err := roster.Take(ctx, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := want.Plan(census) // every bad row, before the first write
	if err != nil {
		fmt.Println(err)
		return
	}
	plan.WriteText(os.Stdout)

	run := roster.Run{Fleet: fleet, Journal: journal, Workers: 16,
		Secrets: func(context.Context, string) (core.Secret, error) { return core.NewSecret("from a vault"), nil }}
	report, err := run.Apply(ctx, plan) // the same line resumes it
	if err != nil {
		fmt.Println(err)
		return
	}
	report.WriteText(os.Stdout)
	// Output:
	// fake  ana@example.com  assignments.add  queue:support@2
	// fake  bo@example.com   users.create     login bo@example.com, queue:support@2
	// 2 steps, 0 gaps, 0 held already; requests: 2 at fake.
	// 2 of 2 steps are done.
}
