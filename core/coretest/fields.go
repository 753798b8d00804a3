package coretest

import (
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// The neutral fields whose names the suite itself must know: a query has them.
const (
	login core.Field = "login"
	email core.Field = "email"
)

// lacks reports whether the vendor does not have a field.
func lacks(f core.FieldCapability) bool { return !f.Readable && !f.Settable && !f.Changeable }

// valueOf returns a user's field in a form that can be compared, nil where it is absent.
func valueOf(u core.User, name core.Field) any { return inOneOrder(u.Field(name)) }

// inOneOrder puts sets into one order.
func inOneOrder(v any) any {
	if set, ok := v.([]string); ok {
		return slices.Sorted(slices.Values(set))
	}
	return v
}

// sample is a value of a field for a vendor that will refuse it anyway.
func sample(name core.Field) any {
	var spec core.UserSpec
	for _, v := range []any{"coretest@example.com", true, []string{"Agent"}} {
		if fits(&spec, name, v) {
			return v
		}
	}
	return nil
}

func fits(spec *core.UserSpec, name core.Field, v any) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	spec.SetField(name, v)
	return true
}

// changeOf makes a change of one field; nil clears it.
func changeOf(name core.Field, v any) core.UserChange {
	var c core.UserChange
	c.SetField(name, v)
	return c
}

// wires returns the names in Stored for what a change of a field touches.
func (s *suite) wires(name core.Field) []string {
	return append([]string{s.caps.Field(name).Wire}, s.Fields[name].Wire...)
}

// changeable returns the fields that an update can change and that can be seen, with a
// value for each.
func (s *suite) changeable() (names []core.Field) {
	for _, name := range core.Fields() {
		if s.Fields[name].To != nil && s.caps.Field(name).Readable {
			names = append(names, name)
		}
	}
	return names
}

// anyChange returns a field that an update can change and that can be seen.
func (s *suite) anyChange() (core.Field, any) {
	s.Helper()
	for _, name := range s.changeable() {
		return name, s.Fields[name].To
	}
	s.Skipf("the Fixture names no field that can be changed and seen")
	return "", nil
}

func checkFields(s *suite) {
	var names []core.Field
	for _, f := range s.caps.Fields {
		names = append(names, f.Name)
		switch {
		case lacks(f) && f.Note == "":
			s.Errorf("the field %s is not offered, and Capabilities does not say why", f.Name)
		case !lacks(f) && f.Wire == "":
			s.Errorf("the field %s is offered, and Capabilities does not say what the vendor calls it", f.Name)
		case f.Required && !f.Settable:
			s.Errorf("the field %s is required, and a create cannot set it", f.Name)
		case f.Required && f.Clearable:
			s.Errorf("the field %s is required and can be cleared", f.Name)
		case f.Clearable && !f.Changeable:
			s.Errorf("the field %s can be cleared, and cannot be changed", f.Name)
		}
		if has := s.Fields[f.Name]; f.Changeable && s.offers(core.OpUpdateUser) && has.To == nil && has.Why == "" {
			s.Errorf("the Fixture has no value for the field %s, which an update can change", f.Name)
		}
	}

	s.equal(core.Fields(), names, "the fields that Capabilities names")
}

// checkMissingFields: what the vendor lacks, or cannot set, is refused before any traffic.
func checkMissingFields(s *suite) {
	for _, name := range core.Fields() {
		f := s.caps.Field(name)
		if !f.Settable && s.offers(core.OpCreateUser) {
			spec := s.Spec(1)
			spec.SetField(name, sample(name))
			s.refusesUser("creating a user with "+string(name), core.OpCreateUser, func() error {
				_, err := s.Store.CreateUser(s.Context(), spec)
				return err
			})
		}
		if !f.Changeable && s.offers(core.OpUpdateUser) {
			s.refusesUser("changing "+string(name), core.OpUpdateUser, func() error {
				_, err := s.Store.UpdateUser(s.Context(), s.UserID, changeOf(name, sample(name)))
				return err
			})
		}
		if lacks(f) && s.offers(core.OpUpdateUser) {
			s.refusesUser("clearing "+string(name), core.OpUpdateUser, func() error {
				_, err := s.Store.UpdateUser(s.Context(), s.UserID, changeOf(name, nil))
				return err
			})
		}

		if !f.Readable && s.offers(core.OpGetUser) {
			if v := valueOf(s.get(s.UserID), name); v != nil {
				s.Errorf("%s is %v when read, though Capabilities says that it cannot be read", name, v)
			}
		}
		if lacks(f) && s.offers(core.OpListUsers) && (name == login || name == email) {
			s.refusesUser("looking for "+string(name), core.OpListUsers, func() error {
				_, err := core.Collect(s.Store.ListUsers(s.Context(), queryFor(name, "coretest@example.com")))
				return err
			})
		}
	}
}

// refusesUser checks that a call is unsupported, without traffic.
func (s *suite) refusesUser(what string, op core.Operation, call func() error) {
	s.Helper()
	s.quiet(what, func() { s.unsupported(call(), op, what+", which the vendor does not offer") })
}

func queryFor(name core.Field, value string) core.UserQuery {
	if name == login {
		return core.UserQuery{Login: value}
	}
	return core.UserQuery{Email: value}
}

// checkRequired: a create needs the required fields, and a change cannot clear them.
func checkRequired(s *suite) {
	if !s.offers(core.OpCreateUser) && !s.offers(core.OpUpdateUser) {
		s.need(core.OpCreateUser)
	}

	for _, f := range s.caps.Fields {
		if f.Required && s.offers(core.OpCreateUser) {
			spec := s.Spec(1)
			spec.SetField(f.Name, nil)
			what := "creating a user without " + string(f.Name)
			s.quiet(what, func() {
				_, err := s.Store.CreateUser(s.Context(), spec)
				s.invalid(err, core.OpCreateUser, what)
			})
		}

		if f.Changeable && !f.Clearable && s.offers(core.OpUpdateUser) {
			what := "clearing " + string(f.Name) + ", which cannot be cleared"
			s.quiet(what, func() {
				_, err := s.Store.UpdateUser(s.Context(), s.UserID, changeOf(f.Name, nil))
				s.invalid(err, core.OpUpdateUser, what)
			})
		}
	}
}
