package lucs

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

var (
	opServiceUsers = &rest.Op{Name: "Users.OfService", Method: http.MethodGet, Path: "/services/{serviceId}/users", Replay: rest.Safe, Bucket: bucketAPI}
	opCreateUser   = &rest.Op{Name: "Users.Create", Method: http.MethodPost, Path: "/users", Replay: rest.Once, Bucket: bucketAPI}
	opBlockUser    = &rest.Op{Name: "Users.Block", Method: http.MethodPost, Path: "/users/{userId}/block", Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opUnblockUser  = &rest.Op{Name: "Users.Unblock", Method: http.MethodPost, Path: "/users/{userId}/unblock", Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opSetPresence  = &rest.Op{Name: "Users.SetPresence", Method: http.MethodPost, Path: "/users/{userId}/setpresence", Replay: rest.ReplaySafe, Bucket: bucketAPI}

	// Of these nothing is documented. The paths are what they might be.
	opListUsers   = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: "/users", Replay: rest.Safe, Bucket: bucketAPI}
	opGetUser     = &rest.Op{Name: "Users.Get", Method: http.MethodGet, Path: "/users/{userId}", Replay: rest.Safe, Bucket: bucketAPI}
	opReplaceUser = &rest.Op{Name: "Users.Replace", Method: http.MethodPost, Path: "/users/{userId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opDeleteUser  = &rest.Op{Name: "Users.Delete", Method: http.MethodDelete, Path: "/users/{userId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
)

// Users is the resource of people, as on the vendor pages "Control Users" and
// "Manage Users". LUCS lists users by service only; List, Get, Replace, Modify and
// Delete need a route in the Dialect.
type Users struct{ c *Client }

// ServiceUsers narrows Users.OfService.
type ServiceUsers struct {
	// Selectable leaves out whom the system would not select now. It is asked for and
	// looked at here again, because a server may not know the parameter.
	Selectable bool
}

// OfService walks the users of a service, in one request, in memory that does not
// grow with their number. Membership follows from traits, profiles and
// organization units; there is no list to change it in. An unknown service is
// core.ErrNotFound. The walk is lazy and may be repeated; one that is cut off ends
// with core.ErrIncomplete.
func (u *Users) OfService(ctx context.Context, serviceID string, opts ServiceUsers) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		if err := checkGUID(opServiceUsers.Name, "the service", serviceID); err != nil {
			yield(User{}, err)
			return
		}
		u.ofService(ctx, serviceID, opts)(yield)
	}
}

// ofService is OfService for an id that the server itself gave.
func (u *Users) ofService(ctx context.Context, serviceID string, opts ServiceUsers) iter.Seq2[User, error] {
	ask := func(call *rest.Request) {
		if opts.Selectable {
			setQuery(call, u.c.dialect.SelectableParameter, "true")
		}
	}
	return func(yield func(User, error) bool) {
		for user, err := range u.list(ctx, opServiceUsers, ask, serviceID) {
			if err == nil && opts.Selectable && !user.IsSelectable.Or(false) {
				continue
			}
			if !yield(user, err) {
				return
			}
		}
	}
}

// List walks all users that the key may see, where the server has a route for it
// (Routes.Users); else it is core.ErrUnsupported, and Store lists users through
// the services.
func (u *Users) List(ctx context.Context) iter.Seq2[User, error] {
	return u.list(ctx, opListUsers, nil)
}

func (u *Users) list(ctx context.Context, op *rest.Op, ask func(*rest.Request), args ...string) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		for user, err := range list(ctx, u.c, op, ask, func(u *User) string { return u.ID }, args...) {
			if err == nil {
				u.c.received(&user)
			}
			if !yield(user, err) {
				return
			}
		}
	}
}

// Get returns a user, where the server has a route for it (Routes.User); else it
// is core.ErrUnsupported.
func (u *Users) Get(ctx context.Context, id string) (*User, error) {
	call, err := u.ask(opGetUser, id)
	if err != nil {
		return nil, err
	}
	var answer answered
	call.Out = &answer
	if err := u.c.do(ctx, call); err != nil {
		return nil, err
	}
	got, err := answer.of(opGetUser, id, core.AppliedNo)
	if err != nil {
		return nil, err
	}
	if got == nil {
		return nil, &core.Error{Vendor: vendor, Op: opGetUser.Name, Class: core.ClassProtocol, Status: http.StatusOK, Applied: core.AppliedNo,
			Message: "the answer holds no user"}
	}
	u.c.received(got)
	return got, nil
}

// ask begins a call about one user.
func (u *Users) ask(op *rest.Op, id string) (rest.Request, error) {
	call, err := u.c.call(op, id)
	if err != nil {
		return call, err
	}
	return call, checkGUID(op.Name, "the user", id)
}

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
// Where the answer names no id, the user is looked for by its SipUri, and who is found
// is returned: whether this call made it, or it was there before and has all that was
// sent, cannot be told. Where the user shows something else than was sent, it comes
// beside core.ErrNotApplied.
func (u *Users) Create(ctx context.Context, user User) (*User, error) {
	sip, err := parseSIP(string(user.SipUri))
	if err != nil {
		return nil, core.Invalid(vendor, opCreateUser.Name, "SipUri "+err.Error())
	}
	user.SipUri = sip
	call, err := u.c.call(opCreateUser)
	if err != nil {
		return nil, err
	}
	sent := user.writable(u.c.dialect.PresenceNames)
	var answer answered
	var said *core.Error // instead of a user
	found := false       // the user was looked for, and may be old
	setBody(&call, &sent)
	call.Out, call.EmptyOK = &answer, true
	call.Check = func(body []byte) *core.Error {
		said = refusal(body)
		return said
	}
	if err := u.c.do(ctx, call); err != nil {
		if said != nil {
			return u.c.madeWithoutID(ctx, sip, err)
		}
		return nil, uncertain(err, lookForSIP)
	}
	got, foreign := answer.made(sip)
	switch {
	case foreign:
		return nil, uncertain(&core.Error{Vendor: vendor, Op: opCreateUser.Name, Class: core.ClassProtocol, Status: http.StatusOK, Applied: core.AppliedUnknown, Attempts: 1,
			Message: "the answer is about another user"}, lookForSIP)
	case got == nil || got.ID == "":
		if got, err = u.c.madeWithoutID(ctx, sip, nil); err != nil {
			return got, err
		}
		found = true
	}
	names := slices.Collect(maps.Keys(wire.Members(&sent)))
	if shown, there := lookUp(wire.Members(got), "Roles"); there && string(shown) == "null" {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "Roles" }) // which need not be shown
	}
	unmet := unmetOf(&sent, got, names, holdsAtLeast)
	if got, err = laidOver(&sent, got); err != nil {
		return nil, err
	}
	u.c.received(got)
	if len(unmet) == 0 {
		return got, nil
	}
	e := &core.Error{Vendor: vendor, Op: opCreateUser.Name, Class: core.ClassNotApplied, Status: http.StatusOK, Attempts: 1, Applied: core.AppliedYes,
		Message: "the server answers with the user, who shows something else: " + strings.Join(unmet, ", "), Hint: "read the user to see what it holds now"}
	if found {
		e.Applied, e.Hint = core.AppliedUnknown, "it may be one that was there before"
		e.Message = "the server did not refuse the user, and the one with this SipUri shows something else: " + strings.Join(unmet, ", ")
	}
	return got, e
}

const lookForSIP = "look for its SipUri among the users of the services"

// madeWithoutID looks for a user whose creation was answered without an id, or with
// the server's words in an error. Who is found after these is not taken for new.
func (c *Client) madeWithoutID(ctx context.Context, sip SIPURI, said error) (*User, error) {
	e := &core.Error{Vendor: vendor, Op: opCreateUser.Name, Class: core.ClassProtocol, Status: http.StatusOK, Attempts: 1}
	e.Message = "the answer names no id"
	if refused, ok := errors.AsType[*core.Error](said); ok {
		e = new(*refused)
		e.Message = "the answer names no user, but says: " + e.Message
	}
	e.Applied, e.Hint = core.AppliedUnknown, "it may have been created: do not create it again before its SipUri was looked for in the WebConfigurator"
	seen, err := c.findBySIP(ctx, sip)
	switch cause, _ := errors.AsType[*core.Error](err); {
	case core.ClassOf(err) == core.ClassCanceled:
		return nil, rest.AfterWrite(err, core.AppliedUnknown, e.Message+"; looking for the user ended")
	case cause != nil:
		e.Message += "; looking for the user failed: " + cause.Words()
	case err != nil:
		return nil, err
	case seen == nil:
		e.Message += "; no service that the key sees holds the user"
	case said != nil:
		e.Message += "; a service shows a user with this SipUri, who may have been there before"
	default:
		return seen, nil
	}
	return seen, e
}

// Replace puts the whole user, where the server has a route for it
// (Routes.ReplaceUser); else it is core.ErrUnsupported. What is left out is
// presumably deleted: use Modify to change some fields. A user without one of the
// lists (Traits, Profiles, Roles), be it empty, is core.ErrIncomplete and not sent.
// Nothing guards it against others who change the same user. Repeating it is safe.
func (u *Users) Replace(ctx context.Context, user User) (*User, error) {
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
			Message: "the user was not read in full, and replacing it would delete what it holds as " + strings.Join(names, ", "),
			Hint:    "name what they are to be, or set a route in the Dialect that shows them (Routes.User)"}
	}
	var answer answered
	setBody(&call, &user)
	call.Out, call.EmptyOK = &answer, true
	if err := u.c.do(ctx, call); err != nil {
		return nil, err
	}
	got, err := answer.of(opReplaceUser, user.ID, core.AppliedUnknown)
	if err != nil {
		return nil, err
	}
	if got == nil || len(got.lacking()) > 0 {
		if got, err = u.c.find(ctx, opReplaceUser.Name, user.ID); err != nil {
			return nil, rest.AfterWrite(err, core.AppliedYes, "the replacement was accepted; reading the user again failed")
		}
	}
	u.c.received(got)
	return got, nil
}

// Modify reads a user, lets change work on it, and replaces it, with all fields
// this package does not know as they were. A list that the server did not show, and
// that change leaves so, is core.ErrIncomplete: see Replace. The server has no
// revisions: changes made through this Client wait for each other, those of others
// are not seen.
func (u *Users) Modify(ctx context.Context, id string, change func(*User) error) (*User, error) {
	if _, err := u.ask(opReplaceUser, id); err != nil {
		return nil, err
	}
	unlock, err := u.c.lock(ctx, opReplaceUser.Name, id)
	if err != nil {
		return nil, err
	}
	defer unlock()
	user, err := u.c.find(ctx, opReplaceUser.Name, id)
	if err != nil {
		return nil, err
	}
	user = user.clone()
	if err := change(user); err != nil {
		return nil, err
	}
	return u.Replace(ctx, *user)
}

// Delete removes a user, where the server has a route for it (Routes.DeleteUser);
// else it is core.ErrUnsupported. A user that is gone is core.ErrNotFound, unless
// an earlier attempt of this call may have removed it.
func (u *Users) Delete(ctx context.Context, id string) error {
	call, err := u.ask(opDeleteUser, id)
	if err != nil {
		return err
	}
	call.GoneIsDone = true
	if err := u.c.do(ctx, call); err != nil {
		return err
	}
	u.c.homes.forget(id)
	return nil
}

// Block keeps work away from a user, until Unblock: it is not selected any more.
// Its presence stays, it sees nothing of it, and what it is at work on goes on.
// Blocking a blocked user does no harm; repeating is safe.
//
// It returns what the server says of the user, which may be all of it or a few
// fields: what is unset was not said. That the server accepted it is not proof:
// Store.Block looks again.
func (u *Users) Block(ctx context.Context, id string) (*User, error) {
	return u.flag(ctx, opBlockUser, id)
}

// Unblock lets work come to a user again. A pending task may reach it at once, so
// that it is unblocked and not selectable in the same moment: that is success. See
// Block for what is returned.
func (u *Users) Unblock(ctx context.Context, id string) (*User, error) {
	return u.flag(ctx, opUnblockUser, id)
}

func (u *Users) flag(ctx context.Context, op *rest.Op, id string) (*User, error) {
	call, err := u.ask(op, id)
	if err != nil {
		return nil, err
	}
	var answer answered
	call.Out, call.EmptyOK = &answer, true
	if err := u.c.do(ctx, call); err != nil {
		return nil, err
	}
	got, err := answer.of(op, id, core.AppliedUnknown)
	if err != nil {
		return nil, err
	}
	if got == nil {
		got = &User{}
	}
	if got.ID == "" {
		got.ID = id
	}
	u.c.received(got)
	return got, nil
}

// SetPresence sets what colleagues see of a user, in the server's words. The
// server accepts it and Skype for Business carries it out: when it shows is not
// said. It touches neither a block nor the agent's reason. Repeating is safe.
func (u *Users) SetPresence(ctx context.Context, id string, to PresenceState) error {
	call, err := u.ask(opSetPresence, id)
	if err != nil {
		return err
	}
	if to == "" {
		return core.Invalid(vendor, opSetPresence.Name, "the presence is empty")
	}
	switch d := &u.c.dialect; d.PresenceEncoding {
	case PresenceAsString:
		setBody(&call, string(to))
	case PresenceAsQuery:
		setQuery(&call, d.PresenceParameter, string(to))
	default:
		setBody(&call, map[string]string{d.PresenceField: string(to)})
	}
	return u.c.do(ctx, call)
}

// laidOver returns the user that was sent with what the answer says of it.
func laidOver(sent, answer *User) (*User, error) {
	members := wire.Members(sent)
	maps.Copy(members, wire.Members(answer))
	doc, err := wire.Marshal(members)
	if err != nil {
		return nil, err
	}
	full := new(User)
	return full, wire.Unmarshal(doc, full)
}

// answered is what an operation on one user may answer: the user, a list with the
// user in it, a few of its fields, its id, or nothing that means anything.
type answered struct {
	users []User
	id    string
}

// ReadBody implements rest.BodyReader.
func (a *answered) ReadBody(body []byte) error {
	*a = answered{}
	switch body = decoded(body); {
	case len(body) == 0:
		return nil
	case body[0] == '{', body[0] == '[':
		return wire.Unmarshal(body, (*wire.OneOrMany[User])(&a.users))
	}
	text := bare(string(bytes.Trim(body, `"`)))
	if isGUID(text) {
		a.id = text
		return nil
	}
	if body[0] == '<' {
		return errPage
	}
	return nil
}

// of returns what the answer says of a user, nil where it says nothing.
func (a *answered) of(op *rest.Op, id string, applied core.Applied) (*User, error) {
	for i := range a.users {
		if sameID(a.users[i].ID, id) {
			return &a.users[i], nil
		}
	}
	switch {
	case len(a.users) != 1:
		return nil, nil
	case a.users[0].ID != "":
		return nil, &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassProtocol, Status: http.StatusOK, Applied: applied,
			Message: "the answer is about another user"}
	}
	return &a.users[0], nil
}

// made returns the user that a create answers with, nil where it names none, or that
// it is about others. A user without an address counts if it is the only one.
func (a *answered) made(sip SIPURI) (u *User, foreign bool) {
	for i := range a.users {
		u := &a.users[i]
		if u.SipUri.Same(sip) || u.SipUri == "" && len(a.users) == 1 {
			if sameID(u.ID, noGUID) {
				u.ID = ""
			}
			return u, false
		}
		foreign = foreign || u.SipUri != ""
	}
	if a.id != "" && !sameID(a.id, noGUID) {
		return &User{ID: a.id}, false
	}
	return nil, foreign
}

// noGUID is .NET's id of nothing.
const noGUID = "00000000-0000-0000-0000-000000000000"

// refusal returns the server's words where the answer to a create is an object that
// is no user and has a message, or says that it was no success.
func refusal(body []byte) *core.Error {
	var a answered
	if a.ReadBody(body) != nil || len(a.users) != 1 {
		return nil
	}
	u := &a.users[0]
	if u.ID != "" && !sameID(u.ID, noGUID) {
		return nil
	}
	e := &core.Error{Class: core.ClassProtocol, Applied: core.AppliedUnknown}
	explainMembers(u.Extra, e)
	raw, _ := lookUp(u.Extra, "Success")
	switch success := string(raw); {
	case success == "false":
		e.Message = cmp.Or(e.Message, "Success: false")
	case success == "true", u.SipUri != "", e.Message == "":
		return nil
	}
	return e
}
