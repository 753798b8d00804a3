// Package core holds the vendor-neutral words of rollcall: users, assignments
// and presence, the three interfaces that every vendor implements, and the one
// error that every vendor returns. It imports no vendor and no HTTP engine: from
// net/http it uses the names of status codes and the transport.
//
// A [Store] comes from a vendor's client:
//
//	client, err := webex.New(webex.Config{…})
//	var store core.Store = client.Store()
//	for user, err := range store.ListUsers(ctx, core.UserQuery{}) { … }
//	outcomes, err := store.Assign(ctx, core.Assignment{UserID: id, Target: queue})
//	made, err := store.Block(ctx, id)
//
// [Capabilities] says in advance what a vendor offers. A call that it does not offer
// ends with an error that matches [errors.ErrUnsupported], before anything is sent.
// Every other error is an [*Error], or a [*PartialError] of many changes; read its
// Class, or use errors.Is with the sentinels, and after a write look at Applied.
//
// # Guides
//
// Each is an example that runs:
//
//   - a service of yours answers over HTTP: a status per class of error, [ClassOf];
//   - an answer was lost, and you must know what became of the write: [MaybeApplied];
//   - a block outlives the program that made it, also one that is killed: [Block];
//   - a proxy, certificates of your own, more connections: [NewTransport];
//   - traces, whose spans are called after the operation: [OperationOf];
//   - metrics, and progress for people: [Observer];
//   - a person waits while bulk work runs: [WithPriority], and with a bound [WithMaxWait];
//   - a change that is carried out later: [Settler];
//   - the same change at several vendors: [Capabilities], and package roster for jobs.
//
// Which credential a vendor takes, who gives it and with which rights, is under
// Authentication in the package of the vendor.
//
// # Evidence
//
// What counts as evidence is the same at every vendor. Not found is believed only when
// the API itself answers about that very object. A write whose answer is not itself the
// new state is looked at; what does not show yet is looked at again, with growing
// pauses, for [ClientOptions.ReadBack]; what still does not show is [ErrNotApplied],
// and Applied is then unknown unless the evidence is certain. A list that repeats a
// row or lacks one ends with [ErrIncomplete].
//
// People who write a store of their own find their tools in package storekit, and the
// conformance suite in package coretest.
package core
