// Command webex gives each supervisor a team at Webex Calling, against a simulator:
// many agents over several supervisors in one call, one write per supervisor, an
// outcome for each agent, and what was refused said by name.
//
//	go run ./examples/webex
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	// Two supervisors with an agent each, and twelve agents who are nobody's.
	srv := webextest.NewServer(webextest.WithCrew(webextest.Assist, 2, 12))
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return err
	}
	client, err := webex.New(webex.Config{BaseURL: base, Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)}})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()

	supervisors, err := core.Collect(client.Supervisors.List(ctx, webex.SupervisorListOptions{}))
	if err != nil {
		return err
	}
	free, err := core.Collect(client.Supervisors.ListAvailableAgents(ctx, webex.SupervisorListOptions{}))
	if err != nil {
		return err
	}
	srv.Refuse("", "", string(free[len(free)-1].ID)) // somebody's licence ends between the look and the write
	var links []core.Assignment
	for i, a := range free {
		s := supervisors[i%len(supervisors)]
		links = append(links, core.Assignment{UserID: string(a.ID), Target: core.Target{Kind: core.KindSupervisor, ID: string(s.ID)}})
	}
	// What shows in the supervisors afterwards is applied; that costs one read each.
	outcomes, err := client.Store().Assign(ctx, links...)
	count := map[core.Result]int{}
	for i, o := range outcomes {
		if count[o.Result]++; !o.Done() {
			fmt.Fprintf(out, "%s: %s\n", free[i].DisplayName, o.Code)
		}
	}
	fmt.Fprintf(out, "%d assigned, %d already, %d refused, in %d writes\n", count[core.ResultApplied], count[core.ResultAlready],
		count[core.ResultFailed],
		len(srv.Requests("Supervisors.UpdateAgents")))
	if _, partial := err.(*core.PartialError); partial {
		return nil // each of them was told
	}
	return err
}
