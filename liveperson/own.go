package liveperson

import (
	"strconv"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/internal/evidence"
)

// own is what a client remembers of its own writes, so that reads which lag behind
// neither undo nor deny them.
type own struct {
	users evidence.Memory[User]

	mu       sync.Mutex
	revision int64 // the latest that a write was answered with
	distrust bool  // reads never caught up with it: the two cannot be compared
	recent   map[int64]recent
}

// recent is the latest write of a user.
type recent struct {
	made   bool  // it was a creation
	answer *User // the whole user, if it was answered with it
	at     time.Time
}

const (
	// remembered is for how long a write is believed against reads.
	remembered = time.Minute
	// maxRecent bounds of how many users the latest write is remembered.
	maxRecent = 1024
)

// newOwn remembers nothing yet. What has no wire name is carried over from the read.
func newOwn() *own {
	o := &own{recent: map[int64]recent{}}
	o.users.Keep = func(read, fresh *User) { fresh.Revision = read.Revision }
	return o
}

// wrote remembers that a user was read as was and left as is. What no answer shows is
// the business of the nameBook, or of nobody.
func (o *own) wrote(was, is *User) {
	left := is.clone()
	left.FullName, left.EmployeeID, left.PasswordSh = was.FullName, was.EmployeeID, was.PasswordSh
	o.users.Wrote(itoa(was.ID), was, left)
}

// answered remembers the whole user that a write was answered with.
func (o *own) answered(u *User) { o.note(u.ID, recent{answer: u.clone()}) }

// created remembers that a user was made, and may not show yet.
func (o *own) created(id int64) { o.note(id, recent{made: true}) }

func (o *own) note(id int64, r recent) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for other, old := range o.recent {
		if len(o.recent) >= maxRecent || time.Since(old.at) > remembered {
			delete(o.recent, other)
		}
	}
	if r.at = time.Now(); r.answer == nil {
		r.answer = o.recent[id].answer
	}
	r.made = r.made || o.recent[id].made
	o.recent[id] = r
}

// of returns the latest write of a user, if there was one a moment ago.
func (o *own) of(id int64) recent {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.recent[id]; time.Since(r.at) <= remembered {
		return r
	}
	return recent{}
}

// latest returns a user as the latest write of this client left it, where that is newer
// than what was read and nothing that was written since has moved the revision on.
func (o *own) latest(id int64, read Revision[User]) *User {
	u := o.of(id).answer
	if u == nil || read != "" && !o.isAhead(read) || o.isAhead(u.Revision) {
		return nil
	}
	return u.clone()
}

// refused drops the answer under whose revision a write was refused.
func (o *own) refused(id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.recent, id)
}

// forget drops what is remembered of a user.
func (o *own) forget(id int64) {
	o.users.Forget(itoa(id))
	o.refused(id)
}

// told remembers the revision that a write was answered with.
func (o *own) told(r Revision[User]) {
	n, err := strconv.ParseInt(string(r), 10, 64)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err == nil && n > o.revision {
		o.revision = n
	}
}

// isAhead reports whether a write of this client was answered with a later revision
// than that of a read: the read is older.
func (o *own) isAhead(r Revision[User]) bool {
	n, err := strconv.ParseInt(string(r), 10, 64)
	o.mu.Lock()
	defer o.mu.Unlock()
	return err == nil && n < o.revision
}

// waits reports whether a read of some revision should be made again, until it has
// caught up with the writes of this client.
func (o *own) waits(r Revision[User]) bool {
	o.mu.Lock()
	distrust := o.distrust
	o.mu.Unlock()
	return !distrust && o.isAhead(r)
}

// gaveUp notes that reads did not catch up, however long they were waited for.
func (o *own) gaveUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.distrust = true
}

// readBack is how changes that do not show yet are looked for.
func (c *Client) readBack(op string) evidence.ReadBack {
	return evidence.ReadBackOf(vendor, op, c.options)
}
