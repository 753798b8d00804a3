package libh3lptest

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// catalogs are all users and all queues.
type catalogs struct{ users, queues *catalog }

// copy returns both with all entries and links of their own.
func (all catalogs) copy() catalogs {
	copies := map[*entry]*entry{}
	of := func(k *catalog) *catalog {
		c := newCatalog(k.kind, k.next)
		c.folders = slices.Clone(k.folders)
		for _, e := range k.All() {
			e2 := new(*e)
			e2.extra, e2.links, e2.resources = maps.Clone(e.extra), nil, slices.Clone(e.resources)
			c.add(e2)
			copies[e] = e2
		}
		return c
	}
	out := catalogs{of(all.users), of(all.queues)}

	links := map[*link]*link{}
	for e, e2 := range copies {
		for _, l := range e.links {
			if links[l] == nil {
				links[l] = &link{user: copies[l.user], queue: copies[l.queue], enabled: l.enabled}
			}
			e2.links = append(e2.links, links[l])
		}
	}
	return out
}

// resolve finds the catalog that a request names: as it is or, for a read that lags, as
// it was. The returned function ends the lag.
func (s *Server) resolve(c *call) (done func()) {
	present := s.catalogs
	if c.method != http.MethodGet {
		s.past.Ends(time.Now(), present.copy)
	} else if then, lags := s.past.Seen(time.Now()); lags {
		s.catalogs = then
	}

	switch c.collection {
	case "users":
		c.of = s.users
	case "queues":
		c.of = s.queues
	}
	return func() { s.catalogs = present }
}

// LagReads makes all reads lag by d from now on: see [WithReadLag]. They show nothing
// older than what there is now; with zero they lag no more.
func (s *Server) LagReads(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = simnet.Past[catalogs]{Lag: d}
}
