package lucs

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Store speaks for one installation in the words of package core.
type Store struct{ c *Client }

var _ core.Store = (*Store)(nil)

// Store returns the adapter to package core. It shares everything with the Client.
func (c *Client) Store() *Store { return &Store{c} }

// Close is Client.Close.
func (s *Store) Close(ctx context.Context) error { return s.c.Close(ctx) }

// Capabilities says what this client offers: what nothing is documented of depends
// on the routes in its Dialect.
func (s *Store) Capabilities() core.Capabilities {
	caps := Capabilities()
	ops := caps.Operations
	if s.c.has(opListUsers) {
		ops[core.OpListUsers] = core.Capability{Support: core.Native}
	}
	if s.c.has(opGetUser) {
		ops[core.OpGetUser] = core.Capability{Support: core.Native}
	}
	if s.c.has(opReplaceUser) {
		ops[core.OpUpdateUser] = core.Capability{Support: core.Emulated,
			Note: "by the configured route: read, change, write the whole user back; nothing guards it against others"}
	}
	if s.c.has(opDeleteUser) {
		ops[core.OpDeleteUser] = core.Capability{Support: core.Native, Note: "by the configured route"}
	}
	return caps
}

const (
	howWalk   = "LUCS lists users by service only: one request a service, one after the other, merged by id; users in no service that the key sees are missing"
	howSearch = "looked for in one service after the other, up to the first that holds the user; where it was is remembered"
)

// Capabilities says what LUCS offers without further routes: users to be created,
// read through the services, blocked, and given a presence.
func Capabilities() core.Capabilities {
	native := core.Capability{Support: core.Native}
	emulated := func(how string) core.Capability { return core.Capability{Support: core.Emulated, Note: how} }
	none := func(why string) core.Capability { return core.Capability{Support: core.NotOffered, Note: why} }
	return core.Capabilities{
		Vendor: vendor,
		Operations: map[core.Operation]core.Capability{
			core.OpListUsers:  emulated(howWalk),
			core.OpGetUser:    emulated(howSearch),
			core.OpCreateUser: native,
			core.OpUpdateUser: none(whyNoRoute), core.OpDeleteUser: none(whyNoRoute),
			core.OpSettle:       none("changes are in effect when they are answered, or looked for until they show"),
			core.OpListByTarget: native,
			core.OpListByUser:   emulated("every service is asked for its users"),
			core.OpAssign:       none(whyAssign), core.OpUnassign: none(whyAssign),
			core.OpSuspend: none(whySuspend), core.OpResume: none(whySuspend),
			core.OpPresence:    {Support: core.Native, Note: "fields of the user, " + howSearch},
			core.OpSetPresence: native, core.OpBlock: native, core.OpUnblock: native,
		},
		Kinds: []core.KindCapability{{Kind: core.KindQueue, ReadOnly: true}},
	}
}

// ListUsers walks the users of all services that the key sees, each once, and ends
// with core.ErrIncomplete where a service cannot be read. A login is compared
// here, as the vendor compares it: case does not count.
func (s *Store) ListUsers(ctx context.Context, q core.UserQuery) iter.Seq2[core.User, error] {
	return func(yield func(core.User, error) bool) {
		if q.Email != "" {
			yield(core.User{}, core.Unsupported(vendor, opListUsers.Name, whyEmail))
			return
		}
		keep := func(u *User) bool { return q.Login == "" || u.SipUri.Same(SIPURI(q.Login)) }
		for u, err := range s.users(ctx, keep) {
			if err != nil {
				yield(core.User{}, err)
				return
			}
			if !yield(neutral(&u), nil) {
				return
			}
		}
	}
}

// users walks all users to be kept, each once. Not every service need show all of a
// user, so that one is known again only when it was kept.
func (s *Store) users(ctx context.Context, keep func(*User) bool) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		seen := map[string]struct{}{}
		for u, err := range s.everyone(ctx) {
			if err == nil {
				key := idKey(u.ID)
				if _, again := seen[key]; again || !keep(&u) {
					continue
				}
				seen[key] = struct{}{}
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// everyone walks all users, some of them several times.
func (s *Store) everyone(ctx context.Context) iter.Seq2[User, error] {
	if s.c.has(opListUsers) {
		return s.c.Users.List(ctx)
	}
	return func(yield func(User, error) bool) {
		for m, err := range s.c.members(ctx) {
			if !yield(m.user, err) {
				return
			}
		}
	}
}

// GetUser implements core.UserStore. That a user is not found means that no
// service which the key sees holds it. A service that cannot be read hides nobody in
// the others: its error comes where none of them holds the user.
func (s *Store) GetUser(ctx context.Context, id string) (core.User, error) {
	u, err := s.get(ctx, opGetUser.Name, id)
	if err != nil {
		return core.User{}, err
	}
	return neutral(u), nil
}

func (s *Store) get(ctx context.Context, op, id string) (*User, error) {
	if err := checkGUID(op, "the user", id); err != nil {
		return nil, err
	}
	return s.c.find(ctx, op, id)
}

const (
	whyNames    = "names come from the directory, by the user's SIP URI; LUCS does not set them"
	whyEmail    = "a LUCS user has no e-mail address, but a SIP URI, which is its login"
	whyEnabled  = "LUCS has no such state: whether work reaches a user is its block, its presence and its profile"
	whyRoles    = "a LUCS role goes with an organization unit and a permission: give the vendor field Roles, a list of {OrganizationUnit, Role, Permission}"
	whyPassword = "users log in with their Windows account"
)

// CreateUser implements core.UserStore. The login is the SIP URI with its scheme,
// and required; what makes an agent of the user are the vendor fields
// CurrentProfile, DefaultProfile, Profiles, Traits and Roles. Names come from the
// directory. What is left out is the server's choice. It is not safe to repeat after
// an error with core.AppliedUnknown: see Users.Create, which also tells the errors.
func (s *Store) CreateUser(ctx context.Context, spec core.UserSpec) (core.User, error) {
	op := opCreateUser.Name
	switch {
	case spec.FirstName != "" || spec.LastName != "" || spec.DisplayName != "":
		return core.User{}, core.Unsupported(vendor, op, whyNames)
	case spec.Email != "":
		return core.User{}, core.Unsupported(vendor, op, whyEmail)
	case !spec.Enabled.IsZero():
		return core.User{}, core.Unsupported(vendor, op, whyEnabled)
	case len(spec.Roles) > 0:
		return core.User{}, core.Unsupported(vendor, op, whyRoles)
	case !spec.Password.IsZero():
		return core.User{}, core.Unsupported(vendor, op, whyPassword)
	}
	if err := s.checkFields(op, spec.Change()); err != nil {
		return core.User{}, err
	}
	u := User{SipUri: SIPURI(spec.Login)}
	if err := setFields(op, &u, spec.Fields); err != nil {
		return core.User{}, err
	}
	made, err := s.c.Users.Create(ctx, u)
	if made == nil {
		return core.User{}, err
	}
	return neutral(made), err
}

// UpdateUser implements core.UserStore where the Dialect has a route for it
// (Routes.ReplaceUser), and is unsupported else. All that the change does not name
// is written back as it was read; Traits, Profiles or Roles that could not be read
// and are not named are core.ErrIncomplete. What is cleared is sent as null; to clear
// a field that neither this package nor the user knows is core.ErrInvalid. Where the
// user then does not show the change the error is core.ErrNotApplied. Repeating it is
// safe, but for changes that others have made meanwhile: the server has no revisions.
func (s *Store) UpdateUser(ctx context.Context, id string, change core.UserChange) (core.User, error) {
	op := opReplaceUser.Name
	if !s.c.has(opReplaceUser) {
		return core.User{}, core.Unsupported(vendor, op, whyNoRoute)
	}
	if err := checkGUID(op, "the user", id); err != nil {
		return core.User{}, err
	}
	if err := s.checkChange(op, change); err != nil {
		return core.User{}, err
	}
	if len(change.Fields) == 0 && change.Login.IsZero() {
		return s.GetUser(ctx, id)
	}
	var sent User
	got, err := s.c.Users.Modify(ctx, id, func(u *User) error {
		if login, ok := change.Login.Get(); ok {
			u.SipUri = SIPURI(login)
		}
		for name, v := range change.Fields {
			if _, known := wireName(u, name); wire.Clears(v) && !known {
				return core.Invalid(vendor, op, "the user has no field "+name+" to be cleared")
			}
		}
		if err := setFields(op, u, change.Fields); err != nil {
			return err
		}
		sent = *u
		return nil
	})
	if err != nil {
		return core.User{}, err
	}
	return neutral(got), notApplied(op, &sent, got, change)
}

func (s *Store) checkChange(op string, change core.UserChange) error {
	switch {
	case !change.FirstName.IsZero(), !change.LastName.IsZero(), !change.DisplayName.IsZero():
		return core.Unsupported(vendor, op, whyNames)
	case !change.Email.IsZero():
		return core.Unsupported(vendor, op, whyEmail)
	case !change.Enabled.IsZero():
		return core.Unsupported(vendor, op, whyEnabled)
	case !change.Roles.IsZero():
		return core.Unsupported(vendor, op, whyRoles)
	case !change.Password.IsZero():
		return core.Unsupported(vendor, op, whyPassword)
	case change.Login.IsClear(), change.Login.IsSet() && change.Login.Or("") == "":
		return core.Invalid(vendor, op, "SipUri is required and cannot be cleared")
	}
	if login, ok := change.Login.Get(); ok {
		if _, err := parseSIP(login); err != nil {
			return core.Invalid(vendor, op, "SipUri "+err.Error())
		}
	}
	return s.checkFields(op, change)
}

// checkFields refuses vendor fields that only the server sets, and the clearing of
// the one that is required.
func (s *Store) checkFields(op string, change core.UserChange) error {
	if err := rest.CheckText(vendor, op, change); err != nil {
		return err
	}
	for name, v := range change.Fields {
		if wire.Keeps(v) {
			continue
		}
		is := func(other string) bool { return strings.EqualFold(name, other) }
		switch {
		case is("IsBlockedByLuwareApi"):
			return core.Invalid(vendor, op, name+" is changed by block and unblock")
		case slices.ContainsFunc(s.c.dialect.PresenceNames, is):
			return core.Invalid(vendor, op, name+" is changed by setting the presence")
		case slices.ContainsFunc(computed, is):
			return core.Invalid(vendor, op, name+" is set by the server alone")
		case is("SipUri") && !change.Login.IsZero():
			return rest.NamedTwice(vendor, op, change.Fields, map[string]bool{name: true})
		case is("SipUri") && wire.Cleared(v):
			return core.Invalid(vendor, op, "SipUri is required and cannot be cleared")
		}
	}
	return nil
}

// wireName returns the name of a field as this package or the user has it, in any
// case.
func wireName(u *User, name string) (right string, known bool) {
	if right = namesOfUser[strings.ToLower(name)]; right != "" {
		return right, true
	}
	for own := range u.Extra {
		if strings.EqualFold(own, name) {
			return own, true
		}
	}
	return name, false
}

// setFields lays vendor fields, by their wire name and checked, over a user. One
// that is cleared becomes null, as the vendor writes what is unset: what is left out
// may stay. A known field of another kind is the caller's mistake here, and not the
// server's way.
func setFields(op string, u *User, fields map[string]any) error {
	if len(fields) == 0 {
		return nil
	}
	spelt := make(map[string]any, len(fields))
	for name, v := range fields {
		name, _ = wireName(u, name)
		if wire.Clears(v) {
			v = nil
		}
		spelt[name] = v
	}
	presence, extra := u.Presence, u.Extra // of which the first has no wire name
	if err := wire.Overlay(u, spelt); err != nil {
		return core.Invalid(vendor, op, "a field does not fit a user: "+err.Error())
	}
	u.Presence = presence
	for name := range u.Extra {
		if right := namesOfUser[strings.ToLower(name)]; right != "" && extra[name] == nil && string(u.Extra[name]) != "null" {
			return core.Invalid(vendor, op, "the field "+right+" does not fit a user: it is of another kind")
		}
	}
	return nil
}

// notApplied compares what was sent with what the user then is, in the fields that
// the change names.
func notApplied(op string, sent, got *User, change core.UserChange) error {
	unmet := unmetOf(sent, got, slices.Collect(maps.Keys(change.Fields)), holds)
	if change.Login.IsSet() && !sent.SipUri.Same(got.SipUri) {
		unmet = append(unmet, "SipUri")
	}
	if len(unmet) == 0 {
		return nil
	}
	slices.Sort(unmet)
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotApplied, Status: http.StatusOK, Applied: core.AppliedUnknown,
		Message: "the server accepted the change and the user does not show it: " + strings.Join(unmet, ", "),
		Hint:    "read the user to see what it holds now"}
}

// unmetOf names the fields that were sent and that the user, as holds judges, shows
// otherwise. One that the server does not show says nothing.
func unmetOf(sent, got *User, names []string, holds func(shown, sent any) bool) (unmet []string) {
	want, is := wire.Members(sent), wire.Members(got)
	for _, name := range names {
		w, asked := lookUp(want, name)
		g, shown := lookUp(is, name)
		if asked && shown && !holds(wire.Value(g), wire.Value(w)) && !strings.EqualFold(name, "SipUri") {
			unmet = append(unmet, name)
		}
	}
	slices.Sort(unmet)
	return unmet
}

// holds reports whether a value that the server shows is the one that was sent, as
// this vendor writes it: null and empty are one, the order of a list says nothing,
// texts differ in case, and an object may have more members than were sent.
func holds(shown, sent any) bool { return alike(shown, sent, false) }

// holdsAtLeast is holds for a user that is new: the server may have added to a list,
// a profile of being off duty for example.
func holdsAtLeast(shown, sent any) bool { return alike(shown, sent, true) }

func alike(shown, sent any, more bool) bool {
	if wire.Empty(sent) {
		_, list := shown.([]any)
		return wire.Empty(shown) || list && more
	}
	switch sent := sent.(type) {
	case map[string]any:
		shown, ok := shown.(map[string]any)
		for name, v := range sent {
			ok = ok && alike(shown[name], v, more)
		}
		return ok
	case []any:
		left, ok := shown.([]any)
		left = slices.Clone(left)
		for _, v := range sent {
			i := slices.IndexFunc(left, func(one any) bool { return alike(one, v, more) })
			if i < 0 {
				return false
			}
			left = slices.Delete(left, i, i+1)
		}
		return ok && (more || len(left) == 0)
	case string:
		shown, ok := shown.(string)
		return ok && strings.EqualFold(strings.TrimSpace(shown), strings.TrimSpace(sent))
	}
	return shown == sent || wire.SameNumber(shown, sent)
}

// DeleteUser implements core.UserStore where the Dialect has a route for it
// (Routes.DeleteUser), and is unsupported else: see Users.Delete.
func (s *Store) DeleteUser(ctx context.Context, id string) error { return s.c.Users.Delete(ctx, id) }

// neutral puts a user into the words of package core.
func neutral(u *User) core.User {
	return core.User{Vendor: vendor, ID: canonical(u.ID), Login: string(u.SipUri), Native: u}
}
