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

// queueState is a queue with its agents as they are to be.
type queueState struct {
	*Queue
	place  place
	agents []QueueMember
	at     map[string]int  // of each agent, by key
	mine   map[string]bool // whose links are of the call
	// strays says what else is not as it was written.
	strays string
}

func newQueueState(q *Queue, p place) *queueState {
	s := &queueState{Queue: q, place: p, agents: cloneMembers(q.members()), at: map[string]int{}, mine: map[string]bool{}}
	for i, m := range s.agents {
		s.at[m.ID.Key()] = i
	}
	return s
}

// edit makes an assignment true of the agents.
func (q *queueState) edit(op core.Operation, a core.Assignment) (adapter.Edit, error) {
	key := ID(a.UserID).Key()
	i, there := q.at[key]
	q.mine[key] = true
	e := adapter.Edit{Note: q.strays}
	if there {
		m := q.agents[i]
		was := m.link(a.UserID, a.Target)
		e.Before = linkBefore(a, q.Name, was.Level, was.Suspended)
	}

	if op == core.OpUnassign {
		e.Changed = there
		q.remove(key)
		return e, nil
	}
	level, err := q.levelOf(a)
	switch {
	case err != nil:
		return adapter.Edit{}, err
	case !there:
		q.add(key, a, level)
		e.Changed = true
	default:
		q.set(&q.agents[i], &e, level, a.Suspended)
	}
	return e, nil
}

// levelOf is the level that an assignment asks for, where the queue has levels.
func (q *queueState) levelOf(a core.Assignment) (level core.Opt[int], err error) {
	if a.Level == nil {
		return level, nil
	}
	if how := q.CallPolicies.RoutingType; how != "" && how != RoutingSkill {
		return level, core.Unsupported(vendor, "", "the queue does not route by skill, so its agents have no level")
	}
	return core.Set(*a.Level), nil
}

func (q *queueState) remove(key string) {
	i, there := q.at[key]
	if !there {
		return
	}
	q.agents = slices.Delete(q.agents, i, i+1)
	delete(q.at, key)
	for other, j := range q.at {
		if j > i {
			q.at[other] = j - 1
		}
	}
}

func (q *queueState) add(key string, a core.Assignment, level core.Opt[int]) {
	m := QueueMember{ID: ID(a.UserID).Hydra(TypePerson), SkillLevel: level}
	if a.Suspended {
		m.JoinEnabled = core.Set(false)
	}
	q.at[key] = len(q.agents)
	q.agents = append(q.agents, m)
}

// set changes an agent who is there.
func (q *queueState) set(m *QueueMember, e *adapter.Edit, level core.Opt[int], suspended bool) {
	if was, shown := m.SkillLevel.Get(); level.IsSet() && m.SkillLevel != level {
		m.SkillLevel, e.Changed = level, true
		if shown {
			e.Note = fmt.Sprintf("the level was %d", was)
		}
	}
	if suspended && m.JoinEnabled.Or(true) {
		m.JoinEnabled, e.Changed = core.Set(false), true
	}
}

// readQueue reads a queue, before a write or after one. The places of all queues of the
// call are looked up together, once.
func (l *linkChange) readQueue(ctx context.Context, k ownerKey, read func(ctx context.Context, location, queue ID) (*Queue, error)) (owner, error) {
	l.located.Do(func() { l.notLocated = l.c.Queues.learn(ctx, l.queues...) })
	if _, lost := l.c.Queues.placeOf(string(l.op), l.targets[k]); lost != nil {
		return nil, cmp.Or(l.notLocated, lost)
	}
	q, p, err := l.c.Queues.find(ctx, l.targets[k], read)
	if err != nil {
		return nil, err
	}

	state := newQueueState(q, p)
	if latest, ok := l.written.Load(k); ok {
		wrote := latest.(*queueState)
		maps.Copy(state.mine, wrote.mine)
		state.strays = strayed(wrote, q)
	}
	return state, nil
}

// strayed names what is not as it was written of agents that are not of the call.
func strayed(wrote *queueState, shows *Queue) string {
	others := func(list []QueueMember) []QueueMember {
		return slices.DeleteFunc(slices.Clone(list), func(m QueueMember) bool { return wrote.mine[m.ID.Key()] })
	}
	gaps := membershipGaps(others(wrote.agents), others(shows.members()))
	if len(gaps) == 0 {
		return ""
	}
	if len(gaps) > 5 {
		gaps = append(gaps[:5], "…")
	}
	return "the queue has changed otherwise too: " + strings.Join(gaps, ", ")
}

// writeQueue replaces the agents of a queue by those that the edits have made.
func (l *linkChange) writeQueue(ctx context.Context, k ownerKey, q *queueState) error {
	if err := l.c.Queues.write(ctx, q.place.location, q.place.queue, q.Queue, q.agents); err != nil {
		return err
	}
	l.written.Store(k, q)
	return nil
}
