package coretest

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcall-go/rollcall/core"
)

func (s *suite) targets(q core.TargetQuery) []core.Target {
	s.Helper()
	all, err := core.Collect(s.Store.ListTargets(s.Context(), q))
	s.ok(err, "listing targets of kind %q with the name %q", q.Kind, q.Name)
	return all
}

// checkTargets: what people can be assigned to is found by kind and by name.
func checkTargets(s *suite) {
	s.need(core.OpListTargets)
	s.quiet("ListTargets, not yet walked", func() { s.Store.ListTargets(s.Context(), core.TargetQuery{}) })
	n := map[core.Kind]int{}
	for _, t := range s.targets(core.TargetQuery{}) {
		n[t.Kind]++
	}

	for _, k := range s.caps.Kinds {
		all := s.targets(core.TargetQuery{Kind: k.Kind})
		s.equal(n[k.Kind], len(all), "the targets of kind %s, with those of all kinds and alone", k.Kind)
		delete(n, k.Kind)
		seen := map[string]bool{}
		for _, t := range all {
			if t.Kind != k.Kind || t.ID == "" || seen[t.ID] {
				s.Errorf("the targets of kind %s hold %s, which is of another kind, without an id, or there twice", k.Kind, t)
			}
			seen[t.ID] = true
		}
		for _, t := range s.Targets[k.Kind] {
			if i := slices.IndexFunc(all, func(is core.Target) bool { return same(is, t) }); i >= 0 {
				s.named(all[i])
			} else {
				s.Errorf("the targets do not hold %s", t)
			}
		}
	}

	for kind := range n {
		s.Errorf("the targets hold some of kind %s, which Capabilities does not name", kind)
	}
}

// named checks that a target is found by its name in any spelling.
func (s *suite) named(t core.Target) {
	s.Helper()
	if t.Name == "" {
		s.Errorf("the target %s has no name", t)
		return
	}

	for _, name := range []string{t.Name, strings.ToUpper(t.Name), "  " + t.Name + " ", norm.NFD.String(t.Name)} {
		found := s.targets(core.TargetQuery{Kind: t.Kind, Name: name})
		if !slices.ContainsFunc(found, func(is core.Target) bool { return same(is, t) }) {
			s.Errorf("looking for the name %q does not find %s, %q", name, t, t.Name)
		}
		for _, is := range found {
			if core.Fold(is.Name) != core.Fold(t.Name) {
				s.Errorf("looking for the name %q finds %q: the match is not exact", name, is.Name)
			}
		}
	}

	if found := s.targets(core.TargetQuery{Kind: t.Kind, Name: t.Name + " of nothing"}); len(found) > 0 {
		s.Errorf("looking for a name that nothing has finds %v", found)
	}
}

// checkListAll: the list of everybody's assignments agrees with those of users and targets.
func checkListAll(s *suite) {
	s.need(core.OpListAll)
	s.quiet("ListAssignments of everybody, not yet walked", func() { s.Store.ListAssignments(s.Context(), core.AssignmentQuery{}) })

	if s.offers(core.OpAssign) {
		for _, k := range s.kinds() {
			_, err := s.Store.Assign(s.Context(), core.Assignment{UserID: s.UserID, Target: s.Targets[k.Kind][0]})
			s.ok(err, "assigning")
		}
	}
	all := s.links(core.AssignmentQuery{})

	texts := map[string]bool{}
	for _, a := range all {
		if text := linkText(a); texts[text] {
			s.Errorf("the assignments of everybody hold %s twice", text)
		} else {
			texts[text] = true
		}
	}

	of := func(holds func(core.Assignment) bool) (out []string) {
		for _, a := range all {
			if holds(a) {
				out = append(out, linkText(a))
			}
		}
		return out
	}

	if s.offers(core.OpListByUser) {
		for _, id := range []string{s.UserID, s.OtherID} {
			want := linkTexts(s.links(core.AssignmentQuery{UserID: id}))
			s.agrees(want, of(func(a core.Assignment) bool { return a.UserID == id }), "those of user "+id)
		}
	}
	if s.offers(core.OpListByTarget) {
		for _, k := range s.caps.Kinds {
			for _, t := range s.Targets[k.Kind] {
				want := linkTexts(s.links(core.AssignmentQuery{Target: t}))
				s.agrees(want, of(func(a core.Assignment) bool { return same(a.Target, t) }), "those of "+t.String())
			}
		}
	}
}

// agrees compares links in the list of everybody's with the same in another list. A list
// that may miss a user may lack some.
func (s *suite) agrees(want, got []string, what string) {
	s.Helper()
	partial := s.caps.Of(core.OpListAll).Partial
	for _, a := range want {
		if !slices.Contains(got, a) && !partial {
			s.Errorf("the assignments of everybody lack %s, which %s hold", a, what)
		}
	}

	for _, a := range got {
		if !slices.Contains(want, a) {
			s.Errorf("the assignments of everybody hold %s, which %s lack", a, what)
		}
	}
}

func linkTexts(as []core.Assignment) (out []string) {
	for _, a := range as {
		out = append(out, linkText(a))
	}
	return out
}

// linkText is all that one link says, but for the name.
func linkText(a core.Assignment) string {
	text := a.String()
	if a.Suspended {
		text += " (suspended)"
	}
	return text
}
