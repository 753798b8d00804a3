// Package simtest holds what a test tells a vendor's simulator, and what the
// simulator tells it: faults to come, and requests that came. All simulators
// (avayatest, libh3lptest, livepersontest, lucstest, webextest) share both.
//
// Operations have the names that the vendor's client prints in its errors, events and
// logs, and that core.OperationOf returns. Whatever a log shows can be scripted.
//
//	sim.Fault(webextest.Fault{Op: "People.Get", Skip: 1, Status: 503, RetryAfter: "2"})
//	// … the service under test …
//	sim.Requests("People.Get") // what was asked, in order
//	sim.Unstruck()             // faults that no request has met
package simtest
