package libh3lp

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// linked is the links of a user, or of a queue.
type linked map[pair]*Link

// edit is one change of links.
type edit struct {
	op core.Operation
	// needed says that the link must exist.
	needed bool
	// both says that the user and the queue must exist, even without a link.
	both bool
	// holds reports whether a link, nil if there is none, already has the wanted state.
	holds func(*Link) bool
	// write makes the change. It returns the link if the answer shows it.
	write func(ctx context.Context, p pair) (*Link, error)
}

func (s *Store) assigning(op core.Operation) edit {
	return edit{op: op,
		holds: func(l *Link) bool { return l != nil },
		write: func(ctx context.Context, p pair) (*Link, error) {
			return nil, s.c.postLink(ctx, opCreateAssignment, p.user, queueOf(p.queue), p)
		},
	}
}

func (s *Store) unassigning() edit {
	return edit{op: core.OpUnassign, both: true,
		holds: func(l *Link) bool { return l == nil },
		write: func(ctx context.Context, p pair) (*Link, error) {
			return nil, s.c.deleteLink(ctx, opDeleteAssignment, p.user, p.queue)
		},
	}
}

func (s *Store) switching(op core.Operation, to Flag) edit {
	return edit{op: op, needed: true,
		holds: func(l *Link) bool { return l != nil && l.Enabled == to && !s.c.unsure(*l) },
		write: func(ctx context.Context, p pair) (*Link, error) {
			return s.c.putLink(ctx, opUpdateAssignment, Link{UserID: p.user, QueueID: p.queue, Enabled: to}, p.user, p.queue)
		},
	}
}

// fewerReads reports whether reading the links from the queues takes fewer reads than
// from the users.
func fewerReads(pairs []pair) (byQueue bool) {
	users, queues := map[int64]bool{}, map[int64]bool{}
	for _, p := range pairs {
		users[p.user], queues[p.queue] = true, true
	}
	return len(queues) < len(users)
}

// links is the engine of an edit. It records in found what it has read.
func (s *Store) links(e edit, byQueue bool, found *sides) adapter.Links[side, linked] {
	pairOf := func(a core.Assignment) pair {
		p, _ := s.pairOf(e.op, a) // which was checked
		return p
	}

	return adapter.Links[side, linked]{
		Border: s.border, Op: e.op, ReadBack: s.c.readBack(string(e.op)), Each: true,
		Check: func(a core.Assignment) (side, error) {
			p, err := s.pairOf(e.op, a)
			if byQueue {
				return side{true, p.queue}, err
			}
			return side{id: p.user}, err
		},
		Read: func(ctx context.Context, of side) (linked, error) {
			links, err := s.readLinks(ctx, of)
			if len(links) > 0 {
				found.note(of)
			}
			return links, err
		},
		Edit: func(links linked, a core.Assignment) (adapter.Edit, error) {
			l := links[pairOf(a)]
			if l == nil && e.needed {
				return adapter.Edit{}, s.notLinked(e.op)
			}
			out := adapter.Edit{Changed: !e.holds(l)}
			if l != nil {
				out.Before = new(assignmentOf(l))
			}
			return out, nil
		},
		Write: func(ctx context.Context, _ side, _ linked, as []core.Assignment) (adapter.Answer[linked], error) {
			p := pairOf(as[0])
			l, err := e.write(ctx, p)
			switch {
			case err != nil:
				return s.refused(ctx, e, p, err)
			case l == nil:
				return adapter.Answer[linked]{}, nil
			}
			return adapter.Answer[linked]{State: linked{p: l}, Shown: true}, nil
		},
	}
}

// firstRead makes an engine begin with links that are known.
func firstRead(engine adapter.Links[side, linked], links linked) adapter.Links[side, linked] {
	var once sync.Once
	read := engine.Read
	engine.Read = func(ctx context.Context, of side) (out linked, err error) {
		isFirst := false
		once.Do(func() { isFirst = true })
		if isFirst {
			return links, nil
		}
		return read(ctx, of)
	}
	return engine
}

func (s *Store) notLinked(op core.Operation) error {
	return &core.Error{Vendor: vendor, Op: string(op), Class: core.ClassNotFound, Applied: core.AppliedNo,
		Message: "the user is not assigned to the queue"}
}

// refused finds out what it means that a write was refused, or answered with nothing:
// another writer may have been faster, or the user or queue does not exist.
func (s *Store) refused(ctx context.Context, e edit, p pair, err error) (adapter.Answer[linked], error) {
	none := adapter.Answer[linked]{}
	ce, ok := errors.AsType[*core.Error](err)
	if !ok || ctx.Err() != nil {
		return none, err
	}

	if ce.Applied == core.AppliedUnknown {
		if ce.Class == core.ClassProtocol && ce.Status/100 == 2 {
			return none, s.missing(ctx, p, err)
		}
		return none, err
	}

	if ce.Class != core.ClassInvalid && ce.Class != core.ClassConflict && ce.Class != core.ClassNotFound {
		return none, err
	}

	l, lookErr := s.c.findLink(ctx, p)
	switch {
	case errors.Is(lookErr, core.ErrNotFound):
		return none, lookErr
	case lookErr != nil:
		return none, err
	case e.holds(l):
		state := linked{}
		if l != nil {
			state[p] = l
		}
		return adapter.Answer[linked]{State: state}, adapter.ErrAlready
	case l != nil:
		return none, err
	}

	why := s.missing(ctx, p, err)
	if e.needed && !errors.Is(why, core.ErrNotFound) {
		why = s.notLinked(e.op) // it was removed meanwhile
	}
	return none, why
}

// missing finds out whether a refusal, or an empty answer, means that the user or the
// queue does not exist, and so no link either.
func (s *Store) missing(ctx context.Context, p pair, err error) error {
	for _, of := range []side{{id: p.user}, {true, p.queue}} {
		if why := s.c.sideExists(ctx, of); errors.Is(why, core.ErrNotFound) {
			return why
		}
	}
	return err
}

// sides are the users and queues that a call has seen.
type sides struct {
	mu   sync.Mutex
	seen map[side]bool
}

func (k *sides) note(of side) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen == nil {
		k.seen = map[side]bool{}
	}
	k.seen[of] = true
}

// unknownSides checks, for links that did not exist before, that their users and queues do:
// a list without a link proves nothing about the other side, and an empty one little about
// its owner. It takes one read per side, and one for each that a list lacks. If a read fails
// there is still no link.
func (s *Store) unknownSides(ctx context.Context, e edit, pairs []pair, outcomes []core.Outcome, found *sides, err error) error {
	users, queues := map[int64]bool{}, map[int64]bool{}
	gone := map[pair]bool{}
	for i, o := range outcomes {
		gone[pairs[i]] = gone[pairs[i]] || o.Result == core.ResultApplied
	}

	for i, o := range outcomes {
		if p := pairs[i]; o.Result == core.ResultAlready && !gone[p] {
			users[p.user] = !found.seen[side{id: p.user}]
			queues[p.queue] = !found.seen[side{true, p.queue}]
		}
	}

	toAsk := func(ids map[int64]bool) { maps.DeleteFunc(ids, func(_ int64, ask bool) bool { return !ask }) }
	toAsk(users)
	toAsk(queues)
	noUser, noQueue := absentees[User](ctx, s.c, userOps, users), absentees[Queue](ctx, s.c, queueOps, queues)

	failed := false
	for i, p := range pairs {
		why := noUser[p.user]
		if why == nil {
			why = noQueue[p.queue]
		}
		if why != nil && outcomes[i].Result == core.ResultAlready {
			outcomes[i].Fail(s.border.Error(e.op, why))
			failed = true
		}
	}

	if failed {
		return s.border.Error(e.op, storekit.OutcomesError(vendor, string(e.op), outcomes))
	}
	return err
}

// absentees finds out which of some users or queues do not exist. A list may be
// incomplete, so each one that it lacks is read.
func absentees[T any, P entry[T]](ctx context.Context, c *Client, o ops, ids map[int64]bool) map[int64]error {
	if len(ids) > 1 {
		for v, err := range list[T, P](ctx, c, o) {
			if err != nil {
				return nil
			}
			id, _, _ := P(&v).key()
			delete(ids, id)
		}
	}

	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(4)
	out := map[int64]error{}
	for id := range ids {
		group.Go(func() error {
			if err := exists[T, P](ctx, c, o, id); errors.Is(err, core.ErrNotFound) {
				mu.Lock()
				defer mu.Unlock()
				out[id] = err
			}
			return nil
		})
	}

	group.Wait()
	return out
}

// lockUsers makes other calls of this client wait that would change the links of these
// users.
func (s *Store) lockUsers(ctx context.Context, op core.Operation, pairs []pair) (unlock func(), err error) {
	var unlocks []func()
	unlock = func() {
		for _, u := range unlocks {
			u()
		}
	}
	ids := map[int64]bool{}
	for _, p := range pairs {
		ids[p.user] = true
	}

	for _, id := range slices.Sorted(maps.Keys(ids)) { // in a fixed order, so that two calls cannot wait for each other
		u, err := s.c.locks.Lock(ctx, itoa(id))
		if err != nil {
			unlock()
			return nil, s.border.Error(op, &core.Error{Class: core.ClassCanceled, Err: err, Applied: core.AppliedNo,
				Message: "the context ended before anything was sent"})
		}
		unlocks = append(unlocks, u)
	}
	return unlock, nil
}
