package libh3lptest

import (
	"net/http"
	"slices"
)

// link is a user's assignment to a queue, which is the queue's operator.
type link struct {
	user, queue *entry
	enabled     bool
}

func connect(user, queue *entry, enabled bool) *link {
	l := &link{user: user, queue: queue, enabled: enabled}
	user.links, queue.links = append(user.links, l), append(queue.links, l)
	return l
}

func (l *link) remove() {
	mine := func(other *link) bool { return other == l }
	l.user.links = slices.DeleteFunc(l.user.links, mine)
	l.queue.links = slices.DeleteFunc(l.queue.links, mine)
}

func between(user, queue *entry) *link {
	if i := slices.IndexFunc(user.links, func(l *link) bool { return l.queue == queue }); i >= 0 {
		return user.links[i]
	}
	return nil
}

func (s *Server) linkView(l *link) object {
	show, _ := l.user.presence()
	o := object{
		"queueId": s.id(l.queue.id), "queue": l.queue.name, "queueShow": s.queueShow(l.queue),
		"userId": s.id(l.user.id), "user": l.user.name, "userShow": show,
	}
	s.flag(o, "enabled", l.enabled)
	return o
}

func (s *Server) listLinks(c *call) *answer {
	e := c.find(c.of, c.id)
	if e == nil {
		return s.missing(c.of.kind, c.id)
	}

	out := []object{}
	for _, l := range e.links {
		out = append(out, s.linkView(l))
	}
	return s.json(http.StatusOK, out)
}

func (s *Server) createLink(c *call) *answer {
	e := c.find(c.of, c.id)
	if e == nil {
		return s.missing(c.of.kind, c.id)
	}

	in, refused := s.input(c)
	if refused != nil {
		return refused
	}

	to := s.otherSide(c.of)
	id, ok := asID(in[to.kind+"Id"])
	if !ok {
		return s.fail("A %sId is required.", to.kind)
	}
	other := c.find(to, id)
	if other == nil {
		return s.fail("There is no %s %d.", to.kind, id)
	}

	user, queue := e, other
	if c.of == s.queues {
		user, queue = other, e
	}

	switch {
	case between(user, queue) == nil:
		connect(user, queue, true)
	case !s.cfg.duplicateOK:
		return s.fail("The user %s is assigned to the queue %s already.", user.name, queue.name)
	}
	return s.success()
}

func (s *Server) otherSide(k *catalog) *catalog {
	if k == s.users {
		return s.queues
	}
	return s.users
}

// link finds the link that a path names, from either side.
func (s *Server) link(c *call) (*link, *answer) {
	e := c.find(c.of, c.id)
	if e == nil {
		return nil, s.missing(c.of.kind, c.id)
	}
	for _, l := range e.links {
		if c.of == s.users && l.queue.id == c.other || c.of == s.queues && l.user.id == c.other {
			return l, nil
		}
	}
	return nil, s.fail("The %s %d has no link to the %s %d.", c.of.kind, c.id, s.otherSide(c.of).kind, c.other)
}

// setEnabled reads the one field of a link that can be written, and returns the
// link, with an illegal value ignored.
func (s *Server) setEnabled(c *call) (*link, *answer) {
	l, problem := s.link(c)
	if problem != nil {
		return nil, problem
	}

	in, refused := s.input(c)
	if refused != nil {
		return nil, refused
	}

	if v, ok := in["enabled"]; ok && !s.ignoreUpdates {
		if on, ok := asFlag(v); ok {
			l.enabled = on
		}
	}
	return l, nil
}

func (s *Server) updateLink(c *call) *answer {
	l, problem := s.setEnabled(c)
	if problem != nil {
		return problem
	}
	return s.one(s.linkView(l))
}

func (s *Server) deleteLink(c *call) *answer {
	l, problem := s.link(c)
	if problem != nil {
		return problem
	}
	l.remove()
	return s.success()
}

// The second API names the fields of an operator differently, and its booleans
// are booleans.

func (s *Server) operatorV2(l *link) object {
	show, _ := l.user.presence()
	return object{"id": s.id(l.user.id), "name": l.user.name, "show": show, "enabled": l.enabled}
}

func (s *Server) listOperatorsV2(c *call) *answer {
	queue := c.find(s.queues, c.id)
	if queue == nil {
		return s.missing("queue", c.id)
	}

	out := []object{}
	for _, l := range queue.links {
		out = append(out, s.operatorV2(l))
	}
	return s.json(http.StatusOK, out)
}

func (s *Server) updateOperatorV2(c *call) *answer {
	l, problem := s.setEnabled(c)
	if problem != nil {
		return problem
	}
	return s.one(s.operatorV2(l))
}
