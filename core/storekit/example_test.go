package storekit_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// Waiting for something that the vendor does later.
func ExampleUntil() {
	states := []string{"IN_PROGRESS", "IN_PROGRESS", "COMPLETED"}
	look := func(context.Context) (storekit.Probe, error) {
		state := states[0]
		states = states[1:]
		if state == "COMPLETED" {
			return storekit.Probe{Phase: storekit.PhaseDone, State: state}, nil
		}
		return storekit.Probe{Phase: storekit.PhasePending, State: state}, nil
	}
	patient := core.Wait{First: time.Millisecond, Max: 10 * time.Millisecond}
	last, err := storekit.Until(context.Background(), patient, "example", "Users.Settle", look)
	fmt.Println(last.State, err)
	// Output: COMPLETED <nil>
}
