package avaya

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/keylock"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// vendor is this package's name in errors, logs and core values.
const vendor = "avaya"

// Config says which account a Client speaks to, and what lets it in. All of it is
// required, but for the AppKey where there is none.
type Config struct {
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

	rest     *rest.Client
	governor core.Governor
	account  string
	base     *url.URL
	version  string
	appKey   core.Secret // empty where the version knows none
	settle   core.Wait
	maxWait  time.Duration
	locks    keylock.Locks
	patience patiences
}

// Option adjusts a Client.
type Option func(*settings) error

type settings struct {
	rest.Settings
	version string
	settle  core.Wait
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
// under. Avaya publishes no numbers; without this option the client learns the
// pace from what is accepted and refused.
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
// It bounds the waits of settling too, unless their core.Wait has its own MaxAsked.
func WithMaxWait(d time.Duration) Option {
	return func(s *settings) error { return s.LimitWait(d) }
}

// WithAttemptTimeout bounds one attempt, its answer included, 60 s unless set.
func WithAttemptTimeout(d time.Duration) Option {
	return func(s *settings) error { return s.LimitAttemptTime(d) }
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

// WithInsecureHTTP allows a base URL with plain http to a host other than this
// machine. Credentials then travel in the clear.
func WithInsecureHTTP() Option {
	return func(s *settings) error { s.AllowHTTP = true; return nil }
}

var accountPattern = regexp.MustCompile(`^[a-zA-Z]{6}$`)

// New returns a Client. It checks the configuration and touches neither the
// network nor the environment; an error is of class invalid and says what is
// missing.
func New(cfg Config, opts ...Option) (*Client, error) {
	s := settings{version: "v1"}
	s.Vendor = vendor
	for _, o := range opts {
		if err := o(&s); err != nil {
			return nil, err
		}
	}
	base, err := rest.ParseBase(cfg.BaseURL, s.AllowHTTP)
	if err != nil {
		return nil, core.Invalid(vendor, "New", err.Error())
	}
	switch {
	case !accountPattern.MatchString(cfg.AccountID):
		return nil, core.Invalid(vendor, "New", "AccountID must be six letters")
	case cfg.AppKey.IsZero() && s.version == "v1":
		return nil, core.Invalid(vendor, "New", "AppKey is missing")
	case strings.ContainsFunc(cfg.AppKey.Reveal(), func(r rune) bool { return r < ' ' || r >= 0x7f }):
		return nil, core.Invalid(vendor, "New", "AppKey holds what cannot travel in a header")
	case rest.Absent(cfg.Auth):
		return nil, core.Invalid(vendor, "New", "Auth is missing")
	}
	c := &Client{account: cfg.AccountID, base: base, version: s.version, settle: s.settle,
		maxWait: cmp.Or(s.MaxWait, 2*time.Minute)}
	auth, secrets, err := cfg.Auth.prepare(c)
	if err != nil {
		return nil, err
	}
	if c.version == "v1" {
		c.appKey = cfg.AppKey
		auth = keyed{auth, c.appKey}
	}
	s.Finish()
	c.governor = s.Governor
	s.Auth = auth
	s.Secrets = append(secrets, cfg.AppKey)
	s.RequestIDHeaders = []string{"X-Request-Id", "X-Correlation-Id", "Request-Id"}
	s.Explain = explain
	s.Inspect = inspect
	c.rest = rest.New(s.Config)
	c.Users = &Users{c}
	c.Profiles = &Profiles{c}
	c.Groups = &Groups{c}
	c.Queues = &Queues{c}
	c.Categories = &Categories{c}
	return c, nil
}

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
// operation records begin at the service, with the API version and the account
// as their first two parameters.
func (c *Client) call(op *rest.Op, args ...string) rest.Request {
	return rest.Request{Op: op, Base: c.base, Args: append([]string{c.version, c.account}, args...)}
}
