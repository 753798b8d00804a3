package roster_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// A new colleague gets what somebody else has: the links of one person of a census, and a
// name of their own.
func Example_clone() {
	ctx := context.Background()
	centre := newWorld()
	centre.add("kim@x.test", q1, q2)
	fleet := roster.Fleet{"fake": store{centre}}
	journal, done := openExample()
	defer done()

	census, err := roster.Take(ctx, fleet, roster.Only("kim@x.test", "lee@x.test"))
	if err != nil {
		fmt.Println(err)
		return
	}
	kim, err := census.Person("kim@x.test")
	if err != nil {
		fmt.Println(err)
		return
	}
	var want roster.Want
	for account, u := range kim.Accounts {
		lee := roster.Hire{Person: "lee@x.test", Account: account, Spec: core.UserSpec{Login: "lee@x.test", Email: "lee@x.test",
			FirstName: "Lee"}}
		for _, a := range census.Links(account, u.ID) {
			lee.Links = append(lee.Links, core.Assignment{Target: a.Target, Level: a.Level})
		}
		want.Have = append(want.Have, lee)
	}
	plan, err := want.Plan(census)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := roster.Run{Fleet: fleet, Journal: journal}.Apply(ctx, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Applied, "step:", plan.Steps[0].Op, "with", len(plan.Steps[0].Spec.Links), "links")

	// The same want again is nothing to do.
	if census, err = roster.Take(ctx, fleet, roster.Only("lee@x.test")); err != nil {
		fmt.Println(err)
		return
	}
	again, err := want.Plan(census)
	fmt.Println(len(again.Steps), "steps the second time", err)
	// Output:
	// 1 step: users.create with 2 links
	// 0 steps the second time <nil>
}
