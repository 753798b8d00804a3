package avayatest

import (
	"net/http"
	"slices"
)

// A thing is a group, queue or category. It has no statuses.
type thing struct {
	id  string
	own object
}

// memberOf returns the groups of a user, its profile's included.
func (s *Server) memberOf(u *user) []any {
	groups, overridden := u.own["memberOfGroups"]
	if p, ok := s.profiles.Get(text(u.own["profileId"])); ok && !overridden {
		groups = p.own["memberOfGroups"]
	}
	return list(groups)
}

// members returns the users of all groups. Membership is one relation, kept with
// the users and shown from both sides.
func (s *Server) members() map[string][]string {
	out := map[string][]string{}
	for _, u := range s.users.All() {
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

// setMembers writes the relation from the group's side. A user that has its groups
// from a profile gets its own list if that has to change.
func (s *Server) setMembers(group string, members []string) {
	want := map[string]bool{}
	for _, id := range members {
		want[id] = true
	}

	for _, u := range s.users.All() {
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

// lookUp finds a group or queue by the path. If there is none, the vendor's answer
// names the id.
func (s *Server) lookUp(r *request, t *table[*thing], what string) (*thing, *problem) {
	if !uuidPattern.MatchString(r.id) {
		return nil, invalid(violation{what + "Id", "must be a UUID", codePattern})
	}
	if e, ok := t.Get(r.id); ok {
		return e, nil
	}
	return nil, notFound("The " + what + " " + r.id + " does not exist")
}

func (s *Server) listGroups(r *request) answer {
	members := s.members()
	render := func(g *thing) object { return renderGroup(g, members[g.id]) }
	return page(s, r, groupListing, s.groups.All(), render, nil, r.URL.Query().Get("orderBy"))
}

func (s *Server) getGroup(r *request) answer {
	g, p := s.lookUp(r, &s.groups, "group")
	if p != nil {
		return fail(p)
	}
	return answer{status: http.StatusOK, body: renderGroup(g, s.members()[g.id])}
}
