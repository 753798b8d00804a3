package webex

import (
	"context"
	"iter"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// QueueAgents are the people, workspaces and virtual lines that are in call queues
// of the client's tier, and what they are to each queue.
//
// Reads need the scope spark-admin:telephony_config_read and a full or read-only
// administrator, UpdateSettings spark-admin:telephony_config_write and a full
// administrator.
//
// Page: "Features: Call Queue".
type QueueAgents struct{ c *Client }

var (
	opListQueueAgents = &rest.Op{Name: "QueueAgents.List", Method: http.MethodGet,
		Path: pathQueueAgents, Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opListFreeQueueAgents = &rest.Op{Name: "QueueAgents.ListAvailable", Method: http.MethodGet,
		Path: pathQueueAgents + "/availableAgents", Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opGetQueueAgent = &rest.Op{Name: "QueueAgents.Get", Method: http.MethodGet,
		Path: pathQueueAgents + "/{id}", Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opUpdateSettings = &rest.Op{Name: "QueueAgents.UpdateSettings", Method: http.MethodPut,
		Path: pathQueueAgents + "/{id}/settings", Replay: rest.ReplaySafe, Bucket: bucketTelephony,
		Success: rest.Nothing(200, 204)}
)

const pathQueueAgents = "/telephony/config/queues/agents"

// QueueAgent is an agent of one or more queues.
type QueueAgent struct {
	// ID and Type say PEOPLE whatever the agent is: compare the id with Same.
	ID            ID     `json:"id"`
	Type          IDType `json:"type,omitzero"`
	FirstName     string `json:"firstName,omitzero"`
	LastName      string `json:"lastName,omitzero"`
	PhoneNumber   string `json:"phoneNumber,omitzero"`
	Extension     string `json:"extension,omitzero"`
	RoutingPrefix string `json:"routingPrefix,omitzero"`
	ESN           string `json:"esn,omitzero"`
	// The counts are of the list alone, and are left out by Get.
	QueueCount    core.Opt[int] `json:"queueCount,omitzero"`
	LocationCount core.Opt[int] `json:"locationCount,omitzero"`
	JoinCount     core.Opt[int] `json:"joinCount,omitzero"`
	UnjoinCount   core.Opt[int] `json:"unjoinCount,omitzero"`
	Extra         core.Extra    `json:"-"`
}

// Name is what people call the agent, as far as the vendor says.
func (a *QueueAgent) Name() string { return nameOf("", a.FirstName, a.LastName) }

// AgentQueue is one queue of an agent.
type AgentQueue struct {
	ID            ID     `json:"id"`
	Name          string `json:"name,omitzero"`
	PhoneNumber   string `json:"phoneNumber,omitzero"`
	RoutingPrefix string `json:"routingPrefix,omitzero"`
	LocationID    ID     `json:"locationId,omitzero"`
	LocationName  string `json:"locationName,omitzero"`
	// JoinEnabled says whether calls of this queue reach the agent.
	JoinEnabled core.Opt[bool] `json:"joinEnabled,omitzero"`
	Extra       core.Extra     `json:"-"`
}

// QueueAgentListOptions narrows the list of agents.
type QueueAgentListOptions struct {
	LocationID  ID
	QueueID     ID
	Name        string
	PhoneNumber string
	// JoinEnabled, if set, asks for agents that have joined, or have not.
	JoinEnabled core.Opt[bool]
	Order       Order
	// PageSize is how many are asked for at a time, 100 unless set.
	PageSize int
}

type queueAgentQuery struct {
	OrgID           string `url:"orgId,omitempty"`
	LocationID      string `url:"locationId,omitempty"`
	QueueID         string `url:"queueId,omitempty"`
	Max             int    `url:"max"`
	Name            string `url:"name,omitempty"`
	PhoneNumber     string `url:"phoneNumber,omitempty"`
	JoinEnabled     string `url:"joinEnabled,omitempty"`
	HasCxEssentials bool   `url:"hasCxEssentials"`
	Order           string `url:"order,omitempty"`
}

type queueAgentPage struct {
	Agents core.Opt[[]QueueAgent] `json:"agents"`
}

func (p *queueAgentPage) rows() []QueueAgent { return rowsOf(p.Agents) }
func (a *QueueAgent) id() ID                 { return a.ID }

// List walks the agents of the tier's queues, one row an agent however many queues
// it is in. The walk is lazy and can be repeated.
//
// Page: "Read the List of Call Queue Agents".
func (s *QueueAgents) List(ctx context.Context, opts QueueAgentListOptions) iter.Seq2[QueueAgent, error] {
	op := opListQueueAgents
	size := pageSize(opts.PageSize, telephonyPage, maxTelephonyPage)
	query := queueAgentQuery{OrgID: string(s.c.org), Max: size, Name: opts.Name, PhoneNumber: opts.PhoneNumber, Order: string(opts.Order),
		HasCxEssentials: s.c.tier.assist()}

	for _, f := range []struct {
		id   ID
		what string
		t    IDType
		to   *string
	}{{opts.LocationID, "the location", TypeLocation, &query.LocationID}, {opts.QueueID, "the queue", TypeCallQueue, &query.QueueID}} {
		if f.id == "" {
			continue
		}
		sent, err := f.id.check(op.Name, f.what, f.t)
		if err != nil {
			return rest.Failed[QueueAgent](err)
		}
		*f.to = string(sent)
	}

	if joined, ok := opts.JoinEnabled.Get(); ok {
		query.JoinEnabled = "false"
		if joined {
			query.JoinEnabled = "true"
		}
	}
	return list(ctx, s.c, listing{op: op, max: size, offset: true, query: query}, (*queueAgentPage).rows, (*QueueAgent).id)
}

// QueueAgentDetails is an agent with all its queues of the tier.
type QueueAgentDetails struct {
	Agent  QueueAgent
	Queues []AgentQueue
}

// Get returns an agent with all its queues of the tier. Whoever is in none, or is
// not known at all, may be without queues or core.ErrNotFound: the vendor does not
// say which.
//
// Page: "Get Details for a Call Queue Agent".
func (s *QueueAgents) Get(ctx context.Context, id ID) (*QueueAgentDetails, error) {
	d := new(QueueAgentDetails)
	for q, err := range s.queues(ctx, id, &d.Agent) {
		if err != nil {
			return nil, err
		}
		d.Queues = append(d.Queues, q)
	}
	return d, nil
}

// ListQueues walks the queues of an agent, as Get does, a page at a time.
func (s *QueueAgents) ListQueues(ctx context.Context, id ID) iter.Seq2[AgentQueue, error] {
	return s.queues(ctx, id, nil)
}

func (s *QueueAgents) queues(ctx context.Context, id ID, agent *QueueAgent) iter.Seq2[AgentQueue, error] {
	op := opGetQueueAgent
	sent, err := id.check(op.Name, "the agent", TypePerson)
	if err != nil {
		return rest.Failed[AgentQueue](err)
	}

	// Max and start are required here, and the vendor answers 404 if there are no more.
	query := queueQuery{OrgID: string(s.c.org), Max: telephonyPage, HasCxEssentials: s.c.tier.assist()}
	rows := func(p *agentQueuePage) []AgentQueue {
		if agent != nil && p.Agent.ID != "" {
			*agent = p.Agent
		}
		return rowsOf(p.Queues)
	}
	l := listing{op: op, args: []string{string(sent)}, max: query.Max, offset: true, query: query, of: sent}
	return list(ctx, s.c, l, rows, (*AgentQueue).id)
}

type agentQueuePage struct {
	Agent  QueueAgent             `json:"agent"`
	Queues core.Opt[[]AgentQueue] `json:"queues"`
}

func (q *AgentQueue) id() ID { return q.ID }

func (p *agentQueuePage) owner() ID { return p.Agent.ID }

// AvailableQueueAgent is one who can be put into a queue.
type AvailableQueueAgent struct {
	ID          ID     `json:"id"`
	FirstName   string `json:"firstName,omitzero"`
	LastName    string `json:"lastName,omitzero"`
	DisplayName string `json:"displayName,omitzero"`
	// Type is PEOPLE, PLACE or VIRTUAL_LINE, and was seen to be null.
	Type            IDType         `json:"type,omitzero"`
	Email           string         `json:"email,omitzero"`
	HasCxEssentials core.Opt[bool] `json:"hasCxEssentials,omitzero"`
	// Extra holds the phone numbers too, of which the documentation has three forms.
	Extra core.Extra `json:"-"`
}

// AvailableQueueAgentListOptions narrows the list of those who can be put into a queue.
type AvailableQueueAgentListOptions struct {
	// LocationID is required. The vendor takes it for a hint, and not for a filter.
	LocationID  ID
	Name        string
	PhoneNumber string
	// Order is up to three fields, with commas: userId, fname, firstname, lname,
	// lastname, dn, extension, each with -asc or -desc behind it or not.
	Order string
	// PageSize is how many are asked for at a time, 100 unless set.
	PageSize int
}

type freeQueueAgentQuery struct {
	OrgID       string `url:"orgId,omitempty"`
	LocationID  string `url:"locationId"`
	Max         int    `url:"max"`
	Name        string `url:"name,omitempty"`
	PhoneNumber string `url:"phoneNumber,omitempty"`
	Order       string `url:"order,omitempty"`
}

type freeQueueAgentPage struct {
	Agents core.Opt[[]AvailableQueueAgent] `json:"agents"`
}

func (p *freeQueueAgentPage) rows() []AvailableQueueAgent { return rowsOf(p.Agents) }
func (a *AvailableQueueAgent) id() ID                     { return a.ID }

// ListAvailable walks those who can be put into a queue. It takes no tier: each
// row says whether it is of Customer Assist.
//
// Page: "Get Call Queue Available Agents".
func (s *QueueAgents) ListAvailable(ctx context.Context, opts AvailableQueueAgentListOptions) iter.Seq2[AvailableQueueAgent, error] {
	op := opListFreeQueueAgents
	location, err := opts.LocationID.check(op.Name, "the location", TypeLocation)
	if err != nil {
		return rest.Failed[AvailableQueueAgent](err)
	}
	size := pageSize(opts.PageSize, telephonyPage, maxTelephonyPage)
	query := freeQueueAgentQuery{OrgID: string(s.c.org), LocationID: string(location), Max: size, Name: opts.Name,
		PhoneNumber: opts.PhoneNumber, Order: opts.Order}
	return list(ctx, s.c, listing{op: op, max: size, offset: true, query: query}, (*freeQueueAgentPage).rows, (*AvailableQueueAgent).id)
}

// QueueSetting is an agent's join state in one queue.
type QueueSetting struct {
	QueueID     ID   `json:"queueId"`
	JoinEnabled bool `json:"joinEnabled"`
}

type updateSettings struct {
	Settings []QueueSetting `json:"settings"`
}

// UpdateSettings sets the join state of an agent in the queues that it names; in
// others it stays, as far as is known. Sent twice it leaves the same state. The
// vendor does not report on single queues: Get tells.
//
// Page: "Update an Agent's Settings of One or More Call Queues".
func (s *QueueAgents) UpdateSettings(ctx context.Context, id ID, settings ...QueueSetting) error {
	op := opUpdateSettings
	sent, err := id.check(op.Name, "the agent", TypePerson)
	if err != nil {
		return err
	}

	if len(settings) == 0 {
		return core.Invalid(vendor, op.Name, "no queue is named")
	}
	body := updateSettings{Settings: make([]QueueSetting, len(settings))}
	for i, q := range settings {
		if q.QueueID, err = q.QueueID.check(op.Name, "a queue", TypeCallQueue); err != nil {
			return err
		}
		body.Settings[i] = q
	}

	call := s.c.call(op, string(sent))
	call.Query, call.Body = s.c.tierQuery(), body
	_, err = s.c.rest.Do(ctx, call)
	return hintTier(err, s.c.tier)
}

// Join lets calls of queues reach an agent that is in them. See UpdateSettings.
func (s *QueueAgents) Join(ctx context.Context, id ID, queues ...ID) error {
	return s.UpdateSettings(ctx, id, joins(queues, true)...)
}

// Unjoin keeps calls of queues from an agent, which stays in them. See
// UpdateSettings.
func (s *QueueAgents) Unjoin(ctx context.Context, id ID, queues ...ID) error {
	return s.UpdateSettings(ctx, id, joins(queues, false)...)
}

func joins(queues []ID, joined bool) []QueueSetting {
	out := make([]QueueSetting, len(queues))
	for i, q := range queues {
		out[i] = QueueSetting{QueueID: q, JoinEnabled: joined}
	}
	return out
}
