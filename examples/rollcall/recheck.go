package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

// recheckReceipt looks again at what a receipt says was done, and says who is back.
func recheckReceipt(ctx context.Context, j *job) error {
	file, err := os.ReadFile(j.arg(0))
	if err != nil {
		return usagef("the receipt cannot be read: %v", err)
	}
	receipt, err := roster.Verify(file)
	if err != nil {
		return usagef("the receipt is not genuine: %v", err)
	}

	f, end, err := j.fleet(ctx)
	if err != nil {
		return err
	}
	defer end(ctx)

	back := 0
	for _, p := range receipt.Plans {
		one := roster.Receipt{Person: receipt.Person, Made: receipt.Made, Plans: []roster.ReceiptPlan{p}}
		looks, err := one.Recheck(ctx, f)
		if err != nil {
			return err
		}
		v := verdict{OK: true, Plan: p.Plan, Person: receipt.Person, Why: fmt.Sprintf("%d steps were looked at, and all is as it was left",
			len(looks))}

		var why []string
		for _, l := range looks {
			if l.Back {
				why = append(why, l.Step+": "+l.Why)
			}
		}
		if len(why) > 0 {
			v.OK, v.Why = false, strings.Join(why, "; ")
			back += len(why)
		}
		j.verdict(v)
	}

	if back > 0 {
		return &core.Error{Op: "recheck", Class: core.ClassConflict, Applied: core.AppliedNo,
			Message: fmt.Sprintf("%d of the receipt's steps are not so any more", back), Hint: "plan anew for " + receipt.Person}
	}
	return nil
}
