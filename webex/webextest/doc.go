// Package webextest simulates Webex as an administrator's program sees it: the
// People API, the supervisors, call queues and queue agents of Webex Calling in
// both tiers (Basic and Customer Assist), and the token endpoints. It serves what
// package webex sends, and is for tests: of this SDK and of programs that use it.
//
// The simulator keeps state and behaves as documented, quirks included: a PUT of
// a person deletes what it leaves out, the agents of a queue are replaced as a
// whole, those of a supervisor are not, a refused agent is reported inside a 206,
// assigned workspaces come back as people, and the DELETE of one Customer Assist
// supervisor says 204 and does nothing. Where the documentation contradicts
// itself or is silent, an option chooses. It checks what it is asked strictly:
// see [WithLenientWrites].
//
// # Three ways to serve
//
// In memory, with no network, also inside testing/synctest:
//
//	sim := webextest.NewServer(webextest.WithSampleData())
//	client := &http.Client{Transport: sim.Transport()}
//	client.Get(webextest.BaseURL + "/people/me")
//
// On loopback, with [Server.Start], whose answer ends in /v1 as [BaseURL] does.
// Or mounted in your own server, as a Server is an [http.Handler]; under a path,
// with http.StripPrefix and [WithPublicURL], which next links are made of.
//
// # Credentials
//
// [Bearer] is a token of a full administrator that works for ever, [UserBearer]
// one of a user who administers nothing. [Server.AddToken] makes others, with any
// role and scopes; [Server.Revoke] ends them. [ClientID], [ClientSecret] and
// [RefreshToken] or [AuthorizationCode] get an access token at /access_token;
// [ApplicationID] is a service app.
//
// # Ids
//
// [ID] makes the vendor's id of a type and a key, and [Key] takes one apart.
// Hooks and inspectors take any form: padded or not, the true type or PEOPLE, or
// the bare key.
//
// # Somebody else
//
// [Server.ChangePerson], [Server.ChangeQueueAgents] and [Server.SetPresence] are
// writes behind the client's back; nothing tells a client of them, as Webex has no
// revisions. To place one between a client's read and its write, let a fault that
// never matches make it:
//
//	sim.Fault(webextest.Fault{Op: "Queues.ReplaceAgents", Match: func(*http.Request, []byte) bool {
//		once.Do(func() { sim.ChangeQueueAgents(id, agents...) })
//		return false
//	}})
//
// # Faults and the record
//
// [Server.Fault] scripts a deviation for one operation: a status, a Retry-After,
// an error page, a delay, a connection broken before or after the effect.
// [Refusal] makes one with an error body in a shape of your choice.
// [Server.FailAfter] lets a write of a person be carried out, or half of it, and
// answers 400. [Server.Refuse] and [Server.Ignore] choose the agents that cannot
// be assigned, and [WithStatusIDs] what they are called then. [WithReadLag] lets reads
// lag behind writes. [WithRateLimit] sets a limit of your choice. [Server.Requests]
// returns what was asked. All name the operations so:
//
//	Token.Refresh                      integrations and refresh, /access_token
//	Token.Retrieve                     a service app's tokens
//	People.List, People.Create, People.Get, People.Me, People.Replace, People.Delete
//	Supervisors.List, Supervisors.Create, Supervisors.DeleteMany, Supervisors.DeleteAll
//	Supervisors.Get, Supervisors.UpdateAgents, Supervisors.Delete
//	Supervisors.ListAvailable, Supervisors.ListAvailableAgents
//	QueueAgents.List, QueueAgents.Get, QueueAgents.UpdateSettings
//	QueueAgents.ListAvailable
//	Queues.List, Queues.Get, Queues.ReplaceAgents
//	unknown                            a path or method that is not served
package webextest
