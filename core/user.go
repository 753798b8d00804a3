package core

import (
	"context"
	"iter"
	"slices"
)

// User is a person at a vendor in neutral words. A field that the vendor does not
// have is empty: Capabilities().Fields says which ones each vendor has.
type User struct {
	Vendor string `json:"vendor"`
	// Account is the caller's own label of the client, from ClientOptions.Account.
	Account     string   `json:"account,omitzero"`
	ID          string   `json:"id"`
	Login       string   `json:"login,omitzero"`
	FirstName   string   `json:"firstName,omitzero"`
	LastName    string   `json:"lastName,omitzero"`
	DisplayName string   `json:"displayName,omitzero"`
	Email       string   `json:"email,omitzero"`
	EmployeeID  string   `json:"employeeId,omitzero"`
	Enabled     *bool    `json:"enabled,omitzero"` // nil where the vendor has no such notion
	Roles       []string `json:"roles,omitzero"`
	Revision    Revision `json:"revision,omitzero"`
	// Aliases are further addresses that find the user, where the vendor shows several.
	Aliases []string `json:"-"`
	// Native is the vendor package's own value, for example *avaya.User.
	Native any `json:"-"`
}

// UserSpec describes a user to create. An empty field is left to the vendor.
// A field that the vendor does not have is refused as unsupported, and one that
// it requires and that is missing as invalid, both before anything is sent.
//
// It survives JSON, but for the password, which is never written.
type UserSpec struct {
	Login       string    `json:"login,omitzero"`
	FirstName   string    `json:"firstName,omitzero"`
	LastName    string    `json:"lastName,omitzero"`
	DisplayName string    `json:"displayName,omitzero"`
	Email       string    `json:"email,omitzero"`
	EmployeeID  string    `json:"employeeId,omitzero"`
	Enabled     Opt[bool] `json:"enabled,omitzero"`
	Roles       []string  `json:"roles,omitzero"`
	Password    Secret    `json:"-"`
	// Fields holds vendor fields by their wire name. A field that is named both here
	// and above is refused as invalid.
	Fields map[string]any `json:"fields,omitzero"`
	// Links are assignments that the user is to have from the start; their UserID is
	// empty. Where the vendor takes them with the creation they cost no further
	// write, and elsewhere they are assigned right after it.
	Links []Assignment `json:"links,omitzero"`
}

// UserChange says what to change about a user. A field that was not touched
// keeps its value, at every vendor, whatever its PUT replaces.
//
// It survives JSON, but for the password, which is never written: a member that is
// absent is kept, null clears, and a value sets.
type UserChange struct {
	Login       Opt[string]   `json:"login,omitzero"`
	FirstName   Opt[string]   `json:"firstName,omitzero"`
	LastName    Opt[string]   `json:"lastName,omitzero"`
	DisplayName Opt[string]   `json:"displayName,omitzero"`
	Email       Opt[string]   `json:"email,omitzero"`
	EmployeeID  Opt[string]   `json:"employeeId,omitzero"`
	Enabled     Opt[bool]     `json:"enabled,omitzero"`
	Roles       Opt[[]string] `json:"roles,omitzero"`
	Password    Opt[Secret]   `json:"-"`
	// Fields holds vendor fields by their wire name: a value is sent as JSON, and one
	// that is nil, or an Opt that is clear, clears the field. A field that is named
	// both here and above is refused as invalid.
	Fields map[string]any `json:"fields,omitzero"`
	// If is what must still hold when the change is written. Where it does not, nothing
	// is written and the error is ErrRevision. The zero value asks for nothing.
	If Precondition `json:"if,omitzero"`
}

// Precondition is what must still hold of a user when a change is written: a
// revision, where the vendor has them, or values as they were last seen.
type Precondition struct {
	Revision Revision `json:"revision,omitzero"`
	// Values are fields as they were seen: neutral fields by their name, as in the
	// JSON of User, and vendor fields by their wire name. A value that is nil stands
	// for a field that was absent or empty. They are compared as after a write:
	// logins and addresses regardless of case, sets regardless of order.
	Values map[string]any `json:"values,omitzero"`
}

// IsZero reports whether the precondition asks for nothing.
func (p Precondition) IsZero() bool { return p.Revision == "" && len(p.Values) == 0 }

// UserQuery narrows a listing; empty matches all. Logins and addresses match
// regardless of case, of blanks at either end and of the form of composition. Any
// address of a person who has several finds the person.
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
	// and stopped early; one that cannot be completed ends with an error that
	// matches ErrIncomplete and its cause.
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

func sortedSet(words []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(words)))
}
