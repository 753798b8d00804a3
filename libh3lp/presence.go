package libh3lp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Show is an availability, in the words of XMPP as the vendor flattens them.
type Show string

// The availabilities of the vendor page "Presence".
const (
	ShowChat        Show = "chat" // eager to chat
	ShowAvailable   Show = "available"
	ShowDND         Show = "dnd" // called Busy in the vendor's own programs
	ShowAway        Show = "away"
	ShowXA          Show = "xa" // away for longer
	ShowUnavailable Show = "unavailable"
)

// folded is the word as it is compared.
func (s Show) folded() Show { return Show(strings.ToLower(strings.TrimSpace(string(s)))) }

// Known reports whether the word is one of the six.
func (s Show) Known() bool {
	switch s.folded() {
	case ShowChat, ShowAvailable, ShowDND, ShowAway, ShowXA, ShowUnavailable:
		return true
	}
	return false
}

// AcceptsChats reports whether new chats come: at available and at chat. A word
// that is not known does not.
func (s Show) AcceptsChats() bool {
	f := s.folded()
	return f == ShowAvailable || f == ShowChat
}

// word is the answer of the presence service, which may not be a presence at all.
var word = rest.Nothing(200).Or(rest.Text(200))

var (
	opUserShow = &rest.Op{Name: "Presence.User", Method: http.MethodGet, Path: presencePath + "text", Replay: rest.Safe,
		Bucket: bucketPresence, Success: word}
	opQueueShow = &rest.Op{Name: "Presence.Queue", Method: http.MethodGet, Path: presencePath + "text", Replay: rest.Safe,
		Bucket: bucketPresence, Success: word}
	opUserResources = &rest.Op{Name: "Presence.UserResources", Method: http.MethodGet, Path: presencePath + "xml", Replay: rest.Safe,
		Bucket: bucketPresence, Success: rest.XML(200)}
	opQueueResources = &rest.Op{Name: "Presence.QueueResources", Method: http.MethodGet, Path: presencePath + "xml", Replay: rest.Safe,
		Bucket: bucketPresence, Success: rest.XML(200)}
)

// Presence is the public service of the vendor page "Presence", which needs no
// login and cannot set anything: presence is set over XMPP alone. It knows users
// and queues by name, in different domains.
type Presence struct{ c *Client }

// User returns the availability of a user. An answer that is none of the vendor's
// words, such as a page or nothing at all, is returned as it came, shortened, and is
// not Known. A name that the service does not know is core.ErrNotFound, where the
// service says so. It takes one request, and no credential ("Presence").
func (p *Presence) User(ctx context.Context, name string) (Show, error) {
	return p.show(ctx, opUserShow, name, p.c.domains.user)
}

// Queue returns the availability of a queue: see User.
func (p *Presence) Queue(ctx context.Context, name string) (Show, error) {
	return p.show(ctx, opQueueShow, name, p.c.domains.queue)
}

// maxWord bounds what an error repeats of a word that is not a presence.
const maxWord = 60

func (p *Presence) show(ctx context.Context, op *rest.Op, name, domain string) (Show, error) {
	var said string
	err := p.ask(ctx, op, name, domain, "text/plain, */*", func(body []byte) *core.Error {
		said = string(bytes.TrimSpace(body[:min(len(body), 4*maxWord)]))
		return nil
	})
	if runes := []rune(p.c.rest.Text(said)); len(runes) > maxWord {
		said = string(runes[:maxWord]) + "…"
	} else {
		said = string(runes)
	}
	return Show(said), err
}

// ask gets an answer that is not JSON.
func (p *Presence) ask(ctx context.Context, op *rest.Op, name, domain, accept string, read func([]byte) *core.Error) error {
	call := p.c.call(op, name, domain)
	call.Anonymous, call.Check = true, read
	call.Header = http.Header{"Accept": {accept}}
	_, err := p.c.rest.Do(ctx, call)
	return err
}

// Resource is one connection of a user, or of a queue.
type Resource struct {
	Name     string `xml:"name,attr"`
	Show     Show   `xml:"show,attr"`
	Priority int    `xml:"priority,attr"`
}

// UserResources returns the connections of a user, the one of the highest priority
// first; none means that the user is not there. An answer that is not the service's is
// core.ErrProtocol. It takes one request, and no credential.
func (p *Presence) UserResources(ctx context.Context, name string) ([]Resource, error) {
	return p.resources(ctx, opUserResources, name, p.c.domains.user)
}

// QueueResources returns the connections of a queue: see UserResources.
func (p *Presence) QueueResources(ctx context.Context, name string) ([]Resource, error) {
	return p.resources(ctx, opQueueResources, name, p.c.domains.queue)
}

func (p *Presence) resources(ctx context.Context, op *rest.Op, name, domain string) (out []Resource, err error) {
	err = p.ask(ctx, op, name, domain, "text/xml, application/xml, */*", func(body []byte) *core.Error {
		var perr error
		if out, perr = parseResources(body); perr != nil {
			return &core.Error{Class: core.ClassProtocol, Message: "the answer is not the presence asked for", Err: perr}
		}
		return nil
	})
	return out, err
}

func parseResources(body []byte) ([]Resource, error) {
	var doc struct {
		XMLName   xml.Name   `xml:"presence"`
		Resources []Resource `xml:"resource"`
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := d.Decode(&doc); err != nil {
		return nil, errors.New("it is not the XML of a presence")
	}
	slices.SortStableFunc(doc.Resources, func(a, b Resource) int { return cmp.Compare(b.Priority, a.Priority) })
	return doc.Resources, nil
}
