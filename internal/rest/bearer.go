package rest

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/rollcall-go/rollcall/core"
)

// SetBearer puts an access token on a request.
func SetBearer(req *http.Request, token string) {
	req.Header["Authorization"] = []string{"Bearer " + token}
}

// Bearer is an access token that the caller got elsewhere: a refusal is final.
type Bearer struct{ Token core.Secret }

// Prepare checks the token, and returns what a client is made with: the Auth, and
// the secrets that no error may repeat.
func (b Bearer) Prepare(vendor string) (Auth, []core.Secret, error) {
	switch {
	case b.Token.IsZero():
		return nil, nil, core.Invalid(vendor, "New", "Bearer.Token is missing")
	case !GoodToken(b.Token.Reveal()):
		return nil, nil, core.Invalid(vendor, "New", "Bearer.Token contains a character that a header cannot carry")
	}
	return b, []core.Secret{b.Token}, nil
}

// Authorize implements Auth.
func (b Bearer) Authorize(_ context.Context, req *http.Request) (string, error) {
	SetBearer(req, b.Token.Reveal())
	return "", nil
}

// Renew implements Auth.
func (b Bearer) Renew(string) bool { return false }

// ClientCredentials checks a client's id and secret, and returns the same for one that
// buys its tokens with them.
func ClientCredentials(vendor, id string, secret core.Secret, fetch func(context.Context) (Token, error)) (Auth, []core.Secret, error) {
	switch {
	case id == "":
		return nil, nil, core.Invalid(vendor, "New", "ClientCredentials.ID is missing")
	case secret.IsZero():
		return nil, nil, core.Invalid(vendor, "New", "ClientCredentials.Secret is missing")
	}
	return NewBearerTokens(NewTokens(fetch)), []core.Secret{secret}, nil
}

// BearerTokens puts the access token of the moment on each request.
type BearerTokens struct {
	*Tokens
	header *atomic.Pointer[tokenHeader]
}

// tokenHeader is a token, and the header that shows it.
type tokenHeader struct {
	token string
	value []string
}

// NewBearerTokens puts the tokens on requests.
func NewBearerTokens(t *Tokens) BearerTokens {
	return BearerTokens{t, new(atomic.Pointer[tokenHeader])}
}

// Authorize implements Auth.
func (b BearerTokens) Authorize(ctx context.Context, req *http.Request) (string, error) {
	token, err := b.Get(ctx)
	if err != nil {
		return "", err
	}

	known := b.header.Load()
	if known == nil || known.token != token {
		known = &tokenHeader{token, []string{"Bearer " + token}}
		b.header.Store(known)
	}

	req.Header["Authorization"] = known.value
	return token, nil
}

// Renew implements Auth.
func (b BearerTokens) Renew(token string) bool {
	b.Drop(token)
	return true
}
