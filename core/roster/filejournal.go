package roster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// FileJournal keeps a journal in a file of JSON lines, for any number of processes
// of one machine. Each line has a checksum and the hash of the line before it. The
// file is only ever appended to, and its mode is 0600, because it names people. A
// network file system is not supported.
//
// A lane that a process claims is held until the process frees it or dies.
type FileJournal struct {
	path     string
	readOnly bool
	by       string   // this open journal
	alive    *os.File // locked as long as it is open
	wrap     func(diskFile) diskFile

	queueMu sync.Mutex
	queue   []*pending
	leading bool // somebody serves the queue, or is about to

	mu     sync.Mutex
	f      diskFile
	lock   *os.File // the same file, for the lock between processes
	size   int64    // bytes that are read or written
	n      int64    // the last line
	hash   string   // its hash
	index  fileIndex
	broken error  // why nothing is appended any more
	text   []byte // what is about to be written, used again
	kept   int    // for how many writes in a row the lock between processes is held

	// The group commit: one sync serves all that wait for a line up to the one that was
	// last written when it began.
	synced  int64
	syncing bool
	done    *sync.Cond
}

// diskFile is what the journal does with its file.
type diskFile interface {
	io.ReaderAt
	io.Writer
	Sync() error
	Truncate(size int64) error
	Close() error
}

// FileOption adjusts OpenFile.
type FileOption func(*FileJournal)

// ReadOnly opens a journal to read it: nothing is created, cut off or appended.
func ReadOnly() FileOption { return func(j *FileJournal) { j.readOnly = true } }

// OpenFile opens the journal in a file, and creates it where there is none. A tail
// that was never confirmed, torn by a crash, is cut off. A journal that was damaged
// opens anyway: what stands before the damage can be read, and everything else
// is ErrDamaged. A file of a later version is ErrRefused. It reads and checks the whole file:
// about 80 ms for 20,000 records.
func OpenFile(path string, opts ...FileOption) (*FileJournal, error) {
	j := &FileJournal{path: path, index: newFileIndex()}
	for _, opt := range opts {
		opt(j)
	}
	j.done = sync.NewCond(&j.mu)

	if err := j.open(); err != nil {
		j.Close()
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return j, nil
}

func (j *FileJournal) open() error {
	how := os.O_RDWR | os.O_CREATE | os.O_APPEND
	if j.readOnly {
		how = os.O_RDONLY
	}
	f, err := openUnlinked(j.path, how)
	if err != nil {
		return err
	}

	j.f, j.lock = f, f
	if j.wrap != nil {
		j.f = j.wrap(f)
	}

	if !j.readOnly {
		if err := j.live(); err != nil {
			return err
		}
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	unlock, err := j.exclusive()
	if err != nil {
		return err
	}
	defer unlock()

	if err := j.start(); err != nil {
		return err
	}
	if err := j.catchUp(); err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	return nil
}

// Close frees what this open journal has claimed.
func (j *FileJournal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()

	var errs []error
	if j.f != nil {
		if j.broken == nil && !j.readOnly {
			errs = append(errs, j.f.Sync())
		}
		errs = append(errs, j.f.Close())
		j.f = nil
	}

	if j.alive != nil {
		os.Remove(j.alive.Name())
		errs = append(errs, j.alive.Close())
		j.alive = nil
	}

	if j.broken == nil {
		j.broken = fmt.Errorf("%w: it is closed", ErrBroken)
	}
	return errors.Join(errs...)
}

// Begin implements Journal.
func (j *FileJournal) Begin(_ context.Context, p Plan, notes ...Record) error {
	sealed := p.sealed()
	if sealed.line == nil {
		return p.Check()
	}
	return j.beginSealed(sealed, notes)
}

// beginSealed is Begin for a plan that is encoded already.
func (j *FileJournal) beginSealed(p sealedPlan, notes []Record) error {
	bodies, err := j.bodies(notes, nil)
	if err != nil {
		return err
	}

	n, err := j.change(func() ([]line, error) {
		var lines []line
		prev := j.index.last(p.id, "")
		if !j.index.knows(p.id) {
			entry, err := sealContent(p.line, Record{At: time.Now().UTC()})
			if err != nil {
				return nil, err
			}
			head, err := parseHead(entry.Head)
			if err != nil {
				return nil, err
			}
			lines, prev = append(lines, line{entry: entry, head: head}), entry.Hash()
		}

		more, err := seal(bodies, p.id, "", prev)
		return append(lines, more...), err
	})
	if err != nil {
		return err
	}
	return j.syncUpTo(n)
}

// Claim implements Journal. It costs no sync: a claim ends with its process.
func (j *FileJournal) Claim(_ context.Context, q ClaimRequest) (*Claim, error) {
	var claim *Claim
	_, err := j.change(func() ([]line, error) {
		for _, lane := range q.Lanes {
			held, token := j.index.holder(lane)
			if held != "" && (held == j.by || !j.dead(held)) {
				continue
			}

			claim = &Claim{Plan: q.Plan, Lane: lane, Owner: q.Owner, Token: token + 1}
			claim.Renewed(time.Time{}, j.index.lastSeq(q.Plan, lane))
			return []line{{claim: &claimLine{Lane: lane, By: j.by, Owner: q.Owner, Token: claim.Token}}}, nil
		}
		return nil, ErrNothing
	})
	if err != nil {
		return nil, err
	}
	return claim, nil
}

// Append implements Journal.
func (j *FileJournal) Append(_ context.Context, c *Claim, rs ...Record) error {
	durable := false
	for _, r := range rs {
		durable = durable || r.Phase != PhaseOutcome
	}

	bodies, err := j.bodies(rs, c)
	if err != nil {
		return err
	}

	n, err := j.change(func() ([]line, error) {
		if c == nil {
			return j.notes(rs, bodies)
		}
		if by, token := j.index.holder(c.Lane); by != j.by || token != c.Token {
			return nil, ErrFenced
		}
		return seal(bodies, c.Plan, c.Lane, j.index.last(c.Plan, c.Lane))
	})
	if err != nil {
		return err
	}

	if c != nil && len(rs) > 0 {
		c.Renewed(time.Time{}, n)
	}
	if durable {
		return j.syncUpTo(n)
	}
	return nil
}

// notes makes the lines of records that need no claim. They belong to their plans,
// and not to a lane.
func (j *FileJournal) notes(rs []Record, bodies []body) ([]line, error) {
	var lines []line
	prev := map[string]string{}
	for i, r := range rs {
		if r.Phase != PhaseNote {
			return nil, fmt.Errorf("%w: a record of phase %s needs a claim", ErrFenced, r.Phase)
		}

		before, ok := prev[r.Plan]
		if !ok {
			before = j.index.last(r.Plan, "")
		}

		more, err := seal(bodies[i:i+1], r.Plan, "", before)
		if err != nil {
			return nil, err
		}
		lines, prev[r.Plan] = append(lines, more...), more[0].entry.Hash()
	}
	return lines, nil
}

// Free implements Journal.
func (j *FileJournal) Free(_ context.Context, c *Claim) error {
	_, err := j.change(func() ([]line, error) {
		if by, token := j.index.holder(c.Lane); by != j.by || token != c.Token {
			return nil, nil
		}
		return []line{{claim: &claimLine{Lane: c.Lane, By: j.by, Owner: c.Owner, Token: c.Token, Free: true}}}, nil
	})
	return err
}

// Sync implements Journal.
func (j *FileJournal) Sync(context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.readOnly {
		return nil
	}
	return j.syncTo(j.n)
}
