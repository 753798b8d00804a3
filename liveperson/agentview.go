package liveperson

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// opAgentView reads, although it is a POST.
var opAgentView = &rest.Op{Name: "AgentView.Get", Method: http.MethodPost, Replay: rest.Safe, Bucket: bucketMetrics,
	Path: "/manager_workspace/api/account/{accountId}/agent_view", Success: rest.Object(http.StatusOK)}

// AgentView is the resource of who is at work, as on the vendor page "Key
// Messaging Metrics API, Agent View": a report of the messaging product, near
// real time, from another host and with another permission than the rest.
type AgentView struct{ c *Client }

// AgentRecord is what the report says about an agent.
type AgentRecord struct {
	AgentID      int64           `json:"agentId"`
	AgentGroupID core.Opt[int64] `json:"agentGroupId,omitzero"`
	// Status is ONLINE, AWAY, BACK_SOON or OFFLINE.
	Status      string          `json:"agentCurrentStatus"`
	StatusSince core.Opt[int64] `json:"agentCurrentStatusStartTime,omitzero"` // ms
	// Reason and ReasonID are two names that the documentation has for the id of
	// a status reason; "NA" where there is none.
	Reason         core.Opt[string]  `json:"agentCurrentStatusReason,omitzero"`
	ReasonID       core.Opt[string]  `json:"agentCurrentStatusReasonId,omitzero"`
	Load           core.Opt[float64] `json:"agentLoad,omitzero"` // 1 is full
	AvailableSlots core.Opt[float64] `json:"availableSlots,omitzero"`
	Extra          core.Extra        `json:"-"`
}

type viewQuery struct {
	Offset int    `url:"offset"`
	Limit  int    `url:"limit"`
	Sort   string `url:"sort"`
}

type viewBody struct {
	Filters         viewFilters `json:"filters"`
	IncludeMetadata bool        `json:"includeAgentMetadata"`
	CurrentValues   []string    `json:"metricsToRetrieveCurrentValue"`
}

type viewFilters struct {
	Time     viewTime `json:"time"`
	AgentIDs []string `json:"agentIds"`
	Statuses []string `json:"effectiveAgentStatus"`
}

type viewTime struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

type viewAnswer struct {
	Records  []AgentRecord `json:"agentViewRecords"`
	Metadata struct {
		Count core.Opt[int] `json:"count"`
	} `json:"metadata"`
}

// viewWindow is how long an agent is still found after logging out. The vendor allows
// 24 hours and rounds outwards to whole minutes.
const viewWindow = 23 * time.Hour

// Get returns what the report says about one agent. It knows agents that are enabled,
// have slots for conversations, are in a group that the credential sees, and are logged
// in or have logged out within 23 hours; for any other found is false, without an
// error. It takes one request.
func (a *AgentView) Get(ctx context.Context, agentID int64) (record AgentRecord, found bool, err error) {
	if err := a.c.checkIDs(opAgentView, agentID); err != nil {
		return AgentRecord{}, false, err
	}
	call, err := a.c.call(ctx, opAgentView, serviceWorkspace)
	if err != nil {
		return AgentRecord{}, false, err
	}

	now := time.Now()
	var answer viewAnswer
	call.Query = viewQuery{Limit: 50, Sort: "agentId:asc"}
	call.Body = viewBody{
		Filters: viewFilters{
			Time:     viewTime{From: now.Add(-viewWindow).UnixMilli(), To: now.UnixMilli()},
			AgentIDs: []string{itoa(agentID)},
			Statuses: []string{"ONLINE", "OFFLINE", "AWAY", "BACK_SOON"},
		},
		CurrentValues: []string{"agent_current_status", "agent_current_status_start_time", "agent_current_status_reason",
			"agent_load", "available_slots"},
	}
	call.Out = &answer
	res, err := a.c.rest.Do(ctx, call)
	if err != nil {
		return AgentRecord{}, false, err
	}

	if answer.Records == nil {
		return AgentRecord{}, false, about(res, a.c.failed(opAgentView.Name, core.ClassProtocol, core.AppliedNo,
			"the answer contains no agentViewRecords"))
	}
	for _, r := range answer.Records {
		if r.AgentID == agentID {
			return r, true, nil
		}
	}

	if count := answer.Metadata.Count.Or(0); count > len(answer.Records) {
		return AgentRecord{}, false, about(res, a.c.failed(opAgentView.Name, core.ClassIncomplete, core.AppliedNo,
			fmt.Sprintf("the answer announces %d records and contains %d", count, len(answer.Records))))
	}
	return AgentRecord{}, false, nil
}

// noSuchReport reports whether an error means that the account has no agent view.
func noSuchReport(err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	return ok && (e.Op == opAgentView.Name && e.Status == http.StatusNotFound ||
		e.Op == opDomain.Name && e.Class == core.ClassInvalid)
}
