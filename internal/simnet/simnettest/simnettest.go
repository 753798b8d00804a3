// Package simnettest is for the tests of simulators, and for those who test with
// them: it asks one over HTTP, and lets the conformance suite disturb it.
package simnettest

import (
	"github.com/rollcall-go/rollcall/core/coretest"
	"github.com/rollcall-go/rollcall/core/simtest"
)

// Fault is a disturbance of the suite, to strike after skip requests.
func Fault(skip int, d coretest.Disturbance) simtest.Fault {
	f := simtest.Fault{Skip: skip, Status: d.Status, RetryAfter: d.RetryAfter, LoseAnswer: d.LoseAnswer, Delay: d.Delay}
	if d.CutBody {
		f.CutBody = 9
	}
	return f
}
