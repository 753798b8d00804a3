package jobs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWritePrivate_ReplacesOrdinaryFilesAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	require.NoError(t, os.WriteFile(file, []byte("open to all"), 0o644))
	require.NoError(t, WritePrivate(file, []byte("names")))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())

	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(file, link))
	require.ErrorContains(t, WritePrivate(link, []byte("x")), "symbolic link")
	dangling := filepath.Join(dir, "dangling")
	require.NoError(t, os.Symlink(filepath.Join(dir, "victim"), dangling))
	require.Error(t, WritePrivate(dangling, []byte("x")))
	require.NoFileExists(t, filepath.Join(dir, "victim"))
	require.ErrorContains(t, WritePrivate(dir, []byte("x")), "no ordinary file")
	require.ErrorContains(t, WritePrivate("/dev/null", []byte("x")), "no ordinary file")
	require.Error(t, WritePrivate(filepath.Join(dir, "no", "folder"), []byte("x")))

	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "names", string(data))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 3, "no temporary file is left")
}
