package fleet

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVendor_NamesItsVariables: each is the vendor's, each secret is one of them, and the
// simulator is reached with nothing else.
func TestVendor_NamesItsVariables(t *testing.T) {
	for _, v := range All {
		names := v.Variables()
		require.GreaterOrEqual(t, len(names), 3, v.Name)
		require.NotEmpty(t, v.Secrets, v.Name)
		for _, secret := range v.Secrets {
			require.Contains(t, names, secret)
		}
		sim := v.Sim()
		t.Cleanup(sim.Close)
		for name := range sim.Env {
			require.Contains(t, names, name)
		}
		for _, name := range names {
			require.Regexp(t, `^(AVAYA|LIBH3LP|LIVEPERSON|LUCS|WEBEX)_[A-Z0-9_]+$`, name)
		}
		require.False(t, slices.Contains(names, "LUCS_ALLOW_HTTP=1"))
	}
}
