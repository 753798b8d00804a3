package lucs

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/internal/rest"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Callbacks is the resource of callbacks, as on the vendor pages "Manage
// Callbacks", "CallbackDto" and "CreateCallbackDto": calls that a service makes
// later. The service's direction must be InboundOutbound or Outbound, and the key
// needs the API role TasksManage.
type Callbacks struct{ c *Client }

// Callback is a call to be made later.
type Callback struct {
	// ID, Creator, LeftInQueueTimeInSeconds, AppPoolID, InitiatingSessionID, Initiator,
	// State, RetryType and RetryCount are the server's.
	ID                       string                  `json:"Id,omitzero"`
	Creator                  core.Opt[string]        `json:"Creator,omitzero"`
	LeftInQueueTimeInSeconds core.Opt[int64]         `json:"LeftInQueueTimeInSeconds,omitzero"`
	AppPoolID                core.Opt[string]        `json:"AppPoolId,omitzero"`
	InitiatingSessionID      core.Opt[string]        `json:"InitiatingSessionId,omitzero"`
	Initiator                core.Opt[string]        `json:"Initiator,omitzero"`
	State                    core.Opt[CallbackState] `json:"State,omitzero"`
	RetryType                core.Opt[RetryType]     `json:"RetryType,omitzero"`
	RetryCount               core.Opt[int64]         `json:"RetryCount,omitzero"`

	// Target is whom to call: a SIP URI, or "tel:+41…", whose blanks are taken out.
	Target core.Opt[string] `json:"Target,omitzero"`
	// AlternativeTarget wins over Target; the vendor calls it internal.
	AlternativeTarget core.Opt[string] `json:"AlternativeTarget,omitzero"`
	MaxRetries        core.Opt[int64]  `json:"MaxRetries,omitzero"`
	// SecondsBetweenRetries is required; 0 is allowed.
	SecondsBetweenRetries core.Opt[int64] `json:"SecondsBetweenRetries,omitzero"`
	// ServiceID or ServiceSip is required; the second is used where the first is not
	// valid, and comes back as null.
	ServiceID             core.Opt[string] `json:"ServiceId,omitzero"`
	ServiceSip            core.Opt[SIPURI] `json:"ServiceSip,omitzero"`
	IncomingServiceSipUri core.Opt[SIPURI] `json:"IncomingServiceSipUri,omitzero"` // internal
	// Priority is required.
	Priority   core.Opt[CallbackPriority] `json:"Priority,omitzero"`
	ContextURL core.Opt[string]           `json:"ContextUrl,omitzero"` // for future purpose
	// DueDate is when to call; about now where it is left out. Use DateOf.
	DueDate    core.Opt[Date]   `json:"DueDate,omitzero"`
	Supervisor core.Opt[string] `json:"Supervisor,omitzero"` // internal
	// Description has at most 150 characters.
	Description core.Opt[string] `json:"Description,omitzero"`
	// ExternalTaskID is the caller's own id for it.
	ExternalTaskID core.Opt[string] `json:"ExternalTaskId,omitzero"`
	CallerID       core.Opt[string] `json:"CallerId,omitzero"` // for future purpose
	Extra          core.Extra       `json:"-"`
}

type (
	// CallbackPriority is a callback's place in the queue. It is open.
	CallbackPriority string
	// CallbackState is how far a callback is. It is open.
	CallbackState string
	// RetryType says how a callback is tried again. It is open.
	RetryType string
)

// The priorities of the page "CreateCallbackDto".
const (
	PriorityStrict      CallbackPriority = "StrictPriority"
	PriorityHighest     CallbackPriority = "Highest"
	PriorityVeryHigh    CallbackPriority = "VeryHigh"
	PriorityHigh        CallbackPriority = "High"
	PriorityNormal      CallbackPriority = "Normal"
	PriorityLow         CallbackPriority = "Low"
	PriorityVeryLow     CallbackPriority = "VeryLow"
	PriorityLowest      CallbackPriority = "Lowest"
	PriorityNothingElse CallbackPriority = "NothingElse"
)

// CallbackPending is the one state that was seen.
const CallbackPending CallbackState = "Pending"

// RetrySingleSession is the one type that was seen.
const RetrySingleSession RetryType = "SingleSession"

// maxDescription is how many characters a description may have.
const maxDescription = 150

// UnmarshalJSON implements json.Unmarshaler.
func (c *Callback) UnmarshalJSON(data []byte) error { return loose(data, c, &c.Extra) }

// Create asks for a callback and returns it, with the server's defaults filled
// in. Required: SecondsBetweenRetries, Priority, and ServiceID or ServiceSip; what
// is missing, or a description that is too long, is core.ErrInvalid before anything
// is sent. What is the server's is not sent.
//
// It is sent again only after an answer that certainly refused it; an error with
// core.AppliedUnknown means that the callback may exist. It takes one request.
func (c *Callbacks) Create(ctx context.Context, callback Callback) (*Callback, error) {
	sent, why := callback.writable()
	if why != "" {
		return nil, core.Invalid(vendor, opCreateCallback.Name, why)
	}
	call, err := c.c.call(opCreateCallback)
	if err != nil {
		return nil, err
	}

	var answer wire.OneOrMany[Callback]
	setBody(&call, &sent)
	call.Out = &answer
	if err := c.c.do(ctx, call); err != nil {
		return nil, uncertain(err, "look for its ExternalTaskId among the callbacks")
	}

	if len(answer) != 1 || answer[0].ID == "" {
		return nil, uncertain(&core.Error{Vendor: vendor, Op: opCreateCallback.Name, Class: core.ClassProtocol, Status: http.StatusOK,
			Applied: core.AppliedUnknown, Message: "the answer names no callback"}, "look for its ExternalTaskId among the callbacks")
	}
	return &answer[0], nil
}

// writable returns a new callback as it is sent, or why it cannot be sent.
func (c Callback) writable() (_ Callback, why string) {
	if id, ok := c.ServiceID.Get(); ok {
		if id = unbraced(id); !isGUID(id) {
			return c, "ServiceId is not a GUID"
		}
		c.ServiceID = core.Set(id)
	}

	if sip, ok := c.ServiceSip.Get(); ok {
		sip, err := parseSIP(string(sip))
		if err != nil {
			return c, "ServiceSip " + err.Error()
		}
		c.ServiceSip = core.Set(sip)
	}

	switch {
	case !c.ServiceID.IsSet() && !c.ServiceSip.IsSet():
		return c, "ServiceId or ServiceSip is required"
	case !c.SecondsBetweenRetries.IsSet():
		return c, "SecondsBetweenRetries is required"
	case c.Priority.Or("") == "":
		return c, "Priority is required"
	case utf8.RuneCountInString(c.Description.Or("")) > maxDescription:
		return c, fmt.Sprintf("Description is longer than %d characters", maxDescription)
	}

	for _, target := range []*core.Opt[string]{&c.Target, &c.AlternativeTarget} {
		if text, ok := target.Get(); ok {
			*target = core.Set(parseTarget(text))
		}
	}

	if due, ok := c.DueDate.Get(); ok {
		t, ok := due.Time()
		if !ok {
			return c, "DueDate is not a time; use DateOf"
		}
		c.DueDate = core.Set(DateOf(t))
	}

	own := Callback{}
	c.ID, c.Creator, c.LeftInQueueTimeInSeconds, c.AppPoolID = own.ID, own.Creator, own.LeftInQueueTimeInSeconds, own.AppPoolID
	c.InitiatingSessionID, c.Initiator = own.InitiatingSessionID, own.Initiator
	c.State, c.RetryType, c.RetryCount = own.State, own.RetryType, own.RetryCount
	return c, ""
}

// Get returns a callback, or core.ErrNotFound. It takes one request.
func (c *Callbacks) Get(ctx context.Context, id string) (*Callback, error) {
	call, err := c.ask(opGetCallback, id)
	if err != nil {
		return nil, err
	}
	answer, err := c.read(ctx, call)
	if err != nil {
		return nil, err
	}

	for i := range answer {
		if sameID(answer[i].ID, id) {
			return &answer[i], nil
		}
	}

	return nil, &core.Error{Vendor: vendor, Op: opGetCallback.Name, Class: core.ClassProtocol, Status: http.StatusOK, Applied: core.AppliedNo,
		Message: "the answer does not contain the callback"}
}

func (c *Callbacks) ask(op *rest.Op, id string) (rest.Request, error) {
	call, err := c.c.call(op, id)
	if err != nil {
		return call, err
	}
	return call, checkGUID(op.Name, "the callback", id)
}

// read sends a request that is answered with callbacks, one or many.
func (c *Callbacks) read(ctx context.Context, call rest.Request) ([]Callback, error) {
	var answer wire.OneOrMany[Callback]
	call.Out, call.EmptyOK = &answer, true
	err := c.c.do(ctx, call)
	return answer, err
}

// CallbackListOptions narrow Callbacks.List.
type CallbackListOptions struct {
	// ExternalTaskID is required: that of the callbacks that are listed.
	ExternalTaskID string
}

// List walks the callbacks of an ExternalTaskID, in one request. They are looked at
// here again, because a server may not know the parameter; none is an empty list.
//
// The walk is lazy and may be repeated. One that cannot be completed, or in which a
// callback comes twice, ends with core.ErrIncomplete.
func (c *Callbacks) List(ctx context.Context, opts CallbackListOptions) iter.Seq2[Callback, error] {
	return c.walk(ctx, opListCallbacks, func(call *rest.Request) error {
		if opts.ExternalTaskID == "" {
			return core.Invalid(vendor, opListCallbacks.Name, "callbacks are listed by their ExternalTaskId, which is missing")
		}
		setQuery(call, c.c.dialect.ExternalTaskParameter, opts.ExternalTaskID)
		return nil
	}, func(cb *Callback) bool { return cb.ExternalTaskID.Or("") == opts.ExternalTaskID })
}

// walk reads callbacks in one request that prepare completes, and yields those that
// are wanted.
func (c *Callbacks) walk(ctx context.Context, op *rest.Op, prepare func(*rest.Request) error,
	wanted func(*Callback) bool) iter.Seq2[Callback, error] {
	fetch := func(ctx context.Context, _ string) (storekit.Page[Callback], error) {
		page := storekit.Page[Callback]{Total: -1}
		call, err := c.c.call(op)
		if err != nil {
			return page, err
		}
		if err := prepare(&call); err != nil {
			return page, err
		}

		all, err := c.read(ctx, call)
		for i := range all {
			if wanted(&all[i]) {
				page.Items = append(page.Items, all[i])
			}
		}
		return page, err
	}
	key := func(cb *Callback) string { return idKey(cb.ID) }
	return storekit.Pager[Callback]{Vendor: vendor, Op: op.Name, Fetch: fetch, Key: key}.All(ctx)
}

// CallbackSearch bounds a search. Its fields are not documented: their names are
// in the Dialect, and what else the server takes goes into Extra.
type CallbackSearch struct {
	// From and To bound the time span; the zero time leaves an end open.
	From, To time.Time
	Extra    core.Extra
}

// Search walks the queued callbacks of a time span, in one request, as the server
// counts them into it: nothing is left out here. None is an empty list. It changes
// nothing; it is as lazy as List, and ends as List does.
func (c *Callbacks) Search(ctx context.Context, search CallbackSearch) iter.Seq2[Callback, error] {
	return c.walk(ctx, opSearchCallbacks, func(call *rest.Request) error {
		body := map[string]any{}
		for name, raw := range search.Extra {
			body[name] = raw
		}
		for name, t := range map[string]time.Time{c.c.dialect.SearchFrom: search.From, c.c.dialect.SearchTo: search.To} {
			if !t.IsZero() {
				body[name] = string(DateOf(t))
			}
		}
		setBody(call, body)
		return nil
	}, func(*Callback) bool { return true })
}

// Cancel removes a callback from the queue. One that is unknown or already gone is
// core.ErrNotFound, unless an earlier attempt of this call may have removed it. It
// takes one request.
func (c *Callbacks) Cancel(ctx context.Context, id string) error {
	call, err := c.ask(opCancelCallback, id)
	if err != nil {
		return err
	}
	call.GoneIsDone = true
	return c.c.do(ctx, call)
}
