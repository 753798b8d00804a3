package liveperson

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Store speaks for one account in the words of package core.
type Store struct{ c *Client }

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store { return &Store{c} }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// Capabilities says what this client offers: presence depends on WithAgentView.
func (s *Store) Capabilities() core.Capabilities {
	caps := Capabilities()
	if !s.c.agentView {
		caps.Operations[core.OpPresence] = storekit.Lacks(whyPresence)
	}
	return caps
}

// kinds are what a user can be assigned to.
var kinds = []core.KindCapability{
	{Kind: core.KindSkill},
	{Kind: core.KindGroup, Single: true},
	{Kind: core.KindManagedGroup},
	{Kind: core.KindProfile},
	{Kind: core.KindLOB},
}

// Capabilities says what LivePerson offers: users, their assignments, blocks, and
// presence to be read.
func Capabilities() core.Capabilities {
	const (
		read  = "users: read (OAuth 2 scope users.external or users.read)"
		admin = "user administration (package 10001; OAuth 2 scope users.external or users.write)"
	)
	replace := storekit.Emulates("a field of the user: read, change, full replacement under the revision; many users in one request", admin)
	return core.Capabilities{
		Vendor: vendor,
		Operations: map[core.Operation]core.Capability{
			core.OpListUsers:  storekit.Emulates("the vendor returns all users; a login or e-mail is looked for here", read),
			core.OpGetUser:    storekit.Offers(read),
			core.OpCreateUser: storekit.Offers(admin), core.OpDeleteUser: storekit.Offers(admin),
			core.OpUpdateUser:   storekit.Emulates("the vendor only replaces whole users: read, change, write back under the revision", admin),
			core.OpSettle:       storekit.Lacks("changes are in effect when they are answered"),
			core.OpListByUser:   storekit.Offers(read),
			core.OpListByTarget: storekit.Emulates("one walk over all users", read),
			core.OpAssign:       replace, core.OpUnassign: replace,
			core.OpSuspend: storekit.Lacks(whySuspend), core.OpResume: storekit.Lacks(whySuspend),
			core.OpPresence: {Support: core.Native, Note: "where the client is allowed to ask the report (WithAgentView)",
				Permissions: []string{"Key Messaging Metrics (category Data)"}},
			core.OpSetPresence: storekit.Lacks(whySetPresence),
			core.OpBlock:       storekit.Emulates("isEnabled of the user: it cannot log in", admin),
			core.OpUnblock:     storekit.Emulates("isEnabled of the user", admin),
		},
		Kinds:     slices.Clone(kinds),
		Revisions: true,
	}
}

// ListUsers walks the users; a login or e-mail is compared here, because the
// vendor has no filter.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		for u, err := range s.c.Users.List(ctx, UserList{}) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if u.Deleted.Or(false) || q.Login != "" && u.LoginName != q.Login {
				continue
			}
			if q.Email != "" && u.short() {
				yield(core.User{}, withheld(opListUsers.Name, &u, "e-mail address"))
				return
			}
			if q.Email != "" && u.Email.Or("") != q.Email {
				continue
			}
			if !yield(neutral(&u), nil) {
				return
			}
		}
	}
}

// withheld is the error of a list in which a user lacks what is looked for: to
// leave it out would be a guess.
func withheld(op string, u *User, what string) error {
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassIncomplete, Status: http.StatusOK, Attempts: 1, Applied: core.AppliedNo,
		Message: fmt.Sprintf("the vendor answered with a part of user %d only, which says nothing about its %s", u.ID, what)}
}

// GetUser implements core.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	n, err := parseID(opGetUser.Name, "the user", id)
	if err != nil {
		return core.User{}, err
	}
	u, err := s.get(ctx, n)
	if err != nil {
		return core.User{}, err
	}
	return neutral(u), nil
}

// get is Users.Get for callers to whom a deleted user is gone.
func (s *Store) get(ctx context.Context, id int64) (*User, error) {
	u, res, err := s.c.Users.get(ctx, serviceReadOnly, id, "")
	switch {
	case err != nil:
		return nil, err
	case u.ID != id:
		return nil, otherUser(opGetUser.Name, core.AppliedNo, res)
	case u.Deleted.Or(false):
		return nil, isDeleted(opGetUser.Name, res)
	}
	return u, nil
}

const (
	whyRoles = "a LivePerson user has no role of its own: it follows from profiles, which are assignments and, on create, the field profileIds"
	whyName  = "firstName and lastName are one fullName at LivePerson, which cannot be read: change both, or set the field fullName"
)

// CreateUser implements core.UserStore. Required: login, first or last name,
// display name, e-mail, a password (unless the field isApiUser is true), and the
// fields profileIds and maxChats; for an agent also memberOf. The user is enabled
// unless spec says otherwise. One that was made otherwise than asked is
// core.ErrNotApplied, with core.AppliedYes, beside the user.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	op := opCreateUser.Name
	if len(spec.Roles) > 0 {
		return core.User{}, core.Unsupported(vendor, op, whyRoles)
	}
	u := User{LoginName: spec.Login, PasswordSh: spec.Password, IsEnabled: core.Set(spec.Enabled.Or(true))}
	if spec.Enabled.IsClear() {
		return core.User{}, core.Invalid(vendor, op, "isEnabled is required and cannot be cleared")
	}
	set(&u.FullName, fullName(spec.FirstName, spec.LastName))
	set(&u.Nickname, spec.DisplayName)
	set(&u.Email, spec.Email)
	if err := checkFields(op, spec.Change(), false); err != nil {
		return core.User{}, err
	}
	if err := setFields(op, &u, spec.Fields); err != nil {
		return core.User{}, err
	}
	made, err := s.c.Users.Create(ctx, u)
	if made == nil {
		return core.User{}, err
	}
	return neutral(made), err
}

func set(o *core.Opt[string], v string) {
	if v != "" {
		*o = core.Set(v)
	}
}

func fullName(first, last string) string {
	return strings.TrimSpace(strings.TrimSpace(first) + " " + strings.TrimSpace(last))
}

// UpdateUser implements core.UserStore. What the vendor ignores, or drops because a
// change of profileIds ends a role, is core.ErrNotApplied with the names of the
// fields, beside the user as it now is: see DroppedError.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	const op = "Users.Update"
	n, err := parseID(op, "the user", id)
	if err != nil {
		return core.User{}, err
	}
	if err := s.checkChange(op, change); err != nil {
		return core.User{}, err
	}
	m, err := s.c.Users.modify(ctx, op, n, func(u *User, _ bool) error { return s.applyChange(op, u, change) })
	if err != nil {
		return core.User{}, err
	}
	return neutral(m.user), m.notShown(op, named(change)...)
}

// named are the wire names of what a change names.
func named(change core.UserChange) []string {
	var names []string
	for name, v := range change.Fields {
		if !wire.Keeps(v) {
			names = append(names, name)
		}
	}
	for name, keeps := range map[string]bool{
		"nickname": change.DisplayName.IsZero(), "email": change.Email.IsZero(), "isEnabled": change.Enabled.IsZero(),
	} {
		if !keeps {
			names = append(names, name)
		}
	}
	return names
}

// required fields cannot be cleared, whether by neutral or by wire name.
var required = map[string]bool{
	"id": true, "loginName": true, "fullName": true, "nickname": true, "email": true, "isEnabled": true,
	"maxChats": true, "profileIds": true, "passwordSh": true,
}

// closedFields says why a field cannot be set by the caller, whether on create or
// later; loginName is closed later only.
var closedFields = map[string]string{
	"id": whyReadOnly, "pid": whyReadOnly, "deleted": whyReadOnly, "dateUpdated": whyReadOnly, "lastPwdChangeDate": whyReadOnly,
	"oldPassword": whyOwnPassword, "confirmPassword": whyOwnPassword,
}

const (
	whyReadOnly    = "is set by the vendor alone"
	whyOwnPassword = "is for users who change their own password"
)

func (s *Store) checkChange(op string, change core.UserChange) error {
	switch {
	case change.Login.IsClear():
		return core.Invalid(vendor, op, "loginName is required and cannot be cleared")
	case change.Login.IsSet():
		return core.Unsupported(vendor, op, whyLogin)
	case !change.Roles.IsZero():
		return core.Unsupported(vendor, op, whyRoles)
	case change.Password.IsClear(), change.Password.IsSet() && change.Password.Or(core.Secret{}).IsZero():
		return core.Invalid(vendor, op, "a password can be replaced and not cleared")
	case change.Enabled.IsClear():
		return core.Invalid(vendor, op, "isEnabled is required and cannot be cleared")
	}
	for _, f := range []struct {
		name string
		o    core.Opt[string]
	}{{"nickname", change.DisplayName}, {"email", change.Email}} {
		if v, ok := f.o.Get(); f.o.IsClear() || ok && v == "" {
			return core.Invalid(vendor, op, f.name+" is required and cannot be cleared")
		}
	}
	if change.FirstName.IsZero() != change.LastName.IsZero() {
		return core.Invalid(vendor, op, whyName)
	}
	if !change.FirstName.IsZero() && !change.LastName.IsZero() && fullName(change.FirstName.Or(""), change.LastName.Or("")) == "" {
		return core.Invalid(vendor, op, "fullName is required and cannot be cleared")
	}
	return checkFields(op, change, true)
}

func checkFields(op string, change core.UserChange, exists bool) error {
	if err := rest.CheckText(vendor, op, change); err != nil {
		return err
	}
	if err := rest.NamedTwice(vendor, op, change.Fields, map[string]bool{
		"loginName": !change.Login.IsZero(), "fullName": !change.FirstName.IsZero() || !change.LastName.IsZero(),
		"nickname": !change.DisplayName.IsZero(), "email": !change.Email.IsZero(), "passwordSh": !change.Password.IsZero(),
		"isEnabled": !change.Enabled.IsZero(),
	}); err != nil {
		return err
	}
	if enabled, ok := change.Enabled.Get(); ok {
		raw, _ := wire.Marshal(change.Fields["disabledManually"])
		if string(raw) == strconv.FormatBool(enabled) {
			return core.Invalid(vendor, op, "disabledManually contradicts what enabled is to be, whose opposite it is")
		}
	}
	for name, v := range change.Fields {
		if wire.Keeps(v) {
			continue
		}
		why := closedFields[name]
		switch {
		case required[name] && wire.Cleared(v):
			return core.Invalid(vendor, op, name+" is required and cannot be cleared")
		case exists && name == "loginName":
			return core.Unsupported(vendor, op, whyLogin)
		case why != "":
			return core.Invalid(vendor, op, name+" "+why)
		}
	}
	return nil
}

func (s *Store) applyChange(op string, u *User, change core.UserChange) error {
	was := *u
	if !change.FirstName.IsZero() && !change.LastName.IsZero() {
		u.FullName = core.Set(fullName(change.FirstName.Or(""), change.LastName.Or("")))
	}
	if change.DisplayName.IsSet() {
		u.Nickname = change.DisplayName
	}
	if change.Email.IsSet() {
		u.Email = change.Email
	}
	if change.Enabled.IsSet() {
		u.IsEnabled = change.Enabled
	}
	if p, ok := change.Password.Get(); ok {
		u.PasswordSh = p
	}
	if err := setFields(op, u, change.Fields); err != nil {
		return err
	}
	u.follow(&was)
	return nil
}

// setFields lays vendor fields, by their wire name and checked, over a user.
func setFields(op string, u *User, fields map[string]any) error {
	if len(fields) == 0 {
		return nil
	}
	revision := u.Revision // which has no wire name
	if err := wire.Overlay(u, fields); err != nil {
		return core.Invalid(vendor, op, "a field does not fit a user: "+err.Error())
	}
	u.Revision = revision
	return nil
}

// DeleteUser implements core.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := parseID(opDeleteUser.Name, "the user", id)
	if err != nil {
		return err
	}
	return s.c.Users.Delete(ctx, n, AnyRevision)
}

// neutral puts a user into the words of package core. The full name is blank in
// every answer, and so are first and last name.
func neutral(u *User) core.User {
	out := core.User{
		Vendor: vendor, ID: itoa(u.ID), Login: u.LoginName, DisplayName: u.Nickname.Or(""), Email: u.Email.Or(""),
		Revision: u.Revision.Core(), Native: u,
	}
	if enabled, ok := u.IsEnabled.Get(); ok {
		out.Enabled = &enabled
	}
	return out
}
