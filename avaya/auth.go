package avaya

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Credentials is one of ClientCredentials and Bearer.
type Credentials interface {
	// prepare checks the values and returns what puts them on requests, and the
	// secrets that no error may repeat.
	prepare(c *Client) (rest.Auth, []core.Secret, error)
}

// ClientCredentials buys access tokens with the client credentials grant. Avaya
// gives the client's id and its secret when an application is registered.
type ClientCredentials struct {
	ID     string
	Secret core.Secret
}

// opToken gets an access token. Getting one twice does no harm.
var opToken = &rest.Op{Name: "Token", Method: http.MethodPost, Replay: rest.ReplaySafe, Bucket: "token",
	Path: "/api/auth/{version}/{accountId}/protocol/openid-connect/token", Success: rest.Object(200)}

func (cc ClientCredentials) prepare(c *Client) (rest.Auth, []core.Secret, error) {
	return rest.ClientCredentials(vendor, cc.ID, cc.Secret, func(ctx context.Context) (rest.Token, error) {
		return c.fetchToken(ctx, cc)
	})
}

// Bearer uses a token that the caller got elsewhere. When the vendor refuses it,
// the call fails at once.
type Bearer struct{ Token core.Secret }

func (b Bearer) prepare(*Client) (rest.Auth, []core.Secret, error) {
	return rest.Bearer{Token: b.Token}.Prepare(vendor)
}

// keyed puts the application key on each request, beside the credential.
type keyed struct {
	rest.Auth
	appKey func() []string // behind a function: nothing prints what it holds
}

func newKeyed(auth rest.Auth, appKey core.Secret) keyed {
	value := []string{appKey.Reveal()}
	return keyed{auth, func() []string { return value }}
}

// Authorize implements rest.Auth.
func (k keyed) Authorize(ctx context.Context, req *http.Request) (string, error) {
	req.Header["Appkey"] = k.appKey()
	return k.Auth.Authorize(ctx, req)
}

// tokenAnswer holds the fields that the vendor page "Auth" documents; there may be more.
type tokenAnswer struct {
	AccessToken string          `json:"access_token"`
	ExpiresIn   json.RawMessage `json:"expires_in"`
}

// fetchToken gets a token. The credentials go into the form, as the page "How to
// Authenticate with AXP APIs" shows; the application key is required here too.
func (c *Client) fetchToken(ctx context.Context, cc ClientCredentials) (rest.Token, error) {
	var answer tokenAnswer
	call := c.call(opToken)
	call.Out = &answer
	if !c.appKey.IsZero() {
		call.Header = http.Header{"Appkey": {c.appKey.Reveal()}}
	}
	asked := time.Now()
	if err := c.rest.BuyToken(ctx, call, cc.ID, cc.Secret, &answer.AccessToken); err != nil {
		return rest.Token{}, err
	}
	return rest.Token{Value: answer.AccessToken, Expires: asked.Add(rest.Life(answer.ExpiresIn))}, nil
}
