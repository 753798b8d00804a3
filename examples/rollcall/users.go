package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/meant"
)

func listUsers(ctx context.Context, c *command, s core.Store, p *printer) (err error) {
	// To the library an empty one means everybody; here it is a variable that was
	// not set.
	for flag, value := range map[string]string{"login": c.login, "email": c.email} {
		if c.given[flag] && value == "" {
			return usagef("--%s is empty", flag)
		}
	}

	t := p.table(userColumns, 5, 0, 1, 2, 3, 4)
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
	id, err := c.userID(ctx, s, c.arg(0))
	if err != nil {
		return err
	}
	u, err := s.GetUser(ctx, id)
	if err != nil {
		return err
	}
	p.whole(u)
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
	if _, err := c.change(); err != nil { // an empty flag is a variable that was not set
		return err
	}

	u, err := s.CreateUser(ctx, spec)
	if err != nil {
		if u.ID != "" { // it exists anyway, and its id is needed
			p.user(u, false)
		}
		return err
	}

	if w, ok := u.Native.(interface{ Warnings() []string }); ok && !c.json {
		for _, text := range w.Warnings() {
			p.note("note: " + text)
		}
	}
	return finish(ctx, c, s, p, u.ID, u, core.Created)
}

func updateUser(ctx context.Context, c *command, s core.Store, p *printer) error {
	change, err := c.change()
	if err != nil {
		return err
	}

	id, err := c.userID(ctx, s, c.arg(0))
	if err != nil {
		return err
	}
	u, err := s.UpdateUser(ctx, id, change)
	if err != nil {
		return hinted(err, c.perhapsField(err))
	}
	return finish(ctx, c, s, p, id, u, core.Updated)
}

// change turns the flags into a change: a flag that was given sets, --clear
// clears, and what is left keeps.
func (c *command) change() (core.UserChange, error) {
	ch := core.UserChange{Fields: c.fields}
	values := map[string]any{"login": c.login, "first": c.first, "last": c.last, "display": c.display, "email": c.email,
		"enabled": c.enabled, "role": c.roles}

	for _, f := range fieldFlags {
		if !c.given[f.flag] {
			continue
		}
		if why := c.emptyFlag(f.flag, values[f.flag]); why != "" {
			return ch, core.Invalid(c.vendor, string(c.writeOp()), why)
		}
		ch.SetField(f.field, values[f.flag])
	}
	if c.given["password-env"] {
		ch.Password = core.Set(c.password)
	}

	for _, name := range c.clear {
		if err := c.clearField(&ch, name); err != nil {
			return ch, err
		}
	}
	if c.words[1] == "update" && !c.names(ch) {
		return ch, usagef("users update names nothing to change")
	}
	return ch, nil
}

// emptyFlag says why a flag's value cannot be meant, or "": perhaps it is a variable
// that was not set.
func (c *command) emptyFlag(flag string, value any) string {
	switch v := value.(type) {
	case string:
		if v == "" && c.words[1] == "update" {
			return fmt.Sprintf("--%s is empty; --clear %s empties a field", flag, flag)
		}
		if v == "" {
			return fmt.Sprintf("--%s is empty", flag)
		}
	case []string:
		if slices.Contains(v, "") {
			return fmt.Sprintf("--%s is empty", flag)
		}
	}
	return ""
}

// clearField makes a change clear what --clear names, in neutral words or by wire name.
func (c *command) clearField(ch *core.UserChange, name string) error {
	i := slices.IndexFunc(fieldFlags, func(f fieldFlag) bool { return name == f.flag || name == string(f.field) })
	flag := ""
	if i >= 0 {
		flag = fieldFlags[i].flag
	} else if name == "password" {
		flag = "password-env"
	}
	_, byWire := c.fields[name]

	switch {
	case name == "":
		return usagef("--clear is empty")
	case c.given[flag]:
		return usagef("--%s and --clear %s contradict each other", flag, name)
	case byWire:
		return usagef("--field %s and --clear %s contradict each other", name, name)
	case i >= 0 && !c.isWireName(name):
		ch.SetField(fieldFlags[i].field, nil)
	case flag != "" && !c.isWireName(name):
		ch.Password = core.Clear[core.Secret]()
	default:
		ch.Fields[name] = core.Clear[any]()
	}
	return nil
}

// perhapsField says which neutral field may be meant by a name that --clear or --field
// gave, and that is none.
func (c *command) perhapsField(err error) string {
	neutral := []string{"password"}
	for _, f := range core.Fields() {
		neutral = append(neutral, string(f))
	}

	for _, name := range slices.Concat(c.clear, slices.Sorted(maps.Keys(c.fields))) {
		known := slices.Contains(neutral, name) || slices.ContainsFunc(fieldFlags, func(f fieldFlag) bool { return f.flag == name })
		if word := meant.Word(name, neutral); word != "" && !known && strings.Contains(err.Error(), name) {
			return fmt.Sprintf("perhaps %s is meant, not %s", word, name)
		}
	}
	return ""
}

// hinted adds to a refusal of what was asked for what may have been meant.
func hinted(err error, hint string) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || hint == "" || e.Applied != core.AppliedNo || e.Class != core.ClassInvalid && e.Class != core.ClassUnsupported {
		return err
	}
	e = new(*e)
	e.Hint = strings.TrimPrefix(e.Hint+"; "+hint, "; ")
	return e
}

// names reports whether a change names anything.
func (c *command) names(ch core.UserChange) bool {
	for _, f := range core.Fields() {
		if _, named := ch.Field(f); named {
			return true
		}
	}
	return len(ch.Fields) > 0 || !ch.Password.IsZero()
}

// writeOp is the operation that the command is.
func (c *command) writeOp() core.Operation {
	if c.words[1] == "create" {
		return core.OpCreateUser
	}
	return core.OpUpdateUser
}

// fieldFlag is the flag that sets a neutral field.
type fieldFlag struct {
	flag  string
	field core.Field
}

var fieldFlags = []fieldFlag{
	{"login", "login"}, {"first", "firstName"}, {"last", "lastName"}, {"display", "displayName"},
	{"email", "email"}, {"enabled", "enabled"}, {"role", "roles"},
}

// isWireName reports whether a name that is neutral elsewhere is the vendor's
// own here.
func (c *command) isWireName(name string) bool {
	return slices.ContainsFunc(all, func(v fleet.Vendor) bool { return v.Name == c.vendor && slices.Contains(v.Wire, name) })
}

// finish waits until the vendor has carried a change out, where it does so
// later, and prints the user as it then is. The id is the one that was asked for, not
// that of an answer.
func finish(ctx context.Context, c *command, s core.Store, p *printer, id string, u core.User, what core.Change) error {
	settler, later := s.(core.Settler)
	if !later || c.noWait {
		p.user(u, false)
		return nil
	}

	settled, err := settler.Settle(ctx, id, core.SettleAfter(what), core.SettleWait(core.Wait{First: c.poll}))
	deferred := settled.State == core.Deferred
	now, lookErr := s.GetUser(ctx, id)
	switch {
	case lookErr == nil:
		u = now
	case err == nil:
		err = lookErr
		if e, ok := errors.AsType[*core.Error](lookErr); ok {
			// The change was carried out; only looking again failed.
			e = new(*e)
			e.Applied = core.AppliedYes
			e.Message = "the change is made; reading the user again failed: " + e.Message
			err = e
		}
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

func deleteUser(ctx context.Context, c *command, s core.Store, p *printer) error {
	id, err := c.userID(ctx, s, c.arg(0))
	if err != nil {
		return err
	}

	if err := s.DeleteUser(ctx, id); err != nil {
		return err
	}
	settler, later := s.(core.Settler)
	if !later || c.noWait {
		p.ok("deleted "+p.who(id), nil)
		return nil
	}

	settled, err := settler.Settle(ctx, id, core.SettleAfter(core.Deleted), core.SettleWait(core.Wait{First: c.poll}))
	if err != nil {
		return err
	}
	if settled.State == core.Deferred {
		p.ok("deletion of "+p.who(id)+" is deferred", map[string]any{"deferred": true})
		p.note("accepted; the vendor carries it out later, probably when the agent logs out")
		return nil
	}
	p.ok("deleted "+p.who(id), nil)
	return nil
}
