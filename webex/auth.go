package webex

import (
	"context"
	"net/http"
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
	if b.Token.IsZero() {
		return nil, nil, core.Invalid(vendor, "New", "Bearer.Token is missing")
	}
	if !rest.GoodToken(b.Token.Reveal()) {
		return nil, nil, core.Invalid(vendor, "New", "Bearer.Token holds what cannot travel in a header")
	}
	return &bearerAuth{b.Token}, []core.Secret{b.Token}, nil
}

type bearerAuth struct{ token core.Secret }

// Authorize implements rest.Auth.
func (a *bearerAuth) Authorize(_ context.Context, req *http.Request) (string, error) {
	setBearer(req, a.token.Reveal())
	return "", nil
}

// Renew implements rest.Auth.
func (a *bearerAuth) Renew(string) bool { return false }

func setBearer(req *http.Request, token string) {
	req.Header["Authorization"] = []string{"Bearer " + token}
}

// Token is an access token and when it ends; a zero time means that nobody said.
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
	return &tokenAuth{rest.NewTokens(func(ctx context.Context) (rest.Token, error) {
		tok, err := src(ctx)
		if err != nil {
			return rest.Token{}, sourceError(c, err)
		}
		return c.usable("Token", tok)
	})}, nil, nil
}

// sourceError is the error of a caller's own source.
func sourceError(c *Client, err error) error {
	if core.ClassOf(err) != "" {
		return err
	}
	return &core.Error{Vendor: vendor, Op: "Token", Class: core.ClassUnauthenticated, Applied: core.AppliedNo,
		Message: c.rest.Text("the token source failed: " + err.Error()), Err: err}
}

// usable checks a token and makes it known as a secret.
func (c *Client) usable(op string, tok Token) (rest.Token, error) {
	if !rest.GoodToken(tok.Value.Reveal()) {
		return rest.Token{}, &core.Error{Vendor: vendor, Op: op, Class: core.ClassProtocol, Applied: core.AppliedNo,
			Message: "there is no access token that could be sent"}
	}
	c.rest.KeepSecret(tok.Value.Reveal())
	return rest.Token{Value: tok.Value.Reveal(), Expires: tok.Expires}, nil
}

// tokenAuth puts an access token on each request.
type tokenAuth struct{ tokens *rest.Tokens }

// Authorize implements rest.Auth.
func (a *tokenAuth) Authorize(ctx context.Context, req *http.Request) (string, error) {
	token, err := a.tokens.Get(ctx)
	if err != nil {
		return "", err
	}
	setBearer(req, token)
	return token, nil
}

// Renew implements rest.Auth.
func (a *tokenAuth) Renew(token string) bool {
	a.tokens.Drop(token)
	return true
}
