package fleet

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// TestEveryVendorIsReached over its simulator, knows its sample person, names a
// setting that is missing, and can be closed.
func TestEveryVendorIsReached(t *testing.T) {
	for _, v := range All {
		synctest.Test(t, func(t *testing.T) {
			store, end, err := v.Connect(Settings{}, true)
			require.NoError(t, err)
			require.Equal(t, v.Name, store.Capabilities().Vendor)
			require.Equal(t, v.Name, v.Capabilities().Vendor)
			u, err := Find(t.Context(), store, v.Sample)
			require.NoError(t, err)
			require.Equal(t, v.Sample, u.Login)
			require.NoError(t, store.(interface{ Close(context.Context) error }).Close(t.Context()))
			end(t.Context())

			_, _, err = v.Connect(Settings{Getenv: func(string) string { return "" }}, false)
			require.ErrorContains(t, err, "is not set")
		})
	}
	_, err := Named("")
	require.ErrorContains(t, err, "-vendor is missing; it is one of avaya, libh3lp, liveperson, lucs, webex")
	_, err = Named("acme")
	require.ErrorContains(t, err, `no vendor "acme"`)
}
