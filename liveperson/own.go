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
	revision int64 // the latest revision that a write was answered with
	distrust bool  // reads never caught up with it, so the two cannot be compared
	recent   map[int64]recent
}

// recent is the latest write of a user.
type recent struct {
	made   bool  // it was a creation
	answer *User // the whole user, if it was answered with it
	at     time.Time
}

const (
	// remembered is how long a write is believed more than a read.
	remembered = time.Minute
	// maxRecent is how many users' latest writes are remembered.
	maxRecent = 1024
)

// newOwn returns an empty memory. Fields without a wire name are carried over from the
// read.
func newOwn() *own {
	o := &own{recent: map[int64]recent{}}
	o.users.Keep = func(read, fresh *User) { fresh.Revision = read.Revision }
	return o
}

// wrote remembers that a user was read as was and left as is. What answers never show
// is kept by the nameBook, or not at all.
func (o *own) wrote(was, is *User) {
	left := is.clone()
	left.FullName, left.EmployeeID, left.PasswordSh = was.FullName, was.EmployeeID, was.PasswordSh
	o.users.Wrote(itoa(was.ID), was, left)
}

// answered remembers the whole user that a write was answered with.
func (o *own) answered(u *User) { o.note(u.ID, recent{answer: u.clone()}) }

// created remembers that a user was created and may not show yet.
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

// latest returns a user as this client's latest write left it, if that is newer than
// what was read and no write since has moved the revision.
func (o *own) latest(id int64, read Revision[User]) *User {
	u := o.of(id).answer
	if u == nil || read != "" && !o.isAhead(read) || o.isAhead(u.Revision) {
		return nil
	}
	return u.clone()
}

// refused drops the remembered answer after a write under its revision was refused.
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

// told remembers the revision in the answer to a write.
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

// waits reports whether to repeat a read because its revision is older than this
// client's own writes.
func (o *own) waits(r Revision[User]) bool {
	o.mu.Lock()
	distrust := o.distrust
	o.mu.Unlock()
	return !distrust && o.isAhead(r)
}

// gaveUp records that reads did not catch up within the wait.
func (o *own) gaveUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.distrust = true
}

// readBack says how long to look for changes that do not show yet.
func (c *Client) readBack(op string) evidence.ReadBack {
	return evidence.ReadBackOf(op, c.options.ReadBack, c.rest)
}
