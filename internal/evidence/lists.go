package evidence

import (
	"bytes"
	"slices"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// elements are those of a list, or a value in place of a list of one, as some vendors
// write it, or none in place of null.
type elements struct {
	at    *wire.Cursor
	more  bool
	alone bool
}

func elementsAt(at *wire.Cursor) elements {
	switch at.Kind() {
	case '[':
		return elements{at: at, more: at.Enter()}
	case 'n':
		at.Skip()
		return elements{at: at}
	}
	return elements{at: at, more: true, alone: true}
}

// next steps to the next element when one was read.
func (e *elements) next() { e.more = !e.alone && e.at.More() }

// skip steps over the elements that are left.
func (e *elements) skip(c *comparison) {
	for ; e.more; e.next() {
		c.skip(e.at)
	}
}

func (c *comparison) sameList(r *Rule, want, is *wire.Cursor) bool {
	e := r.element()
	sent, shown := elementsAt(want), elementsAt(is)

	if r.Set {
		left, sent, shown, more := c.pair(e, sent, shown, false)
		sent.skip(c)
		shown.skip(c)
		return left.count == 0 && !more
	}

	ok := true
	for ; ok && sent.more && shown.more; shown.next() {
		ok = c.same(e, want, is)
		sent.next()
	}
	ok = ok && !sent.more && !shown.more
	sent.skip(c)
	shown.skip(c)
	return ok
}

// grown reports whether a list holds all that was sent, and nothing that was taken out.
func (c *comparison) grown(r *Rule, was, want, is *wire.Cursor) bool {
	e := r.element()
	start, shownAt := want.At(), is.At()

	left, _, _, _ := c.pair(e, elementsAt(want), elementsAt(is), true)
	is.Go(shownAt)
	c.drop(e, &left, elementsAt(is)) // one that is there stands for each that is the same

	want.Go(start)
	is.Go(shownAt)
	return c.without(r, was, want, is) && left.count == 0
}

// without reports whether nothing is there that was taken out: what was before and was
// not sent.
func (c *comparison) without(r *Rule, was, want, is *wire.Cursor) bool {
	if was == nil {
		c.skip(want)
		c.skip(is)
		return true
	}

	e := r.element()
	wasAt, start, shownAt := was.At(), want.At(), is.At()
	out, _, _, _ := c.pair(e, elementsAt(was), elementsAt(want), true)
	want.Go(start)
	c.drop(e, &out, elementsAt(want)) // one that was sent stands for each that is the same
	found := c.drop(e, &out, elementsAt(is))

	was.Go(wasAt)
	want.Go(start)
	is.Go(shownAt)
	c.skip(was)
	c.skip(want)
	c.skip(is)
	return !found
}

// pair takes the elements of two lists apart into pairs that are the same, in whatever
// order they come. It returns those of the first list that are left, and whether the
// second one has more. Where that does not matter, because the second list may grow, it
// is not read to its end.
func (c *comparison) pair(r *Rule, want, is elements, mayGrow bool) (left pending, sent, shown elements, more bool) {
	left = pending{of: want.at}
	extra := pending{of: is.at}

	for want.more && is.more && !c.spent() {
		w, i := want.at.At(), is.at.At()
		switch {
		case left.count+extra.count > 0:
			c.meet(r, want.at, is.at, &left, &extra)
		case !c.same(r, want.at, is.at): // most lists are in the same order, and nothing waits
			left.add(c, r, w, want.at.Since(w))
			extra.add(c, r, i, is.at.Since(i))
		}
		want.next()
		is.next()
	}

	for ; want.more && (mayGrow || left.count == 0) && !c.spent(); want.next() {
		at := want.at.At()
		if text := c.skip(want.at); !extra.take(c, r, want.at, at, text, true) {
			left.add(c, r, at, text)
		}
	}
	for ; is.more && left.count > 0 && (mayGrow || extra.count == 0) && !c.spent(); is.next() {
		at := is.at.At()
		if text := c.skip(is.at); !left.take(c, r, is.at, at, text, false) {
			extra.add(c, r, at, text)
		}
	}
	return left, want, is, is.more || extra.count > 0
}

// meet reads one element of each list while others wait, which come first.
func (c *comparison) meet(r *Rule, want, is *wire.Cursor, left, extra *pending) {
	w, i := want.At(), is.At()
	text, shown := c.skip(want), c.skip(is)
	end, shownEnd := want.At(), is.At()

	found := extra.take(c, r, want, w, text, true)
	foundShown := left.take(c, r, is, i, shown, false)
	if !found && !foundShown {
		want.Go(w)
		is.Go(i)
		found = c.same(r, want, is)
		foundShown = found
	}
	if !found {
		left.add(c, r, w, text)
	}
	if !foundShown {
		extra.add(c, r, i, shown)
	}
	want.Go(end)
	is.Go(shownEnd)
}

// drop removes from what waits of one list all that is the same as an element of another,
// and reports whether there was any.
func (c *comparison) drop(r *Rule, left *pending, list elements) (found bool) {
	for ; left.count > 0 && list.more && !c.spent(); list.next() {
		at := list.at.At()
		text := c.skip(list.at)
		for left.take(c, r, list.at, at, text, false) {
			found = true
		}
	}
	return found
}

// pending are elements of one list that wait for their like in another.
type pending struct {
	of    *wire.Cursor
	words map[string][]int // where texts and numbers are, by what all spellings have in common
	other []int
	count int
}

func (p *pending) add(c *comparison, r *Rule, at int, text []byte) {
	if p.count++; p.count > maxApart {
		c.work = -1
	}

	key, isWord := r.keyOf(text)
	if !isWord {
		p.other = append(p.other, at)
		return
	}
	if p.words == nil {
		p.words = map[string][]int{}
	}
	p.words[key] = append(p.words[key], at)
}

// take removes one element that is the same as the one at a place of the other list, and
// reports whether there was one. Sent says that the other list is the one that was sent.
// Both cursors stay where they are.
func (p *pending) take(c *comparison, r *Rule, other *wire.Cursor, at int, text []byte, sent bool) bool {
	if p.count == 0 {
		return false
	}

	like := arrival{c: c, r: r, of: other, at: at, sent: sent}
	key, isWord := r.keyOf(text)
	if isWord && p.takeWord(key, like) {
		return true
	}
	if !isWord && text[0] != '{' { // what is no word may equal one, such as null a blank text
		for key := range p.words {
			if p.takeWord(key, like) {
				return true
			}
		}
	}

	i := like.in(p.of, p.other)
	if i >= 0 {
		p.other = slices.Delete(p.other, i, i+1)
		p.count--
	}
	return i >= 0
}

func (p *pending) takeWord(key string, like arrival) bool {
	places := p.words[key]
	i := like.in(p.of, places)
	if i < 0 {
		return false
	}

	p.count--
	if p.words[key] = slices.Delete(places, i, i+1); len(places) == 1 {
		delete(p.words, key)
	}
	return true
}

// arrival is an element of a list whose like is looked for in the other one.
type arrival struct {
	c    *comparison
	r    *Rule
	of   *wire.Cursor
	at   int
	sent bool
}

// in returns which of some places of the other list holds the like of it, or -1.
func (a arrival) in(other *wire.Cursor, places []int) int {
	here, there := a.of.At(), other.At()
	found := -1
	for i, place := range places {
		a.of.Go(a.at)
		other.Go(place)
		if a.sent && a.c.same(a.r, a.of, other) || !a.sent && a.c.same(a.r, other, a.of) {
			found = i
			break
		}
	}

	a.of.Go(here)
	other.Go(there)
	return found
}

// keyOf returns what all spellings of a text or a number have in common.
func (r *Rule) keyOf(text []byte) (key string, isWord bool) {
	if text[0] != '"' && text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return "", false
	}
	word := []byte(r.plain(wordOf(text)))
	return string(wire.AppendDecimal(nil, bytes.TrimSpace(word))), true
}
