package libh3lptest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// The ids of the sample are the same every time, and its links and presences are
// of every sort.
func TestSampleData(t *testing.T) {
	d := newDesk(t, WithSampleData())
	queues := m{}
	for _, q := range d.get(api + "/queues").Array() {
		queues[q["name"].(string)] = []any{q["id"], q["show"]}
	}
	require.Equal(t, m{
		"ref-main":    []any{number(34814), "chat"},
		"law-desk":    []any{number(34815), "available"},
		"music-desk":  []any{number(34816), "unavailable"},
		"tech-help":   []any{number(34817), "chat"},
		"after-hours": []any{number(34818), "unavailable"},
	}, queues)

	users := d.get(api + "/users").Array()
	require.Len(t, users, 13)
	require.Equal(t, number(AdministratorID), users[0]["id"])
	shows, links, states := map[any]bool{}, map[int]bool{}, map[[2]bool]bool{}
	for i, u := range users[1:] {
		id := int64(8451 + i)
		require.Equal(t, number(id), u["id"])
		shows[u["show"]] = true
		links[len(d.Links(id))] = true
		var has [2]bool
		for _, l := range d.Links(id) {
			if l.Enabled {
				has[0] = true
			} else {
				has[1] = true
			}
		}
		states[has] = true
	}
	require.Len(t, shows, 6)
	require.Len(t, states, 4, "no links, all enabled, all suspended, some of each")
	require.True(t, links[0] && links[1] && links[5])

	// A client that asks only for available is wrong about who can take chats.
	elif, _ := d.UserByName("elif.demir")
	require.Equal(t, "available", elif["show"])
	require.Equal(t, []Link{{UserID: 8456, QueueID: 34816}, {UserID: 8456, QueueID: 34818}}, d.Links(elif["id"].(int64)))
}

// What is stored can be read and changed by a test, as no client could over HTTP.
func TestSeeding(t *testing.T) {
	d := newDesk(t)
	id := d.AddUser([]byte(`{"id":90,"name":"No Such Name","email":"x","password":"p","jid":"x@y"}`))
	require.Equal(t, int64(90), id)
	user, ok := d.User(id)
	require.True(t, ok)
	require.Equal(t, m{"id": int64(90), "type": "user", "name": "No Such Name", "email": "x", "password": "p", "jid": "x@y",
		"show": "unavailable", "status": ""}, user)
	user["name"] = "changed"
	user, _ = d.User(id)
	require.Equal(t, "No Such Name", user["name"], "the map was the caller's")
	queue := d.AddQueue(m{"name": "q", "transcripts": true, "avatar": "a", "jid": "q@chat"})
	stored, _ := d.Queue(queue)
	require.Equal(t, m{"id": queue, "type": "queue", "name": "q", "email": nil, "transcripts": true, "avatar": "a", "jid": "q@chat",
		"show": "unavailable", "status": ""}, stored)
	_, ok = d.User(7)
	require.False(t, ok)
	_, ok = d.QueueByName("No Such Name")
	require.False(t, ok, "a user has it")
	d.ChangeUser(id, m{"name": "renamed", "email": nil, "jid": "other"})
	got := d.get(userPath(id)).Object()
	require.Equal(t, []any{"renamed", nil, "other"}, []any{got["name"], got["email"], got["jid"]})
	d.AddUser(m{"name": "No Such Name"})

	stored, _ = newSeeded(t, WithStringIDs(), WithOff(OffString)).Queue(ref)
	require.Equal(t, int64(ref), stored["id"])
	require.Equal(t, false, stored["transcripts"])

	for name, nonsense := range map[string]func(){
		"no name":        func() { d.AddUser(m{}) },
		"name in use":    func() { d.AddUser(m{"name": "q"}) },
		"id in use":      func() { d.AddUser(m{"name": "x", "id": 90}) },
		"not JSON":       func() { d.AddUser("{") },
		"not encodable":  func() { d.AddUser(func() {}) },
		"linked twice":   func() { d.AddLink(id, queue, true); d.AddLink(id, queue, false) },
		"not linked":     func() { d.SetEnabled(AdministratorID, queue, true) },
		"no such user":   func() { d.RemoveUser(7) },
		"no such queue":  func() { d.AddLink(id, 7, true) },
		"rename in use":  func() { d.ChangeUser(id, m{"name": "q"}) },
		"rename to none": func() { d.ChangeUser(id, m{"name": ""}) },
	} {
		require.Panics(t, nonsense, name)
	}
}
