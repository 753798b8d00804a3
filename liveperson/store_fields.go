package liveperson

import (
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/wire"
)

const (
	whyRoles = "a LivePerson user has no role of its own: roles follow from profiles, which are assignments and, on create, the field profileIds"
	whyName  = "firstName and lastName are one fullName at LivePerson, which cannot be read: change both, or set the field fullName"

	whyReadOnly    = "is set by the vendor only"
	whyOwnPassword = "is for users who change their own password"
)

// fields are the neutral fields of a user. The first name is put before the last: they
// are one fullName, which a change names in both parts or not at all.
var fields = adapter.Fields[User]{
	adapter.Text("login", "loginName", func(u *User) *string { return &u.LoginName }).Required().CreateOnly(whyLogin),
	adapter.Value("firstName", "fullName", fullNameOf, func(u *User, v any) {
		u.FullName = core.Set(joinName(v, nil))
	}).WriteOnly(whyName),
	adapter.Value("lastName", "fullName", fullNameOf, func(u *User, v any) {
		u.FullName = core.Set(joinName(u.FullName.Or(""), v))
	}).WriteOnly(whyName),
	adapter.OptText("displayName", "nickname", func(u *User) *core.Opt[string] { return &u.Nickname }).Required(),
	adapter.OptText("email", "email", func(u *User) *core.Opt[string] { return &u.Email }).Required(),
	adapter.OptText("employeeId", "employeeId", func(u *User) *core.Opt[string] { return &u.EmployeeID }).Kept().WriteOnly("the vendor masks it in every answer"),
	adapter.Switch("enabled", "isEnabled", func(u *User) *core.Opt[bool] { return &u.IsEnabled }).Kept(),
	adapter.Lacks[User]("roles", whyRoles),
}

func fullNameOf(u *User) any { return u.FullName.Or("") }

// joinName joins the parts of a name; one that is nil or blank is left out.
func joinName(first, last any) string {
	f, _ := first.(string)
	l, _ := last.(string)
	return strings.TrimSpace(strings.TrimSpace(f) + " " + strings.TrimSpace(l))
}

// userTable is the adapter's table of users.
func userTable(border adapter.Border) adapter.Users[User] {
	return adapter.Users[User]{
		Border: border, Fields: fields, Rules: rules,
		ID:            func(u *User) string { return itoa(u.ID) },
		Revision:      func(u *User) core.Revision { return core.Revision(u.Revision) },
		Password:      func(u *User, p core.Secret) { u.PasswordSh = p },
		PasswordField: "passwordSh",

		Closed: map[string]string{
			"id": whyReadOnly, "pid": whyReadOnly, "deleted": whyReadOnly, "dateUpdated": whyReadOnly, "lastPwdChangeDate": whyReadOnly,
			"oldPassword": whyOwnPassword, "confirmPassword": whyOwnPassword,
		},
		Frozen:   map[string]string{"loginName": whyLogin},
		Required: []string{"fullName", "isEnabled", "maxChats", "profileIds", "passwordSh"},

		Overlay: overlay,
		Check:   func(op core.Operation, change core.UserChange) error { return checkChange(border, op, change) },
	}
}

// overlay lays vendor fields over a user, and keeps fields without a wire name.
func overlay(u *User, fields map[string]any) error {
	revision := u.Revision
	if err := wire.Overlay(u, fields); err != nil {
		return err
	}
	u.Revision = revision
	return nil
}

// checkChange refuses what the table cannot express: half of a name, and two opposite
// switches that contradict each other.
func checkChange(border adapter.Border, op core.Operation, change core.UserChange) error {
	_, byWire := change.Fields["fullName"]
	first, last := !change.FirstName.IsZero(), !change.LastName.IsZero()
	blank := joinName(change.FirstName.Value(), change.LastName.Value()) == ""
	switch {
	case op == core.OpUpdateUser && first != last:
		return border.Invalid(op, whyName)
	case (first || last || op == core.OpCreateUser && !byWire) && blank:
		return border.Invalid(op, "firstName or lastName (fullName) is required")
	}

	if enabled, ok := change.Enabled.Get(); ok {
		raw, _ := wire.Marshal(change.Fields["disabledManually"])
		if string(raw) == strconv.FormatBool(enabled) {
			return border.Invalid(op, "disabledManually contradicts enabled: it is the opposite of it")
		}
	}
	return nil
}
