package avaya_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestNew_NamesASettingThatIsMissingOrWrong(t *testing.T) {
	good := config("https://eu.api.example.com")
	for name, tc := range map[string]struct {
		edit func(*avaya.Config)
		says string
	}{
		"no base URL":      {func(c *avaya.Config) { c.BaseURL = "" }, "base URL is missing"},
		"foreign http":     {func(c *avaya.Config) { c.BaseURL = "http://eu.api.example.com" }, "plain http"},
		"user in URL":      {func(c *avaya.Config) { c.BaseURL = "https://me:hunter22@x.example" }, "must not hold a user"},
		"ftp":              {func(c *avaya.Config) { c.BaseURL = "ftp://x.example" }, "https://host"},
		"garbage":          {func(c *avaya.Config) { c.BaseURL = "https://\x7f" }, "cannot be parsed"},
		"account":          {func(c *avaya.Config) { c.AccountID = "QWERT/" }, "AccountID"},
		"no account":       {func(c *avaya.Config) { c.AccountID = "" }, "AccountID"},
		"no app key":       {func(c *avaya.Config) { c.AppKey = core.Secret{} }, "AppKey"},
		"split app key":    {func(c *avaya.Config) { c.AppKey = core.NewSecret("hunter22\nX-Evil: 1") }, "AppKey"},
		"no credentials":   {func(c *avaya.Config) { c.Auth = nil }, "Auth is missing"},
		"nil credentials":  {func(c *avaya.Config) { c.Auth = (*avaya.ClientCredentials)(nil) }, "Auth is missing"},
		"nil bearer":       {func(c *avaya.Config) { c.Auth = (*avaya.Bearer)(nil) }, "Auth is missing"},
		"no client id":     {func(c *avaya.Config) { c.Auth = avaya.ClientCredentials{Secret: core.NewSecret("s")} }, "ClientCredentials.ID"},
		"no client secret": {func(c *avaya.Config) { c.Auth = avaya.ClientCredentials{ID: "i"} }, "ClientCredentials.Secret"},
		"no token":         {func(c *avaya.Config) { c.Auth = avaya.Bearer{} }, "Bearer.Token is missing"},
		"split token":      {func(c *avaya.Config) { c.Auth = avaya.Bearer{Token: core.NewSecret("hunter22\nX-Evil: 1")} }, "Bearer.Token"},
	} {
		cfg := good
		tc.edit(&cfg)
		_, err := avaya.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid, name)
		require.ErrorContains(t, err, tc.says, name)
		require.NotContains(t, err.Error(), "hunter22")
	}
	_, err := avaya.New(good)
	require.NoError(t, err)
	cfg := good
	cfg.BaseURL = "http://127.0.0.1:8080"
	_, err = avaya.New(cfg)
	require.NoError(t, err, "this machine may be spoken to in the clear")
	cfg.BaseURL = "http://eu.api.example.com"
	cfg.AllowInsecureHTTP = true
	_, err = avaya.New(cfg, nil)
	require.NoError(t, err, "and an option that is nil is none")
	for _, bad := range []core.ClientOptions{{RateLimit: core.RateLimit{Burst: 1}}, {RateLimit: core.RateLimit{PerSecond: 1, Burst: -1}},
		{MaxAttempts: -1}, {MaxWait: -1}, {AttemptTimeout: -1}} {
		cfg := good
		cfg.ClientOptions = bad
		_, err := avaya.New(cfg)
		require.ErrorIs(t, err, core.ErrInvalid)
	}
}

func TestClient_PrintsNoSecret(t *testing.T) {
	secrets := []string{"planted-app-key", "planted-client-secret", "planted-token", "Planted-Passw0rd!"}
	everything := strings.Join(secrets, " ")
	mock := httpmock.NewMockTransport()
	mock.RegisterResponder("POST", "https://api.test/api/auth/v1/QWERTY/protocol/openid-connect/token",
		httpmock.NewStringResponder(200, `{"access_token":"planted-token","expires_in":900}`))
	mock.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		res := httpmock.NewStringResponse(400, fmt.Sprintf(`{"type":"x#%[1]s","title":"%[1]s","status":400,"detail":"%[1]s",
			"violations":[{"field":"%[1]s","message":"%[1]s"}]}`, everything))
		res.Header = http.Header{"X-Request-Id": {everything}}
		return res, nil
	})
	var log bytes.Buffer
	cfg := config("https://api.test")
	cfg.AppKey = core.NewSecret(secrets[0])
	cfg.Auth = avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(secrets[1])}
	cfg.Transport, cfg.Logger = mock, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c, err := avaya.New(cfg)
	require.NoError(t, err)
	_, err = c.Users.Create(t.Context(), avaya.User{LoginID: "l@x", FirstName: "f", LastName: "l", Password: core.NewSecret(secrets[3])})
	require.Error(t, err)
	_, listErr := core.Collect(c.Users.List(t.Context(), avaya.UserListOptions{Filter: avaya.Equals("loginId", "who@x")}))
	require.Error(t, listErr)
	own := fmt.Sprintf("%v %+v %#v %#v", err, err, err, *errorOf(t, err)) + strings.SplitAfter(log.String(), "\n")[1]
	require.NotContains(t, own, secrets[3], "the password that this call has set")
	all := own + log.String() + fmt.Sprintf("%v %+v %#v %+v %#v", listErr, cfg, cfg, c, errorOf(t, listErr))
	for _, secret := range secrets[:3] {
		require.NotContains(t, all, secret)
	}
	require.NotContains(t, log.String(), "who@x", "a query is not logged")
	require.NotContains(t, listErr.Error(), "who@x")
	require.NotEmpty(t, log.String())
}

func TestClient_ReportsACanceledContext(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Fault{Op: "Users.Create", Delay: time.Hour})
		ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
		defer cancel()
		_, err := b.store.CreateUser(ctx, core.UserSpec{Login: "c@example.com", FirstName: "Ca", LastName: "Ncel"})
		require.ErrorIs(b, err, core.ErrCanceled)
		require.Equal(b, core.AppliedUnknown, appliedOf(b, err), "it was on its way")
		_, err = b.store.GetUser(ctx, someUser)
		require.ErrorIs(b, err, core.ErrCanceled)
		require.Equal(b, core.AppliedNo, appliedOf(b, err))
		require.Empty(b, b.srv.Requests("Users.Get"))
	})
}

func TestClient_SendsNoImpossibleID(t *testing.T) {
	c, mock := mocked(t, "GET", usersPath, httpmock.NewStringResponder(200, "{}"))
	ctx := t.Context()
	for _, id := range []string{"", " ", ".", "..", "a/../b", "a/b", `a\b`, "a\nb", "\x00", strings.Repeat("x", 2000)} {
		_, getErr := c.Users.Get(ctx, id)
		_, putErr := c.Users.Replace(ctx, avaya.User{UserID: id, LoginID: "l", FirstName: "f", LastName: "l", OrganizationNodeID: "QWERTY"})
		_, modErr := c.Users.Modify(ctx, id, func(*avaya.User) error { return nil })
		_, statusErr := core.Collect(c.Users.ListStatuses(ctx, id))
		_, settleErr := c.Users.Settle(ctx, id)
		_, profileErr := c.Profiles.Get(ctx, id)
		_, profilePutErr := c.Profiles.Replace(ctx, avaya.Profile{ProfileID: id, ProfileName: "Nights"})
		_, groupErr := c.Groups.Get(ctx, id)
		for _, err := range []error{getErr, putErr, modErr, statusErr, settleErr, profileErr, profilePutErr, groupErr, c.Users.Delete(ctx, id), c.Store().DeleteUser(ctx, id)} {
			require.ErrorIs(t, err, core.ErrInvalid, "%q", id)
			require.Zero(t, errorOf(t, err).Attempts)
		}
	}
	require.Zero(t, mock.GetTotalCallCount())
}
