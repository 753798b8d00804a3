package roster_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Everybody of one account moves to another: a census of the old one becomes a want for the
// new one, with the targets mapped. Whoever is there already is adopted.
func Example_migrate() {
	ctx := context.Background()
	old, _ := crowd(3)
	fresh := newWorld()
	fresh.add("p000@x.test")
	journal, done := openExample()
	defer done()

	from, err := roster.Take(ctx, roster.Fleet{"old": store{old}})
	if err != nil {
		fmt.Println(err)
		return
	}
	targets := map[core.Target]core.Target{q1: q2}
	var want roster.Want
	for person := range from.People() {
		u := person.Accounts["old"]
		h := roster.Hire{Person: person.Key, Account: "new", Spec: core.UserSpec{Login: u.Login, Email: u.Email, FirstName: u.FirstName}}
		for _, a := range from.Links("old", u.ID) {
			if to, mapped := targets[a.Target]; mapped {
				h.Links = append(h.Links, core.Assignment{Target: to, Level: a.Level})
			}
		}
		want.Have = append(want.Have, h)
	}

	fleet := roster.Fleet{"new": store{fresh}}
	to, err := roster.Take(ctx, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := want.Plan(to)
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
	fmt.Println(report.Applied, "done")
	// Output:
	// assignments.add p000@x.test
	// users.create p001@x.test
	// users.create p002@x.test
	// 3 done
}
