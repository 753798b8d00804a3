// Package avayatest is a simulator of the Avaya Experience Platform (AXP)
// admin APIs: users, profiles, groups, queues and categories, with tokens,
// background work, quirks and scripted faults.
//
// It is for the tests of programs that talk to AXP, whatever client they use.
// A [Server] is an [http.Handler] with state and can be reached three ways:
//
//   - in memory: give [Server.Transport] to an http.Client and use [Origin] or
//     any other address. This works inside testing/synctest;
//   - on loopback: [Server.Start] returns the address, [Server.Close] ends it;
//   - in your own server: mount it, under a path too, with http.StripPrefix.
//
// # Time
//
// The simulator has no clock and no goroutines of its own. Creating, replacing
// and deleting users and profiles is accepted at once and done later, as at the
// vendor; when "later" has come is worked out from time.Now at each request.
// In a testing/synctest bubble that is virtual time, so an hour of polling
// costs nothing. [Delays] says how long things take.
//
// # What it believes
//
// Requests are checked as strictly as the vendor's schema allows: methods,
// content types, required fields, lengths, patterns, page sizes. What the
// schema does not know, at any depth, is stored and returned as it was sent,
// numbers to the last digit, unless [Behaviour].DropUnknownFields is set. What
// is stored for a user are its own values; what is returned is the effective
// user, with the values of its profile merged in. [Server.User] and
// [Server.EffectiveUser] show one and the other.
//
// Where the vendor's documents contradict each other or say nothing,
// [Behaviour] has a switch. Its zero value is the behaviour the vendor's guide
// shows.
//
// # Trouble
//
// A [Fault] disturbs one request: a status, a broken connection, a lost
// answer, half a body, a delay. Arm it with [Server.Fault]. A [Failure] lets an
// accepted change fail later, in the background. Arm it with [Server.Fail].
// [WithRateLimit] and [WithWindow] refuse what comes too fast.
//
// # Operations
//
// Faults, failures and the record of requests name operations:
//
//	token
//	users.list       users.create       users.get       users.replace       users.delete
//	users.search     users.listStatuses
//	profiles.list    profiles.create    profiles.get    profiles.replace    profiles.delete
//	profiles.listStatuses               uxProfiles.list
//	groups.list      groups.create      groups.get      groups.replace      groups.delete
//	groupTypes.list
//	queues.list      queues.create      queues.get      queues.replace      queues.delete
//	categories.list  categories.create  categories.get  categories.replace  categories.delete
//	unknown          whatever is not served: other paths (404), other methods (405)
//
// # What is not there
//
// AXP has no presence in its admin API, and neither has the simulator: 404.
// Not simulated either: addresses as a resource of their own, bulk operations
// and jobs, resource partitions, password policy, organization nodes, audit,
// notifications. One server is one account.
package avayatest
