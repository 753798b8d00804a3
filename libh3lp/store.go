package libh3lp

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Store speaks for one subscription in the words of package core.
type Store struct {
	c      *Client
	border adapter.Border
	table  adapter.Users[User]
}

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store {
	border := adapter.Border{Vendor: vendor, Account: c.options.Account, Base: c.base, Customer: c.username, Pace: c.rest.Governor()}
	return &Store{c: c, border: border, table: userTable(border)}
}

// Fingerprint names the vendor, the origin and the account there, and no credential.
func (s *Store) Fingerprint() string { return s.border.Fingerprint() }

// Governor is what paces the client's requests.
func (s *Store) Governor() core.Governor { return s.border.Governor() }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// ListUsers walks the users; a login or e-mail is compared here, because the
// vendor has no filter.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return adapter.Walk(s.border, core.OpListUsers, func(yield func(core.User, error) bool) {
		for u, err := range s.c.Users.List(ctx) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if adapter.Matches(q, u.Name, u.Email.Or("")) && !yield(s.table.Neutral(&u), nil) {
				return
			}
		}
	})
}

// GetUser implements core.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	n, err := s.parseID(core.OpGetUser, "the user", id)
	if err != nil {
		return core.User{}, err
	}
	return s.user(core.OpGetUser)(s.c.Users.Get(ctx, n))
}

// user translates the result of a client's call into the words of package core.
func (s *Store) user(op core.Operation) func(*User, error) (core.User, error) {
	return func(u *User, err error) (core.User, error) {
		if u == nil {
			return core.User{}, s.border.Error(op, err)
		}
		return s.table.Neutral(u), s.border.Error(op, err)
	}
}

// CreateUser implements core.UserStore. Required: login and password. An e-mail
// address is set by a second write, because it is not documented whether a create takes
// one, and links are made after it, one write per link. Where one of these fails the user
// is returned beside an error of class not applied, with core.AppliedYes: it exists.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	const op = core.OpCreateUser
	first, email, err := s.newUser(spec)
	if err != nil {
		return core.User{}, s.border.Error(op, err)
	}

	made, created := s.c.Users.Create(ctx, first)
	if made == nil {
		return core.User{}, s.border.Error(op, created)
	}

	u, errs := made, []error{created}
	if want, ok := email.Email.Get(); ok && want != "" && want != made.Email.Or("") {
		changed, err := s.c.Users.Update(ctx, made.ID, email)
		if changed != nil {
			u = changed
		}
		errs = append(errs, s.halfMade(made, "its e-mail address could not be set", "set it by an update", err))
	}

	if len(spec.Links) > 0 {
		errs = append(errs, s.halfMade(made, "its links could not all be made", "assign them again", s.linkNew(ctx, made.ID, spec.Links)))
	}
	return s.table.Neutral(u), s.border.Error(op, firstOf(errs))
}

// newUser splits a spec into what the create sends and what is set afterwards.
func (s *Store) newUser(spec core.UserSpec) (first NewUser, email UserUpdate, err error) {
	const op = core.OpCreateUser
	change := spec.Change()
	if err := s.table.CheckCreate(spec); err != nil {
		return first, email, err
	}

	if err := s.checkNewLinks(spec.Links); err != nil {
		return first, email, err
	}

	sent, err := s.changed(op, User{}, change)
	if err != nil {
		return first, email, err
	}
	second := map[string]any{}
	if v, ok := sent["email"]; ok {
		second["email"] = v
		delete(sent, "email")
	}

	if err := wire.Overlay(&first, sent); err != nil {
		return first, email, s.border.Invalid(op, "a field does not fit a user: "+err.Error())
	}
	return first, email, wire.Overlay(&email, second)
}

// halfMade is the error of a step that should have followed the creation of a user.
func (s *Store) halfMade(u *User, what, hint string, cause error) error {
	if cause == nil {
		return nil
	}
	e := core.Error{Vendor: vendor}
	if ce, ok := errors.AsType[*core.Error](cause); ok {
		e = *ce
	}

	e.Message = "the user was created with the id " + itoa(u.ID) + ", and " + what + ": " + strings.TrimSpace(e.Message)
	e.Applied, e.Doubt, e.Hint, e.Err = core.AppliedYes, "", hint, cause
	if errors.Is(cause, core.ErrNotFound) {
		e.Err = nil // the user was just created, so it is not absent
	}

	if e.Class != core.ClassCanceled {
		e.Class = core.ClassNotApplied
	}
	return &e
}

func firstOf(errs []error) error {
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return errs[i]
	}
	return nil
}

// UpdateUser implements core.UserStore: it sends what the change names and nothing
// else. What the vendor ignored is core.ErrNotApplied, beside the user as it is. The user
// is read before where the change has a precondition, or clears a field that this package
// does not know.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	const op = core.OpUpdateUser
	n, err := s.parseID(op, "the user", id)
	if err != nil {
		return core.User{}, err
	}

	if err := s.table.CheckChange(change); err != nil {
		return core.User{}, s.border.Error(op, err)
	}

	base := new(User)
	if !change.If.IsZero() || clearsUnknown(change) {
		if base, err = s.c.Users.Get(ctx, n); err != nil {
			return core.User{}, s.border.Error(op, err)
		}
		if err := s.table.Holds(op, base, change.If); err != nil {
			return core.User{}, s.border.Error(op, err)
		}
	}

	sent, err := s.changed(op, *base, change)
	if err != nil {
		return core.User{}, s.border.Error(op, err)
	}
	if len(sent) == 0 {
		return s.user(op)(s.c.Users.Get(ctx, n)) // nothing to change
	}

	var u UserUpdate
	if err := wire.Overlay(&u, sent); err != nil {
		return core.User{}, s.border.Invalid(op, "a field does not fit a user: "+err.Error())
	}
	return s.user(op)(s.c.Users.Update(ctx, n, u))
}

// DeleteUser implements core.UserStore: it removes the user, and looks that it is gone.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := s.parseID(core.OpDeleteUser, "the user", id)
	if err != nil {
		return err
	}
	return s.border.Error(core.OpDeleteUser, s.c.Users.Delete(ctx, n))
}

// parseID reads an id as package core has it, or says why it is impossible.
func (s *Store) parseID(op core.Operation, what, id string) (int64, error) {
	n, ok := parseID(id)
	if !ok {
		return 0, s.border.Invalid(op, "the id of "+what+" is impossible: LibraryH3lp's ids are positive whole numbers")
	}
	return n, nil
}
