package libh3lp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

func TestShow(t *testing.T) {
	for _, s := range []libh3lp.Show{libh3lp.ShowChat, libh3lp.ShowAvailable, libh3lp.ShowDND, libh3lp.ShowAway, libh3lp.ShowXA,
		libh3lp.ShowUnavailable} {
		require.True(t, s.Known())
		require.Equal(t, s == "chat" || s == "available", s.AcceptsChats(), s)
	}
	for _, s := range []libh3lp.Show{"", "open", "not available", "<html>"} {
		require.False(t, s.Known())
		require.False(t, s.AcceptsChats())
	}
}

func TestPresenceIsAWordOrItIsNot(t *testing.T) {
	c, mt := mocked(t)
	url := base + "/presence/jid/anna/libraryh3lp.com/text"
	for body, want := range map[string]libh3lp.Show{
		" away \r\n": "away", "": "", "not\nopen": "not open",
		strings.Repeat("é", 5000): libh3lp.Show(strings.Repeat("é", 60) + "…"),
	} {
		mt.RegisterResponder("GET", url, resttest.Answer(200, body))
		show, err := c.Presence.User(t.Context(), "anna")
		require.NoError(t, err)
		require.Equal(t, want, show)
	}
	mt.RegisterResponder("GET", url, resttest.Answer(200, "\xff\x00"))
	_, err := c.Presence.User(t.Context(), "anna")
	require.ErrorIs(t, err, core.ErrProtocol, "it is not text")
	for status, class := range map[int]core.Class{200: core.ClassProtocol, 404: core.ClassProtocol, 500: core.ClassUnavailable,
		302: core.ClassProtocol} {
		mt.RegisterResponder("GET", url, resttest.Answer(status, `<html>404 Not Found`, "Location", "https://elsewhere.example/"))
		_, err := c.Presence.User(t.Context(), "anna")
		require.Equal(t, class, resttest.ErrorOf(t, err).Class)
	}
	mt.RegisterResponder("GET", url, resttest.Answer(404, `<html><body><h1>Not found</h1></body></html>`))
	_, err = c.Presence.User(t.Context(), "anna")
	require.ErrorIs(t, err, core.ErrNotFound, "the service's own page")
	_, err = c.Presence.User(t.Context(), "a/b")
	require.ErrorIs(t, err, core.ErrInvalid)
	_, err = c.Presence.Queue(t.Context(), "")
	require.ErrorIs(t, err, core.ErrInvalid)
}

func TestResources(t *testing.T) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData())
	c := over(t, sim)
	got, err := c.Presence.UserResources(t.Context(), "ines.aldana")
	require.NoError(t, err)
	require.Equal(t, []libh3lp.Resource{{Name: "libraryh3lp", Show: "dnd", Priority: 5}, {Name: "phone", Show: "available", Priority: 1}}, got)
	got, err = c.Presence.UserResources(t.Context(), "desk-bo")
	require.NoError(t, err)
	require.Empty(t, got, "not there")
	got, err = c.Presence.QueueResources(t.Context(), "ref-main")
	require.NoError(t, err)
	require.Len(t, got, 1)
	_, err = c.Presence.QueueResources(t.Context(), "desk-bo")
	require.ErrorIs(t, err, core.ErrNotFound, "a user is not in the queues' domain")
	show, err := c.Presence.Queue(t.Context(), "ref-main")
	require.NoError(t, err)
	require.True(t, show.AcceptsChats())
	require.Empty(t, sim.Requests("Login"))

	m, mt := mocked(t)
	for _, body := range []string{``, `<html><body>x</body></html>`, `{"a":1}`, `<presence><resource priority="high"/></presence>`,
		`<presence>`} {
		mt.RegisterResponder("GET", base+"/presence/jid/anna/libraryh3lp.com/xml", resttest.Answer(200, body))
		_, err := m.Presence.UserResources(t.Context(), "anna")
		require.ErrorIs(t, err, core.ErrProtocol, body)
	}
}
