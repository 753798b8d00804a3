package libh3lp

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// ListTargets walks the queues, in one request. Names are compared here, because the
// vendor has no filter.
func (s *Store) ListTargets(ctx context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	if q.Kind != "" && q.Kind != core.KindQueue {
		return adapter.Failed[core.Target](s.border.Unsupported(core.OpListTargets, whyKind+string(q.Kind)))
	}
	return adapter.Walk(s.border, core.OpListTargets, func(yield func(core.Target, error) bool) {
		for queue, err := range s.c.Queues.List(ctx) {
			if err != nil {
				yield(core.Target{}, err)
				return
			}
			if adapter.MatchesName(q, queue.Name) && !yield(core.Target{Kind: core.KindQueue, ID: itoa(queue.ID), Name: queue.Name}, nil) {
				return
			}
		}
	})
}
