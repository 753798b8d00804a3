package libh3lp

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/keylock"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// vendor is this package's name in errors, logs and core values.
const vendor = "libh3lp"

// Region is where a subscription lives. Nothing discovers it.
type Region string

// The regions, by the vendor's names.
const (
	US Region = "us" // also called Main
	CA Region = "ca"
	EU Region = "eu"
	SG Region = "sg"
)

// site is where a region is: the host of the API and of the presence service, and
// the domain of its users. Queues are in the same domain with chat. before it.
type site struct{ host, domain string }

// sites has the domains of ca and sg by the pattern of eu; that of us has no us.
var sites = map[Region]site{
	US: {"us.libraryh3lp.com", "libraryh3lp.com"},
	CA: {"ca.libraryh3lp.com", "ca.libraryh3lp.com"},
	EU: {"eu.libraryh3lp.com", "eu.libraryh3lp.com"},
	SG: {"sg.libraryh3lp.com", "sg.libraryh3lp.com"},
}

// Config is what a Client cannot do without: a region or a base URL, and a login.
type Config struct {
	// Region gives the base URL and the domains that are not set otherwise.
	Region Region
	// BaseURL is the origin of the API and of the presence service.
	BaseURL string
	// UserDomain and QueueDomain are where the presence service has users and
	// queues. Without them, and without a Region, they follow from the host of the
	// BaseURL where it is one of LibraryH3lp's, and are those of the US otherwise.
	// One of them alone gives the other: a queue's domain is a user's with chat.
	// before it.
	UserDomain  string
	QueueDomain string
	// Username and Password log in: those of the top-level account, or of a user
	// who may administer others.
	Username string
	Password core.Secret
}

// Client speaks to one LibraryH3lp subscription. It is safe for concurrent use;
// make one and keep it, because callers of one Client share its session, its
// connections and its pace.
type Client struct {
	// Users are the people who can log in, and Queues what guests write to.
	Users  *Users
	Queues *Queues
	// Assignments and Operators are the links between them, seen from the user and
	// from the queue.
	Assignments *Assignments
	Operators   *Operators
	// Presence asks the public presence service, which needs no login.
	Presence *Presence

	rest     *rest.Client
	governor core.Governor
	base     *url.URL
	auth     rest.Auth
	domains  struct{ user, queue string }
	locks    keylock.Locks // one for each user whose links the adapter changes

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
	basic bool
	log   BlockLog
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
// with the same login, or one that several machines share.
func WithGovernor(g core.Governor) Option {
	return func(s *settings) error { s.Governor = g; return nil }
}

// WithRateLimit tells the client a limit, which it then stays just under.
// LibraryH3lp publishes none; without this option the client learns the pace from
// what is accepted and refused.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(s *settings) error { return s.LimitRate(bucketAPI, perSecond, burst) }
}

// WithMaxAttempts bounds how often one call is sent, 4 unless set. Refusals for
// the rate (429) do not count, nor does the one repeat after a new login.
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

// WithBasicAuth sends name and password with every request (HTTP Basic) instead
// of logging in once. The vendor's pages contradict each other about whether this
// works ("Authentication": not finished; "Request Formats": supported), and
// nobody was seen to use it.
func WithBasicAuth() Option {
	return func(s *settings) error { s.basic = true; return nil }
}

// WithBlockLog lets the adapter write down what a block is about to suspend,
// before it does: see BlockLog.
func WithBlockLog(l BlockLog) Option {
	return func(s *settings) error { s.log = l; return nil }
}

// WithInsecureHTTP allows a base URL with plain http to a host other than this
// machine. The password then travels in the clear; LibraryH3lp itself refuses it.
func WithInsecureHTTP() Option {
	return func(s *settings) error { s.AllowHTTP = true; return nil }
}

// The rate buckets.
const (
	bucketAPI      = "api"
	bucketLogin    = "login"
	bucketPresence = "presence"
)

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
	c := &Client{choices: s.choices}
	if err := c.locate(cfg, s.AllowHTTP); err != nil {
		return nil, err
	}
	switch {
	case cfg.Username == "":
		return nil, core.Invalid(vendor, "New", "Username is missing")
	case cfg.Password.IsZero():
		return nil, core.Invalid(vendor, "New", "Password is missing")
	}
	c.auth = newSession(c, cfg.Username, cfg.Password)
	if c.basic {
		c.auth = &basicAuth{cfg.Username, cfg.Password}
	}
	s.Finish()
	c.governor = s.Governor
	s.Auth = c.auth
	s.Secrets = []core.Secret{cfg.Password}
	s.RequestIDHeaders = []string{"X-Request-Id"}
	s.Explain = explain
	s.Inspect = inspect
	s.SessionEnded = sessionEnded
	c.rest = rest.New(s.Config)
	c.Users = &Users{c}
	c.Queues = &Queues{c}
	c.Assignments = &Assignments{c}
	c.Operators = &Operators{c}
	c.Presence = &Presence{c}
	return c, nil
}

// locate finds the origin and the two domains.
func (c *Client) locate(cfg Config, allowHTTP bool) (err error) {
	at, known := sites[cfg.Region]
	base := cfg.BaseURL
	switch {
	case cfg.Region != "" && !known:
		return core.Invalid(vendor, "New", "there is no such Region; there are us, ca, eu and sg")
	case base == "" && !known:
		return core.Invalid(vendor, "New", "neither Region nor BaseURL is set")
	case base == "":
		base = "https://" + at.host
	}
	if c.base, err = rest.ParseBase(base, allowHTTP); err != nil {
		return core.Invalid(vendor, "New", err.Error())
	}
	domain := at.domain
	if !known {
		domain = domainOf(c.base.Hostname())
	}
	c.domains.user = cmp.Or(cfg.UserDomain, strings.TrimPrefix(cfg.QueueDomain, "chat."), domain)
	c.domains.queue = cmp.Or(cfg.QueueDomain, "chat."+c.domains.user)
	if why := rest.CheckID(c.domains.user); why != "" {
		return core.Invalid(vendor, "New", "UserDomain "+why)
	}
	if why := rest.CheckID(c.domains.queue); why != "" {
		return core.Invalid(vendor, "New", "QueueDomain "+why)
	}
	return nil
}

// domainOf returns the domain of the users of a host.
func domainOf(host string) string {
	host = strings.ToLower(host)
	if !strings.HasSuffix(host, ".libraryh3lp.com") || host == sites[US].host || host == "www.libraryh3lp.com" {
		return sites[US].domain
	}
	return host
}

// Governor returns what paces this client, to be shared with another client of
// the same login through WithGovernor.
func (c *Client) Governor() core.Governor { return c.governor }

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.rest.CloseIdle() }

// Close forgets the session and closes idle connections. LibraryH3lp documents no
// way to log out; the session ends by itself. A call after Close logs in again.
func (c *Client) Close(context.Context) error {
	if s, ok := c.auth.(*session); ok {
		s.forget()
	}
	c.rest.CloseIdle()
	return nil
}

// v1 is the one version of the API in which all that this package needs is
// documented.
const v1 = "/2011-12-03"

// versions are the values of X-API-Version by the first part of the path (page
// "Request Formats"). Without the header, or with another's, a request is refused.
var versions = map[string]http.Header{
	"2011-12-03": versionHeader("2011-12-03"),
	"2013-07-21": versionHeader("2013-07-21"),
	"2016-02-10": versionHeader("2016-02-10"),
	"api":        versionHeader("2017-01-20"),
}

func versionHeader(v string) http.Header { return http.Header{"X-Api-Version": {v}} }

// call fills the parts of a request that all operations share.
func (c *Client) call(op *rest.Op, args ...string) rest.Request {
	first, _, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
	return rest.Request{Op: op, Base: c.base, Args: args, Header: versions[first]}
}
