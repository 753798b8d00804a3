package libh3lptest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func usersList(t *testing.T) {
	d := newDesk(t, WithAdministratorHidden())
	require.Equal(t, "[]\n", d.get(api+"/users").is(200).Body)
	d.AddUser(m{"name": "desk-anna", "show": "dnd", "status": "in a meeting"})
	d.AddUser(m{"id": 8460, "name": "desk-bo", "email": "bo@example.org"})
	r := d.get(api + "/users").is(200)
	require.Equal(t, []m{
		{"id": json.Number("8451"), "type": "user", "name": "desk-anna", "email": nil, "show": "dnd", "status": "in a meeting"},
		{"id": json.Number("8460"), "type": "user", "name": "desk-bo", "email": "bo@example.org", "show": "unavailable", "status": ""},
	}, r.Array())
	require.NotContains(t, r.Body, SeedPassword)
	require.Equal(t, "application/json; charset=utf-8", r.Header.Get("Content-Type"))

	d = newDesk(t, WithStringIDs(), WithContentType("text/html"))
	r = d.get(api + "/users").is(200)
	require.Equal(t, []any{"8400"}, simnettest.Each(r.Array(), "id"))
	require.Equal(t, "text/html", r.Header.Get("Content-Type"))
	require.NotContains(t, r.Body, Password)

	d = newDesk(t)
	require.Equal(t, []int64{8451, 8452}, d.AddUsers(2))
	require.Equal(t, []any{Username, "user0001", "user0002"}, simnettest.Each(d.get(api+"/users").Array(), "name"))
	require.Equal(t, []m{{"id": number(8400), "name": Username}, {"id": number(8451), "name": "user0001"},
		{"id": number(8452), "name": "user0002"}},
		d.get(api2+"/users").Array())
}

func userGet(t *testing.T) {
	d := newDesk(t)
	id := d.AddUser(`{"name":"desk-bo","show":"xa","unheardOf":{"big":12345678901234567890,"list":[]}}`)
	require.Equal(t, m{"id": number(id), "type": "user", "name": "desk-bo", "email": nil, "show": "xa", "status": "",
		"unheardOf": m{"big": json.Number("12345678901234567890"), "list": []any{}}}, d.get(userPath(id)).is(200).Object())
	require.Contains(t, d.get(userPath(7)).failed(404), "7")

	require.Equal(t, "desk-bo", newSeeded(t, WithWrappedObjects()).get(userPath(8451)).one()["name"])
	newSeeded(t, WithMissing(MissingFailure)).get(userPath(7)).failed(200)
	require.Equal(t, "[]\n", newSeeded(t, WithMissing(MissingEmptyArray)).get(userPath(7)).is(200).Body)
	require.Equal(t, "null\n", newSeeded(t, WithMissing(MissingNull)).get(userPath(7)).is(200).Body)
	d.do("PUT", userPath(7), m{}).failed(404)
	d.get(assignments(7)).failed(404)
	d.do("POST", assignments(7), m{"queueId": 1}).failed(404)
	d.do("DELETE", assignments(7, 1), nil).failed(404)
	d.get(operators(7)).failed(404)
	d.get(queuePath(7)).failed(404)
}

// newSeeded has the users desk-bo, 8451, and desk-cy, 8452, and the queue
// ref-main, 34814.
func newSeeded(t *testing.T, opts ...Option) *desk {
	d := newDesk(t, opts...)
	d.AddUser(m{"name": "desk-bo", "email": "bo@library.example"})
	d.AddUser(m{"name": "desk-cy"})
	d.AddQueue(m{"name": "ref-main"})
	return d
}

const bo, cy, ref = 8451, 8452, 34814

func userCreate(t *testing.T) {
	d := newSeeded(t)
	require.Equal(t, m{"id": number(8453), "type": "user", "name": "desk-di", "email": nil, "show": "unavailable", "status": ""},
		d.do("POST", api+"/users", m{"name": "desk-di", "password": "correct horse", "type": "user"}).one())
	require.Equal(t, number(8454), d.do("POST", api+"/users", m{"name": strings.Repeat("é", 40), "password": "p", "email": "x@y.example",
		"unknown": 1}).one()["id"])
	require.Empty(t, d.Links(8453))
	user, _ := d.User(8453)
	require.Equal(t, "correct horse", user["password"])
	user, _ = d.User(8454)
	require.Nil(t, user["email"], "by an update only")
	require.NotContains(t, user, "unknown")
	d.login("desk-di", "correct horse").session()

	d = newSeeded(t, WithEmailAtCreate())
	require.Equal(t, "x@y.example", d.do("POST", api+"/users", m{"name": "a", "password": "p", "email": "x@y.example"}).one()["email"])

	created := d.do("POST", api+"/queues", m{"name": "law-desk", "type": "queue", "transcripts": true,
		"avatar": "https://x.example/a.png"}).one()
	require.Equal(t, m{"id": number(34815), "type": "queue", "name": "law-desk", "email": nil, "transcripts": true,
		"avatar": "https://x.example/a.png", "show": "unavailable", "status": ""}, created)
	require.Equal(t, created, d.get(queuePath(34815)).Object())
	require.Equal(t, []any{"ref-main", "law-desk"}, simnettest.Each(d.get(api+"/queues").Array(), "name"))
	require.Equal(t, []any{nil, true}, simnettest.Each(d.get(api+"/queues").Array(), "transcripts"))
	require.Equal(t, []m{{"id": number(34814), "name": "ref-main", "show": "unavailable"}, {"id": number(34815), "name": "law-desk",
		"show": "unavailable"}},
		d.get(api2+"/queues").Array())
}

func illegalNames(t *testing.T) {
	const of = " names cannot contain spaces or any of the characters \"&'/:<>@\\."
	for _, kind := range []string{"user", "queue"} {
		title := map[string]string{"user": "User", "queue": "Queue"}[kind]
		d := newDesk(t)
		for _, c := range ` "&'/:<>@\` {
			r := d.do("POST", api+"/"+kind+"s", m{"name": "a" + string(c) + "b", "password": "p"}).is(200)
			require.Equal(t, m{"success": "false", "message": title + of}, r.Object())
		}
		d.do("POST", api+"/"+kind+"s", m{"name": "first.last-2_3", "password": "p"}).one()

		for spelling, success := range map[Failure]any{FailureNull: nil, FailureString: "false", FailureFalse: false} {
			d := newDesk(t, WithFailure(spelling))
			require.Equal(t, m{"success": success, "message": title + of}, d.do("POST", api+"/"+kind+"s", m{"name": "a b"}).is(200).Object())
			require.Equal(t, success, d.do("DELETE", api+"/"+kind+"s/7", nil).is(200).Object()["success"])
			require.Equal(t, success, d.login(Username, "wrong").Object()["success"])
		}
	}
}

func namesTaken(t *testing.T) {
	d := newSeeded(t)
	other := d.AddAccount("other-admin")
	d.AddUserTo(other, m{"name": "other-user"})
	d.AddQueueTo(other, m{"name": "other-queue"})
	for _, name := range []string{"desk-bo", "ref-main", Username, "other-admin", "other-user", "other-queue"} {
		for _, kind := range []string{"users", "queues"} {
			require.Contains(t, d.do("POST", api+"/"+kind, m{"name": name, "password": "p"}).failed(200), "in use")
		}
	}
	require.Len(t, d.Users(), 3)
	require.Len(t, d.Queues(), 1)
	// Free again, or not.
	d.do("DELETE", queuePath(ref), nil).succeeded()
	d.do("POST", api+"/users", m{"name": "ref-main", "password": "p"}).one()
	d = newSeeded(t, WithNamesKept())
	d.do("DELETE", queuePath(ref), nil).succeeded()
	d.do("POST", api+"/users", m{"name": "ref-main", "password": "p"}).failed(200)
}

func illegalCreates(t *testing.T) {
	d := newSeeded(t, WithPasswordRule(func(p string) bool { return len(p) > 3 }))
	for name, body := range map[string]m{
		"no password":     {"name": "a"},
		"password null":   {"name": "a", "password": nil},
		"password number": {"name": "a", "password": 12345},
		"password short":  {"name": "a", "password": "abc"},
		"no name":         {"password": "good"},
		"empty name":      {"name": "", "password": "good"},
		"name null":       {"name": nil, "password": "good"},
		"name number":     {"name": 5, "password": "good"},
		"too long":        {"name": strings.Repeat("a", 41), "password": "good"},
		"uppercase":       {"name": "Desk", "password": "good"},
		"uppercase É":     {"name": "dÉsk", "password": "good"},
		"a tab":           {"name": "a\tb", "password": "good"},
		"a control":       {"name": "a\x01b", "password": "good"},
		"other spaces":    {"name": "a\u00a0b", "password": "good"},
		"type":            {"name": "a", "password": "good", "type": "queue"},
		"folder unknown":  {"name": "a", "password": "good", "parent_id": 1},
		"folder is text":  {"name": "a", "password": "good", "parent_id": "1"},
	} {
		t.Run(name, func(t *testing.T) {
			d.t = t
			d.do("POST", api+"/users", body).failed(200)
		})
	}
	require.Len(t, d.Users(), 3)
	d.t = t
	d.do("POST", api+"/users", m{"name": "a", "password": "good"}).one()
}

func userUpdate(t *testing.T) {
	d := newSeeded(t)
	want := m{"id": number(bo), "type": "user", "name": "desk-bo", "email": "new@library.example", "show": "unavailable", "status": ""}
	require.Equal(t, want, d.do("PUT", userPath(bo), m{"email": "new@library.example"}).one())
	want["name"] = "desk-beau"
	require.Equal(t, want, d.do("PATCH", userPath(bo), m{"name": "desk-beau"}).one())
	require.Equal(t, want, d.do("PUT", userPath(bo), m{}).one())
	require.Equal(t, want, d.do("PUT", userPath(bo), m{"id": 1, "type": "queue", "unheardOf": 1}).one())
	for _, none := range []any{nil, ""} {
		d.ChangeUser(bo, m{"email": "set@library.example"})
		require.Nil(t, d.do("PUT", userPath(bo), m{"email": none}).one()["email"])
	}
	user, _ := d.UserByName("desk-beau")
	require.Equal(t, int64(bo), user["id"])
	_, ok := d.UserByName("desk-bo")
	require.False(t, ok)
	d.do("POST", api+"/users", m{"name": "desk-bo", "password": "p"}).one()

	require.Equal(t, true, d.do("PUT", queuePath(ref), m{"name": "ref", "transcripts": true}).one()["transcripts"])
	require.Equal(t, "https://x.example/", d.do("PATCH", queuePath(ref), m{"avatar": "https://x.example/"}).one()["avatar"])
	for _, off := range []any{nil, false} {
		d.ChangeQueue(ref, m{"transcripts": true})
		changed := d.do("PUT", queuePath(ref), m{"transcripts": off}).one()
		require.Contains(t, changed, "transcripts")
		require.Nil(t, changed["transcripts"])
		require.Equal(t, "ref", changed["name"])
	}
	d.IgnoreUpdates(true)
	require.Equal(t, "ref", d.do("PUT", queuePath(ref), m{"name": "other"}).one()["name"])
	d.IgnoreUpdates(false)
	require.Equal(t, "other", d.do("PUT", queuePath(ref), m{"name": "other"}).one()["name"])
	queue, ok := d.QueueByName("other")
	require.True(t, ok)
	require.Equal(t, false, queue["transcripts"])

	require.Equal(t, "desk-bo", newSeeded(t, WithRenamesIgnored()).do("PUT", userPath(bo), m{"name": "x"}).one()["name"])
}

func illegalUpdates(t *testing.T) {
	d := newSeeded(t)
	before := d.get(userPath(bo)).Object()
	for _, body := range []m{
		{"name": "a b"}, {"name": `a"b`}, {"name": "Upper"}, {"name": strings.Repeat("a", 41)}, {"name": ""}, {"name": nil}, {"name": 1},
		{"name": "desk-cy"}, {"name": "ref-main"}, {"name": []string{"a"}},
		{"email": 1}, {"email": true}, {"email": []string{"a@b.example"}}, {"email": "nobody"}, {"email": "@b"}, {"email": "a@"},
		{"email": "a b@c"}, {"email": "a@b@c"},
		{"password": 1}, {"password": ""}, {"password": nil},
	} {
		require.Equal(t, before, d.do("PUT", userPath(bo), body).one(), body)
	}
	user, _ := d.User(bo)
	require.Equal(t, SeedPassword, user["password"])
	// What is legal beside it is taken.
	changed := d.do("PUT", userPath(bo), m{"name": "a b", "email": "x@y.example"}).one()
	require.Equal(t, []any{"desk-bo", "x@y.example"}, []any{changed["name"], changed["email"]})

	before = d.get(queuePath(ref)).Object()
	for _, body := range []m{{"transcripts": "true"}, {"transcripts": 1}, {"avatar": 1}, {"avatar": nil}, {"email": 1}, {"name": "desk-bo"}} {
		require.Equal(t, before, d.do("PUT", queuePath(ref), body).one(), body)
	}
}

func passwordUpdate(t *testing.T) {
	d := newSeeded(t, WithPasswordRule(func(p string) bool { return len(p) > 3 }))
	r := d.do("PUT", userPath(bo), m{"password": "brand new"})
	require.NotContains(t, r.one(), "password")
	require.NotContains(t, r.Body, "brand new")
	d.login("desk-bo", SeedPassword).failed(200)
	d.login("desk-bo", "brand new").session()
	r = d.do("PUT", userPath(bo), m{"password": "abc"})
	require.Equal(t, "desk-bo", r.one()["name"], "refused, and nobody can see it")
	d.login("desk-bo", "abc").failed(200)
	d.ChangeUser(bo, m{"password": "again"})
	d.login("desk-bo", "again").session()
}

func userDelete(t *testing.T) {
	d := newSeeded(t)
	d.do("DELETE", userPath(bo), nil).succeeded()
	d.do("DELETE", userPath(bo), nil).failed(200)
	d.get(userPath(bo)).failed(404)
	require.Equal(t, []any{Username, "desk-cy"}, simnettest.Each(d.get(api+"/users").Array(), "name"))
	d.do("DELETE", userPath(AdministratorID), nil).failed(200)
	require.Equal(t, number(8453), d.do("POST", api+"/users", m{"name": "x", "password": "p"}).one()["id"], "ids are not used again")
	d.do("DELETE", queuePath(ref), nil).succeeded()
	d.do("DELETE", queuePath(ref), nil).failed(200)
	d.RemoveUser(cy)
	d.get(userPath(cy)).failed(404)
}

func deleteCascades(t *testing.T) {
	d := newSeeded(t)
	law := d.AddQueue(m{"name": "law-desk"})
	for _, queue := range []int64{ref, law} {
		d.AddLink(bo, queue, true)
		d.AddLink(cy, queue, false)
	}
	admin := d.cookie
	d.as("desk-bo")
	d.get(api+"/users", "Cookie", d.cookie).is(200)
	d.do("DELETE", userPath(bo), nil, "Cookie", admin).succeeded()
	d.get(api + "/users").failed(401)
	require.Equal(t, 1, d.Sessions())
	require.Equal(t, []Link{{UserID: cy, QueueID: ref}}, d.Operators(ref))
	d.RemoveQueue(ref)
	require.Equal(t, []Link{{UserID: cy, QueueID: law}}, d.Links(cy))
	d.RemoveLink(cy, law)
	require.Empty(t, d.get(operators(law), "Cookie", admin).Array())
}

func otherAccounts(t *testing.T) {
	d := newSeeded(t)
	other := d.AddAccount("other-admin")
	theirs, queue := d.AddUserTo(other, m{"name": "other-user"}), d.AddQueueTo(other, m{"name": "other-queue"})
	d.AddLink(theirs, queue, true)
	untouchable := func(user, queue int64) {
		t.Helper()
		d.get(userPath(user)).failed(404)
		d.do("PUT", userPath(user), m{"email": "x@y.example"}).failed(404)
		d.do("DELETE", userPath(user), nil).failed(200)
		d.get(queuePath(queue)).failed(404)
		d.do("DELETE", queuePath(queue), nil).failed(200)
		d.get(assignments(user)).failed(404)
		d.get(operators(queue)).failed(404)
		d.do("PUT", assignments(user, queue), m{"enabled": nil}).failed(404)
		d.do("DELETE", operators(queue, user), nil).failed(404)
		r := d.get(fmt.Sprintf("%s/queues/%d/operators", api2, queue))
		r.failed(404)
	}
	untouchable(theirs, queue)
	d.do("POST", assignments(bo), m{"queueId": queue}).failed(200)
	d.do("POST", operators(ref), m{"userId": theirs}).failed(200)
	require.NotContains(t, simnettest.Each(d.get(api+"/users").Array(), "name"), "other-user")
	require.Equal(t, []any{"ref-main"}, simnettest.Each(d.get(api+"/queues").Array(), "name"))
	require.Equal(t, []Link{{UserID: theirs, QueueID: queue, Enabled: true}}, d.Links(theirs))
	require.Len(t, d.Users(), 3)

	// And the other way round; presence is public.
	d.as("other-admin")
	untouchable(bo, ref)
	require.Equal(t, []any{"other-admin", "other-user"}, simnettest.Each(d.get(api+"/users").Array(), "name"))
	d.SetPresence(theirs, Chat, "")
	require.Equal(t, "chat", d.show("other-user", UserDomain))

	// Who is no administrator manages what it created, unless it is granted more.
	d.as("desk-bo")
	require.Empty(t, d.get(api+"/users").Array())
	d.get(userPath(bo)).failed(404)
	d.do("POST", api+"/users", m{"name": "created", "password": "p"}).one()
	require.Equal(t, []any{"created"}, simnettest.Each(d.get(api+"/users").Array(), "name"))
	d.Grant(bo)
	require.Equal(t, []any{Username, "desk-bo", "desk-cy", "created"}, simnettest.Each(d.get(api+"/users").Array(), "name"))
}

func foldersInLists(t *testing.T) {
	d := newSeeded(t, WithFolders())
	require.Equal(t, m{"id": number(77), "type": "folder", "name": "Branches"}, d.get(api + "/users").Array()[0])
	require.Equal(t, []any{"folder", "user", "user", "user"}, simnettest.Each(d.get(api+"/users").Array(), "type"))
	require.Equal(t, []any{"folder", "queue"}, simnettest.Each(d.get(api+"/queues").Array(), "type"))
	d.get(userPath(77)).failed(404)

	d = newSeeded(t)
	branch, desks := d.AddUserFolder("Branches"), d.AddQueueFolder("Desks")
	require.Equal(t, []any{"user", "user", "user"}, simnettest.Each(d.get(api+"/users").Array(), "type"))
	created := d.do("POST", api+"/users", m{"name": "branch-user", "password": "p", "parent_id": branch}).one()
	require.NotContains(t, created, "parent_id")
	d.do("POST", api+"/users", m{"name": "x", "password": "p", "parent_id": desks}).failed(200)
	require.Equal(t, []any{Username, "desk-bo", "desk-cy", "branch-user"}, simnettest.Each(d.get(api+"/users").Array(), "name"))

	d.AddAccount("other-admin")
	d.as("other-admin")
	d.do("POST", api+"/users", m{"name": "y", "password": "p", "parent_id": branch}).failed(200)
}
