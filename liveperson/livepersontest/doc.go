// Package livepersontest simulates the LivePerson services that manage the
// people of a contact centre: the Domain API, the Users API and its neighbours
// in Account Config (skills, agent groups, profiles, lines of business, status
// reasons), the login service, the OAuth 2.0 token service, and the agent view
// of the manager workspace. It is for tests: of this SDK, and of programs that
// use it or any other client.
//
// The simulator keeps state and behaves as documented, quirks included: every
// update replaces the whole object, If-Match on a read means "unless changed",
// fullName is stored but read as "", lists are short unless told otherwise.
// Where the documentation contradicts itself or is silent, an option chooses.
// Fields that the simulator does not know, at any depth, are stored and returned
// value for value, as the real service may do with fields of a later version.
//
// # Three ways to serve
//
// In memory, with no network, also inside testing/synctest:
//
//	sim := livepersontest.NewServer(livepersontest.WithSampleData())
//	client := &http.Client{Transport: sim.Transport()}
//	client.Get("https://" + livepersontest.HostReadOnly + "/api/account/...")
//
// In memory the Domain API answers the Host constants, each of which serves just
// its own service; any other host name serves all of them.
//
// On loopback, with [Server.Start] (one listener for everything) or
// [Server.StartSplit] (the read-only host is a listener of its own). Or mounted
// in your own server, as a Server is an [http.Handler]; the Domain API then
// answers the host and port that the request was sent to.
//
// # Credentials
//
// The defaults are the constants of this package; the account is [AccountID].
// [Bearer] is a bearer token that always works.
//
// # Somebody else
//
// [Server.ChangeUser] and [Server.BumpRevision] are writes behind the client's
// back. To place one between a client's read and its write, let a fault that
// never matches make it:
//
//	sim.Fault(livepersontest.Fault{Op: "Users.Replace", Match: func(*http.Request, []byte) bool {
//		once.Do(func() { sim.ChangeUser(id, map[string]any{"nickname": "Nan"}) })
//		return false
//	}})
//
// # Faults and the record
//
// [Server.Fault] scripts a deviation for one operation: a status, a Retry-After,
// an error page, a delay, a connection broken before or after the effect.
// [Server.Requests] returns what was asked. Both name the operations so:
//
//	Domain.Get, Domain.List            one service's base URI; all of them
//	Token                              OAuth 2.0 client credentials
//	Login, Login.Refresh, Login.Logout the login service
//	Users.List, Users.Get              likewise for Skills, AgentGroups,
//	Users.Create, Users.CreateMany     Profiles, LOBs and StatusReasons
//	Users.Replace, Users.ReplaceMany   (status reasons have no batches)
//	Users.Delete, Users.DeleteMany
//	Users.ResetPassword
//	AgentView.Get                      key messaging metrics
//	unknown                            a path or method that is not served
package livepersontest
