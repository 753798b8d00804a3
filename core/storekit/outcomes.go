package storekit

import "github.com/rollcall-go/rollcall/core"

// OutcomesError returns nil when every outcome is done, and else a
// *core.PartialError that holds them all.
func OutcomesError(vendor, op string, outcomes []core.Outcome) error {
	for _, o := range outcomes {
		if !o.Done() {
			return &core.PartialError{Vendor: vendor, Op: op, Outcomes: outcomes}
		}
	}
	return nil
}
