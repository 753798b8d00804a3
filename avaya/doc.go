// Package avaya is a client for the administration of Avaya Experience Platform:
// users, profiles, groups, queues and skills, as on the vendor pages "Users",
// "Admin - User", "Admin - Group" and "Admin - Match".
//
// Three things make this vendor hard, and the package is built around them.
//
// Writes are accepted now and done later. Create, Replace, Modify and Delete
// return when the vendor has accepted them; Settle waits until they are in
// effect, and tells a change that failed (roles and the password policy are
// checked after the answer) from one that the vendor puts off until the agent
// logs out.
//
// A PUT replaces everything. Modify reads, changes and writes back whole,
// unknown fields included. What a user takes from its profile is kept out of the
// write, so that the user keeps following the profile. A link that is added to what
// comes from the profile makes all of it the user's own, and the outcome says so; when
// the link is taken away the user follows the profile again, if nothing else differs.
//
// There is no revision. One Client's changes of a user take turns, and a read that is
// older than an own write does not undo it; against writers elsewhere the vendor
// offers no guard.
//
// # Authentication
//
// [ClientCredentials] is for services, [Bearer] for a token that you got elsewhere. Avaya
// gives the client's id, its secret and the application key ([Config].AppKey) together when
// an application is registered ("How to Authenticate with AXP APIs"). Users, profiles and
// groups need the role Account Administrator ("Admin - User", "Admin - Group"); the page
// "Admin - Match" names none for queues and skills. A token lives for 15 minutes in the
// vendor's sample; it is bought once for all callers, early, and once more after a 401.
//
// # Evidence
//
// A write is accepted where its answer is the documented one and shows what is not
// carried out later (names, addresses, groups). Else the user is looked at, for
// ReadBack. Roles, features and the password are carried out later: Settle tells what
// became of them, and Assign and Unassign wait for it by themselves.
//
// Avaya has no administrative presence: no state can be read or set, and a user
// cannot be disabled. The adapter says so instead of pretending.
//
// # Quirks
//
//   - A change that waits for the agent to log out can be PENDING for hours
//     ("Editing a user"): Settle calls it deferred, and no time-out.
//   - The password policy is checked after the answer, and its verdict is filed
//     under the roles ("Admin - User").
//   - A statuses answer is the latest state of each part, of several changes at
//     once, and names parts that nobody sent or leaves out some that were ("Users").
//   - It may not be listed yet right after a write, or never, where neither roles
//     nor features changed ("Users"): absence is waited for, 15 seconds and a look at most.
//   - A user ends as DELETED, a profile as COMPLETED, and both are unknown
//     afterwards; the removal of a user that never was may be accepted too ("Users").
//   - Words are spelt in any case, Failed and FAILED ("Users"): all are read.
//   - A proficiency of 1 is the best and 16 the worst ("Admin - User").
//   - A filter is an exact word or a part of one, by the page ("Admin - User",
//     "Admin - Group"): what comes back is compared again.
//   - links, beside a page, are an object, an array, or inside an element: the
//     walk does not depend on them ("Admin - User").
//   - A page has at least 5 users; queues come 20 at the most ("Admin - Match").
//   - A bad application key and a bad token are both a 401, an unknown account is a
//     400, and the status in an error may be a text ("Error Handling").
//   - Passwords of agents come back in clear in some features ("Admin - User"):
//     they are core.Secret here.
//   - The vendor's own proxy sample answers errors with 200 and the error's body:
//     that is an error here.
//
// For tests, package avayatest holds a simulator of the service.
package avaya
