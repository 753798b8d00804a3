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
	made     map[int64]time.Time
	answers  map[int64]answer
}

// answer is the user that a write was answered with.
type answer struct {
	user *User
	at   time.Time
}

const (
	// newborn is for how long a user that was made is waited for where it does not show.
	newborn = time.Minute
	// maxNewborn bounds how many are remembered, and how many answers.
	maxNewborn = 1024
)

// newOwn remembers nothing yet. What has no wire name is carried over from the read.
func newOwn() *own {
	o := &own{made: map[int64]time.Time{}, answers: map[int64]answer{}}
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

// created remembers that a user was made.
func (o *own) created(id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for other, at := range o.made {
		if len(o.made) >= maxNewborn || time.Since(at) > newborn {
			delete(o.made, other)
		}
	}
	o.made[id] = time.Now()
}

// answered remembers the whole user that a write was answered with.
func (o *own) answered(u *User) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for other, a := range o.answers {
		if len(o.answers) >= maxNewborn || time.Since(a.at) > newborn {
			delete(o.answers, other)
		}
	}
	o.answers[u.ID] = answer{u.clone(), time.Now()}
}

// refused drops the answer, under whose revision a write was refused.
func (o *own) refused(id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.answers, id)
}

// latest returns a user as the latest write of this client left it, where that is newer
// than what was read: a write of another user has moved the revision on.
func (o *own) latest(id int64, read Revision[User]) *User {
	if read != "" && !o.isAhead(read) {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	a, ok := o.answers[id]
	if !ok || time.Since(a.at) > newborn || string(a.user.Revision) != strconv.FormatInt(o.revision, 10) {
		return nil
	}
	return a.user.clone()
}

// isNew reports whether a user was made a moment ago, and may not show yet.
func (o *own) isNew(id int64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, ok := o.made[id]
	return ok && time.Since(at) <= newborn
}

// forget drops what is remembered of a user.
func (o *own) forget(id int64) {
	o.users.Forget(itoa(id))
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.made, id)
	delete(o.answers, id)
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
