// Package avayatest is a simulator of the Avaya Experience Platform (AXP)
// admin APIs: users, profiles, groups, queues and categories, with tokens,
// background work, quirks and scripted faults.
//
// It is for the tests of programs that talk to AXP, whatever client they use.
//
// Requests are checked as strictly as the vendor's schema allows: methods,
// content types, required fields, lengths, patterns, page sizes. What the
// schema does not know, at any depth, is stored and returned as it was sent,
// numbers to the last digit. A user is stored with its own values alone; what is returned is the
// effective user, with the values of its profile merged in. [Server.User] shows the
// first, [Server.EffectiveUser] the second. Where the vendor's documents
// contradict each other or are silent, an option chooses; the default is what the
// guide shows.
//
// # Three ways to serve
//
// In memory, with no network, also inside testing/synctest: give
// [Server.Transport] to an http.Client and use [Origin] or any other address. On
// loopback, with [Server.Start]. Or mounted in your own server, as a [Server] is an
// http.Handler; under a path, with http.StripPrefix.
//
// # Credentials
//
// [AccountID] is the account, [AppKey] goes with every request, [ClientID] and
// [ClientSecret] get a token. [Bearer] is one that always works.
// [Server.AddClient] adds clients of other accounts, or with other roles.
//
// # Time
//
// The simulator has no clock and no goroutines of its own. Creating, replacing
// and deleting users and profiles is accepted at once and done later, as at the
// vendor; when "later" has come is worked out from time.Now at each request.
// In a testing/synctest bubble that is virtual time, so an hour of polling
// costs nothing. [WithDelays] says how long things take.
//
// # Somebody else
//
// [Server.ChangeUser], [Server.ChangeProfile], [Server.RemoveUser],
// [Server.Login] and [Server.Logout] are what others do behind the client's back;
// no revision tells a client of it. To place it between a client's read and its
// write, let a fault that never matches do it:
//
//	sim.Fault(avayatest.Fault{Op: "Users.Replace", Match: func(*http.Request, []byte) bool {
//		once.Do(func() { sim.ChangeUser(id, `{"lastName":"Okafor"}`) })
//		return false
//	}})
//
// # Faults and the record
//
// [Server.Fault] scripts a deviation for one operation: a status, a Retry-After,
// an error page, a delay, a connection broken before or after the effect;
// [TooMany] and [Firewalled] make two of them. [Server.Fail] lets an accepted change
// fail later, in the background. [WithRateLimit] refuses what comes too
// fast. [Server.Requests] returns what was asked. All name the operations so:
//
//	Token
//	Users.List       Users.Create       Users.Get       Users.Replace       Users.Delete
//	Users.Search     Users.ListStatuses
//	Profiles.List    Profiles.Create    Profiles.Get    Profiles.Replace    Profiles.Delete
//	Profiles.ListStatuses
//	Groups.List      Groups.Get
//	Queues.List      Queues.Get
//	Categories.List
//	unknown          whatever is not served: other paths (404), other methods (405)
//
// # What is not simulated
//
// AXP has no presence in its admin API, and neither has the simulator: 404.
// Nor does it serve what package avaya does not send, such as writes of groups,
// queues and categories; addresses as a resource of their own, bulk operations
// and jobs, resource partitions, password policy, organization nodes, audit,
// notifications. One server is one account.
package avayatest
