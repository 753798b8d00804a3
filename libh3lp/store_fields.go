package libh3lp

import (
	"encoding/json"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

const (
	whyPerson = "a LibraryH3lp user has a name and an e-mail address; it has no first, last or display name"
	whyEnable = "a LibraryH3lp account cannot be switched off: a user is blocked by suspending its links"
	whyRoles  = "a LibraryH3lp user has no roles"

	whyReadOnly = "is set by the vendor only"
)

// fields are the neutral fields of a user.
var fields = adapter.Fields[User]{
	adapter.Text("login", "name", func(u *User) *string { return &u.Name }).Required(),
	adapter.Lacks[User]("firstName", whyPerson),
	adapter.Lacks[User]("lastName", whyPerson),
	adapter.Lacks[User]("displayName", whyPerson),
	adapter.OptText("email", "email", func(u *User) *core.Opt[string] { return &u.Email }),
	adapter.Lacks[User]("employeeId", whyPerson),
	adapter.Lacks[User]("enabled", whyEnable),
	adapter.Lacks[User]("roles", whyRoles),
}

// userTable is the adapter's table of users.
func userTable(border adapter.Border) adapter.Users[User] {
	return adapter.Users[User]{
		Border: border, Fields: fields, Rules: rules,
		ID:            func(u *User) string { return itoa(u.ID) },
		Password:      func(*User, core.Secret) {}, // it is not a field of the user; it is sent beside the user's fields
		PasswordField: "password",

		Closed:   map[string]string{"id": whyReadOnly, "type": whyReadOnly, "show": whyReadOnly, "status": whyReadOnly},
		Required: []string{"password"},
	}
}

// changed returns what a checked change sends, by wire name: null clears a field, and what
// is left out stays. Base is the user as it was read, or a new one.
func (s *Store) changed(op core.Operation, base User, change core.UserChange) (map[string]any, error) {
	if err := s.table.Apply(op, &base, change); err != nil {
		return nil, err
	}
	sent, is := map[string]any{}, wire.Members(&base)
	for _, name := range s.table.Names(change) {
		sent[name] = json.RawMessage("null")
		if value, there := is[name]; there {
			sent[name] = value
		}
	}

	if p, ok := change.Password.Get(); ok {
		sent["password"] = p
	}
	return sent, nil
}

// clearsUnknown reports whether a change clears a vendor field that this package does not
// know. Only a read shows whether a user has it.
func clearsUnknown(change core.UserChange) bool {
	known := wire.Members(&User{ID: 1, Type: "user", Email: core.Set("e"), Show: ShowAvailable})
	for _, name := range evidence.Named(change.Fields) {
		_, isKnown := known[name]
		if v := change.Fields[name]; !isKnown && (v == nil || wire.Clears(v)) {
			return true
		}
	}
	return false
}
