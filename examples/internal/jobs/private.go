package jobs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WritePrivate writes a file that names people: only its owner can read it, and it is
// there as a whole or as it was before. A symbolic link is not followed, and what is no
// ordinary file is not replaced.
func WritePrivate(path string, data []byte) error {
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link, which is not followed", path)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is no ordinary file", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}

	// A temporary file is made anew, for its owner alone.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // in vain once it has its name

	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
