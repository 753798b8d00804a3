package core

import (
	"context"
	"iter"
	"slices"
	"strings"
)

// User is a person at a vendor in neutral words. A field the vendor does not
// have is empty; see the capability table for what each one offers.
type User struct {
	Vendor      string   `json:"vendor"`
	ID          string   `json:"id"`
	Login       string   `json:"login,omitzero"`
	FirstName   string   `json:"firstName,omitzero"`
	LastName    string   `json:"lastName,omitzero"`
	DisplayName string   `json:"displayName,omitzero"`
	Email       string   `json:"email,omitzero"`
	Enabled     *bool    `json:"enabled,omitzero"` // nil where the vendor has no such notion
	Roles       []string `json:"roles,omitzero"`
	Revision    Revision `json:"revision,omitzero"`
	// Native is the vendor package's own value, for example *avaya.User.
	Native any `json:"-"`
}

// UserSpec describes a user to create. An empty field is left to the vendor.
// A field that the vendor does not have is refused as unsupported, and one that
// it requires and that is missing as invalid, both before anything is sent.
type UserSpec struct {
	Login       string
	FirstName   string
	LastName    string
	DisplayName string
	Email       string
	Enabled     Opt[bool]
	Roles       []string
	Password    Secret
	// Fields holds vendor fields by their wire name. A field that is named both here
	// and above is refused as invalid.
	Fields map[string]any
}

// Change returns the change that asks for what the spec asks for: what the spec
// leaves out it keeps.
func (s UserSpec) Change() UserChange {
	text := func(v string) (o Opt[string]) {
		if v != "" {
			o = Set(v)
		}
		return o
	}
	c := UserChange{Login: text(s.Login), FirstName: text(s.FirstName), LastName: text(s.LastName),
		DisplayName: text(s.DisplayName), Email: text(s.Email), Enabled: s.Enabled, Fields: s.Fields}
	if s.Roles != nil {
		c.Roles = Set(s.Roles)
	}
	if !s.Password.IsZero() {
		c.Password = Set(s.Password)
	}
	return c
}

// UserChange says what to change about a user. A field that was not touched
// keeps its value, at every vendor, whatever its PUT replaces.
type UserChange struct {
	Login       Opt[string]
	FirstName   Opt[string]
	LastName    Opt[string]
	DisplayName Opt[string]
	Email       Opt[string]
	Enabled     Opt[bool]
	Roles       Opt[[]string]
	Password    Opt[Secret]
	// Fields holds vendor fields by their wire name; an Opt that is clear removes
	// the field, any other value is sent as JSON. A field that is named both here and
	// above is refused as invalid.
	Fields map[string]any
}

// Unmet returns the names of the neutral fields that a user does not show as the
// change wants them, for those who look again after a write. The password cannot
// be looked at; vendor fields are the vendor package's to compare. Case does not
// count, because vendors fold logins and addresses.
func (c UserChange) Unmet(u User) []string {
	var unmet []string
	for _, f := range []struct {
		name string
		want Opt[string]
		is   string
	}{
		{"login", c.Login, u.Login}, {"firstName", c.FirstName, u.FirstName}, {"lastName", c.LastName, u.LastName},
		{"displayName", c.DisplayName, u.DisplayName}, {"email", c.Email, u.Email},
	} {
		if !f.want.IsZero() && !strings.EqualFold(strings.TrimSpace(f.want.Or("")), strings.TrimSpace(f.is)) {
			unmet = append(unmet, f.name)
		}
	}
	if want, ok := c.Enabled.Get(); ok && (u.Enabled == nil || *u.Enabled != want) {
		unmet = append(unmet, "enabled")
	}
	if !c.Roles.IsZero() && !slices.Equal(sortedSet(c.Roles.Or(nil)), sortedSet(u.Roles)) {
		unmet = append(unmet, "roles")
	}
	return unmet
}

func sortedSet(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}

// UserQuery narrows a listing. Both match exactly; empty matches all.
type UserQuery struct {
	Login string
	Email string
}

// UserStore keeps the users of one vendor account.
//
// Where the vendor accepts a change and carries it out later, the writes return
// when it is accepted, and the store also implements Settler.
type UserStore interface {
	// ListUsers walks all users that match. The walk is lazy, can be repeated
	// and stopped early; one that cannot be completed ends with an error.
	ListUsers(ctx context.Context, q UserQuery) iter.Seq2[User, error]
	// GetUser returns one user, or ErrNotFound.
	GetUser(ctx context.Context, id string) (User, error)
	// CreateUser creates a user. It is never sent twice unless the vendor
	// certainly refused it: an error with AppliedUnknown says how to find out.
	CreateUser(ctx context.Context, spec UserSpec) (User, error)
	// UpdateUser changes what the change names and nothing else.
	UpdateUser(ctx context.Context, id string, change UserChange) (User, error)
	// DeleteUser removes a user. One that is gone is ErrNotFound, unless an
	// earlier attempt of the same call may have removed it.
	DeleteUser(ctx context.Context, id string) error
}
