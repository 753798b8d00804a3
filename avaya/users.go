package avaya

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const userPath = "/api/admin/user/{version}/accounts/{accountId}/users"

var (
	opListUsers = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: userPath, Replay: rest.Safe, Bucket: "api",
		Success: rest.Object(200)}
	opSearchUser = &rest.Op{Name: "Users.Search", Method: http.MethodPost, Path: userPath + ":search", Replay: rest.Safe, Bucket: "api",
		Success: rest.Object(200)}
	opGetUser = &rest.Op{Name: "Users.Get", Method: http.MethodGet, Path: userPath + "/{userId}", Replay: rest.Safe, Bucket: "api",
		Success: rest.Object(200).Names("userId")}
	opCreateUser = &rest.Op{Name: "Users.Create", Method: http.MethodPost, Path: userPath, Replay: rest.Once, Bucket: "api",
		Success: rest.Object(202).Has("userId")}
	opPutUser = &rest.Op{Name: "Users.Replace", Method: http.MethodPut, Path: userPath + "/{userId}", Replay: rest.ReplaySafe,
		Bucket: "api", Success: rest.Object(202).Names("userId")}
	opDeleteUser = &rest.Op{Name: "Users.Delete", Method: http.MethodDelete, Path: userPath + "/{userId}", Replay: rest.ReplaySafe,
		Bucket: "api", Success: rest.Nothing(204)}
)

// Users is the resource of the people of an account, as on the vendor page
// "Users". All of it needs the role Account Administrator.
type Users struct{ c *Client }

// List walks all users that match, in pages of 50. The walk is lazy, may be repeated,
// and ends with core.ErrIncomplete when the pages do not add up to the total that the
// vendor named. Filterable: loginId, lastName, firstName, emailId, organizationNodeId,
// profileId. Do not delete users during a walk: rows then move past it, which it
// notices and reports. It takes a request per page. Page: "Admin - User".
func (u *Users) List(ctx context.Context, opts UserListOptions) iter.Seq2[User, error] {
	return u.listing(opListUsers, nil, opts.order("loginId", maxPage)).walk(ctx, u.c)
}

func (u *Users) listing(op *rest.Op, body any, query listQuery) listing[userPage, User] {
	return listing[userPage, User]{op: op, body: body, query: query,
		split: func(p *userPage) (*envelope, []User) { return &p.envelope, p.Users },
		key:   func(v *User) string { return v.UserID }}
}

type userPage struct {
	envelope
	Users []User `json:"users"`
}

// Search walks the users that match several criteria, in pages of 50, or of up
// to 500 where s.PageSize asks for fewer and larger requests.
// Values are limited to 50 characters: look long logins up with List and a
// Filter. How the vendor combines AND and OR is not documented.
func (u *Users) Search(ctx context.Context, s Search) iter.Seq2[User, error] {
	body := searchBody{Filter: s.Criteria, OrderBy: s.OrderBy}
	if body.OrderBy == "" {
		body.OrderBy = "loginId"
	}
	query := ListOptions{PageSize: s.PageSize}.order("", maxSearchPage)
	return u.listing(opSearchUser, body, query).walk(ctx, u.c)
}

// maxSearchPage is the largest page of a search.
const maxSearchPage = 500

// Search is what Users.Search looks for.
type Search struct {
	Criteria []Criterion
	OrderBy  string
	PageSize int
}

// Criterion is one condition of a search.
type Criterion struct {
	// Discriminator says how the criterion joins the others: AND or OR.
	Discriminator string `json:"discriminator"`
	// Key is loginId, lastName, firstName, emailId or organizationNodeId.
	Key string `json:"key"`
	// Operator is STARTS_WITH, CONTAINS, ENDS_WITH, EQUALS or NOT_EQUALS.
	Operator string `json:"operator"`
	// Value is at most 50 characters long.
	Value string `json:"value"`
}

type searchBody struct {
	Filter  []Criterion `json:"filter"`
	OrderBy string      `json:"orderBy,omitzero"`
}

// Get returns a user as it is in effect, with what it takes from its profile, or
// core.ErrNotFound. A user who was just created may not show yet: see Settle. It takes
// one request.
func (u *Users) Get(ctx context.Context, userID string) (*User, error) {
	out := new(User)
	call := u.c.call(opGetUser, userID)
	call.Out = out
	if _, err := u.c.rest.Do(ctx, call); err != nil {
		return nil, err
	}
	u.c.writes.shown(func() string { return userKey(userID) })
	return out, nil
}

// get is Get. It waits for a user that this client has just created and that does not
// show yet.
func (u *Users) get(ctx context.Context, userID string) (*User, error) {
	out, err := u.Get(ctx, userID)
	if !errors.Is(err, core.ErrNotFound) || !u.c.writes.unborn(userKey(userID)) {
		return out, err
	}
	_, lookErr := u.c.readBack(core.OpGetUser).Look(ctx, func(ctx context.Context) (bool, error) {
		if out, err = u.Get(ctx, userID); errors.Is(err, core.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if lookErr != nil {
		err = lookErr
	}
	return out, err
}

// Create asks for a new user and returns it with its id as soon as the vendor
// has accepted the request (202): roles and features follow, and may fail, see
// Settle. Required: LoginID, FirstName, LastName; an empty OrganizationNodeID
// becomes the account's id. A taken login or e-mail is core.ErrConflict.
//
// Creating twice makes two attempts at one login. It is sent again only after an
// answer that certainly refused it; an error with core.AppliedUnknown means
// that the user may exist: look with List and Equals("loginId", …).
func (u *Users) Create(ctx context.Context, user User) (*User, error) {
	if user.OrganizationNodeID == "" {
		user.OrganizationNodeID = u.c.accountID
	}
	if err := requireUser(opCreateUser, &user); err != nil {
		return nil, err
	}
	out, _, err := u.create(ctx, user)
	return out, err
}

// create is Create for a user with all required fields. Told reports whether the answer
// has the documented form, and so shows everything that is not carried out later.
func (u *Users) create(ctx context.Context, user User) (out *User, told bool, err error) {
	out = new(User)
	call := u.c.call(opCreateUser)
	call.Body, call.Out, call.Secrets = user.writable(), out, []core.Secret{user.Password}
	u.c.rest.KeepSecret(user.Password.Reveal()) // statuses may repeat it later
	res, err := u.c.rest.Do(ctx, call)
	if err == nil && out.LoginID != "" && !evidence.SameLogin(out.LoginID, user.LoginID) {
		// The answer describes another user: its id is not returned.
		err = u.c.senseless(opCreateUser, res, "the vendor answered with a user that has another login than the one asked for")
	}

	if err != nil {
		return nil, false, howToFindOut(err, "list the users with loginId "+user.LoginID+
			" to see whether it was created; finding none proves nothing until the list is complete")
	}

	a := ask(nil, nil, &user)
	u.c.writes.note(userKey(out.UserID), written{patience: patience(nil, user.background()), created: true, asked: a})
	return out, len(a.now().unmet(out)) == 0, nil
}

// Replace puts the whole user, whom user.UserID names. Every field that is left out is
// cleared, a feature or a role as much as a name; only the password stays when it
// is empty. It returns when the vendor has accepted the request, see Settle.
// Repeating it is safe. Use Modify to change some fields of a user that exists.
func (u *Users) Replace(ctx context.Context, user User) (*User, error) {
	if err := requireUser(opPutUser, &user); err != nil {
		return nil, err
	}
	u.c.memory.Forget(userKey(user.UserID)) // it does not build on a read of this client
	return u.replace(ctx, user)
}

func (u *Users) replace(ctx context.Context, user User) (*User, error) {
	out := new(User)
	call := u.c.call(opPutUser, user.UserID)
	call.Body, call.Out, call.Secrets = user.writable(), out, []core.Secret{user.Password}
	u.c.rest.KeepSecret(user.Password.Reveal()) // statuses may repeat it later
	u.c.writes.forget(userKey(user.UserID))     // what it changes is not known here
	if _, err := u.c.rest.Do(ctx, call); err != nil {
		return nil, err
	}
	out.UserID = user.UserID // as it was asked for: the case of the answer may differ
	return out, nil
}

// Modify reads a user, lets change edit it, and puts the whole user back, with
// every field that change did not touch as it was, known or not. It returns when
// the vendor has accepted the request, see Settle.
//
// What the user takes from its profile stays with the profile: such a field is
// not sent, unless change edited it, in which case it becomes the user's own and
// no longer follows the profile.
//
// Avaya has no revisions. Calls of one Client take turns for each user; a writer
// elsewhere can still be overwritten between the read and the write.
func (u *Users) Modify(ctx context.Context, userID string, change func(*User) error) (*User, error) {
	unlock, err := u.lock(ctx, userID)
	if err != nil {
		return nil, err
	}
	defer unlock()

	s, err := u.read(ctx, userID)
	if err != nil {
		return nil, err
	}
	if err := change(s.User); err != nil {
		return nil, err
	}

	p, err := u.put(ctx, s, nil)
	return p.user, err
}

// lock keeps other changes of a user by this client waiting until unlock.
func (u *Users) lock(ctx context.Context, userID string) (unlock func(), err error) {
	unlock, err = u.c.locks.Lock(ctx, userKey(userID))
	if err != nil {
		return nil, &core.Error{Vendor: vendor, Account: u.c.options.Account, Op: "Users.Modify", Class: core.ClassCanceled, Err: err,
			Message: "the context ended while another change of the user was under way", Applied: core.AppliedNo}
	}
	return unlock, nil
}

// state is a user that was read to be changed and put back.
type state struct {
	*User        // as it is to be
	was    *User // as it was read
	id     string
	follow bool // a field that now equals the profile's follows the profile again
	inheritance
}

// read reads a user for a write to build on. What this client has written and the read
// does not show yet is laid over it: a stale read undoes no write of this client.
func (u *Users) read(ctx context.Context, userID string) (*state, error) {
	user, err := u.get(ctx, userID)
	if err != nil {
		return nil, err
	}
	if err := u.c.memory.Refresh(userKey(userID), user); err != nil {
		return nil, core.Invalid(vendor, "Users.Modify", "an earlier write no longer fits the user: "+err.Error())
	}

	in, err := u.inherited(ctx, user)
	if err != nil {
		return nil, err
	}
	was, err := user.copy()
	if err != nil {
		return nil, core.Invalid(vendor, "Users.Modify", "the user cannot be written back: "+err.Error())
	}
	return &state{User: user, was: was, id: userID, inheritance: in}, nil
}

// put is the result of a write.
type put struct {
	user *User // as the vendor answered
	asked
	told bool // the answer is the documented one, and shows what is not carried out later
	withheld
}

// put writes the changed user back. The fields that a change names, by wire name, are
// sent whatever the profile has.
func (u *Users) put(ctx context.Context, s *state, named []string) (put, error) {
	p := put{asked: ask(named, s.was, s.User)}
	body, w := s.withhold(*s.User, named, s.follow)
	body.UserID, p.withheld = s.id, w
	if err := requireUser(opPutUser, &body); err != nil {
		return p, err
	}

	var err error
	if p.user, err = u.replace(ctx, body); err != nil {
		return p, err
	}
	p.told = len(p.now().unmet(p.user)) == 0

	sent := *s.User
	sent.Password = core.Secret{} // reads never show it
	u.c.memory.Wrote(userKey(s.id), s.was, &sent)
	u.c.writes.note(userKey(s.id), written{patience: patience(s.was.background(), s.User.background()), seen: true, asked: p.asked})
	return p, nil
}

// Delete asks for the removal of a user and returns when the vendor has accepted it
// (204), which is before it is done: see Settle with core.SettleAfter(core.Deleted). A
// user that is gone is core.ErrNotFound, unless an earlier attempt of this call may
// have removed it. Avaya documents no 404 here and may accept the removal of a user
// that never was. It takes one request.
func (u *Users) Delete(ctx context.Context, userID string) error {
	call := u.c.call(opDeleteUser, userID)
	call.GoneIsDone = true
	u.c.memory.Forget(userKey(userID))
	u.c.writes.forget(userKey(userID))
	_, err := u.c.rest.Do(ctx, call)
	if err == nil {
		u.c.writes.note(userKey(userID), written{patience: unlisted, seen: true})
	}
	return err
}

// ListStatuses walks the progress of the latest changes of any number of users, 50 per
// request. A user whom the vendor does not know is left out. The walk is lazy and may be
// repeated; one that cannot be completed ends with core.ErrIncomplete.
func (u *Users) ListStatuses(ctx context.Context, userIDs ...string) iter.Seq2[UserStatus, error] {
	return walkStatuses[UserStatus](ctx, u.c, opUserStatuses, "userIds", userIDs)
}

// Settle waits until the latest change of a user is in effect, has failed, or
// was put off. It needs nothing but the id. Failed changes are core.ErrFailed;
// the error names each role set or feature that failed, and so does the
// Settlement beside it. A change that waits until the agent logs out is
// core.Deferred, without an error.
//
// Nothing at the vendor ties a status to a request, and right after a write the
// status of the one before may still be served: without
// core.SettleAfter(core.Created) an end counts when it was seen to come, or
// when it stood for a second. Of a change that this Client made the user must show,
// too, what was asked for: what does not show within ReadBack is core.ErrNotApplied.
// Another process knows the id alone, and goes by the status.
//
// A user that no look has shown is waited for until the context ends. One that was
// seen, and is there no more, is core.Gone.
//
// For a status that is not listed it waits 15 seconds, because it may be late;
// then it reads the user, and the change counts as in effect, with NeverListed as
// the Raw of the Settlement. A second is enough after a change that this Client
// made and in which roles, features and password stayed as they were.
func (u *Users) Settle(ctx context.Context, userID string, opts ...core.SettleOption) (core.Settlement, error) {
	return u.c.settleOne(ctx, userSettling, userID, opts)
}

func requireUser(op *rest.Op, u *User) error {
	for _, f := range []struct{ name, value string }{
		{"loginId", u.LoginID}, {"firstName", u.FirstName}, {"lastName", u.LastName},
		{"organizationNodeId", u.OrganizationNodeID},
	} {
		if f.value == "" {
			return core.Invalid(vendor, op.Name, f.name+" is required")
		}
	}
	return nil
}

// howToFindOut adds a hint to an error in doubt.
func howToFindOut(err error, hint string) error {
	if e, ok := err.(*core.Error); ok && e.Applied == core.AppliedUnknown {
		e.Hint = "it was not sent again: " + hint
	}
	return err
}
