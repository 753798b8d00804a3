package webextest

import (
	"fmt"
	"net/http"
	"slices"
)

// device is a workspace or a virtual line.
type device struct {
	key, kind              string
	first, last, extension string
	phone                  string
	location               *location
}

// agent is whoever can take calls: a person with a Calling licence, a workspace
// or a virtual line.
type agent struct {
	key, kind                 string
	first, last, display      string
	email                     string
	phone, extension          string
	location                  *location
	standard, assist, calling bool
}

func (a agent) esn() string {
	if a.extension == "" || a.location == nil {
		return ""
	}
	return a.location.prefix + a.extension
}

// supervisor is a person with at least one agent, in one tier.
type supervisor struct {
	key    string
	agents []string // keys
}

// agent finds anybody by key; those who cannot take calls are found too.
func (s *Server) agent(key string) (agent, bool) {
	if p := s.people.At(key); p != nil {
		return s.agentOf(p), true
	}
	for _, d := range s.devices {
		if d.key == key {
			return agentOfDevice(d), true
		}
	}
	return agent{}, false
}

func (s *Server) agentOf(p *person) agent {
	a := agent{
		key: p.key, kind: people, first: text(p.fields, "firstName"), last: text(p.fields, "lastName"),
		display: text(p.fields, "displayName"), email: words(p.fields, "emails")[0],
		extension: text(p.fields, "extension"), location: s.location(text(p.fields, "locationId")),
		standard: s.holds(p, nameStandard), assist: s.holds(p, nameAssist), calling: s.calls(p),
	}
	if numbers := p.workNumbers(); len(numbers) > 0 {
		a.phone, _ = numbers[0].(string)
	}
	return a
}

func agentOfDevice(d *device) agent {
	return agent{
		key: d.key, kind: d.kind, first: d.first, last: d.last, display: d.first + " " + d.last,
		phone: d.phone, extension: d.extension, location: d.location, assist: true, calling: true,
	}
}

// eligible reports whether an agent can be given work in a tier.
func (a agent) eligible(tier Tier) bool {
	return a.calling && !a.standard && (tier == Basic || a.assist)
}

// everybody returns all who can take calls in a tier, people first.
func (s *Server) everybody(tier Tier) (out []agent) {
	for _, p := range s.people.All() {
		if a := s.agentOf(p); a.eligible(tier) {
			out = append(out, a)
		}
	}
	for _, d := range s.devices {
		out = append(out, agentOfDevice(d))
	}
	return out
}

// row is how an agent is shown in lists: without the fields that it lacks.
func (a agent) row(id string) object {
	o := object{"id": id, "firstName": a.first, "lastName": a.last}
	for name, v := range map[string]string{"phoneNumber": a.phone, "extension": a.extension, "esn": a.esn()} {
		if v != "" {
			o[name] = v
		}
	}
	if a.location != nil && a.location.prefix != "" {
		o["routingPrefix"] = a.location.prefix
	}
	return o
}

// assigned returns the type that an assigned agent is shown with: the service
// takes them all for people.
func (s *Server) assigned(a agent) string {
	if s.cfg.fixedTypes {
		return a.kind
	}
	return people
}

// agentKey reads the id of an agent, of its true type or PEOPLE.
func (s *Server) agentKey(c *call, id string) (string, *answer) {
	kind, key, ok := parseID(id)
	if !ok || kind == "" && !s.cfg.bareUUIDs {
		return "", c.invalid("%q is not a Webex ID", id)
	}
	a, found := s.agent(key)
	switch kind {
	case "", people:
		return key, nil
	case place, virtualLine:
		if !found || a.kind == kind {
			return key, nil
		}
	}
	return "", c.invalid("Wrong type of Webex ID provided: %s", kind)
}

func (s *Server) supervisor(tier Tier, key string) *supervisor {
	for _, v := range s.supervisors[tier] {
		if v.key == key {
			return v
		}
	}
	return nil
}

// supervisorOf finds the supervisor of the path in the tier that was asked for.
func (s *Server) supervisorOf(c *call) (*supervisor, *answer) {
	key, a := s.agentKey(c, c.path["supervisorId"])
	if a != nil {
		return nil, a
	}
	if v := s.supervisor(c.tier, key); v != nil {
		return v, nil
	}

	status := http.StatusNotFound
	if s.supervisor(!c.tier, key) != nil {
		status = s.cfg.wrongTier
	}
	return nil, c.refuse(status, codeUnknown, "Supervisor not found")
}

// ---- reading

func (s *Server) listSupervisors(c *call) *answer {
	var found []agent
	for _, v := range s.supervisors[c.tier] {
		if a, ok := s.agent(v.key); ok {
			found = append(found, a)
		}
	}
	found, a := s.found(c, found)
	if a != nil {
		return a
	}

	rows := []object{}
	for _, who := range found {
		o := who.row(ID(people, who.key))
		o["agentCount"] = len(s.supervisor(c.tier, who.key).agents)
		o["hasCxEssentials"] = bool(c.tier)
		rows = append(rows, o)
	}
	return s.page(c, "supervisors", rows, nil)
}

func (s *Server) getSupervisor(c *call) *answer {
	v, a := s.supervisorOf(c)
	if a != nil {
		return a
	}

	var found []agent
	for _, key := range v.agents {
		if who, ok := s.agent(key); ok {
			found = append(found, who)
		}
	}
	if found, a = s.found(c, found); a != nil {
		return a
	}

	rows := []object{}
	for _, who := range found {
		rows = append(rows, who.row(ID(s.assigned(who), who.key)))
	}
	return s.page(c, "agents", rows, object{"id": ID(people, v.key)})
}

func (s *Server) availableSupervisors(c *call) *answer {
	found := slices.DeleteFunc(s.everybody(c.tier), func(a agent) bool { return s.supervisor(c.tier, a.key) != nil || a.kind == place })
	found, a := s.found(c, found)
	if a != nil {
		return a
	}

	rows := []object{}
	for _, who := range found {
		o := who.row(ID(people, who.key)) // virtual lines are listed too, as people
		o["displayName"] = who.display
		o["hasCxEssentials"] = bool(c.tier)
		rows = append(rows, o)
	}
	return s.page(c, "supervisors", rows, nil)
}

func (s *Server) availableAgents(c *call) *answer {
	found := slices.DeleteFunc(s.everybody(c.tier), func(a agent) bool { return !s.available(c.tier, a.key, nil) })
	found, a := s.found(c, found)
	if a != nil {
		return a
	}

	rows := []object{}
	for _, who := range found {
		o := who.row(ID(s.assigned(who), who.key))
		o["displayName"], o["type"] = who.display, who.kind
		rows = append(rows, o)
	}
	return s.page(c, "agents", rows, nil)
}

// available reports whether an agent can be assigned to a supervisor.
func (s *Server) available(tier Tier, key string, to *supervisor) bool {
	a, ok := s.agent(key)
	if !ok || !a.eligible(tier) {
		return false
	}
	if _, refused := s.refusals[key]; refused {
		return false
	}
	return !s.cfg.exclusiveAgents || !slices.ContainsFunc(s.supervisors[tier], func(v *supervisor) bool {
		return v != to && slices.Contains(v.agents, key)
	})
}

// ---- writing

const (
	add    = "ADD"
	remove = "DELETE"
)

// change is one item of a write of a supervisor's agents.
type change struct{ id, key, action string }

// refusal is what [Server.Refuse] was told.
type refusal struct{ status, message string }

// changes reads agents[]; actions reports whether each item has one.
func (s *Server) changes(c *call, o object, actions bool) ([]change, *answer) {
	v, ok := o["agents"]
	if !ok {
		return nil, c.missing("agents")
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, c.invalid("agents must be an array with at least one agent")
	}
	if s.cfg.maxItems > 0 && len(list) > s.cfg.maxItems {
		return nil, c.invalid("No more than %d agents may be changed at once.", s.cfg.maxItems)
	}

	var out []change
	for _, v := range list {
		item, ok := v.(object)
		if !ok {
			return nil, c.invalid("agents must be an array of objects")
		}
		id := text(item, "id")
		if id == "" {
			return nil, c.missing("agents.id")
		}

		action := add
		if actions {
			switch action = text(item, "action"); action {
			case add, remove:
			case "":
				return nil, c.missing("agents.action")
			default:
				return nil, c.refuse(http.StatusBadRequest, codeMissing, "agents.action: %q is neither ADD nor DELETE", action)
			}
		} else if _, ok := item["action"]; ok && !s.cfg.lenient {
			return nil, c.invalid("agents.action is not known here")
		}

		key, a := s.agentKey(c, id)
		if a != nil {
			return nil, a
		}
		if _, ok := s.agent(key); !ok && s.cfg.unknownAgent != 0 {
			return nil, c.refuse(s.cfg.unknownAgent, codeUnknown, "Agent %s not found", key)
		}
		out = append(out, change{id: id, key: key, action: action})
	}

	return out, nil
}

// apply carries the changes out one by one, and returns the statuses of those
// that were not done.
func (s *Server) apply(tier Tier, v *supervisor, changes []change) []object {
	var out []object
	report := func(ch change, status, message string) {
		a, _ := s.agent(ch.key)
		o := object{"id": s.statusID(ch), "status": status, "message": message}
		if s.cfg.statusTypes && a.kind != "" {
			o["type"] = a.kind
		}
		out = append(out, o)
	}

	for _, ch := range changes {
		at := slices.Index(v.agents, ch.key)
		refused, told := s.refusals[ch.key]

		switch {
		case s.ignored[ch.key]:
		case ch.action == add && at >= 0:
			report(ch, "DUPLICATE", fmt.Sprintf("[Error %d] Agent %s is already assigned to the supervisor.", codeAssigned, ch.key))
		case told:
			message := refused.message
			if message == "" {
				message = fmt.Sprintf("[Error %d] Agent %s is not available.", codeAssigned, ch.key)
			}
			report(ch, refused.status, message)
		case ch.action == add && !s.available(tier, ch.key, v):
			report(ch, "NOT_AVAILABLE", fmt.Sprintf("[Error %d] Agent %s is not available.", codeAssigned, ch.key))
		case ch.action == remove && at < 0 && s.cfg.unassignStatus != "":
			report(ch, s.cfg.unassignStatus, fmt.Sprintf("[Error %d] Agent %s is not assigned to the supervisor.", codeAssigned, ch.key))
		default:
			if ch.action == add {
				v.agents = append(v.agents, ch.key)
			} else if at >= 0 {
				v.agents = slices.Delete(v.agents, at, at+1)
			}
			if s.cfg.allStatuses != "" {
				report(ch, s.cfg.allStatuses, "")
			}
		}
	}

	return out
}

// statusID is how a status names its agent.
func (s *Server) statusID(ch change) string {
	switch s.cfg.statusIDs {
	case AsUUID:
		return ch.key
	case AsPeople:
		return ID(people, ch.key)
	case AsPlace:
		return ID(place, ch.key)
	case AsPadded:
		id := ch.id
		for len(id)%4 != 0 {
			id += "="
		}
		return id
	case AsUnknown:
		return ID(people, "ffffffff-ffff-4fff-8fff-ffffffffffff")
	}
	return ch.id
}

func (s *Server) createSupervisor(c *call) *answer {
	o, a := c.object()
	if a != nil {
		return a
	}
	id := text(o, "id")
	if id == "" {
		return c.missing("id")
	}
	key, a := s.agentKey(c, id)
	if a != nil {
		return a
	}

	changes, a := s.changes(c, o, false)
	if a != nil {
		return a
	}

	who, ok := s.agent(key)
	switch {
	case !ok || who.kind != people:
		return c.notFound("Person")
	case s.supervisor(c.tier, key) != nil:
		return c.refuse(s.cfg.alreadyStatus, s.cfg.alreadyStatus, "The person is already a supervisor.")
	case !who.eligible(c.tier):
		return c.invalid("The person does not have the license that a supervisor needs.")
	}

	v := &supervisor{key: key}
	statuses := s.apply(c.tier, v, changes)
	if len(v.agents) == 0 && s.cfg.allRefused >= 400 {
		return c.refuse(s.cfg.allRefused, codeAssigned, "None of the agents is available.")
	}

	if len(v.agents) > 0 {
		s.supervisors[c.tier] = append(s.supervisors[c.tier], v)
	}

	return s.outcome(statuses, http.StatusCreated)
}

// outcome answers a write of agents: with what was not done, or an empty body.
func (s *Server) outcome(statuses []object, success int) *answer {
	if statuses == nil {
		return empty(success)
	}
	return jsonAnswer(s.cfg.statusCode, object{"supervisorAgentStatus": statuses})
}

func (s *Server) updateSupervisor(c *call) *answer {
	v, a := s.supervisorOf(c)
	if a != nil {
		return a
	}
	o, a := c.object()
	if a != nil {
		return a
	}
	changes, a := s.changes(c, o, true)
	if a != nil {
		return a
	}

	before := slices.Clone(v.agents)
	statuses := s.apply(c.tier, v, changes)
	if len(v.agents) == 0 {
		if s.cfg.lastAgentRefused {
			v.agents = before
			return c.invalid("A supervisor needs at least one agent.")
		}
		s.dismiss(c.tier, func(x *supervisor) bool { return x == v })
	}
	return s.outcome(statuses, http.StatusNoContent)
}

func (s *Server) dismiss(tier Tier, which func(*supervisor) bool) {
	s.supervisors[tier] = slices.DeleteFunc(s.supervisors[tier], which)
}

// deleteSupervisor deletes one of the Basic tier. It knows no tier, and of the
// other tier it only says that it has deleted.
func (s *Server) deleteSupervisor(c *call) *answer {
	key, a := s.agentKey(c, c.path["supervisorId"])
	if a != nil {
		return a
	}

	is := func(v *supervisor) bool { return v.key == key }
	switch {
	case s.supervisor(Basic, key) != nil:
		s.dismiss(Basic, is)
	case s.supervisor(Assist, key) != nil:
		if s.cfg.assistDeleted {
			s.dismiss(Assist, is)
		}
	default:
		return c.notFound("Supervisor")
	}
	return done()
}

func (s *Server) deleteSupervisors(c *call) *answer {
	o, a := c.object()
	if a != nil {
		return a
	}

	var flags [2]bool
	for i, name := range []string{"hasCxEssentials", "deleteAll"} {
		if v, ok := o[name]; ok {
			if flags[i], ok = v.(bool); !ok {
				return c.invalid("%s must be a boolean", name)
			}
		}
	}

	tier := Tier(flags[0])
	if flags[1] {
		s.supervisors[tier] = nil
		return done()
	}

	list, ok := o["supervisorIds"].([]any)
	if !ok {
		return c.missing("supervisorIds")
	}
	ids := words(o, "supervisorIds")
	if len(ids) == 0 || len(ids) != len(list) {
		return c.invalid("supervisorIds must be an array of ids")
	}

	keys := map[string]bool{}
	for _, id := range ids {
		key, a := s.agentKey(c, id)
		if a != nil {
			return a
		}
		keys[key] = true
	}

	s.dismiss(tier, func(v *supervisor) bool { return keys[v.key] })
	return done()
}

// forget takes an agent out of everything that refers to it. That deleting a
// person does so is a guess.
func (s *Server) forget(key string) {
	for _, tier := range []Tier{Basic, Assist} {
		for _, v := range s.supervisors[tier] {
			v.agents = slices.DeleteFunc(v.agents, func(k string) bool { return k == key })
		}
		s.dismiss(tier, func(v *supervisor) bool { return v.key == key || len(v.agents) == 0 })
	}

	for _, q := range s.queues {
		q.agents = slices.DeleteFunc(q.agents, func(m *member) bool { return m.key == key })
	}
}
