package liveperson_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// A proxy lets no PUT through: the vendor takes a POST that says what is meant.
func ExampleWithMethodOverride() {
	c, sim := exampleClient(liveperson.WithMethodOverride())
	_, err := c.Users.Modify(context.Background(), exampleUser(sim), func(u *liveperson.User) error {
		u.MaxChats = core.Set[int64](7)
		return nil
	})
	r := sim.Requests("Users.Replace")[0]
	fmt.Println(r.Method, r.Header.Get("X-HTTP-Method-Override"), err)
	// Output: POST PUT <nil>
}

// Others write all the time, and each write moves the one revision of the account. How
// often a change is made again on a new read is bounded.
func ExampleWithModifyTries() {
	c, sim := exampleClient(liveperson.WithModifyTries(2))
	_, err := c.Users.Modify(context.Background(), exampleUser(sim), func(u *liveperson.User) error {
		sim.BumpRevision("users") // somebody else writes in between
		u.MaxChats = core.Set[int64](7)
		return nil
	})
	fmt.Println(errors.Is(err, core.ErrRevision), len(sim.Requests("Users.Replace")), "tries")
	// Output: true 2 tries
}

// Stay with an older version of the users until you have tried the next one.
func ExampleWithVersions() {
	c, sim := exampleClient(liveperson.WithVersions("5.0", ""))
	_, err := c.Users.Get(context.Background(), exampleUser(sim))
	fmt.Println(strings.Contains(sim.Requests("Users.Get")[0].Query, "v=5.0"), err)
	// Output: true <nil>
}
