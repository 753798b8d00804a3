package coretest

import (
	"encoding/json"

	"github.com/rollcall-go/rollcall/core"
)

// checkIf: a change whose precondition does not hold changes nothing.
func checkIf(s *suite) {
	s.need(core.OpUpdateUser, core.OpGetUser)
	name, to := s.anyChange()
	u := s.get(s.UserID)
	other := sample(name)
	conditions := map[string]core.Precondition{
		"another " + string(name):         {Values: map[string]any{string(name): other}},
		"no " + string(name):              {Values: map[string]any{string(name): nil}},
		"another wire " + string(name):    {Values: map[string]any{s.caps.Field(name).Wire: other}},
		"a value of a field that is none": {Values: map[string]any{"coretestHasNoSuchField": "x"}},
	}
	if s.caps.Revisions {
		conditions["another revision"] = core.Precondition{Revision: u.Revision + "0"}
		if u.Revision == "" && s.offers(core.OpGetUser) {
			s.Errorf("Capabilities says that there are revisions, and the user has none")
		}
	}

	for what, if_ := range conditions {
		before := s.look(s.UserID)
		change := changeOf(name, to)
		change.If = if_
		_, err := s.Store.UpdateUser(s.Context(), s.UserID, change)
		s.is(err, core.ErrRevision, core.OpUpdateUser, "a change if the user has %s", what)
		s.notApplied(err, "a change if the user has "+what)
		s.kept(before, s.look(s.UserID), "a change if the user has "+what)
	}

	u = s.get(s.UserID)
	change := changeOf(name, to)
	change.If = core.Precondition{Revision: u.Revision, Values: map[string]any{string(name): u.Field(name)}}
	s.update(s.UserID, change, "a change whose precondition holds")
	s.equal(inOneOrder(to), valueOf(s.get(s.UserID), name), "%s, after a change whose precondition holds", name)
}

// checkJSON: a spec or a change means the same to the store after a program has kept it as JSON.
func checkJSON(s *suite) {
	if s.offers(core.OpCreateUser) && s.offers(core.OpGetUser) {
		spec := s.Spec(1)
		data, err := json.Marshal(spec)
		s.ok(err, "a spec as JSON")
		var back core.UserSpec
		s.ok(json.Unmarshal(data, &back), "a spec from JSON")
		s.equal(string(data), asJSON(back), "a spec after JSON")
		back.Password = spec.Password
		u, err := s.Store.CreateUser(s.Context(), back)
		s.ok(err, "creating a user with a spec from JSON")
		s.settle(u.ID, core.Created)
		s.equal(u.ID, s.get(u.ID).ID, "the id of a user made of a spec from JSON")
	}

	s.need(core.OpUpdateUser, core.OpGetUser)
	for _, name := range s.changeable() {
		to := s.Fields[name].To
		data, err := json.Marshal(changeOf(name, to))
		s.ok(err, "a change as JSON")
		var back core.UserChange
		s.ok(json.Unmarshal(data, &back), "a change from JSON")
		s.equal(string(data), asJSON(back), "a change after JSON")
		s.update(s.UserID, back, "a change from JSON")
		s.equal(inOneOrder(to), valueOf(s.get(s.UserID), name), "%s, after a change from JSON", name)
	}

	_, err := s.Store.GetUser(s.Context(), s.UnknownID)
	s.is(err, core.ErrNotFound, core.OpGetUser, "an unknown user")
	if e, ok := ours(err).(*core.Error); ok {
		var back core.Error
		s.ok(json.Unmarshal([]byte(asJSON(e)), &back), "an error from JSON")
		s.equal(asJSON(e), asJSON(&back), "an error after JSON")
	}
}

// checkCreateLinks: a spec may carry assignments, and what is wrong with one of them
// refuses the whole.
func checkCreateLinks(s *suite) {
	s.need(core.OpCreateUser, core.OpAssign, core.OpGetUser)
	spec := s.Spec(1)
	for _, k := range s.plain() { // what is single-valued may be in the spec itself
		link := core.Assignment{Target: s.Targets[k.Kind][0]}
		if k.Level != "" {
			link.Level = new(s.Levels[k.Kind][0])
		}
		spec.Links = append(spec.Links, link)
	}

	for _, kind := range core.Kinds() {
		if _, has := s.caps.Kind(kind); has {
			continue
		}
		bad := s.Spec(2)
		bad.Links = append(bad.Links, spec.Links[0], core.Assignment{Target: core.Target{Kind: kind, ID: "1"}})
		s.quiet("creating a user with a link of a kind that is lacking", func() {
			_, err := s.Store.CreateUser(s.Context(), bad)
			s.unsupported(err, core.OpCreateUser, "creating a user with a link of kind "+string(kind))
		})
		break
	}

	u, err := s.Store.CreateUser(s.Context(), spec)
	s.ok(err, "creating a user with assignments")
	s.settle(u.ID, core.Created)
	for _, want := range spec.Links {
		s.linked(true, u.ID, want.Target, "after creating a user with it")
		if l := s.linkThat(u.ID, want.Target); l != nil && want.Level != nil && (l.Level == nil || *l.Level != *want.Level) {
			s.Errorf("the level of %s, which a user was created with, is not %d", l, *want.Level)
		}
	}
}

// linkThat is link, or nil where assignments cannot be read.
func (s *suite) linkThat(id string, t core.Target) *core.Assignment {
	s.Helper()
	if !s.canRead() {
		return nil
	}
	return s.link(id, t)
}
