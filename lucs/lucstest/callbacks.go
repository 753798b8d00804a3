package lucstest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// newCallback is a callback in a request. Fields are named as on the wire.
type newCallback struct {
	Target                *string
	AlternativeTarget     *string
	MaxRetries            *int
	SecondsBetweenRetries *int32
	ServiceId             *string
	ServiceSip            *string
	IncomingServiceSipUri *string
	Priority              *string
	ContextUrl            *string
	DueDate               *string
	Supervisor            *string
	Description           *string
	ExternalTaskId        *string
	CallerId              *string
}

type callback struct {
	id string
	newCallback
	service *service
	due     time.Time
}

var priorities = []string{
	"StrictPriority", "Highest", "VeryHigh", "High", "Normal", "Low", "VeryLow", "Lowest", "NothingElse",
}

const appPool = "0aa1b2c3-d4e5-4f60-8172-93a4b5c6d7e8"

func (s *Server) shownCallback(k *callback) json.RawMessage {
	due := k.due.UTC()
	date := due.Format("02.01.2006 15:04:05.0000000Z")
	if s.cfg.dueDate == DueRFC3339 {
		date = due.Format("2006-01-02T15:04:05.0000000Z")
	}
	return ordered{
		{"Id", s.cfg.spellID(k.id)}, {"Creator", "API"}, {"LeftInQueueTimeInSeconds", 3600}, {"AppPoolId", appPool},
		{"InitiatingSessionId", nil}, {"Initiator", nil}, {"State", "Pending"},
		{"RetryType", "SingleSession"}, {"RetryCount", 0},
		{"Target", k.Target}, {"AlternativeTarget", k.AlternativeTarget}, {"MaxRetries", k.MaxRetries},
		{"SecondsBetweenRetries", k.SecondsBetweenRetries}, {"ServiceId", s.cfg.spellID(k.service.ID)}, {"ServiceSip", nil},
		{"IncomingServiceSipUri", k.IncomingServiceSipUri}, {"Priority", k.Priority}, {"ContextUrl", k.ContextUrl},
		{"DueDate", date}, {"Supervisor", k.Supervisor}, {"Description", k.Description},
		{"ExternalTaskId", k.ExternalTaskId}, {"CallerId", k.CallerId},
	}.encode()
}

func (s *Server) createCallback(c *call) *answer {
	var in newCallback
	if p := c.decodeObject(&in); p != nil {
		return p
	}
	if p := in.check(); p != nil {
		return p
	}

	v, p := s.callbackService(c, in)
	if p != nil {
		return p
	}
	if v.DirectionType == "Inbound" {
		return invalid("ServiceId", "The service '%s' does not call out.", v.Name)
	}

	for _, k := range s.callbacks.All() {
		if s.cfg.uniqueTaskIDs && text(in.ExternalTaskId) != "" && text(k.ExternalTaskId) == text(in.ExternalTaskId) {
			return refuse(http.StatusConflict, "A callback with the ExternalTaskId '%s' exists already.", *in.ExternalTaskId)
		}
	}

	k := &callback{newCallback: in, service: v, due: c.now}
	if in.DueDate != nil {
		due, ok := asTime(*in.DueDate)
		if !ok {
			return invalid("DueDate", "The value '%s' is not valid.", *in.DueDate)
		}
		k.due = due
	}
	if k.MaxRetries == nil {
		k.MaxRetries = new(3)
	}
	k.id = s.newID()
	s.callbacks.Add(k.id, k)
	return ok(s.shownCallback(k))
}

// check finds what is wrong with a callback by itself.
func (in *newCallback) check() *answer {
	switch {
	case in.Priority == nil:
		return invalid("Priority", "The property is required.")
	case !slices.Contains(priorities, *in.Priority):
		return invalid("Priority", "The value '%s' is not valid.", *in.Priority)
	case in.SecondsBetweenRetries == nil:
		return invalid("SecondsBetweenRetries", "The property is required.")
	case *in.SecondsBetweenRetries < 0:
		return invalid("SecondsBetweenRetries", "The value is not valid.")
	case in.MaxRetries != nil && *in.MaxRetries < 0:
		return invalid("MaxRetries", "The value is not valid.")
	case utf8.RuneCountInString(text(in.Description)) > 150:
		return invalid("Description", "The maximum length is 150.")
	}

	for _, target := range []struct {
		name  string
		value *string
	}{{"Target", in.Target}, {"AlternativeTarget", in.AlternativeTarget}} {
		if target.value != nil && !isSIP(*target.value) && !isPhone(*target.value) {
			return invalid(target.name, "'%s' is neither a SIP URI nor a phone number as 'tel:+41'.", *target.value)
		}
	}

	if in.Target == nil && in.AlternativeTarget == nil {
		return invalid("Target", "The property is required.")
	}
	return nil
}

// callbackService finds the service of a callback. ServiceSip counts only if ServiceId
// is not valid.
func (s *Server) callbackService(c *call, in newCallback) (*service, *answer) {
	id, address := text(in.ServiceId), text(in.ServiceSip)
	if id == "" && address == "" {
		return nil, invalid("ServiceId", "One of ServiceId and ServiceSip is required.")
	}

	v, p := s.serviceFor(c, "ServiceId", id)
	if p == nil || address == "" {
		return v, p
	}
	for _, v := range s.services.All() {
		if fold(v.SIPURI) == fold(address) && c.key.sees(v.OrganizationUnit) {
			return v, nil
		}
	}
	return nil, invalid("ServiceSip", "There is no service '%s'.", address)
}

func isPhone(text string) bool {
	number, found := strings.CutPrefix(fold(text), "tel:")
	number = strings.ReplaceAll(strings.TrimSpace(number), " ", "")
	return found && number != "" && strings.Trim(strings.TrimPrefix(number, "+"), "0123456789-().") == ""
}

func asTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func (s *Server) listCallbacks(c *call) *answer {
	id := c.query.Get(s.cfg.externalParam)
	found := s.foundCallbacks(c, func(k *callback) bool {
		return id == "" || s.cfg.ignoreExternal || text(k.ExternalTaskId) == id
	})

	switch {
	case id == "" || !s.cfg.callbackObject:
		return list(found)
	case len(found) == 0:
		return c.notFound("Callback", id)
	}
	return ok(found[0])
}

func (s *Server) foundCallbacks(c *call, fits func(*callback) bool) []json.RawMessage {
	out := []json.RawMessage{}
	for _, k := range s.callbacks.All() {
		if c.key.sees(k.service.OrganizationUnit) && fits(k) {
			out = append(out, s.shownCallback(k))
		}
	}
	return out
}

// searchCallbacks finds callbacks by their due dates, both ends included.
func (s *Server) searchCallbacks(c *call) *answer {
	var in map[string]any
	if p := c.decodeObject(&in); p != nil {
		return p
	}

	var from, to *time.Time
	service := ""
	for name, value := range in {
		word, isText := value.(string)
		var bound **time.Time
		switch {
		case value == nil:
			continue
		case strings.EqualFold(name, s.cfg.searchFrom):
			bound = &from
		case strings.EqualFold(name, s.cfg.searchTo):
			bound = &to
		case strings.EqualFold(name, "ServiceId") && isText:
			service = word
			continue
		default:
			continue
		}

		t, valid := asTime(word)
		if !valid {
			return invalid(name, "The value '%v' is not valid.", value)
		}
		*bound = &t
	}

	return list(s.foundCallbacks(c, func(k *callback) bool {
		return (from == nil || !k.due.Before(*from)) && (to == nil || !k.due.After(*to)) &&
			(service == "" || strings.EqualFold(k.service.ID, service))
	}))
}

// callback finds the callback of a path.
func (s *Server) callback(c *call) (*callback, *answer) {
	k, there := s.callbacks.Get(c.id)
	if !there || !c.key.sees(k.service.OrganizationUnit) {
		return nil, c.notFound("Callback", c.id)
	}
	return k, nil
}

func (s *Server) getCallback(c *call) *answer {
	k, p := s.callback(c)
	if p != nil {
		return p
	}
	return ok(s.shownCallback(k))
}

func (s *Server) cancelCallback(c *call) *answer {
	k, p := s.callback(c)
	if p != nil {
		return p
	}
	s.callbacks.Remove(k.id)
	if s.cfg.cancelledAnswer {
		return ok(s.shownCallback(k))
	}
	return nothing()
}
