package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// TestSampleFiles onboards each vendor's sample file twice: the second time,
// everybody is there.
func TestSampleFiles(t *testing.T) {
	for _, v := range fleet.All {
		synctest.Test(t, func(t *testing.T) {
			in, err := openFile("", v.Name, true)
			require.NoError(t, err)
			var password core.Secret
			if takesPassword[v.Name] {
				password = core.NewSecret("Sample-passw0rd")
			}
			newcomers, err := read(in, password)
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(newcomers), 3)
			store, end, err := v.Connect(fleet.Settings{}, true)
			require.NoError(t, err)
			defer end(t.Context())

			var out, watch strings.Builder
			failed, err := onboard(t.Context(), &out, &watch, store, newcomers)
			require.NoError(t, err)
			wrong := 0
			if v.Name == "avaya" {
				wrong = 1 // its file asks for a skill that does not exist
				require.Contains(t, out.String(), "not fully assigned: avaya: ")
			}
			require.Equal(t, wrong, failed, out.String())
			require.Contains(t, watch.String(), fmt.Sprintf("%d of %d, %d failed", len(newcomers), len(newcomers), failed))
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			require.Len(t, lines, len(newcomers))
			users := 0
			for i, n := range newcomers {
				require.True(t, strings.HasPrefix(lines[i], n.spec.Login+"\t"), "in the file's order")
				for _, err := range store.ListUsers(t.Context(), core.UserQuery{Login: n.spec.Login}) {
					require.NoError(t, err)
					users++
				}
			}
			require.Equal(t, len(newcomers), users)

			out.Reset()
			again, err := onboard(t.Context(), &out, io.Discard, store, newcomers)
			require.NoError(t, err)
			require.Equal(t, failed, again)
			require.Equal(t, len(newcomers), strings.Count(out.String(), "\talready there"), out.String())
		})
	}
}

func TestRead(t *testing.T) {
	got, err := read(strings.NewReader("login,first,roles,assign,maxChats\na,Ann,x;y,queue:1@2;skill:b,3\n"), core.Secret{})
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, []string{"x", "y"}, got[0].spec.Roles)
	require.Equal(t, []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: "1"}, Level: new(2)}, {Target: core.Target{Kind: core.KindSkill, ID: "b"}}}, got[0].links)
	require.Contains(t, got[0].spec.Fields, "maxChats")
	for text, want := range map[string]string{
		"":                            "columns",
		"login\n":                     "nobody",
		"login,first\na,b\n,c\n":      "line 3",
		"login\na\na\n":               "twice",
		"login,assign\na,team:1\n":    "line 2, assign",
		"login,maxChats\na,x\n":       "no JSON",
		"login,first\na,\"b\nc,d,e\n": "",
		"login,first\na\n":            "wrong number of fields",
	} {
		_, err := read(strings.NewReader(text), core.Secret{})
		require.ErrorContains(t, err, want, "%q", text)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("login,first,assign\na,Ann,queue:1@2\n")
	f.Add("login,x\na,\"{\"\"a\"\":1}\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(strings.NewReader(text), core.Secret{})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, n := range got {
			if n.spec.Login == "" || seen[n.spec.Login] {
				t.Fatalf("login %q", n.spec.Login)
			}
			seen[n.spec.Login] = true
		}
	})
}
