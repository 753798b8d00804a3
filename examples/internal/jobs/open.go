package jobs

import (
	"io"
	"os"
	"path/filepath"

	"github.com/rollcall-go/rollcall/core/roster"
)

// OpenJournal opens the journal of a program, or for a run on the simulators, which end
// with the program, one that ends with it too.
func OpenJournal(path string, sim bool) (journal *roster.FileJournal, done func(), err error) {
	remove := func() {}
	if sim {
		dir, err := os.MkdirTemp("", "rollcall")
		if err != nil {
			return nil, nil, err
		}
		path, remove = filepath.Join(dir, "sim.journal"), func() { os.RemoveAll(dir) }
	}

	if journal, err = roster.OpenFile(path); err != nil {
		remove()
		return nil, nil, err
	}
	return journal, func() { journal.Close(); remove() }, nil
}

// Terminal returns a file if somebody is watching it, else nil.
func Terminal(f *os.File) io.Writer {
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return f
	}
	return nil
}
