package webex

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

// place is where a queue is, in ids as the vendor has them. Location is empty where
// the list of queues does not tell it.
type place struct{ location, queue ID }

// queueBook remembers in which location each queue is: every operation on a queue
// needs it, and nothing but the list of queues tells. It is for all tiers.
type queueBook struct {
	mu    sync.Mutex
	known map[string]place
}

func newQueueBook() *queueBook { return &queueBook{known: map[string]place{}} }

func bookKey(tier Tier, queue ID) string { return tier.String() + "/" + queue.Key() }

func (b *queueBook) get(key string) (place, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.known[key]
	return p, ok
}

func (b *queueBook) put(key string, p place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known[key] = p
}

func (b *queueBook) forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.known, key)
}

// learn looks queues up that are not known, in one walk over the list for all of
// them, and for all callers: who waits for the walk of another finds what that one
// found.
func (s *Store) learn(ctx context.Context, queues ...ID) error {
	book, tier := s.c.book, s.c.tier
	unknown := func() map[string]bool {
		out := map[string]bool{}
		for _, q := range queues {
			key := bookKey(tier, q)
			if p, _ := book.get(key); p.location == "" {
				out[key] = true
			}
		}
		return out
	}
	if len(unknown()) == 0 {
		return nil
	}
	unlock, err := s.c.locks.Lock(ctx, "queues/"+tier.String())
	if err != nil {
		return canceled(opListQueues.Name, err)
	}
	defer unlock()
	left := unknown()
	if len(left) == 0 {
		return nil
	}
	for key := range left {
		book.forget(key)
	}
	for q, err := range s.c.Queues.List(ctx, QueueList{}) {
		if err != nil {
			return err
		}
		key := bookKey(tier, q.ID)
		if q.LocationID == "" && !left[key] {
			continue
		}
		book.put(key, place{location: ID(strings.Clone(string(q.LocationID))), queue: ID(strings.Clone(string(q.ID)))})
		if delete(left, key); len(left) == 0 {
			return nil
		}
	}
	return nil
}

// placeOf returns where a queue is, after learn.
func (s *Store) placeOf(op string, queue ID) (place, error) {
	switch p, ok := s.c.book.get(bookKey(s.c.tier, queue)); {
	case ok && p.location == "":
		e := incomplete(op, "the list of queues does not tell in which location the queue is, without which it cannot be addressed")
		e.Hint = ""
		return place{}, e
	case ok:
		return p, nil
	}
	return place{}, hintTier(&core.Error{Vendor: vendor, Op: op, Class: core.ClassNotFound, Applied: core.AppliedNo,
		Message: "no queue of this id is in the list of queues"}, s.c.tier)
}

// locate finds the places of the queues of jobs, and ends the jobs of those that
// are nowhere.
func (s *Store) locate(ctx context.Context, jobs []*job) {
	ids := make([]ID, len(jobs))
	for i, j := range jobs {
		ids[i] = j.target
	}
	err := s.learn(ctx, ids...)
	for _, j := range jobs {
		var lost error
		if j.place, lost = s.placeOf(j.op, j.target); lost == nil {
			continue
		}
		if err != nil {
			lost = within(j.op, err)
		}
		failAll(j.agents, lost)
		j.missing = true
	}
}

// queue reads a queue whose location the caller does not name.
func (s *Store) queue(ctx context.Context, op string, id ID) (*Queue, error) {
	if err := s.learn(ctx, id); err != nil {
		return nil, err
	}
	p, err := s.placeOf(op, id)
	if err != nil {
		return nil, err
	}
	q, _, err := s.readAt(ctx, op, p)
	return q, err
}

// readAt reads a queue at the place where it was last seen, and where it is not
// there any more looks for it once more.
func (s *Store) readAt(ctx context.Context, op string, p place) (*Queue, place, error) {
	q, err := s.c.Queues.Get(ctx, p.location, p.queue)
	if core.ClassOf(err) != core.ClassNotFound {
		return q, p, err
	}
	s.c.book.forget(bookKey(s.c.tier, p.queue))
	if lookErr := s.learn(ctx, p.queue); lookErr != nil {
		return nil, p, err
	}
	now, lost := s.placeOf(op, p.queue)
	if lost != nil || now.location.Same(p.location) {
		return nil, p, err
	}
	q, err = s.c.Queues.Get(ctx, now.location, now.queue)
	return q, now, err
}

// changeQueue makes the changes of one queue, under its lock.
func (s *Store) changeQueue(ctx context.Context, j *job) {
	if j.missing {
		return
	}
	unlock, err := s.c.Queues.lock(ctx, j.op, j.target)
	if err != nil {
		failAll(j.agents, err)
		return
	}
	defer unlock()
	q, p, err := s.readAt(ctx, j.op, j.place)
	if err == nil {
		err = q.wholeForWrite()
	}
	if err != nil {
		failAll(j.agents, within(j.op, err))
		return
	}
	j.place = p
	needed := slices.DeleteFunc(slices.Clone(j.agents), func(a *agentJob) bool {
		_, changed, note, err := a.edit(j.op, q, cloneMembers(q.members()))
		switch {
		case err != nil:
			a.fail(err)
		case !changed:
			a.set(core.ResultAlready, "", "")
		default:
			a.set(core.ResultApplied, "", note) // or will be
			return false
		}
		return true
	})
	if len(needed) == 0 {
		return
	}
	stale := false
	j.halve(needed, func(agents []*agentJob) (err error) {
		if stale { // nothing may stand on it after a write that nobody has seen
			if q, err = s.c.Queues.read(ctx, p.location, p.queue); err != nil {
				return within(j.op, err)
			}
		}
		now, err := s.writeQueue(ctx, j, q, agents)
		if stale = now == nil && !refusedWhole(err); now != nil {
			q = now
		}
		return err
	})
}

// edit makes the agent's wish true of the members of a queue. Changed is false
// where it was true before; note may say more.
func (a *agentJob) edit(op string, q *Queue, members []QueueMember) (out []QueueMember, changed bool, note string, err error) {
	i := slices.IndexFunc(members, func(m QueueMember) bool { return m.ID.Key() == a.key })
	if op == opUnassign {
		if i < 0 {
			return members, false, "", nil
		}
		return slices.Delete(members, i, i+1), true, "", nil
	}
	level := core.Opt[int]{}
	if a.want.Level != nil {
		level = core.Set(*a.want.Level)
		if how := q.CallPolicies.RoutingType; how != "" && how != RoutingSkill {
			return nil, false, "", core.Unsupported(vendor, op, "the queue does not route by skill, so its agents have no level")
		}
	}
	if i < 0 {
		m := QueueMember{ID: a.id, SkillLevel: level}
		if a.want.Suspended {
			m.JoinEnabled = core.Set(false)
		}
		return append(members, m), true, "", nil
	}
	m := &members[i]
	if was, shown := m.SkillLevel.Get(); level.IsSet() && m.SkillLevel != level {
		m.SkillLevel, changed = level, true
		if shown {
			note = fmt.Sprintf("the level was %d", was)
		}
	}
	if a.want.Suspended && m.JoinEnabled.Or(true) {
		m.JoinEnabled, changed = core.Set(false), true
	}
	return members, changed, note, nil
}

// writeQueue makes the changes of some agents in one replacement of what q shows,
// and decides their outcomes by what the queue shows afterwards, which it returns.
// The error is that of a write that was not accepted.
func (s *Store) writeQueue(ctx context.Context, j *job, q *Queue, agents []*agentJob) (*Queue, error) {
	members := cloneMembers(q.members())
	for _, a := range agents {
		var err error
		if members, _, _, err = a.edit(j.op, q, members); err != nil {
			return nil, err
		}
	}
	if err := s.c.Queues.replace(ctx, j.place.location, j.place.queue, members); err != nil {
		return nil, within(j.op, err)
	}
	now, err := s.c.Queues.read(ctx, j.place.location, j.place.queue)
	if err != nil {
		for _, a := range agents {
			a.fail(unseen(j.op, err))
			for _, o := range a.outcomes {
				o.Result = core.ResultUnknown
			}
		}
		return nil, nil
	}
	for _, a := range agents {
		if _, missing, _, err := a.edit(j.op, now, cloneMembers(now.members())); missing && err == nil {
			a.fail(&core.Error{Vendor: vendor, Op: j.op, Class: core.ClassNotApplied, Applied: core.AppliedNo,
				Message: "the vendor accepted the change and the queue does not show it",
				Hint:    "the vendor dropped it, or another program wrote the queue's agents at the same time"})
		}
	}
	if lost := others(members, now.members(), agents); len(lost) > 0 {
		for _, a := range agents {
			a.note("the queue has changed otherwise too: " + strings.Join(lost, ", "))
		}
	}
	return now, nil
}

// others names what is not as it was written of agents that are not of the job.
func others(wrote, shows []QueueMember, agents []*agentJob) []string {
	mine := map[string]bool{}
	for _, a := range agents {
		mine[a.key] = true
	}
	theirs := func(list []QueueMember) []QueueMember {
		return slices.DeleteFunc(slices.Clone(list), func(m QueueMember) bool { return mine[m.ID.Key()] })
	}
	gaps := membershipGaps(theirs(wrote), theirs(shows))
	if len(gaps) > 5 {
		gaps = append(gaps[:5], "…")
	}
	return gaps
}

// setJoined sets the join state of agents in queues: one write an agent.
func (s *Store) setJoined(ctx context.Context, op string, as []core.Assignment, joined bool) ([]core.Outcome, error) {
	outcomes := make([]core.Outcome, len(as))
	byAgent := map[string]*joinJob{}
	var jobs []*joinJob
	queues := map[string]bool{}
	for i, a := range as {
		if a.Target.Kind == core.KindSupervisor {
			return nil, core.Unsupported(vendor, op, whySuspend)
		}
		user, target, err := checkAssignment(op, a)
		if err != nil {
			return nil, err
		}
		outcomes[i] = core.Outcome{Assignment: a}
		j := byAgent[user.Key()]
		if j == nil {
			j = &joinJob{op: op, agent: user, joined: joined, queues: map[string][]*core.Outcome{}}
			byAgent[user.Key()], jobs = j, append(jobs, j)
		}
		key := target.Key()
		if queues[key] = true; j.queues[key] == nil {
			j.order = append(j.order, key)
		}
		j.queues[key] = append(j.queues[key], &outcomes[i])
	}
	// A change of the queue's agents writes their join states too, so it must not
	// run at the same time. All calls take their locks in the same order.
	for _, key := range slices.Sorted(maps.Keys(queues)) {
		unlock, err := s.c.Queues.lock(ctx, op, ID(key))
		if err != nil {
			for i := range outcomes {
				outcomes[i].Fail(err)
			}
			return outcomes, storekit.OutcomesError(vendor, op, outcomes)
		}
		defer unlock()
	}
	var group errgroup.Group
	group.SetLimit(writers)
	for _, j := range jobs {
		group.Go(func() error { s.join(ctx, j); return nil })
	}
	group.Wait()
	return outcomes, storekit.OutcomesError(vendor, op, outcomes)
}

// joinJob is one agent, and the queues in which it is to join or unjoin.
type joinJob struct {
	op     string
	agent  ID
	joined bool
	order  []string // of the keys of queues
	queues map[string][]*core.Outcome
}

// each calls f for the outcomes of a queue.
func (j *joinJob) each(keys []string, f func(o *core.Outcome)) {
	for _, key := range keys {
		for _, o := range j.queues[key] {
			f(o)
		}
	}
}

func (s *Store) join(ctx context.Context, j *joinJob) {
	fail := func(keys []string, err error) {
		j.each(keys, func(o *core.Outcome) { o.Fail(err) })
	}
	is, err := s.joinStates(ctx, j.agent)
	if err != nil {
		fail(j.order, within(j.op, err))
		return
	}
	var needed []string
	var settings []QueueSetting
	for _, key := range j.order {
		q, there := is[key]
		state, told := q.JoinEnabled.Get()
		switch {
		case !there:
			fail([]string{key}, hintTier(&core.Error{Vendor: vendor, Op: j.op, Class: core.ClassNotFound, Applied: core.AppliedNo,
				Message: "the user is not an agent of this queue"}, s.c.tier))
		case told && state == j.joined:
			j.each([]string{key}, func(o *core.Outcome) { o.Result = core.ResultAlready })
		default:
			needed = append(needed, key)
			settings = append(settings, QueueSetting{QueueID: q.ID, JoinEnabled: j.joined})
		}
	}
	if len(needed) == 0 {
		return
	}
	if err := s.c.QueueAgents.UpdateSettings(ctx, j.agent, settings...); err != nil {
		fail(needed, within(j.op, err))
		return
	}
	is, err = s.joinStates(ctx, j.agent)
	for _, key := range needed {
		q, there := is[key]
		state, told := q.JoinEnabled.Get()
		j.each([]string{key}, func(o *core.Outcome) {
			switch {
			case err != nil:
				o.Fail(unseen(j.op, err))
				o.Result = core.ResultUnknown
			case !there || told && state != j.joined:
				o.Fail(&core.Error{Vendor: vendor, Op: j.op, Class: core.ClassNotApplied, Applied: core.AppliedNo,
					Message: "the vendor accepted the change and the agent's queues do not show it"})
			default:
				o.Result = core.ResultApplied
			}
		})
	}
}

// joinStates reads an agent's queues, by their key. Who is in none has none.
func (s *Store) joinStates(ctx context.Context, agent ID) (map[string]AgentQueue, error) {
	out := map[string]AgentQueue{}
	for q, err := range s.c.QueueAgents.ListQueues(ctx, agent) {
		if e, ok := errors.AsType[*core.Error](err); ok && e.Class == core.ClassNotFound && len(out) == 0 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out[q.ID.Key()] = q
	}
	return out, nil
}
