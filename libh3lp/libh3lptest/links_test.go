package libh3lptest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet/simnettest"
	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// side is one of the two views of a link.
type side struct {
	name       string
	list, link string // of desk-bo and ref-main
	body       m      // of a create
	key        string
}

var sides = []side{
	{"Assignments", assignments(bo), assignments(bo, ref), m{"queueId": ref}, "queueId"},
	{"Operators", operators(ref), operators(ref, bo), m{"userId": bo}, "userId"},
}

// bothSides runs a test for each view; newLinked has a link.
func bothSides(t *testing.T, test func(t *testing.T, s side)) {
	for _, s := range sides {
		t.Run(s.name, func(t *testing.T) { test(t, s) })
	}
}

func newLinked(t *testing.T, enabled bool, opts ...Option) *desk {
	d := newSeeded(t, opts...)
	d.AddLink(bo, ref, enabled)
	return d
}

var linked = m{"queueId": number(ref), "queue": "ref-main", "queueShow": "unavailable",
	"userId": number(bo), "user": "desk-bo", "userShow": "unavailable", "enabled": true}

func linkCreate(t *testing.T) {
	bothSides(t, func(t *testing.T, s side) {
		d := newSeeded(t)
		for _, s := range sides {
			require.Equal(t, "[]\n", d.get(s.list).is(200).Body)
		}
		d.do("POST", s.list, s.body).succeeded()
		for _, s := range sides {
			require.Equal(t, []m{linked}, d.get(s.list).is(200).Array())
		}
		require.Len(t, d.Requests(s.name+".Create"), 1)
		// enabled is not read here.
		d.RemoveLink(bo, ref)
		d.do("POST", s.list, m{s.key: s.body[s.key], "enabled": nil}).succeeded()
		require.Equal(t, []Link{{UserID: bo, QueueID: ref, Enabled: true}}, d.Links(bo))
		require.Equal(t, d.Links(bo), d.Operators(ref))
	})
}

func illegalLinks(t *testing.T) {
	bothSides(t, func(t *testing.T, s side) {
		d := newSeeded(t)
		for _, body := range []m{{s.key: 7}, {}, {s.key: nil}, {s.key: fmt.Sprint(s.body[s.key])}, {s.key: 1.5}, {s.key: []int{1}},
			{"id": s.body[s.key]}} {
			d.do("POST", s.list, body).failed(200)
		}
		require.Empty(t, d.Links(bo))
		d.do("POST", s.list, s.body).succeeded()
		d.SetEnabled(bo, ref, false)
		for _, s := range sides {
			require.Contains(t, d.do("POST", s.list, s.body).failed(200), "already")
		}
		require.Equal(t, []Link{{UserID: bo, QueueID: ref}}, d.Links(bo))
	})
	d := newLinked(t, false, WithDuplicateLinksAccepted())
	d.do("POST", assignments(bo), m{"queueId": ref}).succeeded()
	require.Equal(t, []Link{{UserID: bo, QueueID: ref}}, d.Links(bo), "as it was")
}

func linkSuspend(t *testing.T) {
	bothSides(t, func(t *testing.T, s side) {
		for _, off := range []any{nil, false} {
			d := newLinked(t, true)
			changed := d.do("PUT", s.link, m{"enabled": off}).one()
			require.Contains(t, changed, "enabled")
			require.Nil(t, changed["enabled"])
			require.Equal(t, []Link{{UserID: bo, QueueID: ref}}, d.Links(bo))
			for _, s := range sides {
				require.Equal(t, []m{changed}, d.get(s.list).Array())
			}
			require.Equal(t, linked, d.do("PUT", s.link, m{"enabled": true}).one())
			require.Len(t, d.Requests(s.name+".Update"), 2)
		}
		for spelling, off := range map[Off]any{OffFalse: false, OffString: "false", OffAbsent: nil} {
			d := newLinked(t, true, WithOff(spelling))
			changed := d.do("PUT", s.link, m{"enabled": nil}).one()
			require.Equal(t, off, changed["enabled"])
			require.Equal(t, spelling == OffAbsent, len(changed) == 6)
			require.Equal(t, []m{changed}, d.get(s.list).Array())
			require.Equal(t, off, d.get(queuePath(ref)).Object()["transcripts"])
		}
		d := newLinked(t, false, WithStringIDs())
		changed := d.do("PUT", s.link, m{"enabled": true}).one()
		require.Equal(t, []any{"8451", "34814"}, []any{changed["userId"], changed["queueId"]})
	})
}

func illegalEnabled(t *testing.T) {
	bothSides(t, func(t *testing.T, s side) {
		for _, before := range []bool{true, false} {
			d := newLinked(t, before)
			for _, v := range []any{"banana", "true", "false", "", 0, 1, []any{}, m{}} {
				require.Equal(t, before, d.do("PUT", s.link, m{"enabled": v}).one()["enabled"] == true, "%v", v)
			}
			require.Equal(t, before, d.do("PUT", s.link, m{}).one()["enabled"] == true)
			d.IgnoreUpdates(true)
			require.Equal(t, before, d.do("PUT", s.link, m{"enabled": !before}).one()["enabled"] == true)
			require.Equal(t, []Link{{UserID: bo, QueueID: ref, Enabled: before}}, d.Links(bo))
		}
	})
}

func linkFieldsReadOnly(t *testing.T) {
	bothSides(t, func(t *testing.T, s side) {
		d := newLinked(t, true)
		law := d.AddQueue(m{"name": "law-desk"})
		require.Equal(t, linked, d.do("PUT", s.link, m{
			"queueId": law, "queue": "law-desk", "userId": cy, "user": "desk-cy", "userShow": "chat", "queueShow": "chat",
		}).one())
		require.Equal(t, []Link{{UserID: bo, QueueID: ref, Enabled: true}}, d.Links(bo))
		require.Empty(t, d.Operators(law))
	})
}

func linkDelete(t *testing.T) {
	bothSides(t, func(t *testing.T, s side) {
		d := newLinked(t, true)
		d.do("DELETE", s.link, nil).succeeded()
		for _, s := range sides {
			require.Empty(t, d.get(s.list).Array())
			d.do("DELETE", s.link, nil).failed(200)
			d.do("PUT", s.link, m{"enabled": true}).failed(200)
		}
		require.Len(t, d.Requests(s.name+".Delete"), 2)
	})
}

func linkMethods(t *testing.T) {
	bothSides(t, func(t *testing.T, s side) {
		d := newLinked(t, true)
		for _, method := range []string{"GET", "POST", "PATCH"} {
			require.Empty(t, d.do(method, s.link, s.body).is(405).Body)
		}
		for _, method := range []string{"PUT", "DELETE", "PATCH"} {
			require.Empty(t, d.do(method, s.list, s.body).is(405).Body)
		}
		require.Equal(t, []Link{{UserID: bo, QueueID: ref, Enabled: true}}, d.Links(bo))
		require.Len(t, d.Requests("unknown"), 6)
	})
	d := newSeeded(t)
	for _, path := range []string{api + "/users", api + "/queues"} {
		for _, method := range []string{"PUT", "DELETE", "PATCH"} {
			require.Empty(t, d.do(method, path, m{}).is(405).Body)
		}
	}
	d.do("POST", userPath(bo), m{}).is(405)
}

func operatorsMirror(t *testing.T) {
	// The tests of links run on both views; a queue's operators are its own.
	require.Equal(t, "Operators", sides[1].name)
	d := newLinked(t, true)
	law := d.AddQueue(m{"name": "law-desk"})
	d.do("POST", operators(law), m{"userId": cy}).succeeded()
	d.do("POST", operators(ref), m{"userId": cy}).succeeded()
	require.Equal(t, []any{"desk-bo", "desk-cy"}, simnettest.Each(d.get(operators(ref)).Array(), "user"))
	require.Equal(t, []any{"desk-cy"}, simnettest.Each(d.get(operators(law)).Array(), "user"))
	require.Equal(t, []any{"law-desk", "ref-main"}, simnettest.Each(d.get(assignments(cy)).Array(), "queue"))
	d.do("POST", operators(law), m{"queueId": ref}).failed(200)
	require.Nil(t, d.do("PUT", operators(ref, cy), m{"enabled": nil}).one()["enabled"])
	require.Equal(t, []any{true, nil}, simnettest.Each(d.get(assignments(cy)).Array(), "enabled"))
	d.do("DELETE", operators(ref, cy), nil).succeeded()
	require.Equal(t, []any{"law-desk"}, simnettest.Each(d.get(assignments(cy)).Array(), "queue"))
}

func operatorsV2(t *testing.T) {
	d := newLinked(t, true, WithOff(OffString))
	list := fmt.Sprintf("%s/queues/%d/operators", api2, ref)
	want := m{"id": number(bo), "name": "desk-bo", "show": "unavailable", "enabled": true}
	require.Equal(t, []m{want}, d.get(list).is(200).Array())
	want["enabled"] = false
	for _, method := range []string{"PATCH", "PUT"} {
		d.SetEnabled(bo, ref, true)
		require.Equal(t, want, d.do(method, fmt.Sprintf("%s/%d", list, bo), m{"enabled": false}).one())
	}
	require.Equal(t, []m{want}, d.get(list).Array())
	require.Equal(t, []Link{{UserID: bo, QueueID: ref}}, d.Links(bo))
	d.do("PATCH", fmt.Sprintf("%s/%d", list, cy), m{"enabled": false}).failed(200)
	d.do("PATCH", fmt.Sprintf("%s/%d", list, bo), "{").failed(400)
	d.do("POST", list, m{"userId": cy}).is(405)
	require.Len(t, d.Requests("Operators.Update"), 4)
}
