package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya"
	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/core"
)

func TestHire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := avayatest.NewServer(avayatest.WithRateLimit(10, 200*time.Millisecond, true))
		srv.Fail(avayatest.Failure{Op: "Users.Create", Roles: true, Skip: 3})
		client, err := avaya.New(avaya.Config{ClientOptions: core.ClientOptions{Transport: srv.Transport()}, BaseURL: avayatest.Origin,
			AccountID: avayatest.AccountID, AppKey: core.NewSecret(avayatest.AppKey),
			Auth: avaya.ClientCredentials{ID: avayatest.ClientID, Secret: core.NewSecret(avayatest.ClientSecret)}})
		require.NoError(t, err)
		var out strings.Builder
		require.NoError(t, hire(t.Context(), &out, client.Store(), 100))
		require.Equal(t, 99, strings.Count(out.String(), ": settled\n"), out.String())
		require.Equal(t, 1, strings.Count(out.String(), "role ("), "the one whose role failed is named")
		require.Len(t, srv.Users(), 100, "and nobody is there twice")
	})
}
