// Package lucs is a client for the UC LUCS API of Luware LUCS, an on-premise
// contact centre on Skype for Business: services and their users, the creation of
// users, block and unblock, presence, external tasks and callbacks. LUCS lists users by
// service only, and a key sees its organization units only: a list can miss somebody
// without the server saying so, and absence from one proves nothing
// (core.Capability.Partial).
//
// What is public of this API is little: the vendor pages "LUCS API", "Control
// Users", "Manage Users", "Manage External Tasks", "Manage Callbacks", and the
// models "CallbackDto" and "CreateCallbackDto". Names of functions and some samples
// are in them, paths mostly are not. So everything that had to be guessed is one
// value, the [Dialect], with a default for each part: the routes, the version, how a
// presence is set and read, whether a create names the new id. The header of the key is
// in [APIKey]. Where a server differs, as its own Swagger page says, a line changes and
// no code.
//
// # Authentication
//
// [APIKey] is the one kind. An administrator generates the key in the WebConfigurator, makes
// it accessible to organization units, and gives it API roles ("LUCS API"). TasksManage is
// for tasks and callbacks; the names of the others are not public. A role that is missing
// is answered like a wrong key. For keys in the query, or a proxy with a scheme of its own,
// there is [WithRequestHook].
//
// # Three facts
//
// Block, presence and selectability are three different things ("Control Users"). A
// blocked agent is not selected; it and its colleagues see nothing of that. The
// presence is what they see, and does not concern work: an agent may be busy and
// selectable. Selectable is the system's verdict. After Unblock an agent may be
// unselectable at once, because a pending task has reached it: that is success. [User]
// has a field for each, and [User.Routable] looks at no more than it must.
//
// # Users are seen through services
//
// The one documented list is that of a service's users. Package core's users are
// read by walking the services, one request each; one user is looked for up to the
// first service that holds it, and its place is remembered. A key sees the
// organization units that it was made for, and an agent whom no service would
// select is in none of them: that a user is not found does not mean that it does
// not exist. Who serves what follows from traits, profiles and organization units,
// so that assignments can be read and not written.
//
// # Quirks
//
//   - 401 means a wrong key, or a good one that lacks an API role. It is returned
//     at once ("Stratus Agent API", of the same family).
//   - setpresence answers 200 without a body, block and unblock with the user, or
//     a part of it ("Control Users"). Accepted is not done: the adapter looks again.
//   - Several API servers may stand behind one address ("API (Advanced Programming
//     Interface)"), so a list may be late. A block is sent whatever the list shows;
//     its record goes by what the list showed before; and one that does not show in
//     time is unknown, with its record.
//   - Responsibilities of null, as in a profile of being off duty ("Manage Users"),
//     is no empty list.
//   - Dates may be written day first, "24.06.2019 13:00:56.2732376Z" ("Manage
//     Callbacks"): see [Date].
//   - Words differ from page to page, DoNotDisturb and Do Not Disturb ("Control
//     Users", "Presence States"): every enumeration is open, and a value that is not
//     documented is kept as it came.
//   - Ids are lower-case GUIDs in every sample ("Control Users"), which .NET may write
//     in capitals or in braces: they are taken in any of these ways, and the adapter
//     gives out the one of the samples.
//   - Names of members are IsSelectable in the samples and isSelectable in the prose
//     ("Control Users"): they are read in any case.
//   - What an error looks like is on no page. ASP.NET's objects are read, and pages
//     of the web server, in German too: their headings become the message. A 404 is
//     the API's own as an object, as nothing, or as a page of IIS.
//   - A key sees its organization units only ("Stratus Agent API"), so that a list
//     may be short without a word: not found here is not gone.
//   - No page names a revision, paging or a limit; the client keeps a pace of its
//     own: see [Config]. A list that names a next page is core.ErrIncomplete.
//
// For tests, package lucstest holds a simulator of an installation.
package lucs
