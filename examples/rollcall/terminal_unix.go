//go:build linux || darwin

package main

import (
	"os"
	"syscall"
	"unsafe"
)

// askWidth asks a terminal how many columns it has; zero where it does not say.
func askWidth(f *os.File) int {
	var size struct{ rows, columns, x, y uint16 }
	_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if failed != 0 {
		return 0
	}
	return int(size.columns)
}
