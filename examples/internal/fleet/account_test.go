package fleet

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// TestOpen_FingerprintsNameTheAccountAndNoCredential: a changed secret is the same
// account, another server is another one, at every vendor.
func TestOpen_FingerprintsNameTheAccountAndNoCredential(t *testing.T) {
	credentials := []string{"AVAYA_APP_KEY", "AVAYA_CLIENT_ID", "AVAYA_CLIENT_SECRET", "LIBH3LP_PASSWORD", "LIVEPERSON_CLIENT_ID",
		"LIVEPERSON_CLIENT_SECRET", "LUCS_API_KEY", "WEBEX_TOKEN"}
	address := map[string]string{"avaya": "AVAYA_BASE_URL", "libh3lp": "LIBH3LP_BASE_URL", "liveperson": "LIVEPERSON_DOMAIN_URL",
		"lucs": "LUCS_BASE_URL", "webex": "WEBEX_BASE_URL"}
	seen := map[string]bool{}
	for _, v := range All {
		sim := v.Sim()
		defer sim.Close()
		of := func(change func(env map[string]string)) string {
			env := maps.Clone(sim.Env)
			change(env)
			f, end, err := Open([]Member{{Name: "emea", Vendor: v}}, Settings{Getenv: func(name string) string {
				for own, value := range env {
					if name == "EMEA_"+own {
						return value
					}
				}
				return ""
			}}, false)
			require.NoError(t, err)
			defer end(t.Context())
			return f.Fingerprint("emea")
		}
		was := of(func(map[string]string) {})
		require.False(t, seen[was])
		seen[was] = true
		require.Equal(t, was, of(func(env map[string]string) {
			for _, name := range credentials {
				if env[name] != "" {
					env[name] = "another"
				}
			}
		}))
		require.NotEqual(t, was, of(func(env map[string]string) { env[address[v.Name]] = "https://other.example.com/v1" }))
		for _, name := range credentials {
			if env := sim.Env[name]; env != "" {
				require.NotContains(t, was, env)
			}
		}
	}

	// On the simulators of two processes it is the same.
	for range 2 {
		members, err := ParseMembers("avaya,webex", []string{"emea=avaya"})
		require.NoError(t, err)
		f, end, err := Open(members, Settings{}, true)
		require.NoError(t, err)
		require.Equal(t, roster.Fleet.Fingerprint(f, "avaya"), f.Fingerprint("emea"))
		require.Equal(t, "webex https://webexapis.com/v1", f.Fingerprint("webex"))
		end(t.Context())
	}
}
