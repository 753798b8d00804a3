package lucs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// sampleStore returns a store over a simulator with sample data, and one of its users. Your
// own has no Transport, and your account's values.
func sampleStore() (context.Context, *lucs.Store, core.User) {
	sim := lucstest.NewServer(lucstest.WithSampleData())
	client, err := lucs.New(lucs.Config{
		BaseURL: lucstest.Origin, Auth: lucs.APIKey{Key: core.NewSecret(lucstest.APIKey)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		panic(err)
	}
	ctx, store := context.Background(), client.Store()
	users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{Login: "sip:mara.keller@example.internal"}))
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
	// Output: sip:mara.keller@example.internal <nil>
}

// Read a user by id. The vendor's own value is in Native.
func ExampleStore_GetUser() {
	ctx, store, user := sampleStore()
	found, err := store.GetUser(ctx, user.ID)
	fmt.Printf("%s %T %v\n", found.Login, found.Native, err)
	// Output: sip:mara.keller@example.internal *lucs.User <nil>
}

// Create a user. What the vendor requires and the spec lacks is refused before anything is sent.
func ExampleStore_CreateUser() {
	ctx, store, _ := sampleStore()
	created, err := store.CreateUser(ctx, core.UserSpec{Login: "sip:noemi.graf@example.internal", Fields: map[string]any{
		"CurrentProfile": "Early Shift", "DefaultProfile": "Early Shift", "Profiles": []lucs.Profile{{Name: "Early Shift"}},
	}})
	fmt.Println(created.Login, created.ID != "", err)
	_, err = store.CreateUser(ctx, core.UserSpec{})
	fmt.Println(errors.Is(err, core.ErrInvalid))
	// Output:
	// sip:noemi.graf@example.internal true <nil>
	// true
}

// No field of a user can be changed through this API. The error says so, and nothing is sent.
func ExampleStore_UpdateUser() {
	ctx, store, user := sampleStore()
	_, err := store.UpdateUser(ctx, user.ID, core.UserChange{LastName: core.Set("Okafor")})
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// Nobody can be deleted through this API. The error says so, and nothing is sent.
func ExampleStore_DeleteUser() {
	ctx, store, user := sampleStore()
	err := store.DeleteUser(ctx, user.ID)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// Find out what people can be assigned to, by kind and by name.
func ExampleStore_ListTargets() {
	ctx, store, _ := sampleStore()
	for target, err := range store.ListTargets(ctx, core.TargetQuery{Kind: core.KindQueue}) {
		fmt.Println(target.Kind, target.Name, err)
	}
	// Output:
	// queue Helpdesk <nil>
	// queue Helpdesk French <nil>
	// queue Claims <nil>
	// queue Policies <nil>
}

// See what a person is assigned to.
func ExampleStore_ListAssignments() {
	ctx, store, user := sampleStore()
	for link, err := range store.ListAssignments(ctx, core.AssignmentQuery{UserID: user.ID}) {
		fmt.Println(link.Target.Kind, link.Target.Name, err)
	}
	// Output:
	// queue Helpdesk <nil>
	// queue Helpdesk French <nil>
}

// Assignments can be read and not written. The error says so, and nothing is sent.
func ExampleStore_Unassign() {
	ctx, store, user := sampleStore()
	link := core.Assignment{UserID: user.ID, Target: core.Target{Kind: core.KindQueue, ID: "1"}}
	_, err := store.Unassign(ctx, link)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// A link is there or not: none can be suspended. The error says so, and nothing is sent.
func ExampleStore_Suspend() {
	ctx, store, user := sampleStore()
	link := core.Assignment{UserID: user.ID, Target: core.Target{Kind: core.KindQueue, ID: "1"}}
	_, err := store.Suspend(ctx, link)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// What cannot be suspended cannot be resumed: nothing is sent.
func ExampleStore_Resume() {
	ctx, store, user := sampleStore()
	link := core.Assignment{UserID: user.ID, Target: core.Target{Kind: core.KindQueue, ID: "1"}}
	_, err := store.Resume(ctx, link)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// See whether a person can receive work now. What the vendor does not say is nil.
func ExampleStore_Presence() {
	ctx, store, user := sampleStore()
	now, err := store.Presence(ctx, user.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(now.Availability, now.Raw, "blocked:", *now.Blocked)
	// Output: available Online blocked: false
}

// Set what colleagues see of a person. It is not a block: work may still come.
func ExampleStore_SetPresence() {
	ctx, store, user := sampleStore()
	fmt.Println(store.SetPresence(ctx, user.ID, core.Away))
	now, err := store.Presence(ctx, user.ID)
	fmt.Println(now.Availability, err)
	// Output:
	// <nil>
	// away <nil>
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
	// assignments.add unsupported
	// assignments.suspend unsupported
	// presence.set native
}

// End the session where there is one, and close idle connections.
func ExampleStore_Close() {
	ctx, store, _ := sampleStore()
	fmt.Println(store.Close(ctx))
	// Output: <nil>
}
