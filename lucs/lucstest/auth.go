package lucstest

import (
	"net/http"
	"slices"
	"strings"
)

// authorise finds the request's key. A missing key, a wrong key and a key without the
// right all get the same answer.
func (s *Server) authorise(c *call) *answer {
	var text string
	if s.cfg.keyQuery != "" {
		text = c.query.Get(s.cfg.keyQuery)
	} else {
		var ok bool
		text, ok = strings.CutPrefix(c.request.Header.Get(s.cfg.keyHeader), s.cfg.keyPrefix)
		if !ok {
			return unauthorised()
		}
	}

	i := slices.IndexFunc(s.cfg.keys, func(k Key) bool { return k.Value == text && text != "" })
	if i < 0 {
		return unauthorised()
	}
	c.key = s.cfg.keys[i]
	if c.route != nil && (!c.key.opens(c.route.How.area) || slices.Contains(s.cfg.forbidden, c.op)) {
		return unauthorised()
	}
	return nil
}

func unauthorised() *answer {
	return refuse(http.StatusUnauthorized, "Authorization has been denied for this request.")
}

func (k Key) opens(area Area) bool { return len(k.Areas) == 0 || slices.Contains(k.Areas, area) }

// sees reports whether a key is good for an organization unit.
func (k Key) sees(unit string) bool {
	return len(k.Units) == 0 || slices.ContainsFunc(k.Units, func(top string) bool { return below(unit, top) })
}

// seesUser reports whether a key is good for one of the units that a user has a role
// in. A user without roles is in the root.
func (k Key) seesUser(u *user) bool {
	if len(u.Roles) == 0 {
		return k.sees(rootUnit)
	}
	return slices.ContainsFunc(u.Roles, func(r role) bool { return k.sees(r.OrganizationUnit) })
}

const rootUnit = "System"

// below reports whether a path is another one or lies below it.
func below(path, top string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(path), strings.ToLower(top))
	return ok && (rest == "" || rest[0] == '/')
}
