package roster

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// pending is a change of the file that somebody waits for.
type pending struct {
	make func() ([]line, error)
	n    int64 // the last line, afterwards
	err  error
	done chan struct{}
}

// change appends what build returns, after everything that others have appended, and
// returns the number of the last line. Those who come while somebody else writes are
// served together by the next: one lock between processes, one write.
func (j *FileJournal) change(build func() ([]line, error)) (int64, error) {
	p := &pending{make: build, done: make(chan struct{})}
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
	runtime.Gosched() // whoever is about to come shares the lock and the write
	j.queueMu.Lock()
	batch := j.queue
	j.queue = nil
	j.queueMu.Unlock()

	j.mu.Lock()
	err := j.serve(batch)
	j.giveWay()
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

// maxKept is for how many writes in a row a process keeps the lock while more of its own
// changes wait. It is a few milliseconds, so that other processes come in between.
const maxKept = 16

// own takes the lock between processes and reads what others have appended. A lock that is
// still held is kept: then nobody else has appended anything. The caller holds mu.
func (j *FileJournal) own() error {
	if j.kept > 0 {
		return nil
	}
	if _, err := lockFile(j.lock, true); err != nil {
		return err
	}
	j.kept = 1
	return j.catchUp()
}

// giveWay releases the lock between processes, unless more changes wait and it is not held
// for long. The caller holds mu.
func (j *FileJournal) giveWay() {
	if j.kept == 0 {
		return
	}

	j.queueMu.Lock()
	more := len(j.queue) > 0
	j.queueMu.Unlock()

	if more && j.kept < maxKept && j.broken == nil {
		j.kept++
		return
	}
	unlockFile(j.lock)
	j.kept = 0
}

// serve writes what some changes make. An error is one of all of them. The caller holds
// mu.
func (j *FileJournal) serve(batch []*pending) error {
	if j.readOnly {
		return fmt.Errorf("%w: it was opened to be read", ErrBroken)
	}
	if j.broken != nil {
		return j.broken
	}
	if err := j.own(); err != nil {
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

		// The lock is given away while the disk works, so that others can append.
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

// syncUpTo is syncTo for callers that do not hold mu.
func (j *FileJournal) syncUpTo(n int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.syncTo(n)
}

// body is a record that is ready but for its place in its lane.
type body struct {
	text []byte
	sum  string
}

// bodies makes the bodies of records. It needs no lock, so it is done before one is taken.
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
