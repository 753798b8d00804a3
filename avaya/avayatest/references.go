package avayatest

import (
	"fmt"
	"slices"
)

// A reference is a place in a user or profile that names something else.
type reference struct {
	kind    string // queue, attribute, group or profile
	id      string
	field   string
	feature string // the feature it stands in, if any
}

// references finds all that an entity's own values refer to.
func references(own object) []reference {
	var out []reference
	if id := text(own["profileId"]); id != "" {
		out = append(out, reference{"profile", id, "profileId", ""})
	}

	for _, field := range []string{"memberOfGroups", "ownedGroups"} {
		for i, v := range list(own[field]) {
			out = append(out, reference{"group", text(v), fmt.Sprintf("%s[%d]", field, i), ""})
		}
	}

	m := child(child(own["features"])[matchingFeature])
	for i, v := range list(m["queues"]) {
		if id := text(child(v)["queueId"]); id != "" {
			out = append(out, reference{"queue", id, fmt.Sprintf("features.matching.queues[%d].queueId", i), matchingFeature})
		}
	}
	for i, v := range list(m["attributes"]) {
		out = append(out, reference{"attribute", text(v), fmt.Sprintf("features.matching.attributes[%d]", i), matchingFeature})
	}
	return out
}

func (s *Server) exists(ref reference) bool {
	switch ref.kind {
	case "profile":
		p, ok := s.profiles.Get(ref.id)
		return ok && !s.deleting(p.op)
	case "group":
		_, ok := s.groups.Get(ref.id)
		return ok
	case "queue":
		_, ok := s.queues.Get(ref.id)
		return ok
	}

	// What is left is an attribute, which belongs to a category.
	for _, c := range s.categories.All() {
		if c.attributes()[ref.id] {
			return true
		}
	}
	return false
}

// dangling returns the references of an entity to things that do not exist, except
// those that it had before, if they may stay.
func (s *Server) dangling(own, before object) []reference {
	var held []reference
	if s.cfg.keepDangling && before != nil {
		held = references(before)
	}

	var out []reference
	for _, ref := range references(own) {
		had := slices.ContainsFunc(held, func(h reference) bool { return h.kind == ref.kind && h.id == ref.id })
		if !had && !s.exists(ref) {
			out = append(out, ref)
		}
	}
	return out
}

// checkReferences returns a problem, or, with [WithUnknownReferencesAccepted], what is
// to fail later.
func (s *Server) checkReferences(own, before object) ([]reference, *problem) {
	refs := s.dangling(own, before)
	if s.cfg.lateReferences || len(refs) == 0 {
		return refs, nil
	}
	var vs []violation
	for _, ref := range refs {
		vs = append(vs, violation{ref.field, "does not exist", 0})
	}
	return nil, invalid(vs...)
}

// forgetProfile removes all references to a profile that was deleted.
func (s *Server) forgetProfile(id string) {
	if s.cfg.keepDangling {
		return
	}
	for _, u := range s.users.All() {
		if u.own["profileId"] == id {
			delete(u.own, "profileId")
		}
	}
}
