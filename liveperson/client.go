package liveperson

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

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
	// ClientOptions are those that the clients of all vendors take. LivePerson
	// publishes no limits: without a RateLimit the client learns the pace from what is
	// accepted and refused.
	core.ClientOptions

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
	options  core.ClientOptions
	account  string   // the account's id
	base     *url.URL // of the account-config services, or nil
	services *directory
	auth     rest.Auth
	names    *nameBook
	own      *own
	locks    keylock.Locks

	settings
}

// Option adjusts a Client.
type Option func(*settings) error

// settings are what the options change.
type settings struct {
	usersVersion, otherVersion string
	override                   bool
	blank                      BlankFullName
	agentView                  bool
	tries                      int
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
	s := settings{usersVersion: "6.0", otherVersion: "4.0", tries: 40}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(&s); err != nil {
			return nil, err
		}
	}

	if why := rest.CheckID(cfg.AccountID); why != "" {
		return nil, core.Invalid(vendor, "New", "AccountID "+why)
	}

	c := &Client{account: cfg.AccountID, options: cfg.ClientOptions, names: newNameBook(), own: newOwn(), settings: s}
	if cfg.BaseURL != "" {
		var err error
		if c.base, err = rest.ParseBase(cfg.BaseURL, cfg.AllowInsecureHTTP); err != nil {
			return nil, core.Invalid(vendor, "New", err.Error())
		}
	}

	domain, err := rest.ParseBase(cmp.Or(cfg.DomainURL, DefaultDomainURL), cfg.AllowInsecureHTTP)
	if err != nil {
		return nil, core.Invalid(vendor, "New", "DomainURL: "+err.Error())
	}
	c.services = newDirectory(c, domain)

	if rest.Absent(cfg.Auth) {
		return nil, core.Invalid(vendor, "New", "Auth is missing")
	}
	auth, secrets, err := cfg.Auth.prepare(c)
	if err != nil {
		return nil, err
	}

	c.auth = auth

	conf, err := rest.Options(vendor, cfg.ClientOptions)
	if err != nil {
		return nil, err
	}
	conf.Auth, conf.Secrets, conf.Revisions = auth, secrets, true
	conf.RequestIDHeaders = []string{"X-Request-Id", "X-Lp-Request-Id", "X-Correlation-Id"}
	conf.Explain, conf.Inspect = explain, inspect
	// No error body is documented. Those seen are JSON or empty, except the text of a
	// refused OAuth 1 signature, which is a 401.
	conf.JSONErrors, conf.EmptyErrors, conf.Probe = true, true, c.probe
	c.rest = rest.New(conf)
	return c.bind(), nil
}

// probe asks for the ids of the users, a list that exists wherever the configuration of
// an account does.
func (c *Client) probe(r *rest.Request) (rest.Request, bool) {
	list := rest.Request{Op: opListUsers, Base: r.Base, Args: []string{c.account}, Query: readQuery{V: c.usersVersion, Select: "id"}}
	return list, r.Op != opListUsers && strings.HasPrefix(r.Op.Path, configPath)
}

// bind gives the client its resources.
func (c *Client) bind() *Client {
	c.Users = &Users{c}
	c.Skills = &Skills{c}
	c.AgentGroups = &AgentGroups{c}
	c.Profiles = &Profiles{c}
	c.LOBs = &LOBs{c}
	c.AgentView = &AgentView{c}
	return c
}

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
