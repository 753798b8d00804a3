package roster_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// A board shows what changes: Watch compares one census with the next.
func ExampleWatch() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	fleet := offices()

	looks := 0
	for change, err := range roster.Watch(ctx, fleet, roster.WatchConfig{Every: time.Millisecond, Looked: func(*roster.Census, error) {
		if looks++; looks == 1 { // somebody else changes a name
			name := core.UserChange{LastName: core.Set("Park")}
			if _, err := fleet["webex"].UpdateUser(ctx, webextest.PersonAna, name); err != nil {
				fmt.Println(err)
			}
		}
	}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(change.Account, change.Person, change.What)
		break // a board goes on
	}
	// Output:
	// webex ana.silva@example.com user
}
