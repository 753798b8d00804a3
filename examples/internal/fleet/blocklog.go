package fleet

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// blockLog keeps the record of a block on disk from before its first write until it
// is printed. It is a help and no condition: where it cannot write it prints the
// record instead, and the block goes on.
type blockLog struct {
	dir     string
	account string // whose users these are
	note    func(string)
	began   bool
}

// blockKept is how long an unfinished block counts. What is older may have been
// mended by other means since.
const blockKept = time.Hour

// newBlockLog keeps its files where programs keep their state, and else where they
// keep what does not last.
func newBlockLog(s Settings, account string) *blockLog {
	l := &blockLog{account: account, note: s.Note}
	switch home, state, local := s.Getenv("HOME"), s.Getenv("XDG_STATE_HOME"), s.Getenv("LOCALAPPDATA"); {
	case filepath.IsAbs(state):
		l.dir = filepath.Join(state, "rollcall")
	case filepath.IsAbs(home):
		l.dir = filepath.Join(home, ".local", "state", "rollcall")
	case filepath.IsAbs(local):
		l.dir = filepath.Join(local, "rollcall")
	default:
		l.dir = filepath.Join(cmp.Or(s.Getenv("TMPDIR"), os.TempDir()), "rollcall-"+strconv.Itoa(os.Getuid()))
	}
	return l
}

func (l *blockLog) file(userID string) string {
	sum := sha256.Sum256([]byte(l.account + "\n" + userID))
	return filepath.Join(l.dir, fmt.Sprintf("block-%x.json", sum[:12]))
}

// kept is what is in a file.
type kept struct {
	At     time.Time  `json:"at"`
	Record core.Block `json:"record"`
}

// Begun implements libh3lp.BlockLog.
func (l *blockLog) Begun(_ context.Context, userID string) (core.Block, error) {
	return l.read(userID).Record, nil
}

// read returns what is kept for a user, and nothing where that does not count.
func (l *blockLog) read(userID string) kept {
	var k kept
	data, err := os.ReadFile(l.file(userID))
	if err != nil || json.Unmarshal(data, &k) != nil || k.Record.UserID != userID {
		return kept{}
	}
	if age := time.Since(k.At); age < 0 || age > blockKept {
		return kept{}
	}
	return k
}

// release takes a link out of an unfinished block: it was set by itself since, and
// is as it is for another reason.
func (l *blockLog) release(userID string, link core.Target) {
	k := l.read(userID)
	i := slices.Index(k.Record.Changed, link.String())
	if i < 0 {
		return
	}
	k.Record.Changed = slices.Delete(k.Record.Changed, i, i+1)
	data, err := json.Marshal(k)
	if err == nil {
		err = l.write(l.file(userID), data)
	}
	if err != nil {
		l.forget(userID) // less is remembered, and nothing wrong
	}
}

// Begin implements libh3lp.BlockLog.
func (l *blockLog) Begin(_ context.Context, b core.Block) error {
	l.began = true
	data, err := json.Marshal(kept{time.Now(), b})
	if err == nil {
		err = l.write(l.file(b.UserID), data)
	}
	if err != nil && l.note != nil {
		record, _ := json.Marshal(b)
		l.note(fmt.Sprintf("the block cannot be remembered (%v); should it be killed, keep this record of what it was about to do: %s", err, record))
	}
	return nil
}

// write puts a file in place as a whole.
func (l *blockLog) write(name string, data []byte) error {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	if info, err := os.Lstat(l.dir); err != nil || !info.IsDir() || info.Mode().Perm()&0o022 != 0 && filepath.Separator == '/' {
		return fmt.Errorf("%s is not a directory of ours alone", l.dir)
	}
	f, err := os.CreateTemp(l.dir, "block-*.new")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func (l *blockLog) forget(userID string) { os.Remove(l.file(userID)) }
