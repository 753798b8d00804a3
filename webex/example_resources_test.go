package webex_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// An id has several forms; they name the same person.
func ExampleNewID() {
	id := webex.NewID(webex.TypePerson, "7a9d4e12-0c34-4f7b-8d10-2b5e6f70a102")
	fmt.Println(id.Type(), id.UUID(), id.Same(webextest.PersonAna))
	// Output: PEOPLE 7a9d4e12-0c34-4f7b-8d10-2b5e6f70a102 true
}

func ExampleParseTier() {
	tier, err := webex.ParseTier("assist")
	fmt.Println(tier, err)
	_, err = webex.ParseTier("gold")
	fmt.Println(err)
	// Output:
	// assist <nil>
	// webex: ParseTier: invalid: the tier is neither basic nor assist
}

// Somebody becomes a supervisor with the first agent.
func ExampleWithCreateSupervisor() {
	c, _ := exampleClient(webex.WithCreateSupervisor())
	outcomes, err := c.Store().Assign(context.Background(), core.Assignment{
		UserID: webextest.PersonCarla, Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonAna},
	})
	fmt.Println(outcomes[0].Result, err)
	// Output: applied <nil>
}

// The last agent of a supervisor goes, and the supervisor with it.
func ExampleWithDeleteSupervisor() {
	c, _ := exampleClient(webex.WithDeleteSupervisor())
	outcomes, err := c.Store().Unassign(context.Background(), core.Assignment{
		UserID: webextest.PersonCarla, Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonErin},
	})
	fmt.Println(outcomes[0].Result, err)
	// Output: applied <nil>
}
