package avaya

import (
	"bytes"
	"maps"
	"strings"
	"sync"
)

// quietWrites remembers which entities this client last changed in nothing that
// the vendor carries out in the background: such a change may leave no status,
// and settling need not wait long for one. What is settled is forgotten, and like
// what another process wrote it is waited for longer.
type quietWrites struct {
	mu  sync.Mutex
	ids map[string]struct{}
}

// mostQuiet bounds the memory; beyond it all are forgotten.
const mostQuiet = 10_000

func (q *quietWrites) set(key string, quiet bool) {
	key = strings.ToLower(key)
	q.mu.Lock()
	defer q.mu.Unlock()
	if !quiet {
		delete(q.ids, key)
		return
	}
	if q.ids == nil || len(q.ids) >= mostQuiet {
		q.ids = map[string]struct{}{}
	}
	q.ids[key] = struct{}{}
}

func (q *quietWrites) has(key string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	_, ok := q.ids[strings.ToLower(key)]
	return ok
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

func sameBackground(a, b map[string][]byte) bool { return maps.EqualFunc(a, b, bytes.Equal) }
