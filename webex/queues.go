package webex

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Queues are call queues, of the client's tier, as owners of their agents. A queue
// belongs to a location, which every operation but List needs beside the id.
//
// Reads need the scope spark-admin:telephony_config_read and a full or read-only
// administrator, writes spark-admin:telephony_config_write and a full or location
// administrator.
//
// Page: "Features: Call Queue".
type Queues struct{ c *Client }

var (
	opListQueues = &rest.Op{Name: "Queues.List", Method: http.MethodGet,
		Path: "/telephony/config/queues", Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opGetQueue = &rest.Op{Name: "Queues.Get", Method: http.MethodGet,
		Path: pathQueue, Replay: rest.Safe, Bucket: bucketTelephony,
		Success: rest.Object(200)}
	opReplaceAgents = &rest.Op{Name: "Queues.ReplaceAgents", Method: http.MethodPut,
		Path: pathQueue, Replay: rest.ReplaySafe, Bucket: bucketTelephony,
		Success: rest.Nothing(200, 202, 204)}
)

const pathQueue = "/telephony/config/locations/{locationId}/queues/{queueId}"

// QueueEntry is a queue as the list has it.
type QueueEntry struct {
	ID              ID             `json:"id"`
	Name            string         `json:"name,omitzero"`
	LocationID      ID             `json:"locationId,omitzero"`
	LocationName    string         `json:"locationName,omitzero"`
	Enabled         core.Opt[bool] `json:"enabled,omitzero"`
	HasCxEssentials core.Opt[bool] `json:"hasCxEssentials,omitzero"`
	PhoneNumber     string         `json:"phoneNumber,omitzero"`
	Extension       string         `json:"extension,omitzero"`
	Extra           core.Extra     `json:"-"`
}

// Queue is a queue. The fields are those that bear on its agents; all else is in Extra. It is never sent back whole: only its agents are
// written.
type Queue struct {
	ID              ID             `json:"id"`
	Name            string         `json:"name,omitzero"`
	Enabled         core.Opt[bool] `json:"enabled,omitzero"`
	HasCxEssentials core.Opt[bool] `json:"hasCxEssentials,omitzero"`
	CallPolicies    CallPolicies   `json:"callPolicies,omitzero"`
	// AllowAgentJoinEnabled says whether agents may join and unjoin by themselves.
	AllowAgentJoinEnabled core.Opt[bool] `json:"allowAgentJoinEnabled,omitzero"`
	// Agents is set where the answer has a list of them. Each is there once, also one
	// that the answer holds in two forms of its id.
	Agents core.Opt[[]QueueMember] `json:"agents,omitzero"`
	Extra  core.Extra              `json:"-"`
}

// CallPolicies say how a queue picks its agents.
type CallPolicies struct {
	// RoutingType is one of the Routing constants. Only with RoutingSkill does an
	// agent have a skill level.
	RoutingType string `json:"routingType,omitzero"`
	// Policy is CIRCULAR, REGULAR, SIMULTANEOUS (at most 50 agents), UNIFORM or
	// WEIGHTED (at most 100); the others take 1,000.
	Policy string     `json:"policy,omitzero"`
	Extra  core.Extra `json:"-"`
}

// The routing types.
const (
	RoutingPriority = "PRIORITY_BASED"
	RoutingSkill    = "SKILL_BASED"
)

// QueueMember is an agent as a queue has it. Weight, SkillLevel and JoinEnabled can
// be written; a number, a name and the like are for reading, and are not sent.
// Whatever else the vendor sent goes back as it came.
type QueueMember struct {
	// ID may be typed PEOPLE whatever the agent is: compare it with Same.
	ID ID `json:"id"`
	// Weight is a percentage, as text; only with the policy WEIGHTED.
	Weight core.Opt[string] `json:"weight,omitzero"`
	// SkillLevel counts from 1, the best; only with RoutingSkill.
	SkillLevel core.Opt[int] `json:"skillLevel,omitzero"`
	// JoinEnabled says whether calls of the queue reach the agent. A new agent's is
	// true unless set.
	JoinEnabled core.Opt[bool] `json:"joinEnabled,omitzero"`
	Extra       core.Extra     `json:"-"`
}

// readOnlyMember are the fields of a queue's agent that are not written.
var readOnlyMember = map[string]bool{
	"firstName": true, "lastName": true, "phoneNumber": true, "extension": true, "routingPrefix": true, "esn": true,
	"type": true, "location": true, "hasCxEssentials": true,
}

// writable returns the agent as it may be sent.
func (m QueueMember) writable() QueueMember {
	m.Extra = maps.Clone(m.Extra)
	maps.DeleteFunc(m.Extra, func(name string, _ json.RawMessage) bool { return readOnlyMember[name] })
	return m
}

// Name is what people call the agent, as far as the vendor says.
func (m *QueueMember) Name() string {
	text := func(field string) (s wire.Word) {
		if raw := m.Extra[field]; len(raw) > 0 {
			s.UnmarshalJSON(raw)
		}
		return s
	}
	return nameOf("", string(text("firstName")), string(text("lastName")))
}

// QueueListOptions narrows a list of queues. How the vendor matches names and numbers is
// not documented.
type QueueListOptions struct {
	LocationID  ID
	Name        string
	PhoneNumber string
	// PageSize is how many are asked for at a time, 100 unless set.
	PageSize int
}

type queueQuery struct {
	OrgID           string `url:"orgId,omitempty"`
	LocationID      string `url:"locationId,omitempty"`
	Max             int    `url:"max"`
	Name            string `url:"name,omitempty"`
	PhoneNumber     string `url:"phoneNumber,omitempty"`
	HasCxEssentials bool   `url:"hasCxEssentials"`
}

type queuePage struct {
	Queues core.Opt[[]QueueEntry] `json:"queues"`
}

func (p *queuePage) rows() []QueueEntry { return rowsOf(p.Queues) }
func (q *QueueEntry) id() ID            { return q.ID }

// List walks the queues of the tier, of one location or of all. The walk is lazy
// and can be repeated.
//
// Page: "Read the List of Call Queues".
func (s *Queues) List(ctx context.Context, opts QueueListOptions) iter.Seq2[QueueEntry, error] {
	size := pageSize(opts.PageSize, telephonyPage, maxTelephonyPage)
	query := queueQuery{OrgID: string(s.c.org), Max: size, Name: opts.Name, PhoneNumber: opts.PhoneNumber, HasCxEssentials: s.c.tier.assist()}
	if opts.LocationID != "" {
		sent, err := opts.LocationID.check(opListQueues.Name, "the location", TypeLocation)
		if err != nil {
			return rest.Failed[QueueEntry](err)
		}
		query.LocationID = string(sent)
	}
	return list(ctx, s.c, listing{op: opListQueues, max: size, offset: true, query: query}, (*queuePage).rows, (*QueueEntry).id)
}

// Get returns a queue with all its agents. One that is not there, or in the other
// tier, is core.ErrNotFound or core.ErrInvalid.
//
// Page: "Get Details for a Call Queue".
func (s *Queues) Get(ctx context.Context, location, queue ID) (*Queue, error) {
	args, err := queueArgs(opGetQueue.Name, location, queue)
	if err != nil {
		return nil, err
	}
	var q Queue
	call := s.c.call(opGetQueue, args...)
	call.Query, call.Out = s.c.tierQuery(), &q
	res, err := s.c.rest.Do(ctx, call)
	if err != nil {
		return nil, hintTier(err, s.c.tier)
	}

	if q.ID != "" && !q.ID.Same(queue) {
		return nil, protocol(opGetQueue.Name, res, "the answer is about another queue")
	}

	members := q.members()
	at := make(map[string]int, len(members))
	for _, m := range members {
		key := m.ID.Key()
		if key == "" {
			return nil, protocol(opGetQueue.Name, res, "an agent of the queue has no id")
		}
		if _, twice := at[key]; !twice {
			at[key] = len(at)
		}
	}

	if len(at) < len(members) {
		q.Agents = core.Set(once(members, at))
	}
	return &q, nil
}

// once returns each agent once, at the place of its key. Entries of one agent complete
// each other.
func once(members []QueueMember, at map[string]int) []QueueMember {
	out := make([]QueueMember, len(at))
	for _, m := range members {
		switch o := &out[at[m.ID.Key()]]; {
		case o.ID == "":
			*o = m
		default:
			o.Weight, o.SkillLevel, o.JoinEnabled = first(o.Weight, m.Weight), first(o.SkillLevel, m.SkillLevel), first(o.JoinEnabled, m.JoinEnabled)
		}
	}
	return out
}

// first is the first of two values that is set.
func first[T any](a, b core.Opt[T]) core.Opt[T] {
	if a.IsSet() {
		return a
	}
	return b
}

func queueArgs(op string, location, queue ID) ([]string, error) {
	l, err := location.check(op, "the location", TypeLocation)
	if err != nil {
		return nil, err
	}
	q, err := queue.check(op, "the queue", TypeCallQueue)
	if err != nil {
		return nil, err
	}
	return []string{string(l), string(q)}, nil
}

// members returns the agents, if there are any.
func (q *Queue) members() []QueueMember {
	list, _ := q.Agents.Get()
	return list
}

// member finds an agent of the queue.
func (q *Queue) member(key string) *QueueMember {
	list := q.members()
	for i := range list {
		if list[i].ID.Key() == key {
			return &list[i]
		}
	}
	return nil
}

// checkComplete reports whether the agents were read. The vendor names a field in errors if a
// backing service could not provide it.
func (q *Queue) checkComplete() error {
	var errs map[string]json.RawMessage
	if raw := q.Extra["errors"]; len(raw) > 0 {
		wire.Unmarshal(raw, &errs) // only an object names a field
	}
	why := ""
	switch _, broken := errs["agents"]; {
	case !q.Agents.IsSet():
		why = "the answer does not contain the queue's agents"
	case broken:
		why = "the vendor could not read the queue's agents"
	default:
		return nil
	}
	return incomplete(opGetQueue.Name, why)
}

// checkForWrite is checkComplete for a write that builds on the read.
func (q *Queue) checkForWrite() error {
	e, ok := q.checkComplete().(*core.Error)
	if !ok {
		return nil
	}
	e.Message += ", and a change would replace them all"
	e.Hint = "nothing was written"
	return e
}

type replaceAgents struct {
	Agents []QueueMember `json:"agents"`
}

// ReplaceAgents makes agents the whole membership of a queue: whoever is not among
// them is out. All else about the queue stays. An agent without JoinEnabled joins.
// To change one agent, use ModifyAgents. Sent twice it leaves the same state.
//
// Page: "Update a Call Queue". It sends the agents alone.
func (s *Queues) ReplaceAgents(ctx context.Context, location, queue ID, agents []QueueMember) error {
	op := opReplaceAgents.Name
	seen := map[string]bool{}
	for _, m := range agents {
		if seen[m.ID.Key()] {
			return core.Invalid(vendor, op, "an agent is named twice")
		}
		seen[m.ID.Key()] = true
	}

	unlock, err := s.lock(ctx, op, queue)
	if err != nil {
		return err
	}
	defer unlock()

	if err := s.replace(ctx, location, queue, agents); err != nil {
		return err
	}
	s.c.writtenQueues.Forget(bookKey(s.c.tier, queue))
	return nil
}

// lock takes the turn for the agents of a queue.
func (s *Queues) lock(ctx context.Context, op string, queue ID) (unlock func(), err error) {
	if unlock, err = s.c.locks.Lock(ctx, "queue/"+queue.Key()); err != nil {
		return nil, canceled(op, err)
	}
	return unlock, nil
}

// canceled is the error of a call that ended before it sent anything.
func canceled(op string, err error) error {
	return &core.Error{Vendor: vendor, Op: op, Class: core.ClassCanceled, Applied: core.AppliedNo, Err: err,
		Message: "the context ended before anything was sent"}
}

func (s *Queues) replace(ctx context.Context, location, queue ID, agents []QueueMember) error {
	op := opReplaceAgents
	args, err := queueArgs(op.Name, location, queue)
	if err != nil {
		return err
	}

	body := replaceAgents{Agents: make([]QueueMember, len(agents))}
	for i, m := range agents {
		if m.ID, err = m.ID.check(op.Name, "an agent", TypePerson); err != nil {
			return err
		}
		body.Agents[i] = m.writable()
	}

	call := s.c.call(op, args...)
	call.Query, call.Body = orgQuery{string(s.c.org)}, body
	_, err = s.c.rest.Do(ctx, call)
	return err
}

// ModifyAgents changes the agents of a queue: it reads them, calls change, which
// adds, removes and edits, and writes the list back. Agents that change leaves
// alone go back as they came, fields that this package does not know included.
// Nothing is written where change alters nothing. Change must not call the Client
// about the same queue.
//
// Webex has no revisions. Changes of one queue take turns within this client and build
// on each other, and the queue is read again afterwards until it shows what was written.
//
// Errors: core.ErrIncomplete, with nothing written, where the agents cannot be read
// whole. core.ErrNotApplied, beside the queue as it now is, where it does not show what
// was written, for example because another program wrote in between.
//
// Pages: "Get Details for a Call Queue" and "Update a Call Queue".
func (s *Queues) ModifyAgents(ctx context.Context, location, queue ID, change func(agents *[]QueueMember) error) (*Queue, error) {
	const op = "Queues.ModifyAgents"
	unlock, err := s.lock(ctx, op, queue)
	if err != nil {
		return nil, err
	}
	defer unlock()

	shown, was, err := s.readForWrite(ctx, location, queue)
	if err != nil {
		return nil, within(op, err)
	}
	agents := cloneMembers(was.members())
	if err := change(&agents); err != nil {
		return nil, err
	}

	if equalMembers(agents, shown.members()) {
		return shown, nil
	}

	var now *Queue
	var gaps []string
	err = s.c.readBack(op).Make(ctx, evidence.Effect{
		Vendor: vendor, Op: op,
		Write: func(ctx context.Context) (bool, error) {
			return false, within(op, s.write(ctx, location, queue, shown, agents))
		},
		Shows: func(ctx context.Context) (bool, error) {
			q, err := s.read(ctx, location, queue)
			if err != nil {
				return false, err
			}
			now, gaps = q, membershipGaps(agents, q.members())
			return len(gaps) == 0, nil
		},
		What: func() string {
			return "the queue does not show the agents as they were sent: " + strings.Join(gaps, ", ")
		},
	})
	return now, err
}

// read is Get, to read a write back.
func (s *Queues) read(ctx context.Context, location, queue ID) (*Queue, error) {
	q, err := s.Get(ctx, location, queue)
	if err != nil {
		return nil, err
	}
	return q, q.checkForWrite()
}

// readForWrite is read for a write that builds on it. The read may be older than this
// client's own write: base includes that too.
func (s *Queues) readForWrite(ctx context.Context, location, queue ID) (shown, base *Queue, err error) {
	shown, err = s.read(ctx, location, queue)
	if err != nil {
		return nil, nil, err
	}
	base, err = s.fresh(queue, shown)
	return shown, base, err
}

// fresh is a queue as it was read, with what this client wrote and the read does not
// show yet.
func (s *Queues) fresh(queue ID, shown *Queue) (*Queue, error) {
	q := *shown
	if err := s.c.writtenQueues.Refresh(bookKey(s.c.tier, queue), &q); err != nil {
		return nil, incomplete(opGetQueue.Name, doesNotFit+err.Error())
	}
	return &q, nil
}

// write replaces the agents of a queue.
func (s *Queues) write(ctx context.Context, location, queue ID, was *Queue, agents []QueueMember) error {
	if err := s.replace(ctx, location, queue, agents); err != nil {
		return err
	}
	sent := *was
	sent.Agents = core.Set(agents)
	s.c.writtenQueues.Wrote(bookKey(s.c.tier, queue), was, &sent)
	return nil
}

func cloneMembers(members []QueueMember) []QueueMember {
	out := slices.Clone(members)
	for i := range out {
		out[i].Extra = maps.Clone(out[i].Extra)
	}
	return out
}

func equalMembers(a, b []QueueMember) bool {
	return slices.EqualFunc(a, b, func(x, y QueueMember) bool {
		return x.ID == y.ID && x.sameSettings(y) && maps.EqualFunc(x.Extra, y.Extra, func(v, w json.RawMessage) bool {
			return string(v) == string(w)
		})
	})
}

func (m QueueMember) sameSettings(o QueueMember) bool {
	return m.Weight == o.Weight && m.SkillLevel == o.SkillLevel && m.JoinEnabled == o.JoinEnabled
}

// membershipGaps names the agents that a queue does not show as they were written. A
// setting that was left out, or that the vendor omits, proves nothing.
func membershipGaps(wrote, shows []QueueMember) (out []string) {
	at := map[string]QueueMember{}
	for _, m := range shows {
		at[m.ID.Key()] = m
	}
	for _, m := range wrote {
		got, there := at[m.ID.Key()]
		delete(at, m.ID.Key())
		switch {
		case !there:
			out = append(out, fmt.Sprintf("%s is missing", m.ID))
		case differs(m.SkillLevel, got.SkillLevel) || differs(m.JoinEnabled, got.JoinEnabled) || differs(m.Weight, got.Weight):
			out = append(out, fmt.Sprintf("%s has other settings", m.ID))
		}
	}

	for _, m := range shows {
		if _, extra := at[m.ID.Key()]; extra {
			out = append(out, fmt.Sprintf("%s is still there", m.ID))
		}
	}
	return out
}

func differs[T comparable](wrote, shows core.Opt[T]) bool {
	w, ok := wrote.Get()
	s, there := shows.Get()
	return ok && there && w != s
}
