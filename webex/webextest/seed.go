package webextest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// The names of the licences that matter, as GET /licenses has them.
const (
	nameProfessional = "Webex Calling - Professional"
	nameStandard     = "Webex Calling - Basic"
	nameAssist       = "Customer Experience - Essential"
	nameMessaging    = "Messaging"
	nameMeetings     = "Meeting 25 party"
)

func (s *Server) seedOrganisation() {
	s.locations = []*location{
		{key: Key(LocationAustin), name: "Austin", prefix: "84"},
		{key: Key(LocationPorto), name: "Porto", prefix: "85"},
	}
	for _, l := range []licence{
		{key: LicenseProfessional, name: nameProfessional}, {key: LicenseStandard, name: nameStandard},
		{key: LicenseAssist, name: nameAssist}, {key: LicenseMessaging, name: nameMessaging},
		{key: LicenseMeetings, name: nameMeetings, implicit: true},
	} {
		l.key = strings.TrimPrefix(Key(l.key), OrgKey+":")
		s.licences = append(s.licences, &l)
	}

	s.AddPerson(map[string]any{
		"id": PersonNora, "emails": []string{"nora.lind@example.com"}, "displayName": "Nora Lind", "firstName": "Nora",
		"lastName": "Lind", "roles": []string{RoleFullAdminID}, "title": "IT administrator", "timezone": "America/Chicago",
		"licenses": []string{LicenseMessaging},
	})

	s.tokens[Bearer] = &Token{Role: FullAdmin, PersonID: PersonNora}
	s.tokens[ApplicationBearer] = &Token{Role: FullAdmin, Scopes: []string{scopeApplications}, PersonID: PersonNora}
	s.codes[AuthorizationCode] = true
	s.refresh[RefreshToken] = &refreshToken{
		token: Token{Role: FullAdmin, PersonID: PersonNora}, expires: time.Now().Add(s.cfg.refreshLifetime),
	}
}

// seedObject decodes what a hook was given: a JSON text or a value.
func seedObject(v any) object {
	o, err := simnet.SeedObject(v)
	if err != nil {
		panic(fmt.Sprintf("webextest: %v", err))
	}
	return o
}

// AddPerson stores a person and returns the id. The person is a JSON text (string
// or []byte), or a value that encodes to one, such as a map. Only emails is
// required; the rest is completed: an active person who may log in. Nothing is
// checked, so that states which no request could make can be seeded, and a given
// id, date, status or unknown field is kept. phoneNumbers of the type work are
// the person's own, the others are the directory's. It panics on input that makes
// no sense.
func (s *Server) AddPerson(person any) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := seedObject(person)
	emails := words(o, "emails")
	if len(emails) == 0 {
		panic("webextest: a person needs an email address")
	}
	if s.owner(emails[0]) != nil {
		panic("webextest: the email address is in use: " + emails[0])
	}
	return s.seedPerson(o).id()
}

func (s *Server) seedPerson(o object) *person {
	key := Key(text(o, "id"))
	if key == "" {
		key = s.newKey()
	}
	delete(o, "id")

	name, _, _ := strings.Cut(words(o, "emails")[0], "@")
	standard := object{
		"displayName": strings.TrimSpace(text(o, "firstName") + " " + text(o, "lastName")),
		"orgId":       OrgID, "created": seeded, "lastModified": seeded, "type": "person", "status": "active",
		"lastActivity": seeded, "invitePending": false, "loginEnabled": true, "avatarProvided": false,
		"xmppFederationJid": words(o, "emails")[0],
	}

	if first := text(o, "firstName"); first != "" {
		standard["nickName"] = first
	}
	if standard["displayName"] == "" {
		standard["displayName"] = name
	}

	maps.Copy(standard, o)
	p := s.enter(key, standard)
	p.born = time.Time{}

	if list, ok := standard["phoneNumbers"].([]any); ok {
		var work []any
		for _, v := range list {
			if n, ok := v.(object); ok && n["type"] == "work" {
				work = append(work, object{"type": "work", "value": n["value"]})
			} else {
				p.numbers = append(p.numbers, v)
			}
		}
		if delete(standard, "phoneNumbers"); work != nil {
			standard["phoneNumbers"] = work
		}
	}

	return p
}

const seeded = "2026-02-03T09:15:00.000Z"

// AddPeople stores n generated people, agent1@example.com and so on, who can be
// agents of either tier, and returns their ids.
func (s *Server) AddPeople(n int) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.generated++
		i := s.generated
		p := s.seedPerson(object{
			"emails":    []any{fmt.Sprintf("agent%d@example.com", i)},
			"firstName": "Agent", "lastName": fmt.Sprintf("Number%d", i), "displayName": fmt.Sprintf("Agent Number%d", i),
			"licenses": []any{LicenseProfessional, LicenseAssist}, "locationId": LocationAustin, "extension": fmt.Sprint(10000 + i),
		})
		ids = append(ids, p.id())
	}
	return ids
}

// AddSupervisors makes n generated people supervisors of a tier, each with one
// generated agent, and returns the supervisors' ids.
func (s *Server) AddSupervisors(n int, tier Tier) (ids []string) {
	all := s.AddPeople(2 * n)
	for i, id := range all[:n] {
		s.AddSupervisor(tier, id, all[n+i])
	}
	return all[:n]
}

// AddSupervisor makes a person a supervisor of these agents, whatever their
// licences, and returns the supervisor's id, which is the person's.
func (s *Server) AddSupervisor(tier Tier, personID string, agentIDs ...string) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.mustAgent(personID)
	if s.supervisor(tier, key) != nil {
		panic("webextest: already a supervisor: " + personID)
	}
	v := &supervisor{key: key}
	for _, a := range agentIDs {
		v.agents = append(v.agents, s.mustAgent(a))
	}
	s.supervisors[tier] = append(s.supervisors[tier], v)
	return ID(people, key)
}

// AddWorkspace stores a workspace that can be an agent and returns its id.
func (s *Server) AddWorkspace(name, locationID, extension string) (id string) {
	return s.addDevice(&device{kind: place, first: name, last: ".", extension: extension}, locationID)
}

// AddVirtualLine stores a virtual line and returns its id.
func (s *Server) AddVirtualLine(first, last, locationID, extension string) (id string) {
	return s.addDevice(&device{kind: virtualLine, first: first, last: last, extension: extension}, locationID)
}

func (s *Server) addDevice(d *device, locationID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.location = s.location(locationID); d.location == nil {
		panic("webextest: no such location: " + locationID)
	}
	if d.key == "" {
		d.key = s.newKey()
	}
	s.devices = append(s.devices, d)
	return ID(d.kind, d.key)
}

// AddQueue stores a call queue and returns its id. The queue is a JSON text or a
// value that encodes to one, in the form of the queue's details: locationId
// ([LocationAustin] where there is none), callPolicies, agents, and any other
// field, which is kept. Agents need an id; their licences are not checked.
func (s *Server) AddQueue(tier Tier, name string, details any) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()

	o := object{
		"enabled": true, "languageCode": "en-US", "timeZone": "America/Chicago", "allowAgentJoinEnabled": true,
		"allowCallWaitingForAgentsEnabled": false,
		"callPolicies":                     object{"routingType": "PRIORITY_BASED", "policy": "CIRCULAR"},
		"queueSettings": object{"queueSize": 25, "overflow": object{"action": "PERFORM_BUSY_TREATMENT",
			"greeting": "DEFAULT"}},
	}
	if details != nil {
		maps.Copy(o, seedObject(details))
	}
	o["name"] = name

	q := &queue{key: Key(text(o, "id")), tier: tier, location: s.locations[0], fields: o}
	if q.key == "" {
		q.key = s.newKey()
	}
	if at := text(o, "locationId"); at != "" {
		if q.location = s.location(at); q.location == nil {
			panic("webextest: no such location: " + at)
		}
	}

	agents, _ := o["agents"].([]any)
	for _, v := range agents {
		item := v.(object)
		m := &member{key: s.mustAgent(text(item, "id")), joined: item["joinEnabled"] != false, skill: "1", weight: "0"}
		if n, ok := item["skillLevel"].(json.Number); ok {
			m.skill = n
		}
		if w := text(item, "weight"); w != "" {
			m.weight = w
		}
		q.agents = append(q.agents, m)
	}

	for _, name := range []string{"id", "locationId", "agents"} {
		delete(o, name)
	}

	s.queues = append(s.queues, q)
	return q.id()
}

func (s *Server) mustAgent(id string) string {
	key := Key(id)
	if _, ok := s.agent(key); !ok {
		panic("webextest: nobody has this id: " + id)
	}
	return key
}

// ---- what happens behind the client's back

// ChangePerson sets fields of a person; nil deletes one.
func (s *Server) ChangePerson(id string, fields map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.mustPerson(id)
	for name, v := range seedObject(fields) {
		if p.fields[name] = v; v == nil {
			delete(p.fields, name)
		}
	}
}

func (s *Server) mustPerson(id string) *person {
	p := s.people.At(Key(id))
	if p == nil {
		panic("webextest: no such person: " + id)
	}
	return p
}

// SetPresence sets a person's status, or none where status is empty, and the last
// activity to now.
func (s *Server) SetPresence(id, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.mustPerson(id)
	p.fields["status"], p.fields["lastActivity"] = status, stamp(time.Now())
	if status == "" {
		delete(p.fields, "status")
		delete(p.fields, "lastActivity")
	}
}

// HideStatus lets a person switch off the sharing of status: who does so sees
// nobody's, whoever asks with that person's token.
func (s *Server) HideStatus(id string, hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustPerson(id).hides = hidden
}

// ChangeQueueAgents replaces the agents of a queue, each in the form of the
// queue's details; nothing is checked.
func (s *Server) ChangeQueueAgents(queueID string, agents ...map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.mustQueue(queueID)
	q.agents = nil
	for _, v := range agents {
		item := seedObject(v)
		m := &member{key: s.mustAgent(text(item, "id")), joined: item["joinEnabled"] != false, skill: "1", weight: "0"}
		if n, ok := item["skillLevel"].(json.Number); ok {
			m.skill = n
		}
		if w := text(item, "weight"); w != "" {
			m.weight = w
		}
		q.agents = append(q.agents, m)
	}
}

func (s *Server) mustQueue(id string) *queue {
	q := s.queue(Key(id))
	if q == nil {
		panic("webextest: no such queue: " + id)
	}
	return q
}

// Refuse lets these agents be refused by every supervisor, and by queues that they
// are not in. Their status is NOT_AVAILABLE unless one is given; an empty message
// is the vendor's.
func (s *Server) Refuse(status, message string, agentIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == "" {
		status = "NOT_AVAILABLE"
	}
	for _, id := range agentIDs {
		s.refusals[Key(id)] = refusal{status: status, message: message}
	}
}

// Ignore lets writes of a supervisor's agents neither carry these agents out nor
// mention them in the answer: the answer then claims what was not done.
func (s *Server) Ignore(agentIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range agentIDs {
		s.ignored[Key(id)] = true
	}
}

// Allow undoes Refuse and Ignore: for these agents, or with no argument for all.
func (s *Server) Allow(agentIDs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(agentIDs) == 0 {
		clear(s.refusals)
		clear(s.ignored)
	}
	for _, id := range agentIDs {
		delete(s.refusals, Key(id))
		delete(s.ignored, Key(id))
	}
}

// FailAfter lets the next n requests of People.Create or People.Replace be answered
// 400 although the person was created, or half of the change was made: the texts,
// without the emails, licences, roles, numbers and login.
func (s *Server) FailAfter(operation string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if operation != "People.Create" && operation != "People.Replace" {
		panic("webextest: FailAfter does not know " + operation)
	}
	s.failures[operation] = n
}

// ---- inspectors

// Person returns a person as it is stored, with its id, work numbers in
// phoneNumbers, and those of the directory in directoryNumbers. Numbers are
// json.Number. The map is the caller's.
func (s *Server) Person(id string) (person map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.people.At(Key(id))
	if p == nil {
		return nil, false
	}
	return p.stored(), true
}

func (p *person) stored() object {
	o := cloned(p.fields)
	o["id"] = p.id()
	if p.numbers != nil {
		o["directoryNumbers"] = cloned(object{"n": p.numbers})["n"]
	}
	return o
}

// PersonByEmail returns a person as it is stored.
func (s *Server) PersonByEmail(email string) (person map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.owner(email)
	if p == nil {
		return nil, false
	}
	return p.stored(), true
}

// People returns everybody as stored, the oldest first.
func (s *Server) People() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []map[string]any
	for _, p := range s.people.All() {
		out = append(out, p.stored())
	}
	return out
}

// Supervisor returns a supervisor of a tier: id, agentCount, hasCxEssentials, and
// agents, the ids of their true type as a []string.
func (s *Server) Supervisor(tier Tier, id string) (supervisor map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.supervisor(tier, Key(id))
	if v == nil {
		return nil, false
	}
	return map[string]any{
		"id": ID(people, v.key), "hasCxEssentials": bool(tier), "agentCount": len(v.agents), "agents": s.trueIDs(v.agents),
	}, true
}

func (s *Server) trueIDs(keys []string) []string {
	out := []string{}
	for _, key := range keys {
		a, _ := s.agent(key)
		out = append(out, ID(a.kind, key))
	}
	return out
}

// SupervisedAgents returns the agents of a supervisor, ids of their true type,
// sorted; none where there is no such supervisor.
func (s *Server) SupervisedAgents(tier Tier, id string) []string {
	v, ok := s.Supervisor(tier, id)
	if !ok {
		return nil
	}
	out := v["agents"].([]string)
	slices.Sort(out)
	return out
}

// Supervisors returns the ids of a tier's supervisors, in the order they became so.
func (s *Server) Supervisors(tier Tier) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.supervisors[tier] {
		ids = append(ids, ID(people, v.key))
	}
	return ids
}

// Queue returns a queue as it is stored: its fields, id, locationId,
// hasCxEssentials, and agents, each with id (of its true type), joinEnabled,
// skillLevel and weight, whatever the queue's policy. The map is the caller's.
func (s *Server) Queue(id string) (queue map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue(Key(id))
	if q == nil {
		return nil, false
	}
	o := cloned(q.fields)
	o["id"], o["locationId"], o["hasCxEssentials"] = q.id(), q.location.id(), bool(q.tier)

	agents := []any{}
	for _, m := range q.agents {
		agents = append(agents, map[string]any{
			"id": s.trueIDs([]string{m.key})[0], "joinEnabled": m.joined, "skillLevel": m.skill, "weight": m.weight,
		})
	}
	o["agents"] = agents
	return o, true
}

// QueueAgent returns an agent's membership of a queue: id, joinEnabled, skillLevel
// and weight.
func (s *Server) QueueAgent(queueID, agentID string) (member map[string]any, ok bool) {
	q, _ := s.Queue(queueID)
	agents, _ := q["agents"].([]any)
	for _, v := range agents {
		if m := v.(map[string]any); Key(m["id"].(string)) == Key(agentID) {
			return m, true
		}
	}
	return nil, false
}

// Queues returns the ids of a tier's queues, in the order they were made.
func (s *Server) Queues(tier Tier) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues {
		if q.tier == tier {
			ids = append(ids, q.id())
		}
	}
	return ids
}
