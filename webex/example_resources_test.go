package webex_test

import (
	"context"
	"errors"
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

// Large teams go to a vendor that is slow with them a few at a time: five agents, two in
// each write.
func ExampleWithChunk() {
	c, sim := exampleClient(webex.WithChunk(2))
	boss := core.Target{Kind: core.KindSupervisor, ID: sim.AddSupervisors(1, webextest.Assist)[0]}
	var crew []core.Assignment
	for _, id := range sim.AddPeople(5) {
		crew = append(crew, core.Assignment{UserID: id, Target: boss})
	}
	outcomes, err := c.Store().Assign(context.Background(), crew...)
	fmt.Println(len(outcomes), "agents,", len(sim.Requests("Supervisors.UpdateAgents")), "writes", err)
	// Output: 5 agents, 3 writes <nil>
}

// The vendor's links to the next page lead past a gateway. Without the option such a list
// ends with an error, and never silently short.
func ExampleWithLinksOnBase() {
	sim := webextest.NewServer(webextest.WithPeople(150), webextest.WithPublicURL("https://webexapis.com"))
	count := func(opts ...webex.Option) {
		c, err := webex.New(webex.Config{Tier: webex.Assist, BaseURL: "https://gateway.example/v1",
			Auth:          webex.Bearer{Token: core.NewSecret(webextest.Bearer)},
			ClientOptions: core.ClientOptions{Transport: sim.Transport()}}, opts...)
		if err != nil {
			panic(err)
		}
		people, err := core.Collect(c.People.List(context.Background(), webex.PersonListOptions{}))
		fmt.Println(len(people), "incomplete:", errors.Is(err, core.ErrIncomplete))
	}
	count()
	count(webex.WithLinksOnBase())
	// Output:
	// 100 incomplete: true
	// 151 incomplete: false
}
