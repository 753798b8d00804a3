package lucs

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// ListTargets walks the services that the key sees, which are of kind queue, in one
// request.
func (s *Store) ListTargets(ctx context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	if q.Kind != "" && q.Kind != core.KindQueue {
		return adapter.Failed[core.Target](s.border.Unsupported(core.OpListTargets, whyKind+string(q.Kind)))
	}
	return adapter.Walk(s.border, core.OpListTargets, func(yield func(core.Target, error) bool) {
		for service, err := range s.c.Services.List(ctx) {
			if err != nil {
				yield(core.Target{}, err)
				return
			}
			if t := targetOf(&service); adapter.MatchesName(q, t.Name) && !yield(t, nil) {
				return
			}
		}
	})
}

func targetOf(v *Service) core.Target {
	return core.Target{Kind: core.KindQueue, ID: canonical(v.ID), Name: v.Name.Or("")}
}
