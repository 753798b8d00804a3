//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package roster

import (
	"errors"
	"os"
)

// A file journal needs a lock that ends with its process, which this system lacks.
func lockFile(*os.File, bool) (bool, error) { return false, errors.ErrUnsupported }

func unlockFile(*os.File) error { return errors.ErrUnsupported }

func syncDir(string) error { return errors.ErrUnsupported }

// noFollow is not known here: the look before has to do.
const noFollow = 0
