package lucstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// Service is a service to seed. The fields after DirectionType are not part of what
// the API shows.
type Service struct {
	ID               string // a GUID; made up where empty
	Name             string
	SIPURI           string // sip:<name>@example.internal where empty
	OrganizationUnit string // System where empty
	DirectionType    string // Inbound, Outbound or InboundOutbound, which is the default

	// Trait is what members must hold, or a trait below it; empty demands none.
	Trait string
	// MaxQueuedTasks is how many external tasks may wait; 0 is no limit.
	MaxQueuedTasks int
	// Extra are fields of a later version.
	Extra map[string]any
}

// AddOrganizationUnit makes an organization unit exist, with all above it, as in
// "System/Helpdesk".
func (s *Server) AddOrganizationUnit(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range path + "/" {
		if r == '/' && !slices.Contains(s.units, path[:i]) {
			s.units = append(s.units, path[:i])
		}
	}
}

// AddTrait makes a trait exist, with all above it, as in "Language/French". The
// attributes are those of its root, and are added to what the root has.
func (s *Server) AddTrait(path string, attributes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range path + "/" {
		if r == '/' {
			s.nodes[path[:i]] = true
		}
	}
	root, _, _ := strings.Cut(path, "/")
	s.traits[root] = append(s.traits[root], attributes...)
}

// AddProfile makes a duty profile exist.
func (s *Server) AddProfile(name string, offDuty bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profiles[name] = offDuty
}

// AddPerson puts somebody into the directory, from which users get their names.
func (s *Server) AddPerson(sipURI, firstName, lastName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people[fold(sipURI)] = person{&firstName, &lastName}
}

// AddService stores a service and returns its id. Like all seeding methods, it panics on
// input that makes no sense.
func (s *Server) AddService(v Service) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := func(field *string, standard string) {
		if *field == "" {
			*field = standard
		}
	}

	if set(&v.ID, s.newID()); !isGUID(v.ID) {
		panic(fmt.Sprintf("lucstest: service %q: not a GUID", v.ID))
	}
	v.ID = strings.ToLower(v.ID)
	set(&v.SIPURI, "sip:"+strings.ToLower(strings.ReplaceAll(v.Name, " ", "-"))+"@example.internal")
	set(&v.OrganizationUnit, rootUnit)
	set(&v.DirectionType, "InboundOutbound")

	if s.services.At(v.ID) != nil {
		panic(fmt.Sprintf("lucstest: service %s is there already", v.ID))
	}
	s.services.Add(v.ID, &service{v})
	s.changed(time.Now())
	return v.ID
}

// AddUser stores a user and returns the id. The user is a JSON text (string or
// []byte), or a value that encodes to one, such as a map, with the fields of the
// API; PresenceState is the presence, under whatever name the API shows it. Only
// SipUri is required: the rest is that of a user just created, except that the
// presence is Online, and FirstName and LastName are the directory's unless they
// are given. Unknown fields are kept and returned. Nothing is checked, so that states
// which no request could make can be seeded.
func (s *Server) AddUser(u any) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.settle(now)
	stored := &user{settings: standardSettings(), presence: "Online", extra: map[string]json.RawMessage{}}
	given := s.seedUser(stored, u)

	if stored.id == "" {
		stored.id = s.newID()
	}
	if p := s.people[fold(stored.SipUri)]; given["firstname"] == nil && given["lastname"] == nil {
		stored.person = p
	}

	if s.users.At(stored.id) != nil {
		panic(fmt.Sprintf("lucstest: user %s is there already", stored.id))
	}
	s.users.Add(stored.id, stored)
	s.changed(now)
	return stored.id
}

// ChangeUser merges fields (as in [Server.AddUser]; null removes an unknown one) into
// a stored user, as somebody else's write behind the back of the client under test.
func (s *Server) ChangeUser(id string, fields any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.settle(now)
	u := s.mustUser(id)
	was := u.id
	s.seedUser(u, fields)
	u.id = was
	s.changed(now)
}

// seedUser applies fields to a user and returns them by folded name.
func (s *Server) seedUser(u *user, fields any) map[string]json.RawMessage {
	body, err := simnet.Seed(fields)
	if err != nil {
		panic(fmt.Sprintf("lucstest: user: %v", err))
	}

	// What the JSON does not name keeps what the user has.
	var given map[string]json.RawMessage
	var known struct {
		Id                   string
		FirstName, LastName  *string
		IsBlockedByLuwareApi bool
		NotReadyReason       *string
		PresenceState        string
	}
	known.Id, known.FirstName, known.LastName = u.id, u.first, u.last
	known.IsBlockedByLuwareApi, known.NotReadyReason, known.PresenceState = u.blocked, u.reason, u.presence

	for _, to := range []any{&given, &known, &u.settings} {
		if err := decodeOver(body, given, to); err != nil {
			panic(fmt.Sprintf("lucstest: user: %v: %s", err, body))
		}
	}

	if u.SipUri == "" || known.Id != "" && !isGUID(known.Id) {
		panic(fmt.Sprintf("lucstest: user: SipUri is required, and Id is a GUID: %s", body))
	}

	u.id, u.first, u.last = strings.ToLower(known.Id), known.FirstName, known.LastName
	u.blocked, u.reason, u.presence = known.IsBlockedByLuwareApi, known.NotReadyReason, known.PresenceState

	folded := map[string]json.RawMessage{}
	for name, value := range given {
		folded[strings.ToLower(name)] = value
		switch {
		case s.isUserField(name) || strings.EqualFold(name, "PresenceState"):
		case string(value) == "null":
			delete(u.extra, name)
		default:
			u.extra = with(u.extra, name, value)
		}
	}

	return folded
}

// with returns a map with one more entry; snapshots share the old one.
func with(m map[string]json.RawMessage, name string, value json.RawMessage) map[string]json.RawMessage {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]json.RawMessage{}
	}
	out[name] = value
	return out
}

func (s *Server) mustUser(id string) *user {
	u := s.users.At(strings.ToLower(id))
	if u == nil {
		panic(fmt.Sprintf("lucstest: there is no user %s", id))
	}
	return u
}

// AddUsers stores n generated agents, sip:agent1@example.internal and so on, all of
// them members of a service, and returns their ids.
func (s *Server) AddUsers(n int, serviceID string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.services.At(strings.ToLower(serviceID))
	if v == nil {
		panic(fmt.Sprintf("lucstest: there is no service %s", serviceID))
	}

	s.profiles["Generated"] = false
	for range n {
		s.generated++
		in := standardSettings()
		in.SipUri = fmt.Sprintf("sip:agent%d@example.internal", s.generated)
		in.CurrentProfile, in.DefaultProfile = new("Generated"), new("Generated")
		in.Profiles = []profile{{Name: "Generated"}}
		in.Roles = []role{{v.OrganizationUnit, "AdministratorAgent", "Allow"}}
		if v.Trait != "" {
			in.Traits = []trait{{v.Trait, "Generated"}}
		}

		u := &user{
			id: s.newID(), settings: in, presence: "Online",
			person: person{new("Agent"), new(fmt.Sprintf("Number %d", s.generated))},
		}
		s.users.Add(u.id, u)
		ids = append(ids, u.id)
	}

	s.changed(time.Now())
	return ids
}

// act does something to a user behind the client's back.
func (s *Server) act(id string, do func(u *user)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.settle(now)
	s.remember(now)
	do(s.mustUser(id))
	s.changed(now)
}

// SetPresence changes what the messenger shows, at once: any word, such as Offline.
func (s *Server) SetPresence(id, word string) { s.act(id, func(u *user) { s.see(u, word) }) }

// SetInMeeting puts a user into a meeting, or takes the user out. The presence of a user
// in a meeting is usually Busy.
func (s *Server) SetInMeeting(id string, is bool) { s.act(id, func(u *user) { u.meeting = is }) }

// SetInConversation puts a user into a conversation, or takes the user out.
func (s *Server) SetInConversation(id string, is bool) { s.act(id, func(u *user) { u.talking = is }) }

// SetBlocked blocks or unblocks a user as somebody else with a key would.
func (s *Server) SetBlocked(id string, is bool) { s.act(id, func(u *user) { u.blocked = is }) }

// SetNotReadyReason lets a user give a reason for not being ready; "" takes it back.
func (s *Server) SetNotReadyReason(id, reason string) {
	s.act(id, func(u *user) {
		if u.reason = &reason; reason == "" {
			u.reason = nil
		}
	})
}

// ResetRONA does what a supervisor does in the front end: the user may be selected
// again. The presence stays.
func (s *Server) ResetRONA(id string) { s.act(id, func(u *user) { u.rona = false }) }

// React sets what one agent does with tasks; see [WithReaction].
func (s *Server) React(id string, reaction Reaction, after time.Duration) {
	s.act(id, func(u *user) { u.reaction, u.reactTime = &reaction, after })
}

// CompleteTask lets the agent who has a task finish it, and frees the agent.
func (s *Server) CompleteTask(id string) { s.endTask(id, completed) }

// CancelTask takes a task back, wherever it is.
func (s *Server) CancelTask(id string) { s.endTask(id, canceled) }

func (s *Server) endTask(id, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.settle(now)
	t := s.tasks.At(strings.ToLower(id))
	if t == nil {
		panic(fmt.Sprintf("lucstest: there is no task %s", id))
	}

	s.remember(now)
	if u := s.users.At(t.agent); u != nil && u.task == t.id {
		u.task = ""
	}
	t.state, t.reactAt = state, time.Time{}
	s.changed(now)
}

// User returns a user as the API shows one now, even if reads lag, with numbers as
// json.Number. InternalRONA and InternalTask are added: the API does not show them.
func (s *Server) User(id string) (u map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(time.Now())
	stored, ok := s.users.Get(strings.ToLower(id))
	if !ok {
		return nil, false
	}
	return s.inspected(stored), true
}

// UserBySIP returns a user by SIP URI; see [Server.User].
func (s *Server) UserBySIP(sipURI string) (u map[string]any, ok bool) {
	for _, u := range s.Users() {
		if address, _ := u["SipUri"].(string); fold(address) == fold(sipURI) {
			return u, true
		}
	}
	return nil, false
}

// Users returns all users, the oldest first; see [Server.User].
func (s *Server) Users() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(time.Now())
	var out []map[string]any
	for _, u := range s.users.All() {
		out = append(out, s.inspected(u))
	}
	return out
}

func (s *Server) inspected(u *user) map[string]any {
	out := decoded(s.shown(u))
	out["InternalRONA"], out["InternalTask"] = u.rona, u.task
	return out
}

// Task returns a task as the API shows it now.
func (s *Server) Task(id string) (t map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(time.Now())
	stored, ok := s.tasks.Get(strings.ToLower(id))
	if !ok {
		return nil, false
	}
	return decoded(s.shownTask(stored)), true
}

// Callback returns a callback as the API shows it.
func (s *Server) Callback(id string) (k map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, ok := s.callbacks.Get(strings.ToLower(id))
	if !ok {
		return nil, false
	}
	return decoded(s.shownCallback(stored)), true
}

func decoded(text json.RawMessage) map[string]any {
	var out map[string]any
	if err := simnet.Decode(text, &out); err != nil {
		panic(fmt.Sprintf("lucstest: %v", err)) // our own text
	}
	return out
}
