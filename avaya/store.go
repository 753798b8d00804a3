package avaya

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Store speaks for one account in the words of package core.
type Store struct{ c *Client }

var (
	_ core.Store   = (*Store)(nil)
	_ core.Settler = (*Store)(nil)
)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store { return &Store{c} }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// Capabilities says what Avaya offers.
func (s *Store) Capabilities() core.Capabilities { return Capabilities() }

// Capabilities says what Avaya offers: users and their assignments, and no
// presence at all.
func Capabilities() core.Capabilities {
	const admin = "Account Administrator"
	native := storekit.Offers(admin)
	replace := storekit.Emulates("a field of the user: read, change, full replacement, wait until it is in effect", admin)
	return core.Capabilities{
		Vendor: vendor,
		Operations: map[core.Operation]core.Capability{
			core.OpListUsers: native, core.OpGetUser: native, core.OpCreateUser: native, core.OpDeleteUser: native,
			core.OpUpdateUser:   storekit.Emulates("the vendor only replaces whole users: read, change, write back, one writer at a time", admin),
			core.OpSettle:       native,
			core.OpListByUser:   native,
			core.OpListByTarget: storekit.Emulates("groups by their member list, all other targets by one walk over the users", admin),
			core.OpAssign:       replace, core.OpUnassign: replace,
			core.OpSuspend: storekit.Lacks(whySuspend), core.OpResume: storekit.Lacks(whySuspend),
			core.OpPresence: storekit.Lacks(whyPresence), core.OpSetPresence: storekit.Lacks(whyPresence),
			core.OpBlock: storekit.Lacks(whyBlock), core.OpUnblock: storekit.Lacks(whyBlock),
		},
		Kinds: []core.KindCapability{
			{Kind: core.KindQueue, Level: "proficiency 1..16, 1 is the best, 8 where none is given"},
			{Kind: core.KindSkill},
			{Kind: core.KindGroup},
			{Kind: core.KindManagedGroup},
			{Kind: core.KindProfile, Single: true},
		},
	}
}

// ListUsers walks the users. A login or e-mail is looked up with the vendor's
// exact filter; what comes back is compared again.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	var opts ListOptions
	switch {
	case q.Login != "" && len(Equals("loginId", q.Login)) <= maxFilter:
		opts.Filter = Equals("loginId", q.Login)
	case q.Email != "" && len(Equals("emailId", q.Email)) <= maxFilter:
		opts.Filter = Equals("emailId", q.Email)
	}
	return func(yield func(core.User, error) bool) {
		for u, err := range s.c.Users.List(ctx, opts) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if q.Login != "" && u.LoginID != q.Login || q.Email != "" && u.EmailID.Or("") != q.Email {
				continue
			}
			if !yield(neutral(&u), nil) {
				return
			}
		}
	}
}

// GetUser implements core.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	u, err := s.c.Users.Get(ctx, id)
	if err != nil {
		return core.User{}, err
	}
	return neutral(u), nil
}

// CreateUser implements core.UserStore. Required: login, first and last name.
// The organization node is the account unless Fields names another. It returns
// when the vendor has accepted the user; see Settle.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	if spec.Enabled.IsSet() {
		return core.User{}, core.Unsupported(vendor, opCreateUser.Name, whyEnabled)
	}
	if spec.DisplayName != "" {
		return core.User{}, core.Unsupported(vendor, opCreateUser.Name, whyDisplayName)
	}
	u := User{LoginID: spec.Login, FirstName: spec.FirstName, LastName: spec.LastName, Roles: spec.Roles, Password: spec.Password}
	if spec.Email != "" {
		u.EmailID = core.Set(spec.Email)
	}
	if err := checkFields(opCreateUser.Name, spec.Change()); err != nil {
		return core.User{}, err
	}
	if err := checkRoles(opCreateUser.Name, spec.Roles); err != nil {
		return core.User{}, err
	}
	if err := setFields(opCreateUser.Name, &u, spec.Fields); err != nil {
		return core.User{}, err
	}
	made, err := s.c.Users.Create(ctx, u)
	if err != nil {
		return core.User{}, err
	}
	if err := notApplied(opCreateUser.Name, &u, made); err != nil {
		err.Applied = core.AppliedYes // there is a user, only not this one in all
		return neutral(made), err
	}
	return neutral(made), nil
}

const (
	whyEnabled     = "an Avaya user has no enabled state"
	whyDisplayName = "a display name is no neutral field at Avaya; its own is the vendor field displayName"
)

// UpdateUser implements core.UserStore. It returns when the vendor has accepted
// the change; see Settle.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	const op = "Users.Update"
	if !change.Enabled.IsZero() {
		return core.User{}, core.Unsupported(vendor, op, whyEnabled)
	}
	if !change.DisplayName.IsZero() {
		return core.User{}, core.Unsupported(vendor, op, whyDisplayName)
	}
	if err := checkChange(op, change); err != nil {
		return core.User{}, err
	}
	var want User
	named := slices.DeleteFunc(slices.Collect(maps.Keys(change.Fields)), func(name string) bool { return wire.Keeps(change.Fields[name]) })
	if !change.Roles.IsZero() {
		named = append(named, "roles")
	}
	m, err := s.c.Users.modify(ctx, id, named, func(u *User) error {
		if err := applyChange(op, u, change); err != nil {
			return err
		}
		want = *u
		return nil
	})
	if err != nil {
		return core.User{}, err
	}
	u := m.user
	if err := notApplied(op, &want, u); err != nil {
		return core.User{}, err
	}
	return neutral(u), nil
}

// required fields cannot be cleared, whether by neutral or by wire name.
var required = map[string]bool{"loginId": true, "firstName": true, "lastName": true, "organizationNodeId": true}

// readOnly fields are the server's own.
var readOnly = map[string]bool{"id": true, "userId": true, "uxProfileId": true}

func checkChange(op string, change core.UserChange) error {
	for name, o := range map[string]core.Opt[string]{"loginId": change.Login, "firstName": change.FirstName, "lastName": change.LastName} {
		if v, ok := o.Get(); o.IsClear() || ok && v == "" {
			return core.Invalid(vendor, op, name+" is required and cannot be cleared")
		}
	}
	if change.Password.IsClear() {
		return core.Invalid(vendor, op, "a password can be replaced and not cleared")
	}
	if err := checkRoles(op, change.Roles.Or(nil)); err != nil {
		return err
	}
	return checkFields(op, change)
}

func checkRoles(op string, roles []string) error {
	if slices.ContainsFunc(roles, func(r string) bool { return strings.TrimSpace(r) == "" }) {
		return core.Invalid(vendor, op, "a role's name is empty")
	}
	return nil
}

// checkFields checks vendor fields before anything is sent.
func checkFields(op string, change core.UserChange) error {
	if err := rest.CheckText(vendor, op, change); err != nil {
		return err
	}
	if err := rest.NamedTwice(vendor, op, change.Fields, map[string]bool{
		"loginId": !change.Login.IsZero(), "firstName": !change.FirstName.IsZero(), "lastName": !change.LastName.IsZero(),
		"emailId": !change.Email.IsZero(), "roles": !change.Roles.IsZero(), "password": !change.Password.IsZero(),
	}); err != nil {
		return err
	}
	for name, v := range change.Fields {
		if wire.Keeps(v) {
			continue
		}
		switch {
		case name == "" || strings.Contains(name, "."):
			return core.Invalid(vendor, op, fmt.Sprintf("%q is no field: a vendor field is named whole, by its name in the user", name))
		case readOnly[name]:
			return core.Invalid(vendor, op, name+" is set by the vendor alone")
		case required[name] && wire.Cleared(v):
			return core.Invalid(vendor, op, name+" is required and cannot be cleared")
		}
	}
	return nil
}

// userFieldNames are the wire names that a User knows.
var userFieldNames = wire.Names(reflect.TypeFor[User]())

func applyChange(op string, u *User, change core.UserChange) error {
	u.LoginID = change.Login.Or(u.LoginID)
	u.FirstName = change.FirstName.Or(u.FirstName)
	u.LastName = change.LastName.Or(u.LastName)
	switch v, set := change.Email.Get(); {
	case change.Email.IsClear() || set && v == "":
		u.EmailID = core.Opt[string]{} // left out of a full replacement, a field is cleared
	case set:
		u.EmailID = change.Email
	}
	switch {
	case change.Roles.IsClear():
		u.Roles = nil
		delete(u.Extra, "roles")
	case change.Roles.IsSet():
		u.Roles = change.Roles.Or(nil)
	}
	if p, ok := change.Password.Get(); ok {
		u.Password = p
	}
	return setFields(op, u, change.Fields)
}

// setFields lays vendor fields, by their wire name and checked, over a user. One
// to be cleared must be a field: a name that is written wrong would change nothing
// and count as done.
func setFields(op string, u *User, fields map[string]any) error {
	if len(fields) == 0 {
		return nil
	}
	for name, v := range fields {
		if _, there := u.Extra[name]; wire.Clears(v) && !there && !userFieldNames[name] {
			return core.Invalid(vendor, op, fmt.Sprintf("the user has no field %q to clear", name))
		}
	}
	if err := wire.Overlay(u, fields); err != nil {
		return core.Invalid(vendor, op, "a field does not fit a user: "+err.Error())
	}
	return nil
}

// notApplied compares what was sent with what the vendor says the user now is. A
// field that the answer leaves out says nothing.
func notApplied(op string, want, got *User) *core.Error {
	for _, f := range []struct{ name, want, got string }{
		{"loginId", want.LoginID, got.LoginID},
		{"firstName", want.FirstName, got.FirstName},
		{"lastName", want.LastName, got.LastName},
		{"displayName", want.DisplayName.Or(""), got.DisplayName.Or("")},
		{"emailId", want.EmailID.Or(""), got.EmailID.Or("")},
	} {
		if f.want != "" && f.got != "" && !strings.EqualFold(strings.TrimSpace(f.want), strings.TrimSpace(f.got)) {
			return &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Applied: core.AppliedUnknown,
				Message: "the vendor said yes and answers with another " + f.name,
				Hint:    "read the user to see what it holds now"}
		}
	}
	return nil
}

// DeleteUser implements core.UserStore. It reads the user first, because Avaya
// may accept the removal of a user that never was. It returns when the vendor
// has accepted the removal; see Settle.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	if _, err := s.c.Users.Get(ctx, id); err != nil {
		return err
	}
	return s.c.Users.Delete(ctx, id)
}

// Settle implements core.Settler.
func (s *Store) Settle(ctx context.Context, userID string, opts ...core.SettleOption) (core.Settlement, error) {
	return s.c.Users.Settle(ctx, userID, opts...)
}

// neutral puts a user into the words of package core.
func neutral(u *User) core.User {
	return core.User{
		Vendor: vendor, ID: u.UserID, Login: u.LoginID, FirstName: u.FirstName, LastName: u.LastName,
		Email: u.EmailID.Or(""), Roles: u.Roles, Native: u,
	}
}
