package avaya

import (
	"context"
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// opToken buys an access token. Buying one twice does no harm.
var opToken = &rest.Op{Name: "Token", Method: http.MethodPost, Replay: rest.ReplaySafe, Bucket: "token",
	Path: "/api/auth/{version}/{accountId}/protocol/openid-connect/token"}

// auth puts the application key and an access token on each request.
type auth struct {
	appKey core.Secret
	bearer core.Secret // fixed, or else:
	tokens *rest.Tokens
}

func newAuth(c *Client, cfg Config, bearer core.Secret) *auth {
	a := &auth{appKey: cfg.AppKey, bearer: bearer}
	if c.version != "v1" {
		a.appKey = core.Secret{}
	}
	a.tokens = rest.NewTokens(func(ctx context.Context) (rest.Token, error) {
		return c.fetchToken(ctx, cfg, a.appKey)
	})
	return a
}

// Authorize implements rest.Auth.
func (a *auth) Authorize(ctx context.Context, req *http.Request) (string, error) {
	if !a.appKey.IsZero() {
		req.Header["Appkey"] = []string{a.appKey.Reveal()}
	}
	token := a.bearer.Reveal()
	if token == "" {
		var err error
		if token, err = a.tokens.Get(ctx); err != nil {
			return "", err
		}
	}
	rest.SetBearer(req, token)
	return token, nil
}

// Renew implements rest.Auth.
func (a *auth) Renew(token string) bool {
	if !a.bearer.IsZero() {
		return false
	}
	a.tokens.Drop(token)
	return true
}

// tokenAnswer holds what the vendor page "Auth" documents; more may come.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	ExpiresIn   int64  `json:"expires_in"`
}

// fetchToken buys a token with the client credentials grant. The credentials go
// into the form, as the page "How to Authenticate with AXP APIs" has it.
func (c *Client) fetchToken(ctx context.Context, cfg Config, appKey core.Secret) (rest.Token, error) {
	var answer tokenAnswer
	call := c.call(opToken)
	call.Out = &answer
	if !appKey.IsZero() {
		call.Header = http.Header{"Appkey": {appKey.Reveal()}}
	}
	asked := time.Now()
	if err := c.rest.BuyToken(ctx, call, cfg.ClientID, cfg.ClientSecret, &answer.AccessToken); err != nil {
		return rest.Token{}, err
	}
	tok := rest.Token{Value: answer.AccessToken}
	if answer.ExpiresIn > 0 {
		tok.Expires = asked.Add(time.Duration(min(answer.ExpiresIn, 1<<31)) * time.Second)
	}
	return tok, nil
}
