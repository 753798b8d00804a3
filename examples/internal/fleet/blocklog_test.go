package fleet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestBlockLog(t *testing.T) {
	dir := t.TempDir()
	var notes []string
	logOf := func(env map[string]string, account string) *blockLog {
		return newBlockLog(Settings{Getenv: func(name string) string { return env[name] }, Note: func(s string) { notes = append(notes, s) }}, account)
	}
	b := core.Block{Vendor: "libh3lp", UserID: "8451", Changed: []string{"queue:1", "queue:2"}}
	for i, env := range []map[string]string{{"HOME": dir}, {"HOME": "/nonexistent", "XDG_STATE_HOME": filepath.Join(dir, "state")}, {"LOCALAPPDATA": filepath.Join(dir, "local")}, {"TMPDIR": filepath.Join(dir, "tmp"), "HOME": "relative"}} {
		synctest.Test(t, func(t *testing.T) {
			l := logOf(env, "a")
			require.True(t, strings.HasPrefix(l.file("8451"), dir), "%d", i)
			require.NoError(t, l.Begin(t.Context(), b))
			for _, other := range []*blockLog{logOf(env, "b"), logOf(env, "a")} {
				got, err := other.Begun(t.Context(), "8451")
				require.NoError(t, err)
				if other.account == "a" {
					require.Equal(t, b, got, "another process finds it")
				} else {
					require.Empty(t, got, "another account does not")
				}
			}
			got, _ := l.Begun(t.Context(), "8452")
			require.Empty(t, got)
			time.Sleep(time.Minute)
			l.release("8451", core.Target{Kind: core.KindQueue, ID: "3"})
			l.release("8451", core.Target{Kind: core.KindQueue, ID: "2"})
			l.release("8452", core.Target{Kind: core.KindQueue, ID: "1"})
			require.NoFileExists(t, l.file("8452"))
			k := l.read("8451")
			require.Equal(t, []string{"queue:1"}, k.Record.Changed)
			require.Equal(t, time.Minute, time.Since(k.At), "and it is no younger")
			info, err := os.Stat(l.file("8451"))
			require.NoError(t, err)
			require.Zero(t, info.Mode().Perm()&0o077, "it is nobody else's to read")
			time.Sleep(blockKept + time.Second)
			got, _ = l.Begun(t.Context(), "8451")
			require.Empty(t, got, "what is old may have been mended since")
			require.NoError(t, os.WriteFile(l.file("8451"), []byte(`{"at":`), 0o600))
			got, err = l.Begun(t.Context(), "8451")
			require.NoError(t, err)
			require.Empty(t, got)
			l.forget("8451")
			require.NoFileExists(t, l.file("8451"))
			left, err := os.ReadDir(l.dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
	require.Empty(t, notes)
	// A folder that others may write to is not trusted.
	open := filepath.Join(dir, "open")
	require.NoError(t, os.MkdirAll(filepath.Join(open, "rollcall"), 0o777))
	require.NoError(t, os.Chmod(filepath.Join(open, "rollcall"), 0o777))
	l := logOf(map[string]string{"XDG_STATE_HOME": open}, "a")
	require.NoError(t, l.Begin(t.Context(), b))
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], `"changed":["queue:1","queue:2"]`)
}
