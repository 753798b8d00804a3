package lucs

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Create makes a user and returns it. SipUri is required; traits, profiles and
// organization units are named by their paths and must exist, and without Roles,
// Traits and Profiles the user will not be selected: see User.Warnings. What the
// server computes (Id, IsSelectable, IsBlockedByLuwareApi, the reasons, the
// presence) is not sent. What the answer leaves out is returned as it was sent.
//
// It is sent again only after an answer that certainly refused it; an error with
// core.AppliedUnknown means that the user may exist. A taken SipUri is
// core.ErrConflict or core.ErrInvalid, whichever the server answers.
//
// An answer that does not show the user is looked behind, for ClientOptions.ReadBack:
// a user who then does not show what was sent comes beside core.ErrNotApplied. One
// whose id the server does not name is core.ErrProtocol; see Dialect.CreateNamesNoID.
// It takes one request, and a search of the services where the answer does not show
// the user.
func (u *Users) Create(ctx context.Context, user User) (*User, error) {
	sip, err := parseSIP(string(user.SipUri))
	if err != nil {
		return nil, core.Invalid(vendor, opCreateUser.Name, "SipUri "+err.Error())
	}
	user.SipUri = sip
	sent := user.writable(u.c.dialect.PresenceNames)
	n := &newcomer{c: u.c, sent: &sent}

	// Without an id, a new user can be recognised only if it did not exist before.
	if u.c.dialect.CreateNamesNoID {
		switch there, err := u.c.findBySIP(ctx, sip); {
		case err != nil:
			return nil, err
		case there != nil:
			return nil, &core.Error{Vendor: vendor, Op: opCreateUser.Name, Class: core.ClassConflict, Applied: core.AppliedNo,
				Message: "a service already shows a user with this SipUri; nothing was sent"}
		}
		n.wasAbsent = true
	}

	err = u.c.readBack(opCreateUser.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: opCreateUser.Name, Write: n.create, Shows: n.shows, Was: !n.wasAbsent, What: n.state,
	})
	if n.user == nil {
		return nil, uncertain(err, lookForSIP)
	}

	u.c.received(n.user)
	return n.user, err
}

// newcomer is a user being created.
type newcomer struct {
	c         *Client
	sent      *User
	wasAbsent bool // searched for before, and not found

	id    string
	user  *User // as sent, overlaid with what the server shows
	unmet []string
}

// create sends the user. The answer tells where it shows all that was sent.
func (n *newcomer) create(ctx context.Context) (told bool, err error) {
	call, err := n.c.call(opCreateUser)
	if err != nil {
		return false, err
	}
	var answer answered
	setBody(&call, n.sent)
	call.Out, call.EmptyOK, call.Check = &answer, true, refusal
	if err := n.c.do(ctx, call); err != nil {
		return false, err
	}

	got, foreign := answer.made(n.sent.SipUri)
	switch {
	case foreign:
		return false, nonsense(opCreateUser, core.AppliedUnknown, "the answer is about another user")
	case got == nil || got.ID == "":
		if n.wasAbsent {
			return false, nil
		}
		return false, nonsense(opCreateUser, core.AppliedUnknown, "the answer names no id")
	}

	n.id = got.ID
	shown, err := n.compare(got)
	return shown && got.SipUri != "" && showsAllOf(n.sent, got), err
}

// compare records what the server shows of the user, and reports whether it is as sent.
func (n *newcomer) compare(got *User) (shown bool, err error) {
	if n.user, err = laidOver(n.sent, got); err != nil {
		return false, err
	}
	n.unmet = unmetAtFirst(n.sent, got)
	return len(n.unmet) == 0, nil
}

// shows looks for the user: by its id, or by its address if it did not exist before.
func (n *newcomer) shows(ctx context.Context) (bool, error) {
	got, err := (*User)(nil), error(nil)
	if n.id != "" {
		got, err = n.c.findAgain(ctx, opCreateUser.Name, n.id)
	} else {
		got, err = n.c.findBySIP(ctx, n.sent.SipUri)
	}

	if errors.Is(err, core.ErrNotFound) {
		got, err = nil, nil // it may show later
	}
	if err != nil || got == nil {
		return false, err
	}
	return n.compare(got)
}

func (n *newcomer) state() string {
	if len(n.unmet) == 0 {
		return "no service that the key sees shows the user: a key sees its organization units only, and a user without the traits and " +
			"profiles that a service asks for is in none"
	}
	return "the user does not show what was sent: " + strings.Join(n.unmet, ", ")
}

const lookForSIP = "look for its SipUri among the users of the services"

// Replace puts the whole user, where the server has a route for it
// (Routes.ReplaceUser); else it is core.ErrUnsupported. What is left out is
// presumably deleted: use Modify to change some fields. A user without one of the
// lists (Traits, Profiles, Roles), be it empty, is core.ErrIncomplete and not sent.
// Nothing guards it against others who change the same user. Repeating it is safe.
//
// It takes one request, and does not look what came of it, but where the answer does
// not show the user.
func (u *Users) Replace(ctx context.Context, user User) (*User, error) {
	got, err := u.replace(ctx, &user)
	if err != nil {
		return nil, err
	}
	if got == nil || len(got.lacking()) > 0 {
		if got, err = u.c.find(ctx, opReplaceUser.Name, user.ID); err != nil {
			return nil, evidence.Unseen(vendor, opReplaceUser.Name, err)
		}
	}
	return got, nil
}

// replace returns what the answer shows of the user, nil if it shows nothing.
func (u *Users) replace(ctx context.Context, user *User) (*User, error) {
	call, err := u.ask(opReplaceUser, user.ID)
	if err != nil {
		return nil, err
	}
	sip, err := parseSIP(string(user.SipUri))
	if err != nil {
		return nil, core.Invalid(vendor, opReplaceUser.Name, "SipUri "+err.Error())
	}

	user.SipUri = sip
	if names := user.lacking(); len(names) > 0 {
		return nil, &core.Error{Vendor: vendor, Op: opReplaceUser.Name, Class: core.ClassIncomplete, Applied: core.AppliedNo,
			Message: "the user was not read completely, and replacing it would delete its " + strings.Join(names, ", "),
			Hint:    "give their new values, or set a route in the Dialect that shows them (Routes.User)"}
	}

	var answer answered
	setBody(&call, user)
	call.Out, call.EmptyOK, call.Check = &answer, true, refusal
	if err := u.c.do(ctx, call); err != nil {
		return nil, err
	}

	got, err := answer.of(opReplaceUser, user.ID, core.AppliedUnknown)
	if got != nil {
		u.c.received(got)
	}
	return got, err
}

// Modify reads a user, lets change work on it, and replaces it, with all fields
// this package does not know as they were. A list that the server did not show, and
// that change leaves so, is core.ErrIncomplete: see Replace. The server has no
// revisions: changes made through this Client wait for each other, those of others
// are not seen. What this Client wrote shortly before is kept, also where the read
// does not show it yet.
//
// A change that does not show is looked for, for ClientOptions.ReadBack, and is then
// core.ErrNotApplied. It takes a search of the user, which is one request where its
// service is remembered, and one for the replacement.
func (u *Users) Modify(ctx context.Context, id string, change func(*User) error) (*User, error) {
	return u.modify(ctx, id, nil, change)
}

// modify is Modify for a change that names some fields, which must show.
func (u *Users) modify(ctx context.Context, id string, named []string, change func(*User) error) (*User, error) {
	op := opReplaceUser.Name
	if _, err := u.ask(opReplaceUser, id); err != nil {
		return nil, err
	}
	unlock, err := u.c.lock(ctx, op, id)
	if err != nil {
		return nil, err
	}
	defer unlock()

	was, err := u.c.find(ctx, op, id)
	if err != nil {
		return nil, err
	}
	if err := u.c.written.Refresh(idKey(id), was); err != nil {
		return nil, nonsense(opReplaceUser, core.AppliedNo, "the user cannot be read: "+err.Error())
	}

	sent := was.clone()
	if err := change(sent); err != nil {
		return nil, err
	}

	changed := evidence.Changed(wire.Members(was), wire.Members(sent))
	names := append(slices.Clone(named), changed...)
	var last *User
	var lacks []string
	shows := func(got *User) bool {
		last, lacks = got, unmet(changeRules, names, was, sent, got)
		return len(lacks) == 0
	}
	err = u.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op, Was: len(changed) == 0,
		Write: func(ctx context.Context) (told bool, err error) {
			got, err := u.replace(ctx, sent)
			if err != nil {
				return false, err
			}
			u.c.written.Wrote(idKey(id), was, sent)
			return got != nil && got.ID != "" && len(got.lacking()) == 0 && showsAll(names, sent, got) && shows(got), nil
		},
		Shows: func(ctx context.Context) (bool, error) {
			got, err := u.c.findAgain(ctx, op, id)
			return err == nil && shows(got), err
		},
		What: func() string { return "the user does not show " + strings.Join(lacks, ", ") },
	})
	return last, err
}

// Delete removes a user, where the server has a route for it (Routes.DeleteUser);
// else it is core.ErrUnsupported. A user that is gone is core.ErrNotFound, unless
// an earlier attempt of this call may have removed it.
//
// One that still shows after the server accepted the deletion is looked for again, for
// ClientOptions.ReadBack, and is then core.ErrNotApplied. It takes one request, and a
// search of the services or, where there is a route (Routes.User), one more.
func (u *Users) Delete(ctx context.Context, id string) error {
	call, err := u.ask(opDeleteUser, id)
	if err != nil {
		return err
	}
	call.GoneIsDone, call.Check = true, refusal

	err = u.c.readBack(opDeleteUser.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: opDeleteUser.Name,
		Was: !u.c.has(opGetUser), // a user who is in no service may never have been in one
		Write: func(ctx context.Context) (told bool, err error) {
			res, err := u.c.rest.Do(ctx, call)
			return err == nil && res.Gone, advise(err)
		},
		Shows: func(ctx context.Context) (bool, error) {
			_, err := u.c.find(ctx, opDeleteUser.Name, id)
			if errors.Is(err, core.ErrNotFound) {
				return true, nil
			}
			return false, err
		},
		What: func() string { return "the user is still there" },
	})
	if err != nil {
		return err
	}

	u.c.homes.forget(id)
	u.c.written.Forget(idKey(id))
	return nil
}

// readBack says how long to look for changes that do not show yet.
func (c *Client) readBack(op string) evidence.ReadBack {
	return evidence.ReadBackOf(op, c.options.ReadBack, c.rest)
}
