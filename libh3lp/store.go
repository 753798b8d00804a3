package libh3lp

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Store speaks for one subscription in the words of package core.
type Store struct{ c *Client }

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store { return &Store{c} }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// Capabilities says what LibraryH3lp offers.
func (s *Store) Capabilities() core.Capabilities { return Capabilities() }

// kinds are what a user can be assigned to.
var kinds = []core.KindCapability{{Kind: core.KindQueue}}

// Capabilities says what LibraryH3lp offers: users, their queues, suspended or not,
// and presence to be read.
func Capabilities() core.Capabilities {
	may := []string{"the top-level account, or a user who manages the users and queues"}
	native := core.Capability{Support: core.Native, Permissions: may}
	emulated := func(how string) core.Capability {
		return core.Capability{Support: core.Emulated, Note: how, Permissions: may}
	}
	none := func(why string) core.Capability { return core.Capability{Support: core.NotOffered, Note: why} }
	return core.Capabilities{
		Vendor: vendor,
		Operations: map[core.Operation]core.Capability{
			core.OpListUsers:    emulated("the vendor returns all users; a login or e-mail is looked for here"),
			core.OpGetUser:      native,
			core.OpCreateUser:   emulated("an e-mail address is set by a second write"),
			core.OpUpdateUser:   native,
			core.OpDeleteUser:   native,
			core.OpSettle:       none("changes are in effect when they are answered"),
			core.OpListByUser:   native,
			core.OpListByTarget: native,
			core.OpAssign:       native, core.OpUnassign: native,
			core.OpSuspend: native, core.OpResume: native,
			core.OpPresence:    {Support: core.Native, Note: "from the public presence service", Permissions: may},
			core.OpSetPresence: none(whySetPresence),
			core.OpBlock:       emulated("every enabled link of the user is suspended, one write a link; the user can opt in again"),
			core.OpUnblock:     emulated("the links of the record are enabled, or without a record all links of the user"),
		},
		Kinds: slices.Clone(kinds),
	}
}

// ListUsers walks the users; a login or e-mail is compared here, because the
// vendor has no filter.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		for u, err := range s.c.Users.List(ctx) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if q.Login != "" && u.Name != q.Login || q.Email != "" && u.Email.Or("") != q.Email {
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
	n, err := parseID(opGetUser.Name, "the user", id)
	if err != nil {
		return core.User{}, err
	}
	u, err := s.c.Users.Get(ctx, n)
	if err != nil {
		return core.User{}, err
	}
	return neutral(u), nil
}

const (
	whyPerson = "a LibraryH3lp user has a name and an e-mail address; it has no first, last or display name"
	whyEnable = "a LibraryH3lp account cannot be switched off: a user is blocked by suspending its links"
	whyRoles  = "a LibraryH3lp user has no roles"
)

// CreateUser implements core.UserStore. Required: login and password. An e-mail
// address is set by a second write, because nobody knows whether a create takes
// one; where that fails the user is returned beside an error of class not applied,
// with core.AppliedYes: it exists.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	op := opCreateUser.Name
	switch {
	case spec.FirstName != "" || spec.LastName != "" || spec.DisplayName != "":
		return core.User{}, core.Unsupported(vendor, op, whyPerson)
	case !spec.Enabled.IsZero():
		return core.User{}, core.Unsupported(vendor, op, whyEnable)
	case len(spec.Roles) > 0:
		return core.User{}, core.Unsupported(vendor, op, whyRoles)
	}
	if err := checkFields(op, spec.Change()); err != nil {
		return core.User{}, err
	}
	u := NewUser{Name: spec.Login, Password: spec.Password}
	email := UserUpdate{}
	if spec.Email != "" {
		email.Email = core.Set(spec.Email)
	}
	first, second := map[string]any{}, map[string]any{}
	for name, v := range spec.Fields {
		if name == "email" {
			second[name] = v
		} else {
			first[name] = v
		}
	}
	if err := setFields(op, &u, first); err != nil {
		return core.User{}, err
	}
	if err := setFields(op, &email, second); err != nil {
		return core.User{}, err
	}
	made, created := s.c.Users.Create(ctx, u)
	if made == nil {
		return core.User{}, created
	}
	if want, ok := email.Email.Get(); !ok || want == "" || want == made.Email.Or("") {
		return neutral(made), created
	}
	changed, err := s.c.Users.Update(ctx, made.ID, email)
	if err == nil {
		return neutral(changed), created
	}
	e := core.Error{Vendor: vendor, Class: core.ClassNotApplied}
	if cause, ok := errors.AsType[*core.Error](err); ok {
		e = *cause
	}
	e.Op, e.Applied, e.Err = op, core.AppliedYes, err
	e.Message = "the user was created with the id " + itoa(made.ID) + ", and its e-mail address could not be set: " + strings.TrimSpace(e.Message)
	if e.Class != core.ClassCanceled {
		e.Class = core.ClassNotApplied
	}
	e.Hint = "set it by an update"
	return neutral(made), &e
}

// UpdateUser implements core.UserStore: it sends what the change names and nothing
// else. What the vendor ignored is core.ErrNotApplied, beside the user as it is.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	op := opUpdateUser.Name
	n, err := parseID(op, "the user", id)
	if err != nil {
		return core.User{}, err
	}
	u, err := updateOf(op, change)
	if err != nil {
		return core.User{}, err
	}
	if u.Name.IsZero() && u.Email.IsZero() && u.Password.IsZero() && len(u.Extra) == 0 {
		return s.GetUser(ctx, id) // nothing to change
	}
	got, err := s.c.Users.Update(ctx, n, u)
	if got == nil {
		return core.User{}, err
	}
	return neutral(got), err
}

func updateOf(op string, change core.UserChange) (UserUpdate, error) {
	u := UserUpdate{Name: change.Login, Email: change.Email}
	switch {
	case !change.FirstName.IsZero() || !change.LastName.IsZero() || !change.DisplayName.IsZero():
		return u, core.Unsupported(vendor, op, whyPerson)
	case !change.Enabled.IsZero():
		return u, core.Unsupported(vendor, op, whyEnable)
	case !change.Roles.IsZero():
		return u, core.Unsupported(vendor, op, whyRoles)
	case change.Login.IsClear():
		return u, core.Invalid(vendor, op, "name is required and cannot be cleared")
	case change.Password.IsClear(), change.Password.IsSet() && change.Password.Or(core.Secret{}).IsZero():
		return u, core.Invalid(vendor, op, "a password can be replaced and not cleared")
	}
	if v, ok := u.Email.Get(); ok && v == "" {
		u.Email = core.Clear[string]()
	}
	u.Password = change.Password.Or(core.Secret{})
	if err := checkFields(op, change); err != nil {
		return u, err
	}
	return u, setFields(op, &u, change.Fields)
}

// readOnly are fields that the vendor sets.
var readOnly = []string{"id", "type", "show", "status"}

func checkFields(op string, change core.UserChange) error {
	if err := rest.CheckText(vendor, op, change); err != nil {
		return err
	}
	return rest.NamedTwice(vendor, op, change.Fields, map[string]bool{
		"name": !change.Login.IsZero(), "email": !change.Email.IsZero(), "password": !change.Password.IsZero(),
	})
}

// setFields lays vendor fields, by their wire name and checked, over what is to be
// sent. One that is cleared is sent as null, because what is left out stays.
func setFields[T any](op string, v *T, fields map[string]any) error {
	members := map[string]any{}
	for name, value := range fields {
		if wire.Keeps(value) {
			continue
		}
		switch {
		case slices.Contains(readOnly, name):
			return core.Invalid(vendor, op, name+" is set by the vendor alone")
		case (name == "name" || name == "password") && cleared(value):
			return core.Invalid(vendor, op, name+" is required and cannot be cleared")
		case cleared(value):
			value = json.RawMessage("null")
		}
		members[name] = value
	}
	if err := wire.Overlay(v, members); err != nil {
		return core.Invalid(vendor, op, "a field does not fit a user: "+err.Error())
	}
	return nil
}

// cleared reports whether a vendor field is to be emptied.
func cleared(v any) bool {
	switch v := v.(type) {
	case interface{ IsClear() bool }:
		return v.IsClear()
	case core.Secret:
		return v.IsZero()
	case json.RawMessage:
		return plain(v) == nil && !strings.EqualFold(text(v), "false")
	case nil:
		return true
	case string:
		return v == ""
	}
	return false
}

// DeleteUser implements core.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := parseID(opDeleteUser.Name, "the user", id)
	if err != nil {
		return err
	}
	return s.c.Users.Delete(ctx, n)
}

// neutral puts a user into the words of package core.
func neutral(u *User) core.User {
	return core.User{Vendor: vendor, ID: itoa(u.ID), Login: u.Name, Email: u.Email.Or(""), Native: u}
}
