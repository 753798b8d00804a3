package webex

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// AgentAction says what is to be done with an agent of a supervisor.
type AgentAction string

// The actions.
const (
	AddAgent    AgentAction = "ADD"
	DeleteAgent AgentAction = "DELETE"
)

// AgentChange is one item of Supervisors.UpdateAgents. The id is that of a person,
// a workspace or a virtual line; a bare UUID is taken for a person's.
type AgentChange struct {
	ID     ID          `json:"id"`
	Action AgentAction `json:"action,omitzero"`
}

// AgentStatus is the vendor's word for what kept an agent from being assigned or
// unassigned. The list is open.
type AgentStatus string

// The statuses that were seen. The number in the message, 6612, is the same for
// both, so only the word tells them apart.
const (
	// AgentDuplicate: it was assigned to this supervisor before.
	AgentDuplicate AgentStatus = "DUPLICATE"
	// AgentNotAvailable: it cannot be assigned, for example because it lacks a licence
	// of the tier.
	AgentNotAvailable AgentStatus = "NOT_AVAILABLE"
)

// done reports a word that means success. None was ever seen: the answer omits an agent
// if all went well.
func (s AgentStatus) done() bool { return s.is("SUCCESS") || s.is("OK") }

func (s AgentStatus) is(other AgentStatus) bool { return strings.EqualFold(string(s), string(other)) }

// AgentState says what an answer means for one agent.
type AgentState string

// The states.
const (
	// AgentDone: the change was made.
	AgentDone AgentState = "done"
	// AgentRefused: it was not, and Status says why.
	AgentRefused AgentState = "refused"
	// AgentUnclear: the answer does not tell.
	AgentUnclear AgentState = "unclear"
)

// AgentResult is what became of one agent of a write.
type AgentResult struct {
	// ID is the agent's as the caller gave it, whatever form the answer has.
	ID     ID
	Action AgentAction
	State  AgentState
	// Status and Message are the vendor's, empty where it does not mention the
	// agent.
	Status  AgentStatus
	Message string
}

// AgentsError reports a write that the vendor did not carry out for every agent, which it
// answers with a status of success. It is core.ErrPartial.
type AgentsError struct {
	// Results has one entry for each agent of the call, in order.
	Results []AgentResult
	// Err is the error in the words of package core.
	Err *core.Error
}

// Error counts the agents and quotes the vendor on the first.
func (e *AgentsError) Error() string { return e.Err.Error() }

// Unwrap returns the error in the words of package core.
func (e *AgentsError) Unwrap() error { return e.Err }

// agentsAnswer is the body of a write in any form: a list of the agents that were not
// done, or nothing.
type agentsAnswer struct {
	entries []agentEntry
	// body says that there is a body, and listed that it contains a list, even an empty
	// one.
	body, listed bool
	// broken counts the unreadable entries of the list.
	broken int
}

type agentEntry struct {
	ID      wire.Word `json:"id"`
	Status  wire.Word `json:"status"`
	Message wire.Word `json:"message"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *agentsAnswer) UnmarshalJSON(data []byte) error {
	*a = agentsAnswer{body: true}
	var envelope struct {
		List json.RawMessage `json:"supervisorAgentStatus"`
	}
	if err := wire.Unmarshal(data, &envelope); err != nil {
		return err
	}

	list := bytes.TrimSpace(envelope.List)
	if len(list) == 0 || string(list) == "null" {
		return nil
	}

	var raw []json.RawMessage
	if err := wire.Unmarshal(list, &raw); err != nil {
		return err
	}
	a.listed = true
	for _, r := range raw {
		var e agentEntry
		if wire.Unmarshal(r, &e) != nil {
			a.broken++
			continue
		}
		a.entries = append(a.entries, e)
	}
	return nil
}

// results lays an answer over what was sent. The page documents that a 206 lists only
// the agents that were not done (seen: two in the request, one in the answer), and that
// a 204 means all were. So an agent that is not mentioned is done, unless an unreadable
// entry may be about it, or the answer has no documented form.
//
// The id may come in another form than it was sent: agents are told apart by
// their key, and if that fails by the UUID that the message holds.
func (a *agentsAnswer) results(sent []AgentChange, status int, repeated bool) []AgentResult {
	out := make([]AgentResult, len(sent))
	byKey := make(map[string]*AgentResult, len(sent))
	for i, c := range sent {
		out[i] = AgentResult{ID: c.ID, Action: c.Action}
		byKey[c.ID.Key()] = &out[i]
	}

	lost := a.broken
	for _, e := range a.entries {
		r := byKey[ID(e.ID).Key()]
		if r == nil {
			r = mentioned(byKey, string(e.Message))
		}
		if r == nil {
			if !AgentStatus(e.Status).done() {
				lost++
			}
			continue
		}
		r.read(e, repeated)
	}

	rest := AgentUnclear
	if lost == 0 && a.tellsOfOthers(status) {
		rest = AgentDone
	}
	for i := range out {
		if out[i].State == "" {
			out[i].State = rest
		}
	}
	return out
}

// tellsOfOthers reports an answer of a documented form, where an agent that is not
// mentioned is done: one without a body (204, 201), or a list of those that were not
// done. A 202 is accepted, and not done yet.
func (a *agentsAnswer) tellsOfOthers(status int) bool {
	switch status {
	case http.StatusNoContent, http.StatusCreated:
		return true
	case http.StatusAccepted:
		return false
	case http.StatusPartialContent:
		return len(a.entries) > 0
	}
	return a.listed || !a.body
}

// read takes one entry. Where an agent is listed twice, the worse counts.
func (r *AgentResult) read(e agentEntry, repeated bool) {
	status := AgentStatus(e.Status)
	state := AgentRefused
	switch {
	case status == "":
		state = AgentUnclear
	case status.done(), repeated && r.Action != DeleteAgent && status.is(AgentDuplicate):
		// An earlier attempt of this very call may have assigned it, unseen.
		state = AgentDone
	}

	if worse := (AgentResult{Action: r.Action, State: state, Status: status}); worse.rank() > r.rank() {
		r.State, r.Status, r.Message = state, status, string(e.Message)
	}
}

// rank orders what an answer says about one agent, from nothing to the worst: an agent
// who was assigned before is as it should be.
func (r *AgentResult) rank() int {
	switch {
	case r.State == "":
		return 0
	case r.State == AgentDone:
		return 1
	case r.State == AgentRefused && r.Action != DeleteAgent && r.Status.is(AgentDuplicate):
		return 2
	case r.State == AgentUnclear:
		return 3
	}
	return 4
}

// mentioned finds the only agent whose key a message contains.
func mentioned(byKey map[string]*AgentResult, message string) *AgentResult {
	message = strings.ToLower(message)
	for word := range strings.FieldsFuncSeq(message, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\'' || r == '"' }) {
		if r := byKey[ID(strings.Trim(word, ".:()[]")).Key()]; r != nil {
			return r
		}
	}
	return nil
}

// agentsError returns nil if everything was done.
func agentsError(op string, res rest.Response, results []AgentResult) error {
	var first *AgentResult
	bad, applied := 0, core.AppliedNo
	for i := range results {
		r := &results[i]
		switch {
		case r.State == AgentDone:
			if applied == core.AppliedNo {
				applied = core.AppliedYes
			}
			continue
		case r.State == AgentUnclear:
			applied = core.AppliedUnknown
		}
		if bad++; first == nil {
			first = r
		}
	}

	if first == nil {
		return nil
	}

	why := first.Message
	if first.State == AgentUnclear && why == "" {
		why = "the answer does not say what became of it"
	}
	return &AgentsError{Results: results, Err: &core.Error{
		Vendor: vendor, Op: op, Class: core.ClassPartial, Status: res.Status, Code: string(first.Status), RequestID: res.RequestID,
		Message: fmt.Sprintf("%d of %d agents not changed; first: %s: %s", bad, len(results), first.ID, why), Applied: applied,
	}}
}
