package webex

import (
	"cmp"
	"context"
	"net/url"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/keylock"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// vendor is this package's name in errors, logs and core values.
const vendor = "webex"

// DefaultBaseURL is where Cisco's API is, for all customers but those of Webex
// for Government.
const DefaultBaseURL = "https://webexapis.com/v1"

// Config says which organisation a Client speaks to, and what lets it in: Tier and Auth
// are required.
type Config struct {
	// ClientOptions are those that the clients of all vendors take. Webex publishes no
	// limits, and says that they vary by endpoint and load: without a RateLimit the
	// client learns the pace from what is accepted and refused.
	core.ClientOptions

	// Auth is one of Bearer, TokenSource and Refresh.
	Auth Credentials
	// Tier says whether supervisors, queues and agents are those of Customer Assist
	// or the plain ones. It is required: see Tier, and Client.InTier.
	Tier Tier
	// BaseURL is DefaultBaseURL if empty. It ends in /v1.
	BaseURL string
	// OrgID is the customer that a partner's credential works for; without it that
	// is the credential's own organisation.
	OrgID ID
}

// Client speaks to one Webex organisation, and about supervisors, queues and
// agents to one tier of it. It is safe for concurrent use; make one and keep it,
// because callers of one Client share its token, its connections and its pace,
// and take turns where they would collide.
type Client struct {
	// People are the users of the organisation.
	People *People
	// Supervisors watch over agents.
	Supervisors *Supervisors
	// Queues are call queues, as owners of their agents.
	Queues *Queues
	// QueueAgents are agents and the queues they are in.
	QueueAgents *QueueAgents

	rest    *rest.Client
	options core.ClientOptions
	base    *url.URL
	org     ID // Hydra, or empty
	tier    Tier
	people  peopleRules
	links   assignmentRules
	// linksOnBase says that next links are followed at the base URL.
	linksOnBase bool
	locks       *keylock.Locks
	book        *queueBook
	// What this client has written or created, for reads that do not show it yet. Of
	// people, what the vendor has shown is kept apart from what it never did.
	writtenPeople, unseenPeople *evidence.Memory[Person]
	writtenQueues               *evidence.Memory[Queue]
	createdPeople               *evidence.Recent
}

// Option adjusts a Client.
type Option func(*settings) error

type settings struct {
	people      peopleRules
	links       assignmentRules
	linksOnBase bool
}

// peopleRules are what Options set for writing people.
type peopleRules struct {
	workNumbersAlone bool // if the vendor refuses the others
	unseenLogin      bool // write people back even if their loginEnabled is not shown
}

// WithWorkNumbersAlone lets a person be written back without the phone numbers that
// are not of type work, where the vendor refuses a write that holds them. The page
// says that only work numbers can be set, and not that the others survive a
// replacement that leaves them out; so without this option such a change fails.
// Those that are gone afterwards are core.ErrNotApplied, by name.
func WithWorkNumbersAlone() Option {
	return func(s *settings) error { s.people.workNumbersAlone = true; return nil }
}

// WithUnseenLogin lets a person be written back whose loginEnabled the credential is
// not shown. The page says that administrators are shown it, and not what becomes of
// it in a replacement that leaves it out: somebody who was blocked may be let in. So
// without this option such a change is core.ErrIncomplete, unless it sets
// loginEnabled itself.
func WithUnseenLogin() Option {
	return func(s *settings) error { s.people.unseenLogin = true; return nil }
}

// assignmentRules are what Options set for assignments.
type assignmentRules struct {
	createSupervisors bool // for a user who is none yet
	deleteSupervisors bool // by removing the last agent
	chunk             int  // agents in one write; zero: all
}

// WithCreateSupervisor lets Store.Assign make a person a supervisor who is none yet.
// Without it that is a failed outcome.
func WithCreateSupervisor() Option {
	return func(s *settings) error { s.links.createSupervisors = true; return nil }
}

// WithDeleteSupervisor lets Store.Unassign take a supervisor's last agent away, with
// which the vendor deletes the supervisor. Without it that is refused.
func WithDeleteSupervisor() Option {
	return func(s *settings) error { s.links.deleteSupervisors = true; return nil }
}

// WithChunk sends at most n agents of a supervisor in one write of Store.Assign and
// Store.Unassign. The vendor names no limit: without this option, or with n below 1,
// all go in one.
func WithChunk(n int) Option {
	return func(s *settings) error { s.links.chunk = max(n, 0); return nil }
}

// WithLinksOnBase follows the links between pages at the base URL, whatever host they
// name: for a gateway, through which the vendor's links would lead past it. The part of
// a link behind /v1, and its query, are put on the base URL. Without it a link to
// another origin ends the list with core.ErrIncomplete.
func WithLinksOnBase() Option {
	return func(s *settings) error { s.linksOnBase = true; return nil }
}

// The rate buckets: whether Webex counts People and telephony together is not
// documented.
const (
	bucketPeople    = "people"
	bucketTelephony = "telephony"
	bucketToken     = "token"
)

// refusedWait is the wait after a 429 that names none, or names it in a form that
// cannot be read.
const refusedWait = 15 * time.Second

// New returns a Client. It checks the configuration and touches neither the
// network nor the environment; an error is of class invalid and says what is
// missing.
func New(cfg Config, opts ...Option) (*Client, error) {
	var s settings
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(&s); err != nil {
			return nil, err
		}
	}

	base, err := rest.ParseBase(cmp.Or(cfg.BaseURL, DefaultBaseURL), cfg.AllowInsecureHTTP)
	if err != nil {
		return nil, core.Invalid(vendor, "New", err.Error())
	}
	if cfg.Tier != Basic && cfg.Tier != Assist {
		return nil, core.Invalid(vendor, "New", "Tier is missing: Basic or Assist")
	}

	c := &Client{
		base: base, tier: cfg.Tier, options: cfg.ClientOptions, people: s.people, links: s.links, linksOnBase: s.linksOnBase,
		locks: new(keylock.Locks), book: newQueueBook(),
		writtenPeople: new(evidence.Memory[Person]), unseenPeople: new(evidence.Memory[Person]), writtenQueues: new(evidence.Memory[Queue]),
		createdPeople: new(evidence.Recent),
	}
	if cfg.OrgID != "" {
		if c.org, err = cfg.OrgID.check("New", "the organisation", TypeOrganization); err != nil {
			return nil, err
		}
	}

	if rest.Absent(cfg.Auth) {
		return nil, core.Invalid(vendor, "New", "Auth is missing")
	}
	auth, secrets, err := cfg.Auth.prepare(c)
	if err != nil {
		return nil, err
	}

	conf, err := rest.Options(vendor, cfg.ClientOptions)
	if err != nil {
		return nil, err
	}
	conf.Auth, conf.Secrets = auth, secrets
	conf.RefusedWait = refusedWait
	conf.RequestIDHeaders = []string{"Trackingid"}
	conf.CodeHeaders = []string{"Cisco-Spark-Error-Codes"}
	conf.JSONErrors, conf.EmptyErrors = true, true
	conf.Explain, conf.Inspect, conf.Probe = explain, inspect, c.probe
	c.rest = rest.New(conf)
	return c.bind(), nil
}

// probe asks for a list that exists wherever the API does.
func (c *Client) probe(r *rest.Request) (rest.Request, bool) {
	call := c.call(opListPeople)
	call.Query = url.Values{"max": {"1"}}
	return call, r.Op != opListPeople
}

// bind gives a client its resources.
func (c *Client) bind() *Client {
	c.People = &People{c}
	c.Supervisors = &Supervisors{c}
	c.Queues = &Queues{c}
	c.QueueAgents = &QueueAgents{c}
	return c
}

// InTier returns a client for another tier that shares everything else with c. A
// value that is neither Basic nor Assist leaves the tier as it is.
func (c *Client) InTier(t Tier) *Client {
	other := *c
	if t == Basic || t == Assist {
		other.tier = t
	}
	return other.bind()
}

// Tier returns the tier that the client addresses.
func (c *Client) Tier() Tier { return c.tier }

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.rest.CloseIdle() }

// Close closes idle connections, as the Close of every vendor's client does; there
// is no session here that it could end. A call after it opens new ones.
func (c *Client) Close(context.Context) error {
	c.rest.CloseIdle()
	return nil
}

// readBack says how long to look for the effect of an operation's write.
func (c *Client) readBack(op string) evidence.ReadBack {
	return evidence.ReadBackOf(op, c.options.ReadBack, c.rest)
}

// shortly is readBack for a write that was refused: usually it had no effect.
func (c *Client) shortly(op string) evidence.ReadBack {
	r := c.readBack(op)
	if r.For == 0 || r.For > refusedLook {
		r.For = refusedLook
	}
	return r
}

// call fills the parts of a request that all operations share. The paths of the
// operation records begin below the base URL.
func (c *Client) call(op *rest.Op, args ...string) rest.Request {
	return rest.Request{Op: op, Base: c.base, Args: args}
}
