package avaya

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// fields are the neutral fields of a user at Avaya.
var fields = adapter.Fields[User]{
	adapter.Text("login", "loginId", func(u *User) *string { return &u.LoginID }).Required(),
	adapter.Text("firstName", "firstName", func(u *User) *string { return &u.FirstName }).Required(),
	adapter.Text("lastName", "lastName", func(u *User) *string { return &u.LastName }).Required(),
	adapter.OptText("displayName", "displayName", func(u *User) *core.Opt[string] { return &u.DisplayName }),
	adapter.OptText("email", "emailId", func(u *User) *core.Opt[string] { return &u.EmailID }),
	adapter.Lacks[User]("employeeId", "an Avaya user has no employee id"),
	adapter.Lacks[User]("enabled", "an Avaya user has no enabled state"),
	adapter.Texts("roles", "roles", func(u *User) *[]string { return &u.Roles }).Checked(roleNames),
}

// roleNames says what is wrong with names of roles.
func roleNames(value any) string {
	roles, _ := value.([]string)
	if slices.ContainsFunc(roles, func(r string) bool { return strings.TrimSpace(r) == "" }) {
		return "contains a role without a name"
	}
	return ""
}

// usersOf is the table of users for one client.
func usersOf(b adapter.Border) adapter.Users[User] {
	const server = "is set by the vendor only"
	return adapter.Users[User]{
		Border: b, Fields: fields,
		ID:       func(u *User) string { return u.UserID },
		Password: func(u *User, p core.Secret) { u.Password = p }, PasswordField: "password",
		Closed:   map[string]string{"id": server, "userId": server, "uxProfileId": server},
		Required: []string{"organizationNodeId"},
		Members:  func(u *User) evidence.Object { return u.members() }, RulesFor: rulesFor,
		Check: func(op core.Operation, change core.UserChange) error {
			for name := range change.Fields {
				if strings.Contains(name, ".") {
					return b.Invalid(op, fmt.Sprintf("%q is not a field: give the whole name that the field has in the user", name))
				}
			}
			return nil
		},
	}
}
