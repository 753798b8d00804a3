package webex

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
)

const (
	opListLinks = "Assignments.List"
	opAssign    = "Assignments.Assign"
	opUnassign  = "Assignments.Unassign"
	opSuspend   = "Assignments.Suspend"
	opResume    = "Assignments.Resume"
)

const (
	// writers is how many supervisors, queues or agents are written at a time, and
	// readers how many are read.
	writers = 8
	readers = 8
	// mostRefusals bounds how often a write that was refused as a whole is halved,
	// to find out which of its agents the refusal is for.
	mostRefusals = 40
)

// ListAssignments walks the assignments of an agent, or the agents of a supervisor
// or a queue, in the client's tier.
//
// An agent's queues come from one look-up, and their levels from the queues; its
// supervisors from a list of all and the agents of each, because no endpoint
// tells. A supervisor's agents are listed a page at a time; the name of the
// supervisor is not among what the vendor says then.
//
// Ids are Hydra ids without padding, whatever form the caller's or the vendor's
// has. The vendor types all agents as people.
func (s *Store) ListAssignments(ctx context.Context, q core.AssignmentQuery) iter.Seq2[core.Assignment, error] {
	switch {
	case q.UserID != "" || q.Target == core.Target{}:
		return s.linksOfAgent(ctx, ID(q.UserID))
	case checkTarget(opListLinks, q.Target) != nil:
		return rest.Failed[core.Assignment](checkTarget(opListLinks, q.Target))
	case q.Target.Kind == core.KindQueue:
		return s.membersOf(ctx, q.Target)
	}
	return s.agentsOf(ctx, q.Target)
}

func checkTarget(op string, t core.Target) error {
	kind := TypePerson
	switch t.Kind {
	case core.KindSupervisor:
	case core.KindQueue:
		kind = TypeCallQueue
	case "":
		return core.Invalid(vendor, op, "neither a user nor a target is named")
	default:
		return core.Unsupported(vendor, op, "at Webex a user is assigned to supervisors and queues, and not to a "+string(t.Kind))
	}
	_, err := ID(t.ID).check(op, "the "+string(t.Kind), kind)
	return err
}

func (s *Store) agentsOf(ctx context.Context, target core.Target) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		t := core.Target{Kind: core.KindSupervisor, ID: string(ID(target.ID).Hydra(TypePerson))}
		none := true
		for a, err := range s.c.Supervisors.ListAgents(ctx, ID(target.ID), SupervisorList{}) {
			if err != nil {
				yield(core.Assignment{}, within(opListLinks, s.c.Supervisors.explained(ctx, ID(target.ID), err)))
				return
			}
			none = false
			if !yield(core.Assignment{UserID: string(a.ID.Hydra(TypePerson)), Target: t}, nil) {
				return
			}
		}
		if none {
			yield(core.Assignment{}, noSupervisor(opListLinks, s.c.tier))
		}
	}
}

func (s *Store) membersOf(ctx context.Context, target core.Target) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		q, err := s.queue(ctx, opListLinks, ID(target.ID))
		if err == nil {
			err = q.whole()
		}
		if err != nil {
			yield(core.Assignment{}, within(opListLinks, err))
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

func (s *Store) linksOfAgent(ctx context.Context, agent ID) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		sent, err := agent.check(opListLinks, "the user", TypePerson)
		if err != nil {
			yield(core.Assignment{}, err)
			return
		}
		n := 0
		for _, links := range []iter.Seq2[core.Assignment, error]{s.queuesOfAgent(ctx, sent), s.supervisorsOfAgent(ctx, sent)} {
			for a, err := range links {
				if err != nil {
					yield(core.Assignment{}, within(opListLinks, err))
					return
				}
				n++
				if !yield(a, nil) {
					return
				}
			}
		}
		if n > 0 || sent.Type() != TypePerson {
			return
		}
		// The vendor does not tell who has no assignments from who does not exist.
		if _, err := s.c.People.Get(ctx, sent); err != nil {
			yield(core.Assignment{}, within(opListLinks, err))
		}
	}
}

func (s *Store) queuesOfAgent(ctx context.Context, agent ID) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		found, err := core.Collect(s.c.QueueAgents.ListQueues(ctx, agent))
		if err != nil && core.ClassOf(err) != core.ClassNotFound {
			yield(core.Assignment{}, err)
			return
		}
		links := make([]core.Assignment, len(found))
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(readers)
		for i, q := range found {
			group.Go(func() (err error) {
				links[i], err = s.linkOf(ctx, agent, q)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			yield(core.Assignment{}, err)
			return
		}
		for _, a := range links {
			if !yield(a, nil) {
				return
			}
		}
	}
}

// linkOf is an agent's assignment to a queue. Only the queue knows the level.
func (s *Store) linkOf(ctx context.Context, agent ID, q AgentQueue) (core.Assignment, error) {
	m := &QueueMember{JoinEnabled: q.JoinEnabled}
	if q.LocationID != "" {
		s.c.book.put(bookKey(s.c.tier, q.ID), place{location: q.LocationID, queue: q.ID})
	}
	whole, err := s.queue(ctx, opListLinks, q.ID)
	if err == nil {
		err = whole.whole() // that there is no level must be seen
	}
	switch {
	case core.ClassOf(err) == core.ClassNotFound: // the agent's own word has to do
	case err != nil:
		return core.Assignment{}, err
	default:
		if found := whole.member(agent.Key()); found != nil {
			m.SkillLevel = found.SkillLevel
			if m.JoinEnabled.IsZero() {
				m.JoinEnabled = found.JoinEnabled
			}
		}
	}
	return m.link(string(agent), core.Target{Kind: core.KindQueue, ID: string(q.ID.Hydra(TypeCallQueue)), Name: q.Name}), nil
}

// member finds an agent of the queue.
func (q *Queue) member(key string) *QueueMember {
	list := q.members()
	for i := range list {
		if list[i].ID.Key() == key {
			return &list[i]
		}
	}
	return nil
}

// supervisorsOfAgent looks through the agents of all supervisors, some at a time.
func (s *Store) supervisorsOfAgent(ctx context.Context, agent ID) iter.Seq2[core.Assignment, error] {
	return func(yield func(core.Assignment, error) bool) {
		var batch []Supervisor
		look := func() (more bool) {
			has := make([]bool, len(batch))
			group, ctx := errgroup.WithContext(ctx)
			for i, v := range batch {
				group.Go(func() (err error) {
					has[i], err = s.watches(ctx, v.ID, agent.Key())
					return err
				})
			}
			if err := group.Wait(); err != nil {
				yield(core.Assignment{}, err)
				return false
			}
			for i, v := range batch {
				t := core.Target{Kind: core.KindSupervisor, ID: string(v.ID.Hydra(TypePerson)), Name: v.Name()}
				if has[i] && !yield(core.Assignment{UserID: string(agent), Target: t}, nil) {
					return false
				}
			}
			batch = batch[:0]
			return true
		}
		for v, err := range s.c.Supervisors.List(ctx, SupervisorList{}) {
			if err != nil {
				yield(core.Assignment{}, err)
				return
			}
			if batch = append(batch, v); len(batch) == readers && !look() {
				return
			}
		}
		look()
	}
}

// watches reports whether a supervisor has an agent. One that has gone meanwhile
// has none.
func (s *Store) watches(ctx context.Context, supervisor ID, key string) (bool, error) {
	for a, err := range s.c.Supervisors.ListAgents(ctx, supervisor, SupervisorList{}) {
		if core.ClassOf(err) == core.ClassNotFound {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if a.ID.Key() == key {
			return true, nil
		}
	}
	return false, nil
}

// Assign implements core.AssignmentStore. The agents of one supervisor go into one
// write (see WithChunk), which the vendor answers for each agent: a DUPLICATE is
// already, any other word a failure with that word as its code. An agent that the
// answer does not mention is applied, as the documentation says; WithVerify looks.
// A user who is no supervisor yet is made one where WithCreateSupervisor allows it.
//
// The agents of a queue are read, changed and replaced as a whole, with nobody
// else touched, and read again: only what is seen then is applied. Within this
// client the changes of one queue take turns. An agent with a level, where the
// queue routes by skill, gets it also if it is in the queue already; without one
// it keeps what it has. Where the vendor refuses a write for one of its agents, the
// write is halved until it is known which.
//
// Users and targets may be given in any form of id.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, opAssign, as)
}

// Unassign implements core.AssignmentStore. What is taken from a supervisor is
// first compared with the agents it has: what would leave it without any, and so
// delete it, is refused as a whole unless WithDeleteSupervisor allows it. Queues
// are as in Assign.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.change(ctx, opUnassign, as)
}

// job is what is to be done to one supervisor or queue.
type job struct {
	op     string
	target ID // as it is sent
	agents []*agentJob
	// refusals counts the writes that were refused as a whole.
	refusals int
	// there and missing are set when it is known that the supervisor exists, or
	// does not and may not be made.
	there, missing bool
	// place is where the queue is.
	place place
}

// agentJob is one agent of a job. The same may be asked for more than once, in
// several forms of its id.
type agentJob struct {
	id       ID // as it is sent
	key      string
	want     core.Assignment
	outcomes []*core.Outcome
	refused  bool // in an answer that is about each agent
}

// set ends the agent's outcomes.
func (a *agentJob) set(result core.Result, code, message string) {
	for _, o := range a.outcomes {
		o.Result, o.Code, o.Message, o.Err = result, code, message, nil
	}
}

func (a *agentJob) fail(err error) {
	for _, o := range a.outcomes {
		o.Fail(err)
	}
}

// note adds to the message of outcomes that are done.
func (a *agentJob) note(text string) {
	for _, o := range a.outcomes {
		o.Message = strings.TrimPrefix(o.Message+"; "+text, "; ")
	}
}

func (a *agentJob) result() core.Result { return a.outcomes[0].Result }

func failAll(agents []*agentJob, err error) {
	for _, a := range agents {
		a.fail(err)
	}
}

// change groups the assignments by what they are to, and writes each group.
func (s *Store) change(ctx context.Context, op string, as []core.Assignment) ([]core.Outcome, error) {
	outcomes := make([]core.Outcome, len(as))
	jobs := map[core.Kind][]*job{}
	at := map[string]*job{}
	agents := map[string]*agentJob{}
	for i, a := range as {
		user, target, err := checkAssignment(op, a)
		if err != nil {
			return nil, err
		}
		outcomes[i] = core.Outcome{Assignment: a}
		name := string(a.Target.Kind) + ":" + target.Key()
		j := at[name]
		if j == nil {
			j = &job{op: op, target: target}
			at[name], jobs[a.Target.Kind] = j, append(jobs[a.Target.Kind], j)
		}
		name += "/" + user.Key()
		w := agents[name]
		if w == nil {
			w = &agentJob{id: user, key: user.Key(), want: a}
			agents[name], j.agents = w, append(j.agents, w)
		} else if op == opAssign && !sameWish(w.want, a) {
			return nil, core.Invalid(vendor, op, "one user cannot be assigned to one queue in two ways at once")
		}
		w.outcomes = append(w.outcomes, &outcomes[i])
	}
	if queues := jobs[core.KindQueue]; len(queues) > 0 {
		s.locate(ctx, queues)
	}
	var group errgroup.Group
	group.SetLimit(writers)
	for _, j := range jobs[core.KindSupervisor] {
		group.Go(func() error { s.changeSupervisor(ctx, j); return nil })
	}
	for _, j := range jobs[core.KindQueue] {
		group.Go(func() error { s.changeQueue(ctx, j); return nil })
	}
	group.Wait()
	return outcomes, storekit.OutcomesError(vendor, op, outcomes)
}

func sameWish(a, b core.Assignment) bool {
	return a.Suspended == b.Suspended && (a.Level == nil) == (b.Level == nil) && (a.Level == nil || *a.Level == *b.Level)
}

// checkAssignment returns the ids as they are sent, or why the whole call is
// refused.
func checkAssignment(op string, a core.Assignment) (user, target ID, err error) {
	if err := checkTarget(op, a.Target); err != nil {
		return "", "", err
	}
	supervisor := a.Target.Kind == core.KindSupervisor
	switch {
	case op != opAssign && !supervisor:
	case op != opAssign && (a.Suspended || a.Level != nil), supervisor && a.Suspended:
		return "", "", core.Unsupported(vendor, op, whySuspend)
	case supervisor && a.Level != nil:
		return "", "", core.Unsupported(vendor, op, "at Webex a supervisor's agent has no level, only a queue's has")
	case a.Level != nil && *a.Level < 1:
		return "", "", core.Invalid(vendor, op, "a skill level is a whole number from 1, the best")
	}
	kind := TypePerson
	if !supervisor {
		kind = TypeCallQueue
	}
	if user, err = ID(a.UserID).check(op, "the user", TypePerson); err != nil {
		return "", "", err
	}
	target, err = ID(a.Target.ID).check(op, "the "+string(a.Target.Kind), kind)
	return user, target, err
}

// Suspend implements core.AssignmentStore: it unjoins agents from queues, in which
// they stay. All queues of one agent go into one write, and are read again. Kind
// supervisor is unsupported.
func (s *Store) Suspend(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.setJoined(ctx, opSuspend, as, false)
}

// Resume implements core.AssignmentStore: it joins agents to queues again. See
// Suspend.
func (s *Store) Resume(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.setJoined(ctx, opResume, as, true)
}

// refusedWhole reports a refusal that may be for one of several agents of a write,
// of which nothing was done.
func refusedWhole(err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	if !ok || e.Applied != core.AppliedNo {
		return false
	}
	switch e.Class {
	case core.ClassInvalid, core.ClassNotFound, core.ClassConflict:
		return e.Attempts > 0
	}
	return false
}

// halve runs a write of agents, and where the vendor refuses it as a whole and
// there is more than one, each half for itself.
func (j *job) halve(agents []*agentJob, write func([]*agentJob) error) {
	err := write(agents)
	if err == nil {
		return
	}
	if j.refusals++; !refusedWhole(err) || len(agents) == 1 {
		failAll(agents, err)
		return
	}
	if j.refusals >= mostRefusals {
		failAll(agents, fmt.Errorf("refused together with others: %w", err))
		return
	}
	half := len(agents) / 2
	j.halve(agents[:half], write)
	j.halve(agents[half:], write)
}
