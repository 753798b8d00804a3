//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package roster

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the lock of an open file, and waits for it where wait is set.
// Without wait it reports whether the lock was free. The kernel drops the lock when
// the process dies.
func lockFile(f *os.File, wait bool) (bool, error) {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}

	for {
		err := syscall.Flock(int(f.Fd()), how)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return err == nil, err
		}
	}
}

// noFollow makes the kernel refuse a symbolic link.
const noFollow = syscall.O_NOFOLLOW

func unlockFile(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

// syncDir makes the entry of a new file durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
