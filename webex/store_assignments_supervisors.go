package webex

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-go/rollcall/core"
)

// changeSupervisor makes the changes of one supervisor, a chunk at a time.
func (s *Store) changeSupervisor(ctx context.Context, j *job) {
	unlock, err := s.c.locks.Lock(ctx, fmt.Sprint("supervisor/", s.c.tier, "/", j.target.Key()))
	if err != nil {
		failAll(j.agents, canceled(j.op, err))
		return
	}
	defer unlock()
	agents, action := j.agents, AddAgent
	if j.op == opUnassign {
		action = DeleteAgent
		agents = s.removable(ctx, j)
	}
	if len(agents) == 0 {
		return
	}
	size := len(agents)
	if s.chunk > 0 {
		size = s.chunk
	}
	for chunk := range slices.Chunk(agents, size) {
		if j.missing {
			failAll(chunk, s.noSupervisor(j.op))
			continue
		}
		j.halve(chunk, func(agents []*agentJob) error { return s.writeAgents(ctx, j, agents, action) })
	}
	s.readBack(ctx, j, agents, action)
}

// removable returns the agents that are to be taken away: those that are there,
// and not all of those. Which ones to keep would be an arbitrary choice, so all
// are refused.
func (s *Store) removable(ctx context.Context, j *job) []*agentJob {
	has, err := s.agentKeys(ctx, j.target)
	if err == nil && len(has) == 0 {
		err = noSupervisor(j.op, s.c.tier)
	}
	if err != nil {
		failAll(j.agents, within(j.op, s.c.Supervisors.explained(ctx, j.target, err)))
		return nil
	}
	var out []*agentJob
	for _, a := range j.agents {
		if has[a.key] {
			out = append(out, a)
		} else {
			a.set(core.ResultAlready, "", "")
		}
	}
	if len(out) < len(has) || s.deleteSupervisors {
		return out
	}
	failAll(out, &core.Error{Vendor: vendor, Op: j.op, Class: core.ClassInvalid, Applied: core.AppliedNo,
		Message: fmt.Sprintf("it would leave the supervisor without an agent (it has %d), and the vendor then deletes it", len(has)),
		Hint:    "keep one agent, delete the supervisor by name, or allow it with WithDeleteSupervisor"})
	return nil
}

// agentKeys reads the agents of a supervisor. What breaks off in the middle is
// incomplete: no write may stand on it.
func (s *Store) agentKeys(ctx context.Context, supervisor ID) (map[string]bool, error) {
	has := map[string]bool{}
	for a, err := range s.c.Supervisors.ListAgents(ctx, supervisor, SupervisorList{}) {
		if err != nil && len(has) > 0 && core.ClassOf(err) != core.ClassCanceled {
			e := incomplete(opGetSupervisor.Name, fmt.Sprintf("only %d agents of the supervisor could be read: %v", len(has), err))
			e.Hint, e.Err = "nothing was written", err
			return nil, e
		}
		if err != nil {
			return nil, err
		}
		has[a.ID.Key()] = true
	}
	return has, nil
}

func (s *Store) noSupervisor(op string) error {
	e := noSupervisor(op, s.c.tier).(*core.Error)
	e.Hint += "; WithCreateSupervisor would make the person one"
	return e
}

// writeAgents is one write: of a supervisor that is there or, where that is
// allowed, of one that is made by it. The error is of the whole write.
func (s *Store) writeAgents(ctx context.Context, j *job, agents []*agentJob, action AgentAction) error {
	changes := make([]AgentChange, len(agents))
	for i, a := range agents {
		changes[i] = AgentChange{ID: a.id, Action: action}
	}
	results, err := s.c.Supervisors.UpdateAgents(ctx, j.target, changes...)
	if e, ok := err.(*core.Error); ok {
		gone := e.Class == core.ClassNotFound
		switch {
		case gone && e.Applied == core.AppliedUnknown && action == DeleteAgent:
			// It was there before, and an earlier attempt may have taken its last
			// agent: without a supervisor there is no assignment.
			for _, a := range agents {
				a.set(core.ResultApplied, "", "")
			}
			return nil
		case !refusedWhole(e) || !gone && (e.Class != core.ClassInvalid || action == DeleteAgent):
			return within(j.op, e)
		}
		// Is it the supervisor that is not there, or one of the agents? What the
		// vendor answers about a supervisor of the other tier is not documented.
		if !j.there {
			if j.there, err = s.c.Supervisors.exists(ctx, j.target); err != nil {
				return within(j.op, e)
			}
		}
		switch {
		case j.there:
			e = new(*e)
			e.Hint = ""
			return within(j.op, e)
		case action == DeleteAgent || !s.createSupervisors:
			j.missing = true
			return s.noSupervisor(j.op)
		}
		ids := make([]ID, len(agents))
		for i, a := range agents {
			ids[i] = a.id
		}
		if results, err = s.c.Supervisors.Create(ctx, j.target, ids...); results == nil {
			failAll(agents, within(j.op, err))
			return nil
		}
	}
	for i, a := range agents {
		s.settle(j.op, a, &results[i], action)
	}
	return nil
}

// settle makes outcomes of what the vendor says about one agent.
func (s *Store) settle(op string, a *agentJob, r *AgentResult, action AgentAction) {
	switch {
	case r.State == AgentDone:
		a.set(core.ResultApplied, "", r.Message)
	case r.State == AgentUnclear:
		a.fail(&core.Error{Vendor: vendor, Op: op, Class: core.ClassProtocol, Code: string(r.Status), Applied: core.AppliedUnknown,
			Message: "the vendor's answer does not tell what became of this agent", Hint: "list the supervisor's agents"})
	case action != DeleteAgent && r.Status.is(AgentDuplicate):
		a.set(core.ResultAlready, string(r.Status), r.Message)
	default:
		a.refused = true
		a.fail(&core.Error{Vendor: vendor, Op: op, Class: core.ClassInvalid, Code: string(r.Status), Message: r.Message, Applied: core.AppliedNo})
		if r.Message != "" {
			for _, o := range a.outcomes {
				o.Message = r.Message
			}
		}
	}
}

// readBack looks at what became of the agents where the answers leave it open or
// the caller wants to see it: the vendor documents no word for an agent that was
// to be taken away and was not there.
func (s *Store) readBack(ctx context.Context, j *job, agents []*agentJob, action AgentAction) {
	var look []*agentJob
	for _, a := range agents {
		if a.refused && action == DeleteAgent || s.verify && a.result() != core.ResultFailed {
			look = append(look, a)
		}
	}
	if len(look) == 0 {
		return
	}
	has, err := s.agentKeys(ctx, j.target)
	if core.ClassOf(err) == core.ClassNotFound {
		has, err = map[string]bool{}, nil // it went with its last agent
	}
	for _, a := range look {
		was := a.result()
		done := has[a.key] == (action != DeleteAgent)
		switch {
		case err != nil && was == core.ResultFailed, err != nil && was == core.ResultUnknown:
		case err != nil:
			a.fail(unseen(j.op, err))
			for _, o := range a.outcomes {
				o.Result = core.ResultUnknown
			}
		case done && was == core.ResultFailed:
			a.set(core.ResultAlready, a.outcomes[0].Code, a.outcomes[0].Message)
		case done && was == core.ResultUnknown:
			a.set(core.ResultApplied, "", "seen afterwards")
		case done, was == core.ResultFailed:
		case was == core.ResultUnknown:
			a.fail(&core.Error{Vendor: vendor, Op: j.op, Class: core.ClassUnavailable, Applied: core.AppliedNo,
				Message: "the write got lost, and the supervisor's agents do not show it"})
		default:
			a.fail(&core.Error{Vendor: vendor, Op: j.op, Class: core.ClassNotApplied, Applied: core.AppliedNo,
				Message: "the vendor accepted the change and the supervisor's agents do not show it"})
		}
	}
}
