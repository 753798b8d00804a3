package webex

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/keylock"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// vendor is this package's name in errors, logs and core values.
const vendor = "webex"

// DefaultBaseURL is where Cisco's API is, for all customers but those of Webex
// for Government.
const DefaultBaseURL = "https://webexapis.com/v1"

// Config is what a Client cannot do without.
type Config struct {
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

	rest     *rest.Client
	governor core.Governor
	base     *url.URL
	org      ID // Hydra, or empty
	tier     Tier
	people   peopleRules
	locks    *keylock.Locks
	book     *queueBook
}

// Option adjusts a Client.
type Option func(*settings) error

type settings struct {
	rest.Settings
	people peopleRules
}

// peopleRules are what Options say about the writing of people.
type peopleRules struct {
	workNumbersAlone bool // where the vendor refuses the others
	unseenLogin      bool // write people back whose loginEnabled is not shown
}

// WithTransport carries the requests over rt instead of the client's own
// transport: for proxies, own root certificates, tracing, or a simulator.
func WithTransport(rt http.RoundTripper) Option {
	return func(s *settings) error { s.Transport = rt; return nil }
}

// WithLogger writes one record for each attempt and each wait at debug level:
// names, status and times, and never a query, a body or a credential.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error { s.Logger = l; return nil }
}

// WithGovernor paces the requests with g, for example that of another Client
// with the same credential, or one that several machines share.
func WithGovernor(g core.Governor) Option {
	return func(s *settings) error { s.Governor = g; return nil }
}

// WithRateLimit tells the client a limit, which it then stays just under. Cisco
// publishes no numbers, and says that they vary by endpoint and load; without
// this option the client learns the pace from what is accepted and refused.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(s *settings) error { return s.LimitRate("", perSecond, burst) }
}

// WithMaxAttempts bounds how often one call is sent, 4 unless set. Refusals for
// the rate (429) do not count: their bound is time.
func WithMaxAttempts(n int) Option {
	return func(s *settings) error { return s.LimitAttempts(n) }
}

// WithMaxWait bounds a single wait that the vendor may ask for, 2 minutes
// unless set. A longer one is not slept: the call fails at once with
// core.ErrRateLimited or core.ErrUnavailable and says how long was asked for.
func WithMaxWait(d time.Duration) Option {
	return func(s *settings) error { return s.LimitWait(d) }
}

// WithAttemptTimeout bounds one attempt, its answer included, 60 s unless set.
func WithAttemptTimeout(d time.Duration) Option {
	return func(s *settings) error { return s.LimitAttemptTime(d) }
}

// WithInsecureHTTP allows a base URL with plain http to a host other than this
// machine. Credentials then travel in the clear.
func WithInsecureHTTP() Option {
	return func(s *settings) error { s.AllowHTTP = true; return nil }
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

// The rate buckets: whether Webex counts People and telephony together is not
// documented.
const (
	bucketPeople    = "people"
	bucketTelephony = "telephony"
	bucketToken     = "token"
)

// refusedWait is the wait after a 429 that names none, or names it in a form that
// nobody can read.
const refusedWait = 15 * time.Second

// New returns a Client. It checks the configuration and touches neither the
// network nor the environment; an error is of class invalid and says what is
// missing.
func New(cfg Config, opts ...Option) (*Client, error) {
	var s settings
	s.Vendor = vendor
	for _, o := range opts {
		if err := o(&s); err != nil {
			return nil, err
		}
	}
	base, err := rest.ParseBase(cmp.Or(cfg.BaseURL, DefaultBaseURL), s.AllowHTTP)
	if err != nil {
		return nil, core.Invalid(vendor, "New", err.Error())
	}
	if cfg.Tier != Basic && cfg.Tier != Assist {
		return nil, core.Invalid(vendor, "New", "Tier is missing: Basic or Assist")
	}
	c := &Client{base: base, tier: cfg.Tier, people: s.people, locks: new(keylock.Locks), book: newQueueBook()}
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
	s.Finish()
	c.governor = s.Governor
	s.Auth = auth
	s.Secrets = secrets
	s.RefusedWait = refusedWait
	s.RequestIDHeaders = []string{"Trackingid"}
	s.CodeHeaders = []string{"Cisco-Spark-Error-Codes"}
	s.Explain = explain
	s.Inspect = inspect
	c.rest = rest.New(s.Config)
	return c.bind(), nil
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

// Governor returns what paces this client, to be shared with another client of
// the same credential through WithGovernor.
func (c *Client) Governor() core.Governor { return c.governor }

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.rest.CloseIdle() }

// Close closes idle connections, as the Close of every vendor's client does; there
// is no session here that it could end. A call after it opens new ones.
func (c *Client) Close(context.Context) error {
	c.rest.CloseIdle()
	return nil
}

// call fills the parts of a request that all operations share. The paths of the
// operation records begin below the base URL.
func (c *Client) call(op *rest.Op, args ...string) rest.Request {
	return rest.Request{Op: op, Base: c.base, Args: args}
}
