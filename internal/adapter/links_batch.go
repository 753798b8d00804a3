package adapter

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
)

// batch reads some owners and writes those that need it in one request, anew while the
// write meets a stale revision. What it cannot decide is left to change.
func (r *run[K, O]) batch(groups []*group[K, O]) {
	for try := 1; ; try++ {
		written := r.readBatch(groups)
		if len(written) < 2 || r.ctx.Err() != nil {
			return
		}

		edited := make([]Edited[K, O], len(written))
		for i, w := range written {
			edited[i] = Edited[K, O]{w.owner, w.before, assignments(w.needed)}
		}
		answers, errs := r.WriteMany(r.ctx, edited)
		if try < r.Tries && anyStale(errs) {
			if r.sleep(rand.N(time.Duration(try)*20*time.Millisecond)) != nil {
				return
			}
			continue
		}
		r.wroteBatch(written, answers, errs)
		return
	}
}

// batched is an owner of a batch, and the links that a write of it holds.
type batched[K comparable, O any] struct {
	*group[K, O]
	needed []*link
}

func (r *run[K, O]) readBatch(groups []*group[K, O]) []batched[K, O] {
	var mu sync.Mutex
	var written []batched[K, O]
	r.each(groups, func(g *group[K, O]) {
		unlock, err := r.lock(g)
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

// wroteBatch notes how each owner of a batch ended, and looks at those that were
// written.
func (r *run[K, O]) wroteBatch(written []batched[K, O], answers []Answer[O], errs []error) {
	var sent []*group[K, O]
	for i, w := range written {
		if errors.Is(errs[i], ErrAlone) || errors.Is(errs[i], core.ErrRevision) {
			if evidence.InDoubt(errs[i]) {
				for _, l := range w.needed {
					l.sent, l.doubt = true, errs[i]
				}
			}
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
