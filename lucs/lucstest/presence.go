package lucstest

import (
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

func (s *Server) setUserPresence(c *call) *answer {
	u, p := s.user(c)
	if p != nil {
		return p
	}
	word, p := s.presenceWord(c)
	if p != nil {
		return p
	}
	if !slices.Contains(s.cfg.presenceWords, word) {
		return invalid(s.cfg.presenceProperty, "The value '%s' is not valid.", word)
	}

	if !slices.Contains(s.cfg.ignored, c.op) && !slices.Contains(s.cfg.pretended, c.op) {
		u.coming, u.comingAt = word, c.now.Add(s.cfg.presenceDelay)
		s.settle(c.now)
	}
	return nothing()
}

// presenceWord reads the word, in whichever encoding is accepted.
func (s *Server) presenceWord(c *call) (string, *answer) {
	missing := invalid(s.cfg.presenceProperty, "A presence state is required.")
	accepts := func(e PresenceEncoding) bool {
		return s.cfg.presenceEncoding == PresenceAny || s.cfg.presenceEncoding == e
	}

	if word := c.query.Get(s.cfg.presenceParam); word != "" && accepts(PresenceQuery) {
		if len(c.body) > 0 {
			return "", invalid(s.cfg.presenceParam, "The parameter comes without a body.")
		}
		return word, nil
	}

	if len(c.body) == 0 {
		return "", missing
	}
	var sent any
	if p := c.decode(&sent); p != nil {
		return "", p
	}

	switch sent := sent.(type) {
	case string:
		if accepts(PresenceString) {
			return sent, nil
		}
	case map[string]any:
		for name, value := range sent {
			if word, isText := value.(string); isText && strings.EqualFold(name, s.cfg.presenceProperty) && accepts(PresenceObject) {
				return word, nil
			}
		}
	}

	return "", missing
}

// see makes a presence visible.
func (s *Server) see(u *user, word string) {
	u.presence, u.coming, u.comingAt = word, "", time.Time{}
	switch {
	case word == "Online":
		u.reason = nil
		if s.cfg.onlineResetsRONA {
			u.rona = false
		}
	case word == "DoNotDisturb" && s.cfg.reasonOnDND != "":
		u.reason = &s.cfg.reasonOnDND
	}
}

// remember keeps what users are like now, because something is about to change. What is
// seeded before the first request is everywhere at once.
func (s *Server) remember(now time.Time) {
	if !s.asked {
		return
	}
	s.past.Ends(now, func() []*user {
		var copies []*user
		for _, u := range s.users.All() {
			copies = append(copies, u.clone())
		}
		return copies
	})
}

// seen returns the users as reads see them.
func (s *Server) seen(now time.Time) []*user {
	if then, lags := s.past.Seen(now); lags {
		return then
	}
	return s.users.All()
}

// LagReads makes all reads lag by d from now on: see [WithReadLag]. They show nothing
// older than what there is now; with zero they lag no more.
func (s *Server) LagReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past, s.asked = simnet.Past[[]*user]{Lag: d}, true
}
