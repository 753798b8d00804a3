package liveperson

import (
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// BlankFullName says what a write does about a fullName that was read blank and
// that the caller has not set. The vendor requires the field in every write and
// returns it empty, always; what it does with an empty one in an update is not
// documented. The field is never left out, which would delete the name.
type BlankFullName int

const (
	// KeepKnown sends the name that this Client itself gave the user, by a create
	// or an update, while nobody else has changed the user since (as far as the
	// revision and the second of dateUpdated tell). A name it does not know, for
	// example after a restart, is sent blank, as it was read, like SendAsRead.
	// The same holds for a blank employeeId.
	KeepKnown BlankFullName = iota
	// SendAsRead sends the blank name back. Public tools do, and report no harm.
	SendAsRead
	// Refuse refuses the write before it is sent, with core.ErrInvalid: the
	// caller must set FullName in every change of a user whose name reads blank.
	// A blank employeeId is sent as read, because a user may have none.
	Refuse
)

// nameBook remembers the names that this client has written and cannot read back.
type nameBook struct {
	mu    sync.Mutex
	known map[int64]knownName
}

type knownName struct {
	fullName, employeeID string
	updated              Date
	revision             Revision[User]
}

func newNameBook() *nameBook { return &nameBook{known: map[int64]knownName{}} }

// maxNames bounds the book. No account has so many users.
const maxNames = 50_000

// note records the state after a write. A field that was sent blank is unknown.
func (b *nameBook) note(sent, got *User, revision Revision[User]) {
	k := knownName{fullName: sent.FullName.Or(""), employeeID: sent.EmployeeID.Or(""), updated: got.DateUpdated.Or(""), revision: revision}
	b.mu.Lock()
	defer b.mu.Unlock()
	if k.fullName == "" && k.employeeID == "" {
		delete(b.known, got.ID)
		return
	}

	if len(b.known) >= maxNames {
		for id := range b.known {
			delete(b.known, id)
			break
		}
	}
	b.known[got.ID] = k
}

func (b *nameBook) forget(id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, id)
}

// of returns what is known about a user as it was read, unless another writer may have
// changed it since.
func (b *nameBook) of(u *User) knownName {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.known[u.ID]
	if k.revision != "" && k.revision == u.Revision || k.updated != "" && k.updated == u.DateUpdated.Or("") {
		return k
	}
	return knownName{}
}

// fillBlank applies the policy to a user that is about to replace another.
func (c *Client) fillBlank(op *rest.Op, u *User) error {
	known := knownName{}
	if c.blank == KeepKnown {
		known = c.names.of(u)
	}
	if u.FullName.Or("") == "" {
		if c.blank == Refuse {
			return c.invalid(op, "fullName reads blank and was not set, and the client's policy is to refuse such a write")
		}
		u.FullName = core.Set(known.fullName)
	}

	if known.employeeID != "" && u.EmployeeID.IsSet() && u.EmployeeID.Or("") == "" {
		u.EmployeeID = core.Set(known.employeeID)
	}
	return nil
}
