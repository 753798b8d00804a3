package evidence

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Memory remembers what a client has written, so that a read which is older than the
// client's own write does not undo it: a full replacement stands on the read, with
// those members laid over it that do not show yet. It is safe for concurrent use.
type Memory[T any] struct {
	// Keep, if set, carries over what has no wire name from an object as it was read to
	// the one that takes its place.
	Keep func(read, fresh *T)

	mu     sync.Mutex
	writes map[string]*written
}

// written is what writes of one object have changed and no read has shown yet.
type written struct {
	until   time.Time
	members map[string]change
}

// change is one member before and after; nil if it was absent.
type change struct{ was, is []byte }

const (
	// remembered is how long a write is believed more than a read.
	remembered = time.Minute
	// maxRemembered bounds how many objects are remembered; the oldest go first.
	maxRemembered = 1024
)

// Wrote remembers that an object was written: was is what it was read as, sent what the
// write left it as.
func (m *Memory[T]) Wrote(key string, was, sent *T) {
	before, after := wire.Members(was), wire.Members(sent)
	names := Changed(before, after)
	if len(names) == 0 {
		return
	}

	m.mu.Lock()
	defer m.mu.Unlock()
	if m.writes == nil {
		m.writes = map[string]*written{}
	}
	w := m.writes[key]
	if w == nil {
		m.makeRoom()
		w = &written{members: map[string]change{}}
		m.writes[key] = w
	}

	w.until = time.Now().Add(remembered)
	for _, name := range names {
		c := change{was: bytes.Clone(before[name]), is: bytes.Clone(after[name])} // not what is around them
		if earlier, ok := w.members[name]; ok {
			c.was = earlier.was // what a stale read shows
		}
		w.members[name] = c
	}
}

// Forget drops what is remembered of an object, for example because it was deleted.
func (m *Memory[T]) Forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.writes, key)
}

// Refresh lays over an object that was just read what own writes have changed of it
// and the read does not show yet. A member that shows the write, or something that is
// neither the old nor the new value, is forgotten: the read is newer.
func (m *Memory[T]) Refresh(key string, read *T) error {
	m.mu.Lock()
	defer m.mu.Unlock()

	w := m.writes[key]
	if w == nil {
		return nil
	}
	if time.Now().After(w.until) {
		delete(m.writes, key)
		return nil
	}

	now, stale := wire.Members(read), map[string]any{}
	for name, c := range w.members {
		if sameRaw(now[name], c.is) || !sameRaw(now[name], c.was) {
			delete(w.members, name)
			continue
		}
		stale[name] = overlaid(c.is)
	}
	if len(w.members) == 0 {
		delete(m.writes, key)
		return nil
	}

	fresh := *read
	if err := wire.Overlay(&fresh, stale); err != nil {
		return err
	}
	if m.Keep != nil {
		m.Keep(read, &fresh)
	}
	*read = fresh
	return nil
}

// makeRoom drops writes that are no longer believed, and else the oldest.
func (m *Memory[T]) makeRoom() {
	if len(m.writes) < maxRemembered {
		return
	}

	oldest := ""
	for key, w := range m.writes {
		if time.Now().After(w.until) {
			delete(m.writes, key)
		} else if oldest == "" || w.until.Before(m.writes[oldest].until) {
			oldest = key
		}
	}

	if len(m.writes) >= maxRemembered {
		delete(m.writes, oldest)
	}
}

// overlaid is a member as wire.Overlay takes it.
func overlaid(raw []byte) any {
	if raw == nil {
		return core.Clear[any]()
	}
	return json.RawMessage(raw)
}

// Recent remembers for a while which objects a client has created, so that a read which
// does not show one yet is not taken for its absence. It is safe for concurrent use.
type Recent struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// Add remembers an object.
func (r *Recent) Add(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until == nil {
		r.until = map[string]time.Time{}
	}

	if len(r.until) >= maxRemembered {
		for key, until := range r.until {
			if time.Now().After(until) {
				delete(r.until, key)
			}
		}
	}

	if len(r.until) < maxRemembered {
		r.until[key] = time.Now().Add(remembered)
	}
}

// Has reports whether an object was created a short while ago.
func (r *Recent) Has(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Before(r.until[key])
}

// Forget drops an object, for example because it was deleted.
func (r *Recent) Forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.until, key)
}
