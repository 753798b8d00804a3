package lucs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/wire"
)

const (
	whyNames   = "names come from the directory, by the user's SIP URI; LUCS does not set them"
	whyEmail   = "a LUCS user has no e-mail address, but a SIP URI, which is its login"
	whyEnabled = "LUCS has no such state: whether work reaches a user is its block, its presence and its profile"
	whyRoles   = "a LUCS role goes with an organization unit and a permission: give the vendor field Roles, a list of {OrganizationUnit, " +
		"Role, Permission}"
	whyPassword = "users log in with their Windows account"
)

// fields says what LUCS does with each neutral field of a user.
var fields = adapter.Fields[User]{
	adapter.Value("login", "SipUri",
		func(u *User) any {
			if u.SipUri == "" {
				return nil
			}
			return string(u.SipUri)
		},
		func(u *User, v any) {
			login, _ := v.(string)
			u.SipUri = SIPURI(strings.TrimSpace(login))
		}).Required().Checked(badSIP),
	adapter.OptText("firstName", "FirstName", func(u *User) *core.Opt[string] { return &u.FirstName }).ReadOnly(whyNames),
	adapter.OptText("lastName", "LastName", func(u *User) *core.Opt[string] { return &u.LastName }).ReadOnly(whyNames),
	adapter.Lacks[User]("displayName", whyNames),
	adapter.Lacks[User]("email", whyEmail),
	adapter.Lacks[User]("employeeId", "a LUCS user has no employee id"),
	adapter.Lacks[User]("enabled", whyEnabled),
	adapter.Lacks[User]("roles", whyRoles),
}

// badSIP says what is wrong with an address, "" if nothing is.
func badSIP(v any) string {
	text, _ := v.(string)
	if _, err := parseSIP(text); err != nil {
		return err.Error()
	}
	return ""
}

// userTable is the adapter's table of users.
func userTable(b adapter.Border, presenceNames []string) *adapter.Users[User] {
	closed := map[string]string{}
	for _, name := range computed {
		closed[name] = "is set by the server only"
	}
	for _, name := range presenceNames {
		closed[name] = "is changed by setting the presence"
	}

	closed[blockFlag] = "is changed by block and unblock"

	return &adapter.Users[User]{
		Border: b, Fields: fields, ID: func(u *User) string { return canonical(u.ID) }, NoPassword: whyPassword,
		Closed: closed, FoldNames: true, Rules: changeRules, Overlay: overlay,
	}
}

// overlay lays vendor fields over a user. A cleared field becomes null, as the vendor
// writes unset fields: a field that is left out may stay. A known field with the wrong
// type is the caller's mistake here, not the server's way.
func overlay(u *User, fields map[string]any) error {
	spelt := make(map[string]any, len(fields))
	for name, v := range fields {
		if wire.Clears(v) {
			v = nil
		}
		spelt[wireName(u, name)] = v
	}

	presence, extra := u.Presence, u.Extra // Presence has no wire name
	if err := wire.Overlay(u, spelt); err != nil {
		return err
	}
	u.Presence = presence
	for name := range u.Extra {
		if right := namesOfUser[strings.ToLower(name)]; right != "" && extra[name] == nil && string(u.Extra[name]) != "null" {
			return fmt.Errorf("%s: %w", right, errOtherKind)
		}
	}
	return nil
}

var errOtherKind = errors.New("it has another type")

// wireName returns the name of a field as this package or the user has it, in any
// case.
func wireName(u *User, name string) string {
	if right := namesOfUser[strings.ToLower(name)]; right != "" {
		return right
	}
	for own := range u.Extra {
		if strings.EqualFold(own, name) {
			return own
		}
	}
	return name
}
