package libh3lp

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
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

// site is where a region lives: the host of the API and of the presence service, and
// the domain of its users. Queues are in the same domain with chat. before it.
type site struct{ host, domain string }

// sites has the domains of ca and sg by the pattern of eu; that of us has no us.
var sites = map[Region]site{
	US: {"us.libraryh3lp.com", "libraryh3lp.com"},
	CA: {"ca.libraryh3lp.com", "ca.libraryh3lp.com"},
	EU: {"eu.libraryh3lp.com", "eu.libraryh3lp.com"},
	SG: {"sg.libraryh3lp.com", "sg.libraryh3lp.com"},
}

// Config says which account a Client speaks to, and what lets it in: a Region or a
// BaseURL, and Auth, are required.
type Config struct {
	// ClientOptions are those that the clients of all vendors take. LibraryH3lp
	// publishes no limits: without a RateLimit the client learns the pace from what is
	// accepted and refused.
	core.ClientOptions

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
	// Auth is one of Login and Basic.
	Auth Credentials
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

	rest    *rest.Client
	options core.ClientOptions
	base    *url.URL
	auth    rest.Auth
	// username names the account: the vendor shows no other name of it without a request.
	username string
	domains  struct{ user, queue string }
	locks    keylock.Locks // one per user whose links the adapter changes

	// What this client did a short while ago, against reads that are older.
	created  evidence.Recent // users and queues
	switched evidence.Recent // links, as they were left
}

// The rate buckets.
const (
	bucketAPI      = "api"
	bucketLogin    = "login"
	bucketPresence = "presence"
)

// Option adjusts a Client. There is none yet: all that LibraryH3lp needs is in Config.
type Option func(*Client) error

// New returns a Client. It checks the configuration and touches neither the
// network nor the environment; an error is of class invalid and says what is
// missing.
func New(cfg Config, opts ...Option) (*Client, error) {
	c := &Client{options: cfg.ClientOptions}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(c); err != nil {
			return nil, err
		}
	}

	if err := c.locate(cfg); err != nil {
		return nil, err
	}

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
	conf.Auth, conf.Secrets = auth, secrets
	conf.RequestIDHeaders = []string{"X-Request-Id"}
	conf.Explain, conf.Inspect, conf.SessionEnded, conf.NotFound = explain, inspect, sessionEnded, ownNotFound
	conf.JSONErrors, conf.EmptyErrors = true, true
	conf.Probe = func(r *rest.Request) (rest.Request, bool) {
		return c.call(opListUsers), !strings.HasPrefix(r.Op.Path, presencePath) // it has no collection
	}
	c.rest = rest.New(conf)
	return c.bind(), nil
}

// bind gives the client its resources.
func (c *Client) bind() *Client {
	c.Users = &Users{c}
	c.Queues = &Queues{c}
	c.Assignments = &Assignments{c}
	c.Operators = &Operators{c}
	c.Presence = &Presence{c}
	return c
}

// locate finds the origin and the two domains.
func (c *Client) locate(cfg Config) (err error) {
	at, known := sites[cfg.Region]
	base := cfg.BaseURL

	switch {
	case cfg.Region != "" && !known:
		return core.Invalid(vendor, "New", "there is no such Region: use us, ca, eu or sg")
	case base == "" && !known:
		return core.Invalid(vendor, "New", "neither Region nor BaseURL is set")
	case base == "":
		base = "https://" + at.host
	}

	if c.base, err = rest.ParseBase(base, cfg.AllowInsecureHTTP); err != nil {
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

// v1 is the only version of the API that documents everything this package needs.
const v1 = "/2011-12-03"

// presencePath is where the presence service is, which has no version.
const presencePath = "/presence/jid/{name}/{domain}/"

// The documented successes: everything is a 200. A read returns an object or a list,
// and the vendor sometimes sends one for the other. So does a write, or it returns
// nothing.
var (
	listed  = rest.Value(200)
	written = rest.Value(200).Or(rest.Nothing(200, 204))
)

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
