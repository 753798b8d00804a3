package liveperson

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const (
	configPath = "/api/account/{accountId}/configuration/le-users/"
	usersPath  = configPath + "users"
	userPath   = usersPath + "/{userId}"
)

// By the vendor's pages, the answer to a create or a replacement has the shape of the
// request. Gateways send one without a body; then the user is read back. The answers to
// deletions and to a new password are not documented.
var (
	listed    = rest.Array(http.StatusOK)
	shown     = rest.Object(http.StatusOK)
	accepted  = rest.Value(http.StatusOK, http.StatusCreated).Or(rest.Nothing(http.StatusOK, http.StatusCreated, http.StatusNoContent))
	undefined = rest.Anything(http.StatusOK, http.StatusNoContent)
)

var (
	opListUsers = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: usersPath, Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opGetUser    = &rest.Op{Name: "Users.Get", Method: http.MethodGet, Path: userPath, Replay: rest.Safe, Bucket: bucketAPI, Success: shown}
	opCreateUser = &rest.Op{Name: "Users.Create", Method: http.MethodPost, Path: usersPath, Replay: rest.Once, Bucket: bucketAPI,
		Success: accepted}
	opCreateUsers = &rest.Op{Name: "Users.CreateMany", Method: http.MethodPost, Path: usersPath, Replay: rest.Once, Bucket: bucketAPI,
		Success: accepted}
	opReplaceUser = &rest.Op{Name: "Users.Replace", Method: http.MethodPut, Path: userPath, Replay: rest.ReplaySafe, Bucket: bucketAPI,
		Success: accepted}
	opDeleteUser = &rest.Op{Name: "Users.Delete", Method: http.MethodDelete, Path: userPath, Replay: rest.ReplaySafe, Bucket: bucketAPI,
		Success: undefined}

	// With several users, a 404 is about one of them.
	opReplaceUsers = &rest.Op{Name: "Users.ReplaceMany", Method: http.MethodPut, Path: usersPath, Replay: rest.ReplaySafe, Bucket: bucketAPI,
		Success: accepted, About: rest.AboutThing}
	opDeleteUsers = &rest.Op{Name: "Users.DeleteMany", Method: http.MethodDelete, Path: usersPath, Replay: rest.ReplaySafe, Bucket: bucketAPI,
		Success: undefined, About: rest.AboutThing}
	opResetPassword = &rest.Op{Name: "Users.ResetPassword", Method: http.MethodPut, Path: userPath + "/resetPassword", Replay: rest.ReplaySafe,
		Bucket:  bucketAPI,
		Success: undefined}
)

// Users is the resource of all people and bots of an account, as on the vendor
// pages "Users API". Reading needs the permission to see users, writing the one
// to administer them (package 10001, or 30003 for an agent manager's own
// agents).
type Users struct{ c *Client }

// List walks all users, in one request, in memory that does not grow with their
// number. The walk is lazy and may be repeated; one that is cut off ends with
// core.ErrIncomplete. It reads from the read-only host, which may lag behind a
// write.
//
// With opts.Known it is empty while no user has changed since, and opts.Head
// says so.
func (u *Users) List(ctx context.Context, opts UserListOptions) iter.Seq2[User, error] {
	return list(ctx, u.c, opListUsers, u.c.usersVersion, headerIfMatch, opts, (*User).received)
}

// Get returns a user, or core.ErrNotFound, from the read-only host. It takes one
// request.
func (u *Users) Get(ctx context.Context, id int64) (*User, error) {
	user, _, err := u.get(ctx, serviceReadOnly, id, "")
	return user, err
}

// GetIfChanged is Get for a caller who knows the user as of a revision: while no user
// of the account has changed since, user is nil, changed is false, and nothing was
// transferred. AnyRevision always transfers. It takes one request.
func (u *Users) GetIfChanged(ctx context.Context, id int64, known Revision[User]) (user *User, changed bool, err error) {
	user, _, err = u.get(ctx, serviceReadOnly, id, known)
	return user, user != nil, err
}

// get returns a user with the response it came in, or nil if the response says that
// nothing has changed. It waits for a user that this client has just created and that
// does not show yet.
func (u *Users) get(ctx context.Context, service string, id int64, known Revision[User]) (*User, rest.Response, error) {
	if err := u.c.checkIDs(opGetUser, id); err != nil {
		return nil, rest.Response{}, err
	}
	user, res, err := u.getOnce(ctx, service, id, known)
	if !errors.Is(err, core.ErrNotFound) || !u.c.own.of(id).made {
		return user, res, err
	}

	var last error
	_, err = u.c.readBack(opGetUser.Name).Look(ctx, func(ctx context.Context) (bool, error) {
		if user, res, last = u.getOnce(ctx, service, id, known); errors.Is(last, core.ErrNotFound) {
			return false, nil
		}
		return last == nil, last
	})
	return user, res, cmp.Or(err, last)
}

func (u *Users) getOnce(ctx context.Context, service string, id int64, known Revision[User]) (*User, rest.Response, error) {
	out := new(User)
	res, err := get(ctx, u.c, opGetUser, service, u.c.usersVersion, headerIfMatch, id, known, out)
	if err != nil || res.NotModified {
		return nil, res, err
	}
	if out.ID == 0 {
		return nil, res, u.c.noID(opGetUser, core.AppliedNo, res)
	}
	out.received(revisionOf[User](res.Header))
	return out, res, nil
}

// Create makes a user and returns it. Required: LoginName, FullName, Nickname,
// Email, IsEnabled, MaxChats, ProfileIDs, for an agent MemberOf, and PasswordSh,
// or for an API user AllowedAppKeys or OAuth2ClientID instead; what is missing is
// core.ErrInvalid before anything is sent. A taken LoginName is core.ErrConflict
// or core.ErrInvalid, whichever the vendor answers.
//
// It takes one request, and a look where the answer is not the whole user. It is sent
// again only after an answer that certainly refused it; an error with
// core.AppliedUnknown means that the user may exist: list the users and look for
// the LoginName. A user that was made otherwise than asked comes back beside
// core.ErrNotApplied with core.AppliedYes, whose message names the fields.
func (u *Users) Create(ctx context.Context, user User) (*User, error) {
	if err := u.requireNew(opCreateUser, &user); err != nil {
		return nil, err
	}

	// Without an id the user cannot be read back: a doubt about the answer remains.
	e := u.making(opCreateUser, &user)
	e.blind = true
	err := e.make(ctx, func(ctx context.Context) (*User, rest.Response, error) {
		made, res, err := u.write(ctx, opCreateUser, []User{user}, "", true)
		if err != nil {
			return nil, res, err
		}
		got, err := u.madeAlone(made, user.LoginName, res)
		if err != nil {
			return nil, res, err
		}
		if e.id = got.ID; !got.isComplete() {
			return nil, res, nil
		}
		u.c.own.answered(got)
		return got, res, nil
	})
	if e.id == 0 {
		return nil, howToFindOut(err, user.LoginName)
	}
	return e.made(err)
}

// making is the effect of a creation.
func (u *Users) making(op *rest.Op, sent *User) *effect {
	return &effect{u: u, op: op.Name, was: new(User), sent: sent, lost: func(is *User) []string { return unmetNew(sent, is) }}
}

// made returns the user of a creation that was answered with an id, and its error. A
// user that could not be read is returned as it was sent.
func (e *effect) made(err error) (*User, error) {
	e.u.c.own.created(e.id)
	user := e.now
	if user == nil {
		user = e.sent.clone()
		user.ID, user.PasswordSh, user.Revision = e.id, core.Secret{}, ""
	}

	f, ok := err.(*core.Error)
	if !ok {
		return user, err
	}

	f = new(*f) // others may hold the same
	f.Applied, f.Doubt = core.AppliedYes, ""
	f.Hint = "it exists anyway: change it by an update"
	switch {
	case e.now == nil && f.Class != core.ClassNotApplied:
		f.Message = fmt.Sprintf("the user %d was created, but could not be read again: %s", e.id, f.Words())
	case e.now == nil:
		f.Message = fmt.Sprintf("the user %d was created, but does not show yet", e.id)
	default:
		f.Class = core.ClassNotApplied
		f.Message = fmt.Sprintf("the user %d was created, but differs from what was asked for: %s", e.id, strings.Join(e.lost(e.now), ", "))
	}
	return user, f
}

// madeAlone returns the user of the answer to the creation of one user: found by its
// login, or by its id or Location if nothing else came back.
func (u *Users) madeAlone(made []User, login string, res rest.Response) (*User, error) {
	got := madeOf(made, login)
	switch {
	case got == nil && len(made) == 1 && made[0].LoginName == "":
		got = &made[0]
	case got == nil && len(made) == 0:
		got = new(User)
	case got == nil:
		return nil, u.c.otherUser(opCreateUser.Name, core.AppliedUnknown, res)
	}

	if got.ID == 0 {
		got.ID = idOfLocation(res.Header)
	}
	if got.ID == 0 {
		return nil, u.c.noID(opCreateUser, core.AppliedUnknown, res)
	}
	return got, nil
}

// madeOf returns the user of an answer with a login, regardless of case, or nil.
func madeOf(made []User, login string) *User {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		if i := slices.IndexFunc(made, func(u User) bool { return same(u.LoginName, login) }); i >= 0 {
			return &made[i]
		}
	}
	return nil
}

// Replace puts the whole user. Every field that is left out is deleted, a skill or
// the group as much as a description; only the password stays when PasswordSh is
// empty. It goes out under user.Revision, which Get has set, and is
// core.ErrRevision when any user of the account has changed since; AnyRevision
// overwrites whatever is there. Repeating it is safe. Use Modify to change some
// fields of a user that exists.
//
// A blank FullName is treated as WithBlankFullName says. Where the vendor shows
// another user than what was sent, the error is core.ErrNotApplied beside that user,
// and names the fields. It takes one request, and more looks where the answer does not
// show what was sent.
func (u *Users) Replace(ctx context.Context, user User) (*User, error) {
	if err := u.requireWhole(opReplaceUser, &user); err != nil {
		return nil, err
	}
	sent := user.clone()
	if err := u.c.fillBlank(opReplaceUser, sent); err != nil {
		return nil, err
	}

	e := u.replacing(opReplaceUser, sent)
	err := e.make(ctx, func(ctx context.Context) (*User, rest.Response, error) { return u.put(ctx, sent) })
	u.c.own.users.Forget(itoa(user.ID))
	return e.now, err
}

// replacing is the effect of a replacement. The state before is not known, so a user
// that shows the new state may owe it to another writer.
func (u *Users) replacing(op *rest.Op, sent *User) *effect {
	was := &User{Revision: sent.Revision}
	return &effect{u: u, op: op.Name, id: sent.ID, was: was, sent: sent, blind: true,
		lost: func(is *User) []string { return unmet(was, sent, is, true) }}
}

type passwordBody struct {
	NewPassword core.Secret `json:"newPassword"`
}

// ResetPassword gives a user another password, as an administrator. The vendor
// refuses it for a disabled user, for an API user, and for fewer than eight
// characters. Its answer is not documented: one that is neither empty nor the user is
// core.ErrProtocol with core.AppliedUnknown, because no read shows a password. It takes
// one request.
func (u *Users) ResetPassword(ctx context.Context, id int64, password core.Secret) error {
	if err := u.c.checkIDs(opResetPassword, id); err != nil {
		return err
	}
	if password.IsZero() {
		return u.c.invalid(opResetPassword, "the new password is missing")
	}

	call, err := u.c.call(ctx, opResetPassword, serviceReadWrite, itoa(id))
	if err != nil {
		return err
	}

	u.c.rest.KeepSecret(password.Reveal()) // a later answer may repeat it
	call.Secrets = []core.Secret{password}
	answer := answeredUser{empty: true}
	call.Query, call.Body = writeQuery{V: u.c.usersVersion}, passwordBody{password}
	call.Out, call.EmptyOK = &answer, true
	res, err := u.c.rest.Do(ctx, call)
	if err != nil {
		return err
	}

	u.c.own.told(revisionOf[User](res.Header))
	if answer.id != id && !answer.empty {
		return about(res, u.c.failed(opResetPassword.Name, core.ClassProtocol, core.AppliedUnknown,
			"the answer does not say that the password was set"))
	}
	return nil
}

// requireNew refuses a user that cannot be created.
func (u *Users) requireNew(op *rest.Op, user *User) error {
	missing := ""

	switch {
	case user.LoginName == "":
		missing = "loginName"
	case user.FullName.Or("") == "":
		missing = "fullName"
	case user.Nickname.Or("") == "":
		missing = "nickname"
	case user.Email.Or("") == "":
		missing = "email"
	case !user.IsEnabled.IsSet():
		missing = "isEnabled"
	case !user.MaxChats.IsSet():
		missing = "maxChats"
	case len(user.ProfileIDs) == 0:
		missing = "profileIds"
	case user.IsAPIUser.Or(false) && !user.PasswordSh.IsZero():
		return u.c.invalid(op, "an API user has no password")
	case user.IsAPIUser.Or(false) && user.AllowedAppKeys.Or("") == "" && user.OAuth2ClientID.Or("") == "":
		missing = "allowedAppKeys or oauth2ClientId, of an API user,"
	case !user.IsAPIUser.Or(false) && user.PasswordSh.IsZero():
		missing = "passwordSh (the password)"
	}

	if missing != "" {
		return u.c.invalid(op, missing+" is required")
	}
	return nil
}

// requireWhole refuses a replacement that would delete what the vendor requires,
// or that is not guarded.
func (u *Users) requireWhole(op *rest.Op, user *User) error {
	if user.Revision == "" {
		return u.c.needRevision(op)
	}
	if err := u.c.checkIDs(op, user.ID); err != nil {
		return err
	}

	missing := ""
	switch {
	case user.LoginName == "":
		missing = "loginName"
	case user.FullName.IsZero():
		missing = "fullName"
	case user.Nickname.Or("") == "":
		missing = "nickname"
	case user.Email.Or("") == "":
		missing = "email"
	case !user.IsEnabled.IsSet():
		missing = "isEnabled"
	case len(user.ProfileIDs) == 0:
		missing = "profileIds"
	}

	if missing != "" {
		return u.c.invalid(op, missing+" is required, and a replacement without it would delete it")
	}
	return nil
}

func (c *Client) needRevision(op *rest.Op) error {
	return c.invalid(op, "the revision is missing: use the one of the read, or AnyRevision to overwrite whatever is there")
}

func (c *Client) checkIDs(op *rest.Op, ids ...int64) error {
	if slices.Contains(ids, 0) {
		return c.invalid(op, "an id is missing")
	}
	return nil
}

// howToFindOut adds a hint to an error in doubt. Finding the user does not prove that
// this call created it: nothing was read before, because that would take a list of all
// users for every user created.
func howToFindOut(err error, login string) error {
	if e, ok := err.(*core.Error); ok && e.Applied == core.AppliedUnknown {
		e.Hint = "it was not sent again: list the users and look for " + login + " to see whether it was created; " +
			"a user who is found may be older than this call, and finding none proves nothing yet, because the read-only host may lag"
	}
	return err
}

// idOfLocation reads the id of a created user from its Location.
func idOfLocation(h http.Header) int64 {
	at, err := url.Parse(h.Get("Location"))
	if err != nil {
		return 0
	}
	id, _ := strconv.ParseInt(path.Base(at.Path), 10, 64)
	return id
}
