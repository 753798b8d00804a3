package webextest

import (
	"slices"
	"strings"
)

// memberships returns an agent's queues of a tier.
func (s *Server) memberships(tier Tier, key string) (out []*queue) {
	for _, q := range s.queues {
		if q.tier == tier && q.member(key) != nil {
			out = append(out, q)
		}
	}
	return out
}

// queueAgent is how an agent of queues is shown: always as one of the people.
func (s *Server) queueAgent(a agent) object {
	kind := s.assigned(a)
	o := a.row(ID(kind, a.key))
	o["type"] = kind
	if a.location != nil {
		o["location"] = object{"id": a.location.id(), "name": a.location.name}
	}
	return o
}

func (s *Server) listQueueAgents(c *call) *answer {
	var place *location
	if c.query.Has("locationId") {
		if place = s.location(c.query.Get("locationId")); place == nil {
			return c.notFound("Location")
		}
	}

	var only *queue
	if c.query.Has("queueId") {
		key, ok := queueKey(c.query.Get("queueId"))
		if !ok {
			return c.invalid("Wrong type of Webex ID provided")
		}
		if only = s.queue(key); only == nil || only.tier != c.tier {
			return s.page(c, "agents", nil, nil)
		}
	}

	joined, a := c.flag("joinEnabled")
	if a != nil {
		return a
	}

	var found []agent
	seen := map[string]bool{}
	for _, q := range s.queues {
		if q.tier != c.tier || place != nil && q.location != place || only != nil && q != only {
			continue
		}
		for _, m := range q.agents {
			if seen[m.key] || c.query.Has("joinEnabled") && m.joined != joined {
				continue
			}
			seen[m.key] = true
			if who, ok := s.agent(m.key); ok {
				found = append(found, who)
			}
		}
	}

	if found, a = s.found(c, found); a != nil {
		return a
	}

	rows := []object{}
	for _, who := range found {
		rows = append(rows, s.countedAgent(c.tier, who))
	}
	return s.page(c, "agents", rows, nil)
}

// countedAgent is an agent of queues with the numbers of its queues.
func (s *Server) countedAgent(tier Tier, who agent) object {
	o := s.queueAgent(who)

	queues, places, join := s.memberships(tier, who.key), map[*location]bool{}, 0
	for _, q := range queues {
		places[q.location] = true
		if q.member(who.key).joined {
			join++
		}
	}

	o["queueCount"], o["locationCount"] = len(queues), len(places)
	o["joinCount"], o["unjoinCount"] = join, len(queues)-join
	return o
}

func (s *Server) getQueueAgent(c *call) *answer {
	key, a := s.agentKey(c, c.path["id"])
	if a != nil {
		return a
	}
	for _, name := range []string{"max", "start"} {
		if !c.query.Has(name) {
			return c.missing(name)
		}
	}

	start, _, a := s.window(c)
	if a != nil {
		return a
	}

	who, ok := s.agent(key)
	queues := s.memberships(c.tier, key)
	if !ok || start >= len(queues) && !(s.cfg.emptyAgentDetails && start == 0) {
		return c.notFound("Agent")
	}

	rows := []object{}
	for _, q := range queues {
		o := object{
			"id": q.id(), "name": q.fields["name"], "routingPrefix": q.location.prefix,
			"locationId": q.location.id(), "locationName": q.location.name, "joinEnabled": q.member(key).joined,
		}
		if n := text(q.fields, "phoneNumber"); n != "" {
			o["phoneNumber"] = n
		}
		rows = append(rows, o)
	}

	return s.page(c, "queues", rows, object{"agent": s.queueAgent(who)})
}

// updateQueueAgent flips the join state in the queues that are named, all or none.
func (s *Server) updateQueueAgent(c *call) *answer {
	key, a := s.agentKey(c, c.path["id"])
	if a != nil {
		return a
	}

	o, a := c.object()
	if a != nil {
		return a
	}
	if _, ok := o["settings"]; !ok {
		return c.missing("settings")
	}

	list, ok := o["settings"].([]any)
	if !ok || len(list) == 0 {
		return c.invalid("settings must be an array of settings")
	}

	flips := map[*member]bool{}
	for _, v := range list {
		item, _ := v.(object)
		id := text(item, "queueId")
		if id == "" {
			return c.missing("settings.queueId")
		}
		if _, ok := item["joinEnabled"]; !ok {
			return c.missing("settings.joinEnabled")
		}

		joined, ok := item["joinEnabled"].(bool)
		if !ok {
			return c.invalid("settings.joinEnabled must be a boolean")
		}
		name, ok := queueKey(id)
		if !ok {
			return c.invalid("Wrong type of Webex ID provided")
		}

		q := s.queue(name)
		if q == nil || q.tier != c.tier || q.member(key) == nil {
			return c.notFound("Agent in call queue")
		}
		flips[q.member(key)] = joined
	}

	// All are valid: only now does any change.
	for m, joined := range flips {
		m.joined = joined
	}
	return done()
}

// ---- who may become an agent of a queue

func candidate(a agent) object {
	o := object{
		"id": ID(a.kind, a.key), "type": a.kind, "firstName": a.first, "lastName": a.last, "displayName": a.display,
		"email": a.email, "hasCxEssentials": a.assist && a.kind == people,
	}
	return o
}

func (a agent) number() object {
	o := object{}
	if a.phone != "" {
		o["external"] = a.phone
	}
	if a.extension != "" {
		o["extension"] = a.extension
	}
	return o
}

// candidateOrder reads the order of candidates: up to three fields, each asc or desc.
func candidateOrder(text string) (func(x, y agent) int, bool) {
	fields := map[string]func(agent) string{
		"userid": func(a agent) string { return a.email }, "dn": func(a agent) string { return a.phone },
		"fname": func(a agent) string { return a.first }, "firstname": func(a agent) string { return a.first },
		"lname": func(a agent) string { return a.last }, "lastname": func(a agent) string { return a.last },
		"extension": func(a agent) string { return a.extension },
	}

	parts := strings.Split(text, ",")
	if len(parts) > 3 {
		return nil, false
	}

	var keys []func(x, y agent) int
	for _, part := range parts {
		part, down := strings.CutSuffix(part, "-desc")
		field := fields[strings.ToLower(strings.TrimSuffix(part, "-asc"))]
		if field == nil {
			return nil, false
		}
		keys = append(keys, func(x, y agent) int {
			if down {
				x, y = y, x
			}
			return strings.Compare(field(x), field(y))
		})
	}

	return func(x, y agent) int {
		for _, key := range keys {
			if n := key(x, y); n != 0 {
				return n
			}
		}
		return 0
	}, true
}

func (s *Server) queueCandidates(c *call) *answer {
	if !c.query.Has("locationId") {
		return c.missing("locationId")
	}
	if s.location(c.query.Get("locationId")) == nil {
		return c.notFound("Location")
	}

	order := c.query.Get("order")
	compare, ok := candidateOrder(order)
	if !ok && order != "" && !s.cfg.unknownOrderIgnored {
		return c.invalid("order: %q has an unknown field", order)
	}

	c.query.Del("order") // its own grammar
	found, a := s.found(c, s.everybody(Basic))
	if a != nil {
		return a
	}
	if ok {
		slices.SortStableFunc(found, compare)
	}

	rows := []object{}
	for _, who := range found {
		o := candidate(who)
		o["phoneNumbers"] = []object{who.number()}
		rows = append(rows, o)
	}

	return s.page(c, "agents", rows, nil)
}
