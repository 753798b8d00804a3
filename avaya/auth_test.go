package avaya_test

import (
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/core"
)

// TestATokenIsUsedWhateverItsLifeIsWrittenAs: what cannot be read is no reason to do
// without a good token.
func TestATokenIsUsedWhateverItsLifeIsWrittenAs(t *testing.T) {
	for _, life := range []string{`900`, `900.5`, `"900"`, `1e30`, `"soon"`, `[]`, `{}`, `null`, `-1`} {
		mock := httpmock.NewMockTransport()
		mock.RegisterResponder("POST", `=~/protocol/openid-connect/token$`, httpmock.NewStringResponder(200, `{"access_token":"t","expires_in":`+life+`}`))
		mock.RegisterResponder("GET", `=~/users/`, httpmock.NewStringResponder(200, `{"userId":"u1"}`))
		c, err := avaya.New(avaya.Config{ClientOptions: core.ClientOptions{Transport: mock}, BaseURL: "https://vendor.example", AccountID: "ABCDEF", AppKey: core.NewSecret("the-app-key"),
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
