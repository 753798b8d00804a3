// Command libh3lp closes a queue for the night at LibraryH3lp, against a simulator,
// and opens it again in the morning: whoever was suspended before stays so.
//
//	go run ./examples/libh3lp
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	srv := libh3lptest.NewServer(libh3lptest.WithSampleData())
	defer srv.Close()
	base, err := srv.Start()
	if err != nil {
		return err
	}
	client, err := libh3lp.New(libh3lp.Config{ // your own: Region: libh3lp.US, or CA, EU, SG
		BaseURL: base, Auth: libh3lp.Login{Username: libh3lptest.Username, Password: core.NewSecret(libh3lptest.Password)},
	})
	if err != nil {
		return err
	}
	defer client.Close(ctx)
	queue, err := find(ctx, client, "ref-main")
	if err != nil {
		return err
	}
	store := client.Store()
	staff, err := core.Collect(store.ListAssignments(ctx, core.AssignmentQuery{
		Target: core.Target{Kind: core.KindQueue, ID: fmt.Sprint(queue.ID)},
	}))
	if err != nil {
		return err
	}
	var open []core.Assignment

	for _, a := range staff {
		if !a.Suspended {
			open = append(open, a)
		}
	}
	fmt.Fprintf(out, "%s has %d operators, %d of them enabled\n", queue.Name, len(staff), len(open))
	if err := tell(out, "suspended")(store.Suspend(ctx, open...)); err != nil {
		return err
	}
	show, err := client.Presence.Queue(ctx, queue.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is %s\n", queue.Name, show)
	return tell(out, "resumed")(store.Resume(ctx, open...))
}

// find looks for a queue by name, which the vendor cannot.
func find(ctx context.Context, client *libh3lp.Client, name string) (libh3lp.Queue, error) {
	for q, err := range client.Queues.List(ctx) {
		if err != nil || q.Name == name {
			return q, err
		}
	}
	return libh3lp.Queue{}, fmt.Errorf("there is no queue %s", name)
}

// tell says what became of each change.
func tell(out io.Writer, what string) func([]core.Outcome, error) error {
	return func(outcomes []core.Outcome, err error) error {
		done := 0
		for _, o := range outcomes {
			if o.Done() {
				done++
				continue
			}
			fmt.Fprintf(out, "user %s: %s\n", o.Assignment.UserID, o.Message)
		}
		fmt.Fprintf(out, "%d of %d %s\n", done, len(outcomes), what)
		return err
	}
}
