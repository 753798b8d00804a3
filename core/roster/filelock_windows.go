package roster

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

var (
	kernel32     = syscall.NewLazyDLL("kernel32.dll")
	lockFileEx   = kernel32.NewProc("LockFileEx")
	unlockFileEx = kernel32.NewProc("UnlockFileEx")
)

const (
	lockExclusive   = 2
	lockImmediately = 1
	lockViolation   = syscall.Errno(33)
	// The locked byte lies behind any that is ever written: Windows refuses reads of
	// locked bytes.
	lockOffsetHigh = 1 << 30
)

// lockFile takes the lock of an open file, and waits for it where wait is set.
// Without wait it reports whether the lock was free. The kernel drops the lock when
// the process dies.
func lockFile(f *os.File, wait bool) (bool, error) {
	how := uintptr(lockExclusive)
	if !wait {
		how |= lockImmediately
	}

	at := syscall.Overlapped{OffsetHigh: lockOffsetHigh}
	ok, _, err := lockFileEx.Call(f.Fd(), how, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	switch {
	case ok != 0:
		return true, nil
	case errors.Is(err, lockViolation):
		return false, nil
	}
	return false, err
}

func unlockFile(f *os.File) error {
	at := syscall.Overlapped{OffsetHigh: lockOffsetHigh}
	if ok, _, err := unlockFileEx.Call(f.Fd(), 0, 1, 0, uintptr(unsafe.Pointer(&at))); ok == 0 {
		return err
	}
	return nil
}

// syncDir does nothing: Windows keeps the entry of a new file with the file.
func syncDir(string) error { return nil }

// noFollow is not known here: the look before has to do.
const noFollow = 0
