package roster_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// A board shows what changes: Watch compares one census with the next.
func Example_watch() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	centre, _ := crowd(3)
	fleet := roster.Fleet{"fake": store{centre}}

	looks := 0
	for change, err := range roster.Watch(ctx, fleet, roster.WatchConfig{Every: time.Millisecond, Looked: func(*roster.Census, error) {
		if looks++; looks == 1 { // somebody else changes a name
			name := core.UserChange{LastName: core.Set("Park")}
			if _, err := (store{centre}).UpdateUser(ctx, "u2", name); err != nil {
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
	// fake p001@x.test user
}
