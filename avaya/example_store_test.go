package avaya_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// sampleStore returns a store over a simulator with sample data, and one of its users. Your
// own has no Transport, and your account's values.
func sampleStore() (context.Context, *avaya.Store, core.User) {
	sim := avayatest.NewServer(avayatest.WithSampleData())
	client, err := avaya.New(avaya.Config{
		BaseURL: avayatest.Origin, AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
		Auth:          avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)},
		ClientOptions: core.ClientOptions{Transport: sim.Transport()},
	}, avaya.WithSettleWait(core.Wait{First: 10 * time.Millisecond}))
	if err != nil {
		panic(err)
	}
	ctx, store := context.Background(), client.Store()
	users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{Login: "dana.reyes@example.com"}))
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
	// Output: dana.reyes@example.com <nil>
}

// Read a user by id. The vendor's own value is in Native.
func ExampleStore_GetUser() {
	ctx, store, user := sampleStore()
	found, err := store.GetUser(ctx, user.ID)
	fmt.Printf("%s %T %v\n", found.Login, found.Native, err)
	// Output: dana.reyes@example.com *avaya.User <nil>
}

// Create a user. What the vendor requires and the spec lacks is refused before anything is sent.
func ExampleStore_CreateUser() {
	ctx, store, _ := sampleStore()
	created, err := store.CreateUser(ctx, core.UserSpec{Login: "kim.park@example.com", FirstName: "Kim", LastName: "Park",
		Roles: []string{avaya.RoleAgent}})
	fmt.Println(created.Login, created.ID != "", err)
	_, err = store.CreateUser(ctx, core.UserSpec{})
	fmt.Println(errors.Is(err, core.ErrInvalid))
	// Output:
	// kim.park@example.com true <nil>
	// true
}

// Change one field. All others stay as they are, also those that the SDK does not know.
func ExampleStore_UpdateUser() {
	ctx, store, user := sampleStore()
	changed, err := store.UpdateUser(ctx, user.ID, core.UserChange{DisplayName: core.Set("Dana R.")})
	fmt.Println(changed.DisplayName, err)
	// Output: Dana R. <nil>
}

// Delete a user. The vendor accepts it now and carries it out later: see Settle.
func ExampleStore_DeleteUser() {
	ctx, store, user := sampleStore()
	fmt.Println(store.DeleteUser(ctx, user.ID))
	settled, err := store.Settle(ctx, user.ID, core.SettleAfter(core.Deleted))
	fmt.Println(settled.State, err)
	_, err = store.GetUser(ctx, user.ID)
	fmt.Println(errors.Is(err, core.ErrNotFound))
	// Output:
	// <nil>
	// gone <nil>
	// true
}

// Find out what people can be assigned to, by kind and by name.
func ExampleStore_ListTargets() {
	ctx, store, _ := sampleStore()
	for target, err := range store.ListTargets(ctx, core.TargetQuery{Kind: core.KindSkill}) {
		fmt.Println(target.Kind, target.Name, err)
	}
	// Output:
	// skill Language.English <nil>
	// skill Language.Spanish <nil>
	// skill Language.French <nil>
	// skill Language.German <nil>
	// skill Language.Basque <nil>
	// skill Product.Broadband <nil>
	// skill Product.Mobile <nil>
	// skill Product.Television <nil>
	// skill Product.Landline <nil>
}

// See what a person is assigned to.
func ExampleStore_ListAssignments() {
	ctx, store, user := sampleStore()
	for link, err := range store.ListAssignments(ctx, core.AssignmentQuery{UserID: user.ID}) {
		fmt.Println(link.Target.Kind, link.Target.Name, err)
	}
	// Output:
	// queue  <nil>
	// queue  <nil>
	// skill Language.English <nil>
	// group  <nil>
	// profile  <nil>
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
	// Language.English applied
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

// Presence cannot be read over this API. The error says so, and nothing is sent.
func ExampleStore_Presence() {
	ctx, store, user := sampleStore()
	_, err := store.Presence(ctx, user.ID)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// Only users themselves set their presence. The error says so, and nothing is sent.
func ExampleStore_SetPresence() {
	ctx, store, user := sampleStore()
	err := store.SetPresence(ctx, user.ID, core.Available)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// Nobody can be blocked. The error says so, and nothing is sent.
func ExampleStore_Block() {
	ctx, store, user := sampleStore()
	_, err := store.Block(ctx, user.ID)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// Where nobody can be blocked, nothing can be lifted: nothing is sent.
func ExampleStore_Unblock() {
	ctx, store, user := sampleStore()
	err := store.Unblock(ctx, user.ID, core.Block{UserID: user.ID})
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// Where nobody can be blocked, there are no blocks: nothing is sent.
func ExampleStore_LiftBlocks() {
	ctx, store, user := sampleStore()
	err := store.LiftBlocks(ctx, user.ID)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), core.ClassOf(err))
	// Output: true unsupported
}

// End the session where there is one, and close idle connections.
func ExampleStore_Close() {
	ctx, store, _ := sampleStore()
	fmt.Println(store.Close(ctx))
	// Output: <nil>
}

// Wait until a change is in effect. The id is all that is needed, so another process can.
func ExampleStore_Settle() {
	ctx, store, user := sampleStore()
	if err := store.DeleteUser(ctx, user.ID); err != nil {
		fmt.Println(err)
		return
	}
	settled, err := store.Settle(ctx, user.ID, core.SettleAfter(core.Deleted))
	fmt.Println(settled.State, err)
	// Output: gone <nil>
}

// Wait for the changes of many users, with one poll for all of them.
func ExampleStore_SettleAll() {
	ctx, store, _ := sampleStore()
	var ids []string
	for user, err := range store.ListUsers(ctx, core.UserQuery{}) {
		if err != nil || len(ids) == 3 {
			break
		}
		if _, err := store.UpdateUser(ctx, user.ID, core.UserChange{LastName: core.Set("Okafor")}); err != nil {
			fmt.Println(err)
			return
		}
		ids = append(ids, user.ID)
	}
	for settled, err := range store.SettleAll(ctx, ids, core.SettleAfter(core.Updated)) {
		fmt.Println(settled.State, err)
	}
	// Output:
	// settled <nil>
	// settled <nil>
	// settled <nil>
}

// Delete a user only if it is still the one that was seen.
func ExampleStore_DeleteUserIf() {
	ctx, store, user := sampleStore()
	err := store.DeleteUserIf(ctx, user.ID, core.Precondition{Values: map[string]any{"lastName": "Okafor"}})
	fmt.Println(errors.Is(err, core.ErrRevision))
	err = store.DeleteUserIf(ctx, user.ID, core.Precondition{Values: map[string]any{"lastName": user.LastName}})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}
