// Package webex is a client for the people side of Cisco Webex Calling: people,
// supervisors and their agents, call queues and their agents, as on the vendor
// pages "People", "Features: Call Queue" and "Features: Customer Assist". It is not
// for Webex Contact Center, which is another product with another API.
//
// Six things make this vendor hard, and the package is built around them.
//
// Two worlds share all paths. Supervisors, queues and agents are those of plain
// call queues or those of Customer Assist (Customer Experience Essentials), told
// apart by hasCxEssentials, which is a query parameter in most operations, a member
// of the body in one, and absent from another. Forgetting it does not fail; it
// addresses the other world. So the [Tier] is part of the [Config], without a
// default.
//
// Ids have many forms. What was sent as a workspace is answered as a person, padded
// or not, or as a bare UUID, as the page "Assign or Unassign Agents to Supervisor
// with Customer Experience Essentials" warns. [ID] is one type for all of them,
// compares by key, and sends what each operation takes.
//
// Partial success is the normal answer. A write of a supervisor's agents that was
// not done for all of them is a success (206) that names those that were refused,
// each with a status and a message; those that it does not name were done.
//
// A PUT of a person replaces everything, and so does one of the agents of a queue.
// [People.Modify] reads a person with calling data, changes it and writes all of it
// back, unknown fields included; what is the vendor's own is left out, the location,
// which cannot be changed, stays as it was read, and loginEnabled, which a
// replacement must not leave to chance, is always among what is sent: where it is not
// shown, nothing is written unless [WithUnseenLogin] allows it.
// There are no revisions: writers of one Client take turns, those elsewhere are not
// noticed.
//
// Writes of people are not atomic, as the page "People" says: a refusal (400) may
// have created or changed something, and licences that cannot be given are skipped
// without a word. So a refused write is followed by a look, and what was asked is
// compared with the answer and with what is read then: [core.ErrNotApplied] names what
// is missing.
//
// Every write is looked at until it shows, for [core.ClientOptions].ReadBack, but for a
// person's replacement whose answer shows it: a supervisor's agents, whose answer tells
// of those that were refused alone; a queue's; join states; a person who was created,
// blocked or deleted. A read that is older than the client's own write does not undo it.
//
// Lists come in pages, by Link headers ("REST API Basics"), or where the page
// declares none by start and max. Links are followed within the origin of the base
// URL only, or there with [WithLinksOnBase]; filters that a link lost or changed are put
// back. A list that cannot be completed ends with [core.ErrIncomplete].
//
// Presence is the status of the person, which no API sets
// ("Presence Comes to the People API"), and which may be absent for many reasons:
// absent is unknown, not offline. A person is blocked through loginEnabled. SCIM
// could do that with a patch of one attribute, and is not used: it takes other
// scopes (identity:people_rw), the organisation's bare UUID and another base path,
// and that its active is the same switch as loginEnabled is said nowhere. The
// full replacement is made safe instead.
//
// # Authentication
//
//   - [Refresh] is for services: a service app ("Service Apps"), which a full administrator
//     authorises in Control Hub, or an integration ("Integrations"). Access tokens live for
//     14 days and are bought early, once for all callers. Refresh tokens live for 90 days,
//     and each use begins them anew: keep what [Refresh].Granted is told. [ServiceApp] gets a
//     first pair, and a new one when the refresh token has ended.
//   - [TokenSource] asks you for each token, where something else renews them.
//   - [Bearer] is one token: a personal one lives for 12 hours, has nearly all rights of its
//     owner, and is for trying out. Bots have no administrative rights.
//
// The scopes are spark-admin:people_read and spark-admin:people_write, and for supervisors,
// queues and agents spark-admin:telephony_config_read and spark-admin:telephony_config_write
// ("People", "Features: Call Queue"). Most writes of supervisors and agents demand a full
// administrator, whatever the scope. [core.Capabilities] names both, per operation.
//
// # Quirks
//
// By "Call Queue" the pages "Features: Call Queue" and "Features: Customer Assist"
// are meant, which tell the same.
//
//   - A partial success is a 206 on one page ("Call Queue") and a 200 on another
//     ("Assign or Unassign Agents to Supervisor with Customer Experience Essentials"):
//     the body decides. Code 6612 stands for several words, so that the status does,
//     and an unknown one is kept.
//   - Workspaces and virtual lines are answered as PEOPLE ("Call Queue"): ids are
//     compared by key.
//   - Deleting one supervisor knows no tier, and answers 204 to one of Customer
//     Assist without deleting it (observed): [Supervisors.Delete] looks before and
//     after.
//   - Bulk deletion takes its targets in the body of a DELETE, and deleteAll wipes a
//     tier ("Call Queue"): an empty list is never sent.
//   - Taking a supervisor's last agent away deletes the supervisor (observed): the
//     adapter refuses it unless [WithDeleteSupervisor] allows it.
//   - An agent's queues need max or start, and a page after the last is a 404
//     (observed): there, it is the end.
//   - A queue is addressed with its location, which only the list of queues tells
//     ("Call Queue"): it is looked up once.
//   - Creating a person answers 200, replacing one 200 or 204 ("People"): every 2xx
//     is a success.
//   - loginEnabled is a text when it is read and a boolean when it is written
//     ("People"): both are read.
//   - Only phone numbers of type work can be set, and others come with them when a
//     person is read ("People"): those go back as they were read, and where a write
//     refuses them it fails, unless [WithWorkNumbersAlone] allows it to leave them out.
//     Work numbers are read in other notations than they are written in (observed).
//   - "." is the last name of who has none ("People"): the two are the same.
//   - The order of the addresses of a person is not promised when they are read, and is
//     the order of precedence when they are written ("People"): the login, which only a
//     look-up by id shows as userName (observed), is written first, and where it is not
//     clear nothing is written.
//   - The status of a person is missing from a look-up by id list, and where the
//     token's owner hides it ("People").
//   - locationId can be written once ("People"): a change is refused before it is sent.
//   - max is cut in silence, to 100 with calling data and 50 with a location
//     ("People"): links are followed, whatever came.
//   - Errors have three bodies, with the code as a number, a text, or in a header
//     ("API Errors", observed): all are read.
//   - Retry-After may be rand(30),add(30) (observed): a random wait of 30 to 60 s.
//   - 423 and 428 stand in every table of codes and mean files of messages only
//     ("Call Queue"): a 423 is repeated where it names a wait.
//
// For tests, package webextest holds a simulator of the services.
package webex
