package avaya

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// Store speaks for one account in the words of package core.
type Store struct {
	border adapter.Border
	c      *Client
	users  adapter.Users[User]
}

var (
	_ core.Store          = (*Store)(nil)
	_ core.BatchSettler   = (*Store)(nil)
	_ core.GuardedDeleter = (*Store)(nil)
	_ core.Leaver         = (*Store)(nil)
)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store {
	b := adapter.Border{Vendor: vendor, Account: c.options.Account, Base: c.base, Customer: c.accountID, Pace: c.rest.Governor()}
	return &Store{border: b, c: c, users: usersOf(b)}
}

// Fingerprint names the vendor, the origin and the account there, and no credential.
func (s *Store) Fingerprint() string { return s.border.Fingerprint() }

// Governor is what paces the client's requests.
func (s *Store) Governor() core.Governor { return s.border.Governor() }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// Capabilities says what Avaya offers.
func (s *Store) Capabilities() core.Capabilities { return Capabilities() }

// Capabilities says what Avaya offers: users and their assignments, and no
// presence at all.
func Capabilities() core.Capabilities {
	const admin = "Account Administrator"
	native := func(cost core.Cost) core.Capability {
		c := storekit.Offers(admin)
		c.Cost = cost
		return c
	}
	emulated := func(how string, cost core.Cost) core.Capability {
		c := storekit.Emulates(how, admin)
		c.Cost = cost
		return c
	}
	pages := core.Cost{Call: 1, Page: maxPage}
	lists := native(core.Cost{Call: 1, Page: maxPage, Walks: true})
	lists.Total = true
	everybody := emulated("one walk over the users", pages)
	everybody.Via = core.OpListUsers
	// One read, one of the profile, one write and one look per user, and one poll for 50.
	replace := emulated("a field of the user: read, change, full replacement, wait until it is in effect",
		core.Cost{Call: 1, User: 4, Batch: perCall})

	return core.Capabilities{
		Vendor: vendor,
		Operations: storekit.InBucket("api", map[core.Operation]core.Capability{
			core.OpListUsers: lists, core.OpGetUser: native(core.Cost{Call: 1}),
			core.OpCreateUser: native(core.Cost{Call: 1}), core.OpDeleteUser: native(core.Cost{Call: 2}),
			core.OpUpdateUser: emulated("the vendor only replaces whole users: read, change, write back, one writer at a time",
				core.Cost{Call: 3}),
			core.OpSettle:       native(core.Cost{Call: 2}),
			core.OpListTargets:  native(core.Cost{Call: 4, Page: matchPage}),
			core.OpListAll:      everybody,
			core.OpListByUser:   native(core.Cost{Call: 1}),
			core.OpListByTarget: emulated("groups by their member list, all other targets by one walk over the users", pages),
			core.OpAssign:       replace, core.OpUnassign: replace,
			core.OpSuspend: storekit.Lacks(whySuspend), core.OpResume: storekit.Lacks(whySuspend),
			core.OpPresence: storekit.Lacks(whyPresence), core.OpSetPresence: storekit.Lacks(whyPresence),
			core.OpBlock: storekit.Lacks(whyBlock), core.OpUnblock: storekit.Lacks(whyBlock), core.OpLiftBlocks: storekit.Lacks(whyBlock),
		}),
		Kinds: []core.KindCapability{
			{Kind: core.KindQueue, Level: "proficiency 1..16, 1 is the best, 8 where none is given", Levels: &levels},
			{Kind: core.KindSkill},
			{Kind: core.KindGroup},
			{Kind: core.KindManagedGroup},
			{Kind: core.KindProfile, Single: true},
		},
		Fields: fields.Capabilities(),
	}
}

// ListUsers walks the users. A login or e-mail is looked for with the vendor's filter,
// as it is written and in lower case. Whether case counts in the filter is not
// documented: where it finds nobody, all users are walked.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return adapter.Walk(s.border, core.OpListUsers, func(yield func(core.User, error) bool) {
		for _, filter := range filters(q) {
			found := false
			for u, err := range s.c.Users.List(ctx, UserListOptions{Filter: filter}) {
				switch {
				case err != nil:
					yield(core.User{}, err)
					return
				case !adapter.Matches(q, u.LoginID, u.EmailID.Or("")):
					continue
				}
				found = true
				if !yield(s.users.Neutral(&u), nil) {
					return
				}
			}
			if found {
				return
			}
		}
	})
}

// filters are the filters to find a user with, in the order in which to try them. The last
// one is empty.
func filters(q core.UserQuery) []Filter {
	field, value := "loginId", strings.TrimSpace(q.Login)
	if value == "" {
		field, value = "emailId", strings.TrimSpace(q.Email)
	}
	var out []Filter
	if f := Equals(field, value); value != "" && len(f) <= maxFilter {
		out = append(out, f)
		if lower := Equals(field, strings.ToLower(value)); lower != f && len(lower) <= maxFilter {
			out = append(out, lower)
		}
	}
	return append(out, "")
}

// GetUser implements core.UserStore. A user that this client has just created and that
// does not show yet is looked for again.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	u, err := s.c.Users.get(ctx, id)
	if err != nil {
		return core.User{}, s.border.Error(core.OpGetUser, err)
	}
	return s.users.Neutral(u), nil
}

// CreateUser implements core.UserStore. Required: login, first and last name.
// The organization node is the account unless Fields names another. Assignments go
// with the creation. It returns when the vendor has accepted the user; see Settle.
//
// Cost: one request, and looks at the user only where the answer is not the documented
// one.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	const op = core.OpCreateUser
	if err := s.users.CheckCreate(spec); err != nil {
		return core.User{}, err
	}
	u := &User{OrganizationNodeID: s.c.accountID}
	if err := s.users.Apply(op, u, spec.Change()); err != nil {
		return core.User{}, err
	}

	if err := s.addLinks(op, u, spec.Links); err != nil {
		return core.User{}, err
	}

	made, err := s.create(ctx, u)
	if made == nil {
		return core.User{}, s.border.Error(op, err)
	}
	return s.users.Neutral(made), s.border.Error(op, err)
}

// create creates a user and reads it back if the answer does not show it. Beside an
// error it returns the user that exists but is not as it was asked for.
func (s *Store) create(ctx context.Context, u *User) (made *User, err error) {
	const op = core.OpCreateUser
	want := ask(nil, nil, u)
	exists := false
	var unmet []string
	err = s.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: string(op),
		Was: true, // after a senseless answer, an older user with that login proves nothing
		Write: func(ctx context.Context) (told bool, err error) {
			made, told, err = s.c.Users.create(ctx, *u)
			exists = made != nil && made.LoginID != ""
			return told, err
		},
		Shows: func(ctx context.Context) (bool, error) {
			is, err := s.c.Users.Get(ctx, made.UserID)
			if errors.Is(err, core.ErrNotFound) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
			if !evidence.SameLogin(is.LoginID, u.LoginID) { // another look cannot change that
				return false, &core.Error{Class: core.ClassConflict, Applied: core.AppliedUnknown,
					Message: "the vendor returned the id of a user with another login"}
			}
			made, exists = is, true
			unmet = want.now().unmet(is)
			return len(unmet) == 0, nil
		},
		What: func() string { return doesNotShow(unmet) },
	})

	e, ok := errors.AsType[*core.Error](err)
	switch {
	case ok && e.Class == core.ClassConflict && made != nil:
		e.Class, e.Err, e.Hint = core.ClassProtocol, nil, "look for the login to see whether the user was created"
		return nil, e
	case ok && exists && e.Applied == core.AppliedUnknown:
		e.Applied, e.Doubt = core.AppliedYes, "" // the user exists, but is not as asked for
	}
	return made, err
}

// doesNotShow says what a user does not show; without names, that it does not show at all.
func doesNotShow(names []string) string {
	if len(names) == 0 {
		return "the user does not show"
	}
	return "the user does not show " + strings.Join(names, ", ")
}

// UpdateUser implements core.UserStore. It returns when the vendor has accepted
// the change; see Settle. Roles and features are carried out later.
//
// Cost: a read, one of the profile where the user has one, and the write; looks at
// the user only where the answer is not the documented one.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	if err := s.users.CheckChange(change); err != nil {
		return core.User{}, err
	}
	u, err := s.update(ctx, id, change)
	if err != nil {
		return core.User{}, s.border.Error(core.OpUpdateUser, err)
	}
	return s.users.Neutral(u), nil
}

func (s *Store) update(ctx context.Context, id string, change core.UserChange) (shown *User, err error) {
	const op = core.OpUpdateUser
	unlock, err := s.c.Users.lock(ctx, id)
	if err != nil {
		return nil, err
	}
	defer unlock()

	user, err := s.c.Users.read(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.users.Holds(op, user.User, change.If); err != nil {
		return nil, err
	}
	if s.users.Keeps(change) {
		return user.was, nil
	}

	if err := s.users.Apply(op, user.User, change); err != nil {
		return nil, err
	}

	names := s.users.Names(change)
	if change.Password.IsSet() {
		names = append(names, "password")
	}
	want := ask(names, user.was, user.User)
	answered := false
	var unmet []string
	err = s.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: string(op), Was: len(want.unmet(user.was)) == 0,
		Write: func(ctx context.Context) (bool, error) {
			p, err := s.c.Users.put(ctx, user, names)
			shown, answered = p.user, err == nil
			return p.told, err
		},
		Shows: func(ctx context.Context) (bool, error) {
			is, err := s.c.Users.Get(ctx, id)
			if err != nil {
				return false, err
			}
			shown = is
			if unmet = want.unmet(is); answered {
				unmet = want.now().unmet(is) // the rest may take effect later
			}
			return len(unmet) == 0, nil
		},
		What: func() string { return doesNotShow(unmet) },
	})
	return shown, err
}

// DeleteUser implements core.UserStore. It reads the user first, because Avaya
// may accept the removal of a user that never was. It returns when the vendor
// has accepted the removal; see Settle.
//
// Cost: a read and the removal; looks at the user only where the answer is not the
// documented one.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	return s.DeleteUserIf(ctx, id, core.Precondition{})
}

// DeleteUserIf implements core.GuardedDeleter: the read that DeleteUser does anyway tells
// whether the precondition holds.
func (s *Store) DeleteUserIf(ctx context.Context, id string, only core.Precondition) error {
	const op = core.OpDeleteUser
	u, err := s.c.Users.get(ctx, id)
	if err != nil {
		return s.border.Error(op, err)
	}

	if err := s.users.Holds(op, u, only); err != nil {
		return s.border.Error(op, err)
	}
	err = s.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: string(op),
		Write: func(ctx context.Context) (bool, error) { return true, s.c.Users.Delete(ctx, id) },
		Shows: func(ctx context.Context) (bool, error) { return s.leaves(ctx, id) },
		What:  func() string { return "the user is still there" },
	})
	return s.border.Error(op, err)
}

// leaves reports whether a user is gone or being deleted.
func (s *Store) leaves(ctx context.Context, id string) (bool, error) {
	_, err := s.c.Users.Get(ctx, id)
	if errors.Is(err, core.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return s.Leaves(ctx, id)
}

// Leaves implements core.Leaver. It takes one request.
func (s *Store) Leaves(ctx context.Context, id string) (bool, error) {
	statuses, err := listStatuses[UserStatus](ctx, s.c, opUserStatuses, "userIds", []string{id})
	for _, st := range statuses {
		if sameID(st.UserID, id) && strings.EqualFold(st.Action, http.MethodDelete) && !st.Status.failed() {
			return true, nil
		}
	}
	return false, s.border.Error(core.OpGetUser, err)
}

// Settle implements core.Settler. See Users.Settle.
func (s *Store) Settle(ctx context.Context, userID string, opts ...core.SettleOption) (core.Settlement, error) {
	end, err := s.c.Users.Settle(ctx, userID, opts...)
	return end, s.border.Error(core.OpSettle, err)
}

// SettleAll implements core.BatchSettler: it waits for many users together. One
// request asks for the progress of 50. It yields each user's end as it comes and each
// once, with the error that Settle would return.
func (s *Store) SettleAll(ctx context.Context, userIDs []string, opts ...core.SettleOption) iter.Seq2[core.Settlement, error] {
	return func(yield func(core.Settlement, error) bool) {
		for end, err := range s.c.settleMany(ctx, userSettling, userIDs, opts) {
			if !yield(end, s.border.Error(core.OpSettle, err)) { // the error concerns one user only
				return
			}
		}
	}
}
