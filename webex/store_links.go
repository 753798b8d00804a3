package webex

import (
	"context"
	"errors"
	"iter"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// maxReaders is how many queues or supervisors are read at a time.
const maxReaders = 8

// ListAssignments walks the assignments of an agent, the agents of a supervisor or a
// queue, or those of all of them, in the client's tier.
//
// An agent's queues come from one look-up, and their levels from the queues; its
// supervisors from a list of all and the agents of each, because no endpoint tells.
// Everybody's assignments are the agents of each queue, and of each supervisor. A
// supervisor's agents are listed a page at a time; the name of the supervisor is not
// among what the vendor tells then.
//
// Ids are Hydra ids without padding, whatever form the caller's or the vendor's
// has. The vendor types all agents as people.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	switch {
	case q.UserID != "":
		return adapter.Walk(s.border, core.OpListByUser, s.linksOfAgent(ctx, ID(q.UserID)))
	case q.IsZero():
		return adapter.Walk(s.border, core.OpListAll, s.allLinks(ctx))
	}

	if err := s.checkTarget(core.OpListByTarget, q.Target); err != nil {
		return rest.Failed[core.Assignment](s.border.Error(core.OpListByTarget, err))
	}
	links := s.agentsOf(ctx, q.Target)
	if q.Target.Kind == core.KindQueue {
		links = s.membersOf(ctx, q.Target)
	}
	return adapter.Walk(s.border, core.OpListByTarget, links)
}

// joined walks one listing after the other.
func joined[T any](lists ...iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, list := range lists {
			for v, err := range list {
				if !yield(v, err) || err != nil {
					return
				}
			}
		}
	}
}

// readEach reads what belongs to each item of a listing, a few at a time and in order.
func readEach[T, R any](ctx context.Context, items iter.Seq2[T, error], read func(context.Context, T) ([]R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		var batch []T
		flush := func() (more bool) {
			found := make([][]R, len(batch))
			group, ctx := errgroup.WithContext(ctx)
			for i, item := range batch {
				group.Go(func() (err error) {
					found[i], err = read(ctx, item)
					return err
				})
			}
			if err := group.Wait(); err != nil {
				yield(none, err)
				return false
			}
			for _, some := range found {
				for _, r := range some {
					if !yield(r, nil) {
						return false
					}
				}
			}
			batch = batch[:0]
			return true
		}

		for item, err := range items {
			if err != nil {
				yield(none, err)
				return
			}
			if batch = append(batch, item); len(batch) == maxReaders && !flush() {
				return
			}
		}
		flush()
	}
}

// allLinks walks the agents of all queues, and of all supervisors.
func (s *Store) allLinks(ctx context.Context) iter.Seq2[core.Assignment, error] {
	ofQueue := func(ctx context.Context, q QueueEntry) ([]core.Assignment, error) {
		if q.LocationID != "" {
			s.c.book.note(s.c.tier, q.ID, q.LocationID)
		}
		links, err := core.Collect(s.membersOf(ctx, core.Target{Kind: core.KindQueue, ID: string(q.ID), Name: q.Name}))
		return links, unread("a queue", err)
	}
	ofSupervisor := func(ctx context.Context, v Supervisor) ([]core.Assignment, error) {
		links, err := core.Collect(s.agentsOf(ctx, core.Target{Kind: core.KindSupervisor, ID: string(v.ID), Name: v.Name()}))
		return links, unread("a supervisor", err)
	}
	return joined(readEach(ctx, s.c.Queues.List(ctx, QueueListOptions{}), ofQueue),
		readEach(ctx, s.c.Supervisors.List(ctx, SupervisorListOptions{}), ofSupervisor))
}

// unread is the error of an item that a list names and the vendor then does not find.
// The caller did not ask for it, so the class is incomplete and not "not found".
func unread(what string, err error) error {
	e, ok := err.(*core.Error)
	if !ok || e.Class != core.ClassNotFound {
		return err
	}
	e = new(*e)
	e.Class, e.Err = core.ClassIncomplete, errors.New(e.Words())
	e.Message = what + " that is in the list could not be read: " + e.Words()
	e.Hint = "it may have been deleted in between: list again"
	return e
}

// agentsOf walks the agents of a supervisor.
func (s *Store) agentsOf(ctx context.Context, target core.Target) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		t := core.Target{Kind: core.KindSupervisor, ID: string(ID(target.ID).Hydra(TypePerson)), Name: target.Name}
		none := true
		for a, err := range s.c.Supervisors.ListAgents(ctx, ID(target.ID), SupervisorListOptions{}) {
			if err != nil {
				yield(core.Assignment{}, s.c.Supervisors.explained(ctx, ID(target.ID), err))
				return
			}
			none = false
			if !yield(core.Assignment{UserID: string(a.ID.Hydra(TypePerson)), Target: t}, nil) {
				return
			}
		}
		if none {
			yield(core.Assignment{}, noSupervisor(opGetSupervisor.Name, s.c.tier))
		}
	}
}

// membersOf walks the agents of a queue.
func (s *Store) membersOf(ctx context.Context, target core.Target) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		q, _, err := s.c.Queues.find(ctx, ID(target.ID), s.c.Queues.Get)
		if err == nil {
			err = q.checkComplete()
		}
		if err != nil {
			yield(core.Assignment{}, err)
			return
		}
		t := core.Target{Kind: core.KindQueue, ID: string(ID(target.ID).Hydra(TypeCallQueue)), Name: q.Name}
		for _, m := range q.members() {
			if !yield(m.link(string(m.ID.Hydra(TypePerson)), t), nil) {
				return
			}
		}
	}
}

// link is the agent's assignment to its queue.
func (m *QueueMember) link(userID string, t core.Target) core.Assignment {
	a := core.Assignment{UserID: userID, Target: t, Suspended: !m.JoinEnabled.Or(true)}
	if level, ok := m.SkillLevel.Get(); ok {
		a.Level = &level
	}
	return a
}

// linksOfAgent walks the queues and the supervisors of an agent.
func (s *Store) linksOfAgent(ctx context.Context, agent ID) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		sent, err := agent.check(string(core.OpListByUser), "the user", TypePerson)
		if err != nil {
			yield(core.Assignment{}, err)
			return
		}

		n := 0
		for a, err := range joined(s.queuesOfAgent(ctx, sent), s.supervisorsOfAgent(ctx, sent)) {
			n++
			if !yield(a, err) || err != nil {
				return
			}
		}

		// The vendor gives the same answer for a user without assignments and for one who
		// does not exist.
		if n > 0 || sent.Type() != TypePerson {
			return
		}
		if _, err := s.c.People.Get(ctx, sent); err != nil {
			yield(core.Assignment{}, err)
		}
	}
}

// queuesOfAgent walks the queues of an agent. Only the queues know its levels.
func (s *Store) queuesOfAgent(ctx context.Context, agent ID) iter.Seq2[core.Assignment, error] {
	queues := func(yield func(AgentQueue, error) bool) {
		n := 0
		for q, err := range s.c.QueueAgents.ListQueues(ctx, agent) {
			if core.ClassOf(err) == core.ClassNotFound && n == 0 {
				return // in no queue
			}
			n++
			if !yield(q, err) {
				return
			}
		}
	}
	return readEach(ctx, queues, func(ctx context.Context, q AgentQueue) ([]core.Assignment, error) {
		a, err := s.linkOf(ctx, agent, q)
		return []core.Assignment{a}, err
	})
}

// linkOf is an agent's assignment to a queue.
func (s *Store) linkOf(ctx context.Context, agent ID, q AgentQueue) (core.Assignment, error) {
	m := &QueueMember{JoinEnabled: q.JoinEnabled}
	if q.LocationID != "" {
		s.c.book.note(s.c.tier, q.ID, q.LocationID)
	}
	queue, _, err := s.c.Queues.find(ctx, q.ID, s.c.Queues.Get)
	if err == nil {
		err = queue.checkComplete() // that there is no level must be read
	}

	if err != nil {
		return core.Assignment{}, unread("a queue", err)
	}
	if found := queue.member(agent.Key()); found != nil {
		m.SkillLevel, m.JoinEnabled = found.SkillLevel, first(m.JoinEnabled, found.JoinEnabled)
	}
	return m.link(string(agent), core.Target{Kind: core.KindQueue, ID: string(q.ID.Hydra(TypeCallQueue)), Name: q.Name}), nil
}

// supervisorsOfAgent looks through the agents of all supervisors.
func (s *Store) supervisorsOfAgent(ctx context.Context, agent ID) iter.Seq2[core.Assignment, error] {
	return readEach(ctx, s.c.Supervisors.List(ctx, SupervisorListOptions{}), func(ctx context.Context, v Supervisor) ([]core.Assignment,
		error) {
		has, err := s.c.Supervisors.watches(ctx, v.ID, agent.Key())
		if err != nil || !has {
			return nil, unread("a supervisor", err)
		}
		t := core.Target{Kind: core.KindSupervisor, ID: string(v.ID.Hydra(TypePerson)), Name: v.Name()}
		return []core.Assignment{{UserID: string(agent), Target: t}}, nil
	})
}
