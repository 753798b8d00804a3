package webextest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// setting is one of the call settings that stand in for presence. A PUT merges
// into what is stored.
type setting struct {
	name     string
	standard object
	// required are the fields that a PUT must have.
	required []string
	check    func(o object) error
}

func oneOf(o object, name string, values ...string) error {
	if v, ok := o[name]; ok && !slices.Contains(values, fmt.Sprint(v)) {
		return fmt.Errorf("%s: %v is not one of %v", name, v, values)
	}
	return nil
}

var doNotDisturb = &setting{
	name:     "doNotDisturb",
	standard: object{"enabled": false, "ringSplashEnabled": false, "webexGoOverrideEnabled": false},
	required: []string{"webexGoOverrideEnabled"},
	check: func(o object) error {
		for _, name := range []string{"enabled", "ringSplashEnabled", "webexGoOverrideEnabled"} {
			if v, ok := o[name]; ok {
				if _, ok := v.(bool); !ok {
					return fmt.Errorf("%s must be a boolean", name)
				}
			}
		}
		return nil
	},
}

var intercept = &setting{
	name: "intercept",
	standard: object{
		"enabled": false,
		"incoming": object{"type": "INTERCEPT_ALL", "voicemailEnabled": false, "announcements": object{
			"greeting": "DEFAULT", "newNumber": object{"enabled": false}, "zeroTransfer": object{"enabled": false},
		}},
		"outgoing": object{"type": "INTERCEPT_ALL", "transferEnabled": false},
	},
	check: func(o object) error {
		if v, ok := o["enabled"]; ok {
			if _, ok := v.(bool); !ok {
				return fmt.Errorf("enabled must be a boolean")
			}
		}
		in, _ := o["incoming"].(object)
		out, _ := o["outgoing"].(object)
		if err := oneOf(in, "type", "INTERCEPT_ALL", "ALLOW_ALL"); err != nil {
			return err
		}
		return oneOf(out, "type", "INTERCEPT_ALL", "ALLOW_LOCAL_ONLY")
	},
}

var personalAssistant = &setting{
	name: "personalAssistant",
	standard: object{
		"enabled": false, "presence": "NONE", "transferEnabled": false, "alerting": "NONE", "alertMeFirstNumberOfRings": 3,
	},
	check: func(o object) error {
		if v, ok := o["alertMeFirstNumberOfRings"]; ok {
			n, _ := v.(json.Number)
			if rings, err := n.Int64(); err != nil || rings < 2 || rings > 20 {
				return fmt.Errorf("alertMeFirstNumberOfRings must be from 2 to 20")
			}
		}
		if err := oneOf(o, "alerting", "ALERT_ME_FIRST", "PLAY_RING_REMINDER", "NONE"); err != nil {
			return err
		}
		return oneOf(o, "presence", "NONE", "BUSINESS_TRIP", "GONE_FOR_THE_DAY", "LUNCH", "MEETING", "OUT_OF_OFFICE",
			"TEMPORARILY_OUT", "TRAINING", "UNAVAILABLE", "VACATION")
	},
}

// caller finds the one whose setting it is: the agent of the path, or of the token.
func (s *Server) caller(c *call) (agent, *answer) {
	key := Key(c.who.PersonID)
	if id, ok := c.path["personId"]; ok {
		kind, k, ok := parseID(id)
		if !ok || kind != people && kind != "" {
			return agent{}, c.invalid("The person id is invalid.")
		}
		if c.who.Role == PlainUser && k != key {
			return agent{}, refuse(403, "Access denied: a user may only see and change what is its own.")
		}
		key = k
	}
	if id, ok := c.path["agentId"]; ok {
		k, a := s.agentKey(c, id)
		if a != nil {
			return agent{}, a
		}
		key = k
	}
	a, ok := s.agent(key)
	if !ok || !a.calling {
		return agent{}, c.refuse(404, codeUnknown, "User not found, or without a Calling license")
	}
	return a, nil
}

func readSetting(set *setting) func(*Server, *call) *answer {
	return func(s *Server, c *call) *answer {
		who, a := s.caller(c)
		if a != nil {
			return a
		}
		return jsonAnswer(200, s.setting(set, who.key))
	}
}

func (s *Server) setting(set *setting, key string) object {
	if o, ok := s.settings[set.name+"/"+key]; ok {
		return o
	}
	return set.standard
}

func writeSetting(set *setting) func(*Server, *call) *answer {
	return func(s *Server, c *call) *answer {
		who, a := s.caller(c)
		if a != nil {
			return a
		}
		o, a := c.object()
		if a != nil {
			return a
		}
		for _, name := range set.required {
			if _, ok := o[name]; !ok && !s.cfg.lenient {
				return c.missing(name)
			}
		}
		if err := set.check(o); err != nil {
			return c.invalid("%v", err)
		}
		next := maps.Clone(s.setting(set, who.key))
		maps.Copy(next, o)
		s.settings[set.name+"/"+who.key] = next
		if p := s.persons[who.key]; p != nil && set == doNotDisturb && s.cfg.dndSetsStatus {
			p.fields["status"] = map[bool]string{true: "DoNotDisturb", false: "active"}[next["enabled"] == true]
		}
		return done()
	}
}

// Setting returns a call setting of an agent as it is stored: doNotDisturb,
// intercept, personalAssistant or ownQueues. ok is false where it was never set.
func (s *Server) Setting(name, agentID string) (setting map[string]any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.settings[name+"/"+Key(agentID)]
	if !ok {
		return nil, false
	}
	return cloned(o), true
}

// ---- the caller's own queues

var acdStates = []string{"SIGN_IN", "SIGN_OUT", "AVAILABLE", "UNAVAILABLE", "WRAP_UP"}

// self refuses those who are not users: an administrator's token does not do here.
func (s *Server) self(c *call) (agent, *answer) {
	if c.who.Role != PlainUser {
		a := c.refuse(400, codeUser, "Target user not authorized")
		a.shape = E3
		return agent{}, a
	}
	return s.caller(c)
}

func (s *Server) getOwnQueues(c *call) *answer {
	who, a := s.self(c)
	if a != nil {
		return a
	}
	state := "SIGN_IN"
	if o, ok := s.settings["ownQueues/"+who.key]; ok {
		state = text(o, "agentACDState")
	}
	rows := []object{}
	for _, q := range s.queues {
		m := q.member(who.key)
		if m == nil {
			continue
		}
		o := object{"id": q.id(), "available": m.joined, "hasCxEssentials": bool(q.tier), "allowLogOffEnabled": q.fields["allowAgentJoinEnabled"]}
		if routing, _ := q.policies(); routing == "SKILL_BASED" {
			o["skillLevel"] = m.skill
		}
		for _, name := range []string{"phoneNumber", "extension"} {
			if v, ok := q.fields[name]; ok {
				o[name] = v
			}
		}
		rows = append(rows, o)
	}
	return jsonAnswer(200, object{"agentACDState": state, "queues": rows})
}

func (s *Server) setOwnQueues(c *call) *answer {
	who, a := s.self(c)
	if a != nil {
		return a
	}
	o, a := c.object()
	if a != nil {
		return a
	}
	if err := oneOf(o, "agentACDState", acdStates...); err != nil {
		return c.invalid("%v", err)
	}
	flips := map[*member]bool{}
	list, _ := o["queues"].([]any)
	for _, v := range list {
		item, _ := v.(object)
		key, ok := queueKey(text(item, "id"))
		available, isBool := item["available"].(bool)
		q := s.queue(key)
		if !ok || !isBool || q == nil || q.member(who.key) == nil {
			return c.invalid("queues: every item needs the id of a queue of yours, and available")
		}
		flips[q.member(who.key)] = available
	}
	for m, available := range flips {
		m.joined = available
	}
	if state := text(o, "agentACDState"); state != "" {
		s.settings["ownQueues/"+who.key] = object{"agentACDState": state}
	}
	return done()
}

// ownSetting is a setting of the caller, who must be a user.
func ownSetting(handle func(*Server, *call) *answer) func(*Server, *call) *answer {
	return func(s *Server, c *call) *answer {
		if _, a := s.self(c); a != nil {
			return a
		}
		return handle(s, c)
	}
}
