package liveperson

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest"
)

// Credentials is one of ClientCredentials, Bearer, Login and APIKey.
type Credentials interface {
	// prepare checks the values and returns what puts them on requests, and the
	// secrets that no error may repeat.
	prepare(c *Client) (rest.Auth, []core.Secret, error)
}

// ClientCredentials buys access tokens with the OAuth 2.0 client credentials
// grant (sentinel, API v2), which is what the vendor prefers between machines.
// The application needs the scope users.external, or in an older edition of the
// documentation users.read and users.write.
type ClientCredentials struct {
	ID     string
	Secret core.Secret
}

// opToken gets an access token. Getting one twice does no harm.
var opToken = &rest.Op{Name: "Token", Method: http.MethodPost, Replay: rest.ReplaySafe, Bucket: bucketToken,
	Path: "/sentinel/api/v2/account/{accountId}/app/token", Success: rest.Object(http.StatusOK)}

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

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	// ExpiresIn is a text in LivePerson's own tools, a number in the standard, and
	// absent from the documentation's sample.
	ExpiresIn json.RawMessage `json:"expires_in"`
}

// fetchToken gets a token. The credentials go into the form, as documented.
func (c *Client) fetchToken(ctx context.Context, cc ClientCredentials) (rest.Token, error) {
	call, err := c.call(ctx, opToken, serviceSentinel)
	if err != nil {
		return rest.Token{}, err
	}
	var answer tokenAnswer
	call.Out = &answer
	asked := time.Now()
	if err := c.rest.BuyToken(ctx, call, cc.ID, cc.Secret, &answer.AccessToken); err != nil {
		return rest.Token{}, err
	}
	return rest.Token{Value: answer.AccessToken, Expires: asked.Add(rest.Life(answer.ExpiresIn))}, nil
}
