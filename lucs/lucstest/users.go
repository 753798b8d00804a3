package lucstest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

// settings are the fields of a user that a request may set. Fields are named as on
// the wire.
type settings struct {
	SipUri                      string
	CurrentProfile              *string
	DefaultProfile              *string
	AAConfiguration             *string
	NumberOfSimultaneousIm      int
	ConversationAsService       string
	IsBusySelectable            bool
	IsBusyInAMeetingSelectable  bool
	ShowAwayAsOffline           bool
	BusyOnBusyInACallEnabled    bool
	CanLoginToRecordingManager  bool
	RetargetType                string
	RetargetSource              *string
	RetargetTo                  *string
	RetargetPrivateNumber       bool
	RetargetOnlyIfInDutyProfile bool
	RecordingType               string
	Traits                      []trait
	Profiles                    []profile
	Roles                       []role
}

type trait struct{ TraitNode, Attribute string }

type profile struct {
	Name             string
	Responsibilities []responsibility // nil is null, which an empty list is not
}

type responsibility struct{ TraitNode, Responsibility string }

type role struct{ OrganizationUnit, Role, Permission string }

func standardSettings() settings {
	return settings{
		NumberOfSimultaneousIm: 1, ConversationAsService: "ExternalConversations",
		RetargetType: "NoRetarget", RecordingType: "None",
	}
}

type person struct{ first, last *string }

// user is a person with a state.
type user struct {
	id string
	person
	settings
	extra map[string]json.RawMessage // fields of a later version

	blocked   bool
	presence  string
	reason    *string // NotReadyReason
	meeting   bool
	talking   bool // in a conversation that is no task of ours
	rona      bool
	task      string // that the user has, or that is ringing
	lastTask  time.Time
	coming    string // a presence on its way, seen from then
	comingAt  time.Time
	reaction  *Reaction
	reactTime time.Duration
}

func (u *user) clone() *user {
	c := *u
	c.extra = maps.Clone(u.extra)
	return &c // the lists of settings are replaced, never changed
}

// whyNot returns why a user cannot be selected, apart from the block; "" if the user can.
func (s *Server) whyNot(u *user) string {
	current := u.CurrentProfile
	if current == nil {
		current = u.DefaultProfile
	}
	off, there := s.profiles[text(current)]
	busy := strings.EqualFold(u.presence, "Busy") && u.IsBusySelectable && (!u.meeting || u.IsBusyInAMeetingSelectable)

	switch {
	case !there || off:
		return "OffDuty"
	case u.rona:
		return "Rona"
	case u.task != "" || u.talking:
		return "Working"
	case !strings.EqualFold(u.presence, "Online") && !busy:
		return "NotOnline"
	}
	return ""
}

// free reports whether the dispatcher may give a user a task.
func (s *Server) free(u *user) bool { return !u.blocked && s.whyNot(u) == "" }

// selectable is IsSelectable as the API shows it, which may ignore the block.
func (s *Server) selectable(u *user) bool {
	return (!u.blocked || s.cfg.blockedSelectable) && s.whyNot(u) == ""
}

func (s *Server) whyShown(u *user) *string {
	why := s.whyNot(u)
	if u.blocked && why == "" && !s.cfg.blockedSelectable {
		why = "Blocked"
	}
	if why == "" || s.cfg.reasonsWithheld {
		return nil
	}
	return &why
}

// shown is a user as the API shows one.
func (s *Server) shown(u *user) json.RawMessage {
	out := ordered{
		{"Id", s.cfg.spellID(u.id)}, {"SipUri", u.SipUri}, {"FirstName", u.first}, {"LastName", u.last},
		{"IsBlockedByLuwareApi", u.blocked},
		{"CurrentProfile", u.CurrentProfile}, {"DefaultProfile", u.DefaultProfile},
		{"NotReadyReason", u.reason}, {"NotSelectableReason", s.whyShown(u)},
		{"AAConfiguration", u.AAConfiguration}, {"NumberOfSimultaneousIm", u.NumberOfSimultaneousIm},
		{"ConversationAsService", u.ConversationAsService},
		{"IsBusySelectable", u.IsBusySelectable}, {"IsBusyInAMeetingSelectable", u.IsBusyInAMeetingSelectable},
		{"ShowAwayAsOffline", u.ShowAwayAsOffline}, {"BusyOnBusyInACallEnabled", u.BusyOnBusyInACallEnabled},
		{"CanLoginToRecordingManager", u.CanLoginToRecordingManager},
		{"RetargetType", u.RetargetType}, {"RetargetSource", u.RetargetSource}, {"RetargetTo", u.RetargetTo},
		{"RetargetPrivateNumber", u.RetargetPrivateNumber},
		{"RetargetOnlyIfInDutyProfile", u.RetargetOnlyIfInDutyProfile},
		{"RecordingType", u.RecordingType},
		{"Traits", u.Traits}, {"Profiles", u.Profiles}, {"Roles", u.Roles},
		{"IsSelectable", s.selectable(u)},
	}

	if s.cfg.rolesWithheld {
		out = slices.DeleteFunc(out, func(m member) bool { return m.name == "Roles" })
	}

	if s.cfg.presenceField != "" {
		word := u.presence
		if s.cfg.presenceSpelling != nil {
			word = s.cfg.presenceSpelling(word)
		}
		out = append(out, member{s.cfg.presenceField, word})
	}

	for _, name := range slices.Sorted(maps.Keys(u.extra)) {
		out = append(out, member{name, u.extra[name]})
	}

	return out.encode()
}

// changedUser answers a write with the user.
func (s *Server) changedUser(form Answer, u *user) *answer {
	switch form {
	case AnswerArray:
		return list([]json.RawMessage{s.shown(u)})
	case AnswerPartial:
		return ok(ordered{
			{"Id", s.cfg.spellID(u.id)}, {"IsBlockedByLuwareApi", u.blocked}, {"IsSelectable", s.selectable(u)},
		}.encode())
	case AnswerEmpty:
		return nothing()
	}
	return ok(s.shown(u))
}

// user finds the user of a path.
func (s *Server) user(c *call) (*user, *answer) {
	u, there := s.users.Get(c.id)
	if !there || !c.key.seesUser(u) {
		return nil, c.notFound("User", c.id)
	}
	return u, nil
}

func (s *Server) listUsers(c *call) *answer {
	only, p := s.filter(c)
	if p != nil {
		return p
	}

	out := []json.RawMessage{}
	for _, u := range s.seen(c.now) {
		if c.key.seesUser(u) && only(u) {
			out = append(out, s.shown(u))
		}
	}
	return list(out)
}

func (s *Server) getUser(c *call) *answer {
	for _, u := range s.seen(c.now) {
		if u.id == c.id && c.key.seesUser(u) {
			return ok(s.shown(u))
		}
	}
	return c.notFound("User", c.id)
}

func (s *Server) createUser(c *call) *answer {
	in := standardSettings()
	extra, p := s.readUser(c, &in, nil)
	if p != nil {
		return p
	}
	u := &user{id: s.newID(), person: s.people[fold(in.SipUri)], settings: in, extra: extra, presence: "Offline"}
	s.users.Add(u.id, u)
	s.changed(c.now)
	return s.changedUser(s.cfg.createAnswer, u)
}

func (s *Server) updateUser(c *call) *answer {
	u, p := s.user(c)
	if p != nil {
		return p
	}

	in := standardSettings()
	if s.cfg.mergeUpdates {
		in = u.settings
	}
	extra, p := s.readUser(c, &in, u)
	if p != nil {
		return p
	}

	u.settings, u.extra, u.person = in, extra, s.people[fold(in.SipUri)]
	s.changed(c.now)
	return ok(s.shown(u))
}

func (s *Server) deleteUser(c *call) *answer {
	u, p := s.user(c)
	if p != nil {
		return p
	}
	if t := s.tasks.At(u.task); t != nil {
		t.release()
	}
	s.users.Remove(u.id)
	s.changed(c.now)
	return nothing()
}

// readUser reads and checks the user of a request, which replaces old or is new. The
// computed fields in it are ignored.
func (s *Server) readUser(c *call, in *settings, old *user) (extra map[string]json.RawMessage, p *answer) {
	if p := c.decodeObject(in); p != nil {
		return nil, p
	}

	in.SipUri = strings.TrimSpace(in.SipUri)
	if !isSIP(in.SipUri) {
		return nil, invalid("SipUri", "A SIP URI such as 'sip:name@domain' is required.")
	}
	for _, other := range s.users.All() {
		if other != old && fold(other.SipUri) == fold(in.SipUri) {
			return nil, refuse(s.cfg.duplicate, "A user with the SipUri '%s' exists already.", in.SipUri)
		}
	}

	if p := s.checkReferences(c, in); p != nil {
		return nil, p
	}

	var sent map[string]json.RawMessage
	if err := simnet.Decode(c.body, &sent); err != nil {
		return nil, invalid("", "The request body is invalid: %v", err)
	}

	extra = map[string]json.RawMessage{}
	if old != nil && s.cfg.mergeUpdates {
		maps.Copy(extra, old.extra)
	}

	for name, value := range sent {
		if _, given := fieldNamed(reflect.TypeFor[settings](), name); s.cfg.onlyGiven && !given && s.isUserField(name) {
			return nil, invalid(name, "The property cannot be set.")
		}

		isOld := old != nil && old.extra[name] != nil
		if (isOld || s.cfg.keepFields) && !s.isUserField(name) {
			extra[name] = value
		}
	}

	return extra, nil
}

// checkReferences checks that what a user refers to by name exists.
func (s *Server) checkReferences(c *call, in *settings) *answer {
	for _, ref := range []struct {
		property string
		name     *string
	}{{"CurrentProfile", in.CurrentProfile}, {"DefaultProfile", in.DefaultProfile}} {
		if _, there := s.profiles[text(ref.name)]; ref.name != nil && !there {
			return invalid(ref.property, "The profile '%s' does not exist.", *ref.name)
		}
	}

	if p := s.checkProfiles(in.Profiles); p != nil {
		return p
	}
	if p := s.checkTraits(in.Traits); p != nil {
		return p
	}
	if p := s.checkRoles(c, in.Roles); p != nil {
		return p
	}

	switch {
	case in.NumberOfSimultaneousIm < 0:
		return invalid("NumberOfSimultaneousIm", "The value %d is not valid.", in.NumberOfSimultaneousIm)
	case in.ConversationAsService == "":
		return invalid("ConversationAsService", "The value '' is not valid.")
	case in.RetargetType == "":
		return invalid("RetargetType", "The value '' is not valid.")
	}
	return nil
}

func (s *Server) checkProfiles(profiles []profile) *answer {
	for _, p := range profiles {
		if _, there := s.profiles[p.Name]; !there {
			return invalid("Profiles", "The profile '%s' does not exist.", p.Name)
		}

		for _, r := range p.Responsibilities {
			if !s.nodes[r.TraitNode] {
				return invalid("Profiles", "The trait '%s' does not exist.", r.TraitNode)
			}
			if r.Responsibility == "" {
				return invalid("Profiles", "A responsibility for the trait '%s' is required.", r.TraitNode)
			}
		}
	}
	return nil
}

func (s *Server) checkTraits(traits []trait) *answer {
	for _, t := range traits {
		root, _, _ := strings.Cut(t.TraitNode, "/")
		switch attributes := s.traits[root]; {
		case !s.nodes[t.TraitNode]:
			return invalid("Traits", "The trait '%s' does not exist.", t.TraitNode)
		case !slices.Contains(attributes, t.Attribute):
			return invalid("Traits", "The trait '%s' has no attribute '%s'.", t.TraitNode, t.Attribute)
		}
	}
	return nil
}

// checkRoles also refuses units that the key does not see.
func (s *Server) checkRoles(c *call, roles []role) *answer {
	for _, r := range roles {
		switch {
		case !slices.Contains(s.units, r.OrganizationUnit):
			return invalid("Roles", "The organization unit '%s' does not exist.", r.OrganizationUnit)
		case r.Role == "" || r.Permission == "":
			return invalid("Roles", "A role and a permission in '%s' are required.", r.OrganizationUnit)
		case !c.key.sees(r.OrganizationUnit):
			return unauthorised()
		}
	}
	return nil
}

// isUserField reports whether a field is one that every user has.
func (s *Server) isUserField(name string) bool {
	return userFields[strings.ToLower(name)] || strings.EqualFold(name, s.cfg.presenceField)
}

var userFields = func() map[string]bool {
	names := map[string]bool{}
	var shown map[string]json.RawMessage
	blank := &Server{cfg: defaults()}
	blank.cfg.presenceField = ""
	if err := json.Unmarshal(blank.shown(&user{}), &shown); err != nil {
		panic(err)
	}
	for name := range shown {
		names[strings.ToLower(name)] = true
	}
	return names
}()

func (s *Server) blockUser(c *call) *answer { return s.setBlocked(c, true) }

func (s *Server) unblockUser(c *call) *answer { return s.setBlocked(c, false) }

func (s *Server) setBlocked(c *call, to bool) *answer {
	u, p := s.user(c)
	if p != nil {
		return p
	}

	if slices.Contains(s.cfg.pretended, c.op) {
		looks := u.clone()
		looks.blocked = to
		return s.changedUser(s.cfg.controlAnswer, looks)
	}

	if !slices.Contains(s.cfg.ignored, c.op) {
		u.blocked = to
		s.changed(c.now)
	}
	return s.changedUser(s.cfg.controlAnswer, u)
}

func isSIP(text string) bool {
	name, domain, found := strings.Cut(strings.TrimPrefix(fold(text), "sip:"), "@")
	return strings.HasPrefix(fold(text), "sip:") && found && name != "" && domain != "" && !strings.ContainsAny(text, " \t\r\n/")
}

// fold is the form in which SIP URIs are compared.
func fold(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}
