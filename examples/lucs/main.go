// Command lucs plays the vendor's use case UC LUCS API 002, "Control Users", step
// by step, against a simulator: an agent is blocked, a task has to wait for it, and
// reaches it the moment it is unblocked.
//
//	go run ./examples/lucs
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	srv := lucstest.NewServer(lucstest.WithSampleData())
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return err
	}
	client, err := lucs.New(lucs.Config{BaseURL: base, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)}})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	u := &useCase{client: client, store: client.Store(), service: lucstest.ServiceFrench, out: out}
	for _, step := range []func(context.Context) error{u.findAgent, u.block, u.unblock, u.setPresence} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// useCase is the one service and the one agent that it is about.
type useCase struct {
	client  *lucs.Client
	store   *lucs.Store
	service string
	out     io.Writer

	agent, task string
	blocked     core.Block
}

func (u *useCase) say(format string, args ...any) { fmt.Fprintf(u.out, format+"\n", args...) }

// findAgent is step 1: who is selectable?
func (u *useCase) findAgent(ctx context.Context) error {
	agents, err := core.Collect(u.client.Services.ListUsers(ctx, u.service, lucs.ServiceUserListOptions{Selectable: true}))
	if err != nil {
		return err
	}
	if len(agents) != 1 {
		return fmt.Errorf("%d agents are selectable, and the use case is about one", len(agents))
	}
	u.agent = agents[0].ID
	u.say("1. One agent is selectable: %s.", agents[0].SipUri)
	return u.look(ctx)
}

// block is step 2: block the agent, and see a task wait.
func (u *useCase) block(ctx context.Context) error {
	var err error
	if u.blocked, err = u.store.Block(ctx, u.agent); err != nil {
		return err
	}
	u.say("2. The agent is blocked. Nobody sees it in the messenger.")
	if err := u.look(ctx); err != nil {
		return err
	}
	u.task, err = u.client.Tasks.Create(ctx, lucs.Task{
		Service: u.service, ExternalTaskID: core.Set("ticket-48113"), Caller: core.Set("Ticket 48113"),
	})
	if err != nil {
		return err
	}
	return u.lookAtTask(ctx)
}

// unblock is step 3: the task reaches the agent at once.
func (u *useCase) unblock(ctx context.Context) error {
	if err := u.store.Unblock(ctx, u.agent, u.blocked); err != nil {
		return err
	}
	u.say("3. The agent is unblocked, and takes the task that was waiting.")
	if err := u.lookAtTask(ctx); err != nil {
		return err
	}
	return u.look(ctx)
}

// setPresence is step 4: colleagues shall see that the agent is at work.
func (u *useCase) setPresence(ctx context.Context) error {
	if err := u.store.SetPresence(ctx, u.agent, core.DND); err != nil {
		return err
	}
	u.say("4. The presence is set to do not disturb.")
	return u.look(ctx)
}

// look prints the three facts about the agent, which are independent of each other.
func (u *useCase) look(ctx context.Context) error {
	for agent, err := range u.client.Services.ListUsers(ctx, u.service, lucs.ServiceUserListOptions{}) {
		if err != nil {
			return err
		}
		if agent.ID == u.agent {
			u.say("   presence %s, blocked %t, selectable %t", agent.Presence, agent.IsBlockedByLuwareApi.Or(false), agent.IsSelectable.Or(false))
			return nil
		}
	}
	return errors.New("the service has lost its agent")
}

func (u *useCase) lookAtTask(ctx context.Context) error {
	for task, err := range u.client.Services.ListTasks(ctx, u.service) {
		if err != nil {
			return err
		}
		if task.ID == u.task {
			u.say("   task %s: %s", task.ExternalTaskID.Or(""), task.State.Or("?"))
			return nil
		}
	}
	return errors.New("the service has lost its task")
}
