package webex

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// queueState is a queue with its agents: as the vendor shows them, and as they should
// be, which includes this client's writes that a read does not show yet. Both are
// edited; a write is needed if the first differs.
type queueState struct {
	*Queue
	place     place
	shown, to roster
	mine      map[string]bool // whose links are of the call
	// strays says what else differs from what was written.
	strays string
}

// edit changes the agents so that an assignment holds.
func (q *queueState) edit(op core.Operation, a core.Assignment) (adapter.Edit, error) {
	key := ID(a.UserID).Key()
	q.mine[key] = true
	level, err := q.levelOf(a)
	if err != nil {
		return adapter.Edit{}, err
	}

	e := adapter.Edit{Note: q.strays}
	if m := q.shown.member(key); m != nil {
		was := m.link(a.UserID, a.Target)
		e.Before = linkBefore(a, q.Name, was.Level, was.Suspended)
	}

	q.to.edit(op, a, level)
	changed, note := q.shown.edit(op, a, level)
	if e.Changed = changed; note != "" {
		e.Note = note
	}
	return e, nil
}

// levelOf is the level that an assignment asks for, if the queue has levels.
func (q *queueState) levelOf(a core.Assignment) (level core.Opt[int], err error) {
	if a.Level == nil {
		return level, nil
	}
	if how := q.CallPolicies.RoutingType; how != "" && how != RoutingSkill {
		return level, core.Unsupported(vendor, "", "the queue does not route by skill, so its agents have no level")
	}
	return core.Set(*a.Level), nil
}

// roster are the agents of a queue, to be edited.
type roster struct {
	agents []QueueMember
	at     map[string]int // of each agent, by key
}

func rosterOf(q *Queue) roster {
	r := roster{agents: cloneMembers(q.members()), at: map[string]int{}}
	for i, m := range r.agents {
		r.at[m.ID.Key()] = i
	}
	return r
}

func (r *roster) member(key string) *QueueMember {
	if i, there := r.at[key]; there {
		return &r.agents[i]
	}
	return nil
}

// edit makes an assignment hold. Note is for the outcome.
func (r *roster) edit(op core.Operation, a core.Assignment, level core.Opt[int]) (changed bool, note string) {
	key := ID(a.UserID).Key()
	m := r.member(key)
	switch {
	case op == core.OpUnassign:
		r.remove(key)
		return m != nil, ""
	case m == nil:
		r.add(key, a, level)
		return true, ""
	}

	if was, shown := m.SkillLevel.Get(); level.IsSet() && m.SkillLevel != level {
		m.SkillLevel, changed = level, true
		if shown {
			note = fmt.Sprintf("the level was %d", was)
		}
	}

	if a.Suspended && m.JoinEnabled.Or(true) {
		m.JoinEnabled, changed = core.Set(false), true
	}
	return changed, note
}

func (r *roster) remove(key string) {
	i, there := r.at[key]
	if !there {
		return
	}
	r.agents = slices.Delete(r.agents, i, i+1)
	delete(r.at, key)
	for other, j := range r.at {
		if j > i {
			r.at[other] = j - 1
		}
	}
}

func (r *roster) add(key string, a core.Assignment, level core.Opt[int]) {
	m := QueueMember{ID: ID(a.UserID).Hydra(TypePerson), SkillLevel: level}
	if a.Suspended {
		m.JoinEnabled = core.Set(false)
	}
	r.at[key] = len(r.agents)
	r.agents = append(r.agents, m)
}

// readQueue reads a queue, before a write or after one. The places of all queues of the
// call are looked up together, once.
func (l *linkChange) readQueue(ctx context.Context, k ownerKey, forWrite bool) (owner, error) {
	l.located.Do(func() { l.notLocated = l.c.Queues.learn(ctx, l.queues...) })
	if _, lost := l.c.Queues.placeOf(string(l.op), l.targets[k]); lost != nil {
		return nil, cmp.Or(l.notLocated, lost)
	}
	q, p, err := l.c.Queues.find(ctx, l.targets[k], l.c.Queues.read)
	if err != nil {
		return nil, err
	}

	base := q
	if forWrite {
		if base, err = l.c.Queues.fresh(l.targets[k], q); err != nil {
			return nil, err
		}
	}

	state := &queueState{Queue: q, place: p, shown: rosterOf(q), to: rosterOf(base), mine: map[string]bool{}}
	if latest, ok := l.written.Load(k); ok {
		wrote := latest.(*queueState)
		maps.Copy(state.mine, wrote.mine)
		state.strays = strayed(wrote, q)
	}
	return state, nil
}

// strayed names what differs from what was written, of agents outside the call.
func strayed(wrote *queueState, shows *Queue) string {
	others := func(list []QueueMember) []QueueMember {
		return slices.DeleteFunc(slices.Clone(list), func(m QueueMember) bool { return wrote.mine[m.ID.Key()] })
	}
	gaps := membershipGaps(others(wrote.to.agents), others(shows.members()))
	if len(gaps) == 0 {
		return ""
	}
	if len(gaps) > 5 {
		gaps = append(gaps[:5], "…")
	}
	return "the queue has changed otherwise too: " + strings.Join(gaps, ", ")
}

// writeQueue replaces the agents of a queue by the edited ones.
func (l *linkChange) writeQueue(ctx context.Context, k ownerKey, q *queueState) error {
	if err := l.c.Queues.write(ctx, q.place.location, q.place.queue, q.Queue, q.to.agents); err != nil {
		return err
	}
	l.written.Store(k, q)
	return nil
}
