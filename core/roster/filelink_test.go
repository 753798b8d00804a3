package roster_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// TestOpenFile_FollowsNoSymbolicLink: neither to a file that is there, nor to one that it
// would make. To read, it does.
func TestOpenFile_FollowsNoSymbolicLink(t *testing.T) {
	dir := t.TempDir()
	journal, foreign := filepath.Join(dir, "journal"), filepath.Join(dir, "foreign")
	j, err := roster.OpenFile(journal)
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.NoError(t, os.WriteFile(foreign, nil, 0o600))

	for name, to := range map[string]string{"of a file": foreign, "of a journal": journal, "of nothing": filepath.Join(dir, "none")} {
		link := filepath.Join(t.TempDir(), "link")
		require.NoError(t, os.Symlink(to, link))
		_, err := roster.OpenFile(link)
		require.ErrorContains(t, err, "symbolic link", name)
	}
	text, err := os.ReadFile(foreign)
	require.NoError(t, err)
	require.Empty(t, text)
	require.NoFileExists(t, filepath.Join(dir, "none"))
	_, err = roster.OpenFile(dir)
	require.ErrorContains(t, err, "no ordinary file")

	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(journal, link))
	j, err = roster.OpenFile(link, roster.ReadOnly())
	require.NoError(t, err)
	require.NoError(t, j.Close())
}
