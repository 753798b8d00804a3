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
// Authentication is one of [ClientCredentials], [Bearer], [Login] and [APIKey].
//
// The vendor sets nobody's presence but one's own, so the adapter cannot either.
// It reads presence from a near real-time report if [WithAgentView] allows it.
// A user is blocked by disabling it.
//
// For tests, package livepersontest holds a simulator of the services.
package liveperson
