package roster_test

import (
	"os"
	"path/filepath"

	"github.com/rollcall-go/rollcall/core/roster"
)

// openExample opens a journal that is gone when the example has ended.
func openExample() (*roster.FileJournal, func()) {
	dir, err := os.MkdirTemp("", "roster")
	if err != nil {
		panic(err)
	}
	j, err := roster.OpenFile(filepath.Join(dir, "rollcall.journal"))
	if err != nil {
		panic(err)
	}
	return j, func() { j.Close(); os.RemoveAll(dir) }
}
