// Package core holds the vendor-neutral words of rollcall: users, assignments
// and presence, the three interfaces that every vendor implements, and the one
// error that every vendor returns. It imports no HTTP engine and no vendor.
//
// A [Store] comes from a vendor's client:
//
//	client, err := webex.New(webex.Config{…})
//	var store core.Store = client.Store()
//	for user, err := range store.ListUsers(ctx, core.UserQuery{}) { … }
//	outcomes, err := store.Assign(ctx, core.Assignment{UserID: id, Target: queue})
//	made, err := store.Block(ctx, id)
//
// [Capabilities] says in advance what a vendor offers. What it does not is an error
// that matches [errors.ErrUnsupported], before anything is sent. Every other error
// is an [*Error], or a [*PartialError] of many changes; read its Class, or use
// errors.Is with the sentinels, and after a write look at Applied.
//
// # For those who write a store
//
// A further vendor, or a decorator, has the same tools as the adapters here: [Pager]
// walks pages, [Modify] is the loop of a read-modify-write under a revision, [Wait]
// polls, [Offers], [Emulates] and [Lacks] make Capabilities, [Invalid] and
// [Unsupported] the commonest errors, [Outcome.Fail] and [OutcomesError] the results
// of many changes. Package coretest tells when it is done.
package core
