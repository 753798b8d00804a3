package main

import (
	"os"
	"strconv"
)

// unknownWidth is what is assumed of a terminal that does not say how wide it is.
const unknownWidth = 80

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// widthOf is how many columns a terminal has, by COLUMNS where it is set, and zero for
// what is no terminal.
func widthOf(f *os.File, getenv func(string) string) int {
	if !isTerminal(f) {
		return 0
	}

	const least = 20
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n >= least {
		return n
	}
	if n := askWidth(f); n >= least {
		return n
	}
	return unknownWidth
}
