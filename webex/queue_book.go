package webex

import (
	"context"
	"strings"
	"sync"

	"github.com/rollcall-go/rollcall/core"
)

// place is where a queue is, in the vendor's own form of ids. Location is empty if the
// list of queues omits it.
type place struct{ location, queue ID }

// queueBook remembers the location of each queue: every operation on a queue needs it,
// and only the list of queues shows it. It is for all tiers.
type queueBook struct {
	mu    sync.Mutex
	known map[string]place
}

func newQueueBook() *queueBook { return &queueBook{known: map[string]place{}} }

func bookKey(tier Tier, queue ID) string { return tier.String() + "/" + queue.Key() }

func (b *queueBook) get(key string) (place, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.known[key]
	return p, ok
}

func (b *queueBook) put(key string, p place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[key] = p
}

func (b *queueBook) forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, key)
}

// note remembers where a queue is, with copies of its ids: as they were read they would
// keep their page in memory.
func (b *queueBook) note(tier Tier, queue, location ID) {
	b.put(bookKey(tier, queue), place{location: ID(strings.Clone(string(location))), queue: ID(strings.Clone(string(queue)))})
}

// learn looks up unknown queues, in one walk over the list for all of them and for all
// callers: a caller that waits for another's walk uses its result.
func (s *Queues) learn(ctx context.Context, queues ...ID) error {
	book, tier := s.c.book, s.c.tier
	unknown := func() map[string]bool {
		out := map[string]bool{}
		for _, q := range queues {
			key := bookKey(tier, q)
			if p, _ := book.get(key); p.location == "" {
				out[key] = true
			}
		}
		return out
	}
	if len(unknown()) == 0 {
		return nil
	}

	unlock, err := s.c.locks.Lock(ctx, "queues/"+tier.String())
	if err != nil {
		return canceled(opListQueues.Name, err)
	}
	defer unlock()
	left := unknown()
	if len(left) == 0 {
		return nil
	}

	for key := range left {
		book.forget(key)
	}

	for q, err := range s.List(ctx, QueueListOptions{}) {
		if err != nil {
			return err
		}
		key := bookKey(tier, q.ID)
		if q.LocationID == "" && !left[key] {
			continue
		}
		book.note(tier, q.ID, q.LocationID)
		if delete(left, key); len(left) == 0 {
			return nil
		}
	}
	return nil
}

// placeOf returns where a queue is, after learn.
func (s *Queues) placeOf(op string, queue ID) (place, error) {
	switch p, ok := s.c.book.get(bookKey(s.c.tier, queue)); {
	case ok && p.location == "":
		e := incomplete(op, "the list of queues does not name the queue's location, without which the queue cannot be addressed")
		e.Hint = ""
		return place{}, e
	case ok:
		return p, nil
	}
	return place{}, hintTier(&core.Error{Vendor: vendor, Op: op, Class: core.ClassNotFound, Applied: core.AppliedNo,
		Message: "no queue of this id is in the list of queues"}, s.c.tier)
}

// find reads a queue whose location the caller does not name; it first looks the
// location up. If the queue has moved, it is looked up once more.
func (s *Queues) find(ctx context.Context, id ID, read func(ctx context.Context, location, queue ID) (*Queue, error)) (*Queue, place,
	error) {
	const op = "Queues.Get"
	if err := s.learn(ctx, id); err != nil {
		return nil, place{}, err
	}
	p, err := s.placeOf(op, id)
	if err != nil {
		return nil, p, err
	}

	q, err := read(ctx, p.location, p.queue)
	if core.ClassOf(err) != core.ClassNotFound {
		return q, p, err
	}

	s.c.book.forget(bookKey(s.c.tier, id))
	if s.learn(ctx, id) != nil {
		return nil, p, err
	}
	now, lost := s.placeOf(op, id)
	if lost != nil || now.location.Same(p.location) {
		return nil, p, err
	}

	q, err = read(ctx, now.location, now.queue)
	return q, now, err
}
