package webextest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reason is a wrap-up reason of Customer Assist.
type reason struct {
	key, name, description string
	queues                 map[string]bool // keys
}

func (r *reason) id() string { return ID(wrapupReason, r.key) }

// wrapup is the wrap-up setting of a queue.
type wrapup struct {
	timer      bool
	seconds    json.Number
	standardID string // key of the default reason
}

// mostReasons is how many an organisation can have.
const mostReasons = 1000

// AddWrapupReasons stores n generated reasons, which are no queue's, and returns
// their ids.
func (s *Server) AddWrapupReasons(n int) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		r := &reason{key: s.newKey(), name: fmt.Sprintf("Reason %d", len(s.reasons)+1), queues: map[string]bool{}}
		s.reasons = append(s.reasons, r)
		ids = append(ids, r.id())
	}
	return ids
}

func (s *Server) wrapup(q *queue) *wrapup {
	w := s.wrapups[q.key]
	if w == nil {
		w = &wrapup{seconds: "60"}
		s.wrapups[q.key] = w
	}
	return w
}

func (s *Server) reasonOf(c *call) (*reason, *answer) {
	kind, key, ok := parseID(c.path["wrapupReasonId"])
	if !ok || kind != wrapupReason {
		return nil, c.invalid("Wrong type of Webex ID provided")
	}
	for _, r := range s.reasons {
		if r.key == key {
			return r, nil
		}
	}
	return nil, c.notFound("Wrap-up reason")
}

// assistQueues reads ids of Customer Assist queues.
func (s *Server) assistQueues(c *call, o object, name string) ([]*queue, *answer) {
	list, _ := o[name].([]any)
	if v, ok := o[name]; ok && (v == nil || len(words(o, name)) != len(list)) {
		return nil, c.invalid("%s must be an array of ids", name)
	}
	var out []*queue
	for _, id := range words(o, name) {
		key, _ := queueKey(id)
		q := s.queue(key)
		if q == nil {
			return nil, c.notFound("Call queue")
		}
		if a := c.assistOnly(q); a != nil {
			return nil, a
		}
		out = append(out, q)
	}
	return out, nil
}

func (c *call) assistOnly(q *queue) *answer {
	if q.tier == Assist {
		return nil
	}
	return c.refuse(400, codeNotAssist, "CX Essentials is not enabled for this Call center")
}

func (s *Server) allAssistQueues() (out []*queue) {
	for _, q := range s.queues {
		if q.tier == Assist {
			out = append(out, q)
		}
	}
	return out
}

func (s *Server) listReasons(*call) *answer {
	rows := []object{}
	for _, r := range s.reasons {
		rows = append(rows, object{"id": r.id(), "name": r.name, "description": r.description, "numberOfQueuesAssigned": len(r.queues)})
	}
	return jsonAnswer(200, object{"wrapupReasons": rows})
}

// freeName checks the name of a reason, which is unique.
func (s *Server) freeName(c *call, o object, but *reason) *answer {
	name := text(o, "name")
	if name == "" {
		return c.missing("name")
	}
	if slices.ContainsFunc(s.reasons, func(r *reason) bool { return r != but && strings.EqualFold(r.name, name) }) {
		return c.refuse(409, 409, "A wrap-up reason with this name exists.")
	}
	return nil
}

func (s *Server) createReason(c *call) *answer {
	o, a := c.object()
	if a != nil {
		return a
	}
	if a := s.freeName(c, o, nil); a != nil {
		return a
	}
	queues, a := s.assistQueues(c, o, "queues")
	if a != nil {
		return a
	}
	if len(s.reasons) >= mostReasons {
		return c.refuse(400, codeReasonLimit, "No more than %d wrap-up reasons are allowed.", mostReasons)
	}
	if o["assignAllQueuesEnabled"] == true {
		queues = s.allAssistQueues()
	}
	r := &reason{key: s.newKey(), name: text(o, "name"), description: text(o, "description"), queues: map[string]bool{}}
	for _, q := range queues {
		r.queues[q.key] = true
	}
	s.reasons = append(s.reasons, r)
	return jsonAnswer(201, object{"id": r.id()})
}

func (s *Server) validateReason(c *call) *answer {
	o, a := c.object()
	if a != nil {
		return a
	}
	if a := s.freeName(c, o, nil); a != nil {
		return a
	}
	return &answer{status: 200}
}

// queueRow leaves locationId out, as the service does.
func (s *Server) queueRow(q *queue) object {
	o := object{"id": q.id(), "name": q.fields["name"], "locationName": q.location.name}
	for _, name := range []string{"phoneNumber", "extension"} {
		if v, ok := q.fields[name]; ok {
			o[name] = v
		}
	}
	return o
}

func (s *Server) getReason(c *call) *answer {
	r, a := s.reasonOf(c)
	if a != nil {
		return a
	}
	rows, defaults := []object{}, 0
	for _, q := range s.queues {
		if r.queues[q.key] {
			o := s.queueRow(q)
			isDefault := s.wrapup(q).standardID == r.key
			if o["defaultWrapupEnabled"] = isDefault; isDefault {
				defaults++
			}
			rows = append(rows, o)
		}
	}
	return jsonAnswer(200, object{"name": r.name, "description": r.description, "defaultWrapupQueuesCount": defaults, "queues": rows})
}

func (s *Server) updateReason(c *call) *answer {
	r, a := s.reasonOf(c)
	if a != nil {
		return a
	}
	o, a := c.object()
	if a != nil {
		return a
	}
	if _, ok := o["name"]; ok {
		if a := s.freeName(c, o, r); a != nil {
			return a
		}
	}
	in, a := s.assistQueues(c, o, "queuesToAssign")
	if a != nil {
		return a
	}
	out, a := s.assistQueues(c, o, "queuesToUnassign")
	if a != nil {
		return a
	}
	if o["assignAllQueuesEnabled"] == true {
		in = s.allAssistQueues()
	}
	if o["unassignAllQueuesEnabled"] == true {
		out = s.allAssistQueues()
	}
	for _, q := range out {
		if s.wrapup(q).standardID == r.key {
			return c.invalid("The reason is the default of a queue.")
		}
	}
	next := maps.Clone(r.queues)
	for _, q := range in {
		next[q.key] = true
	}
	for _, q := range out {
		delete(next, q.key)
	}
	r.queues = next
	if name := text(o, "name"); name != "" {
		r.name = name
	}
	if d, ok := o["description"].(string); ok {
		r.description = d
	}
	return done()
}

func (s *Server) deleteReason(c *call) *answer {
	r, a := s.reasonOf(c)
	if a != nil {
		return a
	}
	if len(r.queues) > 0 {
		return c.invalid("The reason is assigned to a queue.")
	}
	s.reasons = slices.DeleteFunc(s.reasons, func(x *reason) bool { return x == r })
	return done()
}

func (s *Server) reasonQueues(c *call) *answer {
	r, a := s.reasonOf(c)
	if a != nil {
		return a
	}
	rows := []object{}
	for _, q := range s.allAssistQueues() {
		if !r.queues[q.key] {
			rows = append(rows, s.queueRow(q))
		}
	}
	return jsonAnswer(200, object{"queues": rows})
}

func (s *Server) assistQueue(c *call) (*queue, *answer) {
	q, a := s.queueOf(c)
	if a == nil {
		a = c.assistOnly(q)
	}
	return q, a
}

func (s *Server) getWrapup(c *call) *answer {
	q, a := s.assistQueue(c)
	if a != nil {
		return a
	}
	w, rows := s.wrapup(q), []object{}
	for _, r := range s.reasons {
		if r.queues[q.key] {
			rows = append(rows, object{"id": r.id(), "name": r.name, "description": r.description, "isDefaultEnabled": r.key == w.standardID})
		}
	}
	return jsonAnswer(200, object{"wrapupTimerEnabled": w.timer, "wrapupTimer": w.seconds, "wrapupReasons": rows})
}

func (s *Server) updateWrapup(c *call) *answer {
	q, a := s.assistQueue(c)
	if a != nil {
		return a
	}
	o, a := c.object()
	if a != nil {
		return a
	}
	w := *s.wrapup(q)
	mine := map[string]bool{}
	for _, r := range s.reasons {
		mine[r.key] = r.queues[q.key]
	}
	if _, ok := o["wrapupReasons"]; ok { // replaces
		known := maps.Clone(mine)
		clear(mine)
		for _, id := range words(o, "wrapupReasons") {
			if _, ok := known[Key(id)]; !ok {
				return c.notFound("Wrap-up reason")
			}
			mine[Key(id)] = true
		}
	}
	if v, ok := o["defaultWrapupReasonId"].(string); ok {
		if w.standardID = Key(v); v != "" && !mine[w.standardID] {
			return c.invalid("The default reason is not assigned to the queue.")
		}
	} else if w.standardID != "" && !mine[w.standardID] {
		return c.invalid("The reason is the default of the queue.")
	}
	if v, ok := o["wrapupTimerEnabled"].(bool); ok {
		w.timer = v
	}
	if n, ok := o["wrapupTimer"].(json.Number); ok {
		w.seconds = n
	}
	for _, r := range s.reasons {
		if delete(r.queues, q.key); mine[r.key] {
			r.queues[q.key] = true
		}
	}
	s.wrapups[q.key] = &w
	return done()
}
