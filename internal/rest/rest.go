// Package rest is the conversation with a vendor: one path from a typed method
// to the wire, driven by the operation's record. It owns attempts, waits,
// credentials, limits, redaction and the error; vendors own paths and types.
package rest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/wire"
)

// Config is what a vendor's client gives its conversation. Zero values are the
// defaults.
type Config struct {
	// Vendor names the client in errors and logs, and Account is the caller's label.
	Vendor, Account string
	// Transport carries the requests; nil brings our own.
	Transport http.RoundTripper
	// Auth puts the credential on; nil sends none.
	Auth Auth
	// Governor paces the requests.
	Governor core.Governor
	// Logger gets one record for each event, at debug level; nil logs nothing.
	Logger *slog.Logger
	// Observer is told of the same events; nil tells nobody.
	Observer core.Observer
	// BlockLog is told of each block before it is sent; see Intend.
	BlockLog func(context.Context, core.Block) error
	// UserAgent is sent with every request.
	UserAgent string
	// MaxAttempts bounds how often one call is sent, default 4. Refusals for
	// the rate do not count.
	MaxAttempts int
	// MaxWait is the longest single wait that a vendor may ask for, default
	// 2 min. A longer one is not slept: the error comes back at once.
	MaxWait time.Duration
	// MaxPacing bounds all waits for the rate of one call that has no deadline, the
	// time of its requests included. The default is 15 min, or MaxWait where that is
	// longer: a single wait that the caller allows is slept.
	MaxPacing time.Duration
	// AttemptTimeout bounds one attempt, body included, default 60 s.
	AttemptTimeout time.Duration
	// RefusedWait is the wait after a 429 that names none, default 1 s; it
	// doubles from one to the next.
	RefusedWait time.Duration
	// RequestIDHeaders are the names of the header that holds the vendor's name
	// for a request, the first that is there wins.
	RequestIDHeaders []string
	// CodeHeaders are the names of the header that holds the vendor's code of an
	// error, for bodies that name none.
	CodeHeaders []string
	// Revisions says that 409 and 412 mean a stale revision, and not a conflict.
	Revisions bool
	// Secrets are blanked in whatever the vendor says.
	Secrets []core.Secret
	// Explain reads the vendor's error body into the error. It may correct the
	// class.
	Explain func(body []byte, e *core.Error)
	// JSONErrors says that the vendor's refusals hold JSON: a text or nothing is then
	// somebody else's word. With EmptyErrors some of them are empty.
	JSONErrors, EmptyErrors bool
	// NotFound reports whether a 404 or 410 that came whole is the vendor's own, where
	// its form says so. It is for vendors whose own is a page, or that can be told from
	// any other JSON. Without it, a 404 is judged like any other refusal.
	NotFound func(op *Op, header http.Header, body []byte) bool
	// Inspect looks at the body of a success and returns an error for one that
	// means failure. Its class may be left to the status that it names.
	Inspect func(body []byte) *core.Error
	// Probe returns a cheap read of a collection that is there wherever the API is, for
	// a call that was answered with the news that a thing does not exist. It is asked
	// for once, by a client that nothing has answered yet.
	Probe func(*Request) (Request, bool)
	// SessionEnded reports whether an answer below 400 tells that the session has
	// ended, such as a redirect, or a login page where JSON was asked for. The
	// credential is then renewed once, and what is safe to repeat is sent again; an
	// unguarded create is not. Where it is set, a call that carries a credential
	// follows no redirect. It is not asked about a list that begins as one.
	SessionEnded func(status int, header http.Header, body []byte) bool
}

// Client holds one conversation: one credential at one vendor.
type Client struct {
	cfg    Config
	budget *budget
	// reached is behind a pointer for the same reason as blanker.
	reached *reached
	// blanker is behind a pointer, and with it all that it knows: fmt prints what an
	// unexported field holds, whatever its methods say, but no further than a pointer.
	blanker *blanker
	// headers are behind a pointer, too: they hold the credential.
	headers *shared
	used    lastUse
	// userAgent is the header's value, the same for all requests.
	userAgent []string
	deaf      atomic.Bool // the observer has panicked
}

// New returns a conversation.
func New(cfg Config) *Client {
	if cfg.Transport == nil {
		cfg.Transport = core.NewTransport()
	}
	if cfg.MaxAttempts <= 0 {
		cfg.MaxAttempts = 4
	}
	if cfg.MaxWait <= 0 {
		cfg.MaxWait = 2 * time.Minute
	}
	if cfg.MaxPacing <= 0 {
		cfg.MaxPacing = max(15*time.Minute, cfg.MaxWait)
	}
	if cfg.AttemptTimeout <= 0 {
		cfg.AttemptTimeout = time.Minute
	}
	if cfg.RefusedWait <= 0 {
		cfg.RefusedWait = time.Second
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = userAgent
	}

	c := &Client{cfg: cfg, budget: newBudget(), reached: new(reached), blanker: new(blanker), headers: new(shared),
		userAgent: []string{cfg.UserAgent}}
	for _, s := range cfg.Secrets {
		c.blanker.configure(s.Reveal())
	}
	return c
}

// Governor returns what paces the requests.
func (c *Client) Governor() core.Governor { return c.cfg.Governor }

// Text makes a text of the vendor's fit for an error: the client's secrets
// blanked, bounded, and on one line. The texts of a *core.Error are fit already.
func (c *Client) Text(s string) string { return c.text(s) }

// Scrub makes a cause from outside fit for an error: nothing but its text where that
// repeats a secret.
func (c *Client) Scrub(err error) error {
	err = withoutURL(err)
	if text := err.Error(); c.blanker.clean(text) != text {
		return errors.New(c.text(text))
	}
	return err
}

// KeepSecret makes the client blank one more secret for a while, for example the
// password of a user: see KeepCredential for what lets the client in.
func (c *Client) KeepSecret(s string) { c.blanker.pass(s) }

// KeepCredential makes the client blank a token, a cookie, or what else lets it in,
// now and through some renewals. Passwords do not push it out.
func (c *Client) KeepCredential(s string) { c.blanker.renew(s) }

// CloseIdle closes idle connections, where the transport can.
func (c *Client) CloseIdle() {
	if t, ok := c.cfg.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Request is one call of an operation.
type Request struct {
	Op   *Op
	Base *url.URL
	// Args fill the parameters of the path.
	Args []string
	// Query is an options struct with url tags, a url.Values, a RawQuery, or nil.
	Query any
	// Header is added to the request.
	Header http.Header
	// Body is sent as JSON; a url.Values is sent as a form.
	Body any
	// Out receives the JSON of a success, if set. One that is a BodyReader gets the
	// body as it came.
	Out any
	// EmptyOK accepts a success without a body: Out stays as it is. A list may then
	// be null, which is an empty one.
	EmptyOK bool
	// Room, if set, is where the body is read into: that of the page before. Nothing that
	// the call returns refers to it.
	Room *Room
	// Conditional says that a header of the vendor's own asks to be told when
	// nothing changed, as If-Match and If-None-Match do without it.
	Conditional bool
	// Anonymous sends no credential: token and discovery calls.
	Anonymous bool
	// Secrets are blanked in what the vendor says to this call, for example the
	// password that it sets.
	Secrets []core.Secret
	// Check looks at the body of a success in place of Config.Inspect.
	Check func(body []byte) *core.Error
	// GoneIsDone makes a 404 or 410 a success when an earlier attempt of the same call
	// may have removed the thing.
	GoneIsDone bool
}

// BodyReader reads answers that need not be JSON.
type BodyReader interface {
	ReadBody(body []byte) error
}

// Response is what a caller may want to know of a success beside its body.
type Response struct {
	Status    int
	Header    http.Header
	RequestID string
	// Attempts counts how often the request was sent.
	Attempts int
	// NotModified is set for the 304 of a conditional request: nothing was decoded.
	NotModified bool
	// Gone is set where GoneIsDone made a 404 or 410 a success.
	Gone bool
	// Repeated is set where an earlier attempt of the same call may have been
	// carried out, unseen: what the vendor says was so before may be its work.
	Repeated bool
}

// Do carries out a call: it sends it as often as its record allows, waits as
// the vendor asks, and decodes the answer. Every error is a *core.Error.
func (c *Client) Do(ctx context.Context, r Request) (Response, error) {
	x, err := c.prepare(ctx, &r)
	if err != nil {
		return Response{}, err
	}
	defer x.release()

	if err := x.run(); err != nil {
		return Response{}, c.absence(ctx, &x.req, err)
	}

	res := Response{Status: x.status, Header: x.header, RequestID: c.requestID(x.header), Repeated: x.inDoubt, Attempts: x.attempts}
	switch {
	case x.status == http.StatusNotModified:
		res.NotModified = true
		return res, nil
	case x.status/100 != 2:
		res.Gone = true
		return res, nil
	}

	// The evidence first: what is not the documented success is not decoded.
	if err := x.judge(); err != nil {
		return Response{}, err
	}
	if r.Out != nil && !(r.EmptyOK && len(bytes.TrimSpace(x.bytes())) == 0) {
		if err := readInto(x.bytes(), r.Out); err != nil {
			return Response{}, x.unreadable(err)
		}
	}

	if err := x.short(); err != nil {
		return Response{}, err
	}
	if !r.Anonymous { // a service for tokens may stand where the API does not
		c.reached.note(r.Base)
	}
	return res, nil
}

func readInto(body []byte, out any) error {
	if r, ok := out.(BodyReader); ok {
		return r.ReadBody(body)
	}
	return wire.Unmarshal(body, out)
}

func (c *Client) requestID(h http.Header) string { return c.text(firstOf(h, c.cfg.RequestIDHeaders)) }

// firstOf returns the first header of those names that is there.
func firstOf(h http.Header, names []string) string {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}
