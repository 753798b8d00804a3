package webextest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// person is a member of the organisation.
type person struct {
	key    string
	seq    int
	born   time.Time
	fields object // as stored: without id, phone numbers of other types than work, and sipAddresses
	// numbers are the phone numbers that the organisation's directory sets, and no
	// client: mobile, fax.
	numbers []any
	hides   bool // switched the sharing of status off, and sees no other's
}

type location struct{ key, name, prefix string }

func (l *location) id() string { return ID(locationType, l.key) }

type licence struct {
	key, name string
	implicit  bool // cannot be taken away by leaving it out
}

func (l *licence) id() string { return ID(license, OrgKey+":"+l.key) }

// The fields of a person that the server sets. A write of them is refused.
var serverFields = []string{
	"id", "created", "lastModified", "timezone", "lastActivity", "status", "sipAddresses", "xmppFederationJid",
	"invitePending", "type", "userName", "avatarProvided", "errors",
}

func text(o object, name string) string {
	t, _ := o[name].(string)
	return t
}

func words(o object, name string) (out []string) {
	list, _ := o[name].([]any)
	for _, v := range list {
		if t, ok := v.(string); ok {
			out = append(out, t)
		}
	}
	return out
}

func (p *person) id() string { return ID(people, p.key) }

func (s *Server) licence(id string) *licence {
	kind, key, ok := parseID(id)
	if !ok || kind != license {
		return nil
	}
	for _, l := range s.licences {
		if OrgKey+":"+l.key == key {
			return l
		}
	}
	return nil
}

// holds reports whether a person has a licence with one of these names.
func (s *Server) holds(p *person, names ...string) bool {
	return slices.ContainsFunc(words(p.fields, "licenses"), func(id string) bool {
		l := s.licence(id)
		return l != nil && slices.Contains(names, l.name)
	})
}

func (s *Server) calls(p *person) bool { return s.holds(p, nameProfessional, nameStandard, nameAssist) }

func (s *Server) location(id string) *location {
	_, key, _ := parseID(id)
	for _, l := range s.locations {
		if l.key == key {
			return l
		}
	}
	return nil
}

// view is what a caller asked to see of a person.
type view struct{ admin, calling, status, userName bool }

func (s *Server) view(c *call) (view, *answer) {
	v := view{admin: c.admin(), status: true}
	var a *answer
	v.calling, a = c.flag("callingData")
	if owner := s.people.At(Key(c.who.PersonID)); owner != nil && owner.hides {
		v.status = false
	}
	return v, a
}

func (s *Server) show(p *person, v view) object {
	o := maps.Clone(p.fields)
	o["id"] = p.id()

	var numbers []any
	if v.calling && s.calls(p) {
		for i, number := range words(object{"n": p.workNumbers()}, "n") {
			numbers = append(numbers, object{"type": "work", "value": number, "primary": i == 0})
		}
		if ext := text(o, "extension"); ext != "" {
			numbers = append(numbers, object{"type": "work_extension", "value": s.prefixOf(p) + ext})
		}
	} else {
		delete(o, "locationId")
		delete(o, "extension")
	}

	delete(o, "phoneNumbers")
	if numbers = append(numbers, p.numbers...); numbers != nil {
		o["phoneNumbers"] = numbers
	}

	if !p.born.Add(sipDelay).After(time.Now()) {
		name, _, _ := strings.Cut(words(o, "emails")[0], "@")
		sip := []any{object{"type": "personal-room", "value": name + "@sim.rooms.webex.example", "primary": true}}
		if s.calls(p) {
			sip = append(sip, object{"type": "cloud-calling", "value": name + "@sim.calls.webex.example", "primary": false})
		}
		o["sipAddresses"] = sip
	}

	if !v.status {
		delete(o, "status")
		delete(o, "lastActivity")
	}
	if v.userName {
		o["userName"] = words(o, "emails")[0]
	}

	for _, name := range []string{"loginEnabled", "invitePending"} {
		if flag, ok := o[name].(bool); ok && s.cfg.stringBooleans {
			o[name] = map[bool]string{true: "true", false: "false"}[flag]
		}
	}

	if !v.admin {
		for _, name := range []string{"roles", "licenses", "invitePending", "loginEnabled"} {
			delete(o, name)
		}
	}

	return o
}

// sipDelay is how long after its creation a person gets SIP addresses.
const sipDelay = 3 * time.Second

func (p *person) workNumbers() (out []any) {
	list, _ := p.fields["phoneNumbers"].([]any)
	for _, v := range list {
		if n, ok := v.(object); ok && n["type"] == "work" {
			out = append(out, n["value"])
		}
	}
	return out
}

func (s *Server) prefixOf(p *person) string {
	if l := s.location(text(p.fields, "locationId")); l != nil {
		return l.prefix
	}
	return ""
}

// ---- reading

const (
	pageOfPeople     = 100
	maxPeople        = 1000
	maxWithCalling   = 100
	maxOfOneLocation = 50
	maxIDs           = 85
)

func (s *Server) listPeople(c *call) *answer {
	v, a := s.view(c)
	if a != nil {
		return a
	}

	if excluded, a := c.flag("excludeStatus"); a != nil {
		return a
	} else if excluded {
		v.status = false
	}
	if c.query.Has("id") {
		return s.peopleByID(c, v)
	}

	if !v.admin && c.query.Get("email") == "" && c.query.Get("displayName") == "" {
		return c.invalid("Email, displayName, or id list should be specified.")
	}

	limit, a := s.peopleLimit(c, v)
	if a != nil {
		return a
	}

	after, on := 0, false
	if c.query.Has("after") {
		var ok bool
		if after, on, ok = parseCursor(c.query.Get("after")); !ok {
			return c.invalid("The cursor is invalid.")
		}
	}

	if s.cfg.emptyPages && after > 0 && !on {
		a := jsonAnswer(http.StatusOK, object{"items": []any{}, "notFoundIds": []any{}})
		a.Set("Link", s.nextPeople(c, limit, personCursor(after, true)))
		return a
	}

	matches, a := s.personFilter(c)
	if a != nil {
		return a
	}

	items, last, more := s.peopleAfter(after, limit, v, matches)
	a = jsonAnswer(http.StatusOK, object{"items": items, "notFoundIds": []any{}})
	switch {
	case more && s.cfg.nextLink == LinkRepeats && after > 0:
		a.Set("Link", s.nextPeople(c, limit, personCursor(after, false)))
	case more:
		a.Set("Link", s.nextPeople(c, limit, personCursor(last, false)))
	}
	return a
}

// peopleLimit is how many people a page may have.
func (s *Server) peopleLimit(c *call, v view) (int, *answer) {
	limit, a := c.number("max", 1, pageOfPeople)
	if a != nil {
		return 0, a
	}
	if s.cfg.maxThreshold > 0 && limit > s.cfg.maxThreshold {
		return 0, c.refuse(http.StatusGatewayTimeout, 0, "The upstream server failed to respond in time; try a smaller max.")
	}

	limit = min(limit, maxPeople)
	if v.calling {
		limit = min(limit, maxWithCalling)
	}
	if c.query.Has("locationId") {
		limit = min(limit, maxOfOneLocation)
	}
	return limit, nil
}

// peopleAfter returns the people of one page: those who match, from the one after a
// sequence number on. The last number makes the cursor of the next page.
func (s *Server) peopleAfter(after, limit int, v view, matches func(*person) bool) (items []object, last int, more bool) {
	items = []object{}
	all := s.people.All()
	from, _ := slices.BinarySearchFunc(all, after+1, func(p *person, seq int) int { return p.seq - seq })
	for _, p := range all[from:] {
		if !matches(p) {
			continue
		}
		if len(items) == limit {
			return items, last, true
		}
		items = append(items, s.show(p, v))
		last = p.seq
	}
	return items, last, false
}

func (s *Server) personFilter(c *call) (func(*person) bool, *answer) {
	email, name := c.query.Get("email"), strings.ToLower(c.query.Get("displayName"))
	var roles []string
	if r := c.query.Get("roles"); r != "" {
		roles = strings.Split(r, ",")
	}

	place := ""
	if c.query.Has("locationId") {
		l := s.location(c.query.Get("locationId"))
		if l == nil {
			return nil, c.refuse(http.StatusBadRequest, 400, "Unable to find location")
		}
		place = l.key
	}

	return func(p *person) bool {
		switch {
		case email != "" && !slices.ContainsFunc(words(p.fields, "emails"), func(e string) bool { return strings.EqualFold(e, email) }),
			name != "" && !strings.HasPrefix(strings.ToLower(text(p.fields, "displayName")), name),
			place != "" && Key(text(p.fields, "locationId")) != place:
			return false
		}
		return roles == nil || slices.ContainsFunc(words(p.fields, "roles"), func(id string) bool {
			return slices.ContainsFunc(roles, func(want string) bool { return Key(want) == Key(id) })
		})
	}, nil
}

func (s *Server) peopleByID(c *call, v view) *answer {
	v.status, v.userName = false, true
	ids := strings.Split(c.query.Get("id"), ",")
	if len(ids) > maxIDs {
		return c.invalid("No more than %d ids may be asked for.", maxIDs)
	}
	items, unknown := []object{}, []string{}
	for _, id := range ids {
		if p := s.people.At(Key(id)); p != nil {
			items = append(items, s.show(p, v))
		} else {
			unknown = append(unknown, id)
		}
	}
	return jsonAnswer(http.StatusOK, object{"items": items, "notFoundIds": unknown})
}

// named finds the person of the path.
func (s *Server) named(c *call) (*person, *answer) {
	kind, key, ok := parseID(c.path["personId"])
	if !ok || kind != "" && kind != people {
		return nil, c.invalid("The person id is invalid.")
	}
	if p := s.people.At(key); p != nil {
		return p, nil
	}
	return nil, c.refuse(http.StatusNotFound, 0, "Person not found")
}

func (s *Server) getPerson(c *call) *answer {
	p, a := s.named(c)
	if a != nil {
		return a
	}
	return s.showOne(c, p)
}

func (s *Server) getMe(c *call) *answer {
	p := s.people.At(Key(c.who.PersonID))
	if p == nil {
		return c.refuse(http.StatusNotFound, 0, "Person not found")
	}
	return s.showOne(c, p)
}

func (s *Server) showOne(c *call, p *person) *answer {
	v, a := s.view(c)
	if a != nil {
		return a
	}
	return jsonAnswer(http.StatusOK, s.show(p, v))
}

// strikes reports whether FailAfter was told to fail this write.
func (s *Server) strikes(op string) bool {
	if s.failures[op] == 0 {
		return false
	}
	s.failures[op]--
	return true
}

// cloned returns a deep copy of a JSON value, with numbers as json.Number.
func cloned(o object) object {
	body, err := json.Marshal(o)
	if err != nil {
		panic("webextest: " + err.Error())
	}
	out, err := simnet.DecodeObject(body)
	if err != nil {
		panic("webextest: " + err.Error())
	}
	return out
}
