package libh3lp_test

import (
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
)

func ExampleQueues_Get() {
	client, _ := sample()
	q, err := client.Queues.Get(context.Background(), 34814)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(q.ID, q.Name)
	// Output: 34814 ref-main
}

func ExampleQueues_Create() {
	client, _ := sample()
	q, err := client.Queues.Create(context.Background(), libh3lp.NewQueue{Name: "map-room"})
	if err != nil {
		fmt.Println(err) // with core.AppliedUnknown it may exist: list the queues
		return
	}
	fmt.Println(q.Name, q.ID > 0)
	// Output: map-room true
}

func ExampleQueues_Delete() {
	client, _ := sample()
	fmt.Println(client.Queues.Delete(context.Background(), 34818))
	// Output: <nil>
}

func ExampleAssignments_Delete() {
	ctx := context.Background()
	client, _ := sample()
	fmt.Println(client.Assignments.Delete(ctx, 8451, 34814))
	links, err := core.Collect(client.Assignments.List(ctx, 8451))
	fmt.Println(len(links), "left", err)
	// Output:
	// <nil>
	// 1 left <nil>
}

// Operators are assignments as a queue sees them.
func ExampleOperators_Create() {
	ctx := context.Background()
	client, _ := sample()
	if err := client.Operators.Create(ctx, 34816, 8451); err != nil {
		fmt.Println(err)
		return
	}
	link, err := client.Operators.Update(ctx, 34816, 8451, false) // there, and gets no chats
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("enabled:", bool(link.Enabled))
	// Output: enabled: false
}

func ExampleOperators_Update() {
	client, _ := sample()
	link, err := client.Operators.Update(context.Background(), 34814, 8451, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("enabled:", bool(link.Enabled))
	// Output: enabled: false
}

func ExampleOperators_Delete() {
	client, _ := sample()
	fmt.Println(client.Operators.Delete(context.Background(), 34814, 8451))
	// Output: <nil>
}

// Who is behind a queue right now, connection by connection.
func ExamplePresence_QueueResources() {
	client, _ := sample()
	resources, err := client.Presence.QueueResources(context.Background(), "tech-help")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range resources {
		fmt.Println(r.Show, r.Show.AcceptsChats())
	}
	// Output: chat true
}
