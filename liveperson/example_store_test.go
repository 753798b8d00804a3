package liveperson_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

// sampleStore returns a store over a simulator with sample data, and one of its users. Your
// own has no Transport, and your account's values.
func sampleStore() (context.Context, *liveperson.Store, core.User) {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	client, err := liveperson.New(liveperson.Config{
		AccountID: livepersontest.AccountID, DomainURL: "https://" + livepersontest.HostDomain,
		Auth:          liveperson.ClientCredentials{ID: livepersontest.ClientID, Secret: core.NewSecret(livepersontest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	}, liveperson.WithAgentView()) // which allows to read presence
	if err != nil {
		panic(err)
	}
	ctx, store := context.Background(), client.Store()
	users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{Login: "nadia.kovar"}))
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
	// Output: nadia.kovar <nil>
}

// Read a user by id. The vendor's own value is in Native.
func ExampleStore_GetUser() {
	ctx, store, user := sampleStore()
	found, err := store.GetUser(ctx, user.ID)
	fmt.Printf("%s %T %v\n", found.Login, found.Native, err)
	// Output: nadia.kovar *liveperson.User <nil>
}

// Create a user. What the vendor requires and the spec lacks is refused before anything is sent.
func ExampleStore_CreateUser() {
	ctx, store, _ := sampleStore()
	created, err := store.CreateUser(ctx, core.UserSpec{
		Login: "kim.park", FirstName: "Kim", LastName: "Park", DisplayName: "Kim", Email: "kim.park@example.test",
		Password: core.NewSecret("Init-pass-01"),
		Fields: map[string]any{"profileIds": []int64{livepersontest.ProfileAgent}, "maxChats": 2,
			"memberOf": map[string]any{"agentGroupId": liveperson.MainGroup}},
	})
	fmt.Println(created.Login, created.ID != "", err)
	_, err = store.CreateUser(ctx, core.UserSpec{})
	fmt.Println(errors.Is(err, core.ErrInvalid))
	// Output:
	// kim.park true <nil>
	// true
}

// Change one field. All others stay as they are, also those that the SDK does not know.
func ExampleStore_UpdateUser() {
	ctx, store, user := sampleStore()
	changed, err := store.UpdateUser(ctx, user.ID, core.UserChange{DisplayName: core.Set("Nadja")})
	fmt.Println(changed.DisplayName, err)
	// Output: Nadja <nil>
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
	for target, err := range store.ListTargets(ctx, core.TargetQuery{Kind: core.KindSkill}) {
		fmt.Println(target.Kind, target.Name, err)
	}
	// Output:
	// skill billing <nil>
	// skill orders <nil>
	// skill returns <nil>
	// skill key accounts <nil>
}

// See what a person is assigned to.
func ExampleStore_ListAssignments() {
	ctx, store, user := sampleStore()
	for link, err := range store.ListAssignments(ctx, core.AssignmentQuery{UserID: user.ID}) {
		fmt.Println(link.Target.Kind, link.Target.Name, err)
	}
	// Output:
	// skill  <nil>
	// group  <nil>
	// profile  <nil>
	// lob  <nil>
}

// Take everything of a kind away from a person, in one call.
func ExampleStore_Unassign() {
	ctx, store, user := sampleStore()
	var links []core.Assignment
	for link, err := range store.ListAssignments(ctx, core.AssignmentQuery{UserID: user.ID}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if link.Target.Kind == core.KindSkill {
			links = append(links, link)
		}
	}
	outcomes, err := store.Unassign(ctx, links...)
	for _, o := range outcomes {
		fmt.Println(o.Assignment.Target.Name, o.Result)
	}
	fmt.Println(err)
	// Output:
	// applied
	// <nil>
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
	// Output: available ONLINE blocked: false
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
	// assignments.suspend unsupported
	// presence.set unsupported
}

// End the session where there is one, and close idle connections.
func ExampleStore_Close() {
	ctx, store, _ := sampleStore()
	fmt.Println(store.Close(ctx))
	// Output: <nil>
}

// Create many users with one request.
func ExampleStore_CreateUsers() {
	ctx, store, _ := sampleStore()
	var specs []core.UserSpec
	for _, name := range []string{"Kim", "Noor"} {
		specs = append(specs, core.UserSpec{
			Login: strings.ToLower(name), FirstName: name, LastName: "Park", DisplayName: name, Email: name + "@example.test",
			Password: core.NewSecret("Init-pass-01"), Fields: map[string]any{"profileIds": []int64{livepersontest.ProfileAgent}, "maxChats": 2,
				"memberOf": map[string]any{"agentGroupId": liveperson.MainGroup}},
		})
	}
	for _, o := range store.CreateUsers(ctx, specs...) {
		fmt.Println(o.User.Login, o.Err)
	}
	// Output:
	// kim <nil>
	// noor <nil>
}

// Disable many users with few requests, each with a record of its own.
func ExampleStore_BlockUsers() {
	ctx, store, user := sampleStore()
	for _, o := range store.BlockUsers(ctx, user.ID, "5") {
		fmt.Println(o.Block.Changed, o.Err == nil, errors.Is(o.Err, core.ErrNotFound))
	}
	// Output:
	// [isEnabled disabledManually] true false
	// [] false true
}

// Delete many users with one request.
func ExampleStore_DeleteUsers() {
	ctx, store, user := sampleStore()
	for _, err := range store.DeleteUsers(ctx, user.ID, "5") {
		fmt.Println(err == nil, errors.Is(err, core.ErrNotFound))
	}
	// Output:
	// true false
	// false true
}
