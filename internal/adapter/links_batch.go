package adapter

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// batch reads some owners and writes those that need it in one request, and starts over
// on a stale revision. Owners that it cannot decide are left to change.
func (r *run[K, O]) batch(groups []*group[K, O]) {
	for try := 1; ; try++ {
		written, answers, errs := r.tryBatch(groups)
		if len(written) == 0 {
			return
		}
		if try >= cmp.Or(r.BatchTries, max(r.Tries, 1)) || !anyStale(errs) {
			r.wroteBatch(written, answers, errs)
			return
		}

		for i, w := range written {
			doubted(w.needed, errs[i])
		}
		if r.sleep(rand.N(time.Duration(try)*20*time.Millisecond)) != nil {
			return
		}
	}
}

// tryBatch reads and writes a batch once. If fewer than two owners need the write, it
// writes none.
func (r *run[K, O]) tryBatch(groups []*group[K, O]) ([]batched[K, O], []Answer[O], []error) {
	if r.LockBatch != nil {
		unlock, err := r.LockBatch(r.ctx)
		if err != nil {
			return nil, nil, nil
		}
		defer unlock()
	}

	written := r.readBatch(groups)
	if len(written) < 2 || r.ctx.Err() != nil {
		return nil, nil, nil
	}

	edited := make([]Edited[K, O], len(written))
	for i, w := range written {
		edited[i] = Edited[K, O]{w.owner, w.before, assignments(w.needed)}
	}
	answers, errs := r.WriteMany(r.ctx, edited)
	return written, answers, errs
}

// batched is an owner in a batch, with the links that its write includes.
type batched[K comparable, O any] struct {
	*group[K, O]
	needed []*link
}

func (r *run[K, O]) readBatch(groups []*group[K, O]) []batched[K, O] {
	var mu sync.Mutex
	var written []batched[K, O]

	r.each(groups, func(g *group[K, O]) {
		unlock, err := r.lock(g, r.LockBatch != nil)
		if err != nil {
			r.fail(g.pending(), err)
			return
		}
		defer unlock()

		o, ok := r.read(g)
		if !ok {
			return
		}

		if needed := r.edit(g, o); len(needed) > 0 {
			mu.Lock()
			defer mu.Unlock()
			written = append(written, batched[K, O]{g, needed})
		}
	})
	return written
}

func anyStale(errs []error) bool {
	return slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, core.ErrRevision) })
}

// wroteBatch records how each owner of a batch ended, and reads back those that were
// written.
func (r *run[K, O]) wroteBatch(written []batched[K, O], answers []Answer[O], errs []error) {
	var sent []*group[K, O]
	for i, w := range written {
		if errors.Is(errs[i], ErrAlone) || errors.Is(errs[i], core.ErrRevision) {
			doubted(w.needed, errs[i])
			continue
		}
		r.wrote(w.group, w.needed, answers[i], errs[i])
		sent = append(sent, w.group)
	}

	r.each(sent, func(g *group[K, O]) {
		if r.Await == nil {
			r.look(g)
		} else {
			r.accepted <- g
		}
	})
}
