package avaya

import (
	"bytes"
	"cmp"
	"maps"
	"strings"
	"sync"
	"time"
)

const (
	// unlisted is how long a status must be missing before its absence means that
	// there is nothing to wait for: right after a write it may not be listed yet.
	unlisted = 15 * time.Second
	// unlistedPassword is that for a write in whose background only a password is
	// checked, which may leave no status of its own.
	unlistedPassword = 5 * time.Second
	// standing is how long an end must be seen unchanged before it is believed,
	// where it was not seen to come: for a while after a write the vendor may
	// still serve the status of the change before, and nothing tells them apart.
	// It is enough for an absence, too, after a write that changed nothing in the
	// background.
	standing = time.Second
)

// patiences remembers how long an absence is waited for after the writes of this
// client that need less than all of unlisted. What is settled is forgotten, and like
// what another process wrote it is waited for longest.
type patiences struct {
	mu    sync.Mutex
	after map[string]time.Duration
}

// mostPatiences bounds the memory; beyond it all are forgotten.
const mostPatiences = 10_000

func (p *patiences) set(key string, d time.Duration) {
	key = strings.ToLower(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if d >= unlisted {
		delete(p.after, key)
		return
	}
	if p.after == nil || len(p.after) >= mostPatiences {
		p.after = map[string]time.Duration{}
	}
	p.after[key] = d
}

func (p *patiences) of(key string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return cmp.Or(p.after[strings.ToLower(key)], unlisted)
}

// background is what of a user the vendor carries out later, in a form to
// compare. A password is among it: its policy is checked later too.
func (u *User) background() map[string][]byte {
	b := canonical(u.Roles, nil, u.ResourcePartitions, u.Features, nil)
	for name, text := range map[string]string{"profileId": u.ProfileID.Or(""), "password": u.Password.Reveal()} {
		if text != "" {
			b[name] = []byte(text)
		}
	}
	return b
}

// background is the same of a profile.
func (p *Profile) background() map[string][]byte { return canonical(nil, nil, nil, p.Features, nil) }

// patience is how long to wait for a status after a write that made one background
// of another.
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
