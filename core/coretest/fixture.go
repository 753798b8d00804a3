package coretest

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// Fixture is a store and what the suite must know of the account behind it.
// Every check gets one of its own and may change all that is in it.
type Fixture struct {
	Store core.Store

	// UserID and OtherID are two users that exist and may be changed.
	UserID, OtherID string
	// UnknownID has the form of a user's id and is nobody's.
	UnknownID string
	// ImpossibleIDs are ids that no user of this vendor can have, beside those
	// that no vendor has: empty, dots, slashes, control characters.
	ImpossibleIDs []string

	// Fields says what the vendor does with each neutral field of a user. A field
	// that is not here is one that the vendor lacks, and must be refused.
	Fields map[FieldName]Field
	// Spec describes a user that can be created, a different one for each n.
	// Needed where users.create is offered.
	Spec func(n int) core.UserSpec

	// Targets are things that exist and that neither user is assigned to: at
	// least one of each kind that can be written, better two, and two of a kind
	// that is single-valued.
	Targets map[core.Kind][]core.Target
	// Levels are two different valid levels of each kind that has levels.
	Levels map[core.Kind][2]int
	// Availabilities are those that presence.set takes.
	Availabilities []core.Availability
	// NothingToBlock is a user whom blocking cannot affect; empty where there is
	// no such thing.
	NothingToBlock string

	// Settle waits until what was done to a user is in effect. If it is nil, the
	// store's own Settle is used where it has one; else nothing is waited for.
	Settle func(ctx context.Context, userID string, after core.Change) error

	// Requests, if set, counts what was sent to the vendor, tokens included. With
	// it the suite checks that what must cause no traffic causes none.
	Requests func() int
	// Refuse, if set, makes the vendor refuse every request from now on, because
	// the credential may not do it (403). With it the suite checks that a failure
	// never looks like a success or an empty list.
	Refuse func()
	// Disturb, if set, makes one request go wrong: the one after the next skip
	// requests, tokens included. With it the suite checks that a store is honest
	// about what became of an operation, and that it waits out what passes.
	Disturb func(skip int, d Disturbance)
	// Stored, if set, returns all that the vendor holds of a user, by wire name.
	// With it the suite checks that a change touches nothing but what it names.
	Stored func(userID string) map[string]any
	// Volatile are wire names in Stored that change with every write.
	Volatile []string
}

// FieldName is the name of a neutral field of a user, as in core.User's JSON.
type FieldName string

// The neutral fields of a user.
const (
	Login       FieldName = "login"
	FirstName   FieldName = "firstName"
	LastName    FieldName = "lastName"
	DisplayName FieldName = "displayName"
	Email       FieldName = "email"
	Enabled     FieldName = "enabled"
	Roles       FieldName = "roles"
)

var fieldNames = []FieldName{Login, FirstName, LastName, DisplayName, Email, Enabled, Roles}

// Field says what a vendor does with one neutral field.
type Field struct {
	// To is a value that an update can set: a string, a bool for enabled, a
	// []string for roles. Nil where the suite should not change the field.
	To any
	// Required fields are invalid when a create lacks them and when they are cleared.
	Required bool
	// Clears says that an update can clear the field.
	Clears bool
	// Blank fields are written and not read back under this name.
	Blank bool
	// With are other neutral fields that change along.
	With []FieldName
	// Wire are the vendor's names in Stored for what a change of this field touches.
	Wire []string
}

// valueOf returns a user's field, nil where it is absent.
func valueOf(u core.User, name FieldName) any {
	text := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	switch name {
	case Login:
		return text(u.Login)
	case FirstName:
		return text(u.FirstName)
	case LastName:
		return text(u.LastName)
	case DisplayName:
		return text(u.DisplayName)
	case Email:
		return text(u.Email)
	case Enabled:
		if u.Enabled != nil {
			return *u.Enabled
		}
	case Roles:
		if len(u.Roles) > 0 {
			return slices.Sorted(slices.Values(u.Roles))
		}
	}
	return nil
}

// wanted returns a value as valueOf would.
func wanted(v any) any {
	if roles, ok := v.([]string); ok {
		return slices.Sorted(slices.Values(roles))
	}
	return v
}

// sample is a value of a field for a vendor that will refuse it anyhow.
func sample(name FieldName) any {
	switch name {
	case Enabled:
		return true
	case Roles:
		return []string{"Agent"}
	case Login, Email:
		return "coretest@example.com"
	}
	return "Coretest"
}

// changeOf makes a change of one field; nil clears it.
func changeOf(name FieldName, v any) core.UserChange {
	var c core.UserChange
	for field, o := range map[FieldName]*core.Opt[string]{
		Login: &c.Login, FirstName: &c.FirstName, LastName: &c.LastName, DisplayName: &c.DisplayName, Email: &c.Email,
	} {
		if field == name {
			*o = opt[string](v)
		}
	}
	switch name {
	case Enabled:
		c.Enabled = opt[bool](v)
	case Roles:
		c.Roles = opt[[]string](v)
	}
	return c
}

func opt[T any](v any) core.Opt[T] {
	if v == nil {
		return core.Clear[T]()
	}
	t, ok := v.(T)
	if !ok {
		panic(fmt.Sprintf("coretest: a field's value is %T", v))
	}
	return core.Set(t)
}

// setSpec puts a value into a spec; nil takes it out.
func setSpec(s *core.UserSpec, name FieldName, v any) {
	text, _ := v.(string)
	switch name {
	case Login:
		s.Login = text
	case FirstName:
		s.FirstName = text
	case LastName:
		s.LastName = text
	case DisplayName:
		s.DisplayName = text
	case Email:
		s.Email = text
	case Enabled:
		s.Enabled = core.Opt[bool]{}
		if b, ok := v.(bool); ok {
			s.Enabled = core.Set(b)
		}
	case Roles:
		s.Roles, _ = v.([]string)
	}
}

// specOf returns a spec's field, nil where it is left out.
func specOf(s core.UserSpec, name FieldName) any {
	u := core.User{Login: s.Login, FirstName: s.FirstName, LastName: s.LastName, DisplayName: s.DisplayName, Email: s.Email, Roles: s.Roles}
	if b, ok := s.Enabled.Get(); ok {
		u.Enabled = &b
	}
	return valueOf(u, name)
}
