package lucs

import (
	"context"
	"iter"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Users is the resource of people, as on the vendor pages "Control Users" and
// "Manage Users". LUCS lists users by service only; List, Get, Replace, Modify and
// Delete need a route in the Dialect.
type Users struct{ c *Client }

// ofService is Services.ListUsers for an id that came from the server.
func (u *Users) ofService(ctx context.Context, serviceID string, opts ServiceUserListOptions) iter.Seq2[User, error] {
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
// (Routes.Users); else it is core.ErrUnsupported, and Store lists users through the
// services. It takes one request.
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

// Get returns a user, where the server has a route for it (Routes.User); else it is
// core.ErrUnsupported. It takes one request.
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
	if got == nil || got.ID == "" {
		return nil, nonsense(opGetUser, core.AppliedNo, "the answer contains no user with an id")
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

// Block keeps work away from a user, until Unblock: it is not selected any more.
// Its presence stays, it sees nothing of it, and what it is at work on goes on.
// Blocking a blocked user does no harm; repeating is safe.
//
// It returns what the server says of the user, which may be all of it or a few fields:
// what is unset was not said. That the server accepted it is not proof: Store.Block
// looks again. It takes one request.
func (u *Users) Block(ctx context.Context, id string) (*User, error) {
	return u.flag(ctx, opBlockUser, id)
}

// Unblock lets work come to a user again. A pending task may reach it at once, so that
// it is unblocked and not selectable in the same moment: that is success. See Block for
// what is returned. It takes one request.
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

// SetPresence sets what colleagues see of a user, in the server's words. The server
// accepts it and Skype for Business carries it out: when it shows is not said. It
// touches neither a block nor the agent's reason. Repeating is safe. It takes one
// request, and does not look: Store.SetPresence does.
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

// received completes a user from the server.
func (c *Client) received(u *User) {
	u.SipUri = SIPURI(strings.TrimSpace(string(u.SipUri)))
	u.Presence = ""
	for _, name := range c.dialect.PresenceNames {
		if raw, ok := lookUp(u.Extra, name); ok {
			if word := presenceOf(raw); word != "" {
				u.Presence = word
				return
			}
		}
	}
}
