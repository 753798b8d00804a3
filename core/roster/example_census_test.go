package roster_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Two nights are compared. The first is kept as a file, and whoever is missing on the
// second is asked for by id before anybody is taken for gone.
func ExampleCensus_Diff() {
	ctx := context.Background()
	chat, phone := newWorld(), newWorld()
	for _, login := range []string{"ana@example.com", "bo@example.com", "kim@example.com"} {
		chat.add(login, core.Target{Kind: core.KindQueue, ID: "support"})
	}
	phone.add("ana@example.com")
	fleet := roster.Fleet{"chat": store{chat}, "phone": store{phone}}

	first, err := roster.Take(ctx, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	for person := range first.People() {
		fmt.Println(person.Key, "has", len(person.Accounts))
	}
	var file bytes.Buffer
	if err := first.WriteJSON(&file); err != nil {
		fmt.Println(err)
		return
	}

	delete(chat.users, "u3") // the next day
	delete(chat.links, "u3")
	chat.links["u2"]["queue:support"] = core.Assignment{UserID: "u2", Target: core.Target{Kind: core.KindQueue, ID: "support"}, Level: new(1), Suspended: true}

	before, err := roster.ReadCensus(&file, fleet)
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := roster.Take(ctx, fleet, roster.Since(before))
	if err != nil {
		fmt.Println(err)
		return
	}
	for change := range second.Diff(before) {
		fmt.Println(change.Account, change.What, change.Person)
	}
	fmt.Println("chat:", second.Proof("chat").Verdict)
	// Output:
	// ana@example.com has 2
	// bo@example.com has 1
	// kim@example.com has 1
	// chat gone kim@example.com
	// chat assignment bo@example.com
	// chat: complete
}
