package roster_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rollcall-go/rollcall/core/roster"
)

// A journal is opened to look into it, beside the process that writes it.
func ExampleReadOnly() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "roster")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "rollcall.journal")

	_, err = roster.OpenFile(path, roster.ReadOnly())
	fmt.Println("nothing is created:", errors.Is(err, os.ErrNotExist))

	journal, err := roster.OpenFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer journal.Close()
	fleet := offices()
	plan := planned(ctx, fleet, roster.Want{Blocked: []string{"ana.silva@example.com"}, Until: time.Now().Add(time.Hour)})
	if _, err := (roster.Run{Fleet: fleet, Journal: journal}).Apply(ctx, plan); err != nil {
		fmt.Println(err)
		return
	}

	look, err := roster.OpenFile(path, roster.ReadOnly())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer look.Close()
	for p, err := range look.Due(ctx, time.Now().Add(2*time.Hour)) { // whose lease is over by then
		fmt.Println(p.ID() == plan.ID(), err)
	}
	fmt.Println("damage:", look.Damage())
	fmt.Println("refuses to write:", look.Begin(ctx, plan) != nil)
	// Output:
	// nothing is created: true
	// true <nil>
	// damage: <nil>
	// refuses to write: true
}
