package lucstest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// service takes calls and tasks. Its members are worked out, not stored.
type service struct {
	Service
}

// listed is a service as the API shows it.
func (s *Server) listed(v *service) json.RawMessage {
	out := ordered{
		{"Id", s.cfg.spellID(v.ID)}, {"Name", v.Name}, {s.cfg.serviceAddress, v.SIPURI},
		{"OrganizationUnit", v.OrganizationUnit}, {"DirectionType", v.DirectionType},
	}
	for _, name := range slices.Sorted(maps.Keys(v.Extra)) {
		out = append(out, member{name, v.Extra[name]})
	}
	return out.encode()
}

// ordered is an object whose members stand as given.
type ordered []member

type member struct {
	name  string
	value any
}

func (o ordered) encode() json.RawMessage {
	out := bytes.NewBuffer(make([]byte, 0, 1024))
	write := newEncoder(out)
	separator := byte('{')
	for _, m := range o {
		out.WriteByte(separator)
		write(m.name)
		out.WriteByte(':')
		write(m.value)
		separator = ','
	}
	out.WriteByte('}')
	return out.Bytes()
}

// newEncoder writes values one after the other, nothing between them.
func newEncoder(out *bytes.Buffer) func(any) {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return func(v any) {
		if err := enc.Encode(v); err != nil {
			panic(fmt.Sprintf("lucstest: %v", err)) // our own types
		}
		out.Truncate(out.Len() - 1) // the line's end
	}
}

// list is success with an array of what is encoded already.
func list(items []json.RawMessage) *answer {
	size := 2
	for _, item := range items {
		size += len(item) + 1
	}
	out := append(make([]byte, 0, size), '[')
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return &answer{status: http.StatusOK, contentType: jsonType, body: append(out, ']')}
}

func (s *Server) listServices(c *call) *answer {
	out := []json.RawMessage{}
	for _, v := range s.services.All() {
		if c.key.sees(v.OrganizationUnit) {
			out = append(out, s.listed(v))
		}
	}
	return list(out)
}

// service finds the service of a path.
func (s *Server) service(c *call) (*service, *answer) {
	v, there := s.services.Get(c.id)
	if !there || !c.key.sees(v.OrganizationUnit) {
		return nil, c.notFound("Service", c.id)
	}
	return v, nil
}

func (s *Server) listServiceUsers(c *call) *answer {
	v, p := s.service(c)
	if p != nil {
		return p
	}
	only, p := s.filter(c)
	if p != nil {
		return p
	}

	out := []json.RawMessage{}
	for _, u := range s.seen(c.now) {
		if s.memberOf(u, v) && c.key.seesUser(u) && only(u) {
			out = append(out, s.shown(u))
		}
	}
	return list(out)
}

// filter reads isSelectable.
func (s *Server) filter(c *call) (func(*user) bool, *answer) {
	text := c.query.Get(s.cfg.selectableParam)
	if text == "" || s.cfg.ignoreSelectable {
		return func(*user) bool { return true }, nil
	}
	if !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false") {
		return nil, invalid(s.cfg.selectableParam, "The value '%s' is not valid.", text)
	}
	want := strings.EqualFold(text, "true")
	return func(u *user) bool { return s.selectable(u) == want }, nil
}

// memberOf works out whether a user belongs to a service.
func (s *Server) memberOf(u *user, v *service) bool {
	return s.hasTrait(u, v.Trait) && permitted(u, v.OrganizationUnit) && slices.ContainsFunc(u.Profiles, func(p profile) bool {
		off, there := s.profiles[p.Name]
		return there && !off
	})
}

func (s *Server) hasTrait(u *user, node string) bool {
	return node == "" || slices.ContainsFunc(u.Traits, func(t trait) bool { return below(t.TraitNode, node) })
}

// permitted applies a user's roles, which are inherited downward.
func permitted(u *user, unit string) bool {
	allowed := false
	for _, r := range u.Roles {
		if !below(unit, r.OrganizationUnit) {
			continue
		}
		if r.Permission == "Deny" {
			return false
		}
		allowed = allowed || r.Permission == "Allow"
	}
	return allowed
}

// weight is how early a member is asked, by the responsibility in the current
// profile.
func weight(u *user, v *service) int {
	order := []string{"High", "Medium", "Low"}
	best := len(order)
	for _, p := range u.Profiles {
		if p.Name != cmp.Or(text(u.CurrentProfile), text(u.DefaultProfile)) {
			continue
		}
		for _, r := range p.Responsibilities {
			if i := slices.Index(order, r.Responsibility); i >= 0 && below(r.TraitNode, v.Trait) {
				best = min(best, i)
			}
		}
	}
	return best
}

// serviceFor finds the service that a body names by id.
func (s *Server) serviceFor(c *call, property, id string) (*service, *answer) {
	v, there := s.services.Get(strings.ToLower(id))
	switch {
	case !isGUID(id):
		return nil, invalid(property, "The value '%s' is not valid.", id)
	case !there || !c.key.sees(v.OrganizationUnit):
		return nil, refuse(http.StatusBadRequest, "%s: there is no service '%s'.", property, id)
	}
	return v, nil
}
