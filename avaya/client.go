package avaya

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/keylock"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// vendor is this package's name in errors, logs and core values.
const vendor = "avaya"

// Config says which account a Client speaks to, and what lets it in: BaseURL, AccountID,
// AppKey and Auth are required.
type Config struct {
	// ClientOptions are those that the clients of all vendors take. Avaya publishes
	// no limits: without a RateLimit the client learns the pace from what is accepted
	// and refused. MaxWait bounds the waits of settling too, unless their core.Wait
	// has its own MaxAsked.
	core.ClientOptions

	// BaseURL is the origin of the account's region, for example
	// https://eu.api.avayacloud.com.
	BaseURL string
	// AccountID is the six letters of the account.
	AccountID string
	// AppKey is the application key, sent with every request. The v1beta form
	// of the API knows none: see WithV1Beta.
	AppKey core.Secret
	// Auth is one of ClientCredentials and Bearer.
	Auth Credentials
}

// Client speaks to one Avaya Experience Platform account. It is safe for
// concurrent use; make one and keep it, because callers of one Client share its
// token, its connections and its pace.
type Client struct {
	// Users are the people: agents, supervisors and administrators.
	Users *Users
	// Profiles are the templates that users take fields from.
	Profiles *Profiles
	// Groups tie agents to supervisors.
	Groups *Groups
	// Queues and Categories turn names into the ids that users carry.
	Queues     *Queues
	Categories *Categories

	rest      *rest.Client
	options   core.ClientOptions
	accountID string
	base      *url.URL
	version   string
	appKey    core.Secret // empty where the version knows none
	settle    core.Wait
	locks     keylock.Locks
	writes    writes
	memory    evidence.Memory[User]
}

// Option adjusts a Client in what only this vendor has.
type Option func(*settings) error

type settings struct {
	version string
	settle  core.Wait
}

// WithSettleWait sets how patiently Settle and the adapter's assignments poll.
func WithSettleWait(w core.Wait) Option {
	return func(s *settings) error { s.settle = w; return nil }
}

// WithV1Beta speaks the deprecated v1beta form of the API, as in the vendor's
// guide page "Users": other paths, and no application key.
func WithV1Beta() Option {
	return func(s *settings) error { s.version = "v1beta"; return nil }
}

var accountPattern = regexp.MustCompile(`^[a-zA-Z]{6}$`)

// New returns a Client. It checks the configuration and touches neither the
// network nor the environment; an error is of class invalid and says what is
// missing.
func New(cfg Config, opts ...Option) (*Client, error) {
	s := settings{version: "v1"}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o(&s); err != nil {
			return nil, err
		}
	}

	base, err := rest.ParseBase(cfg.BaseURL, cfg.AllowInsecureHTTP)
	if err != nil {
		return nil, core.Invalid(vendor, "New", err.Error())
	}
	switch {
	case !accountPattern.MatchString(cfg.AccountID):
		return nil, core.Invalid(vendor, "New", "AccountID must be six letters")
	case cfg.AppKey.IsZero() && s.version == "v1":
		return nil, core.Invalid(vendor, "New", "AppKey is missing")
	case strings.ContainsFunc(cfg.AppKey.Reveal(), func(r rune) bool { return r < ' ' || r >= 0x7f }):
		return nil, core.Invalid(vendor, "New", "AppKey contains a character that a header cannot carry")
	case rest.Absent(cfg.Auth):
		return nil, core.Invalid(vendor, "New", "Auth is missing")
	}

	c := &Client{options: cfg.ClientOptions, accountID: cfg.AccountID, base: base, version: s.version, settle: s.settle}
	auth, secrets, err := cfg.Auth.prepare(c)
	if err != nil {
		return nil, err
	}

	if c.version == "v1" {
		c.appKey = cfg.AppKey
		auth = newKeyed(auth, c.appKey)
	}

	conf, err := rest.Options(vendor, cfg.ClientOptions)
	if err != nil {
		return nil, err
	}
	conf.Auth, conf.Secrets = auth, append(secrets, cfg.AppKey)
	conf.RequestIDHeaders = []string{"X-Request-Id", "X-Correlation-Id", "Request-Id"}
	conf.Explain, conf.Inspect = explain, inspect
	conf.JSONErrors, conf.NotFound, conf.Probe = true, ownNotFound, c.probe
	c.rest = rest.New(conf)

	c.Users, c.Profiles, c.Groups = &Users{c}, &Profiles{c}, &Groups{c}
	c.Queues, c.Categories = &Queues{c}, &Categories{c}
	return c, nil
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.rest.CloseIdle() }

// Close closes idle connections, as the Close of every vendor's client does; there
// is no session here that it could end. A call after it opens new ones.
func (c *Client) Close(context.Context) error {
	c.rest.CloseIdle()
	return nil
}

// readBack is how long a write that does not show yet is looked for.
func (c *Client) readBack(op core.Operation) evidence.ReadBack {
	return evidence.ReadBackOf(string(op), c.options.ReadBack, c.rest)
}

// probe asks for a list that exists wherever the API does.
func (c *Client) probe(*rest.Request) (rest.Request, bool) {
	call := c.call(opListUsers)
	call.Query = listQuery{PageNumber: 1, PageSize: minPage}
	return call, true
}

// answers reports whether the vendor answers the probe, when everything else is a 404.
func (c *Client) answers(ctx context.Context) error {
	probe, _ := c.probe(nil)
	_, err := c.rest.Do(ctx, probe)
	return err
}

// call fills the parts of a request that all operations share. The paths of the
// operation records begin at the service, with the API version and the account
// as their first two parameters.
func (c *Client) call(op *rest.Op, args ...string) rest.Request {
	all := make([]string, 0, 2+len(args))
	return rest.Request{Op: op, Base: c.base, Args: append(append(all, c.version, c.accountID), args...)}
}
