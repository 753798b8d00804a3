package libh3lp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// sampleStore returns a store over a simulator with sample data, and one of its users. Your
// own has no Transport, and your account's values.
func sampleStore() (context.Context, *libh3lp.Store, core.User) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	client, err := libh3lp.New(libh3lp.Config{
		Region: libh3lp.US, Auth: libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	})
	if err != nil {
		panic(err)
	}
	ctx, store := context.Background(), client.Store()
	users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{Login: "hugo.marchand"}))
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
	// Output: hugo.marchand <nil>
}

// Read a user by id. The vendor's own value is in Native.
func ExampleStore_GetUser() {
	ctx, store, user := sampleStore()
	found, err := store.GetUser(ctx, user.ID)
	fmt.Printf("%s %T %v\n", found.Login, found.Native, err)
	// Output: hugo.marchand *libh3lp.User <nil>
}

// Create a user. What the vendor requires and the spec lacks is refused before anything is sent.
func ExampleStore_CreateUser() {
	ctx, store, _ := sampleStore()
	created, err := store.CreateUser(ctx, core.UserSpec{Login: "kim.park", Password: core.NewSecret("correct horse"),
		Email: "kim@library.example"})
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
	changed, err := store.UpdateUser(ctx, user.ID, core.UserChange{Email: core.Set("hugo@library.example")})
	fmt.Println(changed.Email, err)
	// Output: hugo@library.example <nil>
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
	// queue ref-main <nil>
	// queue law-desk <nil>
	// queue music-desk <nil>
	// queue tech-help <nil>
	// queue after-hours <nil>
}

// See what a person is assigned to.
func ExampleStore_ListAssignments() {
	ctx, store, user := sampleStore()
	for link, err := range store.ListAssignments(ctx, core.AssignmentQuery{UserID: user.ID}) {
		fmt.Println(link.Target.Kind, link.Target.Name, err)
	}
	// Output:
	// queue tech-help <nil>
	// queue ref-main <nil>
	// queue law-desk <nil>
	// queue music-desk <nil>
}

// Assign a person to all targets of a kind: one call, and one outcome per assignment.
func ExampleStore_Assign() {
	ctx, store, user := sampleStore()
	var links []core.Assignment
	for target, err := range store.ListTargets(ctx, core.TargetQuery{Kind: core.KindQueue}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		links = append(links, core.Assignment{UserID: user.ID, Target: target})
	}
	outcomes, err := store.Assign(ctx, links...)
	for _, o := range outcomes {
		fmt.Println(o.Assignment.Target.Name, o.Result)
	}
	fmt.Println(err)
	// Output:
	// ref-main already
	// law-desk already
	// music-desk already
	// tech-help already
	// after-hours applied
	// <nil>
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
		if link.Target.Kind == core.KindQueue {
			links = append(links, link)
		}
	}
	outcomes, err := store.Unassign(ctx, links...)
	for _, o := range outcomes {
		fmt.Println(o.Assignment.Target.Name, o.Result)
	}
	fmt.Println(err)
	// Output:
	// tech-help applied
	// ref-main applied
	// law-desk applied
	// music-desk applied
	// <nil>
}

// Keep work of one queue away from a person; the link stays.
func ExampleStore_Suspend() {
	ctx, store, user := sampleStore()
	outcomes, err := store.Suspend(ctx, core.Assignment{UserID: user.ID, Target: core.Target{Kind: core.KindQueue, ID: "34817"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(outcomes[0].Result, "suspended before:", outcomes[0].Before.Suspended)
	// Output: applied suspended before: false
}

// Let work of a queue through again.
func ExampleStore_Resume() {
	ctx, store, user := sampleStore()
	outcomes, err := store.Resume(ctx, core.Assignment{UserID: user.ID, Target: core.Target{Kind: core.KindQueue, ID: "34814"}})
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
	// users.create emulated
	// assignments.add native
	// assignments.suspend native
	// presence.set unsupported
}

// End the session where there is one, and close idle connections.
func ExampleStore_Close() {
	ctx, store, _ := sampleStore()
	fmt.Println(store.Close(ctx))
	// Output: <nil>
}
