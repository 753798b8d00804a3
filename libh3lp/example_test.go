package libh3lp_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// sample returns a client of a simulator with sample data. Your own has no
// Transport, and the region of your subscription.
func sample() (*libh3lp.Client, *libh3lptest.Server) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	client, err := libh3lp.New(libh3lp.Config{
		ClientOptions: core.ClientOptions{Transport: sim.Transport()}, Region: libh3lp.US,
		Auth: libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
	})
	if err != nil {
		panic(err)
	}
	return client, sim
}

func Example() {
	ctx := context.Background()
	client, _ := sample()
	store := client.Store()
	users, err := core.Collect(store.ListUsers(ctx, core.UserQuery{Login: "hugo.marchand"}))
	if err != nil {
		panic(err)
	}
	hugo := users[0]
	links, err := core.Collect(store.ListAssignments(ctx, core.AssignmentQuery{UserID: hugo.ID}))
	for _, a := range links {
		fmt.Println(a.Target.Name, "suspended:", a.Suspended)
	}
	fmt.Println(err)
	// Output:
	// tech-help suspended: false
	// ref-main suspended: true
	// law-desk suspended: true
	// music-desk suspended: true
	// <nil>
}

func ExampleNew() {
	_, err := libh3lp.New(libh3lp.Config{Region: "mars", Auth: libh3lp.Login{Username: "jane", Password: core.NewSecret("s3cret")}})
	fmt.Println(err)
	// Output: libh3lp: New: invalid: there is no such Region: use us, ca, eu or sg
}

func ExampleUsers_List() {
	client, _ := sample()
	for u, err := range client.Users.List(context.Background()) {
		if err != nil {
			panic(err)
		}
		if u.Show.AcceptsChats() {
			fmt.Println(u.ID, u.Name, u.Show)
		}
	}
	// Output:
	// 8453 desk-cy chat
	// 8454 carla.mendes available
	// 8456 elif.demir available
	// 8460 owen.hartley available
	// 8461 night-student available
}

func ExampleUsers_Get() {
	client, _ := sample()
	u, err := client.Users.Get(context.Background(), 8451)
	fmt.Println(u.Name, u.Show, u.Status, err)
	// Output: desk-anna dnd in a meeting <nil>
}

func ExampleUsers_Create() {
	ctx := context.Background()
	client, _ := sample()
	_, err := client.Users.Create(ctx, libh3lp.NewUser{Name: "ref-main", Password: core.NewSecret("correct horse")})
	e, _ := errors.AsType[*core.Error](err)
	fmt.Println(e.Status, e.Class, e.Applied)
	u, err := client.Users.Create(ctx, libh3lp.NewUser{Name: "kim.park", Password: core.NewSecret("correct horse")})
	fmt.Println(u.ID, u.Name, err)
	// Output:
	// 200 conflict no
	// 8463 kim.park <nil>
}

// The vendor answers yes and keeps the old value.
func ExampleUsers_Update() {
	client, _ := sample()
	_, err := client.Users.Update(context.Background(), 8452, libh3lp.UserUpdate{Email: core.Set("not an address")})
	fmt.Println(errors.Is(err, core.ErrNotApplied))
	fmt.Println(err)
	// Output:
	// true
	// libh3lp: Users.Update: not applied: 200 OK: the vendor reported success and did not take email (it is "bo@library.example")
}

func ExampleUsers_Delete() {
	ctx := context.Background()
	client, _ := sample()
	fmt.Println(client.Users.Delete(ctx, 8462))
	fmt.Println(errors.Is(client.Users.Delete(ctx, 8462), core.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleQueues_List() {
	client, _ := sample()
	for q, err := range client.Queues.List(context.Background()) {
		if err != nil {
			panic(err)
		}
		fmt.Println(q.ID, q.Name, q.Show)
	}
	// Output:
	// 34814 ref-main chat
	// 34815 law-desk available
	// 34816 music-desk unavailable
	// 34817 tech-help chat
	// 34818 after-hours unavailable
}

func ExampleQueues_Update() {
	client, _ := sample()
	q, err := client.Queues.Update(context.Background(), 34814, libh3lp.QueueUpdate{Transcripts: core.Set(libh3lp.Flag(false))})
	fmt.Println(q.Name, q.Transcripts.Or(false), err)
	// Output: ref-main false <nil>
}

func ExampleAssignments_List() {
	client, _ := sample()
	for l, err := range client.Assignments.List(context.Background(), 8451) {
		if err != nil {
			panic(err)
		}
		fmt.Println(l.Queue, l.Enabled)
	}
	// Output:
	// ref-main true
	// law-desk false
}

// Suspending the only available operator makes the queue unavailable, and not the
// operator.
func ExampleAssignments_Update() {
	client, _ := sample()
	l, err := client.Assignments.Update(context.Background(), 8454, 34815, false)
	fmt.Println(l.Queue, l.QueueShow, l.User, l.UserShow, l.Enabled, err)
	// Output: law-desk away carla.mendes available false <nil>
}

func ExampleAssignments_Create() {
	client, sim := sample()
	fmt.Println(client.Assignments.Create(context.Background(), 8460, 34816))
	fmt.Println(sim.Links(8460))
	// Output:
	// <nil>
	// [{8460 34816 true}]
}

func ExampleOperators_List() {
	client, _ := sample()
	for l, err := range client.Operators.List(context.Background(), 34818) {
		if err != nil {
			panic(err)
		}
		fmt.Println(l.User, l.Enabled)
	}
	// Output:
	// carla.mendes false
	// elif.demir false
	// ines.aldana false
	// answer-bot true
}

// The presence service needs no login and knows names, not ids.
func ExamplePresence_User() {
	client, _ := sample()
	show, err := client.Presence.User(context.Background(), "desk-cy")
	fmt.Println(show, show.AcceptsChats(), err)
	// Output: chat true <nil>
}

func ExamplePresence_Queue() {
	client, _ := sample()
	show, err := client.Presence.Queue(context.Background(), "music-desk")
	fmt.Println(show, show.AcceptsChats(), err)
	// Output: unavailable false <nil>
}

func ExamplePresence_UserResources() {
	client, _ := sample()
	connections, err := client.Presence.UserResources(context.Background(), "ines.aldana")
	fmt.Println(connections, err)
	// Output: [{libraryh3lp dnd 5} {phone available 1}] <nil>
}

// A block that ends half-way, its repeat, and what lifts both.
func ExampleStore_Block() {
	ctx := context.Background()
	client, sim := sample()
	store := client.Store()
	sim.Fault(libh3lptest.Fault{Op: "Assignments.Update", Match: pathEnds("/34817"), Status: 403})
	first, err := store.Block(ctx, "8459")
	fmt.Println(errors.Is(err, core.ErrPartial), len(first.Changed))
	second, err := store.Block(ctx, "8459")
	fmt.Println(second.Changed, err)
	fmt.Println(store.Unblock(ctx, "8459", first, second))
	fmt.Println(sim.Links(8459))
	// Output:
	// true 2
	// [queue:34817] <nil>
	// <nil>
	// [{8459 34814 true} {8459 34815 true} {8459 34817 true} {8459 34816 false} {8459 34818 false}]
}

func ExampleStore_Presence() {
	client, _ := sample()
	p, err := client.Store().Presence(context.Background(), "8456")
	fmt.Println(p.Availability, *p.Blocked, *p.Routable, p.Reason, err)
	// Output: available true false suspended from every queue <nil>
}

func ExampleCheckName() {
	fmt.Println(libh3lp.CheckName("desk-anna"))
	fmt.Println(libh3lp.CheckName("Desk Anna"))
	// Output:
	// <nil>
	// libh3lp: CheckName: invalid: the name is not in lower case
}
