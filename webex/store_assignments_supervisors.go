package webex

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// supervised are the agents of a supervisor.
type supervised struct {
	// unread says that nothing was read: the answer to a write shows the state before.
	unread bool
	has    map[string]bool // by key
	count  int             // how many there were when it was read
}

func (v *supervised) edit(op core.Operation, a core.Assignment) (adapter.Edit, error) {
	key := ID(a.UserID).Key()
	there, wanted := v.has[key], op == core.OpAssign
	e := adapter.Edit{Changed: v.unread || there != wanted}
	if there {
		e.Before = linkBefore(a, "", nil, false)
	}

	if wanted && !v.unread {
		v.has[key] = true
	} else if !wanted {
		delete(v.has, key)
	}
	return e, nil
}

// exists reports whether a user is a supervisor, with one read for all writes of a call.
func (l *linkChange) exists(ctx context.Context, k ownerKey) (bool, error) {
	if there, known := l.supervisors.Load(k); known {
		return there.(bool), nil
	}
	there, err := l.c.Supervisors.exists(ctx, l.targets[k])
	if err == nil {
		l.supervisors.Store(k, there)
	}
	return there, err
}

// readSupervisor reads what a write builds on. Assigning needs no read: the write is
// incremental, and its answer shows who was there.
func (l *linkChange) readSupervisor(ctx context.Context, id ID) (owner, error) {
	if l.op == core.OpAssign {
		return &supervised{unread: true, has: map[string]bool{}}, nil
	}
	v, err := l.agentsOf(ctx, id)
	if err == nil && v.count == 0 {
		err = noSupervisor(opGetSupervisor.Name, l.c.tier)
	}
	if err != nil {
		return nil, l.c.Supervisors.explained(ctx, id, err)
	}
	return v, nil
}

// lookAtSupervisor reads a supervisor after a write. A missing one has no agents: the
// vendor deletes it with its last agent.
func (l *linkChange) lookAtSupervisor(ctx context.Context, k ownerKey) (owner, error) {
	var wanted []string
	if l.op == core.OpAssign {
		wanted = l.agents[k]
	}
	v, err := l.agentsOf(ctx, l.targets[k], wanted...)
	if core.ClassOf(err) == core.ClassNotFound {
		return &supervised{has: map[string]bool{}}, nil
	}

	if err != nil {
		return nil, err
	}
	return v, nil
}

// agentsOf reads the agents of a supervisor; if only some are wanted, it stops at the
// last of them.
func (l *linkChange) agentsOf(ctx context.Context, id ID, wanted ...string) (*supervised, error) {
	v := &supervised{has: map[string]bool{}}
	left := setOf(wanted, strings.Clone)
	for a, err := range l.c.Supervisors.ListAgents(ctx, id, SupervisorListOptions{}) {
		if err != nil {
			return nil, err
		}
		key := strings.Clone(a.ID.Key())
		v.has[key] = true
		if delete(left, key); len(wanted) > 0 && len(left) == 0 {
			break
		}
	}

	v.count = len(v.has)
	return v, nil
}

// writeSupervisor is one write of a supervisor: of an existing one or, if that is
// allowed, of one that the write creates.
func (l *linkChange) writeSupervisor(ctx context.Context, k ownerKey, v *supervised, as []core.Assignment) (adapter.Answer[owner], error) {
	var answer adapter.Answer[owner]
	action := AddAgent
	if l.op == core.OpUnassign {
		action = DeleteAgent
		// Which ones to keep would be an arbitrary choice, so all are refused.
		if len(v.has) == 0 && !l.c.links.deleteSupervisors {
			return answer, wouldDelete(v.count)
		}
	}

	results, err := l.update(ctx, k, as, action)
	if results == nil {
		return answer, err
	}
	answer.Refused, answer.Before = map[string]error{}, map[string]adapter.Said{}
	for i, a := range as {
		told(&answer, sameLink(a), &results[i])
	}
	return answer, nil
}

func wouldDelete(count int) error {
	return &core.Error{Vendor: vendor, Class: core.ClassInvalid, Applied: core.AppliedNo,
		Message: fmt.Sprintf("it would leave the supervisor without an agent (it has %d), and the vendor then deletes it", count),
		Hint:    "keep one agent, delete the supervisor by name, or allow it with WithDeleteSupervisor"}
}

// update sends the changes. An error is that of the whole write; there are no results
// then.
func (l *linkChange) update(ctx context.Context, k ownerKey, as []core.Assignment, action AgentAction) ([]AgentResult, error) {
	changes, ids := make([]AgentChange, len(as)), make([]ID, len(as))
	for i, a := range as {
		ids[i] = ID(a.UserID).Hydra(TypePerson)
		changes[i] = AgentChange{ID: ids[i], Action: action}
	}

	results, err := l.c.Supervisors.UpdateAgents(ctx, l.targets[k], changes...)
	if results != nil {
		return results, nil
	}

	// Is the supervisor missing, or one of the agents? What the vendor answers about a
	// supervisor of the other tier is not documented.
	e, ok := errors.AsType[*core.Error](err)
	mayBeMissing := ok && e.Applied == core.AppliedNo && e.Attempts > 0 &&
		(e.Class == core.ClassNotFound || e.Class == core.ClassInvalid && action == AddAgent)
	if !mayBeMissing {
		return nil, err
	}

	there, lookErr := l.exists(ctx, k)
	switch {
	case lookErr != nil:
		return nil, err
	case there:
		e = new(*e)
		e.Hint = ""
		return nil, e
	case action == DeleteAgent || !l.c.links.createSupervisors:
		missing := noSupervisor(opUpdateAgents.Name, l.c.tier).(*core.Error)
		missing.Hint += "; WithCreateSupervisor would make the person one"
		return nil, missing
	}

	results, err = l.c.Supervisors.Create(ctx, l.targets[k], ids...)
	if results == nil {
		return nil, err
	}
	l.supervisors.Store(k, true)
	return results, nil
}

// told records what the vendor says about one agent.
func told(answer *adapter.Answer[owner], key string, r *AgentResult) {
	said := adapter.Said{Code: string(r.Status), Message: r.Message}
	refusal := &core.Error{Vendor: vendor, Class: core.ClassInvalid, Code: said.Code, Message: said.Message, Applied: core.AppliedNo}
	switch {
	case r.State == AgentDone:
	case r.State == AgentUnclear:
		answer.Refused[key] = &core.Error{Vendor: vendor, Class: core.ClassProtocol, Code: said.Code, Applied: core.AppliedUnknown,
			Message: "the vendor's answer does not say what became of this agent",
			Doubt:   "the answer has no documented form", Hint: "list the supervisor's agents"}
	case r.Action != DeleteAgent && r.Status.is(AgentDuplicate):
		answer.Before[key] = said
	case r.Action == DeleteAgent:
		// No word is documented for an agent who no longer exists.
		said.Err = refusal
		answer.Before[key] = said
	default:
		answer.Refused[key] = refusal
	}
}
