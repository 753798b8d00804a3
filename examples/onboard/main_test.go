package main

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

// TestOnboard_SampleFiles onboards each vendor's sample file twice: the second time,
// everybody is there.
func TestOnboard_SampleFiles(t *testing.T) {
	for _, v := range fleet.All {
		synctest.Test(t, func(t *testing.T) {
			s := settings{sim: true, vendor: v.Name}
			hires, err := s.hires(v)
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(hires), 3)
			f, end, err := fleet.Open([]fleet.Member{{Name: v.Name, Vendor: v}}, fleet.Settings{}, true)
			require.NoError(t, err)
			defer end(t.Context())
			journal, err := roster.OpenFile(filepath.Join(t.TempDir(), "j"))
			require.NoError(t, err)
			defer journal.Close()

			var out, watch strings.Builder
			report, err := s.onboard(t.Context(), &out, &watch, f, journal, hires)
			wrong := 0
			if v.Name == "avaya" {
				wrong = 1 // its file asks for a skill that does not exist
				require.Contains(t, out.String(), "does not exist")
				require.Equal(t, 3, jobs.Exit(report, err))
			} else {
				require.NoError(t, err, out.String())
			}
			require.Equal(t, wrong, report.Failed, out.String())
			require.Contains(t, watch.String(), v.Name+": ")
			for _, s := range report.Steps {
				require.Contains(t, out.String(), s.Step, "each step is told")
			}
			users := 0
			for _, h := range hires {
				for _, err := range f[v.Name].ListUsers(t.Context(), core.UserQuery{Login: h.Spec.Login}) {
					require.NoError(t, err)
					users++
				}
			}
			require.Equal(t, len(hires)-wrong, users)

			out.Reset()
			again, err := s.onboard(t.Context(), &out, nil, f, journal, hires)
			require.Equal(t, wrong, again.Failed, out.String())
			require.Equal(t, wrong, len(again.Steps), out.String())
			require.Equal(t, 3*wrong, jobs.Exit(again, err))
		})
	}
}

func TestRun_SaysWhatIsWrong(t *testing.T) {
	t.Setenv("WEBEX_TOKEN", "")
	require.Equal(t, 2, run(t.Context(), nil, nil, settings{vendor: "acme", sim: true}))
	require.Equal(t, 2, run(t.Context(), nil, nil, settings{vendor: "webex"}), "no file")
	require.Equal(t, 2, run(t.Context(), nil, nil, settings{vendor: "webex", file: "webex.csv"}), "no token")
}
