package lucs

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// Store speaks for one installation in the words of package core.
type Store struct {
	border adapter.Border
	c      *Client
	users  *adapter.Users[User]
}

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store {
	b := adapter.Border{Vendor: vendor, Account: c.options.Account, Base: c.base, Pace: c.rest.Governor()}
	return &Store{border: b, c: c, users: userTable(b, c.dialect.PresenceNames)}
}

// Fingerprint names the vendor, the origin and the account there, and no credential.
func (s *Store) Fingerprint() string { return s.border.Fingerprint() }

// Governor is what paces the client's requests.
func (s *Store) Governor() core.Governor { return s.border.Governor() }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// ListUsers walks the users of all services that the key sees, each once, and ends
// with core.ErrIncomplete where a service cannot be read. Users in no service that the
// key sees are missing, without the server saying so. It takes one request for the
// services and one per service, or a single one where the server has a route for it
// (Routes.Users).
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	if q.Email != "" {
		return adapter.Failed[core.User](s.border.Unsupported(core.OpListUsers, whyEmail))
	}
	return adapter.Walk(s.border, core.OpListUsers, func(yield func(core.User, error) bool) {
		var seen storekit.Seen
		for u, err := range s.everyone(ctx) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			// A service may show only a part of a user, so a user counts as seen only
			// once it was yielded.
			if !adapter.Matches(q, string(u.SipUri)) || !seen.Add(idKey(u.ID)) {
				continue
			}
			if !yield(s.users.Neutral(&u), nil) {
				return
			}
		}
	})
}

// everyone walks all users. Some come several times.
func (s *Store) everyone(ctx context.Context) iter.Seq2[User, error] {
	if s.c.has(opListUsers) {
		return s.c.Users.List(ctx)
	}
	return func(yield func(User, error) bool) {
		for m, err := range s.c.members(ctx, false) {
			if !yield(m.user, err) {
				return
			}
		}
	}
}

// GetUser implements core.UserStore. That a user is not found means that no
// service which the key sees holds it. A service that cannot be read hides nobody in
// the others: its error comes where none of them holds the user. It takes one request
// where the user's service is remembered, and else a search of the services.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	u, err := s.get(ctx, core.OpGetUser, id)
	if err != nil {
		return core.User{}, err
	}
	return s.users.Neutral(u), nil
}

func (s *Store) get(ctx context.Context, op core.Operation, id string) (*User, error) {
	if err := checkGUID(string(op), "the user", id); err != nil {
		return nil, s.border.Error(op, err)
	}
	u, err := s.c.find(ctx, string(op), id)
	return u, s.border.Error(op, err)
}

// CreateUser implements core.UserStore. The login is the SIP URI with its scheme,
// and required; what makes an agent of the user are the vendor fields
// CurrentProfile, DefaultProfile, Profiles, Traits and Roles. Names come from the
// directory. What is left out is the server's choice. It is not safe to repeat after
// an error with core.AppliedUnknown: see Users.Create, which also tells the errors and
// the requests.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	const op = core.OpCreateUser
	if err := s.users.CheckCreate(spec); err != nil {
		return core.User{}, err
	}
	if len(spec.Links) > 0 {
		return core.User{}, s.border.Unsupported(op, whyAssign)
	}

	var u User
	if err := s.users.Apply(op, &u, spec.Change()); err != nil {
		return core.User{}, err
	}

	made, err := s.c.Users.Create(ctx, u)
	if made == nil {
		return core.User{}, s.border.Error(op, err)
	}
	return s.users.Neutral(made), s.border.Error(op, err)
}

// UpdateUser implements core.UserStore where the Dialect has a route for it
// (Routes.ReplaceUser), and is unsupported else. All that the change does not name
// is written back as it was read; Traits, Profiles or Roles that could not be read
// and are not named are core.ErrIncomplete. What is cleared is sent as null; to clear
// a field that neither this package nor the user knows is core.ErrInvalid. Where the
// user then does not show the change the error is core.ErrNotApplied. Repeating it is
// safe, but for changes that others have made meanwhile: the server has no revisions.
// For the requests see Users.Modify.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	const op = core.OpUpdateUser
	if !s.c.has(opReplaceUser) {
		return core.User{}, s.border.Unsupported(op, whyNoRoute)
	}
	if err := checkGUID(string(op), "the user", id); err != nil {
		return core.User{}, s.border.Error(op, err)
	}

	if err := s.users.CheckChange(change); err != nil {
		return core.User{}, err
	}

	names := s.users.Names(change)
	if len(names) == 0 {
		return s.unchanged(ctx, id, change.If)
	}
	got, err := s.c.Users.modify(ctx, id, names, func(u *User) error {
		if err := s.users.Holds(op, u, change.If); err != nil {
			return err
		}
		return s.users.Apply(op, u, change)
	})
	if got == nil {
		return core.User{}, s.border.Error(op, err)
	}
	return s.users.Neutral(got), s.border.Error(op, err)
}

// unchanged handles a change that names no field.
func (s *Store) unchanged(ctx context.Context, id string, if_ core.Precondition) (core.User, error) {
	u, err := s.get(ctx, core.OpUpdateUser, id)
	if err != nil {
		return core.User{}, err
	}
	if err := s.users.Holds(core.OpUpdateUser, u, if_); err != nil {
		return core.User{}, err
	}
	return s.users.Neutral(u), nil
}

// DeleteUser implements core.UserStore where the Dialect has a route for it
// (Routes.DeleteUser), and is unsupported else: see Users.Delete.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	if !s.c.has(opDeleteUser) {
		return s.border.Unsupported(core.OpDeleteUser, whyNoRoute)
	}
	return s.border.Error(core.OpDeleteUser, s.c.Users.Delete(ctx, id))
}
