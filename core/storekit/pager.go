package storekit

import (
	"context"
	"fmt"
	"iter"

	"github.com/rollcall-go/rollcall/core"
)

// Page is one page of a listing.
type Page[T any] struct {
	Items []T
	// Next is the cursor of the page after this one; empty on the last page,
	// where the vendor says so.
	Next string
	// Total is how many items the vendor says there are, or -1 where it does not.
	Total int
}

// Pager walks a listing that comes in pages. It never ends silently short: a
// vendor that repeats itself, that runs dry before the total it named, or whose
// total cannot be right, makes the walk end with an error of class incomplete.
type Pager[T any] struct {
	// Vendor and Op name the listing in errors.
	Vendor, Op string
	// Start is the cursor of the first page.
	Start string
	// Fetch reads the page at a cursor. It may return rows beside an error: those
	// that came before it.
	Fetch func(ctx context.Context, cursor string) (Page[T], error)
	// Key returns an item's id. The string is not kept.
	Key func(*T) string
}

// All returns the walk. It is lazy and can be ranged over again, which starts over:
// nothing is kept between walks. Each row is handed out once. A row that comes again
// makes the walk incomplete, because rows that move between pages hide others, unless
// the total that the vendor named is met by different rows. Of each row that was
// handed out 8 bytes are kept.
func (p Pager[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walk[T]{Pager: p, cursor: p.Start, mark: p.Start, lap: 1, first: -1, last: -1}
		for {
			page, err := p.Fetch(ctx, w.cursor)
			rows := w.distinct

			// Rows that came are correct, even if the page has an error.
			fresh, stopped := w.take(page.Items, yield)
			if stopped {
				return
			}

			var none T
			if err != nil {
				yield(none, Incomplete(p.Vendor, p.Op, err, rows+fresh > 0))
				return
			}
			done, err := w.judge(page, fresh)
			if err != nil {
				yield(none, err)
			}
			if done {
				return
			}
		}
	}
}

// walk is the state of one walk.
type walk[T any] struct {
	Pager[T]
	cursor string
	seen   Seen

	first, last int // the total that the vendor announced, -1 before it did
	distinct    int // rows without repeats
	repeated    bool

	// Cursors that go in a circle of any length are found by comparing with one
	// that is replaced ever more rarely (Brent).
	mark       string
	steps, lap int
}

// take yields the rows that did not come before.
func (w *walk[T]) take(items []T, yield func(T, error) bool) (fresh int, stopped bool) {
	for i := range items {
		if !w.seen.Add(w.Key(&items[i])) {
			w.repeated = true
			continue
		}

		fresh++
		w.distinct++
		if !yield(items[i], nil) {
			return fresh, true
		}
	}
	return fresh, false
}

// judge decides after a page whether the walk is done, and why it is incomplete.
func (w *walk[T]) judge(page Page[T], fresh int) (done bool, err error) {
	if page.Total >= 0 {
		if w.first < 0 {
			w.first = page.Total
		}
		if w.last > page.Total {
			return true, w.incomplete("the vendor's total went from %d to %d during the listing, so rows may have been missed", w.last, page.Total)
		}
		w.last = page.Total
	}

	if len(page.Items) > 0 && fresh == 0 {
		return true, w.incomplete("the vendor sent the same page again")
	}
	if page.Next == "" || w.last >= 0 && (w.distinct >= w.last || len(page.Items) == 0) {
		return true, w.end(page.Next != "")
	}
	if page.Next == w.cursor || page.Next == w.mark {
		return true, w.incomplete("the vendor repeated a cursor") // which may be an address, with a query
	}

	w.cursor = page.Next
	if w.steps++; w.steps == w.lap {
		w.mark, w.steps, w.lap = w.cursor, 0, 2*w.lap
	}
	return false, nil
}

// end judges the complete list.
func (w *walk[T]) end(more bool) error {
	total := max(w.first, w.last)
	switch {
	case w.repeated && total < 0:
		return w.incomplete("the vendor sent a row twice, so another may be missing")
	case w.distinct < total && w.repeated:
		return w.incomplete("the vendor announced %d items and sent %d different ones, some of them twice", total, w.distinct)
	case w.distinct < total:
		return w.incomplete("the vendor announced %d items and sent %d", total, w.distinct)
	case total >= 0 && w.distinct > total && more:
		return w.incomplete("the vendor announced %d items and sent %d, so the end of the list is not known", total, w.distinct)
	}
	return nil
}

func (w *walk[T]) incomplete(format string, args ...any) error {
	return &core.Error{Vendor: w.Vendor, Op: w.Op, Class: core.ClassIncomplete, Applied: core.AppliedNo,
		Message: fmt.Sprintf(format, args...), Hint: whatCame}
}
