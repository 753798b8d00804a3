package liveperson

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Store speaks for one account in the words of package core.
type Store struct {
	c      *Client
	border adapter.Border
	table  adapter.Users[User]
}

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store {
	border := adapter.Border{Vendor: vendor, Account: c.options.Account, Base: c.home(), Customer: c.account, Pace: c.rest.Governor()}
	return &Store{c: c, border: border, table: userTable(border)}
}

// home is the address at which the account was reached.
func (c *Client) home() *url.URL {
	if c.base != nil {
		return c.base
	}
	return c.services.base
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
		for u, err := range s.living(ctx) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if !adapter.Matches(core.UserQuery{Login: q.Login}, u.LoginName) {
				continue
			}
			if q.Email != "" && !u.isComplete() {
				yield(core.User{}, s.withheld(u, "e-mail address"))
				return
			}
			if adapter.Matches(core.UserQuery{Email: q.Email}, "", u.Email.Or("")) && !yield(s.table.Neutral(u), nil) {
				return
			}
		}
	})
}

// living walks all users that are not deleted, in one request.
func (s *Store) living(ctx context.Context) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		for u, err := range s.c.Users.List(ctx, UserListOptions{}) {
			if err == nil && u.Deleted.Or(false) {
				continue
			}
			if !yield(&u, err) {
				return
			}
		}
	}
}

// withheld is the error of a list that contains a user without the field that is
// searched for: to leave the user out would be a guess.
func (s *Store) withheld(u *User, what string) error {
	return about(rest.Response{Status: http.StatusOK}, s.c.failed(opListUsers.Name, core.ClassIncomplete, core.AppliedNo,
		fmt.Sprintf("the vendor answered with only a part of user %d, without its %s", u.ID, what)))
}

// GetUser implements core.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	u, err := s.read(ctx, core.OpGetUser, id)
	if err != nil {
		return core.User{}, s.border.Error(core.OpGetUser, err)
	}
	return s.table.Neutral(u), nil
}

// read reads a user from the read-only host, with deleted users reported as
// ErrNotFound.
func (s *Store) read(ctx context.Context, op core.Operation, id string) (*User, error) {
	n, err := s.parseID(op, "the user", id)
	if err != nil {
		return nil, err
	}
	u, res, err := s.c.Users.get(ctx, serviceReadOnly, n, "")
	switch {
	case err != nil:
		return nil, err
	case u.ID != n:
		return nil, s.c.otherUser(opGetUser.Name, core.AppliedNo, res)
	case u.Deleted.Or(false):
		return nil, s.c.isDeleted(opGetUser.Name, res)
	}
	return u, nil
}

// CreateUser implements core.UserStore. Required: login, first or last name,
// display name, e-mail, a password (unless the field isApiUser is true), a profile (as
// a link, or in the field profileIds), and the field maxChats; for an agent also its
// group (as a link, or in the field memberOf). The user is enabled unless spec says
// otherwise. Links are made with the user, in the one request.
//
// A user that was made otherwise than asked is core.ErrNotApplied, with
// core.AppliedYes, beside the user.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	const op = core.OpCreateUser
	u, err := s.newUser(spec)
	if err != nil {
		return core.User{}, s.border.Error(op, err)
	}
	made, err := s.c.Users.Create(ctx, u)
	if made == nil {
		return core.User{}, s.border.Error(op, err)
	}
	return s.table.Neutral(made), s.border.Error(op, err)
}

// newUser turns a spec into a user, or refuses it.
func (s *Store) newUser(spec core.UserSpec) (User, error) {
	const op = core.OpCreateUser
	u := User{IsEnabled: core.Set(true)}
	if err := s.table.CheckCreate(spec); err != nil {
		return u, err
	}
	if err := s.table.Apply(op, &u, spec.Change()); err != nil {
		return u, err
	}
	return u, s.link(op, &u, spec.Links)
}

// UpdateUser implements core.UserStore. What the vendor ignores, or drops because a
// change of profileIds ends a role, is core.ErrNotApplied with the names of the
// fields, beside the user as it now is.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	const op = core.OpUpdateUser
	m, err := s.changing(id, change)
	if err != nil {
		return core.User{}, s.border.Error(op, err)
	}
	u, err := s.c.Users.modify(ctx, m)
	if u == nil {
		return core.User{}, s.border.Error(op, err)
	}
	return s.table.Neutral(u), s.border.Error(op, err)
}

// changing turns a change of a user into a read-modify-write, or refuses it.
func (s *Store) changing(id string, change core.UserChange) (*modification, error) {
	const op = core.OpUpdateUser
	n, err := s.parseID(op, "the user", id)
	if err != nil {
		return nil, err
	}

	if err := s.table.CheckChange(change); err != nil {
		return nil, err
	}

	return &modification{op: string(op), id: n, named: s.table.Names(change), edit: func(u *User) error {
		if err := s.table.Holds(op, u, change.If); err != nil {
			return err
		}
		if s.table.Keeps(change) {
			return errNothing
		}
		was := *u
		if err := s.table.Apply(op, u, change); err != nil {
			return err
		}
		u.follow(&was)
		return nil
	}}, nil
}

// DeleteUser implements core.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := s.parseID(core.OpDeleteUser, "the user", id)
	if err != nil {
		return err
	}
	return s.border.Error(core.OpDeleteUser, s.c.Users.Delete(ctx, n, AnyRevision))
}

// parseID reads an id as package core has it, or says why it is impossible.
func (s *Store) parseID(op core.Operation, what, id string) (int64, error) {
	n, ok := parseID(id)
	if !ok {
		return 0, s.border.Invalid(op, "the id of "+what+" is impossible: LivePerson's ids are whole numbers")
	}
	return n, nil
}
