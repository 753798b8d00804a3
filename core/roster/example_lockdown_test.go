package roster_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core/roster"
)

// Two people get no work for two hours, whatever becomes of this process.
func Example_lockdown() {
	ctx := context.Background()
	centre := newWorld()
	centre.add("kim@example.com")
	centre.add("lee@example.com")
	fleet := roster.Fleet{"fake": store{centre}}
	journal, done := openExample()
	defer done()

	people := []string{"kim@example.com", "lee@example.com"}
	census, err := roster.Take(ctx, fleet, roster.Only(people...))
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := roster.Want{Blocked: people, Until: time.Now().Add(2 * time.Hour)}.Plan(census)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := roster.Run{Fleet: fleet, Journal: journal, Workers: 32}.Apply(ctx, plan)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Applied, "blocked")

	// Two hours later, in any process that has the journal.
	later := roster.Run{Fleet: fleet, Journal: journal, Now: func() time.Time { return time.Now().Add(3 * time.Hour) }}
	reports, err := later.Reap(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(reports[0].Applied, "restored")
	// Output:
	// 2 blocked
	// 2 restored
}
