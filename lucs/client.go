package lucs

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/pace"
	"github.com/rollcall-go/rollcall/internal/evidence"
	"github.com/rollcall-go/rollcall/internal/keylock"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Config says which installation a Client speaks to, and what lets it in: BaseURL and
// Auth are required.
type Config struct {
	// ClientOptions are those that the clients of all vendors take. LUCS publishes no
	// limits, but runs on the customer's own machine beside the calls: without a
	// RateLimit the client sends no more than 50 requests a second.
	core.ClientOptions

	// BaseURL is the origin of the API's site and, where there is one, a path before
	// the version: "https://lucs.example.internal:8443". The version is not part of it.
	BaseURL string
	// Auth is an APIKey. It may be nil where WithRequestHook puts the key on.
	Auth Credentials
	// Dialect says how this server differs from the defaults.
	Dialect Dialect
}

// Client speaks to one LUCS installation. It is safe for concurrent use; make one
// and keep it, because callers of one Client share its connections and its pace.
type Client struct {
	// Services are the contact points: what other vendors call queues.
	Services *Services
	// Users are the people, agents among them.
	Users *Users
	// Tasks are external tasks, which are distributed to agents.
	Tasks *Tasks
	// Callbacks are calls that the system makes later.
	Callbacks *Callbacks

	rest    *rest.Client
	options core.ClientOptions
	base    *url.URL
	paths   map[*rest.Op]path
	dialect Dialect
	homes   homes
	locks   keylock.Locks
	written evidence.Memory[User]
}

// Option adjusts a Client.
type Option func(*settings) error

// settings are what the options change.
type settings struct {
	hook    func(*http.Request)
	secrets []core.Secret
}

// WithRequestHook lets hook change each request before it is sent, each attempt
// anew, after the key was put on: for a key in the query, or for a reverse proxy
// that wants a header of its own. It must not send the key elsewhere. The secrets
// it uses are blanked in whatever the server says. With a hook, Config.Auth may be nil.
func WithRequestHook(hook func(*http.Request), secrets ...core.Secret) Option {
	return func(s *settings) error { s.hook, s.secrets = hook, secrets; return nil }
}

// bucketAPI is the only rate bucket: no others are documented.
const bucketAPI = "api"

// The pace if no RateLimit is set.
const (
	courtesy      = 50
	courtesyBurst = 50
)

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

	conf, err := rest.Options(vendor, cfg.ClientOptions, pace.Limit(bucketAPI, courtesy, courtesyBurst))
	if err != nil {
		return nil, err
	}

	c := &Client{options: cfg.ClientOptions, dialect: cfg.Dialect}
	c.dialect.fill()
	if why := c.dialect.check(); why != "" {
		return nil, core.Invalid(vendor, "New", why)
	}

	if c.paths, err = c.dialect.paths(); err != nil {
		return nil, core.Invalid(vendor, "New", err.Error())
	}
	if c.base, err = baseURL(cfg.BaseURL, cfg.AllowInsecureHTTP, c.dialect.Version); err != nil {
		return nil, core.Invalid(vendor, "New", err.Error())
	}

	if conf.Auth, conf.Secrets, err = prepared(cfg.Auth, s.hook != nil); err != nil {
		return nil, err
	}
	if s.hook != nil {
		if conf.Transport == nil {
			conf.Transport = core.NewTransport()
		}
		conf.Transport = &hooked{conf.Transport, s.hook}
		conf.Secrets = append(conf.Secrets, s.secrets...)
	}

	conf.RequestIDHeaders = []string{"X-Request-Id", "X-Correlation-Id", "Request-Id"}
	conf.Explain, conf.NotFound = explain, ownNotFound
	conf.Probe = func(*rest.Request) (rest.Request, bool) {
		call, err := c.call(opListServices)
		return call, err == nil
	}
	c.rest = rest.New(conf)
	return c.bind(), nil
}

// baseURL reads the base URL, which must not contain the version.
func baseURL(text string, allowHTTP bool, version string) (*url.URL, error) {
	base, err := rest.ParseBase(text, allowHTTP)
	if err != nil {
		return nil, err
	}
	path := strings.ToLower(strings.TrimRight(base.Path, "/"))
	if last := strings.Trim(version, "/"); version != none && strings.HasSuffix(path, "/"+strings.ToLower(last)) {
		return nil, fmt.Errorf("BaseURL ends in the version, %s, which the client adds itself: leave it out", last)
	}
	return base, nil
}

// bind gives the client its resources.
func (c *Client) bind() *Client {
	c.written.Keep = func(read, fresh *User) { fresh.Presence = read.Presence }
	c.Services = &Services{c}
	c.Users = &Users{c}
	c.Tasks = &Tasks{c}
	c.Callbacks = &Callbacks{c}
	return c
}

// CloseIdleConnections closes the connections that no request uses.
func (c *Client) CloseIdleConnections() { c.rest.CloseIdle() }

// Close closes idle connections, as the Close of every vendor's client does; there
// is no session here that it could end. A call after it opens new ones.
func (c *Client) Close(context.Context) error {
	c.rest.CloseIdle()
	return nil
}

// has reports whether the server has a route for an operation.
func (c *Client) has(op *rest.Op) bool {
	_, ok := c.paths[op]
	return ok
}

// whyNoRoute is why an undocumented operation is not offered.
const whyNoRoute = "LUCS documents no such function; if your server has one, set its route in the Dialect"

// call fills the parts of a request that all operations share. The arguments are
// the parameters of the record's path, in order.
func (c *Client) call(op *rest.Op, args ...string) (rest.Request, error) {
	p, ok := c.paths[op]
	if !ok {
		return rest.Request{}, core.Unsupported(vendor, op.Name, whyNoRoute)
	}
	ids := make([]string, len(args))
	for i, id := range args {
		ids[i] = unbraced(id)
	}

	args, query := p.fill(ids)
	call := rest.Request{Op: p.op, Base: c.base, Args: args}
	if len(query) > 0 {
		call.Query = query
	}
	return call, nil
}

// contentType is what ASP.NET expects of a body.
var contentType = []string{"application/json; charset=utf-8"}

// setBody gives a request a body.
func setBody(call *rest.Request, body any) {
	call.Body, call.Header = body, http.Header{"Content-Type": contentType}
}

// setQuery adds a parameter to a request's query.
func setQuery(call *rest.Request, name, value string) {
	query, ok := call.Query.(url.Values)
	if !ok {
		query = url.Values{}
		call.Query = query
	}
	query.Set(name, value)
}

// do sends a request.
func (c *Client) do(ctx context.Context, call rest.Request) error {
	_, err := c.rest.Do(ctx, call)
	return advise(err)
}
