package liveperson

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// ListTargets walks skills, agent groups (to be a member of, and to manage), profiles
// and lines of business: one request for each of these collections that the query can
// match. Names are compared here, because the vendor has no filter.
func (s *Store) ListTargets(ctx context.Context, q core.TargetQuery) iter.Seq2[core.Target, error] {
	const op = core.OpListTargets
	if q.Kind != "" && !hasKind(q.Kind) {
		return adapter.Failed[core.Target](s.border.Unsupported(op, whyKind+string(q.Kind)))
	}

	collections := []iter.Seq2[core.Target, error]{
		targets(s.c.Skills.List(ctx, SkillListOptions{}), q, core.KindSkill),
		targets(s.c.AgentGroups.List(ctx, AgentGroupListOptions{}), q, core.KindGroup, core.KindManagedGroup),
		targets(s.c.Profiles.List(ctx, ProfileListOptions{}), q, core.KindProfile),
		targets(s.c.LOBs.List(ctx, LOBListOptions{}), q, core.KindLOB),
	}
	return adapter.Walk(s.border, op, func(yield func(core.Target, error) bool) {
		for _, collection := range collections {
			for t, err := range collection {
				if !yield(t, err) || err != nil {
					return
				}
			}
		}
	})
}

// targets walks the elements of a collection that match a query, as targets of some
// kinds. It sends nothing for a kind that the query does not want.
func targets[T any](list iter.Seq2[T, error], q core.TargetQuery, kinds ...core.Kind) iter.Seq2[core.Target, error] {
	if q.Kind != "" {
		kinds = slices.DeleteFunc(kinds, func(k core.Kind) bool { return k != q.Kind })
	}
	return func(yield func(core.Target, error) bool) {
		if len(kinds) == 0 {
			return
		}

		for v, err := range list {
			if err != nil {
				yield(core.Target{}, err)
				return
			}
			id, name, deleted := any(&v).(target).target()
			switch {
			case deleted:
				continue
			case name == "" && q.Name != "":
				yield(core.Target{}, &core.Error{Class: core.ClassIncomplete, Applied: core.AppliedNo, Status: 200, Attempts: 1,
					Message: fmt.Sprintf("the vendor did not give the name of %s %d", kinds[0], id)})
				return
			case !adapter.MatchesName(q, name):
				continue
			}
			for _, kind := range kinds {
				if !yield(core.Target{Kind: kind, ID: itoa(id), Name: name}, nil) {
					return
				}
			}
		}
	}
}

// target is an element that users can be assigned to.
type target interface {
	target() (id int64, name string, deleted bool)
}

func (s *Skill) target() (int64, string, bool)      { return s.ID, s.Name, s.Deleted.Or(false) }
func (g *AgentGroup) target() (int64, string, bool) { return g.ID, g.Name, g.Deleted.Or(false) }
func (p *Profile) target() (int64, string, bool)    { return p.ID, p.Name, p.Deleted.Or(false) }
func (l *LOB) target() (int64, string, bool)        { return l.ID, l.Name, l.Deleted.Or(false) }
