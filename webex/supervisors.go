package webex

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Supervisors are the people who monitor, coach, barge in on and take over the
// calls of their agents. A supervisor is a person, and its id is the person's. It
// has at least one agent: losing the last one ends it.
//
// Basic and Customer Assist supervisors do not see each other. Every operation is
// about those of the client's tier.
//
// Reads need the scope spark-admin:telephony_config_read, writes
// spark-admin:telephony_config_write and a full administrator; a location
// administrator may create a supervisor, and neither change nor delete one.
//
// Page: "Features: Call Queue or Customer Assist", formerly "Features: Customer
// Experience Essentials".
type Supervisors struct{ c *Client }

var (
	opListSupervisors = &rest.Op{Name: "Supervisors.List", Method: http.MethodGet,
		Path: pathSupervisors, Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opListFreeSupervisors = &rest.Op{Name: "Supervisors.ListAvailable", Method: http.MethodGet,
		Path: pathSupervisors + "/availableSupervisors", Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opListFreeAgents = &rest.Op{Name: "Supervisors.ListAvailableAgents", Method: http.MethodGet,
		Path: pathSupervisors + "/availableAgents", Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opGetSupervisor = &rest.Op{Name: "Supervisors.Get", Method: http.MethodGet,
		Path: pathSupervisors + "/{supervisorId}", Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opCreateSupervisor = &rest.Op{Name: "Supervisors.Create", Method: http.MethodPost,
		Path: pathSupervisors, Replay: rest.Once, Bucket: bucketTelephony,
		Success: rest.Nothing(200, 201).Or(rest.Object(200, 201, 202, 206))}
	// A repeat is recognised by its DUPLICATE.
	opUpdateAgents = &rest.Op{Name: "Supervisors.UpdateAgents", Method: http.MethodPut,
		Path: pathSupervisors + "/{supervisorId}", Replay: rest.Detectable, Bucket: bucketTelephony,
		Success: rest.Nothing(200, 202, 204).Or(rest.Object(200, 202, 206))}
	opDeleteSupervisor = &rest.Op{Name: "Supervisors.Delete", Method: http.MethodDelete,
		Path: pathSupervisors + "/{supervisorId}", Replay: rest.ReplaySafe, Bucket: bucketTelephony,
		Success: rest.Nothing(200, 204)}
	opDeleteSupervisors = &rest.Op{Name: "Supervisors.DeleteMany", Method: http.MethodDelete,
		Path: pathSupervisors, Replay: rest.ReplaySafe, Bucket: bucketTelephony,
		Success: rest.Nothing(200, 204)}
	// Sent again after a lost answer, it could delete what others have created since.
	opDeleteAllSupervisors = &rest.Op{Name: "Supervisors.DeleteAll", Method: http.MethodDelete,
		Path: pathSupervisors, Replay: rest.Once, Bucket: bucketTelephony,
		Success: rest.Nothing(200, 204)}
)

const pathSupervisors = "/telephony/config/supervisors"

// Supervisor is a supervisor as the lists have it.
type Supervisor struct {
	ID        ID     `json:"id"` // the person's
	FirstName string `json:"firstName,omitzero"`
	LastName  string `json:"lastName,omitzero"`
	// DisplayName is not documented for the list of supervisors, but seen.
	DisplayName   string `json:"displayName,omitzero"`
	PhoneNumber   string `json:"phoneNumber,omitzero"` // E.164
	Extension     string `json:"extension,omitzero"`   // may begin with 0
	RoutingPrefix string `json:"routingPrefix,omitzero"`
	ESN           string `json:"esn,omitzero"` // prefix and extension
	// AgentCount is at least 1; absent in the list of available supervisors.
	AgentCount      core.Opt[int]  `json:"agentCount,omitzero"`
	HasCxEssentials core.Opt[bool] `json:"hasCxEssentials,omitzero"`
	Extra           core.Extra     `json:"-"`
}

// Name is what people call the supervisor, as far as the vendor says.
func (s *Supervisor) Name() string { return nameOf(s.DisplayName, s.FirstName, s.LastName) }

// nameOf joins a name. The vendor stores "." for an empty part.
func nameOf(display, first, last string) string {
	if display != "" {
		return display
	}
	if last == "." {
		last = ""
	}
	return strings.TrimSpace(first + " " + last)
}

// Agent is a person, a workspace or a virtual line that is, or can be, assigned to
// a supervisor.
type Agent struct {
	// ID may be typed PEOPLE whatever it is, and might come as a bare UUID: compare
	// it with Same.
	ID            ID     `json:"id"`
	FirstName     string `json:"firstName,omitzero"`
	LastName      string `json:"lastName,omitzero"`
	DisplayName   string `json:"displayName,omitzero"`
	PhoneNumber   string `json:"phoneNumber,omitzero"`
	Extension     string `json:"extension,omitzero"`
	RoutingPrefix string `json:"routingPrefix,omitzero"`
	ESN           string `json:"esn,omitzero"`
	// Type is PEOPLE, PLACE or VIRTUAL_LINE; only available agents have it, and it
	// may differ from the type inside the id.
	Type  IDType     `json:"type,omitzero"`
	Extra core.Extra `json:"-"`
}

// Name is what people call the agent, as far as the vendor says.
func (a *Agent) Name() string { return nameOf(a.DisplayName, a.FirstName, a.LastName) }

// Order sorts a list of supervisors or agents.
type Order string

// The orders of supervisors and agents. The list of the agents that are available
// to queues has others: see QueueAgents.ListAvailable.
const (
	ByFirstName     Order = "firstName"
	ByLastName      Order = "lastName"
	ByFirstNameDesc Order = "firstName-desc"
	ByLastNameDesc  Order = "lastName-desc"
)

// SupervisorListOptions narrows a list of supervisors, or of agents. How the vendor
// matches names and numbers is not documented.
type SupervisorListOptions struct {
	Name string
	// PhoneNumber also matches the extension, and the routing prefix with it.
	PhoneNumber string
	Order       Order
	// PageSize is how many are asked for at a time, 100 unless set.
	PageSize int
}

// supervisorQuery is the query of all four lists.
type supervisorQuery struct {
	OrgID           string `url:"orgId,omitempty"`
	Max             int    `url:"max"`
	Name            string `url:"name,omitempty"`
	PhoneNumber     string `url:"phoneNumber,omitempty"`
	Order           string `url:"order,omitempty"`
	HasCxEssentials bool   `url:"hasCxEssentials"`
}

func (s *Supervisors) listing(op *rest.Op, opts SupervisorListOptions, args ...string) listing {
	size := pageSize(opts.PageSize, telephonyPage, maxTelephonyPage)
	return listing{op: op, args: args, max: size, offset: true, query: supervisorQuery{
		OrgID: string(s.c.org), Max: size, Name: opts.Name, PhoneNumber: opts.PhoneNumber, Order: string(opts.Order),
		HasCxEssentials: s.c.tier.assist(),
	}}
}

const (
	// telephonyPage is the usual page of the telephony lists. Neither a default nor
	// a limit is documented.
	telephonyPage    = 100
	maxTelephonyPage = 2000
)

type supervisorPage struct {
	Supervisors core.Opt[[]Supervisor] `json:"supervisors"`
}

type agentPage struct {
	// ID is the supervisor's, in its own agents alone.
	ID     ID                `json:"id"`
	Agents core.Opt[[]Agent] `json:"agents"`
}

func (p *supervisorPage) rows() []Supervisor { return rowsOf(p.Supervisors) }
func (p *agentPage) rows() []Agent           { return rowsOf(p.Agents) }

func (s *Supervisor) id() ID { return s.ID }
func (a *Agent) id() ID      { return a.ID }

func (p *agentPage) owner() ID { return p.ID }

// List walks the supervisors of the tier. The walk is lazy and can be repeated.
//
// Page: "List Supervisors for Call Queue or Customer Assist".
func (s *Supervisors) List(ctx context.Context, opts SupervisorListOptions) iter.Seq2[Supervisor, error] {
	return list(ctx, s.c, s.listing(opListSupervisors, opts), (*supervisorPage).rows, (*Supervisor).id)
}

// ListAvailable walks the people who could be made supervisors of the tier. Who is
// one already is not listed.
//
// Page: "List Available Supervisors for Call Queue or Customer Assist".
func (s *Supervisors) ListAvailable(ctx context.Context, opts SupervisorListOptions) iter.Seq2[Supervisor, error] {
	return list(ctx, s.c, s.listing(opListFreeSupervisors, opts), (*supervisorPage).rows, (*Supervisor).id)
}

// ListAvailableAgents walks the people, workspaces and virtual lines that can be
// assigned to a supervisor of the tier.
//
// Page: "List Available Agents for Call Queue or Customer Assist".
func (s *Supervisors) ListAvailableAgents(ctx context.Context, opts SupervisorListOptions) iter.Seq2[Agent, error] {
	return list(ctx, s.c, s.listing(opListFreeAgents, opts), (*agentPage).rows, (*Agent).id)
}

// SupervisorDetails is a supervisor with all its agents. That is all the vendor
// says of one: name and number are in List.
type SupervisorDetails struct {
	ID     ID
	Agents []Agent
}

// Get returns a supervisor with all its agents. A person who is no supervisor of
// this tier is core.ErrNotFound.
//
// Page: "GET Supervisor Detail for Call Queue or Customer Assist".
func (s *Supervisors) Get(ctx context.Context, id ID) (*SupervisorDetails, error) {
	d := &SupervisorDetails{ID: id}
	for a, err := range s.ListAgents(ctx, id, SupervisorListOptions{}) {
		if err != nil {
			return nil, s.explained(ctx, id, err)
		}
		d.Agents = append(d.Agents, a)
	}

	if len(d.Agents) == 0 {
		// A supervisor has at least one agent; what the vendor answers about one of
		// the other tier is not documented.
		return nil, noSupervisor(opGetSupervisor.Name, s.c.tier)
	}
	return d, nil
}

func noSupervisor(op string, tier Tier) error {
	return hintTier(&core.Error{Vendor: vendor, Op: op, Class: core.ClassNotFound, Applied: core.AppliedNo,
		Message: "the person is no supervisor"}, tier)
}

// ListAgents walks the agents of a supervisor, as Get does, a page at a time. The
// query narrows the agents.
func (s *Supervisors) ListAgents(ctx context.Context, id ID, opts SupervisorListOptions) iter.Seq2[Agent, error] {
	sent, err := id.check(opGetSupervisor.Name, "the supervisor", TypePerson)
	if err != nil {
		return rest.Failed[Agent](err)
	}
	l := s.listing(opGetSupervisor, opts, string(sent))
	l.of = sent
	return list(ctx, s.c, l, (*agentPage).rows, (*Agent).id)
}

// tierQuery is the query of operations that take only the tier.
type tierQuery struct {
	OrgID           string `url:"orgId,omitempty"`
	HasCxEssentials bool   `url:"hasCxEssentials"`
}

func (c *Client) tierQuery() tierQuery {
	return tierQuery{OrgID: string(c.org), HasCxEssentials: c.tier.assist()}
}

// orgQuery is the query of operations that take no tier.
type orgQuery struct {
	OrgID string `url:"orgId,omitempty"`
}

// Create makes a person a supervisor of the tier, with its first agents, of which
// there must be one. In Customer Assist the person needs that licence. Agents may
// be people, workspaces and virtual lines; a bare UUID is taken for a person's.
//
// There is one result for each agent, in order. Where an agent was refused, the
// others are assigned anyway and the error is an *AgentsError; what is left
// of the supervisor where all were refused is not documented. A person who is one
// already is refused (core.ErrConflict, or core.ErrInvalid).
//
// It is never sent again unless the vendor certainly refused it: after a lost
// answer the error says core.AppliedUnknown, and Get tells.
//
// Page: "Create a Supervisor for Call Queue or Customer Assist".
func (s *Supervisors) Create(ctx context.Context, id ID, agents ...ID) ([]AgentResult, error) {
	op := opCreateSupervisor
	sent, err := id.check(op.Name, "the supervisor", TypePerson)
	if err != nil {
		return nil, err
	}

	changes := make([]AgentChange, len(agents))
	for i, a := range agents {
		changes[i].ID = a
	}
	body := createSupervisor{ID: sent}
	if body.Agents, err = checkAgents(op.Name, changes); err != nil {
		return nil, err
	}
	return s.write(ctx, s.c.call(op), changes, body)
}

type createSupervisor struct {
	ID     ID            `json:"id"`
	Agents []AgentChange `json:"agents"`
}

type updateAgents struct {
	Agents []AgentChange `json:"agents"`
}

// UpdateAgents assigns agents to a supervisor and takes others away, in one write.
// Agents that it does not name stay as they are. Taking the last one away deletes
// the supervisor.
//
// There is one result for each change, in order. The vendor's normal answer is a
// success for some: where an agent was refused the error is an *AgentsError, and
// the others are done. An agent that was assigned before is refused with
// AgentDuplicate; what the vendor says where an agent that is to be taken away is
// not assigned is not documented.
//
// A repeat is recognisable: it is sent again after a lost answer, and a DUPLICATE
// then counts as done.
//
// Page: "Assign or Unassign Agents to Supervisor for Call Queue or Customer
// Assist", formerly "… with Customer Experience Essentials".
func (s *Supervisors) UpdateAgents(ctx context.Context, id ID, changes ...AgentChange) ([]AgentResult, error) {
	op := opUpdateAgents
	sent, err := id.check(op.Name, "the supervisor", TypePerson)
	if err != nil {
		return nil, err
	}

	for _, c := range changes {
		if c.Action != AddAgent && c.Action != DeleteAgent {
			return nil, core.Invalid(vendor, op.Name, "an agent's action is neither ADD nor DELETE")
		}
	}

	body := updateAgents{}
	if body.Agents, err = checkAgents(op.Name, changes); err != nil {
		return nil, err
	}
	return s.write(ctx, s.c.call(op, string(sent)), changes, body)
}

// checkAgents returns the agents as they are sent.
func checkAgents(op string, changes []AgentChange) ([]AgentChange, error) {
	if len(changes) == 0 {
		return nil, core.Invalid(vendor, op, "no agent is named")
	}
	seen := make(map[string]bool, len(changes))
	out := make([]AgentChange, len(changes))
	for i, c := range changes {
		id, err := c.ID.check(op, "an agent", TypePerson)
		if err != nil {
			return nil, err
		}
		if seen[id.Key()] {
			return nil, core.Invalid(vendor, op, "an agent is named twice")
		}
		seen[id.Key()] = true
		out[i] = AgentChange{ID: id, Action: c.Action}
	}
	return out, nil
}

// write sends changes of agents and reads the result of each.
func (s *Supervisors) write(ctx context.Context, call rest.Request, changes []AgentChange, body any) ([]AgentResult, error) {
	var answer agentsAnswer
	call.Query, call.Body, call.Out, call.EmptyOK = s.c.tierQuery(), body, &answer, true
	res, err := s.c.rest.Do(ctx, call)
	if err != nil {
		return nil, hintTier(err, s.c.tier)
	}

	for i := range answer.entries {
		e := &answer.entries[i]
		e.Status, e.Message = wire.Word(s.c.rest.Text(string(e.Status))), wire.Word(s.c.rest.Text(string(e.Message)))
	}
	results := answer.results(changes, res.Status, res.Repeated)
	return results, agentsError(call.Op.Name, res, results)
}

// within puts the operation that the caller asked for into the error of one of its
// parts.
func within(op string, err error) error {
	if e, ok := err.(*core.Error); ok {
		e = new(*e)
		e.Op = op
		return e
	}
	return err
}

// hintTier adds where else to look for what was not found.
func hintTier(err error, tier Tier) error {
	if e, ok := err.(*core.Error); ok && e.Class == core.ClassNotFound && e.Hint == "" {
		other := Basic
		if tier == Basic {
			other = Assist
		}
		e.Hint = fmt.Sprintf("it was looked for in the tier %s; what is in %s cannot be seen from there", tier, other)
	}
	return err
}

// Delete ends a supervisor of the tier; its agents lose that assignment, and the
// person stays. One that is not there is core.ErrNotFound, unless an earlier
// attempt of the same call may have deleted it.
//
// The vendor's operation for one supervisor knows no tier: it answers a success
// for a Customer Assist supervisor and keeps it. So it is used for Basic alone,
// and the one for several, which takes the tier, for Customer Assist. Both are
// preceded by a look at whether the supervisor is in this tier. Where it is there
// afterwards the error is core.ErrNotApplied.
//
// Pages: "Delete A Supervisor …" and "Delete Bulk Supervisors …".
func (s *Supervisors) Delete(ctx context.Context, id ID) error {
	op := opDeleteSupervisor
	sent, err := id.check(op.Name, "the supervisor", TypePerson)
	if err != nil {
		return err
	}

	there, err := s.exists(ctx, id)
	if err != nil {
		return within(op.Name, err)
	}
	if !there {
		return noSupervisor(op.Name, s.c.tier)
	}

	return s.c.readBack(op.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op.Name,
		Write: func(ctx context.Context) (bool, error) { return s.deleteOne(ctx, sent) },
		Shows: func(ctx context.Context) (bool, error) {
			there, err := s.exists(ctx, sent)
			return err == nil && !there, err
		},
		What: func() string { return stillThere(string(id)) },
	})
}

// deleteOne deletes a supervisor of the tier. Gone says that the vendor reports it gone
// after an earlier attempt.
func (s *Supervisors) deleteOne(ctx context.Context, id ID) (gone bool, err error) {
	op := opDeleteSupervisor
	if s.c.tier == Assist {
		body := deleteSupervisors{IDs: []ID{id}, HasCxEssentials: true}
		return false, within(op.Name, s.deleteMany(ctx, opDeleteSupervisors, body))
	}
	call := s.c.call(op, string(id))
	call.Query, call.GoneIsDone = orgQuery{string(s.c.org)}, true
	res, err := s.c.rest.Do(ctx, call)
	return res.Gone, err
}

func stillThere(who string) string { return "the vendor still lists " + who }

// watches reports whether a supervisor has an agent. A supervisor that was deleted
// meanwhile has none.
func (s *Supervisors) watches(ctx context.Context, supervisor ID, key string) (bool, error) {
	for a, err := range s.ListAgents(ctx, supervisor, SupervisorListOptions{}) {
		if err != nil {
			return false, err
		}
		if a.ID.Key() == key {
			return true, nil
		}
	}
	return false, nil
}

// explained returns the error of reading a supervisor, or ErrNotFound if the person is
// not one in this tier: the vendor's answer about the other tier is not documented, and
// may be a 400.
func (s *Supervisors) explained(ctx context.Context, id ID, err error) error {
	e, ok := err.(*core.Error)
	if !ok || e.Class != core.ClassInvalid || e.Attempts == 0 {
		return hintTier(err, s.c.tier)
	}
	if there, lookErr := s.exists(ctx, id); lookErr == nil && !there {
		return noSupervisor(e.Op, s.c.tier)
	}
	return err
}

// exists reports whether a person is a supervisor of the tier.
func (s *Supervisors) exists(ctx context.Context, id ID) (bool, error) {
	for _, err := range s.ListAgents(ctx, id, SupervisorListOptions{PageSize: 1}) {
		if err == nil {
			return true, nil
		}
		if core.ClassOf(err) == core.ClassNotFound {
			return false, nil
		}
		if core.ClassOf(err) != core.ClassInvalid {
			return false, err
		}
		// What the vendor answers for a person of the other tier is not documented.
		for other, err := range s.List(ctx, SupervisorListOptions{}) {
			if err != nil {
				return false, err
			}
			if other.ID.Same(id) {
				return true, nil
			}
		}
	}
	return false, nil
}

type deleteSupervisors struct {
	IDs []ID `json:"supervisorIds"`
	// HasCxEssentials is in the body here and nowhere else.
	HasCxEssentials bool `json:"hasCxEssentials"`
	// DeleteAll empties the whole tier if it is present. Only DeleteAll sends it.
	DeleteAll bool `json:"deleteAll,omitzero"`
}

// DeleteMany ends several supervisors of the tier in one write. It takes at least
// one id: an empty list is refused before anything is sent. The vendor does not
// say which of them were there; one that still is afterwards is
// core.ErrNotApplied, and named.
//
// Page: "Delete Bulk Supervisors for Call Queue or Customer Assist".
func (s *Supervisors) DeleteMany(ctx context.Context, ids ...ID) error {
	op := opDeleteSupervisors
	if len(ids) == 0 {
		return core.Invalid(vendor, op.Name, "no supervisor is named")
	}
	body := deleteSupervisors{HasCxEssentials: s.c.tier.assist()}
	asked := map[string]bool{}
	for _, id := range ids {
		sent, err := id.check(op.Name, "a supervisor", TypePerson)
		if err != nil {
			return err
		}
		if !asked[sent.Key()] {
			asked[sent.Key()] = true
			body.IDs = append(body.IDs, sent)
		}
	}

	var left []string
	return s.c.readBack(op.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op.Name,
		Write: func(ctx context.Context) (bool, error) { return false, s.deleteMany(ctx, op, body) },
		Shows: func(ctx context.Context) (_ bool, err error) {
			left, err = s.listed(ctx, func(id ID) bool { return asked[id.Key()] })
			return err == nil && len(left) == 0, err
		},
		Partly: func() bool { return len(left) < len(body.IDs) },
		What:   func() string { return stillThere(strings.Join(left, ", ")) },
	})
}

// listed returns those of the given supervisors that are in the list of the tier.
func (s *Supervisors) listed(ctx context.Context, asked func(ID) bool) (there []string, err error) {
	for v, err := range s.List(ctx, SupervisorListOptions{}) {
		if err != nil {
			return nil, err
		}
		if asked(v.ID) {
			there = append(there, string(v.ID))
		}
	}
	return there, nil
}

// DeleteAll ends every supervisor of the tier. After a lost answer it is not sent
// again, because others may have made new ones since.
//
// Page: "Delete Bulk Supervisors for Call Queue or Customer Assist", deleteAll.
func (s *Supervisors) DeleteAll(ctx context.Context) error {
	op := opDeleteAllSupervisors
	body := deleteSupervisors{IDs: []ID{}, HasCxEssentials: s.c.tier.assist(), DeleteAll: true}
	var left []string
	return s.c.readBack(op.Name).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op.Name,
		Was:   true, // an empty list does not prove that a lost write emptied it
		Write: func(ctx context.Context) (bool, error) { return false, s.deleteMany(ctx, op, body) },
		Shows: func(ctx context.Context) (_ bool, err error) {
			left, err = s.listed(ctx, func(ID) bool { return true })
			return err == nil && len(left) == 0, err
		},
		What: func() string { return stillThere(strings.Join(left[:min(len(left), 5)], ", ")) },
	})
}

func (s *Supervisors) deleteMany(ctx context.Context, op *rest.Op, body deleteSupervisors) error {
	call := s.c.call(op)
	call.Query, call.Body = orgQuery{string(s.c.org)}, body
	_, err := s.c.rest.Do(ctx, call)
	return err
}
