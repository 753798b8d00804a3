// Package lucstest simulates the UC LUCS API of one Luware LUCS installation:
// services and their users, the creation of users, block, unblock and
// setpresence, external tasks and callbacks. It is for tests: of this SDK, and of
// programs that use it or any other client.
//
// The simulator keeps state, and a little dispatcher works on it: an external
// task goes to a member of its service who is selectable and not blocked, stays
// pending while there is none, and is handed out the moment somebody is unblocked,
// comes back or becomes free. So the vendor's use case "Control Users" can be
// played through from its first step to its last.
//
// # Three ways to serve
//
// In memory, with no network, also inside testing/synctest: give
// [Server.Transport] to an http.Client and use [Origin] or any other address. On
// loopback, with [Server.Start]. Or mounted in your own server, as a Server is an
// [http.Handler].
//
// The paths begin with the version, v1.0, and the key is [APIKey], bare, in the
// header Authorization:
//
//	GET /v1.0/services HTTP/1.1
//	Authorization: 7f1d0a52c0de4b6f
//	Accept: application/json
//
// # What is documented, and what is not
//
// The vendor publishes help pages with examples ("Control Users", "Manage Users",
// "Manage External Tasks", "Manage Callbacks", "CallbackDto", "CreateCallbackDto")
// and no specification. What they say, the simulator does. What they leave open
// (the header of the key, most paths, the form of many answers, most statuses of
// errors) is a convention here, and each has an [Option]: a client that works only
// with the defaults stands on a guess.
//
// # Time
//
// The simulator has no clock and no goroutines of its own. What happens later (a
// presence on its way, an agent who lets it ring) is worked out from time.Now at
// each request. In a testing/synctest bubble that is virtual time.
//
// # Membership
//
// There is no link between a user and a service. Who is a member is worked out at
// each request: whoever holds the service's trait or one below it, has a role with
// the permission Allow and none with Deny in the service's organization unit or one
// above it, and has a profile that is not off duty. [Server.ChangeUser] changes
// what it rests on.
//
// # Somebody else
//
// [Server.ChangeUser], [Server.SetPresence], [Server.SetBlocked] and
// [Server.CompleteTask] are what others do behind the client's back. To place one
// between two of the client's requests, let a fault that never matches do it:
//
//	sim.Fault(lucstest.Fault{Op: "Services.ListUsers", Match: func(*http.Request, []byte) bool {
//		once.Do(func() { sim.SetBlocked(id, false) })
//		return false
//	}})
//
// # Operations
//
// [Server.Fault], [Server.Requests], [WithRoute] and other options name the
// operations so; with the path after the version, and "off" for those that are
// answered 404 unless [WithDirectRoutes] or [WithRoute] turns them on:
//
//	Services.List         GET    /services
//	Services.ListUsers    GET    /services/{id}/users
//	Services.ListTasks    GET    /services/{id}/tasks
//	Users.Create          POST   /users
//	Users.Block           POST   /users/{id}/block
//	Users.Unblock         POST   /users/{id}/unblock
//	Users.SetPresence     POST   /users/{id}/setpresence
//	Tasks.Create          POST   /tasks
//	Tasks.Get             GET    /tasks/{id}             by Id or by ExternalTaskId
//	Callbacks.Create      POST   /callbacks
//	Callbacks.List        GET    /callbacks              all, or ?externalTaskId=
//	Callbacks.Get         GET    /callbacks/{id}
//	Callbacks.Cancel      POST   /callbacks/{id}/cancel
//	Callbacks.Search      POST   /callbacks/search       {"From", "To", "ServiceId"}, each optional
//	Users.List            GET    /users                  off
//	Users.Get             GET    /users/{id}             off
//	Users.Replace         POST   /users/{id}             off; replaces the whole user
//	Users.Delete          DELETE /users/{id}             off
//	unknown               whatever is not served: other paths (404), other methods (405)
package lucstest
