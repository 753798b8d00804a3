// Package storekit has tools for people who write a core.Store: an adapter for
// a further vendor, or a decorator. Users of a store never need it.
//
// [Pager] walks pages and never ends silently short, [Incomplete] is the error of a
// listing that broke off, [Modify] is the loop of a read-modify-write under a
// revision, [Until] polls a long operation, [Offers], [Emulates] and [Lacks] make
// Capabilities, and [OutcomesError] sums up many changes. Run the conformance suite
// of package coretest against the result.
package storekit
