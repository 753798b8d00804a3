// Package liveperson is a client for the administration of LivePerson
// Conversational Cloud: users and what they are assigned to, as on the vendor
// pages "Users API", "Skills API", "Agent Groups API", "Profiles API" and "LOBs
// API".
//
// Four things make this vendor hard, and the package is built around them.
//
// A PUT replaces everything. [Users.Modify] reads, changes and writes back the
// whole user, unknown fields included, and leaves out only what must not be
// echoed: passwords, and what the vendor documents as read only.
//
// A required field cannot be read. fullName comes back blank, always;
// [WithBlankFullName] says what a write then does. A name is never left out of a
// write, which would delete it.
//
// There is one revision for all users of an account. Writes are guarded with it
// (If-Match), and Modify starts over when anybody has changed any user in
// between. Revisions of different collections are different Go types.
//
// If-Match on a read means "unless it is still at this revision": see
// [Users.GetIfChanged] and [ListOptions].
//
// The hosts of the services come from the Domain API. Lists and plain reads go to
// the read-only host; a read that a write stands on goes to the read-write host.
//
// The vendor sets nobody's presence but one's own, so the adapter cannot either.
// It reads presence from a near real-time report if [WithAgentView] allows it.
// A user is blocked by disabling it.
//
// # Authentication
//
//   - [ClientCredentials] is what the vendor prefers between machines. An administrator
//     registers an application with the grant client_credentials and the scope
//     users.external ("OAuth 2.0 Client Credentials", "Users API, Overview"), or in an
//     older edition of the page users.read and users.write.
//   - [APIKey] signs each request (OAuth 1.0a). An administrator makes the key under
//     Data Sources, API, with the category Administration and the permission Users
//     ("Create OAuth 1.0 API Keys").
//   - [Login] is a user's name and password, with the rights of that user ("Login Service
//     API"). The vendor means it for people: a login elsewhere may end the session, so the
//     user should be one for this client alone. [Client.Close] logs it out.
//   - [Bearer] is a token that you got elsewhere.
//
// # Quirks
//
//   - Numbers and booleans are texts in one sample and not in the next ("Users API,
//     Appendix"): both are read, and the right ones are sent.
//   - A list shows a few fields unless all are asked for ("Get All Users"):
//     they always are.
//   - Without the parameter v an ancient version answers ("Users API, Overview"): it
//     is always sent, see [WithVersions].
//   - The revision is in a header called ac-revision or ETag ("Users API, Overview").
//   - Older answers show a salted hash of the password; sent back it would become
//     the password ("Users API, Appendix"): it is never sent back.
//   - An agent is in exactly one agent group, and the main group's id is -1
//     ("Agent Groups API, Appendix"): assigning moves.
//   - A change of profiles can clear skills and groups in silence ("Users API,
//     Appendix"): the answer is compared with what was asked.
//   - A loginName cannot be changed ("Users API, Appendix").
//   - Deleted users stay, and lists leave them out unless asked ("Get All
//     Users").
//   - Many users are deleted with one DELETE that has a body ("Delete Users"), which
//     some proxies drop: see [WithMethodOverride].
//   - expires_in is a text, and missing from a sample ("OAuth 2.0 Client
//     Credentials").
//   - A refresh of a login needs its cookie and its csrf token, and is answered
//     without a body ("Login Service API").
//   - Presence is of agents who are logged in and have slots, at most 1000 of them,
//     and says so when it is partial ("Key Messaging Metrics API").
//
// For tests, package livepersontest holds a simulator of the services.
package liveperson
