package webex_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// sampleStore returns a store over a simulator with sample data, and one of its users. Your
// own has no Transport, and your account's values.
func sampleStore() (context.Context, *webex.Store, core.User) {
	sim := webextest.NewServer(webextest.WithSampleData())
	client, err := webex.New(webex.Config{
		Tier: webex.Assist, Auth: webex.Bearer{Token: core.NewSecret(webextest.Bearer)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		panic(err)
	}
	ctx, store := context.Background(), client.Store()
	users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{Login: "ana.silva@example.com"}))
	if err != nil || len(users) != 1 {
		panic(err)
	}
	return ctx, store, users[0]
}

// Find a person by login, in any case and with blanks around it.
func ExampleStore_ListUsers() {
	ctx, store, user := sampleStore()
	for found, err := range store.ListUsers(ctx, core.UserQuery{Login: " " + strings.ToUpper(user.Login)}) {
		fmt.Println(found.Login, err)
	}
	// Output: ana.silva@example.com <nil>
}

// Read a user by id. The vendor's own value is in Native.
func ExampleStore_GetUser() {
	ctx, store, user := sampleStore()
	found, err := store.GetUser(ctx, user.ID)
	fmt.Printf("%s %T %v\n", found.Login, found.Native, err)
	// Output: ana.silva@example.com *webex.Person <nil>
}

// Delete a user. The second time there is nobody to delete.
func ExampleStore_DeleteUser() {
	ctx, store, user := sampleStore()
	fmt.Println(store.DeleteUser(ctx, user.ID))
	fmt.Println(errors.Is(store.DeleteUser(ctx, user.ID), core.ErrNotFound))
	// Output:
	// <nil>
	// true
}

// Find out what people can be assigned to, by kind and by name.
func ExampleStore_ListTargets() {
	ctx, store, _ := sampleStore()
	for target, err := range store.ListTargets(ctx, core.TargetQuery{Kind: core.KindQueue}) {
		fmt.Println(target.Kind, target.Name, err)
	}
	// Output:
	// queue Support <nil>
	// queue Billing <nil>
}

// Let work of a queue through again.
func ExampleStore_Resume() {
	ctx, store, user := sampleStore()
	outcomes, err := store.Resume(ctx, core.Assignment{UserID: user.ID, Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueBilling}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(outcomes[0].Result, "suspended before:", outcomes[0].Before.Suspended)
	// Output: applied suspended before: true
}

// Only users themselves set their presence. The error says so, and nothing is sent.
func ExampleStore_SetPresence() {
	ctx, store, user := sampleStore()
	err := store.SetPresence(ctx, user.ID, core.Available)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// Restore what one block changed, from its record. Without a record nothing is changed.
func ExampleStore_Unblock() {
	ctx, store, user := sampleStore()
	made, err := store.Block(ctx, user.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.Unblock(ctx, user.ID))
	now, err := store.Presence(ctx, user.ID)
	fmt.Println("blocked:", *now.Blocked, err)

	fmt.Println(store.Unblock(ctx, user.ID, made))
	now, err = store.Presence(ctx, user.ID)
	fmt.Println("blocked:", *now.Blocked, err)
	// Output:
	// <nil>
	// blocked: true <nil>
	// <nil>
	// blocked: false <nil>
}

// Let a person work again, whoever made the blocks.
func ExampleStore_LiftBlocks() {
	ctx, store, user := sampleStore()
	if _, err := store.Block(ctx, user.ID); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(store.LiftBlocks(ctx, user.ID))
	now, err := store.Presence(ctx, user.ID)
	fmt.Println("blocked:", *now.Blocked, err)
	// Output:
	// <nil>
	// blocked: false <nil>
}

// Ask before you offer something: no request is sent.
func ExampleStore_Capabilities() {
	_, store, _ := sampleStore()
	offers := store.Capabilities()
	for _, op := range []core.Operation{core.OpCreateUser, core.OpAssign, core.OpSuspend, core.OpSetPresence} {
		fmt.Println(op, offers.Of(op).Support)
	}
	// Output:
	// users.create native
	// assignments.add emulated
	// assignments.suspend emulated
	// presence.set unsupported
}

// End the session where there is one, and close idle connections.
func ExampleStore_Close() {
	ctx, store, _ := sampleStore()
	fmt.Println(store.Close(ctx))
	// Output: <nil>
}

// Know whose credential this is, so that a job never locks itself out.
func ExampleStore_OwnUserID() {
	ctx, store, user := sampleStore()
	own, err := store.OwnUserID(ctx)
	fmt.Println(own != "", own == user.ID, err)
	// Output: true false <nil>
}
