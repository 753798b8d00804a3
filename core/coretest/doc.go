// Package coretest checks that an implementation of core.Store does what the
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
// Package fixtures has a Fixture of each vendor, for a decorator of a store. The example
// of [TestStore] is the smallest store of a vendor of your own.
//
// Every request of every operation is tried under every fault that a [Disturbance] can
// be: refusals, lost and cut answers, pages of a proxy, halves of answers, before and
// after the change was made. The rules of evidence (see package core) are tested with
// reads that lag behind writes and lists that repeat a row. What the suite expects of a
// field, a level or a cost it reads from Capabilities.
//
// Each check runs as a subtest of its own with a fresh [Fixture]. What the store
// says it does not offer is checked to be refused, before any traffic, and is
// otherwise skipped; the output of go test -v says what was skipped and why.
//
// TestGovernor does the same for an implementation of [core.Governor].
package coretest
