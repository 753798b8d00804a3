package avaya

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const userPath = "/api/admin/user/{version}/accounts/{accountId}/users"

var (
	opListUsers  = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: userPath, Replay: rest.Safe, Bucket: "api"}
	opSearchUser = &rest.Op{Name: "Users.Search", Method: http.MethodPost, Path: userPath + ":search", Replay: rest.Safe, Bucket: "api"}
	opGetUser    = &rest.Op{Name: "Users.Get", Method: http.MethodGet, Path: userPath + "/{userId}", Replay: rest.Safe, Bucket: "api"}
	opCreateUser = &rest.Op{Name: "Users.Create", Method: http.MethodPost, Path: userPath, Replay: rest.Once, Bucket: "api"}
	opPutUser    = &rest.Op{Name: "Users.Replace", Method: http.MethodPut, Path: userPath + "/{userId}", Replay: rest.ReplaySafe, Bucket: "api"}
	opDeleteUser = &rest.Op{Name: "Users.Delete", Method: http.MethodDelete, Path: userPath + "/{userId}", Replay: rest.ReplaySafe, Bucket: "api"}
)

// Users is the resource of the people of an account, as on the vendor page
// "Users". All of it needs the role Account Administrator.
type Users struct{ c *Client }

// User is an agent, supervisor or administrator. When read it is the effective
// user: fields of its profile stand where it has none of its own, and nothing
// tells the two apart.
type User struct {
	// UserID is assigned by the server.
	UserID string `json:"userId,omitzero"`
	// OrganizationNodeID is the account's id or that of a node below it: six letters.
	OrganizationNodeID string `json:"organizationNodeId,omitzero"`
	// LoginID is e-mail shaped, at most 255 long and unique.
	LoginID   string `json:"loginId,omitzero"`
	FirstName string `json:"firstName,omitzero"` // 2..255
	LastName  string `json:"lastName,omitzero"`  // 2..255
	// Password is sent and never read. It is also subject to the account's
	// password policy, which is checked after the answer: see Settle.
	Password    core.Secret      `json:"password,omitzero"`
	DisplayName core.Opt[string] `json:"displayName,omitzero"` // 2..510
	EmailID     core.Opt[string] `json:"emailId,omitzero"`     // unique
	// ProfileID names the profile that the user takes fields from; six characters.
	ProfileID          core.Opt[string] `json:"profileId,omitzero"`
	MemberOfGroups     []string         `json:"memberOfGroups,omitzero"`     // at most 50
	OwnedGroups        []string         `json:"ownedGroups,omitzero"`        // at most 50, for supervisors
	Roles              []string         `json:"roles,omitzero"`              // at most 11; assigned all or none
	ResourcePartitions []string         `json:"resourcePartitions,omitzero"` // at most 10
	Addresses          []Address        `json:"addresses,omitzero"`
	AccountAddresses   []AccountAddress `json:"accountAddresses,omitzero"`
	Features           *Features        `json:"features,omitzero"`
	// UXProfileID comes from the profile and is not sent back.
	UXProfileID core.Opt[string] `json:"uxProfileId,omitzero"`
	// Extra holds fields this package does not know; they are sent back untouched.
	Extra core.Extra `json:"-"`
}

// The roles of the vendor page "Users"; an account may have others.
const (
	RoleAdministrator                       = "Administrator"
	RoleAgent                               = "Agent"
	RoleBusinessAnalyst                     = "Business Analyst"
	RoleHistoricalReportingAdvanced         = "Historical Reporting_Advanced"
	RoleHistoricalReportingBasic            = "Historical Reporting_Basic"
	RoleHistoricalReportingConsumer         = "Historical Reporting_Consumer"
	RoleReporting                           = "Reporting"
	RoleReportingAdministrator              = "Reporting_Administrator"
	RoleReportingSupervisor                 = "Reporting_Supervisor"
	RoleSupervisor                          = "Supervisor"
	RoleWorkspacesAdminWidgetsAdministrator = "Workspaces Admin Widgets Administrator"
)

// Address is where a user works. One with an AddressID is kept or changed by a
// write, one without is created.
type Address struct {
	AddressID         string           `json:"addressId,omitzero"`
	AddressName       core.Opt[string] `json:"addressName,omitzero"`
	AddressType       core.Opt[string] `json:"addressType,omitzero"`
	AddressTypeNumber core.Opt[string] `json:"addressTypeNumber,omitzero"`
	StreetNumber      core.Opt[string] `json:"streetNumber,omitzero"`
	StreetName        core.Opt[string] `json:"streetName,omitzero"`
	City              core.Opt[string] `json:"city,omitzero"`
	State             core.Opt[string] `json:"state,omitzero"`
	CountryCode       core.Opt[string] `json:"countryCode,omitzero"`
	Zip               core.Opt[string] `json:"zip,omitzero"`
	IsDefault         core.Opt[bool]   `json:"isDefault,omitzero"`
	Extra             core.Extra       `json:"-"`
}

// AccountAddress refers to an address of the account.
type AccountAddress struct {
	AddressID string         `json:"addressId,omitzero"`
	IsDefault core.Opt[bool] `json:"isDefault,omitzero"`
	Extra     core.Extra     `json:"-"`
}

// ListOptions narrows and orders a listing.
type ListOptions struct {
	// Filter is one criterion, made with Equals, StartsWith or EndsWith.
	Filter Filter
	// OrderBy is a field name, with " desc" behind it for descending order. It
	// defaults to the resource's own key, because pages of an unordered list
	// can shift.
	OrderBy string
	// PageSize is how many items one request asks for; what the endpoint does
	// not allow is moved to the nearest that it does. It does not bound the list.
	PageSize int
}

// List walks all users that match, in pages of 50. The walk is lazy, may be
// repeated, and ends with core.ErrIncomplete when the pages do not add up to
// the total that the vendor named. Filterable: loginId, lastName, firstName,
// emailId, organizationNodeId, profileId. Do not delete users during a walk:
// rows then move past it, which it notices and reports.
func (u *Users) List(ctx context.Context, opts ListOptions) iter.Seq2[User, error] {
	return list(ctx, u.c, opListUsers, nil, pageRule{5, 50, 50, "loginId"}, opts,
		func(p *userPage) []User { return p.Users }, func(v *User) string { return v.UserID })
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
	return list(ctx, u.c, opSearchUser, body, pageRule{5, 500, 50, ""}, ListOptions{PageSize: s.PageSize},
		func(p *userPage) []User { return p.Users }, func(v *User) string { return v.UserID })
}

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

// Get returns the effective user, or core.ErrNotFound.
func (u *Users) Get(ctx context.Context, userID string) (*User, error) {
	out := new(User)
	call := u.c.call(opGetUser, userID)
	call.Out = out
	res, err := u.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	return checked(out, aboutID(opGetUser, res, "userId", out.UserID, sameID(out.UserID, userID)))
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
	out := new(User)
	call := u.c.call(opCreateUser)
	call.Body, call.Out, call.Secrets = user.writable(), out, []core.Secret{user.Password}
	u.c.rest.KeepSecret(user.Password.Reveal()) // statuses may repeat it later
	res, err := u.c.rest.Do(ctx, call)
	switch {
	case err != nil:
	case out.UserID == "":
		err = noID(opCreateUser, res, "userId")
	case out.LoginID != "" && !sameLogin(out.LoginID, user.LoginID):
		// Its id is somebody else's.
		err = senseless(opCreateUser, res, "the vendor answered with a user of another login than the one that was asked for")
	}
	if err != nil {
		return nil, howToFindOut(err, "list the users with loginId "+user.LoginID+
			" to see whether it was created; finding none proves nothing until the list is complete")
	}
	u.c.patience.set("user/"+out.UserID, patience(nil, user.background()))
	return out, nil
}

// Replace puts the whole user, whom user.UserID names: **every field left out is
// cleared**, a feature or a role as much as a name; only the password stays when it
// is empty. It returns when the vendor has accepted the request, see Settle.
// Repeating it is safe. Use Modify to change some fields of a user that exists.
func (u *Users) Replace(ctx context.Context, user User) (*User, error) {
	if err := requireUser(opPutUser, &user); err != nil {
		return nil, err
	}
	out := new(User)
	call := u.c.call(opPutUser, user.UserID)
	call.Body, call.Out, call.Secrets = user.writable(), out, []core.Secret{user.Password}
	u.c.rest.KeepSecret(user.Password.Reveal())     // statuses may repeat it later
	u.c.patience.set("user/"+user.UserID, unlisted) // what it changes is not known here
	res, err := u.c.rest.Do(ctx, call)
	if err != nil {
		return nil, err
	}
	if out.UserID != "" && !sameID(out.UserID, user.UserID) {
		return nil, anotherThan(opPutUser, res)
	}
	out.UserID = user.UserID // as it was asked for: in the answer it may be missing, or in the other case
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
	m, err := u.modify(ctx, userID, nil, change)
	return m.user, err
}

// modified is what modify did.
type modified struct {
	user *User
	// pinned names the fields that came from the profile and are now the user's own.
	pinned []string
	// goneProfile is the id of the user's profile where there is none of that id.
	goneProfile string
	// skipped is true when change left the user as it was and nothing was sent.
	skipped bool
}

// nothingToChange is what a change returns to modify when there is nothing to write.
type nothingToChange struct{}

func (nothingToChange) Error() string { return "nothing to change" }

// modify is Modify for a change that names fields, by their wire name: those are
// sent whatever the profile has.
func (u *Users) modify(ctx context.Context, userID string, named []string, change func(*User) error) (modified, error) {
	unlock, err := u.c.locks.Lock(ctx, "user/"+userID)
	if err != nil {
		return modified{}, &core.Error{Vendor: vendor, Op: "Users.Modify", Class: core.ClassCanceled, Err: err,
			Message: "the context ended while another change of the user was under way", Applied: core.AppliedNo}
	}
	defer unlock()
	user, err := u.Get(ctx, userID)
	if err != nil {
		return modified{}, err
	}
	own, err := u.inherited(ctx, user)
	if err != nil {
		return modified{}, err
	}
	before := user.background()
	if err := change(user); err != nil {
		if _, nothing := err.(nothingToChange); nothing {
			return modified{user: user, skipped: true}, nil
		}
		return modified{user: user}, err
	}
	body, pinned := own.withhold(*user, named)
	body.UserID = userID
	out, err := u.Replace(ctx, body)
	if err == nil {
		u.c.patience.set("user/"+userID, patience(before, user.background()))
	}
	return modified{user: out, pinned: pinned, goneProfile: own.gone}, err
}

// Delete asks for the removal of a user and returns when the vendor has accepted
// it (204), which is before it is done: see Settle with
// core.SettleAfter(core.Deleted). A user that is gone is core.ErrNotFound,
// unless an earlier attempt of this call may have removed it. Avaya documents no
// 404 here and may accept the removal of a user that never was.
func (u *Users) Delete(ctx context.Context, userID string) error {
	call := u.c.call(opDeleteUser, userID)
	call.GoneIsDone = true
	_, err := u.c.rest.Do(ctx, call)
	return err
}

// ListStatuses returns the progress of the latest changes of up to any number of
// users, 50 to a request. A user the vendor does not know is left out.
func (u *Users) ListStatuses(ctx context.Context, userIDs ...string) ([]UserStatus, error) {
	return listStatuses[UserStatus](ctx, u.c, opUserStatuses, "userIds", userIDs)
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
// when it stood for a second.
//
// For a status that is not listed it waits 15 seconds, because it may be late;
// then it reads the user, and the change counts as in effect, with NeverListed as
// the Raw of the Settlement. A second is enough after a change that this Client
// made and in which roles, features and password stayed as they were.
func (u *Users) Settle(ctx context.Context, userID string, opts ...core.SettleOption) (core.Settlement, error) {
	return u.c.settleOne(ctx, userSettling, userID, opts)
}

// writable returns the user as it may be sent: without what only the server sets.
func (u User) writable() User {
	u.UserID, u.UXProfileID = "", core.Opt[string]{}
	u.Features = u.Features.writable()
	return u
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

// howToFindOut adds a hint to an error after which nobody knows what happened.
func howToFindOut(err error, hint string) error {
	if e, ok := err.(*core.Error); ok && e.Applied == core.AppliedUnknown {
		e.Hint = "it is not sent again: " + hint
	}
	return err
}
