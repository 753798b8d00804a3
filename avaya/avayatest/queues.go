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
	return slices.SortedStableFunc(slices.Values(t.order), func(a, b *thing) int {
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

func (s *Server) createQueue(r *request) answer {
	own, p := s.read(r, queueSchema)
	if p == nil {
		p = s.checkName(&s.queues, own, "")
	}
	if p != nil {
		return fail(p)
	}
	q := &thing{s.ids.uuid("queue"), own}
	s.queues.add(q)
	return answer{status: http.StatusCreated, body: renderQueue(q)}
}

func (s *Server) getQueue(r *request) answer {
	q, p := s.lookUp(r, &s.queues, "queue")
	if p != nil {
		return fail(p)
	}
	return answer{status: http.StatusOK, body: renderQueue(q)}
}

func (s *Server) replaceQueue(r *request) answer {
	own, p := s.read(r, queueSchema)
	if p != nil {
		return fail(p)
	}
	q, p := s.lookUp(r, &s.queues, "queue")
	if p == nil {
		p = s.checkName(&s.queues, own, r.id)
	}
	if p != nil {
		return fail(p)
	}
	body := renderQueue(q)
	setOrDelete(own, "defaultAccountQueue", q.own["defaultAccountQueue"])
	q.own = own
	if !s.cfg.putPrevious {
		body = renderQueue(q)
	}
	return answer{status: http.StatusOK, body: body}
}

func (s *Server) deleteQueue(r *request) answer {
	q, p := s.lookUp(r, &s.queues, "queue")
	if p != nil {
		return fail(p)
	}
	s.queues.remove(q.id)
	s.forget("queue", q.id)
	return answer{status: http.StatusNoContent}
}
