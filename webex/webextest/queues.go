package webextest

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// queue is a call queue of one tier, in a location.
type queue struct {
	key      string
	tier     Tier
	location *location
	fields   object // without id, agents and the tier
	agents   []*member
}

// member is an agent's place in a queue.
type member struct {
	key    string
	joined bool
	skill  json.Number // only where the routing is by skill
	weight string      // only where the policy is WEIGHTED
}

func (q *queue) id() string { return ID(callQueue, q.key) }

func (q *queue) policies() (routing, policy string) {
	p, _ := q.fields["callPolicies"].(object)
	return text(p, "routingType"), text(p, "policy")
}

func (q *queue) member(key string) *member {
	for _, m := range q.agents {
		if m.key == key {
			return m
		}
	}
	return nil
}

// maxAgents is how many agents a queue takes, by policy.
func maxAgents(policy string) int {
	switch policy {
	case "SIMULTANEOUS":
		return 50
	case "WEIGHTED":
		return 100
	}
	return 1000
}

func queueKey(id string) (string, bool) {
	kind, key, ok := parseID(id)
	return key, ok && (kind == callQueue || kind == huntGroup)
}

func (s *Server) queue(key string) *queue {
	for _, q := range s.queues {
		if q.key == key {
			return q
		}
	}
	return nil
}

// queueOf finds the queue of the path, in whatever tier.
func (s *Server) queueOf(c *call) (*queue, *answer) {
	l := s.location(c.path["locationId"])
	if l == nil {
		return nil, c.notFound("Location")
	}
	key, ok := queueKey(c.path["queueId"])
	if !ok {
		return nil, c.invalid("Wrong type of Webex ID provided")
	}

	if q := s.queue(key); q != nil && q.location == l {
		return q, nil
	}
	return nil, c.notFound("Call queue")
}

func (s *Server) listQueues(c *call) *answer {
	var place *location
	if c.query.Has("locationId") {
		if place = s.location(c.query.Get("locationId")); place == nil {
			return c.notFound("Location")
		}
	}
	if c.query.Has("digitalInboxEnabled") && c.tier == Basic {
		return c.invalid("digitalInboxEnabled needs hasCxEssentials=true")
	}

	name, number := strings.ToLower(c.query.Get("name")), c.query.Get("phoneNumber")
	rows := []object{}
	for _, q := range s.queues {
		if q.tier != c.tier || place != nil && q.location != place ||
			name != "" && !strings.Contains(strings.ToLower(text(q.fields, "name")), name) ||
			number != "" && !strings.Contains(text(q.fields, "phoneNumber"), number) && !strings.Contains(text(q.fields, "extension"), number) {
			continue
		}

		o := object{
			"id": q.id(), "name": q.fields["name"], "enabled": q.fields["enabled"], "hasCxEssentials": bool(q.tier),
			"locationId": q.location.id(), "locationName": q.location.name,
		}
		for _, field := range []string{"phoneNumber", "extension", "department"} {
			if v, ok := q.fields[field]; ok {
				o[field] = v
			}
		}
		if s.cfg.stringBooleans {
			o["hasCxEssentials"] = strconv.FormatBool(bool(q.tier))
		}

		rows = append(rows, o)
	}

	return s.page(c, "queues", rows, nil)
}

func (s *Server) getQueue(c *call) *answer {
	q, a := s.queueOf(c)
	if a != nil {
		return a
	}
	if q.tier != c.tier {
		return c.refuse(s.cfg.wrongTier, codeUnknown, "Call queue not found")
	}

	o := maps.Clone(q.fields)
	o["id"], o["hasCxEssentials"] = q.id(), bool(q.tier)
	// A number reads back in another notation than it is written in.
	if number := text(o, "phoneNumber"); strings.HasPrefix(number, "+1") {
		o["phoneNumber"] = "+1-" + number[2:]
	}
	delete(o, "callingLineIdPhoneNumber")
	o["agents"] = s.members(q)
	return jsonAnswer(http.StatusOK, o)
}

func (s *Server) members(q *queue) []object {
	routing, policy := q.policies()
	rows := []object{}
	for _, m := range q.agents {
		a, ok := s.agent(m.key)
		if !ok {
			continue
		}
		kind := s.assigned(a)
		o := a.row(ID(kind, a.key))
		o["type"], o["joinEnabled"], o["hasCxEssentials"] = kind, m.joined, a.assist && a.kind == people
		if a.location != nil {
			o["location"] = object{"id": a.location.id(), "name": a.location.name}
		}
		if routing == "SKILL_BASED" {
			o["skillLevel"] = m.skill
		}
		if policy == "WEIGHTED" {
			o["weight"] = m.weight
		}

		rows = append(rows, o)
	}
	return rows
}

// readOnlyOfAgent are the fields of a queue's agent that are not written back.
var readOnlyOfAgent = []string{
	"firstName", "lastName", "phoneNumber", "extension", "routingPrefix", "esn", "type", "location", "hasCxEssentials",
}

// readMembers reads agents[] of a write, which is the whole membership.
func (s *Server) readMembers(c *call, q *queue, v any) ([]*member, *answer) {
	list, ok := v.([]any)
	if !ok {
		return nil, c.invalid("agents must be an array")
	}

	routing, policy := q.policies()
	if limit := maxAgents(policy); len(list) > limit {
		return nil, c.invalid("A queue with the policy %s takes no more than %d agents.", policy, limit)
	}

	var out []*member
	seen := map[string]bool{}
	for _, v := range list {
		item, ok := v.(object)
		if !ok {
			return nil, c.invalid("agents must be an array of objects")
		}
		id := text(item, "id")
		if id == "" {
			return nil, c.missing("agents.id")
		}

		key, a := s.agentKey(c, id)
		if a != nil {
			return nil, a
		}
		who, found := s.agent(key)
		switch {
		case !found:
			return nil, c.notFound("Agent " + key)
		case seen[key]:
			return nil, c.invalid("Agent %s is named twice.", key)
		case !who.eligible(q.tier):
			return nil, c.invalid("Agent %s does not have the license that this queue needs.", key)
		}

		if _, refused := s.refusals[key]; refused && q.member(key) == nil {
			return nil, c.invalid("Agent %s is not available.", key)
		}
		seen[key] = true

		m := &member{key: key, joined: true, skill: "1", weight: "0"}
		if a := s.readMember(c, item, m, routing, policy); a != nil {
			return nil, a
		}
		out = append(out, m)
	}

	return out, nil
}

func (s *Server) readMember(c *call, item object, m *member, routing, policy string) *answer {
	strict := !s.cfg.lenient
	for _, name := range readOnlyOfAgent {
		if _, ok := item[name]; ok && strict {
			return c.invalid("agents.%s is read-only", name)
		}
	}

	if v, ok := item["joinEnabled"]; ok && v != nil {
		if m.joined, ok = v.(bool); !ok {
			return c.invalid("agents.joinEnabled must be a boolean")
		}
	}

	if v, ok := item["skillLevel"]; ok && v != nil {
		n, ok := v.(json.Number)
		level, err := strconv.ParseFloat(n.String(), 64)
		switch {
		case !ok || err != nil || level < 1:
			return c.invalid("agents.skillLevel must be a number of at least 1")
		case routing == "SKILL_BASED":
			m.skill = n
		case strict:
			return c.invalid("agents.skillLevel needs skill based routing")
		}
	}

	if v, ok := item["weight"]; ok && v != nil {
		w, ok := v.(string)
		percent, err := strconv.ParseFloat(w, 64)
		switch {
		case !ok || err != nil || percent < 0 || percent > 100:
			return c.invalid("agents.weight must be a string with a percentage")
		case policy == "WEIGHTED":
			m.weight = w
		case strict:
			return c.invalid("agents.weight needs the policy WEIGHTED")
		}
	}

	return nil
}

// checkQueue checks the fields that matter of a queue.
func (s *Server) checkQueue(c *call, o object) *answer {
	for _, name := range []string{"name", "extension", "phoneNumber", "callingLineIdPolicy"} {
		if v, ok := o[name]; ok && v != nil {
			if _, ok := v.(string); !ok {
				return c.invalid("%s must be a string", name)
			}
		}
	}

	if number := text(o, "phoneNumber"); number != "" && !e164.MatchString(number) {
		return c.invalid("phoneNumber: %q is not in E.164", number)
	}

	if text(o, "callingLineIdPolicy") == "CUSTOM" && text(o, "callingLineIdPhoneNumber") == "" {
		return c.invalid("Missing callingLineIdPhoneNumber")
	}

	// An unknown policy or way of routing is refused.
	if v, ok := o["callPolicies"]; ok {
		p, ok := v.(object)
		if !ok {
			return c.invalid("callPolicies must be an object")
		}
		if r := text(p, "routingType"); r != "" && r != "PRIORITY_BASED" && r != "SKILL_BASED" {
			return c.invalid("callPolicies.routingType: %q is unknown", r)
		}
		switch p := text(p, "policy"); p {
		case "", "CIRCULAR", "REGULAR", "SIMULTANEOUS", "UNIFORM", "WEIGHTED":
		default:
			return c.invalid("callPolicies.policy: %q is unknown", p)
		}
	}

	return nil
}

// updateQueue merges the fields that are named, and replaces the agents as a
// whole. It ignores the tier.
func (s *Server) updateQueue(c *call) *answer {
	q, a := s.queueOf(c)
	if a != nil {
		return a
	}
	o, a := c.object()
	if a != nil {
		return a
	}
	if a := s.checkQueue(c, o); a != nil {
		return a
	}

	next := &queue{key: q.key, tier: q.tier, location: q.location, fields: maps.Clone(q.fields), agents: q.agents}
	for name, v := range o {
		if name != "agents" && name != "id" && name != "hasCxEssentials" {
			next.fields[name] = v
		}
	}

	if v, ok := o["agents"]; ok {
		if next.agents, a = s.readMembers(c, next, v); a != nil {
			return a
		}
	} else if _, policy := next.policies(); len(q.agents) > maxAgents(policy) {
		return c.invalid("A queue with the policy %s takes no more than %d agents.", policy, maxAgents(policy))
	}

	q.fields, q.agents = next.fields, next.agents
	return done()
}
