package avayatest

import (
	"fmt"
	"net/http"
	"slices"
)

// A thing is a group, queue or category: changed at once, without statuses.
type thing struct {
	id  string
	own object
}

func (t *thing) key() string { return t.id }

// memberOf are the groups a user is in, through its profile too.
func (s *Server) memberOf(u *user) []any {
	groups, overridden := u.own["memberOfGroups"]
	if p, ok := s.profiles.get(text(u.own["profileId"])); ok && !overridden {
		groups = p.own["memberOfGroups"]
	}
	return list(groups)
}

// members are the users of all groups. Membership is one relation, kept with
// the users and shown from both sides.
func (s *Server) members() map[string][]string {
	out := map[string][]string{}
	for _, u := range s.users.order {
		if !s.visible(u) {
			continue
		}
		for _, g := range s.memberOf(u) {
			id := text(g)
			if n := len(out[id]); n == 0 || out[id][n-1] != u.id { // a group named twice
				out[id] = append(out[id], u.id)
			}
		}
	}
	return out
}

// maxResourceIDs is how many members one entry of a group's resources holds.
const maxResourceIDs = 500

// renderGroup shows the members in the entries that they were written to, and
// those who came from the other side after them.
func renderGroup(g *thing, members []string) object {
	out := clone(g.own)
	out["groupId"] = g.id

	left := make(map[string]bool, len(members))
	for _, id := range members {
		left[id] = true
	}

	// Who is still a member stays in the entry that it was written to.
	entries := children(out["resources"])
	for _, e := range entries {
		ids := []any{}
		for _, v := range list(e["resourceIds"]) {
			if id := text(v); left[id] {
				delete(left, id)
				ids = append(ids, id)
			}
		}
		e["resourceIds"] = ids
	}

	// left is now who came from the users' side.
	for _, id := range members {
		if !left[id] {
			continue
		}
		if n := len(entries); n == 0 || len(list(entries[n-1]["resourceIds"])) >= maxResourceIDs {
			entries = append(entries, object{"type": "User"})
		}
		last := entries[len(entries)-1]
		last["resourceIds"] = append(list(last["resourceIds"]), id)
	}

	if len(entries) > 0 {
		shown := []any{}
		for _, e := range entries {
			shown = append(shown, e)
		}
		out["resources"] = shown
	}

	return out
}

// setMembers writes the relation from the group's side. A user that was in its
// groups through a profile gets a list of its own when that has to change.
func (s *Server) setMembers(group string, members []string) {
	want := map[string]bool{}
	for _, id := range members {
		want[id] = true
	}
	for _, u := range s.users.order {
		groups := s.memberOf(u)
		is, shall := slices.Contains(groups, any(group)), want[u.id]
		switch {
		case is && !shall:
			u.own["memberOfGroups"] = slices.DeleteFunc(slices.Clone(groups), func(v any) bool { return v == group })
		case shall && !is:
			u.own["memberOfGroups"] = append(slices.Clone(groups), group)
		}
	}
}

// checkGroup reads a group and the members it names.
func (s *Server) checkGroup(r *request) (own object, members []string, p *problem) {
	body, p := r.object()
	if p != nil {
		return nil, nil, p
	}
	c := s.checker()
	own = c.object("", body, groupSchema)
	for i, e := range list(own["resources"]) {
		for j, v := range list(child(e)["resourceIds"]) {
			if _, ok := s.users.get(text(v)); !ok && c.violations == nil {
				c.fail(fmt.Sprintf("resources[%d].resourceIds[%d]", i, j), "does not exist", 0)
			}
			members = append(members, text(v))
		}
	}
	if c.violations != nil {
		return nil, nil, invalid(c.violations...)
	}
	return own, members, nil
}

// checkName finds other things of the kind with the same name.
func (s *Server) checkName(t *table[*thing], own object, id string) *problem {
	for _, other := range t.order {
		if other.id != id && s.fold(text(other.own["name"])) == s.fold(text(own["name"])) {
			return conflict(violation{"name", "already exists", 0})
		}
	}
	return nil
}

// lookUp finds a group, queue or category by the path. The vendor names the id
// where it is not found.
func (s *Server) lookUp(r *request, t *table[*thing], what string) (*thing, *problem) {
	if !uuidPattern.MatchString(r.id) {
		return nil, s.malformed(violation{what + "Id", "must be a UUID", codePattern})
	}
	if e, ok := t.get(r.id); ok {
		return e, nil
	}
	return nil, notFound("The " + what + " " + r.id + " does not exist")
}

func (s *Server) listGroups(r *request) answer {
	members := s.members()
	render := func(g *thing) object { return renderGroup(g, members[g.id]) }
	return page(s, r, groupListing, s.groups.order, render, nil, r.URL.Query().Get("orderBy"))
}

func (s *Server) createGroup(r *request) answer {
	own, members, p := s.checkGroup(r)
	if p == nil {
		p = s.checkName(&s.groups, own, "")
	}
	if p != nil {
		return fail(p)
	}
	g := &thing{s.ids.uuid("group"), own}
	s.groups.add(g)
	s.setMembers(g.id, members)
	return answer{status: http.StatusCreated, body: renderGroup(g, s.members()[g.id])}
}

func (s *Server) getGroup(r *request) answer {
	g, p := s.lookUp(r, &s.groups, "group")
	if p != nil {
		return fail(p)
	}
	return answer{status: http.StatusOK, body: renderGroup(g, s.members()[g.id])}
}

func (s *Server) replaceGroup(r *request) answer {
	own, members, p := s.checkGroup(r)
	if p != nil {
		return fail(p)
	}
	g, p := s.lookUp(r, &s.groups, "group")
	if p == nil {
		p = s.checkName(&s.groups, own, r.id)
	}
	if p != nil {
		return fail(p)
	}
	g.own = own
	s.setMembers(g.id, members)
	return answer{status: http.StatusOK, body: renderGroup(g, s.members()[g.id])}
}

func (s *Server) deleteGroup(r *request) answer {
	g, p := s.lookUp(r, &s.groups, "group")
	if p != nil {
		return fail(p)
	}
	s.groups.remove(g.id)
	s.forget("group", g.id)
	return answer{status: http.StatusNoContent}
}

func (s *Server) listGroupTypes(*request) answer {
	return answer{status: http.StatusOK, body: []any{"User"}}
}
