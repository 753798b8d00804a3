package avaya

import (
	"bytes"
	"maps"
	"strings"
	"sync"
	"time"
)

// What a client remembers of its own writes, for those who wait for them.

const (
	// unlisted is how long a status must be missing before its absence means that
	// there is nothing to wait for: right after a write it may not be listed yet.
	unlisted = 15 * time.Second
	// unlistedPassword is the same for a write that only checks a password in the
	// background, which may leave no status of its own.
	unlistedPassword = 5 * time.Second
	// standing is how long an end must be seen unchanged before it is believed, if the
	// change was not seen in progress: for a while after a write the vendor may still
	// serve the status of the change before, and the two cannot be told apart. It is
	// long enough for an absence, too, after a write that changed nothing in the
	// background.
	standing = time.Second

	// remembered is how long a write is remembered, and young how long after its
	// creation a user may not show.
	remembered, young = time.Hour, time.Minute
	// maxWritten bounds how many writes are remembered.
	maxWritten = 4096
)

// written is the latest write of a user or profile by this client.
type written struct {
	at       time.Time
	patience time.Duration // when its status is absent
	created  bool          // no read has shown it yet
	seen     bool          // a read showed it before the write
	asked
}

// writes remembers the latest write of each user and profile. What is settled is
// forgotten: the next change may be another process's.
type writes struct {
	mu sync.Mutex
	by map[string]written
}

// userKey names a user, whose id is a UUID in either case, and profileKey a profile,
// in whose id case counts.
func userKey(id string) string    { return "user/" + strings.ToLower(id) }
func profileKey(id string) string { return "profile/" + id }

func (w *writes) note(key string, one written) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[string]written{}
	}

	if len(w.by) >= maxWritten {
		maps.DeleteFunc(w.by, func(_ string, old written) bool { return time.Since(old.at) > remembered })
	}
	for old := range w.by {
		if len(w.by) < maxWritten {
			break
		}
		delete(w.by, old) // it is settled then like one of another process
	}

	one.at = time.Now()
	w.by[key] = one
}

// of returns what is known of the latest write; nothing, if another process made it.
func (w *writes) of(key string) written {
	w.mu.Lock()
	defer w.mu.Unlock()
	one, ok := w.by[key]
	if !ok || time.Since(one.at) > remembered {
		return written{patience: unlisted}
	}
	return one
}

func (w *writes) forget(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.by, key)
}

// shown notes that a read showed what was created.
func (w *writes) shown(key func() string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.by) == 0 {
		return // as in a client that only reads: it need not make the key
	}
	if one, ok := w.by[key()]; ok && one.created {
		one.created, one.seen = false, true
		w.by[key()] = one
	}
}

// unborn reports whether something was created a moment ago and not shown yet.
func (w *writes) unborn(key string) bool {
	one := w.of(key)
	return one.created && time.Since(one.at) < young
}

// patience is how long to wait for a status after a write, by what it changed in the
// background.
func patience(before, after map[string][]byte) time.Duration {
	before, after = maps.Clone(before), maps.Clone(after)
	for _, b := range []map[string][]byte{before, after} {
		maps.DeleteFunc(b, func(_ string, raw []byte) bool { return string(raw) == "{}" || string(raw) == "[]" })
	}
	if maps.EqualFunc(before, after, bytes.Equal) {
		return standing
	}

	delete(before, "password")
	delete(after, "password")
	if maps.EqualFunc(before, after, bytes.Equal) {
		return unlistedPassword
	}
	return unlisted
}
