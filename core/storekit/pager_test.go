package storekit_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
)

type row struct{ id string }

// book is a scripted vendor: a page for each cursor.
type book struct {
	pages   map[string]storekit.Page[row]
	fetched []string
	fail    map[string]error
}

func rows(ids string) (out []row) {
	for _, r := range ids {
		out = append(out, row{string(r)})
	}
	return out
}

// page is a page in short: items by letter, next cursor, total.
func page(ids, next string, total int) storekit.Page[row] {
	return storekit.Page[row]{Items: rows(ids), Next: next, Total: total}
}

func (b *book) pager() storekit.Pager[row] {
	return storekit.Pager[row]{Vendor: "v", Op: "Rows.List", Start: "1", Key: func(r *row) string { return r.id },
		Fetch: func(_ context.Context, cursor string) (storekit.Page[row], error) {
			b.fetched = append(b.fetched, cursor)
			if len(b.fetched) > 1000 {
				panic("the walk does not end")
			}
			if err := b.fail[cursor]; err != nil {
				return storekit.Page[row]{}, err
			}
			return b.pages[cursor], nil
		}}
}

// walk gathers ids, and the error that ended the walk.
func walk(t *testing.T, b *book) (string, error) {
	t.Helper()
	var ids strings.Builder
	var end error
	for r, err := range b.pager().All(t.Context()) {
		require.NoError(t, end, "the walk went on after an error")
		if err != nil {
			require.Zero(t, r)
			end = err
			continue
		}
		ids.WriteString(r.id)
	}
	return ids.String(), end
}

func TestPagerEnds(t *testing.T) {
	pages := func(p ...storekit.Page[row]) map[string]storekit.Page[row] {
		m := map[string]storekit.Page[row]{}
		for i, x := range p {
			m[strconv.Itoa(i+1)] = x
		}
		return m
	}
	for _, c := range []struct {
		name    string
		pages   map[string]storekit.Page[row]
		want    string
		message string // of the error of class incomplete; "" for a good end
		fetches int
	}{
		{"nothing, total 0", pages(page("", "2", 0)), "", "", 1},
		{"nothing, no total", pages(page("", "", -1)), "", "", 1},
		{"one page", pages(page("ab", "", -1)), "ab", "", 1},
		{"by next alone", pages(page("ab", "2", -1), page("cd", "3", -1), page("e", "", -1)), "abcde", "", 3},
		{"by total alone", pages(page("ab", "2", 5), page("cd", "3", 5), page("e", "4", 5)), "abcde", "", 3},
		{"total on the first page only", pages(page("ab", "2", 3), page("c", "", -1)), "abc", "", 2},
		{"total on the last page only", pages(page("ab", "2", -1), page("c", "", 3)), "abc", "", 2},
		{"total that grows", pages(page("ab", "2", 3), page("cd", "3", 4)), "abcd", "", 2},
		{"empty pages lead on", pages(page("a", "2", -1), page("", "3", -1), page("", "4", -1), page("b", "", -1)), "ab", "", 4},
		{"a row comes twice, and the total is met", pages(page("ab", "2", 3), page("bc", "3", 3)), "abc", "", 2},
		{"a row comes twice, and a further page has the rest", pages(page("ab", "2", 4), page("bc", "3", 4), page("d", "", 4)), "abcd", "", 3},

		{"a row was inserted", pages(page("ab", "2", 3), page("bc", "", 4)), "abc", "4 items and sent 3 different ones, some of them twice", 2},
		{"a row comes twice within a page", pages(page("aab", "", -1)), "ab", "sent a row twice", 1},
		{"a row comes twice across pages, without totals", pages(page("ab", "2", -1), page("bc", "3", -1), page("cd", "", -1)), "abcd", "sent a row twice", 3},
		{"a row comes again many pages later", pages(page("ab", "2", 8), page("cd", "3", 8), page("ef", "4", 8), page("ga", "", 8)), "abcdefg", "8 items and sent 7", 4},

		{"a duplicate hides a row that was lost", pages(page("ab", "2", 4), page("bc", "", 4)), "abc", "announced 4 items and sent 3", 2},
		{"total that shrinks", pages(page("ab", "2", 5), page("cd", "3", 4)), "abcd", "went from 5 to 4", 2},
		{"total never reached, no next", pages(page("ab", "", 5)), "ab", "announced 5 items and sent 2", 1},
		{"total never reached, empty page", pages(page("ab", "2", 5), page("", "3", 5)), "ab", "announced 5 items and sent 2", 2},
		{"total never reached, first page empty", pages(page("", "2", 5)), "", "announced 5 items and sent 0", 1},
		{"a total that grew is not reached either", pages(page("ab", "2", 3), page("cd", "", 6)), "abcd", "announced 6 items and sent 4", 2},
		{"more than the total, and more to come", pages(page("abc", "2", 2), page("def", "", 2)), "abc", "announced 2 items and sent 3", 1},
		{"a page without a total that was forgotten", pages(page("ab", "2", 0)), "ab", "announced 0 items and sent 2", 1},
		{"repeated cursor", pages(page("ab", "2", -1), page("cd", "2", -1)), "abcd", "repeated a cursor", 2},
		{"repeated first cursor", pages(page("ab", "1", -1)), "ab", "repeated a cursor", 1},
		{"repeated page under a new cursor", pages(page("ab", "2", -1), page("ab", "3", -1)), "ab", "the same page again", 2},
		{"a circle of empty pages", pages(page("", "2", -1), page("", "3", -1), page("", "2", -1)), "", "repeated a cursor", -1},
		{"a circle of one empty page", pages(page("a", "2", -1), page("", "2", -1)), "a", "repeated a cursor", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &book{pages: c.pages}
			got, err := walk(t, b)
			require.Equal(t, c.want, got)
			if c.fetches >= 0 {
				require.Len(t, b.fetched, c.fetches)
			}
			if c.message == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, core.ErrIncomplete)
			require.ErrorContains(t, err, c.message)
			e, _ := errors.AsType[*core.Error](err)
			require.Equal(t, "v", e.Vendor)
			require.Equal(t, "Rows.List", e.Op)
			require.Equal(t, core.AppliedNo, e.Applied)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestPagerCirclesOfFullPagesEnd(t *testing.T) {
	// Each page looks new beside the one before it; only the cursors tell.
	for _, c := range []struct{ lead, length int }{{0, 2}, {0, 3}, {1, 2}, {5, 7}, {20, 3}, {3, 40}} {
		t.Run(fmt.Sprintf("%d into %d", c.lead, c.length), func(t *testing.T) {
			fetches, all := 0, c.lead+c.length
			p := storekit.Pager[row]{Start: "0", Key: func(r *row) string { return r.id },
				Fetch: func(_ context.Context, cursor string) (storekit.Page[row], error) {
					fetches++
					require.Less(t, fetches, 6*all+10, "the walk goes round in circles")
					n, err := strconv.Atoi(cursor)
					require.NoError(t, err)
					next := n + 1
					if next == all {
						next = c.lead
					}
					return storekit.Page[row]{Items: []row{{"r" + cursor}}, Next: strconv.Itoa(next), Total: -1}, nil
				}}
			seen, err := core.Collect(p.All(t.Context()))
			require.ErrorIs(t, err, core.ErrIncomplete)
			require.GreaterOrEqual(t, len(seen), all, "all pages were walked before")
		})
	}
}

func TestPagerRangesTwice(t *testing.T) {
	b := &book{pages: map[string]storekit.Page[row]{"1": page("ab", "2", 4), "2": page("cd", "3", 4)}}
	seq := b.pager().All(t.Context())
	require.Empty(t, b.fetched, "a walk that was not begun asks nothing")

	for range 2 {
		all, err := core.Collect(seq)
		require.NoError(t, err)
		require.Equal(t, rows("abcd"), all)
	}
	for r, err := range seq { // break early, in the middle of a page
		require.NoError(t, err)
		if r.id == "c" {
			break
		}
	}
	b.fetched = nil
	for range seq { // break at once
		break
	}
	require.Equal(t, []string{"1"}, b.fetched, "nothing is fetched ahead")
	all, err := core.Collect(seq)
	require.NoError(t, err)
	require.Equal(t, rows("abcd"), all, "a walk that was stopped starts over")
}

func TestPagerStopsAtAnError(t *testing.T) {
	cause := &core.Error{Vendor: "v", Op: "Rows.List", Class: core.ClassUnavailable}
	b := &book{pages: map[string]storekit.Page[row]{"1": page("ab", "2", -1), "2": page("cd", "", -1)}, fail: map[string]error{"2": cause}}
	got, err := walk(t, b)
	require.Equal(t, "ab", got)
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.ErrorIs(t, err, cause, "the cause is there")
	require.ErrorIs(t, err, core.ErrUnavailable)
	require.Equal(t, []string{"1", "2"}, b.fetched, "after an error nothing more is asked")

	some, err := core.Collect(b.pager().All(t.Context()))
	require.ErrorIs(t, err, cause)
	require.Equal(t, rows("ab"), some, "what came before the error comes with it")

	b.fail = nil
	got, err = walk(t, b)
	require.NoError(t, err)
	require.Equal(t, "abcd", got, "and a new walk is whole")
}

func TestPagerHandsItsContextOver(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := storekit.Pager[row]{Start: "1", Key: func(r *row) string { return r.id },
		Fetch: func(ctx context.Context, cursor string) (storekit.Page[row], error) {
			if err := ctx.Err(); err != nil {
				return storekit.Page[row]{}, &core.Error{Class: core.ClassCanceled, Err: err}
			}
			return page(cursor, cursor+"x", -1), nil
		}}
	n := 0
	var end error
	for _, err := range p.All(ctx) {
		if end = err; err == nil {
			n++
			cancel()
		}
	}
	require.Equal(t, 1, n)
	require.ErrorIs(t, end, context.Canceled)
}

func TestPager_KeepsFewBytesPerRow(t *testing.T) {
	const pages, size = 4000, 100
	p := storekit.Pager[row]{Start: "1", Key: func(r *row) string { return r.id },
		Fetch: func(_ context.Context, cursor string) (storekit.Page[row], error) {
			n, _ := strconv.Atoi(cursor)
			out := storekit.Page[row]{Total: -1}
			if n < pages {
				out.Next = strconv.Itoa(n + 1)
			}
			for i := range size {
				if n%10 == 0 {
					break // an empty page now and then
				}
				out.Items = append(out.Items, row{fmt.Sprintf("row-%d-%d", n, i)})
			}
			return out, nil
		}}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most, n := heap(), uint64(0), 0
	for _, err := range p.All(t.Context()) {
		require.NoError(t, err)
		if n++; n%(50*size) == 0 {
			most = max(most, heap())
		}
	}
	require.Equal(t, pages/10*9*size, n)
	// All ids together would hold more than 20 MB; 8 bytes of each are kept, with some
	// room, and never a second copy of them all.
	require.Less(t, int64(most)-int64(before), int64(n*10+512<<10))
}

func TestCollect(t *testing.T) {
	all, err := core.Collect(func(func(int, error) bool) {})
	require.NoError(t, err)
	require.Empty(t, all)
}
