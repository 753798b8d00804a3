package lucs

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// LUCS lists users by service only. What follows reads all of them, or looks for
// one, by walking the services: one after the other, never several at a time, at
// the client's pace.

// member is a user and one of its services.
type member struct {
	user    User
	service Service
}

// members walks the users of all services that the key sees: a user of several services
// comes several times. Everything before an error is correct. Who looks for somebody
// gets an error where there is no service to look in.
func (c *Client) members(ctx context.Context, looking bool) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		services, err := core.Collect(c.Services.List(ctx))
		if err == nil && looking && len(services) == 0 {
			err = c.noServices()
		}
		if err != nil {
			yield(member{}, err)
			return
		}
		for _, s := range services {
			for u, err := range c.Users.ofService(ctx, bare(s.ID), ServiceUserListOptions{}) {
				if err != nil {
					yield(member{}, incomplete(err, s))
					return
				}
				if !yield(member{u, s}, nil) {
					return
				}
			}
		}
	}
}

// find reads one user: from the server's own route, where it has one, else from
// the first service that holds it. Where that was is remembered, so that the next
// look costs one request.
func (c *Client) find(ctx context.Context, op, id string) (*User, error) {
	return c.lookFor(ctx, op, id, false)
}

// findAgain is find for a user who was just seen: if the service that has it cannot be
// read at the moment, that error is returned, and no other service is asked.
func (c *Client) findAgain(ctx context.Context, op, id string) (*User, error) {
	return c.lookFor(ctx, op, id, true)
}

func (c *Client) lookFor(ctx context.Context, op, id string, again bool) (*User, error) {
	if c.has(opGetUser) {
		return c.Users.Get(ctx, id)
	}
	is := func(u *User) bool { return sameID(u.ID, id) }

	var home visit
	if home.service = c.homes.of(id); home.service != "" {
		u, err := c.in(ctx, home.service, is)
		switch {
		case again && errors.Is(err, core.ErrNotFound):
			err = nil // a deleted service has no users
		case u != nil || endsSearch(err) || again && err != nil:
			return u, err
		case core.ClassOf(err) == core.ClassUnauthenticated:
			// The key worked here before and may no longer be valid: nothing else is
			// tried with it. If only this service refuses it, the next look begins
			// elsewhere.
			c.homes.forget(id)
			return nil, err
		}
		home.err = err
	}

	u, err := c.search(ctx, home, is)
	if err == nil && u == nil {
		err = noSuchUser(op)
	}
	return u, err
}

// noServices is the error of a search where the key sees no service at all: nobody was
// looked for, so that nobody is missing.
func (c *Client) noServices() error {
	return &core.Error{Vendor: vendor, Account: c.options.Account, Op: opListServices.Name, Class: core.ClassIncomplete,
		Applied: core.AppliedNo,
		Message: "the list of services is empty, so that nobody was looked for",
		Hint:    "give the key the organization units whose services and users it should see"}
}

// findBySIP looks for a user by its address, and returns nil if no service shows it.
func (c *Client) findBySIP(ctx context.Context, sip SIPURI) (*User, error) {
	return c.search(ctx, visit{}, func(u *User) bool { return u.SipUri.Same(sip) })
}

// visit is a service in which a user was looked for, and not found.
type visit struct {
	service string
	err     error
}

// search looks through the services, except one that was visited, up to the first that
// has the user. A service that cannot be read hides no user of the others: its error
// counts only if no other has the user.
func (c *Client) search(ctx context.Context, visited visit, is func(*User) bool) (*User, error) {
	services, err := twice(func() ([]Service, error) { return core.Collect(c.Services.List(ctx)) })
	if err == nil && len(services) == 0 {
		err = c.noServices()
	}
	if err != nil {
		return nil, err
	}
	var first error
	sick, refused := 0, 0
	for _, s := range services {
		var u *User
		err := visited.err
		if visited.service == "" || !sameID(s.ID, visited.service) {
			u, err = c.in(ctx, s.ID, is)
		}
		switch {
		case u != nil:
			c.homes.note(u.ID, s.ID)
			return u, nil
		case endsSearch(err):
			return nil, incomplete(err, s)
		case err == nil:
			refused = 0
			continue
		case first == nil:
			first = incomplete(err, s)
		}
		switch core.ClassOf(err) {
		case core.ClassUnavailable, core.ClassProtocol, core.ClassIncomplete:
			sick++
		case core.ClassUnauthenticated:
			refused++
		}
		if sick == maxUnreadable || refused == maxRefused {
			break
		}
	}

	return nil, first
}

const (
	// maxUnreadable is how many services may not be readable before a search ends: the
	// server is down then, and every further one would be tried to the end.
	maxUnreadable = 3
	// maxRefused is how many in a row may refuse the key.
	maxRefused = 2
)

// endsSearch reports an error after which no other service is asked: the caller gave
// up, or the server asked to be left alone.
func endsSearch(err error) bool {
	class := core.ClassOf(err)
	return class == core.ClassCanceled || class == core.ClassRateLimited
}

// refusedKey reports a 401 about the key itself. A 401 to the users of one service is
// not: the list of services had accepted the key.
func refusedKey(err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	return ok && e.Class == core.ClassUnauthenticated && e.Op != opServiceUsers.Name
}

// in looks for a user in a service. The list is read to its end, which keeps the
// connection, but what comes after the user does not matter.
func (c *Client) in(ctx context.Context, serviceID string, is func(*User) bool) (*User, error) {
	return twice(func() (found *User, err error) {
		for u, err := range c.Users.ofService(ctx, bare(serviceID), ServiceUserListOptions{}) {
			switch {
			case found != nil:
			case err != nil:
				return nil, err
			case is(&u):
				found = &u
			}
		}
		return found, nil
	})
}

// twice reads a list again that broke off. A walk cannot, because it has already
// yielded what came, but a search can.
func twice[T any](read func() (T, error)) (T, error) {
	v, err := read()
	if core.ClassOf(err) == core.ClassIncomplete { // a list that was refused is not read again
		return read()
	}
	return v, err
}

// noSuchUser is the error of a user that no service shows.
func noSuchUser(op string) error {
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassNotFound, Applied: core.AppliedNo,
		Message: "no service that the key can see has the user",
		Hint: "it may still exist: a key sees its organization units only, and a user without the traits and profiles that a service asks " +
			"for is in none"}
}

// incomplete is the error of a walk that one of the services stopped. An error about
// the credential or the caller keeps its class.
func incomplete(err error, s Service) error {
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		return err
	}
	e = new(*e)
	e.Message = "reading the users of service " + s.ID + " failed: " + e.Words()
	switch e.Class {
	case core.ClassCanceled, core.ClassUnauthenticated, core.ClassPermission, core.ClassRateLimited:
		return e
	}

	e.Err = err
	if errors.Is(err, core.ErrNotFound) { // or a caller would take it for the user's
		e.Err = errors.New(e.Message)
	}
	e.Class = core.ClassIncomplete
	e.Hint = "what was read so far is correct, the rest is missing: try again"
	return e
}

// homes remembers in which service a user was seen.
type homes struct {
	mu       sync.Mutex
	services map[string]string
}

// maxHomes bounds what is remembered.
const maxHomes = 50_000

func (h *homes) of(userID string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.services[idKey(userID)]
}

func (h *homes) note(userID, serviceID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.services == nil {
		h.services = map[string]string{}
	}
	if len(h.services) >= maxHomes {
		clear(h.services)
	}
	h.services[idKey(userID)] = serviceID
}

func (h *homes) forget(userID string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.services, idKey(userID))
}

// lock makes the changes of one user wait for each other.
func (c *Client) lock(ctx context.Context, op, id string) (unlock func(), err error) {
	unlock, err = c.locks.Lock(ctx, idKey(id))
	if err != nil {
		return nil, &core.Error{Vendor: vendor, Op: op, Class: core.ClassCanceled, Err: err, Applied: core.AppliedNo,
			Message: "the context ended while another change of the same user was under way"}
	}
	return unlock, nil
}
