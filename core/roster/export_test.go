package roster

import "errors"

// Disk is what a journal writes to.
type Disk = diskFile

// OnDisk puts something between a journal and its file.
func OnDisk(wrap func(Disk) Disk) FileOption { return func(j *FileJournal) { j.wrap = wrap } }

type unsynced struct{ diskFile }

func (unsynced) Sync() error { return nil }

// Unsynced makes a journal fast for tests in which no disk fails.
func Unsynced() FileOption { return OnDisk(func(d Disk) Disk { return unsynced{d} }) }

// FailingSync makes a journal whose syncs fail while bad says so.
func FailingSync(bad *bool) FileOption {
	return OnDisk(func(d Disk) Disk { return &failing{d, bad} })
}

type failing struct {
	diskFile
	bad *bool
}

func (f *failing) Sync() error {
	if *f.bad {
		return errors.New("the disk is gone")
	}
	return f.diskFile.Sync()
}

// ReadPlain is readPlain.
func ReadPlain(text []byte) (Record, bool) {
	var r Record
	ok := readPlain(text, &r)
	return r, ok
}
