package pgroster

import (
	"context"
	"sync"
)

// group sends questions that come while others are under way together: one statement,
// one round trip and one commit for all of them.
type group[Q any] struct {
	// carry asks and fills in the answers: all of them or, with an error, none.
	carry func(ctx context.Context, all []*Q) error
	// orphaned, if set, is told of a question that was carried out after its asker had
	// given up.
	orphaned func(*Q)

	mu      sync.Mutex
	waiting []*asked[Q]
	flying  int
}

// asked is a question on its way.
type asked[Q any] struct {
	q    *Q
	err  error
	done chan struct{} // closed when it has an answer
	left bool          // the asker has given up
}

// How many questions are in a group, and how many groups are under way at once. What comes
// meanwhile shares the next commit.
const (
	maxTogether = 64
	maxFlights  = 2
)

// ask sends a question with others. After an error it is in doubt whether it was carried
// out, and the question belongs to whoever still may answer it.
func (g *group[Q]) ask(ctx context.Context, q *Q) error {
	a := &asked[Q]{q: q, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, a)
	if g.flying < maxFlights {
		g.flying++
		go g.fly()
	}
	g.mu.Unlock()

	select {
	case <-a.done:
		return a.err
	case <-ctx.Done():
	}

	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-a.done: // just now
		return a.err
	default:
		a.left = true
		return ctx.Err()
	}
}

// fly sends what waits, until nothing does.
func (g *group[Q]) fly() {
	for {
		g.mu.Lock()
		n := min(len(g.waiting), maxTogether)
		all := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		if n == 0 {
			g.flying--
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()

		g.send(all)
		g.answer(all)
	}
}

// answer wakes the askers, and tells of what was carried out for those who have left.
func (g *group[Q]) answer(all []*asked[Q]) {
	var orphans []*Q
	g.mu.Lock()
	for _, a := range all {
		close(a.done)
		if a.left && a.err == nil {
			orphans = append(orphans, a.q)
		}
	}
	g.mu.Unlock()

	if g.orphaned == nil {
		return
	}
	for _, q := range orphans {
		g.orphaned(q)
	}
}

// send asks together, and each question alone where one of them was refused.
func (g *group[Q]) send(all []*asked[Q]) {
	err := g.try(all)
	if err != nil && len(all) > 1 && !isAway(err) {
		for i := range all {
			all[i].err = g.try(all[i : i+1])
		}
		return
	}
	for _, a := range all {
		a.err = err
	}
}

func (g *group[Q]) try(all []*asked[Q]) error {
	ctx, cancel := context.WithTimeout(context.Background(), oneTry)
	defer cancel()
	questions := make([]*Q, len(all))
	for i, a := range all {
		questions[i] = a.q
	}
	return g.carry(ctx, questions)
}
