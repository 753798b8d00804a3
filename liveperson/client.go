package liveperson

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
const vendor = "liveperson"

// DefaultDomainURL is where LivePerson's Domain API is.
const DefaultDomainURL = "https://api.liveperson.net"

// Config says which account a Client speaks to, and what lets it in: AccountID and
// Auth are required.
type Config struct {
	// AccountID is the account, also called site: digits, or letters and digits.
	AccountID string
	// Auth is one of ClientCredentials, Bearer, Login and APIKey.
	Auth Credentials
	// BaseURL, if set, is the one origin of the account-config services, read-only
	// and read-write. Without it they come from the Domain API, as all other
	// services do in any case.
	BaseURL string
	// DomainURL is the origin of the Domain API; DefaultDomainURL if empty.
	DomainURL string
}

// Client speaks to one LivePerson account. It is safe for concurrent use; make
// one and keep it, because callers of one Client share its token or session, its
// connections and its pace, and take turns where they would collide.
type Client struct {
	// Users are all people and bots of the account.
	Users *Users
	// Skills, AgentGroups, Profiles and LOBs turn names into the ids that users carry.
	Skills      *Skills
	AgentGroups *AgentGroups
	Profiles    *Profiles
	LOBs        *LOBs
	// AgentView reads who is at work.
	AgentView *AgentView

	rest     *rest.Client
	governor core.Governor
	account  string
	base     *url.URL // of the account-config services, or nil
	services *directory
	auth     rest.Auth
	names    *nameBook
	locks    keylock.Locks

	choices
}

// Option adjusts a Client.
type Option func(*settings) error

type settings struct {
	rest.Settings
	choices
}

// choices are the settings that the client itself looks at.
type choices struct {
	usersVersion, otherVersion string
	override                   bool
	blank                      BlankFullName
	agentView                  bool
	tries                      int
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

// WithRateLimit tells the client the account's limit, which it then stays just
// under. LivePerson publishes no numbers; without this option the client learns
// the pace from what is accepted and refused.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(s *settings) error { return s.LimitRate(bucketAPI, perSecond, burst) }
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
// Of a list it bounds the wait for its beginning, and each pause in it.
func WithAttemptTimeout(d time.Duration) Option {
	return func(s *settings) error { return s.LimitAttemptTime(d) }
}

// WithVersions sets the API versions that are asked for: of users, "6.0" unless
// set, and of all other collections, "4.0". An empty text keeps the default.
// Below 6.0 the vendor neither reads nor writes oauth2ClientId.
func WithVersions(users, others string) Option {
	return func(s *settings) error {
		s.usersVersion, s.otherVersion = cmp.Or(users, s.usersVersion), cmp.Or(others, s.otherVersion)
		return nil
	}
}

// WithMethodOverride sends every PUT and DELETE as a POST with the header
// X-HTTP-Method-Override, for proxies that let neither through, or drop the body
// of a DELETE. LivePerson documents the header for updates of users and skills;
// that it works for deleting users is an assumption.
func WithMethodOverride() Option {
	return func(s *settings) error { s.override = true; return nil }
}

// WithBlankFullName says what a write does about a fullName that was read blank
// and not set by the caller. KeepKnown is the default.
func WithBlankFullName(policy BlankFullName) Option {
	return func(s *settings) error {
		if policy < KeepKnown || policy > Refuse {
			return core.Invalid(vendor, "New", "no such policy for a blank full name")
		}
		s.blank = policy
		return nil
	}
}

// WithAgentView lets the adapter read presence from the Key Messaging Metrics
// API, which is another service (agentManagerWorkspace, found through the Domain
// API) and another permission: for an OAuth 1 key the category Data, permission
// Key Messaging Metrics. The vendor calls it a report, not meant for routing.
func WithAgentView() Option {
	return func(s *settings) error { s.agentView = true; return nil }
}

// WithModifyTries bounds how often a read-modify-write starts over because
// somebody else changed any user of the account in between, 40 unless set.
func WithModifyTries(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return core.Invalid(vendor, "New", "a read-modify-write needs at least one try")
		}
		s.tries = n
		return nil
	}
}

// WithInsecureHTTP allows a base or domain URL with plain http to a host other
// than this machine. Credentials then travel in the clear.
func WithInsecureHTTP() Option {
	return func(s *settings) error { s.AllowHTTP = true; return nil }
}

// The rate buckets.
const (
	bucketAPI     = "api"
	bucketToken   = "token"
	bucketDomain  = "domain"
	bucketMetrics = "metrics"
)

// New returns a Client. It checks the configuration and touches neither the
// network nor the environment; an error is of class invalid and says what is
// missing.
func New(cfg Config, opts ...Option) (*Client, error) {
	s := settings{choices: choices{usersVersion: "6.0", otherVersion: "4.0", tries: 40}}
	s.Vendor = vendor
	for _, o := range opts {
		if err := o(&s); err != nil {
			return nil, err
		}
	}
	if why := rest.CheckID(cfg.AccountID); why != "" {
		return nil, core.Invalid(vendor, "New", "AccountID "+why)
	}
	c := &Client{account: cfg.AccountID, names: newNameBook(), choices: s.choices}
	if cfg.BaseURL != "" {
		var err error
		if c.base, err = rest.ParseBase(cfg.BaseURL, s.AllowHTTP); err != nil {
			return nil, core.Invalid(vendor, "New", err.Error())
		}
	}
	domain, err := rest.ParseBase(cmp.Or(cfg.DomainURL, DefaultDomainURL), s.AllowHTTP)
	if err != nil {
		return nil, core.Invalid(vendor, "New", "DomainURL: "+err.Error())
	}
	if rest.Absent(cfg.Auth) {
		return nil, core.Invalid(vendor, "New", "Auth is missing")
	}
	auth, secrets, err := cfg.Auth.prepare(c)
	if err != nil {
		return nil, err
	}
	s.Finish()
	c.governor, c.auth = s.Governor, auth
	s.Auth = auth
	s.Secrets = secrets
	s.Revisions = true
	s.RequestIDHeaders = []string{"X-Request-Id", "X-Lp-Request-Id", "X-Correlation-Id"}
	s.Explain = explain
	s.Inspect = inspect
	c.rest = rest.New(s.Config)
	c.services = newDirectory(c, domain)
	c.Users = &Users{c}
	c.Skills = &Skills{c}
	c.AgentGroups = &AgentGroups{c}
	c.Profiles = &Profiles{c}
	c.LOBs = &LOBs{c}
	c.AgentView = &AgentView{c}
	return c, nil
}

// Governor returns what paces this client, to be shared with another client of
// the same credential through WithGovernor.
func (c *Client) Governor() core.Governor { return c.governor }

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.rest.CloseIdle() }

// Close ends the session of a Login, if one is open, and closes idle
// connections. Nothing else needs it. A Client that logs in is not usable
// afterwards.
func (c *Client) Close(ctx context.Context) error {
	defer c.rest.CloseIdle()
	if l, ok := c.auth.(*loginAuth); ok {
		return l.close(ctx)
	}
	return nil
}

// call fills the parts of a request that all operations share, and finds the
// host of the service. The paths of the operation records have the account as
// their first parameter.
func (c *Client) call(ctx context.Context, op *rest.Op, service string, args ...string) (rest.Request, error) {
	base, err := c.origin(ctx, service)
	if err != nil {
		return rest.Request{}, err
	}
	call := rest.Request{Op: op, Base: base, Args: append([]string{c.account}, args...)}
	if c.override && (op.Method == http.MethodPut || op.Method == http.MethodDelete) {
		tunnel := *op
		tunnel.Method = http.MethodPost
		call.Op = &tunnel
		call.Header = http.Header{"X-Http-Method-Override": {op.Method}}
	}
	return call, nil
}

// origin returns where a service is.
func (c *Client) origin(ctx context.Context, service string) (*url.URL, error) {
	if c.base != nil && (service == serviceReadOnly || service == serviceReadWrite) {
		return c.base, nil
	}
	return c.services.find(ctx, service)
}
