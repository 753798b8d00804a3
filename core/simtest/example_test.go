package simtest_test

import (
	"fmt"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/simtest"
)

// A decision that a service under test might make, tried with a scripted fault.
// Any simulator takes it: sim.Fault(lost).
func ExampleFault() {
	lost := simtest.Fault{Op: "Users.Create", LoseAnswer: true} // carried out, and nobody hears of it
	decide := func(err *core.Error) string {
		if err.Applied == core.AppliedUnknown {
			return "look before creating again"
		}
		return "create again"
	}
	fmt.Println(lost.Op, decide(&core.Error{Applied: core.AppliedUnknown}))
	// Output: Users.Create look before creating again
}
