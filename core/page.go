package core

import (
	"context"
	"fmt"
	"iter"
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
	// Fetch reads the page at a cursor.
	Fetch func(ctx context.Context, cursor string) (Page[T], error)
	// Key returns an item's id. Rows move between pages while others write;
	// a row that comes again is dropped.
	Key func(*T) string
}

// All returns the walk. It is lazy and can be ranged over again, which starts
// over: nothing is kept between walks. Memory does not grow with the list: only
// the ids of the last two pages are held.
func (p Pager[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		incomplete := func(format string, args ...any) {
			yield(none, &Error{Vendor: p.Vendor, Op: p.Op, Class: ClassIncomplete,
				Message: fmt.Sprintf(format, args...), Applied: AppliedNo,
				Hint: "what was listed so far is real, the rest is missing: list again"})
		}
		cursor := p.Start
		first, last := -1, -1      // totals the vendor named
		received, distinct := 0, 0 // rows as they came, and without repeats
		var before, now map[string]struct{}
		// Cursors that go in a circle of any length are found by comparing with one
		// that is replaced ever more rarely (Brent).
		mark, steps, lap := p.Start, 0, 1
		for {
			page, err := p.Fetch(ctx, cursor)
			if err != nil {
				yield(none, err)
				return
			}
			if page.Total >= 0 {
				if first < 0 {
					first = page.Total
				}
				if last > page.Total {
					incomplete("the vendor's total went from %d to %d during the listing, so rows may have moved past it", last, page.Total)
					return
				}
				last = page.Total
			}
			before, now = now, make(map[string]struct{}, len(page.Items))
			fresh := 0
			for i := range page.Items {
				key := p.Key(&page.Items[i])
				_, old := before[key]
				_, twice := now[key]
				now[key] = struct{}{}
				if old || twice {
					continue
				}
				fresh++
				if !yield(page.Items[i], nil) {
					return
				}
			}
			received += len(page.Items)
			distinct += fresh
			switch {
			case len(page.Items) > 0 && fresh == 0:
				incomplete("the vendor sent the same page again")
				return
			case page.Next == "", last >= 0 && received >= last, last >= 0 && len(page.Items) == 0:
				switch {
				case distinct < first:
					incomplete("the vendor named %d items and sent %d", first, distinct)
				case received < last:
					incomplete("the vendor named %d items and sent %d", last, received)
				case last >= 0 && received > last && page.Next != "":
					incomplete("the vendor named %d items and sent %d, so nobody can tell where the list ends", last, received)
				}
				return
			}
			if page.Next == cursor || page.Next == mark {
				incomplete("the vendor repeated a cursor") // which may be an address, with a query
				return
			}
			cursor = page.Next
			if steps++; steps == lap {
				mark, steps, lap = cursor, 0, 2*lap
			}
		}
	}
}

// Collect gathers a walk into a slice. On an error it returns what came before
// it, together with the error.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}
