package webex_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func ExampleSupervisors_List() {
	c, _ := exampleClient()
	for v, err := range c.Supervisors.List(context.Background(), webex.SupervisorListOptions{Order: webex.ByFirstName}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v.FirstName, v.AgentCount.Or(0))
	}
	// Output:
	// Dana 2
	// Erin 1
}

func ExampleSupervisors_ListAvailable() {
	c, _ := exampleClient()
	for v, err := range c.Supervisors.ListAvailable(context.Background(), webex.SupervisorListOptions{Name: "ben"}) {
		fmt.Println(v.Name(), err)
	}
	// Output: Ben Okoro <nil>
}

func ExampleSupervisors_ListAvailableAgents() {
	c, _ := exampleClient()
	for a, err := range c.Supervisors.ListAvailableAgents(context.Background(), webex.SupervisorListOptions{Name: "lobby"}) {
		// The type is right, the one inside the id is not.
		fmt.Println(a.FirstName, a.Type, a.ID.Type(), a.ID.Same(webextest.AgentLobby), err)
	}
	// Output: Lobby PLACE PEOPLE true <nil>
}

func ExampleSupervisors_Get() {
	ctx := context.Background()
	c, _ := exampleClient()
	v, err := c.Supervisors.Get(ctx, webextest.PersonDana)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(v.Agents), v.Agents[0].Name())
	_, err = c.InTier(webex.Basic).Supervisors.Get(ctx, webextest.PersonDana)
	fmt.Println(errors.Is(err, core.ErrNotFound))
	// Output:
	// 2 Ana Silva
	// true
}

func ExampleSupervisors_ListAgents() {
	c, _ := exampleClient()
	for a, err := range c.Supervisors.ListAgents(context.Background(), webextest.PersonDana, webex.SupervisorListOptions{Order: webex.ByFirstName}) {
		fmt.Println(a.Name(), err)
	}
	// Output:
	// Ana Silva <nil>
	// Lobby <nil>
}

func ExampleSupervisors_Create() {
	c, _ := exampleClient()
	results, err := c.Supervisors.Create(context.Background(), webextest.PersonBen, webextest.PersonDev, webextest.AgentLine)
	fmt.Println(len(results), err)
	// Output: 2 <nil>
}

// The vendor's normal answer is a success for some of the agents.
func ExampleSupervisors_UpdateAgents() {
	c, _ := exampleClient()
	results, err := c.Supervisors.UpdateAgents(context.Background(), webextest.PersonDana,
		webex.AgentChange{ID: webextest.PersonAna, Action: webex.AddAgent},
		webex.AgentChange{ID: webextest.PersonDev, Action: webex.AddAgent},
		webex.AgentChange{ID: webextest.AgentLobby, Action: webex.DeleteAgent})
	if part, ok := errors.AsType[*webex.AgentsError](err); ok {
		fmt.Println(len(part.Results), errors.Is(err, core.ErrPartial))
	} else if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range results {
		fmt.Printf("%s %s %q\n", r.Action, r.State, r.Status)
	}
	// Output:
	// 3 true
	// ADD refused "DUPLICATE"
	// ADD done ""
	// DELETE done ""
}

func ExampleSupervisors_Delete() {
	c, sim := exampleClient()
	err := c.Supervisors.Delete(context.Background(), webextest.PersonErin)
	fmt.Println(err, len(sim.Supervisors(webextest.Assist)))
	// Output: <nil> 1
}

func ExampleSupervisors_DeleteMany() {
	ctx := context.Background()
	c, sim := exampleClient()
	fmt.Println(c.Supervisors.DeleteMany(ctx))
	err := c.Supervisors.DeleteMany(ctx, webextest.PersonDana, webextest.PersonErin)
	fmt.Println(err, len(sim.Supervisors(webextest.Assist)), len(sim.Supervisors(webextest.Basic)))
	// Output:
	// webex: Supervisors.DeleteMany: invalid: no supervisor is named
	// <nil> 0 2
}

func ExampleSupervisors_DeleteAll() {
	c, sim := exampleClient()
	err := c.InTier(webex.Basic).Supervisors.DeleteAll(context.Background())
	fmt.Println(err, len(sim.Supervisors(webextest.Assist)), len(sim.Supervisors(webextest.Basic)))
	// Output: <nil> 2 0
}

func ExampleQueues_List() {
	c, _ := exampleClient()
	for q, err := range c.Queues.List(context.Background(), webex.QueueListOptions{}) {
		fmt.Println(q.Name, q.LocationName, err)
	}
	// Output:
	// Support Austin <nil>
	// Billing Austin <nil>
}

func ExampleQueues_Get() {
	c, _ := exampleClient()
	q, err := c.Queues.Get(context.Background(), webextest.LocationAustin, webextest.QueueSupport)
	if err != nil {
		fmt.Println(err)
		return
	}
	agents, _ := q.Agents.Get()
	fmt.Println(q.CallPolicies.RoutingType, len(agents), agents[1].Name(), agents[1].SkillLevel.Or(0))
	// Output: SKILL_BASED 4 Ben Okoro 2
}

func ExampleQueues_ModifyAgents() {
	c, _ := exampleClient()
	q, err := c.Queues.ModifyAgents(context.Background(), webextest.LocationAustin, webextest.QueueSupport, func(agents *[]webex.QueueMember) error {
		(*agents)[1].SkillLevel = core.Set(1)
		*agents = append(*agents, webex.QueueMember{ID: webextest.PersonDev, SkillLevel: core.Set(4)})
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	agents, _ := q.Agents.Get()
	for _, a := range agents {
		fmt.Println(a.Name(), a.SkillLevel.Or(0), a.JoinEnabled.Or(true))
	}
	// Output:
	// Ana Silva 1 true
	// Ben Okoro 1 true
	// Carla Mendes 3 false
	// Lobby 5 true
	// Dev Patel 4 true
}

func ExampleQueues_ReplaceAgents() {
	c, sim := exampleClient()
	err := c.Queues.ReplaceAgents(context.Background(), webextest.LocationAustin, webextest.QueueSupport, []webex.QueueMember{
		{ID: webextest.PersonBen, SkillLevel: core.Set(1)},
	})
	_, ana := sim.QueueAgent(webextest.QueueSupport, webextest.PersonAna)
	fmt.Println(err, ana)
	// Output: <nil> false
}

func ExampleQueueAgents_List() {
	c, _ := exampleClient()
	for a, err := range c.QueueAgents.List(context.Background(), webex.QueueAgentListOptions{QueueID: webextest.QueueBilling}) {
		fmt.Println(a.Name(), a.QueueCount.Or(0), a.JoinCount.Or(0), err)
	}
	// Output:
	// Ana Silva 2 1 <nil>
	// Dev Patel 1 1 <nil>
}

func ExampleQueueAgents_ListAvailable() {
	c, _ := exampleClient()
	for a, err := range c.QueueAgents.ListAvailable(context.Background(), webex.AvailableQueueAgentListOptions{LocationID: webextest.LocationAustin, Name: "dev"}) {
		fmt.Println(a.DisplayName, a.HasCxEssentials.Or(false), err)
	}
	// Output: Dev Patel true <nil>
}

func ExampleQueueAgents_Get() {
	c, _ := exampleClient()
	d, err := c.QueueAgents.Get(context.Background(), webextest.PersonAna)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, q := range d.Queues {
		fmt.Println(d.Agent.Name(), q.Name, q.JoinEnabled.Or(true))
	}
	// Output:
	// Ana Silva Support true
	// Ana Silva Billing false
}

func ExampleQueueAgents_ListQueues() {
	c, _ := exampleClient()
	for q, err := range c.QueueAgents.ListQueues(context.Background(), webextest.PersonBen) {
		fmt.Println(q.Name, err)
	}
	// Output: Support <nil>
}

func ExampleQueueAgents_UpdateSettings() {
	c, _ := exampleClient()
	err := c.QueueAgents.UpdateSettings(context.Background(), webextest.PersonAna,
		webex.QueueSetting{QueueID: webextest.QueueSupport, JoinEnabled: false},
		webex.QueueSetting{QueueID: webextest.QueueBilling, JoinEnabled: true})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleQueueAgents_Join() {
	c, _ := exampleClient()
	fmt.Println(c.QueueAgents.Join(context.Background(), webextest.PersonCarla, webextest.QueueSupport))
	// Output: <nil>
}

func ExampleQueueAgents_Unjoin() {
	c, _ := exampleClient()
	fmt.Println(c.QueueAgents.Unjoin(context.Background(), webextest.PersonBen, webextest.QueueSupport))
	// Output: <nil>
}

func ExampleStore_Assign() {
	c, sim := exampleClient()
	sim.Refuse("NOT_AVAILABLE", "", webextest.PersonKofi)
	dana := core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana}
	support := core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}
	outcomes, err := c.Store().Assign(context.Background(),
		core.Assignment{UserID: webextest.PersonAna, Target: dana},
		core.Assignment{UserID: webextest.PersonDev, Target: dana},
		core.Assignment{UserID: webextest.PersonKofi, Target: dana},
		core.Assignment{UserID: webextest.PersonDev, Target: support, Level: new(3)})
	for _, o := range outcomes {
		fmt.Printf("%s %s %q\n", o.Assignment.Target.Kind, o.Result, o.Code)
	}
	fmt.Println(errors.Is(err, core.ErrPartial))
	// Output:
	// supervisor already "DUPLICATE"
	// supervisor applied ""
	// supervisor failed "NOT_AVAILABLE"
	// queue applied ""
	// true
}

// The last agent of a supervisor takes it along.
func ExampleStore_Unassign() {
	ctx := context.Background()
	c, _ := exampleClient()
	carla := core.Assignment{UserID: webextest.PersonCarla, Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonErin}}
	outcomes, _ := c.Store().Unassign(ctx, carla)
	fmt.Println(outcomes[0].Result)
	c, _ = exampleClient(webex.WithDeleteSupervisor())
	outcomes, _ = c.Store().Unassign(ctx, carla)
	fmt.Println(outcomes[0].Result)
	// Output:
	// failed
	// applied
}

func ExampleStore_Suspend() {
	ctx := context.Background()
	c, _ := exampleClient()
	store := c.Store()
	link := core.Assignment{UserID: webextest.PersonAna, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}}
	outcomes, err := store.Suspend(ctx, link)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(outcomes[0].Result)
	outcomes, err = store.Resume(ctx, link)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(outcomes[0].Result)
	// Output:
	// applied
	// applied
}

func ExampleStore_ListAssignments() {
	c, _ := exampleClient()
	for a, err := range c.Store().ListAssignments(context.Background(), core.AssignmentQuery{UserID: webextest.PersonAna}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(a.Target.Kind, a.Target.Name, a.Suspended)
	}
	// Output:
	// queue Support false
	// queue Billing true
	// supervisor Dana Reyes false
}
