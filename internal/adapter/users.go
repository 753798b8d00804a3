package adapter

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Users is what an adapter knows of its vendor's users, U being the vendor's type.
type Users[U any] struct {
	Border
	Fields Fields[U]
	// ID returns the id of a user, and Revision its revision, if there is one.
	ID       func(*U) string
	Revision func(*U) core.Revision
	// Aliases returns further addresses of a user; nil where there are none.
	Aliases func(*U) []string
	// Password sets the password of a user; nil where there is none, and NoPassword
	// says why. PasswordField is its wire name.
	Password      func(*U, core.Secret)
	PasswordField string
	NoPassword    string

	// Closed says of vendor fields, by wire name, why a caller cannot set them, and
	// Frozen why they can be set on creation alone. Required vendor fields cannot be
	// cleared; those of the table need not be named again.
	Closed, Frozen map[string]string
	Required       []string
	// FoldNames says that the vendor's names of fields are the same in any case.
	FoldNames bool

	// Members returns a user by wire name, as it may be sent; wire.Members unless set.
	Members func(*U) evidence.Object
	// Rules compare what was sent with what the vendor shows. RulesFor, if set, gives
	// them for a user as it is shown, where they depend on the rest of the user.
	Rules    evidence.Rules
	RulesFor func(is *U) evidence.Rules
	// Overlay lays checked vendor fields over a user; wire.Overlay unless set.
	Overlay func(*U, map[string]any) error
	// Check, if set, refuses what the table cannot express, before anything is sent.
	Check func(op core.Operation, change core.UserChange) error
}

// CheckCreate refuses a creation that the vendor does not offer or that lacks what it
// requires, before anything is sent.
func (t *Users[U]) CheckCreate(spec core.UserSpec) error {
	const op = core.OpCreateUser
	change := spec.Change()
	if err := t.check(op, change, true); err != nil {
		return err
	}

	for _, r := range t.Fields {
		v, _ := change.Field(r.name)
		_, byWire := t.named(change.Fields, r.wire)
		if r.required && empty(v) && !byWire {
			return t.Invalid(op, r.label()+" is required")
		}
	}

	for _, a := range spec.Links {
		if a.UserID != "" {
			return t.Invalid(op, "an assignment in the spec of a new user must not name a user: "+a.String())
		}
	}
	return nil
}

// Keeps reports whether a change names nothing, so that there is nothing to write.
func (t *Users[U]) Keeps(change core.UserChange) bool {
	return len(t.Names(change)) == 0 && change.Password.IsZero()
}

// CheckChange refuses a change that the vendor does not offer, before anything is sent.
func (t *Users[U]) CheckChange(change core.UserChange) error {
	return t.check(core.OpUpdateUser, change, false)
}

func (t *Users[U]) check(op core.Operation, change core.UserChange, creates bool) error {
	if err := rest.CheckText(t.Vendor, string(op), change); err != nil {
		return t.Error(op, err)
	}

	for _, name := range core.Fields() {
		v, named := change.Field(name)
		if !named {
			continue
		}
		if err := t.checkField(op, t.Fields.Of(name), v, creates); err != nil {
			return err
		}

		if wire := t.Fields.Of(name).wire; wire != "" {
			if as, twice := t.named(change.Fields, wire); twice {
				return t.Invalid(op, as+" is named in two ways, as a neutral and as a vendor field")
			}
		}
	}

	if err := t.checkPassword(op, change); err != nil {
		return err
	}
	for _, name := range evidence.Named(change.Fields) {
		if err := t.checkVendorField(op, name, change.Fields[name], creates); err != nil {
			return err
		}
	}

	if t.Check != nil {
		return t.Check(op, change)
	}
	return nil
}

func (t *Users[U]) checkField(op core.Operation, r Row[U], v any, creates bool) error {
	switch {
	case !r.settable, !creates && !r.changeable && !empty(v):
		return t.Unsupported(op, r.why)
	case empty(v) && (r.required || creates || !r.clearable):
		return t.Invalid(op, r.label()+" is required and cannot be cleared")
	case r.check != nil && !empty(v):
		if why := r.check(v); why != "" {
			return t.Invalid(op, r.label()+" "+why)
		}
	}
	return nil
}

func (t *Users[U]) checkPassword(op core.Operation, change core.UserChange) error {
	if change.Password.IsZero() {
		return nil
	}

	password, _ := change.Password.Get()
	as, twice := t.named(change.Fields, t.PasswordField)
	switch {
	case t.Password == nil:
		return t.Unsupported(op, t.NoPassword)
	case password.IsZero():
		return t.Invalid(op, "a password can be replaced and not cleared")
	case twice:
		return t.Invalid(op, as+" is named in two ways, as a neutral and as a vendor field")
	}
	return nil
}

func (t *Users[U]) checkVendorField(op core.Operation, name string, v any, creates bool) error {
	if strings.TrimSpace(name) == "" {
		return t.Invalid(op, fmt.Sprintf("%q is not the name of a field", name))
	}

	why, closed := lookUp(t.Closed, name, t.FoldNames)
	frozen, isFrozen := lookUp(t.Frozen, name, t.FoldNames)
	switch {
	case closed:
		return t.Invalid(op, name+" "+why)
	case t.isRequired(name) && wire.Cleared(v):
		return t.Invalid(op, name+" is required and cannot be cleared")
	case isFrozen && !creates:
		return t.Unsupported(op, frozen)
	}
	return nil
}

func (t *Users[U]) isRequired(name string) bool {
	same := func(other string) bool { return other == name || t.FoldNames && strings.EqualFold(other, name) }
	return slices.ContainsFunc(t.Required, same) ||
		slices.ContainsFunc(t.Fields, func(r Row[U]) bool { return r.required && same(r.wire) })
}

// Apply makes a checked change true of a user. Its vendor fields go over the neutral
// ones; a field to be cleared that neither this package nor the user knows is refused,
// because a misspelt name would change nothing and count as done.
func (t *Users[U]) Apply(op core.Operation, u *U, change core.UserChange) error {
	for _, r := range t.Fields {
		if v, named := change.Field(r.name); named && r.put != nil {
			r.put(u, v)
		}
	}
	if p, ok := change.Password.Get(); ok {
		t.Password(u, p)
	}
	if len(change.Fields) == 0 {
		return nil
	}

	fields := maps.Clone(change.Fields)
	for _, name := range evidence.Named(fields) {
		if v := fields[name]; v != nil && !wire.Clears(v) {
			continue
		}
		if !t.knows(u, name) {
			return t.Invalid(op, fmt.Sprintf("the user has no field %q to clear", name))
		}
		fields[name] = core.Clear[any]()
	}

	overlay := t.Overlay
	if overlay == nil {
		overlay = wire.Overlay[U]
	}
	if err := overlay(u, fields); err != nil {
		return t.Invalid(op, "a field does not fit a user: "+err.Error())
	}
	return nil
}

// knows reports whether a field is one of the vendor's type, or one that the user has.
func (t *Users[U]) knows(u *U, name string) bool {
	same := func(other string) bool { return other == name || t.FoldNames && strings.EqualFold(other, name) }

	for known := range wire.Names(reflect.TypeFor[U]()) {
		if same(known) {
			return true
		}
	}
	for known := range t.members(u) {
		if same(known) {
			return true
		}
	}
	return false
}

// Neutral puts a user into the words of package core.
func (t *Users[U]) Neutral(u *U) core.User {
	out := core.User{Vendor: t.Vendor, Account: t.Account, ID: t.ID(u), Native: u}
	if t.Revision != nil {
		out.Revision = t.Revision(u)
	}
	if t.Aliases != nil {
		out.Aliases = t.Aliases(u)
	}

	for _, r := range t.Fields {
		if r.get != nil {
			out.SetField(r.name, r.get(u))
		}
	}
	return out
}

// Holds refuses a change whose precondition does not hold of a user as it was just read.
func (t *Users[U]) Holds(op core.Operation, u *U, must core.Precondition) error {
	is := t.Neutral(u)
	if must.Revision != "" && must.Revision != is.Revision {
		return t.moved(op, "the revision is not the one that was seen")
	}

	members := t.members(u)
	for name, want := range must.Values {
		r := t.Fields.Of(core.Field(name))
		at, value := name, members[name]
		if r.get != nil {
			at, value = r.wire, asJSON(r.get(u))
		}

		rule := t.rules(u).Of(at).Exactly()
		rule.Hidden, rule.Silent = false, false // a field that is not shown cannot be checked
		if !rule.Shows(nil, asJSON(want), value) {
			return t.moved(op, name+" is not as it was seen")
		}
	}
	return nil
}

func (t *Users[U]) moved(op core.Operation, why string) error {
	return &core.Error{Vendor: t.Vendor, Account: t.Account, Op: string(op), Class: core.ClassRevision, Applied: core.AppliedNo,
		Message: why + ", and nothing was written", Hint: "read the user again and decide"}
}

// Unmet names the fields, by wire name, that a user does not show as they were sent:
// those that the change names and those that it changed. Was is the user before, nil for
// a new one.
func (t *Users[U]) Unmet(change core.UserChange, was, sent, is *U) []string {
	names := t.Names(change)
	before := evidence.Object{}
	if was != nil {
		before = t.members(was)
		names = append(names, evidence.Changed(before, t.members(sent))...)
	}
	return t.rules(is).Unmet(names, before, t.members(sent), t.members(is))
}

// Names are the wire names of what a change names, in neutral words or not.
func (t *Users[U]) Names(change core.UserChange) []string {
	names := evidence.Named(change.Fields)
	for _, r := range t.Fields {
		if _, named := change.Field(r.name); named && r.wire != "" && !slices.Contains(names, r.wire) {
			names = append(names, r.wire)
		}
	}
	return names
}

func (t *Users[U]) rules(is *U) evidence.Rules {
	if t.RulesFor != nil {
		return t.RulesFor(is)
	}
	return t.Rules
}

func (t *Users[U]) members(u *U) evidence.Object {
	if t.Members != nil {
		return t.Members(u)
	}
	return wire.Members(u)
}

// named returns the vendor field of a wire name, in the vendor's spelling, unless the
// field is kept.
func (t *Users[U]) named(fields map[string]any, wireName string) (string, bool) {
	for _, name := range evidence.Named(fields) {
		if name == wireName || t.FoldNames && strings.EqualFold(name, wireName) {
			return name, true
		}
	}
	return "", false
}

// label names a field as callers and the vendor do.
func (r Row[U]) label() string {
	if r.wire == "" || r.wire == string(r.name) {
		return string(r.name)
	}
	return fmt.Sprintf("%s (%s)", r.name, r.wire)
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	}
	return false
}

// asJSON is a value as it would be sent. What cannot be sent is like nothing that is shown.
func asJSON(v any) json.RawMessage {
	raw, err := wire.Marshal(v)
	if err != nil {
		return json.RawMessage("!")
	}
	return raw
}

func lookUp(m map[string]string, name string, fold bool) (string, bool) {
	if v, ok := m[name]; ok || !fold {
		return v, ok
	}
	for other, v := range m {
		if strings.EqualFold(other, name) {
			return v, true
		}
	}
	return "", false
}
