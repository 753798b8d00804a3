package webex

import (
	"context"
	"sync"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/adapter"
)

// Assign implements core.AssignmentStore. The agents of one supervisor go into one
// write (see WithChunk), which the vendor answers for each agent: a DUPLICATE is
// already, any other word a failure with that word as its code. The supervisor is read
// afterwards: only what shows is applied. A user who is no supervisor yet is made one
// where WithCreateSupervisor allows it.
//
// The agents of a queue are read, changed and replaced as a whole, with nobody
// else touched, and read again: only what shows then is applied. Within this
// client the changes of one queue take turns. An agent with a level, where the
// queue routes by skill, gets it also if it is in the queue already; without one
// it keeps what it has. Where the vendor refuses a write for one of its agents, the
// write is halved until it is known which.
//
// Users and targets may be given in any form of id.
func (s *Store) Assign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.links(core.OpAssign).Make(ctx, as...)
}

// Unassign implements core.AssignmentStore. What is taken from a supervisor is
// first compared with the agents it has: what would leave it without any, and so
// delete it, is refused as a whole unless WithDeleteSupervisor allows it. Queues
// are as in Assign.
func (s *Store) Unassign(ctx context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	return s.links(core.OpUnassign).Make(ctx, as...)
}

// maxWriters is how many supervisors, queues or agents are read and written at a time.
const maxWriters = 8

// owner is a supervisor or a queue: it owns links, and is written as a whole.
type owner interface {
	// edit changes what was read so that an assignment holds.
	edit(op core.Operation, a core.Assignment) (adapter.Edit, error)
}

// ownerKey tells owners apart, whatever the form of their ids.
type ownerKey struct {
	kind core.Kind
	key  string
}

// linkChange is one call of Assign or Unassign.
type linkChange struct {
	*Store
	op core.Operation
	// targets are the owners as they are sent, queues those of kind queue, and agents
	// the keys of the users in the call.
	targets map[ownerKey]ID
	queues  []ID
	agents  map[ownerKey][]string

	located     sync.Once // the queues, or not
	notLocated  error
	written     sync.Map // the latest *queueState of each queue
	supervisors sync.Map // whether a user is a supervisor, as far as is known
}

// links is the engine for the agents of supervisors and queues.
func (s *Store) links(op core.Operation) adapter.Links[ownerKey, owner] {
	l := &linkChange{Store: s, op: op, targets: map[ownerKey]ID{}, agents: map[ownerKey][]string{}}
	return adapter.Links[ownerKey, owner]{
		Border: s.border, Op: op, ReadBack: s.c.readBack(string(op)), Workers: maxWriters, Split: true,
		Check: l.check, Same: sameLink, Lock: l.lock, Chunk: l.chunkOf,
		Read: l.read, Look: l.look, Write: l.write,
		Edit: func(o owner, a core.Assignment) (adapter.Edit, error) { return o.edit(op, a) },
	}
}

// sameLink compares the keys of ids, because ids have several forms.
func sameLink(a core.Assignment) string {
	return ID(a.UserID).Key() + " " + string(a.Target.Kind) + ":" + ID(a.Target.ID).Key()
}

func (l *linkChange) check(a core.Assignment) (ownerKey, error) {
	target, err := l.checkAssignment(l.op, a)
	if err != nil {
		return ownerKey{}, err
	}
	key := ownerKey{a.Target.Kind, target.Key()}
	if _, known := l.targets[key]; !known && key.kind == core.KindQueue {
		l.queues = append(l.queues, target)
	}
	l.targets[key] = target
	l.agents[key] = append(l.agents[key], ID(a.UserID).Key())
	return key, nil
}

// checkAssignment returns the target as it is sent, or why the whole call is refused.
func (s *Store) checkAssignment(op core.Operation, a core.Assignment) (target ID, err error) {
	if err := s.checkTarget(op, a.Target); err != nil {
		return "", err
	}
	supervisor, assigns := a.Target.Kind == core.KindSupervisor, op == core.OpAssign
	switch {
	case !assigns && !supervisor:
	case !assigns && (a.Suspended || a.Level != nil), supervisor && a.Suspended:
		return "", s.border.Unsupported(op, whySuspend)
	case supervisor && a.Level != nil:
		return "", s.border.Unsupported(op, "Webex has levels for the agents of queues, not for those of supervisors")
	case a.Level != nil && !levels.Holds(*a.Level):
		return "", s.border.Invalid(op, "a skill level is a whole number from 1, the best")
	}

	if _, err := ID(a.UserID).check(string(op), "the user", TypePerson); err != nil {
		return "", err
	}
	kind := TypePerson
	if !supervisor {
		kind = TypeCallQueue
	}
	return ID(a.Target.ID).check(string(op), "the "+string(a.Target.Kind), kind)
}

func (l *linkChange) lock(ctx context.Context, k ownerKey) (func(), error) {
	if k.kind == core.KindQueue {
		return l.c.Queues.lock(ctx, string(l.op), l.targets[k])
	}
	return l.c.locks.Lock(ctx, "supervisor/"+l.c.tier.String()+"/"+k.key)
}

func (l *linkChange) chunkOf(k ownerKey) int {
	if k.kind == core.KindQueue {
		return 0
	}
	return l.c.links.chunk
}

func (l *linkChange) read(ctx context.Context, k ownerKey) (owner, error) {
	if k.kind == core.KindQueue {
		return l.readQueue(ctx, k, true)
	}
	return l.readSupervisor(ctx, l.targets[k])
}

func (l *linkChange) look(ctx context.Context, k ownerKey) (owner, error) {
	if k.kind == core.KindQueue {
		return l.readQueue(ctx, k, false)
	}
	return l.lookAtSupervisor(ctx, k)
}

func (l *linkChange) write(ctx context.Context, k ownerKey, o owner, as []core.Assignment) (adapter.Answer[owner], error) {
	if q, ok := o.(*queueState); ok {
		return adapter.Answer[owner]{}, l.writeQueue(ctx, k, q)
	}
	return l.writeSupervisor(ctx, k, o.(*supervised), as)
}

// linkBefore is a link as it was before a change.
func linkBefore(a core.Assignment, name string, level *int, suspended bool) *core.Assignment {
	t := a.Target
	if name != "" {
		t.Name = name
	}
	return &core.Assignment{UserID: a.UserID, Target: t, Level: level, Suspended: suspended}
}
