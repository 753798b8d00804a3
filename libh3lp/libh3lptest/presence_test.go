package libh3lptest_test

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func (d *desk) public(path string) *reply {
	d.t.Helper()
	r, err := d.send("GET", path, "")
	require.NoError(d.t, err)
	return r
}

func presenceIsPublic(t *testing.T) {
	d := newLinked(t, true, WithSessionGone(GonePage))
	d.SetPresence(bo, Available, "")
	require.Equal(t, "available", d.show("desk-bo", UserDomain))
	require.Equal(t, "available", d.show("ref-main", QueueDomain))
	require.Len(t, d.Requests("Presence.User", "Presence.Queue"), 2)
	for _, r := range d.Requests("Presence.User", "Presence.Queue") {
		require.Empty(t, r.Header.Get("Cookie")+r.Header.Get("X-API-Version"))
	}
	// Also to who is logged in, and to GET alone.
	require.Equal(t, "available", d.get(presence("desk-bo", UserDomain, "text")).is(200).Body)
	d.do("POST", presence("desk-bo", UserDomain, "text"), nil).is(405)
	d.do("PUT", presence("desk-bo", UserDomain, "text"), "chat").is(405)
}

type presenceDoc struct {
	XMLName   xml.Name `xml:"presence"`
	User      string   `xml:"user,attr"`
	Server    string   `xml:"server,attr"`
	Resources []struct {
		Show     string `xml:"show,attr"`
		Name     string `xml:"name,attr"`
		Priority int    `xml:"priority,attr"`
	} `xml:"resource"`
}

func (d *desk) xml(name, domain string) (doc presenceDoc) {
	d.t.Helper()
	r := d.public(presence(name, domain, "xml")).is(200)
	require.Equal(d.t, "text/xml; charset=utf-8", r.Header.Get("Content-Type"))
	require.NoError(d.t, xml.Unmarshal([]byte(r.Body), &doc))
	return doc
}

func presenceFormats(t *testing.T) {
	d := newLinked(t, true)
	d.SetPresence(bo, Available, "it's <fine>")
	r := d.public(presence("ref-main", QueueDomain, "text")).is(200)
	require.Equal(t, "available", r.Body)
	require.Equal(t, "text/html; charset=utf-8", r.Header.Get("Content-Type"))
	require.Equal(t, `<presence user="ref-main" server="chat.libraryh3lp.com">
  <resource show="available" name="libraryh3lp" priority="5"/>
</presence>
`, d.public(presence("ref-main", QueueDomain, "xml")).is(200).Body)
	require.Equal(t, `var jabber_user='desk-bo';
var jabber_server='libraryh3lp.com';
var jabber_resources=[{
   name: 'libraryh3lp',
   priority: 5,
   show: 'available',
   status: 'it\'s <fine>'
}];
var jabber_client_id='q0w9e8r7t6';
`, d.public(presence("desk-bo", UserDomain, "js")).is(200).Body)
	for _, path := range []string{presence("ref-main", QueueDomain, "image"), presence("desk-bo", UserDomain, "image/flat-lang-neutral"),
		"/presence/image/flat-lang-neutral/unavailable", "/presence/image/simpletext/chat"} {
		r := d.public(path).is(200)
		require.Equal(t, "image/png", r.Header.Get("Content-Type"))
		_, err := png.Decode(bytes.NewReader([]byte(r.Body)))
		require.NoError(t, err)
	}
	for _, path := range []string{presence("ref-main", QueueDomain, "json"), presence("ref-main", QueueDomain, "text/simpletext"),
		presence("ref-main", QueueDomain, "image/UP!"), presence("ref-main", QueueDomain, ""), "/presence/image/simpletext/banana",
		"/presence/image/simpletext"} {
		d.public(path).isPage(404)
	}
}

func presenceDomains(t *testing.T) {
	wrong := [][2]string{{"desk-bo", QueueDomain}, {"ref-main", UserDomain}, {"nobody", UserDomain}, {"nobody", QueueDomain},
		{"ref-main", "chat.us.libraryh3lp.com"}, {"desk-bo", "us.libraryh3lp.com"}}
	for _, w := range wrong {
		newLinked(t, true).public(presence(w[0], w[1], "text")).isPage(404)
		d := newLinked(t, true, WithUnknownPresenceOffline())
		require.Equal(t, "unavailable", d.show(w[0], w[1]))
		require.Empty(t, d.xml(w[0], w[1]).Resources)
	}
	d := newLinked(t, true, WithDomains("eu.libraryh3lp.com", "chat.eu.libraryh3lp.com"))
	require.Equal(t, "unavailable", d.show("desk-bo", "eu.libraryh3lp.com"))
	require.Equal(t, "unavailable", d.show("ref-main", "chat.eu.libraryh3lp.com"))
	d.public(presence("desk-bo", UserDomain, "text")).isPage(404)
	// A name may need escaping, and be found.
	d.AddUser(m{"name": "désk 100%"})
	require.Equal(t, "unavailable", d.show("d%C3%A9sk%20100%25", "eu.libraryh3lp.com"))
}

func queueShows(t *testing.T) {
	d := newLinked(t, true)
	d.AddLink(cy, ref, true)
	sees := func(want string) {
		t.Helper()
		require.Equal(t, want, d.show("ref-main", QueueDomain))
		require.Equal(t, want, d.get(queuePath(ref)).Object()["show"])
		require.Equal(t, want, d.get(assignments(bo)).Array()[0]["queueShow"])
		if want == Unavailable {
			require.Empty(t, d.xml("ref-main", QueueDomain).Resources)
		} else {
			require.Equal(t, want, d.xml("ref-main", QueueDomain).Resources[0].Show)
		}
	}
	sees(Unavailable)
	// From the worst to the best; another who is worse changes nothing.
	order := []string{Unavailable, "busy-beaver", DND, XA, Away, Available, Chat}
	for i, show := range order {
		d.SetPresence(cy, show, "")
		sees(show)
		for _, worse := range order[:i] {
			d.SetPresence(bo, worse, "")
			sees(show)
		}
	}
	d.SetEnabled(cy, ref, false)
	sees(Available)
	require.Equal(t, []any{Available, Chat}, simnettest.Each(d.get(operators(ref)).Array(), "userShow"))
}

func suspendTurnsOff(t *testing.T) {
	d := newLinked(t, true)
	d.SetPresence(bo, Available, "")
	require.Equal(t, "available", d.show("ref-main", QueueDomain))
	changed := d.do("PUT", assignments(bo, ref), m{"enabled": nil}).one()
	require.Equal(t, []any{"unavailable", "available"}, []any{changed["queueShow"], changed["userShow"]})
	require.Equal(t, "unavailable", d.show("ref-main", QueueDomain))
	require.Equal(t, "available", d.show("desk-bo", UserDomain))
	d.do("PUT", operators(ref, bo), m{"enabled": true}).one()
	require.Equal(t, "available", d.show("ref-main", QueueDomain))
}

func unlinkTurnsOff(t *testing.T) {
	d := newLinked(t, true)
	d.SetPresence(bo, Chat, "")
	require.Equal(t, "chat", d.show("ref-main", QueueDomain))
	d.do("DELETE", operators(ref, bo), nil).succeeded()
	require.Equal(t, "unavailable", d.show("ref-main", QueueDomain))
	require.Equal(t, "chat", d.show("desk-bo", UserDomain))
}

func presenceOffline(t *testing.T) {
	d := newLinked(t, true)
	for _, of := range [][2]string{{"desk-bo", UserDomain}, {"ref-main", QueueDomain}} {
		require.Equal(t, "unavailable", d.show(of[0], of[1]))
		require.Equal(t, presenceDoc{XMLName: xml.Name{Local: "presence"}, User: of[0], Server: of[1]}, d.xml(of[0], of[1]))
		script := d.public(presence(of[0], of[1], "js")).is(200).Body
		require.Contains(t, script, "var jabber_resources=[{\n   name: '',\n   priority: 0,\n   show: 'unavailable',\n   status: ''\n}];\n")
		require.NotContains(t, script, "()")
		require.Equal(t, script+"done.f_1();\n", d.public(presence(of[0], of[1], "js?cb=done.f_1")).is(200).Body)
		for _, ignored := range []string{"?cd=f", "?cb=", "?cb=alert(1)%3Bf", "?cb=1f"} {
			require.Equal(t, script, d.public(presence(of[0], of[1], "js"+ignored)).is(200).Body)
		}
	}
}

func presencePriority(t *testing.T) {
	d := newLinked(t, true)
	d.SetResources(bo, Resource{"phone", 1, Available, "on the phone"}, Resource{"desk", 5, Away, "at lunch"},
		Resource{"tablet", 5, Chat, "here"}, Resource{"home", -1, DND, ""})
	require.Equal(t, "chat", d.show("desk-bo", UserDomain), "of equal priorities the more available")
	var names []string
	doc := d.xml("desk-bo", UserDomain)
	for _, r := range doc.Resources {
		names = append(names, r.Name)
	}
	require.Equal(t, []string{"tablet", "desk", "phone", "home"}, names)
	require.Equal(t, []int{5, 5, 1, -1}, []int{doc.Resources[0].Priority, doc.Resources[1].Priority, doc.Resources[2].Priority,
		doc.Resources[3].Priority})
	user := d.get(userPath(bo)).Object()
	require.Equal(t, []any{"chat", "here"}, []any{user["show"], user["status"]})
	require.Equal(t, "chat", d.show("ref-main", QueueDomain))
	require.Contains(t, d.public(presence("desk-bo", UserDomain, "js")).Body, "}")
}

func presenceIsSetByTests(t *testing.T) {
	d := newLinked(t, true)
	for _, show := range []string{Chat, Available, DND, Away, XA, "brb & more <soon>"} {
		d.SetPresence(bo, show, "")
		require.Equal(t, show, d.show("desk-bo", UserDomain))
		require.Equal(t, show, d.xml("desk-bo", UserDomain).Resources[0].Show)
	}
	d.SetPresence(bo, Unavailable, "gone")
	require.Empty(t, d.xml("desk-bo", UserDomain).Resources)
	require.Equal(t, "unavailable", d.show("desk-bo", UserDomain))
	d.SetResources(bo, Resource{Show: Chat})
	require.Equal(t, "chat", d.show("desk-bo", UserDomain))
	d.SetResources(bo)
	require.Equal(t, "unavailable", d.show("desk-bo", UserDomain))
	d.ChangeUser(bo, m{"show": "away", "status": "lunch"})
	require.Equal(t, "lunch", d.get(userPath(bo)).Object()["status"])
	d.ChangeUser(bo, m{"show": "unavailable"})
	require.Equal(t, "", d.get(userPath(bo)).Object()["status"])
	require.Panics(t, func() { d.SetResources(7) })
}

func presenceIsReadOnly(t *testing.T) {
	d := newLinked(t, true)
	d.SetPresence(bo, Away, "lunch")
	for _, method := range []string{"PUT", "PATCH"} {
		got := d.do(method, userPath(bo), m{"show": "chat", "status": "hi", "email": "x@y.example"}).one()
		require.Equal(t, []any{"away", "lunch", "x@y.example"}, []any{got["show"], got["status"], got["email"]})
		queue := d.do(method, queuePath(ref), m{"show": "chat", "status": "hi"}).one()
		require.Equal(t, []any{"away", ""}, []any{queue["show"], queue["status"]})
	}
	created := d.do("POST", api+"/users", m{"name": "x", "password": "p", "show": "chat", "status": "hi"}).one()
	require.Equal(t, []any{"unavailable", ""}, []any{created["show"], created["status"]})
	require.Equal(t, "unavailable", d.show("x", UserDomain))
}
