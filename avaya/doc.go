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
// write, so that the user keeps following the profile.
//
// There is no revision. One Client's changes of a user take turns; against
// writers elsewhere the vendor offers no guard.
//
// Avaya has no administrative presence: no state can be read or set, and a user
// cannot be disabled. The adapter says so instead of pretending.
//
// For tests, package avayatest holds a simulator of the service.
package avaya
