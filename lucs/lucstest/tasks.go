package lucstest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The states of a task. Of these words the vendor documents "pending".
const (
	pending      = "Pending"
	distributing = "Distributing"
	accepted     = "Accepted"
	completed    = "Completed"
	canceled     = "Canceled"
)

// newTask is a task in a request. Fields are named as on the wire.
type newTask struct {
	ExternalTaskId                        *string
	Service                               string
	Caller                                *string
	PreferredAgents                       []string
	ConsiderPreferredAgentsOnly           bool
	Required                              *required
	DistributeToAgent                     bool
	DistributeToAgentRONATimeoutInSeconds *int
}

type required struct{ Im, Audio, Video, DesktopSharing, ConversationContext bool }

type task struct {
	id string
	newTask
	service string
	state   string
	agent   string    // who has it, or where it rings
	reactAt time.Time // when the agent reacts
}

// release lets a task wait again.
func (t *task) release() { t.state, t.agent, t.reactAt = pending, "", time.Time{} }

func (s *Server) shownTask(t *task) json.RawMessage {
	var agent *string
	if u, there := s.users.Get(t.agent); there {
		agent = &u.SipUri
	}
	return ordered{
		{"Id", s.cfg.spellID(t.id)}, {"ExternalTaskId", t.ExternalTaskId}, {"Service", s.cfg.spellID(t.service)}, {"Caller", t.Caller},
		{"PreferredAgents", t.PreferredAgents}, {"ConsiderPreferredAgentsOnly", t.ConsiderPreferredAgentsOnly},
		{"Required", t.Required}, {"DistributeToAgent", t.DistributeToAgent},
		{"DistributeToAgentRONATimeoutInSeconds", t.DistributeToAgentRONATimeoutInSeconds},
		{"State", t.state}, {"Agent", agent},
	}.encode()
}

func (s *Server) createTask(c *call) *answer {
	// Presence in the body is what is checked: false is a value of DistributeToAgent.
	var in struct {
		newTask
		DistributeToAgent *bool
	}
	if p := c.decodeObject(&in); p != nil {
		return p
	}

	switch {
	case in.Service == "":
		return invalid("Service", "The property is required.")
	case in.Required == nil:
		return invalid("Required", "The property is required.")
	case in.DistributeToAgent == nil:
		return invalid("DistributeToAgent", "The property is required.")
	case in.DistributeToAgentRONATimeoutInSeconds != nil && *in.DistributeToAgentRONATimeoutInSeconds < 0:
		return invalid("DistributeToAgentRONATimeoutInSeconds", "The value is not valid.")
	}

	for _, address := range in.PreferredAgents {
		if !isSIP(address) {
			return invalid("PreferredAgents", "'%s' is not a SIP URI.", address)
		}
	}

	v, p := s.serviceFor(c, "Service", in.Service)
	if p != nil {
		return p
	}

	queued := 0
	for _, t := range s.tasks.All() {
		if s.cfg.uniqueTaskIDs && text(in.ExternalTaskId) != "" && text(t.ExternalTaskId) == text(in.ExternalTaskId) {
			return refuse(http.StatusConflict, "A task with the ExternalTaskId '%s' exists already.", *in.ExternalTaskId)
		}
		if t.service == v.ID && (t.state == pending || t.state == distributing) {
			queued++
		}
	}

	if v.MaxQueuedTasks > 0 && queued >= v.MaxQueuedTasks {
		return refuse(s.cfg.overLimit, "The service '%s' has reached its maximum of queued external tasks.", v.Name)
	}

	t := &task{id: s.newID(), newTask: in.newTask, service: v.ID, state: pending}
	t.DistributeToAgent = *in.DistributeToAgent
	s.tasks.Add(t.id, t)
	s.changed(c.now)

	switch s.cfg.taskAnswer {
	case TaskText:
		return &answer{status: http.StatusOK, contentType: "text/plain; charset=utf-8", body: []byte(s.cfg.spellID(t.id))}
	case TaskIDObject:
		return ok(map[string]string{"TaskId": s.cfg.spellID(t.id)})
	case TaskObject:
		return ok(s.shownTask(t))
	}
	return ok(s.cfg.spellID(t.id))
}

func (s *Server) getTask(c *call) *answer {
	t, there := s.tasks.Get(strings.ToLower(c.id))
	if !there {
		i := slices.IndexFunc(s.tasks.All(), func(t *task) bool { return text(t.ExternalTaskId) == c.id })
		if i >= 0 {
			t, there = s.tasks.All()[i], true
		}
	}

	if !there || !c.key.sees(s.services.At(t.service).OrganizationUnit) {
		return c.notFound("Task", c.id)
	}

	if s.cfg.taskArray {
		return list([]json.RawMessage{s.shownTask(t)})
	}
	return ok(s.shownTask(t))
}

func (s *Server) listServiceTasks(c *call) *answer {
	v, p := s.service(c)
	if p != nil {
		return p
	}

	out := []json.RawMessage{}
	for _, t := range s.tasks.All() {
		if t.service == v.ID {
			out = append(out, s.shownTask(t))
		}
	}
	return list(out)
}
