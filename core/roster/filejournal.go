package roster

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
// opens all the same: what stands before the damage can be read, and everything else
// is ErrDamaged.
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

// live takes the lock file that says that this open journal's claims count.
func (j *FileJournal) live() error {
	var id [8]byte
	rand.Read(id[:])
	j.by = hex.EncodeToString(id[:])

	f, err := os.OpenFile(j.aliveName(j.by), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	j.alive = f
	_, err = lockFile(f, true)
	return err
}

func (j *FileJournal) aliveName(by string) string { return j.path + "." + by + ".lock" }

// dead reports whether the open journal of another process has ended. Its lock file
// is then removed.
func (j *FileJournal) dead(by string) bool {
	if by == j.by {
		return false
	}
	f, err := os.OpenFile(j.aliveName(by), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		return false
	}
	defer f.Close()
	if free, err := lockFile(f, false); err != nil || !free {
		return false
	}
	os.Remove(f.Name())
	return true
}

// exclusive takes the lock between processes.
func (j *FileJournal) exclusive() (func(), error) {
	if j.readOnly {
		return func() {}, nil
	}
	if _, err := lockFile(j.lock, true); err != nil {
		return nil, err
	}
	return func() { unlockFile(j.lock) }, nil
}

// start writes the first line of a new file, or reads that of an old one.
func (j *FileJournal) start() error {
	first, err := bufio.NewReader(io.NewSectionReader(j.f, 0, 1<<20)).ReadBytes('\n')
	if err == nil {
		text := bytes.TrimSuffix(first, []byte("\n"))
		return j.readHeader(text, int64(len(first)))
	}
	if j.readOnly {
		return errors.New("the file is no journal: its first line is not whole")
	}
	if len(first) > 0 && !bytes.HasPrefix([]byte(`{"version":`), first[:min(len(first), 11)]) {
		return errors.New("the file is no journal")
	}

	// A first line that is not whole was never confirmed: nothing stands behind it.
	if err := j.f.Truncate(0); err != nil {
		return err
	}
	var id [16]byte
	rand.Read(id[:])
	text := closeFrom(fmt.Appendf(nil, `{"version":1,"journal":"%x"`, id), 0)
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
	size, err := j.lock.Seek(0, io.SeekEnd) // cheaper than asking for all that there is to know
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
		text, rest, whole := bytes.Cut(data, []byte("\n"))
		l, err := parseLine(text)
		switch {
		case !whole || errors.Is(err, errLine):
			return j.cutTail(data)
		case err != nil || l.n != j.n+1 || l.prev != j.hash:
			return j.damaged(fmt.Sprintf("line %d does not follow from the one before it", j.n+1))
		}
		if err := j.index.add(l, j.size, len(text)); err != nil {
			return j.damaged(fmt.Sprintf("line %d: %v", l.n, err))
		}
		j.size, j.n, j.hash = j.size+int64(len(text))+1, l.n, l.hash
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

// pending is a change of the file that somebody waits for.
type pending struct {
	make func() ([]line, error)
	n    int64 // the last line, afterwards
	err  error
	done chan struct{}
}

// change appends what make returns, after everything that others have appended, and
// returns the number of the last line. Those who come while somebody else writes are
// served together by the next: one lock between processes, one write.
func (j *FileJournal) change(make_ func() ([]line, error)) (int64, error) {
	p := &pending{make: make_, done: make(chan struct{})}
	j.queueMu.Lock()
	j.queue = append(j.queue, p)
	lead := !j.leading
	j.leading = true
	j.queueMu.Unlock()
	if lead {
		j.lead()
	}
	<-p.done
	return p.n, p.err
}

// lead serves those who wait, and leaves those who came meanwhile to another.
func (j *FileJournal) lead() {
	j.queueMu.Lock()
	batch := j.queue
	j.queue = nil
	j.queueMu.Unlock()

	j.mu.Lock()
	err := j.serve(batch)
	j.mu.Unlock()
	for _, p := range batch {
		p.err = errors.Join(p.err, err)
		close(p.done)
	}

	j.queueMu.Lock()
	defer j.queueMu.Unlock()
	if j.leading = len(j.queue) > 0; j.leading {
		go j.lead()
	}
}

// serve writes what some changes make. An error is that of all of them. The caller holds
// mu.
func (j *FileJournal) serve(batch []*pending) error {
	if j.readOnly {
		return fmt.Errorf("%w: it was opened to be read", ErrBroken)
	}
	if j.broken != nil {
		return j.broken
	}
	unlock, err := j.exclusive()
	if err != nil {
		return err
	}
	defer unlock()
	if err := j.catchUp(); err != nil {
		return err
	}

	text, from := j.text[:0], j.size
	for _, p := range batch {
		var lines []line
		if lines, p.err = p.make(); p.err == nil {
			text, p.err = j.put(text, lines)
		}
		p.n = j.n
	}
	if j.text = text; len(text) == 0 {
		return nil
	}
	// A write that fails half-way may have left anything, so the journal then refuses
	// everything else.
	if _, err := j.f.Write(text); err != nil {
		j.size = from
		j.broken = fmt.Errorf("%w: %w", ErrBroken, err)
		return j.broken
	}
	return nil
}

// put adds lines to the bytes that are about to be written, and to the index: the next
// change of the same write follows them.
func (j *FileJournal) put(text []byte, lines []line) ([]byte, error) {
	for _, l := range lines {
		l.n, l.synced, l.prev = j.n+1, j.synced, j.hash
		before := len(text)
		more, hash, err := appendLine(text, l)
		if err != nil {
			return text, err
		}
		at := place{n: l.n, offset: j.size, size: len(more) - before - 1}
		if l.claim != nil {
			j.index.held[l.claim.Lane] = *l.claim
		} else if err := j.index.put(l.head, l.entry.Hash(), at); err != nil {
			return text, err
		}
		text, j.n, j.hash, j.size = more, l.n, hash, j.size+int64(len(more)-before)
	}
	return text, nil
}

// syncTo returns when line n is on the disk. One sync serves all that wait; those
// who come while it runs wait for the next. The caller holds mu.
func (j *FileJournal) syncTo(n int64) error {
	for j.synced < n {
		if j.broken != nil {
			return j.broken
		}
		if j.syncing {
			j.done.Wait()
			continue
		}
		j.syncing = true
		target, f := j.n, j.f
		j.mu.Unlock()
		err := f.Sync()
		j.mu.Lock()

		j.syncing = false
		if err != nil {
			// What the disk holds is unknown from here on: pages that failed may be gone.
			j.broken = fmt.Errorf("%w: a sync failed: %w", ErrBroken, err)
		} else {
			j.synced = max(j.synced, target)
		}
		j.done.Broadcast()
	}
	return nil
}

// syncUpTo is syncTo for who does not hold mu.
func (j *FileJournal) syncUpTo(n int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.syncTo(n)
}

// Begin implements Journal.
func (j *FileJournal) Begin(_ context.Context, p Plan, notes ...Record) error {
	id := p.ID()
	bodies, err := j.bodies(notes, nil)
	if err != nil {
		return err
	}
	n, err := j.change(func() ([]line, error) {
		var lines []line
		prev := j.index.last(id, "")
		if !j.index.knows(id) {
			entry, err := SealPlan(p, Record{At: time.Now().UTC()})
			if err != nil {
				return nil, err
			}
			head, err := parseHead(entry.Head)
			if err != nil {
				return nil, err
			}
			lines, prev = append(lines, line{entry: entry, head: head}), entry.Hash()
		}
		more, err := seal(bodies, id, "", prev)
		return append(lines, more...), err
	})
	if err != nil {
		return err
	}
	return j.syncUpTo(n)
}

// body is a record that is ready but for its place in its lane.
type body struct {
	text []byte
	sum  string
}

// bodies makes the bodies of records. It needs no lock, and so is done before.
func (j *FileJournal) bodies(rs []Record, c *Claim) ([]body, error) {
	out := make([]body, len(rs))
	for i, r := range rs {
		if r.At.IsZero() {
			r.At = time.Now().UTC()
		}
		if c != nil {
			r.Owner, r.Token = c.Owner, c.Token
		}
		text, err := bodyOf(r, nil)
		if err != nil {
			return nil, err
		}
		out[i] = body{text, digest(text)}
	}
	return out, nil
}

// seal makes the lines of records that belong to one lane of a plan.
func seal(bodies []body, plan, lane, prev string) ([]line, error) {
	var lines []line
	for _, b := range bodies {
		head := entryHead{Plan: plan, Lane: lane, Prev: prev, Sum: b.sum}
		entry, err := entryOf(head, b.text)
		if err != nil {
			return nil, err
		}
		lines, prev = append(lines, line{entry: entry, head: head}), entry.Hash()
	}
	return lines, nil
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
