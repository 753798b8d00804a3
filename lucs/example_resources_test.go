package lucs_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func ExampleNew() {
	_, err := lucs.New(lucs.Config{BaseURL: "http://lucs.example.internal", Auth: lucs.APIKey{Key: core.NewSecret("7f1d0a52c0de4b6f")}})
	fmt.Println(err)
	// Output: lucs: New: invalid: base URL is plain http to lucs.example.internal: credentials would travel in the clear; use https
}

func ExampleServices_List() {
	for s, err := range simulated().Services.List(context.Background()) {
		if err != nil {
			panic(err)
		}
		fmt.Println(s.Name.Or(""))
	}
	// Output:
	// Helpdesk
	// Helpdesk French
	// Claims
	// Policies
}

func ExampleServices_ListUsers() {
	walk := simulated().Services.ListUsers(context.Background(), lucstest.ServiceHelpdesk, lucs.ServiceUserListOptions{})
	users, err := core.Collect(walk)
	if err != nil {
		panic(err)
	}
	for _, u := range users[:2] {
		fmt.Println(u.SipUri, u.Presence, "selectable:", u.IsSelectable.Or(false))
	}
	// Output:
	// sip:mara.keller@example.internal Online selectable: true
	// sip:tom.brandt@example.internal Online selectable: true
}

func ExampleServices_ListTasks() {
	ctx := context.Background()
	client := simulated()
	ticket := lucs.Task{Service: lucstest.ServiceFrench, ExternalTaskID: core.Set("ticket-48113")}
	if _, err := client.Tasks.Create(ctx, ticket); err != nil {
		panic(err)
	}
	for task, err := range client.Services.ListTasks(ctx, lucstest.ServiceFrench) {
		if err != nil {
			panic(err)
		}
		if task.ExternalTaskID.Or("") == "ticket-48113" {
			fmt.Println(task.State.Or(""))
		}
	}
	// Output: Accepted
}

func ExampleUsers_Block() {
	ctx := context.Background()
	client := simulated()
	u, err := client.Users.Block(ctx, lucstest.UserMara)
	if err != nil {
		panic(err)
	}
	fmt.Println("blocked:", u.IsBlockedByLuwareApi.Or(false))
	u, err = client.Users.Unblock(ctx, lucstest.UserMara)
	if err != nil {
		panic(err)
	}
	fmt.Println("blocked:", u.IsBlockedByLuwareApi.Or(true))
	// Output:
	// blocked: true
	// blocked: false
}

func ExampleUsers_SetPresence() {
	ctx := context.Background()
	client := simulated()
	if err := client.Users.SetPresence(ctx, lucstest.UserMara, lucs.PresenceAway); err != nil {
		panic(err)
	}
	p, err := client.Store().Presence(ctx, lucstest.UserMara)
	fmt.Println(p.Availability, p.Raw, err)
	// Output: away Away <nil>
}

// Most servers document no route for single users: name yours in the Dialect.
func ExampleUsers_Modify() {
	ctx := context.Background()
	sim := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithDirectRoutes())
	client, err := lucs.New(lucs.Config{
		BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)},
		Dialect: lucs.Dialect{Routes: lucs.Routes{
			User: "GET /users/{userId}", ReplaceUser: "POST /users/{userId}",
		}},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		panic(err)
	}
	u, err := client.Users.Modify(ctx, lucstest.UserMara, func(u *lucs.User) error {
		u.ShowAwayAsOffline = core.Set(true)
		return nil
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(u.SipUri, u.ShowAwayAsOffline.Or(false))

	_, err = simulated().Users.Get(ctx, lucstest.UserMara)
	fmt.Println("without a route:", errors.Is(err, core.ErrUnsupported))
	// Output:
	// sip:mara.keller@example.internal true
	// without a route: true
}

func ExampleCallbacks_List() {
	ctx := context.Background()
	client := simulated()
	_, err := client.Callbacks.Create(ctx, lucs.Callback{
		Target: core.Set("tel:+41441234567"), ServiceID: core.Set(lucstest.ServiceHelpdesk), ExternalTaskID: core.Set("ticket-48113"),
		SecondsBetweenRetries: core.Set[int64](60), Priority: core.Set(lucs.PriorityNormal),
	})
	if err != nil {
		panic(err)
	}
	for cb, err := range client.Callbacks.List(ctx, lucs.CallbackListOptions{ExternalTaskID: "ticket-48113"}) {
		if err != nil {
			panic(err)
		}
		again, err := client.Callbacks.Get(ctx, cb.ID)
		if err != nil {
			panic(err)
		}
		fmt.Println(again.Target.Or(""), again.Priority.Or(""))
	}
	// Output: tel:+41441234567 Normal
}

func ExampleCallbacks_Search() {
	ctx := context.Background()
	client := simulated()
	due := time.Date(2030, 6, 24, 13, 0, 0, 0, time.UTC)
	made, err := client.Callbacks.Create(ctx, lucs.Callback{
		Target: core.Set("tel:+41441234567"), ServiceID: core.Set(lucstest.ServiceHelpdesk), DueDate: core.Set(lucs.DateOf(due)),
		SecondsBetweenRetries: core.Set[int64](60), Priority: core.Set(lucs.PriorityHigh),
	})
	if err != nil {
		panic(err)
	}
	found, err := core.Collect(client.Callbacks.Search(ctx, lucs.CallbackSearch{From: due.Add(-time.Hour), To: due.Add(time.Hour)}))
	fmt.Println(len(found), err)
	fmt.Println(client.Callbacks.Cancel(ctx, made.ID))
	// Output:
	// 1 <nil>
	// <nil>
}
