package libh3lptest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// past is the state as it was until some time.
type past struct {
	until         time.Time
	users, queues *catalog
}

// remember keeps the state before a write, for reads that lag behind.
func (s *Server) remember() {
	now := time.Now()

	// Drop what is too old for any read.
	s.past = slices.DeleteFunc(s.past, func(p past) bool { return !p.until.After(now.Add(-s.cfg.readLag)) })

	users, queues := copied(s.users, s.queues)
	s.past = append(s.past, past{now, users, queues})
}

// lag makes a read see the state as of some time ago, until the returned function is
// called.
func (s *Server) lag() (back func()) {
	users, queues := s.users, s.queues

	then := time.Now().Add(-s.cfg.readLag)
	for _, p := range s.past {
		// The oldest state that was still the state then.
		if p.until.After(then) {
			s.users, s.queues = p.users, p.queues
			break
		}
	}
	return func() { s.users, s.queues = users, queues }
}

// copied returns both catalogs with all entries and links of their own.
func copied(users, queues *catalog) (*catalog, *catalog) {
	copies := map[*entry]*entry{}
	of := func(k *catalog) *catalog {
		c := &catalog{kind: k.kind, entries: map[int64]*entry{}, order: slices.Clone(k.order), folders: slices.Clone(k.folders), next: k.next}
		for id, e := range k.entries {
			e2 := new(*e)
			e2.extra, e2.links, e2.resources = maps.Clone(e.extra), nil, slices.Clone(e.resources)
			c.entries[id], copies[e] = e2, e2
		}
		return c
	}
	u, q := of(users), of(queues)

	links := map[*link]*link{}
	for _, k := range []*catalog{users, queues} {
		for _, e := range k.entries {
			for _, l := range e.links {
				if links[l] == nil {
					links[l] = &link{user: copies[l.user], queue: copies[l.queue], enabled: l.enabled}
				}
				copies[e].links = append(copies[e].links, links[l])
			}
		}
	}
	return u, q
}

// resolve finds the catalog that a request names, and lets reads lag.
func (s *Server) resolve(c *call) (done func()) {
	done = func() {}
	if s.cfg.readLag > 0 {
		if c.method == http.MethodGet {
			done = s.lag()
		} else if c.catalog != "" {
			s.remember()
		}
	}

	switch c.catalog {
	case "users":
		c.of = s.users
	case "queues":
		c.of = s.queues
	}
	return done
}

// LagReads makes all reads lag by d from now on: see [WithReadLag]. They show nothing
// older than what there is now; with zero they lag no more.
func (s *Server) LagReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past, s.cfg.readLag = nil, d
}
