package webex_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
)

func TestNewSaysWhatIsMissingOrWrong(t *testing.T) {
	good := webex.Config{Auth: bearer, Tier: webex.Basic}
	_, err := webex.New(good)
	require.NoError(t, err)
	secret := core.NewSecret("s3cret-words")
	for what, change := range map[string]func(*webex.Config){
		"Auth":                            func(c *webex.Config) { c.Auth = nil },
		"Tier":                            func(c *webex.Config) { c.Tier = 0 },
		"Tier is missing":                 func(c *webex.Config) { c.Tier = 3 },
		"plain http":                      func(c *webex.Config) { c.BaseURL = "http://webex.example/v1" },
		"base URL":                        func(c *webex.Config) { c.BaseURL = "webexapis.com/v1" },
		"organisation":                    func(c *webex.Config) { c.OrgID = "a/b" },
		"Bearer.Token is missing":         func(c *webex.Config) { c.Auth = webex.Bearer{} },
		"a header cannot carry":           func(c *webex.Config) { c.Auth = webex.Bearer{Token: core.NewSecret("two words")} },
		"TokenSource":                     func(c *webex.Config) { c.Auth = webex.TokenSource(nil) },
		"Refresh.ClientID is missing":     func(c *webex.Config) { c.Auth = webex.Refresh{ClientSecret: secret, RefreshToken: secret} },
		"Refresh.ClientSecret is missing": func(c *webex.Config) { c.Auth = webex.Refresh{ClientID: "id", RefreshToken: secret} },
		"Refresh.RefreshToken is missing": func(c *webex.Config) { c.Auth = webex.Refresh{ClientID: "id", ClientSecret: secret} },
		"ServiceApp.Manager is missing": func(c *webex.Config) {
			c.Auth = webex.Refresh{ClientID: "id", ClientSecret: secret, ServiceApp: &webex.ServiceApp{}}
		},
		"the id of the service app is empty": func(c *webex.Config) {
			c.Auth = webex.Refresh{ClientID: "id", ClientSecret: secret, ServiceApp: &webex.ServiceApp{Manager: noToken}}
		},
		"id of the target organisation is em": func(c *webex.Config) {
			c.Auth = webex.Refresh{ClientID: "id", ClientSecret: secret, ServiceApp: &webex.ServiceApp{Manager: noToken, ApplicationID: "app"}}
		},
	} {
		cfg := good
		change(&cfg)
		_, err := webex.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid, what)
		assert.ErrorContains(t, err, what)
		assert.NotContains(t, err.Error(), "s3cret")
	}
	for _, options := range []core.ClientOptions{
		{MaxAttempts: -1}, {MaxWait: -1}, {AttemptTimeout: -time.Second}, {RateLimit: core.RateLimit{PerSecond: -1}},
	} {
		cfg := good
		cfg.ClientOptions = options
		_, err := webex.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid)
	}
	_, err = webex.New(good, nil)
	require.NoError(t, err, "an option that is nil is none")
	good.BaseURL, good.AllowInsecureHTTP = "http://webex.example/v1", true
	_, err = webex.New(good)
	require.NoError(t, err)
}

func TestTheTierIsChangedInACopyThatSharesTheRest(t *testing.T) {
	c, mt := mocked(t)
	basic := c.InTier(webex.Basic)
	require.Equal(t, webex.Assist, c.Tier())
	require.Equal(t, webex.Basic, basic.Tier())
	require.Equal(t, webex.Basic, basic.InTier(0).Tier(), "no tier is none to change to")
	var asked []string
	mt.RegisterResponder("GET", base+"/telephony/config/supervisors", func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.Query().Get("hasCxEssentials"))
		return resttest.Answer(200, `{"supervisors":[]}`)(r)
	})
	for _, of := range []*webex.Client{c, basic} {
		_, err := core.Collect(of.Supervisors.List(t.Context(), webex.SupervisorListOptions{}))
		require.NoError(t, err)
	}
	require.Equal(t, []string{"true", "false"}, asked)
}

func noToken(context.Context) (webex.Token, error) { return webex.Token{}, nil }
