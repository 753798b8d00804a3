// Package libh3lptest simulates the part of LibraryH3lp that manages people: the
// session login, users, queues, the links between them seen from either side
// (assignments and operators), and the public presence service. It is for tests:
// of this SDK, and of programs that use it or any other client. It follows the
// vendor's pages "Authentication", "Request formats", "Users", "Queues",
// "Operators", "Assignments" and "Presence".
//
// The simulator keeps state and behaves as documented, quirks included: a failure
// is answered with HTTP 200, illegal values of an update are ignored in silence,
// what is off is null, a create answers an array of one object, a failure of the
// same call an object. Where the documentation contradicts itself or is silent,
// an option chooses.
//
// # Three ways to serve
//
// In memory, with no network, also inside testing/synctest:
//
//	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
//	client := &http.Client{Transport: sim.Transport()}
//	client.Get(libh3lptest.Origin + "/presence/jid/ref-main/" + libh3lptest.QueueDomain + "/text")
//
// In memory every host is served, and the scheme counts: the API refuses plain
// http, presence does not. On loopback, with [Server.Start], everything is plain
// http. Or mounted in your own server, as a Server is an [http.Handler].
//
// # Credentials
//
// [Username] and [Password] log in the administrator of the account [AccountID].
// Seeded users have [SeedPassword], unless they are given another. An
// administrator manages all of its account, anybody else what they created
// themselves; see [Server.Grant].
//
// # What XMPP does
//
// No presence can be set over HTTP. [Server.SetResources] and [Server.SetPresence]
// stand for the XMPP connections of a user.
//
// # Where the documentation is silent
//
// These are conventions of this simulator, which a client should not depend on: a
// method that is not supported is answered 405, with an empty body; a request that
// cannot be read, or whose X-API-Version is missing or wrong, 400 and a failure
// object; an unknown path 404 and a page; a name that is taken, uppercase or longer
// than 40 characters, a missing password, and a link to what does not exist, with
// a failure object. An email without an @ counts as an illegal value. Deleting a
// user or queue deletes its links; an administrator cannot be deleted.
//
// # Somebody else
//
// [Server.ChangeUser], [Server.SetEnabled], [Server.RemoveLink] and their like are
// writes behind the client's back. To place one between two requests of a client,
// let a fault that never matches make it:
//
//	sim.Fault(libh3lptest.Fault{Op: "Assignments.Update", Match: func(*http.Request, []byte) bool {
//		once.Do(func() { sim.RemoveLink(user, queue) })
//		return false
//	}})
//
// # Faults and the record
//
// [Server.Fault] scripts a deviation for one operation: a status, an error page
// (such as [ErrorPage]), a Retry-After, a delay, a connection broken before or
// after the effect. [Server.Requests] returns what was asked. Both name the
// operations so:
//
//	Login, Verify            the session
//	Users.List, Users.Get    likewise for Queues
//	Users.Create
//	Users.Update             PUT and PATCH
//	Users.Delete
//	Assignments.List         the links of a user; likewise Operators, the
//	Assignments.Create       links of a queue
//	Assignments.Update       PUT; of operators in the second API, also PATCH
//	Assignments.Delete
//	Presence.User            the public service, as text; likewise Presence.Queue
//	Presence.UserResources   as XML; likewise Presence.QueueResources
//	Presence.Image           icons
//	Presence.Script          as JavaScript
//	LoginPage                the login page, where redirects lead
//	unknown                  a path or method that is not served
//
// A POST with the query parameter _method is recorded as what it stands for.
package libh3lptest
