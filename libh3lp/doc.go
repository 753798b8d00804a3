// Package libh3lp is a client for the administration of LibraryH3lp: users, queues
// and the links between them, as on the vendor pages "Users", "Queues",
// "Operators" and "Assignments", and the public service of the page "Presence".
//
// The vendor says 200 to everything, and the package is built around that.
//
// A failure is a 200 with an object whose success is null, or "false", or missing.
// Its message is the error's; there are no codes, so that the class follows from
// the words, and is invalid where they say nothing better.
//
// An illegal value in an update is ignored in silence. Every update compares what
// it sent with what came back, and what was not taken is core.ErrNotApplied. A
// password is never shown and cannot be compared.
//
// One thing may be answered as an object or as an array of one, and what does not
// exist as a 404, a failure, null, or an empty array. All are understood.
//
// A boolean is true or null: see [Flag].
//
// Users and queues share one name space, with all other subscriptions of the
// server; [CheckName] says what a name may be. The vendor finds nobody by name, so
// the adapter walks the list. It may list folders, which are left out.
//
// A session is a cookie from a form login ("Authentication"), opened once for all
// callers. Its end has no documented form: a 401, a redirect, or anything that is
// not JSON is taken for it. The client then logs in once more and repeats what is
// safe to repeat; a create only after a 401. A refused login is not tried again for
// a minute.
//
// X-API-Version follows from the path ("Request Formats"). All that is used here is
// of the version 2011-12-03, in which alone it is documented.
//
// Nobody's presence can be set over HTTP. A user is blocked by suspending its
// links, one write a link: see [Store.Block] and [BlockLog].
//
// For tests, package libh3lptest holds a simulator of the services.
package libh3lp
