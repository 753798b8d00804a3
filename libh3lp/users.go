package libh3lp

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/internal/rest"
)

var (
	opListUsers = &rest.Op{Name: "Users.List", Method: http.MethodGet, Path: v1 + "/users", Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opGetUser = &rest.Op{Name: "Users.Get", Method: http.MethodGet, Path: v1 + "/users/{userId}", Replay: rest.Safe, Bucket: bucketAPI,
		Success: listed}
	opCreateUser = &rest.Op{Name: "Users.Create", Method: http.MethodPost, Path: v1 + "/users", Replay: rest.Once, Bucket: bucketAPI,
		Success: written}
	opUpdateUser = &rest.Op{Name: "Users.Update", Method: http.MethodPut, Path: v1 + "/users/{userId}", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: written}
	opDeleteUser = &rest.Op{Name: "Users.Delete", Method: http.MethodDelete, Path: v1 + "/users/{userId}", Replay: rest.ReplaySafe,
		Bucket: bucketAPI, Success: written}
)

var userOps = ops{"user", opListUsers, opGetUser, opCreateUser, opUpdateUser, opDeleteUser, []string{"name", "email"}}

// Users is the resource of the vendor page "Users": all users managed by or created
// by the one who is logged in; others do not exist.
type Users struct{ c *Client }

// List walks all users, in one request, in memory that does not grow with their
// number. There is no filter. The walk is lazy and may be repeated; one that is cut
// off ends with core.ErrIncomplete. Folders are left out.
func (u *Users) List(ctx context.Context) iter.Seq2[User, error] {
	return list[User](ctx, u.c, userOps)
}

// Get returns a user, or core.ErrNotFound, in whatever of its four ways the vendor says
// so. It takes one request.
func (u *Users) Get(ctx context.Context, id int64) (*User, error) {
	return get[User](ctx, u.c, userOps, id)
}

// Create makes a user and returns it. It is in no queue. A name that no user can
// have is core.ErrInvalid before anything is sent; one that is taken, perhaps by
// a queue or in another subscription, is core.ErrConflict or core.ErrInvalid by the
// vendor's words. An e-mail address is set afterwards, with Update: it is not documented
// whether a create takes one. What was sent and is shown otherwise, or by a read
// neither, is core.ErrNotApplied with core.AppliedYes, beside the user: it exists.
//
// It is sent again only after an answer that certainly refused it; an error with
// core.AppliedUnknown means that the user may exist: list the users and look for
// the name.
//
// It takes one request, and a read where the answer does not show what was sent.
func (u *Users) Create(ctx context.Context, user NewUser) (*User, error) {
	if why := badName(user.Name); why != "" {
		return nil, u.c.invalid(opCreateUser, why)
	}
	if user.Password.IsZero() {
		return nil, u.c.invalid(opCreateUser, "the password is missing")
	}

	u.c.rest.KeepSecret(user.Password.Reveal()) // a later answer may repeat it
	body := struct {
		Type string `json:"type"`
		NewUser
	}{"user", user}
	return create[User](ctx, u.c, userOps, user.Name, &body, user.Password)
}

// Update changes what change names and nothing else, and returns the user as it
// then is. Repeating it is safe.
//
// The vendor ignores an illegal value in silence and answers with the old one:
// that is core.ErrNotApplied, beside the user. Where the answer does not show what
// was sent the user is read; a field that is not shown then either is
// core.ErrNotApplied with core.AppliedUnknown, one that was emptied and that this
// package does not know included. A password that was ignored cannot be told, nor a
// folder; where the answer does not even report success, that is core.ErrProtocol with
// core.AppliedUnknown, beside the user.
//
// It takes one request, and a read where the answer does not show what was sent.
func (u *Users) Update(ctx context.Context, id int64, change UserUpdate) (*User, error) {
	if name, ok := change.Name.Get(); ok || change.Name.IsClear() {
		if why := badName(name); why != "" {
			return nil, u.c.invalid(opUpdateUser, why)
		}
	}
	u.c.rest.KeepSecret(change.Password.Reveal())
	return update[User](ctx, u.c, userOps, id, &change, change.Password)
}

// Delete removes a user, and with it, as far as is known, its links. A user that is
// gone is core.ErrNotFound, unless an earlier attempt of this call may have removed it.
// The vendor's refusal is taken for its absence only where the list of users agrees. It
// takes one request to delete and one to look, and more where it still shows.
func (u *Users) Delete(ctx context.Context, id int64) error {
	return remove[User](ctx, u.c, userOps, id)
}
