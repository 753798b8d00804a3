package roster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/rollcall-go/rollcall/core"
)

// refresh reads what others have appended. A damaged journal shows what is known.
func (j *FileJournal) refresh() error {
	if j.broken != nil {
		if errors.Is(j.broken, ErrDamaged) {
			return nil
		}
		return j.broken
	}

	unlock, err := j.exclusive()
	if err != nil {
		return err
	}
	defer unlock()

	if err := j.catchUp(); err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	return nil
}

// Plan implements Journal.
func (j *FileJournal) Plan(_ context.Context, id string) (Plan, error) {
	j.mu.Lock()
	defer j.mu.Unlock()

	if err := j.refresh(); err != nil {
		return Plan{}, err
	}
	at, ok := j.index.begun(id)
	if !ok {
		return Plan{}, &core.Error{Op: "journal", Class: core.ClassNotFound, Message: "no plan " + id + " was begun", Applied: core.AppliedNo}
	}

	l, err := j.read(at)
	if err != nil {
		return Plan{}, err
	}
	return l.entry.Content()
}

// Plans implements Journal.
func (j *FileJournal) Plans(ctx context.Context) iter.Seq2[Plan, error] {
	return func(yield func(Plan, error) bool) {
		j.mu.Lock()
		err := j.refresh()
		ids := j.index.plans()
		j.mu.Unlock()
		if err != nil {
			yield(Plan{}, err)
			return
		}

		for _, id := range ids {
			p, err := j.Plan(ctx, id)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// Due implements Journal.
func (j *FileJournal) Due(ctx context.Context, now time.Time) iter.Seq2[Plan, error] {
	return func(yield func(Plan, error) bool) {
		for p, err := range j.Plans(ctx) {
			if err != nil {
				yield(p, err)
				return
			}
			if p.Until.IsZero() || p.Until.After(now) {
				continue
			}

			closed, err := j.closed(ctx, p.ID())
			if err != nil {
				yield(p, err)
				return
			}
			if !closed && !yield(p, nil) {
				return
			}
		}
	}
}

func (j *FileJournal) closed(ctx context.Context, plan string) (bool, error) {
	for r, err := range j.records(ctx, Query{Plan: plan}, true) {
		if err != nil {
			return false, err
		}
		if r.Phase == PhaseNote && r.Note == NoteClosed {
			return true, nil
		}
	}
	return false, nil
}

// Records implements Journal.
func (j *FileJournal) Records(ctx context.Context, q Query) iter.Seq2[Record, error] {
	return j.records(ctx, q, false)
}

// records walks what the query asks for. With notesOnly it walks what belongs to the
// plan itself and to no lane.
func (j *FileJournal) records(ctx context.Context, q Query, notesOnly bool) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		j.mu.Lock()
		err := j.refresh()
		places := j.index.places(q, notesOnly)
		j.mu.Unlock()
		if err != nil {
			yield(Record{}, err)
			return
		}

		var w windowReader
		for _, at := range places {
			if err := ctx.Err(); err != nil {
				yield(Record{}, err)
				return
			}
			l, err := w.read(j.f, at)
			var r Record
			if err == nil {
				r, err = l.entry.Record()
				r.Seq = l.n
			}

			if err == nil && r.At.Before(q.Since) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// read reads one line again.
func (j *FileJournal) read(at place) (line, error) {
	var w windowReader
	return w.read(j.f, at)
}

// windowReader reads lines that mostly stand one after the other.
type windowReader struct {
	from int64
	data []byte
}

const windowSize = 128 << 10

func (w *windowReader) read(f io.ReaderAt, at place) (line, error) {
	if at.offset < w.from || at.offset+int64(at.size) > w.from+int64(len(w.data)) {
		// What was handed out points into the old window, so there is a new one.
		data := make([]byte, max(windowSize, at.size))
		n, err := f.ReadAt(data, at.offset)
		if n < at.size {
			return line{}, fmt.Errorf("journal: line %d: %w", at.n, err)
		}
		w.from, w.data = at.offset, data[:n]
	}

	start := at.offset - w.from
	return parseLine(w.data[start : start+int64(at.size) : start+int64(at.size)])
}
