package roster_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core/roster"
)

// A rehearsal: last night's census comes from its file, and a plan is made against it.
// Nothing is asked of the vendor.
func Example_rehearsal() {
	ctx := context.Background()
	centre, people := crowd(3)
	fleet := roster.Fleet{"fake": store{centre}}
	census, err := roster.Take(ctx, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := census.WriteJSON(&file); err != nil {
		fmt.Println(err)
		return
	}

	kept, err := roster.ReadCensus(strings.NewReader(file.String()), fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	before := centre.traffic()
	plan, err := roster.Want{Gone: people[:1]}.Plan(kept)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range plan.Steps {
		fmt.Println(step.Op, step.Person())
	}
	fmt.Println(centre.traffic()-before, "requests")
	// Output:
	// presence.block p000@x.test
	// users.delete p000@x.test
	// 0 requests
}
