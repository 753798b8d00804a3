// Package libh3lp is a client for the administration of LibraryH3lp: users, queues
// and the links between them, as on the vendor pages "Users", "Queues",
// "Operators" and "Assignments", and the public service of the page "Presence".
//
// The vendor answers 200 to everything, and the package is built around that. Each answer is
// looked into before it is believed. A change is compared with what came back, where that
// is documented as the new state; one that is answered with success alone (a link made or
// removed, a deletion) is looked at, for up to ClientOptions.ReadBack.
//
// Presence cannot be set over HTTP. A user is blocked by suspending its
// links, one write per link: see [Store.Block].
//
// # Authentication
//
// [Login] takes the name and password of the account, or of a user who may administer
// others; the account's administrator makes such a user. The login is a session: a cookie
// from a form ("Authentication"), opened once for all callers. Its end has no documented
// form: a 401, a redirect, or anything that is not JSON is taken for it. The client then
// logs in once more and repeats what is safe to repeat; a create only after a 401. A
// refused login is not tried again for a minute. [Basic] sends name and password with
// every request instead. Presence needs no credential ("Presence").
//
// # Quirks
//
//   - A failure is a 200 with an object whose success is null, or "false", or
//     missing, and whose reason is called message or error ("Assignments",
//     "Authentication", observed). There are no codes: the class of the error follows
//     from the words, and is invalid if they name no better one.
//   - An illegal value in an update is ignored in silence ("Assignments"): what was
//     not taken is core.ErrNotApplied. A password is never shown and cannot be
//     compared: if the answer omits it, what became of it is not known.
//   - A create and an update are answered with an array of one, a get with an object,
//     and a failure of either with an object ("Assignments", observed): each is read
//     in every form. What does not exist is a 404, a failure, null, or an empty array
//     (no page says which).
//   - Making a link shows nothing of it, and one link cannot be asked for
//     ("Assignments"): links are listed where they are needed.
//   - A boolean is true or null, and false is taken too ("Assignments"): see [Flag].
//   - Users and queues share one name space, with all other subscriptions of the
//     server ("Users", "Queues"); a name has at most 40 letters on one page and 60 on
//     another ("Queues", "Assignments"): see [CheckName], which takes 40.
//   - Users cannot be looked up by name (no page has it): the adapter walks the list, and leaves
//     out the folders that it may hold (observed).
//   - Bodies are forms on one page and JSON on all others ("Request Formats"): JSON is
//     sent, and a form to log in.
//   - X-API-Version must fit the path ("Request Formats"). All that is used here is of
//     the version 2011-12-03, in which alone it is documented.
//   - The attributes of the session's cookie need not fit its host (observed): it is
//     kept by the client and not in a jar.
//   - In the US the domains of users and queues lack the us. of the host ("Presence").
//   - Both available and chat take new chats (the vendor's knowledge base): see
//     [Show.AcceptsChats]. Presence has no login, and a user without any connection
//     has none to show.
//   - A suspended user is not locked out, and can opt in again at the next log-in (the
//     vendor's knowledge base).
//   - The e-mail address is where a password reset goes (the vendor's knowledge base):
//     changing it changes who can get in.
//
// For tests, package libh3lptest holds a simulator of the services.
package libh3lp
