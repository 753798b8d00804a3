package liveperson_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/liveperson"
)

func ExampleNew() {
	_, err := liveperson.New(liveperson.Config{AccountID: "le12345"})
	fmt.Println(err)
	// Output: liveperson: New: invalid: Auth is missing
}

// One field of many users, in a request or two.
func ExampleStore_UpdateUsers() {
	ctx := context.Background()
	c, _ := exampleClient()
	store := c.Store()
	users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	var updates []core.UserUpdate
	for _, u := range users[:3] {
		updates = append(updates, core.UserUpdate{ID: u.ID, Change: core.UserChange{Enabled: core.Set(false)}})
	}
	for _, o := range store.UpdateUsers(ctx, updates...) {
		fmt.Println(*o.User.Enabled, o.Err)
	}
	// Output:
	// false <nil>
	// false <nil>
	// false <nil>
}

// A neutral change of the first or last name alone, where the vendor shows no full name.
func ExampleWithBlankFullName() {
	ctx := context.Background()
	c, sim := exampleClient(liveperson.WithBlankFullName(liveperson.KeepKnown))
	u, err := c.Users.Modify(ctx, exampleUser(sim), func(u *liveperson.User) error {
		u.Nickname = core.Set("Nadia K.")
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Nickname.Or(""))
	// Output: Nadia K.
}

func ExampleDate_Time() {
	t, ok := liveperson.Date("2026-11-30 09:15:00").Time()
	fmt.Println(t, ok)
	// Output: 2026-11-30 09:15:00 +0000 UTC true
}
