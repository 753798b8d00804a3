package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

func listUsers(ctx context.Context, c *command, s core.Store, p *printer) (err error) {
	// To the library an empty one means everybody; here it is a variable that was
	// not set.
	for flag, value := range map[string]string{"login": c.login, "email": c.email} {
		if c.given[flag] && value == "" {
			return usagef("--%s is empty", flag)
		}
	}
	t := p.table("ID", "LOGIN", "NAME", "EMAIL", "ENABLED", "ROLES")
	defer func() { t.flush(err) }()
	for u, err := range s.ListUsers(ctx, core.UserQuery{Login: c.login, Email: c.email}) {
		if err != nil {
			return err
		}
		if t.user(u, false); p.out.err != nil {
			break
		}
	}
	return nil
}

func getUser(ctx context.Context, c *command, s core.Store, p *printer) error {
	u, err := s.GetUser(ctx, c.arg(0))
	if err != nil {
		return err
	}
	p.user(u, false)
	return nil
}

func createUser(ctx context.Context, c *command, s core.Store, p *printer) error {
	if c.login == "" {
		return usagef("users create needs --login")
	}
	spec := core.UserSpec{Login: c.login, FirstName: c.first, LastName: c.last, DisplayName: c.display,
		Email: c.email, Roles: c.roles, Password: c.password, Fields: c.fields}
	if c.given["enabled"] {
		spec.Enabled = core.Set(c.enabled)
	}
	wanted, err := c.change() // the same words, for the look afterwards
	if err != nil {
		return err
	}
	u, err := s.CreateUser(ctx, spec)
	if err != nil {
		if u.ID != "" { // there it is all the same, and its id is needed
			p.user(u, false)
		}
		return err
	}
	if w, ok := u.Native.(interface{ Warnings() []string }); ok && !c.json {
		for _, text := range w.Warnings() {
			p.note("note: " + text)
		}
	}
	return finish(ctx, c, s, p, u.ID, u, core.Created, wanted)
}

func updateUser(ctx context.Context, c *command, s core.Store, p *printer) error {
	change, err := c.change()
	if err != nil {
		return err
	}
	u, err := s.UpdateUser(ctx, c.arg(0), change)
	if err != nil {
		return err
	}
	return finish(ctx, c, s, p, c.arg(0), u, core.Updated, change)
}

// change turns the flags into a change: a flag that was given sets, --clear
// clears, and what is left keeps.
func (c *command) change() (core.UserChange, error) {
	ch := core.UserChange{Fields: c.fields}
	for _, f := range []struct {
		flag, value string
		to          *core.Opt[string]
	}{
		{"login", c.login, &ch.Login}, {"first", c.first, &ch.FirstName}, {"last", c.last, &ch.LastName},
		{"display", c.display, &ch.DisplayName}, {"email", c.email, &ch.Email},
	} {
		switch {
		case c.given[f.flag] && f.value == "":
			// Perhaps a variable that was not set.
			why := fmt.Sprintf("--%s is empty", f.flag)
			if c.words[1] == "update" {
				why += fmt.Sprintf("; --clear %s empties a field", f.flag)
			}
			return ch, core.Invalid(c.vendor, c.writeOp(), why)
		case c.given[f.flag]:
			*f.to = core.Set(f.value)
		}
	}
	if c.given["enabled"] {
		ch.Enabled = core.Set(c.enabled)
	}
	if slices.Contains(c.roles, "") {
		return ch, core.Invalid(c.vendor, c.writeOp(), "--role is empty")
	}
	if c.given["role"] {
		ch.Roles = core.Set(c.roles)
	}
	if c.given["password-env"] {
		ch.Password = core.Set(c.password)
	}
	for _, name := range c.clear {
		flag := flagOf[name]
		_, field := c.fields[name]
		switch {
		case name == "":
			return ch, usagef("--clear is empty")
		case c.given[flag]:
			return ch, usagef("--%s and --clear %s contradict each other", flag, name)
		case field:
			return ch, usagef("--field %s and --clear %s contradict each other", name, name)
		}
		if c.isWireName(name) {
			ch.Fields[name] = core.Clear[any]()
			continue
		}
		switch flag {
		case "login":
			ch.Login = core.Clear[string]()
		case "first":
			ch.FirstName = core.Clear[string]()
		case "last":
			ch.LastName = core.Clear[string]()
		case "display":
			ch.DisplayName = core.Clear[string]()
		case "email":
			ch.Email = core.Clear[string]()
		case "enabled":
			ch.Enabled = core.Clear[bool]()
		case "role":
			ch.Roles = core.Clear[[]string]()
		case "password-env":
			ch.Password = core.Clear[core.Secret]()
		default:
			ch.Fields[name] = core.Clear[any]()
		}
	}
	if len(c.clear) == 0 && len(c.fields) == 0 && ch.Login.IsZero() && ch.FirstName.IsZero() && ch.LastName.IsZero() &&
		ch.DisplayName.IsZero() && ch.Email.IsZero() && ch.Enabled.IsZero() && ch.Roles.IsZero() && ch.Password.IsZero() {
		return ch, usagef("users update names nothing to change")
	}
	return ch, nil
}

// writeOp is the name of the operation that the command is.
func (c *command) writeOp() string {
	if c.words[1] == "create" {
		return "Users.Create"
	}
	return "Users.Update"
}

// flagOf is the flag that sets what --clear with a neutral name empties.
var flagOf = map[string]string{
	"login": "login", "first": "first", "firstName": "first", "last": "last", "lastName": "last",
	"display": "display", "displayName": "display", "email": "email", "enabled": "enabled",
	"role": "role", "roles": "role", "password": "password-env",
}

// isWireName reports whether a name that is neutral elsewhere is the vendor's
// own here.
func (c *command) isWireName(name string) bool {
	return slices.ContainsFunc(all, func(v fleet.Vendor) bool { return v.Name == c.vendor && slices.Contains(v.Wire, name) })
}

// finish waits until the vendor has carried a change out, where it does so
// later, looks whether the user then is as it was wanted, and prints it. The id
// is the one that was asked for, not that of an answer.
func finish(ctx context.Context, c *command, s core.Store, p *printer, id string, u core.User, what core.Change, wanted core.UserChange) error {
	settler, later := s.(core.Settler)
	if !later || c.noWait {
		p.user(u, false)
		return nil
	}
	settled, err := settler.Settle(ctx, id, core.SettleAfter(what), core.SettleWait(core.Wait{First: c.poll}))
	deferred := settled.State == core.Deferred
	now, lookErr := s.GetUser(ctx, id)
	var unmet []string
	if lookErr == nil {
		u, unmet = now, wanted.Unmet(now)
		if what == core.Created && hasAll(now.Roles, wanted.Roles.Or(nil)) {
			// The vendor may have given it others, of a profile for example.
			unmet = slices.DeleteFunc(unmet, func(name string) bool { return name == "roles" })
		}
		if v, ok := u.Native.(interface{ Unmet(map[string]any) []string }); ok {
			unmet = append(unmet, v.Unmet(wanted.Fields)...)
		}
	}
	if what == core.Created && u.Login != "" && slices.Contains(unmet, "login") {
		return &core.Error{Vendor: c.vendor, Op: c.writeOp(), Class: core.ClassProtocol, Applied: core.AppliedUnknown,
			Message: "the id that the vendor gave is that of a user with another login",
			Hint:    "look for the login to see whether it was created"}
	}
	switch {
	case err != nil:
	case lookErr != nil:
		err = lookErr
		if e, ok := errors.AsType[*core.Error](lookErr); ok {
			// The change was carried out; only looking again failed.
			e = new(*e)
			e.Applied = core.AppliedYes
			e.Message = "the change is made; reading the user again failed: " + e.Message
			err = e
		}
	case !deferred && len(unmet) > 0:
		err = &core.Error{Vendor: c.vendor, Op: c.writeOp(), Class: core.ClassNotApplied, Applied: core.AppliedUnknown,
			Message: "the vendor carried the change out, and the user does not show it: " + strings.Join(unmet, ", ")}
	}
	// The id is needed whatever became of the change.
	if err == nil || what == core.Created {
		p.user(u, deferred)
	}
	if err == nil && deferred {
		p.note("accepted; the vendor carries it out later, probably when the agent logs out")
	}
	if e, ok := errors.AsType[*core.Error](err); ok && what == core.Created && e.Applied == core.AppliedUnknown {
		e.Applied = core.AppliedYes // the user exists: its creation was answered
	}
	return err
}

func hasAll(has, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(has, w) })
}

func deleteUser(ctx context.Context, c *command, s core.Store, p *printer) error {
	id := c.arg(0)
	if err := s.DeleteUser(ctx, id); err != nil {
		return err
	}
	settler, later := s.(core.Settler)
	if !later || c.noWait {
		p.ok("deleted "+id, nil)
		return nil
	}
	settled, err := settler.Settle(ctx, id, core.SettleAfter(core.Deleted), core.SettleWait(core.Wait{First: c.poll}))
	if err != nil {
		return err
	}
	if settled.State == core.Deferred {
		p.ok("deletion of "+id+" is deferred", map[string]any{"deferred": true})
		p.note("accepted; the vendor carries it out later, probably when the agent logs out")
		return nil
	}
	p.ok("deleted "+id, nil)
	return nil
}
