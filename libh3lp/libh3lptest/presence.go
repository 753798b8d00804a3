package libh3lptest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// The words of show, from the most available to the least.
const (
	Chat        = "chat"
	Available   = "available"
	Away        = "away"
	XA          = "xa" // extended away
	DND         = "dnd"
	Unavailable = "unavailable"
)

// weight orders the words of show. A word that is not documented comes last, just
// before being offline.
func weight(show string) int {
	shows := []string{Chat, Available, Away, XA, DND}
	switch i := slices.Index(shows, show); {
	case i >= 0:
		return i
	case show == Unavailable:
		return len(shows) + 1
	}
	return len(shows)
}

// Resource is one XMPP connection of a user. Show may be any word, also one that
// is not documented.
type Resource struct {
	Name     string
	Priority int
	Show     string
	Status   string
}

// presence is that of the first resource, which has the highest priority.
func (e *entry) presence() (show, status string) {
	if len(e.resources) == 0 {
		return Unavailable, ""
	}
	return e.resources[0].Show, e.resources[0].Status
}

// queueShow is the best presence of an enabled operator.
func (s *Server) queueShow(queue *entry) string {
	best := Unavailable
	for _, l := range queue.links {
		if show, _ := l.user.presence(); l.enabled && weight(show) < weight(best) {
			best = show
		}
	}
	return best
}

// SetResources sets the XMPP connections of a user; with none the user is
// offline.
func (s *Server) SetResources(userID int64, resources ...Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.must(s.users, userID)
	e.resources = slices.Clone(resources)
	slices.SortStableFunc(e.resources, func(a, b Resource) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(weight(a.Show), weight(b.Show)))
	})
}

// SetPresence gives a user one XMPP connection with this show and status, or none
// if show is [Unavailable].
func (s *Server) SetPresence(userID int64, show, status string) {
	if show == Unavailable {
		s.SetResources(userID)
		return
	}
	s.SetResources(userID, Resource{Name: "libraryh3lp", Priority: 5, Show: show, Status: status})
}

// jid is the name whose presence is asked for, and the form of the answer.
type jid struct{ name, domain, format, theme string }

var theme = regexp.MustCompile(`^[a-z0-9-]+$`)

func (s *Server) presence(c *call) *answer {
	resources, ok := s.resourcesOf(c.jid)
	switch {
	case !ok && s.cfg.unknownOffline:
	case !ok:
		return notFound()
	}

	first := Resource{Show: Unavailable}
	if len(resources) > 0 {
		first = resources[0]
	}

	switch c.jid.format {
	case "text":
		return text("text/html", first.Show)
	case "xml":
		return text("text/xml", presenceXML(c.jid, resources))
	case "js":
		if len(resources) == 0 {
			resources = []Resource{first}
		}
		return text("text/html", presenceJS(c.jid, resources, c.query.Get("cb")))
	case "image":
		return icon(c.jid.theme, first.Show)
	}
	return notFound()
}

// resourcesOf returns the connections of a user, or the one of a queue that is
// online. The domain says which of the two a name is.
func (s *Server) resourcesOf(of jid) ([]Resource, bool) {
	switch of.domain {
	case s.cfg.userDomain:
		if user := s.users.named(of.name); user != nil {
			return user.resources, true
		}
	case s.cfg.queueDomain:
		if queue := s.queues.named(of.name); queue != nil {
			if show := s.queueShow(queue); show != Unavailable {
				return []Resource{{Name: "libraryh3lp", Priority: 5, Show: show}}, true
			}
			return nil, true
		}
	}
	return nil, false
}

func text(contentType, body string) *answer {
	return simnet.Text(http.StatusOK, contentType+"; charset=utf-8", body)
}

func presenceXML(of jid, resources []Resource) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<presence user=\"%s\" server=\"%s\">\n", html.EscapeString(of.name), html.EscapeString(of.domain))
	for _, r := range resources {
		fmt.Fprintf(&b, "  <resource show=\"%s\" name=\"%s\" priority=\"%d\"/>\n", html.EscapeString(r.Show), html.EscapeString(r.Name),
			r.Priority)
	}
	return b.String() + "</presence>\n"
}

var function = regexp.MustCompile(`^[A-Za-z_$][\w$.]*$`)

// presenceJS is a script, which is not JSON.
func presenceJS(of jid, resources []Resource, callback string) string {
	quote := func(s string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "</", `<\/`).Replace(s) + "'"
	}

	var entries []string
	for _, r := range resources {
		entries = append(entries, "{\n   name: "+quote(r.Name)+",\n   priority: "+strconv.Itoa(r.Priority)+
			",\n   show: "+quote(r.Show)+",\n   status: "+quote(r.Status)+"\n}")
	}

	script := "var jabber_user=" + quote(of.name) + ";\nvar jabber_server=" + quote(of.domain) +
		";\nvar jabber_resources=[" + strings.Join(entries, ",") + "];\nvar jabber_client_id='q0w9e8r7t6';\n"
	if function.MatchString(callback) {
		script += callback + "();\n"
	}
	return script
}

// pixel is a PNG image of one transparent pixel.
var pixel, _ = base64.StdEncoding.DecodeString(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")

// icon shows a word of show that the path names.
func (s *Server) icon(c *call) *answer { return icon(c.jid.theme, c.jid.name) }

func icon(name, show string) *answer {
	if !theme.MatchString(name) || weight(show) == weight("") {
		return notFound()
	}
	return simnet.Text(http.StatusOK, "image/png", pixel)
}
