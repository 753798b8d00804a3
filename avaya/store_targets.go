package avaya

import (
	"context"
	"iter"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// ListTargets implements core.AssignmentStore: queues, skills, groups, groups to
// manage, and profiles. A skill's id is its name, "Category.Value". Groups are walked
// once for both of their kinds.
func (s *Store) ListTargets(ctx context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	const op = core.OpListTargets
	wants := func(k core.Kind) bool { return q.Kind == "" || q.Kind == k }
	if _, ok := s.Capabilities().Kind(q.Kind); q.Kind != "" && !ok {
		return adapter.Failed[core.Target](s.border.Unsupported(op, "Avaya has no assignments of kind "+string(q.Kind)))
	}

	return adapter.Walk(s.border, op, func(yield func(core.Target, error) bool) {
		hand := func(id, name string, kinds ...core.Kind) bool {
			for _, k := range kinds {
				if wants(k) && adapter.MatchesName(q, name) && !yield(core.Target{Kind: k, ID: id, Name: name}, nil) {
					return false
				}
			}
			return true
		}
		for _, walk := range []struct {
			kinds []core.Kind
			list  iter.Seq2[core.Target, error]
		}{
			{[]core.Kind{core.KindQueue}, targets(s.c.Queues.List(ctx, QueueListOptions{}), func(v Queue) (string, string) {
				return v.QueueID,
					v.Name
			})},
			{[]core.Kind{core.KindSkill}, targets(s.c.Categories.ListAttributes(ctx), func(v Attribute) (string, string) { return v.Name, v.Name })},
			{[]core.Kind{core.KindGroup, core.KindManagedGroup}, targets(s.c.Groups.List(ctx, GroupListOptions{}),
				func(v Group) (string, string) { return v.GroupID, v.Name })},
			{[]core.Kind{core.KindProfile}, targets(s.c.Profiles.List(ctx, ProfileListOptions{}), func(v Profile) (string, string) {
				return v.ProfileID, v.ProfileName
			})},
		} {
			if !wants(walk.kinds[0]) && !wants(walk.kinds[len(walk.kinds)-1]) {
				continue
			}
			for t, err := range walk.list {
				if err != nil {
					yield(core.Target{}, err)
					return
				}
				if !hand(t.ID, t.Name, walk.kinds...) {
					return
				}
			}
		}
	})
}

// targets walks a vendor's list by id and name.
func targets[T any](list iter.Seq2[T, error], of func(T) (id, name string)) iter.Seq2[core.Target, error] {
	return func(yield func(core.Target, error) bool) {
		for v, err := range list {
			id, name := of(v)
			if !yield(core.Target{ID: id, Name: name}, err) {
				return
			}
		}
	}
}
