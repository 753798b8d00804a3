package roster_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

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
	chat.links["u2"]["queue:support"] = core.Assignment{UserID: "u2", Target: core.Target{Kind: core.KindQueue, ID: "support"}, Level: new(1),
		Suspended: true}

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

// A census says from when to when it was taken: a plan made of an old one is better made anew.
func ExampleCensus_Taken() {
	census, err := roster.Take(context.Background(), offices())
	if err != nil {
		fmt.Println(err)
		return
	}
	begun, ended := census.Taken()
	fmt.Println(census.Accounts(), "fresh:", time.Since(begun) < time.Hour, "in order:", !ended.Before(begun))
	// Output: [libh3lp webex] fresh: true in order: true
}

// A misspelt name is told. It must not pass for somebody who is gone.
func ExampleCensus_Absent() {
	census, err := roster.Take(context.Background(), offices(), roster.Only("ana.silva@example.com", "ana.sliva@example.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(census.Absent())
	// Output: [ana.sliva@example.com]
}

// One person has two logins that have nothing in common. A function of your own, an
// employee number for example, or a pin for the single case brings them together.
func ExamplePins() {
	ctx := context.Background()
	chat, phone := newWorld(), newWorld()
	chat.add("ana@example.com")
	phone.add("+49 30 1234") // u1 of phone
	fleet := roster.Fleet{"chat": store{chat}, "phone": store{phone}}

	for _, options := range [][]roster.CensusOption{
		nil,
		{roster.Pins(map[string]string{"phone:u1": "ana@example.com"})},
		{roster.By(func(account string, u core.User) string { return "4711" })},
	} {
		census, err := roster.Take(ctx, fleet, options...)
		if err != nil {
			fmt.Println(err)
			return
		}
		var people []string
		for person := range census.People() {
			people = append(people, fmt.Sprint(person.Key, " at ", len(person.Accounts)))
		}
		fmt.Println(strings.Join(people, ", "))
	}
	// Output:
	// +49 30 1234 at 1, ana@example.com at 1
	// ana@example.com at 2
	// 4711 at 2
}
