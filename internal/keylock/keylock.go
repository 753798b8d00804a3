// Package keylock serialises work on one thing, for example the
// read-modify-writes of one user at a vendor without revisions.
package keylock

import (
	"context"
	"sync"
)

// Locks is a set of locks by key. The zero value is ready. A lock may be held
// across waits: those who want it wait in a channel and can give up.
type Locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	free chan struct{} // holds one value while the lock is free
	want int           // holders and waiters; at none the lock is forgotten
}

// Lock waits for the key's lock and returns the function that releases it, or
// the context's error.
func (l *Locks) Lock(ctx context.Context, key string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*lock{}
	}
	k := l.held[key]
	if k == nil {
		k = &lock{free: make(chan struct{}, 1)}
		k.free <- struct{}{}
		l.held[key] = k
	}
	k.want++
	l.mu.Unlock()

	select {
	case <-k.free:
		return sync.OnceFunc(func() {
			k.free <- struct{}{}
			l.leave(key, k)
		}), nil
	case <-ctx.Done():
		l.leave(key, k)
		return nil, ctx.Err()
	}
}

func (l *Locks) leave(key string, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.want--; k.want == 0 {
		delete(l.held, key)
	}
}
