// Package coretest checks that an implementation of [core.Store] does what the
// interfaces promise, whatever the vendor behind it.
//
//	func TestStoreConformance(t *testing.T) {
//		coretest.TestStore(t, func(t *testing.T) coretest.Fixture {
//			sim := avayatest.NewServer(avayatest.WithSampleData())
//			…
//			return coretest.Fixture{Store: client.Store(), UserID: id, …}
//		}, coretest.VirtualTime())
//	}
//
// Each check runs as a subtest of its own with a fresh [Fixture]. What the store
// says it does not offer is checked to be refused, before any traffic, and is
// otherwise skipped; the output of go test -v says what was skipped and why.
//
// TestGovernor does the same for an implementation of [core.Governor].
package coretest
