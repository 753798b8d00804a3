package liveperson

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// modifications are read-modify-writes of different users that share their writes.
type modifications struct {
	u     *Users
	each  []*modification
	users []*User // as each is now
	errs  []error

	mu     sync.Mutex
	barred error // why no other user can be read either
}

// modifyMany is modify for several different users: each is read, and one request writes
// all of them. What that request does not decide is written user by user.
func (u *Users) modifyMany(ctx context.Context, each []*modification) ([]*User, []error) {
	ms := &modifications{u: u, each: each, users: make([]*User, len(each)), errs: make([]error, len(each))}
	left, alone := make([]int, len(each)), []int{}
	for i := range left {
		left[i] = i
	}

	for try := 1; len(left) > 1 && try <= min(batchTries, u.c.tries); try++ {
		stale, refused := ms.try(ctx, left)
		left, alone = stale, append(alone, refused...)
		if len(left) > 0 && pause(ctx, rand.N(time.Duration(try)*20*time.Millisecond)) != nil {
			break // modify says so of each
		}
	}

	for _, i := range append(alone, left...) {
		ms.users[i], ms.errs[i] = u.modify(ctx, each[i])
	}
	return ms.users, ms.errs
}

// try reads some users and writes them once. It returns those whose write met a stale
// revision, and those that were refused together, for one of them perhaps.
func (ms *modifications) try(ctx context.Context, which []int) (stale, refused []int) {
	unlock, err := ms.u.c.turn(ctx, ms.each[which[0]].op)
	if err != nil {
		for _, i := range which {
			ms.errs[i] = ms.each[i].doubtful(err)
		}
		return nil, nil
	}
	defer unlock()

	var written []*effect
	var at []int // of those written
	var mu sync.Mutex
	ms.several(which, func(i int) {
		if e := ms.read(ctx, i); e != nil {
			mu.Lock()
			defer mu.Unlock()
			written, at = append(written, e), append(at, i)
		}
	})
	return ms.write(ctx, written, at)
}

// several does something for some users, a few at a time.
func (ms *modifications) several(which []int, do func(i int)) {
	var workers errgroup.Group
	workers.SetLimit(readers)
	for _, i := range which {
		workers.Go(func() error { do(i); return nil })
	}
	workers.Wait()
}

// read reads and edits one user. It returns the write that is to be made, or nil where
// there is none.
func (ms *modifications) read(ctx context.Context, i int) *effect {
	ms.mu.Lock()
	err := ms.barred
	ms.mu.Unlock()

	var was, sent *User
	m := ms.each[i]
	if err == nil {
		was, sent, err = ms.u.edited(ctx, opReplaceUsers, m)
	}

	if class := core.ClassOf(err); class == core.ClassUnauthenticated || class == core.ClassCanceled {
		ms.mu.Lock()
		ms.barred = err
		ms.mu.Unlock()
	}

	if ms.users[i], ms.errs[i] = was, m.doubtful(err); err != nil || sent == nil {
		return nil
	}
	return m.effect(ms.u, was, sent)
}

// write writes some users in one request, and looks at each that the answer does not show.
func (ms *modifications) write(ctx context.Context, written []*effect, at []int) (stale, refused []int) {
	sent, places := make([]User, len(written)), make([]int, len(written))
	for k, e := range written {
		sent[k], places[k] = *e.sent, k
	}
	under, guarded := oldest(sent)
	if len(written) < 2 || !guarded {
		return nil, at
	}

	made, res, err := ms.u.write(ctx, opReplaceUsers, sent, under, false)
	if err != nil {
		for _, e := range written {
			ms.u.c.own.refused(e.id)
		}
	}

	if err != nil && oneTellsMore(err) {
		for _, i := range at {
			ms.each[i].shared = true // whether some were written anyway is not documented
		}
		return nil, at
	}

	answers := ms.answers(made, written)
	var mu sync.Mutex
	ms.several(places, func(k int) {
		i, m := at[k], ms.each[at[k]]
		user, failed := m.make(ctx, written[k], func(context.Context) (*User, rest.Response, error) { return answers[k], res, err })
		if failed == errStale {
			mu.Lock()
			defer mu.Unlock()
			stale = append(stale, i)
			return
		}
		ms.users[i], ms.errs[i] = user, m.doubtful(failed)
	})
	return stale, nil
}

// answers are the users of an answer, in the order of what was written: nil where it does
// not show the whole user. An answer that lacks a user tells of none.
func (ms *modifications) answers(made []User, written []*effect) []*User {
	out := make([]*User, len(written))
	for k, e := range written {
		got := answered(made, e.id)
		if got == nil {
			return make([]*User, len(written))
		}
		out[k] = got
	}

	for k, e := range written {
		out[k] = ms.u.whole(out[k], e.sent)
	}
	return out
}
