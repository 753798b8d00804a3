// Command liveperson moves a shift from one agent group to another at LivePerson,
// against a simulator, and moves it back: many users in one request, with an
// outcome for each.
//
//	go run ./examples/liveperson
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	srv := livepersontest.NewServer(livepersontest.WithSampleData())
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return err
	}

	client, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: base,
		Auth: liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
	})
	if err != nil {
		return err
	}
	defer client.Close(ctx)
	groups, err := byName(ctx, client)
	if err != nil {
		return err
	}
	store := client.Store()
	shift, err := core.Collect(store.ListAssignments(ctx, core.AssignmentQuery{Target: groups["tier-1"]}))
	if err != nil {
		return err
	}

	for _, to := range []string{"tier-2", "tier-1"} {
		if err := move(ctx, out, store, shift, groups[to]); err != nil {
			return err
		}
	}
	return nil
}

func byName(ctx context.Context, client *liveperson.Client) (map[string]core.Target, error) {
	groups := map[string]core.Target{}
	for g, err := range client.AgentGroups.List(ctx, liveperson.AgentGroupListOptions{}) {
		if err != nil {
			return nil, err
		}
		groups[g.Name] = core.Target{Kind: core.KindGroup, ID: fmt.Sprint(g.ID), Name: g.Name}
	}
	return groups, nil
}

// move assigns a shift to a group. An agent is in one group, so that each outcome
// says from where it came.
func move(ctx context.Context, out io.Writer, store *liveperson.Store, shift []core.Assignment, to core.Target) error {
	moves := make([]core.Assignment, len(shift))
	for i, a := range shift {
		moves[i] = core.Assignment{UserID: a.UserID, Target: to}
	}
	outcomes, err := store.Assign(ctx, moves...)
	moved := 0
	for _, o := range outcomes {
		if o.Done() {
			moved++
			continue
		}
		fmt.Fprintf(out, "%s: %s\n", o.Assignment.UserID, o.Message)
	}
	fmt.Fprintf(out, "%d of %d moved to %s\n", moved, len(shift), to.Name)
	return err
}
