package webex

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// Suspend implements core.AssignmentStore: it unjoins agents from queues, in which
// they stay. All queues of one agent go into one write, and are read again. The levels
// that the outcomes tell are read from the queues before. Kind supervisor is unsupported.
func (s *Store) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.joins(core.OpSuspend, false).Make(ctx, as...)
}

// Resume implements core.AssignmentStore: it joins agents to queues again. See
// Suspend.
func (s *Store) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.joins(core.OpResume, true).Make(ctx, as...)
}

// joinChange is one call of Suspend or Resume.
type joinChange struct {
	*Store
	op     core.Operation
	joined bool
	agents map[string]ID       // as they are sent, by key
	queues map[string][]string // keys of the queues of each agent
}

// joinStates are the queues of an agent, by their key.
type joinStates map[string]joinState

// joinState is a queue of an agent. Only the queue itself knows the level.
type joinState struct {
	AgentQueue
	level *int
}

// joins is the engine for the join states of agents.
func (s *Store) joins(op core.Operation, joined bool) adapter.Links[string, joinStates] {
	j := &joinChange{Store: s, op: op, joined: joined, agents: map[string]ID{}, queues: map[string][]string{}}
	return adapter.Links[string, joinStates]{
		Border: s.border, Op: op, ReadBack: s.c.readBack(string(op)), Workers: maxWriters,
		Check: j.check, Same: sameLink, Lock: j.lock, Read: j.read, Look: j.look, Edit: j.edit, Write: j.write,
	}
}

func (j *joinChange) check(a core.Assignment) (string, error) {
	if a.Target.Kind == core.KindSupervisor {
		return "", j.border.Unsupported(j.op, whySuspend)
	}
	queue, err := j.checkAssignment(j.op, a)
	if err != nil {
		return "", err
	}
	key := ID(a.UserID).Key()
	j.agents[key] = ID(a.UserID).Hydra(TypePerson)
	j.queues[key] = append(j.queues[key], queue.Key())
	return key, nil
}

// lock takes the turn for all queues of an agent: a change of a queue's agents writes
// their join states too. All calls take their locks in the same order.
func (j *joinChange) lock(ctx context.Context, agent string) (unlock func(), err error) {
	var held []func()
	release := func() {
		for _, unlock := range held {
			unlock()
		}
	}
	queues := slices.Sorted(slices.Values(j.queues[agent]))
	for _, key := range slices.Compact(queues) {
		unlock, err := j.c.Queues.lock(ctx, string(j.op), ID(key))
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, unlock)
	}
	return release, nil
}

// read reads an agent's queues, and its levels in those of the call: an outcome shows the
// whole link from before.
func (j *joinChange) read(ctx context.Context, agent string) (joinStates, error) {
	out, err := j.look(ctx, agent)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxReaders)
	states := map[string]*joinState{}
	for _, key := range j.queues[agent] {
		q, there := out[key]
		if !there || states[key] != nil {
			continue
		}
		states[key] = &q
		group.Go(func() error {
			link, err := j.linkOf(ctx, j.agents[agent], q.AgentQueue)
			q.level = link.Level
			return err
		})
	}

	if err := group.Wait(); err != nil {
		return nil, err
	}
	for key, q := range states {
		out[key] = *q
	}
	return out, nil
}

// look reads an agent's queues.
func (j *joinChange) look(ctx context.Context, agent string) (joinStates, error) {
	out := joinStates{}
	for q, err := range j.c.QueueAgents.ListQueues(ctx, j.agents[agent]) {
		if core.ClassOf(err) == core.ClassNotFound && len(out) == 0 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out[q.ID.Key()] = joinState{AgentQueue: q}
	}
	return out, nil
}

func (j *joinChange) edit(is joinStates, a core.Assignment) (adapter.Edit, error) {
	q, there := is[ID(a.Target.ID).Key()]
	if !there {
		return adapter.Edit{}, hintTier(&core.Error{Vendor: vendor, Class: core.ClassNotFound, Applied: core.AppliedNo,
			Message: "the user is not an agent of this queue"}, j.c.tier)
	}
	joined, told := q.JoinEnabled.Get()
	e := adapter.Edit{Changed: !told || joined != j.joined}
	if told {
		e.Before = linkBefore(a, q.Name, q.level, !joined)
	}
	return e, nil
}

func (j *joinChange) write(ctx context.Context, agent string, is joinStates, as []core.Assignment) (adapter.Answer[joinStates], error) {
	settings := make([]QueueSetting, len(as))
	for i, a := range as {
		settings[i] = QueueSetting{QueueID: is[ID(a.Target.ID).Key()].ID, JoinEnabled: j.joined}
	}
	return adapter.Answer[joinStates]{}, j.c.QueueAgents.UpdateSettings(ctx, j.agents[agent], settings...)
}
