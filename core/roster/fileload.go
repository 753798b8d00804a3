package roster

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// headerStart begins the first line of a journal.
const headerStart = `{"version":1,"journal":"`

// start writes the first line of a new file, or reads that of an old one.
func (j *FileJournal) start() error {
	first, err := bufio.NewReader(io.NewSectionReader(j.f, 0, 1<<20)).ReadBytes('\n')
	if err == nil {
		text := bytes.TrimSuffix(first, []byte("\n"))
		return j.readHeader(text, int64(len(first)))
	}

	if !bytes.HasPrefix([]byte(headerStart), first[:min(len(first), len(headerStart))]) {
		return errors.New("the file is no journal")
	}

	// A first line that is not whole was never confirmed: nothing stands behind it, and a
	// reader finds nothing.
	if j.readOnly {
		return nil
	}
	if err := j.f.Truncate(0); err != nil {
		return err
	}

	var id [16]byte
	rand.Read(id[:])
	text := closeFrom(fmt.Appendf(nil, headerStart+`%x"`, id), 0)
	if _, err := j.f.Write(text); err != nil {
		return err
	}
	if err := j.f.Sync(); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(j.path)); err != nil {
		return err
	}
	return j.readHeader(bytes.TrimSuffix(text, []byte("\n")), int64(len(text)))
}

func (j *FileJournal) readHeader(text []byte, size int64) error {
	var h fileHeader
	if err := json.Unmarshal(text, &h); err != nil || h.Version == 0 {
		return errors.New("the file is no journal")
	}
	if h.Version > 1 {
		return refuse("journal", "it has version %d, written by a later rollcall; this one reads up to version 1", h.Version)
	}

	body, ok := whole(text)
	if !ok {
		return fmt.Errorf("%w: its first line was changed", ErrDamaged)
	}
	j.size, j.hash = size, digest(body)
	return nil
}

// catchUp reads what was appended since the last time, also by other processes. The
// caller holds both locks.
func (j *FileJournal) catchUp() error {
	if j.broken != nil {
		return j.broken
	}

	size, err := j.lock.Seek(0, io.SeekEnd) // cheaper than Stat
	if err != nil {
		return err
	}
	switch {
	case size == j.size:
		return nil
	case size < j.size:
		return j.damaged("the file has become shorter")
	}

	data := make([]byte, size-j.size)
	if _, err := j.f.ReadAt(data, j.size); err != nil {
		return err
	}
	for len(data) > 0 {
		text, rest, isComplete := bytes.Cut(data, []byte("\n"))
		l, err := parseLine(text)
		switch {
		case !isComplete || errors.Is(err, errLine):
			return j.cutTail(data)
		case err != nil || l.n != j.n+1 || l.prev != j.hash:
			return j.damaged(fmt.Sprintf("line %d does not follow from the one before it", j.n+1))
		}
		if err := j.index.add(l, j.size, len(text)); err != nil {
			return j.damaged(fmt.Sprintf("line %d: %v", l.n, err))
		}
		j.size, j.n, j.hash = j.size+int64(len(text))+1, l.n, digest(l.hashed)
		data = rest
	}
	return nil
}

// cutTail decides about the first line that cannot be read. Where a line behind it
// says that it was on the disk, it was changed: that is damage. Else nobody was told
// that it was written, and it is cut off.
func (j *FileJournal) cutTail(data []byte) error {
	bad := j.n + 1
	for text := range bytes.SplitSeq(data, []byte("\n")) {
		if l, err := parseLine(text); err == nil && l.synced >= bad {
			return j.damaged(fmt.Sprintf("line %d was on the disk and cannot be read any more", bad))
		}
	}
	if bad <= j.synced {
		return j.damaged(fmt.Sprintf("line %d was on the disk and cannot be read any more", bad))
	}

	if j.readOnly {
		return nil
	}
	if err := j.f.Truncate(j.size); err != nil {
		return err
	}
	return j.f.Sync()
}

func (j *FileJournal) damaged(why string) error {
	j.broken = fmt.Errorf("%w: %s; what stands before can be read, and the rest has to be planned anew", ErrDamaged, why)
	return j.broken
}

// Damage returns why the journal counts as damaged, or nil.
func (j *FileJournal) Damage() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if errors.Is(j.broken, ErrDamaged) {
		return j.broken
	}
	return nil
}
