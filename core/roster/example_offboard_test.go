package roster_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// Somebody leaves two accounts. One of them deletes nobody, which the receipt says.
func Example_offboard() {
	ctx := context.Background()
	deletes, keeps := newWorld(), newWorld()
	deletes.add("kim@example.com")
	keeps.add("kim@example.com", core.Target{Kind: core.KindQueue, ID: "support"})
	keeps.lacks = []core.Operation{core.OpDeleteUser}
	fleet := roster.Fleet{"avaya": store{deletes}, "lucs": store{keeps}}
	journal, done := openExample()
	defer done()

	census, err := roster.Take(ctx, fleet, roster.Only("kim@example.com"))
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := roster.Want{Gone: []string{"kim@example.com"}}.Plan(census)
	if err != nil {
		fmt.Println(err) // two users of one account with one key: nothing was guessed
		return
	}
	report, err := roster.Run{Fleet: fleet, Journal: journal}.Apply(ctx, plan)
	if err != nil {
		fmt.Println(err)
		return
	}

	receipt, err := report.Receipt(ctx, "kim@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	receipt.WriteTo(&file)

	// Offline, years later: every byte is as it was written.
	proof, err := roster.Verify(file.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range proof.Report() {
		fmt.Println(step.Result, step.Step)
	}
	for _, gap := range proof.Plans[0].Gaps {
		fmt.Println("gap", gap.Account+":", gap.Why)
	}
	// Output:
	// applied kim@example.com/avaya/presence.block
	// applied kim@example.com/avaya/users.delete
	// applied kim@example.com/lucs/presence.block
	// applied kim@example.com/lucs/assignments.remove
	// applied kim@example.com/lucs/users.update
	// gap lucs: the user stays: the fake lacks it
}
