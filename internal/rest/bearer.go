package rest

import (
	"context"
	"net/http"

	"github.com/rollcall-go/rollcall/core"
)

// SetBearer puts an access token on a request.
func SetBearer(req *http.Request, token string) {
	req.Header["Authorization"] = []string{"Bearer " + token}
}

// Bearer is an access token that the caller got elsewhere: a refusal is final.
type Bearer struct{ Token core.Secret }

// Check says what is wrong with the token, or "".
func (b Bearer) Check() string {
	switch {
	case b.Token.IsZero():
		return "is missing"
	case !GoodToken(b.Token.Reveal()):
		return "holds what cannot travel in a header"
	}
	return ""
}

// Authorize implements Auth.
func (b Bearer) Authorize(_ context.Context, req *http.Request) (string, error) {
	SetBearer(req, b.Token.Reveal())
	return "", nil
}

// Renew implements Auth.
func (b Bearer) Renew(string) bool { return false }

// BearerTokens puts the access token of the moment on each request.
type BearerTokens struct{ *Tokens }

// Authorize implements Auth.
func (b BearerTokens) Authorize(ctx context.Context, req *http.Request) (string, error) {
	token, err := b.Get(ctx)
	if err != nil {
		return "", err
	}
	SetBearer(req, token)
	return token, nil
}

// Renew implements Auth.
func (b BearerTokens) Renew(token string) bool {
	b.Drop(token)
	return true
}
