package coretest

import (
	"reflect"

	"github.com/rollcall-go/rollcall/core"
)

// checkCost: an operation sends at most what Capabilities promises, once the client has
// its token.
func checkCost(s *suite) {
	if s.Requests == nil {
		s.Skipf("the Fixture cannot count requests (Requests)")
	}
	for _, r := range reads() {
		if !s.offers(r.op) {
			continue
		}
		s := s.another()
		s.warm()
		rows := 0
		sent := s.sends(func() {
			got, err := r.run(s.Context(), s)
			s.ok(err, "%s", r.op)
			if r.list {
				rows = reflect.ValueOf(got).Len()
			}
		})
		s.within(r.op, sent, 1, 0, max(rows, s.people()))
	}

	for _, w := range writes() {
		if s.can(w) {
			s := s.begun(w)
			s.warm()
			sent := s.sends(func() { s.ok(w.run(s.Context(), s), "%s", w.op) })
			s.within(w.op, sent, 1, 1, 0)
		}
	}

	if !s.offers(core.OpAssign) || len(s.kinds()) == 0 {
		return
	}
	as := s.several()
	s.warm()
	sent := s.sends(func() {
		_, err := s.Store.Assign(s.Context(), as...)
		s.ok(err, "assigning many")
	})
	s.within(core.OpAssign, sent, 2, len(as), 0)
}

// warm lets the client fetch what it fetches only once: tokens, addresses.
func (s *suite) warm() {
	s.Helper()
	if s.offers(core.OpGetUser) {
		s.get(s.OtherID)
	}
	if s.offers(core.OpListUsers) {
		_, err := core.Collect(s.Store.ListUsers(s.Context(), core.UserQuery{}))
		s.ok(err, "listing users")
	}
	if s.offers(core.OpPresence) {
		s.presence(s.OtherID)
	}

	// One change is enough: it fetches what all later ones use.
	for _, name := range s.changeable() {
		if s.offers(core.OpUpdateUser) && name != login && name != email {
			s.update(s.OtherID, changeOf(name, s.Fields[name].To), "changing "+string(name))
			break
		}
	}
}

// people counts the users.
func (s *suite) people() int {
	s.Helper()
	if !s.offers(core.OpListUsers) {
		return 0
	}
	all, err := core.Collect(s.Store.ListUsers(s.Context(), core.UserQuery{}))
	s.ok(err, "listing users")
	return len(all)
}

// within compares what was sent with what Capabilities promises.
func (s *suite) within(op core.Operation, sent, users, links, rows int) {
	s.Helper()
	c := s.caps.Of(op).Cost
	if c == (core.Cost{}) {
		s.Errorf("Capabilities does not say what %s costs; it sent %d requests", op, sent)
		return
	}

	promised := c.Call + users*c.User + links*c.Link
	if c.Page > 0 && rows > 0 {
		promised += (rows - 1) / c.Page
	}
	if c.Target > 0 {
		promised += c.Target * s.walked(op)
	}

	if sent > promised {
		s.Errorf("%s of %d users, %d links and %d rows sent %d requests, and Capabilities promises %d (%+v)", op, users, links, rows, sent,
			promised, c)
	}
}

// walked counts what Cost.Target counts: for a block the links of the user, and else
// the targets that there are.
func (s *suite) walked(op core.Operation) int {
	s.Helper()
	switch op {
	case core.OpBlock, core.OpUnblock, core.OpLiftBlocks:
		return len(s.links(core.AssignmentQuery{UserID: s.UserID}))
	}
	if !s.offers(core.OpListTargets) {
		return 0
	}
	all, err := core.Collect(s.Store.ListTargets(s.Context(), core.TargetQuery{}))
	s.ok(err, "listing targets")
	return len(all)
}
