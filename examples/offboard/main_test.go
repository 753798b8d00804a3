package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// TestLeaving sends a person away at every vendor, and looks whether what the
// program says is so.
func TestLeaving(t *testing.T) {
	for _, v := range fleet.All {
		synctest.Test(t, func(t *testing.T) {
			f, end, err := fleet.Open([]fleet.Member{{Name: v.Name, Vendor: v}}, fleet.Settings{BlockLog: roster.BlockLog}, true)
			require.NoError(t, err)
			defer end(t.Context())
			u, err := fleet.Find(t.Context(), f[v.Name], v.Sample)
			require.NoError(t, err)

			var out strings.Builder
			l := leaving{out: &out, fleet: f}
			gone, err := l.account(t.Context(), v.Name, []string{v.Sample})
			require.NoError(t, err)
			require.False(t, gone)
			_, err = f[v.Name].GetUser(t.Context(), u.ID)
			require.NoError(t, err, "nothing was done")

			dir := t.TempDir()
			l.receipts = dir
			l.journal, err = roster.OpenFile(filepath.Join(dir, "j"))
			require.NoError(t, err)
			defer l.journal.Close()
			gone, err = l.account(t.Context(), v.Name, []string{v.Sample})
			require.NoError(t, err, out.String())
			_, err = f[v.Name].GetUser(t.Context(), u.ID)
			require.Equal(t, errors.Is(err, core.ErrNotFound), gone, out.String())
			if v.Capabilities().Of(core.OpDeleteUser).Support != core.NotOffered {
				require.True(t, gone, out.String())
			} else {
				require.Contains(t, out.String(), "the user stays")
				p, err := f[v.Name].Presence(t.Context(), u.ID)
				require.NoError(t, err)
				require.True(t, *p.Blocked)
			}

			files, err := filepath.Glob(filepath.Join(dir, "*.receipt"))
			require.NoError(t, err)
			require.Len(t, files, 1)
			data, err := os.ReadFile(files[0])
			require.NoError(t, err)
			receipt, err := roster.Verify(data)
			require.NoError(t, err)
			require.NotEmpty(t, receipt.Looks)
			if gone {
				out.Reset()
				gone, err = l.account(t.Context(), v.Name, []string{v.Sample})
				require.NoError(t, err)
				require.True(t, gone, "it can be run again")
				require.Contains(t, out.String(), "nobody has the login "+v.Sample)
			}
		})
	}
}

// TestRun_IsNotDoneOnWeakEvidence: an address in another case is found, and a page of a
// proxy is no evidence about anybody.
func TestRun_IsNotDoneOnWeakEvidence(t *testing.T) {
	cisco := webextest.NewServer(webextest.WithSampleData())
	defer cisco.Close()
	base, err := cisco.Start()
	require.NoError(t, err)
	t.Setenv("WEBEX_TOKEN", webextest.Bearer)
	t.Setenv("WEBEX_BASE_URL", base)
	var out strings.Builder
	journal := filepath.Join(t.TempDir(), "j")

	cisco.Fault(webextest.Fault{Status: 404, ContentType: "text/html", Body: "<html>nginx</html>", Times: -1})
	require.Equal(t, 3, run(t.Context(), &out, false, true, journal, []string{"webex=ana.silva@example.com"}), out.String())
	cisco.Reset()

	require.Equal(t, 0, run(t.Context(), &out, false, true, journal, []string{"webex=Ana.Silva@Example.com"}), out.String())
	require.Contains(t, out.String(), "applied\tana.silva@example.com/webex/users.delete")
}

func TestRun_UsesNobodyElsesLogin(t *testing.T) {
	var out strings.Builder
	require.Equal(t, 0, run(t.Context(), &out, true, true, "", []string{"avaya=nobody@example.com", "webex=dana.reyes@example.com"}),
		out.String())
	require.NotContains(t, out.String(), "avaya/users.delete", "dana works at avaya too, and was not named there")
}

func TestUsage(t *testing.T) {
	var out strings.Builder
	require.Equal(t, 2, run(t.Context(), &out, false, true, "", nil))
	require.Contains(t, out.String(), "nobody is named")
	out.Reset()
	t.Setenv("AVAYA_BASE_URL", "")
	require.Equal(t, 2, run(t.Context(), &out, false, true, "", []string{"avaya=x"}))
	require.Contains(t, out.String(), "AVAYA_BASE_URL")
}
