package avayatest

import (
	"cmp"
	"net/http"
	"slices"
)

func renderQueue(q *thing) object {
	out := clone(q.own)
	out["queueId"] = q.id
	for _, flag := range []string{"afterContactWork", "defaultAccountQueue"} {
		if out[flag] == nil {
			out[flag] = false
		}
	}
	return out
}

// byName returns the things in ascending order of their names.
func byName(t *table[*thing]) []*thing {
	return slices.SortedStableFunc(slices.Values(t.All()), func(a, b *thing) int {
		return cmp.Compare(text(a.own["name"]), text(b.own["name"]))
	})
}

func (s *Server) listQueues(r *request) answer {
	q := r.URL.Query()
	which := q.Get("defaultAccountQueue")
	if which != "" && which != "true" && which != "false" {
		return fail(invalid(violation{"defaultAccountQueue", "must be true or false", 0}))
	}

	keep := func(e row) bool {
		isDefault := e.(*thing).own["defaultAccountQueue"] == true
		return s.named(e, q.Get("name")) && (which == "" || isDefault == (which == "true"))
	}
	return page(s, r, queueListing, byName(&s.queues), renderQueue, keep, "")
}

// named applies the parameter name of queues and categories.
func (s *Server) named(e row, name string) bool {
	return name == "" || s.fold(e.field("name")) == s.fold(name)
}

func (s *Server) getQueue(r *request) answer {
	q, p := s.lookUp(r, &s.queues, "queue")
	if p != nil {
		return fail(p)
	}
	return answer{status: http.StatusOK, body: renderQueue(q)}
}
