package evidence

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/rollcall-go/rollcall/internal/wire"
)

// A comparison reads two texts side by side and builds nothing of them: a vendor may put
// anything of any size beside what was sent. Each method below that compares two values
// leaves both cursors behind them, whatever it finds.
type comparison struct {
	work int // bytes that may still be looked at
}

const (
	// looks is how often a byte may be looked at: more than once where members or
	// elements are in another order. What is more tangled than that is not the same.
	looks = 32
	// perValue is how many bytes a value takes to compare, beside its own.
	perValue = 8
	// maxApart is how many elements of a list may wait for their like.
	maxApart = 10_000
)

// compare runs a comparison over some texts. It reports what f does, and false where
// there was no end of it.
func compare(f func(c *comparison) bool, texts ...json.RawMessage) bool {
	c := comparison{work: 1 << 20}
	for _, text := range texts {
		c.work += looks * len(text)
	}
	return f(&c) && !c.spent()
}

func (c *comparison) spent() bool { return c.work < 0 }

// skip steps over a value.
func (c *comparison) skip(at *wire.Cursor) json.RawMessage {
	text := at.Skip()
	c.work -= len(text) + 1
	return text
}

// rest steps over what is left of a list or object.
func (c *comparison) rest(at *wire.Cursor, more bool) {
	for ; more; more = at.More() {
		c.skip(at)
	}
}

// shows compares a field: see [Rule.Shows]. Was is nil where nothing is known of it.
func (c *comparison) shows(r *Rule, was, want, is *wire.Cursor) bool {
	switch {
	case r.Hidden, r.Silent && is.Kind() == 'n':
		c.skip(want)
		c.skip(is)
		return true
	case want.Empty():
		c.skip(want)
		return c.emptied(r, was, is)
	case r.MayGrow:
		return c.grown(r, was, want, is)
	}
	return c.same(r, want, is)
}

// emptied reports whether a field shows that it was emptied.
func (c *comparison) emptied(r *Rule, was, is *wire.Cursor) bool {
	if r.MayGrow && r.Emptied == nil && !r.Reset && !is.Empty() && is.Kind() != 'f' {
		return c.without(r, was, wire.NewCursor(nil), is)
	}

	start := is.At()
	text := c.skip(is)
	switch {
	case wire.Empty(text), string(text) == "false":
		return true
	case r.Emptied != nil:
		return r.Emptied(text)
	case r.Reset && was != nil:
		is.Go(start)
		return !c.same(r.element(), was, is)
	}
	return r.Reset
}

// same compares two values; the first one was sent.
func (c *comparison) same(r *Rule, want, is *wire.Cursor) bool {
	if c.spent() {
		return false
	}
	c.work -= perValue

	kind := want.Kind()
	switch {
	case r.Same != nil:
		return r.Same(c.skip(want), c.skip(is))
	case kind == '{':
		return c.sameObject(r, want, is)
	case kind == '[':
		return c.sameList(r, want, is)
	}

	isKind, isEmpty := is.Kind(), is.Empty()
	a, b := c.skip(want), c.skip(is)
	switch kind {
	case 't':
		return isKind == 't'
	case 'f':
		return isKind == 'f' || isKind == 'n' // what is off may be left out
	case 'n':
		return isEmpty
	}
	return isScalar(isKind) && r.sameScalar(a, b)
}

// isScalar reports a text, a number or a boolean.
func isScalar(kind byte) bool { return kind == '"' || kind == '0' || kind == 't' || kind == 'f' }

// sameScalar compares a text or a number with a scalar.
func (r *Rule) sameScalar(want, is []byte) bool {
	if bytes.Equal(want, is) || wire.SameNumber(want, is) {
		return true
	}
	if r.Key == nil && want[0] != '"' && is[0] != '"' {
		return false // another number, or a number and a boolean
	}
	if r.plain(wordOf(want)) == r.plain(wordOf(is)) {
		return true
	}
	return want[0] != '"' && is[0] == '"' && wire.SameNumber(want, []byte(strings.TrimSpace(wordOf(is)))) // a number in quotes
}

// wordOf is what a text means, and any other scalar as it is spelt.
func wordOf(scalar []byte) string {
	if text, ok := wire.Text(scalar); ok {
		return text
	}
	return string(scalar)
}

// plain is a text in the form in which it is compared.
func (r *Rule) plain(text string) string {
	switch {
	case r.Key != nil:
		return r.Key(text)
	case r.Exact:
		return text
	case r.Fold:
		return FoldText(text)
	}
	return PlainText(text)
}

// element is the rule of the elements of a list.
func (r *Rule) element() *Rule {
	if !r.MayGrow && !r.Silent && r.Emptied == nil && !r.Reset {
		return r // lists may be in lists, a thousand deep
	}
	e := *r
	e.MayGrow, e.Silent, e.Emptied, e.Reset = false, false, nil, false
	return &e
}

// member is the rule of a member of an object that has no rule of its own.
func (r *Rule) member() *Rule {
	if !r.MayGrow && !r.Silent && r.Emptied == nil && !r.Reset && !r.Hidden && r.Members == nil && r.Key == nil && r.Same == nil {
		return r // which asks for nothing else of its members, and objects may be as deep
	}
	return &Rule{Fold: r.Fold, Exact: r.Exact, Set: r.Set}
}
