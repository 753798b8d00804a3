package avaya_test

import (
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

// TestATokenIsUsedWhateverItsLifeIsWrittenAs: what cannot be read is no reason to do
// without a good token.
func TestATokenIsUsedWhateverItsLifeIsWrittenAs(t *testing.T) {
	for _, life := range []string{`900`, `900.5`, `"900"`, `1e30`, `"soon"`, `[]`, `{}`, `null`, `-1`} {
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder("POST", `=~/protocol/openid-connect/token$`, httpmock.NewStringResponder(200, `{"access_token":"t","expires_in":`+
			life+`}`))
		mock.RegisterResponder("GET", `=~/users/`, httpmock.NewStringResponder(200, `{"userId":"u1"}`))
		c, err := avaya.New(avaya.Config{ClientOptions: core.ClientOptions{Transport: mock}, BaseURL: "https://vendor.example",
			AccountID: "ABCDEF", AppKey: core.NewSecret("the-app-key"),
			Auth: avaya.ClientCredentials{ID: "id", Secret: core.NewSecret("the-secret")}})
		require.NoError(t, err)
		for range 2 {
			_, err = c.Users.Get(t.Context(), "0b8ee6cc-4f0b-4e0a-8a3c-0a8ee6cc4f0b")
			if err != nil {
				require.NotEqual(t, "Token", err.(*core.Error).Op, "%s: %v", life, err)
			}
		}
		require.Equal(t, 1, mock.GetCallCountInfo()["POST =~/protocol/openid-connect/token$"], life)
	}
}

func TestAuth_ReportsABadAppKeyAfterOneRenewal(t *testing.T) {
	simulate(t, func(b *bench) {
		b.srv.Fault(avayatest.Fault{Op: "Users.Get", Times: -1, Status: 401, ContentType: "application/problem+json",
			Body: `{"title":"Unauthorized","status":401,"detail":"Invalid credentials (Appkey)"}`})
		_, err := b.client.Users.Get(b.Context(), "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b")
		require.ErrorIs(b, err, core.ErrUnauthenticated)
		require.ErrorContains(b, err, "Appkey")
		require.Len(b, b.srv.Requests("Users.Get"), 2)
		require.Len(b, b.srv.Requests("Token"), 2)
	})
}

func TestBearer_IsNotTriedAgainWhenRefused(t *testing.T) {
	simulate(t, func(b *bench) {
		cfg := bearer(avayatest.Origin)
		cfg.Transport = b.srv.Transport()
		c, err := avaya.New(cfg)
		require.NoError(b, err)
		_, err = c.Users.Get(b.Context(), someUser)
		require.ErrorIs(b, err, core.ErrUnauthenticated)
		log := b.srv.Requests()
		require.Len(b, log, 1, "nothing can be renewed")
		require.Equal(b, avayatest.AppKey, log[0].Header.Get("Appkey"))
	})
}
