package webex

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Credentials is one of Bearer, TokenSource and Refresh.
type Credentials interface {
	// prepare checks the values and returns what puts them on requests, and the
	// secrets that no error may repeat.
	prepare(c *Client) (rest.Auth, []core.Secret, error)
}

// Bearer uses a token that the caller got elsewhere, for example a personal one,
// which lives for 12 hours. When the vendor refuses it, the call fails at once.
type Bearer struct{ Token core.Secret }

func (b Bearer) prepare(*Client) (rest.Auth, []core.Secret, error) {
	return rest.Bearer{Token: b.Token}.Prepare(vendor)
}

// Token is an access token and when it ends; a zero time means that it is not known.
type Token struct {
	Value   core.Secret
	Expires time.Time
}

// TokenSource gives access tokens from wherever the caller keeps them. It is asked
// once for all callers, again shortly before a token ends, and once more when the
// vendor has refused one.
type TokenSource func(ctx context.Context) (Token, error)

func (src TokenSource) prepare(c *Client) (rest.Auth, []core.Secret, error) {
	if src == nil {
		return nil, nil, core.Invalid(vendor, "New", "the TokenSource is nil")
	}
	return rest.NewBearerTokens(rest.NewTokens(func(ctx context.Context) (rest.Token, error) {
		tok, err := src(ctx)
		if err != nil {
			return rest.Token{}, sourceError(c, err)
		}
		return c.usable("Token", tok)
	})), nil, nil
}

// sourceError is the error of a caller's own source.
func sourceError(c *Client, err error) error {
	if core.ClassOf(err) != "" {
		return err
	}
	return &core.Error{Vendor: vendor, Op: "Token", Class: core.ClassUnauthenticated, Applied: core.AppliedNo,
		Message: c.rest.Text("the token source failed: " + err.Error()), Err: c.rest.Scrub(err)}
}

// usable checks a token and registers it as a secret.
func (c *Client) usable(op string, tok Token) (rest.Token, error) {
	if !rest.GoodToken(tok.Value.Reveal()) {
		return rest.Token{}, &core.Error{Vendor: vendor, Op: op, Class: core.ClassProtocol, Applied: core.AppliedNo,
			Message: "there is no usable access token"}
	}
	c.rest.KeepCredential(tok.Value.Reveal())
	return rest.Token{Value: tok.Value.Reveal(), Expires: tok.Expires}, nil
}

// Refresh buys access tokens with a refresh token, for integrations and service
// apps: the ordinary way for a service. Each grant starts the life of the refresh
// token anew, and may bring another one.
type Refresh struct {
	ClientID     string
	ClientSecret core.Secret
	// RefreshToken is the latest one that Granted was told of. It may be empty where
	// Stored or ServiceApp can get one.
	RefreshToken core.Secret
	// Granted, if set, is told of every grant before it is used, so that the refresh
	// token can be kept for the next start of the program. Where it fails, so does
	// the call that needed the token; the refresh token stays known in memory.
	Granted func(ctx context.Context, g Grant) error
	// Stored, if set, reads the refresh token that is kept: where the endpoint refuses
	// the one that is known here, another program may have exchanged it for the next.
	// A token that differs is tried, once.
	Stored func(ctx context.Context) (core.Secret, error)
	// ServiceApp, if set, says how to get a grant anew when the refresh token is
	// missing, or refused because it has lapsed.
	ServiceApp *ServiceApp
}

// Grant is what the token endpoint gave: the numbers in its answer, and no others,
// say when something ends. A zero time means that it did not say.
type Grant struct {
	AccessToken, RefreshToken    core.Secret
	Expires, RefreshTokenExpires time.Time
}

// ServiceApp gets the tokens of a service app, as on the vendor page "Service
// Apps". Webex for Government has no such endpoint.
type ServiceApp struct {
	// ApplicationID names the service app.
	ApplicationID ID
	// TargetOrgID is the organisation that has authorised it.
	TargetOrgID ID
	// Manager gives a token with the scope spark:applications_token.
	Manager TokenSource
}

// Getting a token twice does no harm.
var (
	opRefresh = &rest.Op{Name: "Token.Refresh", Method: http.MethodPost, Replay: rest.ReplaySafe, Bucket: bucketToken,
		Path:    "/access_token",
		Success: rest.Object(200)}
	opRetrieve = &rest.Op{Name: "Token.Retrieve", Method: http.MethodPost, Replay: rest.ReplaySafe, Bucket: bucketToken,
		Path:    "/applications/{applicationId}/token",
		Success: rest.Object(200)}
)

func (r Refresh) prepare(c *Client) (rest.Auth, []core.Secret, error) {
	missing := ""
	switch {
	case r.ClientID == "":
		missing = "Refresh.ClientID"
	case r.ClientSecret.IsZero():
		missing = "Refresh.ClientSecret"
	case r.RefreshToken.IsZero() && r.ServiceApp == nil && r.Stored == nil:
		missing = "Refresh.RefreshToken"
	case r.ServiceApp != nil && r.ServiceApp.Manager == nil:
		missing = "ServiceApp.Manager"
	}

	if missing != "" {
		return nil, nil, core.Invalid(vendor, "New", missing+" is missing")
	}

	f := &refresher{c: c, cfg: r, token: r.RefreshToken}
	if app := r.ServiceApp; app != nil {
		own := *app
		f.cfg.ServiceApp = &own
		var err error
		if own.ApplicationID, err = app.ApplicationID.check("New", "the service app", "APPLICATION"); err != nil {
			return nil, nil, err
		}
		if own.TargetOrgID, err = app.TargetOrgID.check("New", "the target organisation", TypeOrganization); err != nil {
			return nil, nil, err
		}
	}
	return rest.NewBearerTokens(rest.NewTokens(f.fetch)), []core.Secret{r.ClientSecret, r.RefreshToken}, nil
}

// refresher keeps the latest refresh token.
type refresher struct {
	c   *Client
	cfg Refresh

	mu    sync.Mutex
	token core.Secret
}

func (f *refresher) latest() core.Secret {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.token
}

// fetch gets an access token by the refresh token, or else anew.
func (f *refresher) fetch(ctx context.Context) (rest.Token, error) {
	op := opRefresh
	var g Grant
	var err error
	if token := f.latest(); !token.IsZero() {
		g, err = f.refresh(ctx, token)
	} else {
		err = errNoRefreshToken
	}

	if err != nil && f.cfg.Stored != nil && lapsed(err) {
		g, err = f.restore(ctx, err)
	}
	if err != nil && f.cfg.ServiceApp != nil && lapsed(err) {
		op = opRetrieve
		g, err = f.retrieve(ctx)
	}

	if err == errNoRefreshToken {
		err = &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassUnauthenticated, Applied: core.AppliedNo, Message: err.Error()}
	}
	if err != nil {
		return rest.Token{}, err
	}

	tok, err := f.c.usable(op.Name, Token{g.AccessToken, g.Expires})
	if err != nil {
		return rest.Token{}, err
	}
	if !g.RefreshToken.IsZero() {
		f.c.rest.KeepCredential(g.RefreshToken.Reveal())
		f.mu.Lock()
		f.token = g.RefreshToken
		f.mu.Unlock()
	}

	if f.cfg.Granted != nil {
		if err := f.cfg.Granted(ctx, g); err != nil {
			return rest.Token{}, &core.Error{Vendor: vendor, Op: op.Name, Class: core.ClassUnauthenticated, Applied: core.AppliedNo,
				Message: f.c.rest.Text("the new refresh token could not be saved: " + err.Error()), Err: f.c.rest.Scrub(err)}
		}
	}
	return tok, nil
}

var errNoRefreshToken = errors.New("there is no refresh token yet")

// lapsed reports a refusal of the refresh token itself.
func lapsed(err error) bool {
	e, ok := errors.AsType[*core.Error](err)
	return err == errNoRefreshToken || ok && e.Class == core.ClassUnauthenticated
}

func (f *refresher) refresh(ctx context.Context, token core.Secret) (Grant, error) {
	call := f.c.call(opRefresh)
	call.Anonymous = true
	call.Body = url.Values{
		"grant_type":    {"refresh_token"},
		"client_id":     {f.cfg.ClientID},
		"client_secret": {f.cfg.ClientSecret.Reveal()},
		"refresh_token": {token.Reveal()},
	}
	g, err := f.c.grant(ctx, call)
	if e, ok := err.(*core.Error); ok && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnauthorized) {
		// The endpoint answers 400 for a token that it no longer knows.
		e.Class = core.ClassUnauthenticated
		e.Hint = "the refresh token has expired or was revoked, or the client id or secret is wrong: authorise the application again"
	}

	if err == nil && g.RefreshToken.IsZero() {
		g.RefreshToken = token // the refresh token stays the same
	}
	return g, err
}

// restore tries the saved refresh token, if it differs from the refused one.
func (f *refresher) restore(ctx context.Context, refused error) (Grant, error) {
	kept, err := f.cfg.Stored(ctx)
	switch {
	case err != nil:
		return Grant{}, sourceError(f.c, err)
	case kept.IsZero() || kept.Reveal() == f.latest().Reveal():
		return Grant{}, refused
	}
	f.c.rest.KeepCredential(kept.Reveal())
	return f.refresh(ctx, kept)
}

type retrieveBody struct {
	ClientID     string      `json:"clientId"`
	ClientSecret core.Secret `json:"clientSecret"`
	TargetOrgID  ID          `json:"targetOrgId"`
}

func (f *refresher) retrieve(ctx context.Context) (Grant, error) {
	app := f.cfg.ServiceApp
	manager, err := app.Manager(ctx)
	if err != nil {
		return Grant{}, sourceError(f.c, err)
	}

	tok, err := f.c.usable(opRetrieve.Name, manager)
	if err != nil {
		return Grant{}, err
	}
	call := f.c.call(opRetrieve, string(app.ApplicationID))
	call.Anonymous = true
	call.Header = http.Header{"Authorization": {"Bearer " + tok.Value}}
	call.Body = retrieveBody{f.cfg.ClientID, f.cfg.ClientSecret, app.TargetOrgID}
	return f.c.grant(ctx, call)
}

// grantAnswer is what both endpoints answer.
type grantAnswer struct {
	AccessToken      core.Secret     `json:"access_token"`
	ExpiresIn        json.RawMessage `json:"expires_in"`
	RefreshToken     core.Secret     `json:"refresh_token"`
	RefreshExpiresIn json.RawMessage `json:"refresh_token_expires_in"`
}

// grant asks for a grant.
func (c *Client) grant(ctx context.Context, call rest.Request) (Grant, error) {
	var answer grantAnswer
	call.Out = &answer
	asked := time.Now()
	if _, err := c.rest.Do(ctx, call); err != nil {
		return Grant{}, err
	}
	return Grant{
		AccessToken: answer.AccessToken, RefreshToken: answer.RefreshToken,
		Expires: endOf(asked, answer.ExpiresIn), RefreshTokenExpires: endOf(asked, answer.RefreshExpiresIn),
	}, nil
}

// endOf is when something ends that was given for a number of seconds, in whatever
// form; zero if there is no number.
func endOf(asked time.Time, raw json.RawMessage) time.Time {
	life, ok := rest.ReadLife(raw)
	if !ok {
		return time.Time{}
	}
	return asked.Add(life)
}
