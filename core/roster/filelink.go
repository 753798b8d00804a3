package roster

import (
	"errors"
	"io/fs"
	"os"
)

var (
	errLink     = errors.New("it is a symbolic link, which is not followed: name the file that it leads to")
	errOrdinary = errors.New("it is no ordinary file")
)

// openUnlinked opens a file to write it, but no symbolic link: somebody else may
// have put one there, and what it leads to must not be written.
func openUnlinked(path string, how int) (*os.File, error) {
	const mode = 0o600
	if how&os.O_RDWR == 0 {
		return os.OpenFile(path, how, mode)
	}

	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, errLink
	case !info.Mode().IsRegular():
		return nil, errOrdinary
	}
	return os.OpenFile(path, how|noFollow, mode) // it may have come since
}
