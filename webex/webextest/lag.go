package webextest

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// state is what writes change.
type state struct {
	people      simnet.Table[string, *person]
	supervisors map[Tier][]*supervisor
	queues      []*queue
}

// copy is a state that no write changes.
func (st *state) copy() state {
	out := state{supervisors: map[Tier][]*supervisor{}}
	for _, one := range st.people.All() {
		copied := *one
		copied.fields, copied.numbers = maps.Clone(one.fields), slices.Clone(one.numbers)
		out.people.Add(one.key, &copied)
	}
	for tier, all := range st.supervisors {
		for _, one := range all {
			out.supervisors[tier] = append(out.supervisors[tier], &supervisor{key: one.key, agents: slices.Clone(one.agents)})
		}
	}
	for _, one := range st.queues {
		copied := *one
		copied.fields, copied.agents = maps.Clone(one.fields), nil
		for _, m := range one.agents {
			member := *m
			copied.agents = append(copied.agents, &member)
		}
		out.queues = append(out.queues, &copied)
	}
	return out
}

// carryOut answers a request with its operation; a read perhaps from the past.
func (s *Server) carryOut(c *call) *answer {
	switch now := time.Now(); {
	case c.op.open:
	case c.request.Method != http.MethodGet:
		s.past.Ends(now, s.state.copy)
	default:
		if then, lags := s.past.Seen(now); lags {
			present := s.state
			s.state = then
			defer func() { s.state = present }()
		}
	}
	return c.op.handle(s, c)
}

// LagReads makes all reads lag by d from now on: see [WithReadLag]. They show nothing
// older than what there is now; with zero they lag no more.
func (s *Server) LagReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = simnet.Past[state]{Lag: d}
}
