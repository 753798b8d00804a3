package webextest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// WithReadLag answers every read with the state as of d ago, creations and deletions
// included, as a replica that lags behind does. Answers to writes show the present state.
func WithReadLag(d time.Duration) Option { return func(c *config) { c.readLag = d } }

// past is the organisation until a write.
type past struct {
	until       time.Time
	people      []*person
	persons     map[string]*person
	supervisors map[Tier][]*supervisor
	queues      []*queue
}

// carryOut answers a request with its operation; a read perhaps from the past.
func (s *Server) carryOut(c *call) *answer {
	if s.cfg.readLag <= 0 || c.op.open {
		return c.op.handle(s, c)
	}
	if c.request.Method != http.MethodGet {
		s.pasts = append(s.pasts, s.present())
		return c.op.handle(s, c)
	}

	seen := time.Now().Add(-s.cfg.readLag)
	s.pasts = slices.DeleteFunc(s.pasts, func(p *past) bool { return !p.until.After(seen) })
	if len(s.pasts) == 0 {
		return c.op.handle(s, c)
	}
	now := &past{people: s.people, persons: s.persons, supervisors: s.supervisors, queues: s.queues}
	s.become(s.pasts[0])
	defer s.become(now)
	return c.op.handle(s, c)
}

// become makes a state the server's own.
func (s *Server) become(p *past) {
	s.people, s.persons, s.supervisors, s.queues = p.people, p.persons, p.supervisors, p.queues
}

// present is a copy of the state that no write changes.
func (s *Server) present() *past {
	p := &past{until: time.Now(), persons: map[string]*person{}, supervisors: map[Tier][]*supervisor{}}
	for _, one := range s.people {
		copied := *one
		copied.fields, copied.numbers = maps.Clone(one.fields), slices.Clone(one.numbers)
		p.people = append(p.people, &copied)
		p.persons[one.key] = &copied
	}
	for tier, all := range s.supervisors {
		for _, one := range all {
			p.supervisors[tier] = append(p.supervisors[tier], &supervisor{key: one.key, agents: slices.Clone(one.agents)})
		}
	}
	for _, one := range s.queues {
		copied := *one
		copied.fields, copied.agents = maps.Clone(one.fields), nil
		for _, m := range one.agents {
			member := *m
			copied.agents = append(copied.agents, &member)
		}
		p.queues = append(p.queues, &copied)
	}
	return p
}

// LagReads makes all reads lag by d from now on: see [WithReadLag]. They show nothing
// older than what there is now; with zero they lag no more.
func (s *Server) LagReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pasts, s.cfg.readLag = nil, d
}
