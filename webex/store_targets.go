package webex

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// ListTargets implements core.AssignmentStore: the queues, and the people who are
// supervisors, of the client's tier. How the vendor matches names is not documented, so
// all are listed, and compared here.
func (s *Store) ListTargets(ctx context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	const op = core.OpListTargets
	queues := targets(s.c.Queues.List(ctx, QueueListOptions{}), func(e *QueueEntry) core.Target {
		return core.Target{Kind: core.KindQueue, ID: string(e.ID.Hydra(TypeCallQueue)), Name: e.Name}
	})
	supervisors := targets(s.c.Supervisors.List(ctx, SupervisorListOptions{}), func(v *Supervisor) core.Target {
		return core.Target{Kind: core.KindSupervisor, ID: string(v.ID.Hydra(TypePerson)), Name: v.Name()}
	})

	all := joined(queues, supervisors)
	switch q.Kind {
	case "":
	case core.KindQueue:
		all = queues
	case core.KindSupervisor:
		all = supervisors
	default:
		return adapter.Failed[core.Target](s.border.Unsupported(op, "Webex has queues and supervisors, but no kind "+string(q.Kind)))
	}

	return adapter.Walk(s.border, op, func(yield func(core.Target, error) bool) {
		for t, err := range all {
			if err == nil && !adapter.MatchesName(q, t.Name) {
				continue
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
	})
}

// targets are the items of a listing as targets.
func targets[T any](items iter.Seq2[T, error], target func(*T) core.Target) iter.Seq2[core.Target, error] {
	return func(yield func(core.Target, error) bool) {
		for item, err := range items {
			if err != nil {
				yield(core.Target{}, err)
				return
			}
			if !yield(target(&item), nil) {
				return
			}
		}
	}
}
