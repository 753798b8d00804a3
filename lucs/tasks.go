package lucs

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Tasks is the resource of external tasks, as on the vendor page "Manage External
// Tasks": work from another system, a ticket for example, which LUCS distributes to
// an agent. The key needs the API role TasksManage.
type Tasks struct{ c *Client }

// Task is an external task. What the server says beside what was sent is not
// documented: see State and Extra.
type Task struct {
	// ID is a GUID, assigned by the server.
	ID string `json:"Id,omitzero"`
	// ExternalTaskID is the caller's own id for it.
	ExternalTaskID core.Opt[string] `json:"ExternalTaskId,omitzero"`
	// Service is the id of the service, which is required.
	Service string `json:"Service,omitzero"`
	// Caller is any text to be shown.
	Caller core.Opt[string] `json:"Caller,omitzero"`
	// PreferredAgents are tried first. Where none of them is selectable the service's
	// distribution policy decides, or with ConsiderPreferredAgentsOnly, as far as its
	// name tells, nobody gets the task.
	PreferredAgents             []SIPURI       `json:"PreferredAgents,omitzero"`
	ConsiderPreferredAgentsOnly core.Opt[bool] `json:"ConsiderPreferredAgentsOnly,omitzero"`
	// Required says what the agent must be capable of.
	Required Modalities `json:"Required"`
	// DistributeToAgent is required; false hands the task to nobody.
	DistributeToAgent core.Opt[bool] `json:"DistributeToAgent,omitzero"`
	// DistributeToAgentRONATimeoutInSeconds is how long an agent may take to answer.
	DistributeToAgentRONATimeoutInSeconds core.Opt[int64] `json:"DistributeToAgentRONATimeoutInSeconds,omitzero"`
	// State is read only. The documentation shows the states in a picture; TaskPending
	// is the one in its text.
	State core.Opt[TaskState] `json:"State,omitzero"`
	Extra core.Extra          `json:"-"`
}

// Modalities are what a task needs. All five are sent.
type Modalities struct {
	Im                  bool       `json:"Im"`
	Audio               bool       `json:"Audio"`
	Video               bool       `json:"Video"`
	DesktopSharing      bool       `json:"DesktopSharing"`
	ConversationContext bool       `json:"ConversationContext"`
	Extra               core.Extra `json:"-"`
}

// TaskState is how far a task is. It is open.
type TaskState string

// TaskPending waits for an agent.
const TaskPending TaskState = "Pending"

// Pending reports whether a task waits for an agent, however the server spells it.
func (s TaskState) Pending() bool { return strings.EqualFold(string(s), string(TaskPending)) }

// UnmarshalJSON implements json.Unmarshaler. The id and the state have more than
// one name.
func (t *Task) UnmarshalJSON(data []byte) error {
	if err := loose(data, t, &t.Extra); err != nil {
		return err
	}
	if t.ID == "" {
		t.ID = textIn(t.Extra, "TaskId")
	}

	for _, name := range []string{"TaskState", "Status"} {
		if text := textIn(t.Extra, name); t.State.IsZero() && text != "" {
			t.State = core.Set(TaskState(text))
		}
	}
	return nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Modalities) UnmarshalJSON(data []byte) error { return loose(data, m, &m.Extra) }

// Create hands in a task and returns its id. Service is required; Id and State are
// not sent, and DistributeToAgent is true unless set. A service that has too many
// tasks queued declines more of them.
//
// It is sent again only after an answer that certainly refused it; an error with
// core.AppliedUnknown means that the task may exist. It takes one request.
func (t *Tasks) Create(ctx context.Context, task Task) (id string, err error) {
	op := opCreateTask.Name
	if err := checkGUID(op, "the service", task.Service); err != nil {
		return "", err
	}
	task.Service = unbraced(task.Service)
	task.ID, task.State = "", core.Opt[TaskState]{}
	if task.DistributeToAgent.IsZero() {
		task.DistributeToAgent = core.Set(true)
	}

	agents := make([]SIPURI, len(task.PreferredAgents))

	for i, a := range task.PreferredAgents {
		if agents[i], err = parseSIP(string(a)); err != nil {
			return "", core.Invalid(vendor, op, "a preferred agent "+err.Error())
		}
	}

	if task.PreferredAgents != nil {
		task.PreferredAgents = agents
	}
	call, err := t.c.call(opCreateTask)
	if err != nil {
		return "", err
	}

	var made taskID
	setBody(&call, &task)
	call.Out = &made
	if err := t.c.do(ctx, call); err != nil {
		return "", uncertain(err, "look for its ExternalTaskId among the tasks of the service")
	}
	return string(made), nil
}

// taskID reads what a server may answer to a new task: a JSON text, bare text, or
// an object.
type taskID string

// ReadBody implements rest.BodyReader.
func (id *taskID) ReadBody(body []byte) error {
	body = decoded(body)

	switch {
	case len(body) == 0:
		return fmt.Errorf("it holds no task id")
	case body[0] == '<':
		return errPage
	case body[0] == '{', body[0] == '[':
		var tasks wire.OneOrMany[Task]
		if err := wire.Unmarshal(body, &tasks); err != nil {
			return err
		}
		if len(tasks) == 1 {
			*id = taskID(tasks[0].ID)
		}
	case body[0] == '"':
		var text string
		if err := wire.Unmarshal(body, &text); err != nil {
			return err
		}
		*id = taskID(strings.TrimSpace(text))
	default:
		*id = taskID(body)
	}

	if rest.CheckID(string(*id)) != "" || strings.ContainsAny(string(*id), " \"") {
		*id = ""
		return fmt.Errorf("it holds no task id")
	}
	return nil
}

// Get returns a task by the identifier that the server gave it. Whether an
// ExternalTaskId does as well is not documented. It takes one request.
func (t *Tasks) Get(ctx context.Context, identifier string) (*Task, error) {
	call, err := t.c.call(opGetTask, identifier)
	if err != nil {
		return nil, err
	}
	var answer wire.OneOrMany[Task]
	call.Out = &answer
	if err := t.c.do(ctx, call); err != nil {
		return nil, err
	}

	for i := range answer {
		if sameID(answer[i].ID, identifier) || answer[i].ExternalTaskID.Or("") == identifier {
			return &answer[i], nil
		}
	}

	if len(answer) == 1 {
		return &answer[0], nil // it was asked for by a name that the answer need not repeat
	}
	return nil, &core.Error{Vendor: vendor, Op: opGetTask.Name, Class: core.ClassNotFound, Status: http.StatusOK, Applied: core.AppliedNo,
		Message: "the answer does not contain the task"}
}
