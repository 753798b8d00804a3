package lucstest

import (
	"cmp"
	"slices"
	"time"
)

// changed tells the dispatcher that something has changed, and lets it work.
func (s *Server) changed(now time.Time) {
	s.dispatch = append(s.dispatch, now.Add(s.cfg.distribution))
	s.settle(now)
}

// settle carries out, in order, what was due until now: presences arrive, agents react,
// tasks are handed out.
func (s *Server) settle(now time.Time) {
	for {
		var at time.Time
		var what func()

		consider := func(t time.Time, do func()) {
			if !t.IsZero() && !t.After(now) && (what == nil || t.Before(at)) {
				at, what = t, do
			}
		}

		for _, u := range s.users.All() {
			consider(u.comingAt, func() { s.see(u, u.coming) })
		}
		for _, t := range s.tasks.All() {
			consider(t.reactAt, func() { s.reacted(t, at) })
		}
		if len(s.dispatch) > 0 {
			consider(s.dispatch[0], func() { s.dispatch = s.dispatch[1:]; s.handOut(at) })
		}

		if what == nil {
			return
		}

		s.remember(at)
		waiting := len(s.dispatch)
		what()
		if len(s.dispatch) == waiting { // it was not the dispatcher, which must look again
			s.dispatch = append(s.dispatch, at.Add(s.cfg.distribution))
		}
	}
}

// handOut gives each pending task to an agent who can take it. The oldest goes
// first.
func (s *Server) handOut(now time.Time) {
	for _, t := range s.tasks.All() {
		if t.state != pending || !t.DistributeToAgent {
			continue
		}
		if u := s.agentFor(t); u != nil {
			t.state, t.agent, u.task, u.lastTask = distributing, u.id, t.id, now
			t.reactAt = now.Add(s.reactionTime(u, t))
		}
	}
}

// agentFor chooses who gets a task.
func (s *Server) agentFor(t *task) *user {
	v, there := s.services.Get(t.service)
	if !there {
		return nil
	}

	var free []*user
	for _, u := range s.users.All() {
		if s.memberOf(u, v) && s.free(u) {
			free = append(free, u)
		}
	}

	for _, address := range t.PreferredAgents {
		for _, u := range free {
			if fold(u.SipUri) == fold(address) {
				return u
			}
		}
	}

	if len(free) == 0 || t.ConsiderPreferredAgentsOnly {
		return nil
	}
	return slices.MinFunc(free, func(a, b *user) int {
		return cmp.Or(cmp.Compare(weight(a, v), weight(b, v)), a.lastTask.Compare(b.lastTask), cmp.Compare(fold(a.SipUri), fold(b.SipUri)))
	})
}

func (s *Server) reactionOf(u *user) Reaction {
	if u.reaction != nil {
		return *u.reaction
	}
	return s.cfg.reaction
}

// reactionTime is how long a task rings.
func (s *Server) reactionTime(u *user, t *task) time.Duration {
	switch {
	case s.reactionOf(u) == NoAnswer:
		seconds := 30
		if t.DistributeToAgentRONATimeoutInSeconds != nil {
			seconds = *t.DistributeToAgentRONATimeoutInSeconds
		}
		return time.Duration(seconds) * time.Second
	case u.reaction != nil:
		return u.reactTime
	}
	return s.cfg.reactionTime
}

// reacted ends the ringing.
func (s *Server) reacted(t *task, now time.Time) {
	t.reactAt = time.Time{}
	u, there := s.users.Get(t.agent)
	if !there {
		t.release()
		return
	}
	if s.reactionOf(u) == Accept {
		t.state = accepted
		return
	}

	u.task, u.rona = "", true
	s.see(u, "Away")
	t.release()
}
