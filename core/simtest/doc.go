// Package simtest holds what a test tells the simulator of a vendor, and what the
// simulator tells it: a [Fault] to come, and a [Request] that came. All simulators
// (avayatest, libh3lptest, livepersontest, lucstest, webextest) share both.
//
//	sim.Fault(webextest.Fault{Op: "people.get", Skip: 1, Status: 503, RetryAfter: "2"})
//	// … the service under test …
//	sim.Requests("people.get") // what was asked, in order
//	sim.Unstruck()             // faults that no request has met: a mistyped Op, mostly
package simtest
