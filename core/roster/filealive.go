package roster

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
)

// live takes the lock file that says that this open journal's claims count.
func (j *FileJournal) live() error {
	var id [8]byte
	rand.Read(id[:])
	j.by = hex.EncodeToString(id[:])

	f, err := os.OpenFile(j.aliveName(j.by), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	j.alive = f
	_, err = lockFile(f, true)
	return err
}

func (j *FileJournal) aliveName(by string) string { return j.path + "." + by + ".lock" }

// dead reports whether the open journal of another process has ended. Its lock file
// is then removed.
func (j *FileJournal) dead(by string) bool {
	if by == j.by {
		return false
	}

	f, err := os.OpenFile(j.aliveName(by), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		return false
	}
	defer f.Close()

	// The kernel dropped the lock if that process has died.
	if free, err := lockFile(f, false); err != nil || !free {
		return false
	}
	os.Remove(f.Name())
	return true
}

// exclusive takes the lock between processes, where this one does not hold it already.
func (j *FileJournal) exclusive() (func(), error) {
	if j.readOnly || j.kept > 0 {
		return func() {}, nil
	}
	if _, err := lockFile(j.lock, true); err != nil {
		return nil, err
	}
	return func() { unlockFile(j.lock) }, nil
}
