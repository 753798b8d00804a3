package webex

import (
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

const (
	whyPassword = "a Webex person has no password that an administrator could set"
	sameAsEmail = "login and email are the same at Webex, the first of emails"
)

// usersOf is the adapter's table of people.
func usersOf(border adapter.Border) *adapter.Users[Person] {
	t := &adapter.Users[Person]{
		Border:     border,
		Fields:     personFields(),
		ID:         func(p *Person) string { return string(p.ID) },
		Aliases:    func(p *Person) []string { return p.Emails },
		NoPassword: whyPassword,
		Closed:     map[string]string{"nickName": "becomes firstName at Webex, whatever is sent"},
		Required:   []string{"emails", "displayName", "loginEnabled"},
		Members:    (*Person).members,
		Rules:      personRules,
	}
	for _, name := range ownFields {
		t.Closed[name] = "is set by the vendor only"
	}

	t.Check = func(op core.Operation, change core.UserChange) error { return checkPerson(t, op, change) }
	return t
}

// personFields says what Webex does with each neutral field.
func personFields() adapter.Fields[Person] {
	login := func(p *Person) any {
		if l := p.Login(); l != "" {
			return l
		}
		return nil
	}
	setLogin := func(p *Person, v any) {
		if l, ok := v.(string); ok {
			p.setLogin(l)
		}
	}
	setEmail := func(p *Person, v any) {
		if l, ok := v.(string); ok && !evidence.SameLogin(p.Login(), l) { // otherwise it was named as the login too
			p.setLogin(l)
		}
	}

	return adapter.Fields[Person]{
		adapter.Value("login", "emails", login, setLogin).Required(),
		adapter.Value("email", "emails", login, setEmail).Kept().Noted(sameAsEmail),
		adapter.Lacks[Person]("employeeId", "Webex's people API has no employee id"),
		adapter.OptText("firstName", "firstName", func(p *Person) *core.Opt[string] { return &p.FirstName }),
		adapter.OptText("lastName", "lastName", func(p *Person) *core.Opt[string] { return &p.LastName }),
		adapter.OptText("displayName", "displayName", func(p *Person) *core.Opt[string] { return &p.DisplayName }).Kept(),
		adapter.Switch("enabled", "loginEnabled", func(p *Person) *core.Opt[bool] { return &p.LoginEnabled }).Kept(),
		adapter.Value("roles", "roles", rolesOf, setRoles).Checked(checkRoles),
	}
}

func rolesOf(p *Person) any {
	if len(p.Roles) == 0 {
		return nil
	}
	out := make([]string, len(p.Roles))
	for i, role := range p.Roles {
		out[i] = string(role)
	}
	return out
}

// setRoles sets the roles; no roles are an empty list, which a replacement must contain.
func setRoles(p *Person, v any) {
	roles, _ := v.([]string)
	p.Roles = make([]ID, len(roles))
	for i, role := range roles {
		p.Roles[i] = ID(role)
	}
	delete(p.Extra, "roles") // where it was null
}

func checkRoles(v any) string {
	if roles, _ := v.([]string); slices.ContainsFunc(roles, func(r string) bool { return strings.TrimSpace(r) == "" }) {
		return "contain an empty id"
	}
	return ""
}

// checkPerson refuses what the table cannot express.
func checkPerson(t *adapter.Users[Person], op core.Operation, change core.UserChange) error {
	if login, email := change.Login.Or(""), change.Email.Or(""); login != "" && email != "" && !evidence.SameLogin(login, email) {
		return t.Invalid(op, sameAsEmail+", and were given differently")
	}

	trial := new(Person)
	if err := wire.Overlay(trial, change.Fields); err != nil {
		return t.Invalid(op, "a field does not fit a person: "+err.Error())
	}
	if len(trial.Emails) > 0 && strings.TrimSpace(trial.Emails[0]) == "" {
		return t.Invalid(op, "the first of emails is empty")
	}
	return nil
}
