package liveperson

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

const (
	configPath = "/api/account/{accountId}/configuration/le-users/"
	usersPath  = configPath + "users"
)

var (
	opListUsers     = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: usersPath, Replay: rest.Safe, Bucket: bucketAPI}
	opGetUser       = &rest.Op{Name: "Users.Get", Method: http.MethodGet, Path: usersPath + "/{userId}", Replay: rest.Safe, Bucket: bucketAPI}
	opCreateUser    = &rest.Op{Name: "Users.Create", Method: http.MethodPost, Path: usersPath, Replay: rest.Once, Bucket: bucketAPI}
	opCreateUsers   = &rest.Op{Name: "Users.CreateMany", Method: http.MethodPost, Path: usersPath, Replay: rest.Once, Bucket: bucketAPI}
	opReplaceUser   = &rest.Op{Name: "Users.Replace", Method: http.MethodPut, Path: usersPath + "/{userId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opReplaceUsers  = &rest.Op{Name: "Users.ReplaceMany", Method: http.MethodPut, Path: usersPath, Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opDeleteUser    = &rest.Op{Name: "Users.Delete", Method: http.MethodDelete, Path: usersPath + "/{userId}", Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opDeleteUsers   = &rest.Op{Name: "Users.DeleteMany", Method: http.MethodDelete, Path: usersPath, Replay: rest.ReplaySafe, Bucket: bucketAPI}
	opResetPassword = &rest.Op{Name: "Users.ResetPassword", Method: http.MethodPut, Path: usersPath + "/{userId}/resetPassword", Replay: rest.ReplaySafe, Bucket: bucketAPI}
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
func (u *Users) List(ctx context.Context, opts UserList) iter.Seq2[User, error] {
	return list(ctx, u.c, opListUsers, u.c.usersVersion, headerIfMatch, opts, (*User).received)
}

// Get returns a user, or core.ErrNotFound, from the read-only host.
func (u *Users) Get(ctx context.Context, id int64) (*User, error) {
	user, _, err := u.get(ctx, serviceReadOnly, id, "")
	return user, err
}

// GetIfChanged is Get for a caller who knows the user as of a revision: while no
// user of the account has changed since, user is nil, changed is false, and
// nothing was transferred. AnyRevision always transfers.
func (u *Users) GetIfChanged(ctx context.Context, id int64, known Revision[User]) (user *User, changed bool, err error) {
	user, _, err = u.get(ctx, serviceReadOnly, id, known)
	return user, user != nil, err
}

// get returns a user with the response that it came in, or nil where that says
// that nothing has changed.
func (u *Users) get(ctx context.Context, service string, id int64, known Revision[User]) (*User, rest.Response, error) {
	if err := checkIDs(opGetUser, id); err != nil {
		return nil, rest.Response{}, err
	}
	out := new(User)
	res, err := get(ctx, u.c, opGetUser, service, u.c.usersVersion, headerIfMatch, id, known, out)
	if err != nil || res.NotModified {
		return nil, res, err
	}
	if out.ID == 0 {
		return nil, res, noID(opGetUser, core.AppliedNo, res)
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
// It is sent again only after an answer that certainly refused it; an error with
// core.AppliedUnknown means that the user may exist: list the users and look for
// the LoginName. Where the answer shows a user that is not as asked, the error is a
// *DroppedError beside it, which is core.ErrNotApplied with core.AppliedYes.
func (u *Users) Create(ctx context.Context, user User) (*User, error) {
	if err := requireNew(opCreateUser, &user); err != nil {
		return nil, err
	}
	made, res, err := u.write(ctx, opCreateUser, []User{user}, "", true)
	if err != nil {
		return nil, howToFindOut(err, user.LoginName)
	}
	got := madeOf(made, user.LoginName)
	switch {
	case got == nil && len(made) == 1 && made[0].LoginName == "":
		got = &made[0]
	case got == nil && len(made) == 0:
		got = new(User) // nothing but a place came back, or not even that
	case got == nil:
		return nil, howToFindOut(otherUser(opCreateUser.Name, core.AppliedUnknown, res), user.LoginName)
	}
	if got.ID == 0 {
		got.ID = idOfLocation(res.Header)
	}
	if got.ID == 0 {
		return nil, howToFindOut(noID(opCreateUser, core.AppliedUnknown, res), user.LoginName)
	}
	if got.short() {
		// A short answer says nothing about the rest, which is as it was sent.
		full := user.clone()
		full.ID, full.PasswordSh, full.Revision = got.ID, core.Secret{}, got.Revision
		full.PID = got.PID
		got = full
	}
	u.c.names.note(&user, got, got.Revision)
	return got, created(opCreateUser.Name, &user, got, res)
}

// madeOf returns the user of an answer that has a login, in whatever case the
// vendor keeps it, or nil.
func madeOf(made []User, login string) *User {
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		if i := slices.IndexFunc(made, func(u User) bool { return same(u.LoginName, login) }); i >= 0 {
			return &made[i]
		}
	}
	return nil
}

// CreateMany makes several users in one request and returns them in the order
// they were given in. Each needs what Create needs. If the vendor answers with
// only some of them the error is a *BatchError, which says which; those that
// were made are returned, and the place of each other one is nil. A user that was
// made otherwise than asked is among the good ones: to be told, compare, or use
// Create.
//
// Whether the vendor makes all or none when it refuses one is not documented. As
// with Create, an error with core.AppliedUnknown leaves open what was made.
func (u *Users) CreateMany(ctx context.Context, users []User) ([]*User, error) {
	for i := range users {
		if err := requireNew(opCreateUsers, &users[i]); err != nil {
			return nil, err
		}
	}
	if len(users) == 0 {
		return nil, nil
	}
	made, res, err := u.write(ctx, opCreateUsers, users, "", false)
	if err != nil {
		return nil, howToFindOut(err, "each of the login names")
	}
	out := make([]*User, len(users))
	b := newBatch(opCreateUsers, len(users), res)
	for i := range users {
		b.results[i].LoginName = users[i].LoginName
		if got := madeOf(made, users[i].LoginName); got != nil && got.ID != 0 {
			out[i] = got
			u.c.names.note(&users[i], got, got.Revision)
			b.done(i, got.ID)
		}
	}
	return out, b.err(core.AppliedUnknown)
}

// Replace puts the whole user: **every field left out is deleted**, a skill or
// the group as much as a description; only the password stays when PasswordSh is
// empty. It goes out under user.Revision, which Get has set, and is
// core.ErrRevision when any user of the account has changed since; AnyRevision
// overwrites whatever is there. Repeating it is safe. Use Modify to change some
// fields of a user that exists.
//
// A blank FullName is treated as WithBlankFullName says. Where the answer shows
// another than what was sent, the error is core.ErrNotApplied beside the user: see
// DroppedError.
func (u *Users) Replace(ctx context.Context, user User) (*User, error) {
	if err := u.requireWhole(opReplaceUser, &user); err != nil {
		return nil, err
	}
	sent := user.clone()
	if err := u.c.fillBlank(opReplaceUser, sent); err != nil {
		return nil, err
	}
	got, res, err := u.put(ctx, sent)
	if err != nil {
		return nil, err
	}
	return got, replaced(opReplaceUser.Name, sent, got, res)
}

// ReplaceMany puts several whole users in one request, under the oldest of their
// revisions, and returns them in the order they were given in: see Replace.
// Revisions that are neither numbers nor all the same have no oldest:
// core.ErrInvalid. If the vendor answers with only some of them the error is a
// *BatchError, which says which. A user whose answer lacks what was sent is among the good ones: to
// be told, compare, or use Modify.
func (u *Users) ReplaceMany(ctx context.Context, users []User) ([]*User, error) {
	sent := make([]User, len(users))
	for i := range users {
		if err := u.requireWhole(opReplaceUsers, &users[i]); err != nil {
			return nil, err
		}
		sent[i] = *users[i].clone()
		if err := u.c.fillBlank(opReplaceUsers, &sent[i]); err != nil {
			return nil, err
		}
	}
	if len(users) == 0 {
		return nil, nil
	}
	if _, ok := oldest(sent); !ok {
		return nil, core.Invalid(vendor, opReplaceUsers.Name, "the revisions of the users cannot be compared, so that no one of them guards all: read the users again, or replace them one by one")
	}
	return u.putMany(ctx, sent)
}

// put sends one whole user, checked and filled in, and returns what it then is.
func (u *Users) put(ctx context.Context, sent *User) (*User, rest.Response, error) {
	made, res, err := u.write(ctx, opReplaceUser, []User{*sent}, sent.Revision, true)
	if err != nil {
		return nil, res, err
	}
	return u.settled(ctx, sent, made, res)
}

// settled returns the user that a replacement left: from its answer, or where
// that is not whole, from another read.
func (u *Users) settled(ctx context.Context, sent *User, answer []User, res rest.Response) (*User, rest.Response, error) {
	var got *User
	if len(answer) == 1 {
		got = &answer[0]
	}
	if got != nil && got.ID != 0 && got.ID != sent.ID {
		u.c.names.forget(sent.ID)
		return nil, res, otherUser(opReplaceUser.Name, core.AppliedUnknown, res)
	}
	if got == nil || got.ID == 0 || got.short() {
		var err error
		if got, res, err = u.get(ctx, serviceReadWrite, sent.ID, ""); err == nil && got.ID != sent.ID {
			err = otherUser(opGetUser.Name, core.AppliedNo, res)
		}
		if err != nil {
			u.c.names.forget(sent.ID)
			return nil, res, rest.AfterWrite(err, core.AppliedYes, "the replacement was accepted; reading the user again failed")
		}
	}
	u.c.names.note(sent, got, got.Revision)
	return got, res, nil
}

func (u *Users) putMany(ctx context.Context, sent []User) ([]*User, error) {
	under, _ := oldest(sent)
	made, res, err := u.write(ctx, opReplaceUsers, sent, under, false)
	if err != nil {
		return nil, err
	}
	out := make([]*User, len(sent))
	b := newBatch(opReplaceUsers, len(sent), res)
	var barred error // why nobody else can be read either
	for i := range sent {
		b.results[i].ID, b.results[i].LoginName = sent[i].ID, sent[i].LoginName
		j := slices.IndexFunc(made, func(u User) bool { return u.ID == sent[i].ID })
		if j < 0 {
			u.c.names.forget(sent[i].ID)
			continue
		}
		if barred != nil && made[j].short() {
			b.lost(i, sent[i].ID, barred)
			continue
		}
		got, _, err := u.settled(ctx, &sent[i], made[j:j+1], res)
		if err != nil {
			b.lost(i, sent[i].ID, err) // the others were written all the same
			if class := core.ClassOf(err); class == core.ClassUnauthenticated || class == core.ClassCanceled {
				barred = err
			}
			continue
		}
		out[i] = got
		b.done(i, sent[i].ID)
	}
	return out, b.err(core.AppliedUnknown)
}

// oldest returns the revision that a write of several users goes out under: if
// any of them was changed since it was read, the write is refused. It is not ok
// where no one revision does that for all.
func oldest(users []User) (under Revision[User], ok bool) {
	least, alike, numbers := int64(-1), true, true
	var first Revision[User]
	for i := range users {
		r := users[i].Revision
		if r == AnyRevision {
			continue
		}
		if first == "" {
			first = r
		}
		alike = alike && r == first
		n, err := strconv.ParseUint(string(r), 10, 63)
		if err != nil {
			numbers = false
			continue
		}
		if least < 0 || int64(n) < least {
			least, under = int64(n), r
		}
	}
	switch {
	case first == "":
		return AnyRevision, true
	case alike:
		return first, true
	}
	return under, numbers
}

// write sends users, one as an object or many as an array.
func (u *Users) write(ctx context.Context, op *rest.Op, users []User, under Revision[User], single bool) ([]User, rest.Response, error) {
	replace := op.Method == http.MethodPut
	var args []string
	if op == opReplaceUser {
		args = []string{itoa(users[0].ID)}
	}
	call, err := u.c.call(ctx, op, serviceReadWrite, args...)
	if err != nil {
		return nil, rest.Response{}, err
	}
	bodies := make([]User, len(users))
	for i := range users {
		bodies[i] = users[i].writable(replace)
		call.Secrets = append(call.Secrets, users[i].PasswordSh)
		u.c.rest.KeepSecret(users[i].PasswordSh.Reveal()) // a later answer may repeat it
	}
	if call.Body = any(bodies); single {
		call.Body = &bodies[0]
	}
	var answer wire.OneOrMany[User]
	call.Query, call.Out, call.EmptyOK = writeQuery{V: u.c.usersVersion}, &answer, true
	call.Header = setIfMatch(call.Header, headerIfMatch, under)
	res, err := u.c.rest.Do(ctx, call)
	if err != nil {
		return nil, rest.Response{}, asConflict(op, err)
	}
	revision := revisionOf[User](res.Header)
	for i := range answer {
		answer[i].received(revision)
	}
	return answer, res, nil
}

// asConflict corrects a 409 of a create: it goes out under no revision.
func asConflict(op *rest.Op, err error) error {
	if e, ok := err.(*core.Error); ok && op.Replay == rest.Once && e.Class == core.ClassRevision {
		e.Class = core.ClassConflict
	}
	return err
}

// Delete removes a user under a revision, or with AnyRevision whatever has
// changed since. The vendor keeps it, marked as deleted. A user that is gone is
// core.ErrNotFound, unless an earlier attempt of this call may have removed it. One
// that is there all the same, after a yes, is core.ErrNotApplied.
func (u *Users) Delete(ctx context.Context, id int64, under Revision[User]) error {
	if err := checkIDs(opDeleteUser, id); err != nil {
		return err
	}
	if under == "" {
		return needRevision(opDeleteUser)
	}
	call, err := u.c.call(ctx, opDeleteUser, serviceReadWrite, itoa(id))
	if err != nil {
		return err
	}
	var answer deletedUser
	call.Query, call.GoneIsDone, call.Out, call.EmptyOK = writeQuery{V: u.c.usersVersion}, true, &answer, true
	call.Header = setIfMatch(call.Header, headerIfMatch, under)
	res, err := u.c.rest.Do(ctx, call)
	if err != nil {
		return err
	}
	u.c.names.forget(id)
	switch {
	case res.Gone || answer.ID == 0:
		return nil
	case answer.ID != id:
		return otherUser(opDeleteUser.Name, core.AppliedUnknown, res)
	case answer.Deleted.Or(true):
		return nil
	}
	return u.isGone(ctx, id)
}

// isGone looks whether a user is gone that was deleted, and that the answer shows
// as it may have been before.
func (u *Users) isGone(ctx context.Context, id int64) error {
	user, res, err := u.get(ctx, serviceReadWrite, id, "")
	switch {
	case core.ClassOf(err) == core.ClassNotFound:
		return nil
	case err != nil:
		return rest.AfterWrite(err, core.AppliedUnknown, "the deletion was accepted, the answer does not show it, and reading the user again failed")
	case user.ID != id:
		return otherUser(opDeleteUser.Name, core.AppliedUnknown, res)
	case user.Deleted.Or(false):
		return nil
	}
	return about(res, notDone(opDeleteUser.Name, "the user is not deleted"))
}

// deletedUser is the answer to the deletion of a user: the user, or anything that
// says less.
type deletedUser struct {
	ID      int64
	Deleted core.Opt[bool]
}

// ReadBody implements rest.BodyReader.
func (d *deletedUser) ReadBody(body []byte) error {
	var users wire.OneOrMany[struct {
		ID      int64          `json:"id"`
		Deleted core.Opt[bool] `json:"deleted"`
	}]
	switch body = bytes.TrimSpace(body); {
	case bytes.HasPrefix(body, []byte("<")):
		return errors.New("the answer is a page")
	case wire.Unmarshal(body, &users) == nil && len(users) == 1:
		d.ID, d.Deleted = users[0].ID, users[0].Deleted
	}
	return nil
}

// DeleteMany removes several users in one request: see Delete. If the vendor
// answers with only some of them the error is a *BatchError, which says which.
// An answer that names none, as an empty one does, is taken for all.
//
// Whether the vendor removes all or none when it does not know one of them is not
// documented; it is core.ErrNotFound then.
func (u *Users) DeleteMany(ctx context.Context, ids []int64, under Revision[User]) error {
	if err := checkIDs(opDeleteUsers, ids...); err != nil {
		return err
	}
	if under == "" {
		return needRevision(opDeleteUsers)
	}
	if len(ids) == 0 {
		return nil
	}
	call, err := u.c.call(ctx, opDeleteUsers, serviceReadWrite)
	if err != nil {
		return err
	}
	words := make([]string, len(ids)) // here, ids are texts
	for i, id := range ids {
		words[i] = itoa(id)
	}
	var answer deleted
	call.Query, call.Body, call.Out, call.EmptyOK = writeQuery{V: u.c.usersVersion}, words, &answer, true
	call.Header = setIfMatch(call.Header, headerIfMatch, under)
	res, err := u.c.rest.Do(ctx, call)
	if err != nil {
		return err
	}
	b := newBatch(opDeleteUsers, len(ids), res)
	for i, id := range ids {
		b.results[i].ID = id
		if len(answer) == 0 || answer[id] {
			b.done(i, id)
			u.c.names.forget(id)
		}
	}
	return b.err(core.AppliedUnknown)
}

type passwordBody struct {
	NewPassword core.Secret `json:"newPassword"`
}

// ResetPassword gives a user another password, as an administrator. The vendor
// refuses it for a disabled user, for an API user, and for fewer than eight
// characters.
func (u *Users) ResetPassword(ctx context.Context, id int64, password core.Secret) error {
	if err := checkIDs(opResetPassword, id); err != nil {
		return err
	}
	if password.IsZero() {
		return core.Invalid(vendor, opResetPassword.Name, "the new password is missing")
	}
	call, err := u.c.call(ctx, opResetPassword, serviceReadWrite, itoa(id))
	if err != nil {
		return err
	}
	u.c.rest.KeepSecret(password.Reveal()) // a later answer may repeat it
	call.Secrets = []core.Secret{password}
	call.Query, call.Body = writeQuery{V: u.c.usersVersion}, passwordBody{password}
	_, err = u.c.rest.Do(ctx, call)
	return err
}

// requireNew refuses a user that cannot be created.
func requireNew(op *rest.Op, u *User) error {
	missing := ""
	switch {
	case u.LoginName == "":
		missing = "loginName"
	case u.FullName.Or("") == "":
		missing = "fullName"
	case u.Nickname.Or("") == "":
		missing = "nickname"
	case u.Email.Or("") == "":
		missing = "email"
	case !u.IsEnabled.IsSet():
		missing = "isEnabled"
	case !u.MaxChats.IsSet():
		missing = "maxChats"
	case len(u.ProfileIDs) == 0:
		missing = "profileIds"
	case u.IsAPIUser.Or(false) && !u.PasswordSh.IsZero():
		return core.Invalid(vendor, op.Name, "an API user has no password")
	case u.IsAPIUser.Or(false) && u.AllowedAppKeys.Or("") == "" && u.OAuth2ClientID.Or("") == "":
		missing = "allowedAppKeys or oauth2ClientId, of an API user,"
	case !u.IsAPIUser.Or(false) && u.PasswordSh.IsZero():
		missing = "passwordSh (the password)"
	}
	if missing != "" {
		return core.Invalid(vendor, op.Name, missing+" is required")
	}
	return nil
}

// requireWhole refuses a replacement that would delete what the vendor requires,
// or that is not guarded.
func (u *Users) requireWhole(op *rest.Op, user *User) error {
	if user.Revision == "" {
		return needRevision(op)
	}
	if err := checkIDs(op, user.ID); err != nil {
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
		return core.Invalid(vendor, op.Name, missing+" is required, and a replacement without it would delete it")
	}
	return nil
}

func needRevision(op *rest.Op) error {
	return core.Invalid(vendor, op.Name, "the revision is missing: take that of the read, or AnyRevision to overwrite whatever is there")
}

func checkIDs(op *rest.Op, ids ...int64) error {
	if slices.Contains(ids, 0) {
		return core.Invalid(vendor, op.Name, "an id is missing")
	}
	return nil
}

// howToFindOut adds a hint to an error after which nobody knows what happened.
func howToFindOut(err error, login string) error {
	if e, ok := err.(*core.Error); ok && e.Applied == core.AppliedUnknown {
		e.Hint = "it is not sent again: list the users and look for " + login +
			" to see whether it was created; finding none proves nothing at once, because the read-only host may lag"
	}
	return err
}

// idOfLocation reads the id of what was created from the address it was given.
func idOfLocation(h http.Header) int64 {
	at, err := url.Parse(h.Get("Location"))
	if err != nil {
		return 0
	}
	id, _ := strconv.ParseInt(path.Base(at.Path), 10, 64)
	return id
}
