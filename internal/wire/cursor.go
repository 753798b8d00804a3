package wire

import (
	"bytes"
	"encoding/json"
)

// Valid reports whether a text is one JSON document.
func Valid(text []byte) bool { return valid(text, 0) == nil }

// Cursor is a place in a JSON text that is valid. It steps over values and makes nothing
// of them, so that two texts can be read side by side, whatever their size.
type Cursor struct{ d decoder }

// NewCursor returns a cursor at the beginning of a text. No text stands for null.
func NewCursor(text []byte) *Cursor {
	if len(text) == 0 {
		text = nullRaw
	}
	return &Cursor{d: decoder{data: text}}
}

// Kind returns what the value begins with: one of { [ " t f n, 0 for a number, and the
// zero byte at the end.
func (c *Cursor) Kind() byte {
	k := c.d.peek()
	if k == '-' || isDigit(k) {
		return '0'
	}
	return k
}

// At returns the place, to which Go returns.
func (c *Cursor) At() int {
	c.d.peek()
	return c.d.pos
}

// Go moves the cursor to a place where it has been.
func (c *Cursor) Go(at int) { c.d.pos = at }

// Since returns the text from a place on.
func (c *Cursor) Since(at int) []byte { return c.d.data[at:c.d.pos] }

// Skip steps over the value and returns its text.
func (c *Cursor) Skip() []byte {
	raw, err := c.d.raw()
	if err != nil {
		c.d.pos = len(c.d.data)
		return nil
	}
	return raw
}

// Enter steps into a list or an object, and over one that is empty. It reports whether
// there is a first element or member.
func (c *Cursor) Enter() bool {
	c.d.peek()
	c.d.pos++

	switch c.d.peek() {
	case ']', '}':
		c.d.pos++
		return false
	case 0:
		return false
	}
	return true
}

// More steps from the end of a value to the next one of its list or object, if there is
// one, and otherwise out of it.
func (c *Cursor) More() bool {
	switch c.d.peek() {
	case ',':
		c.d.pos++
		return true
	case ']', '}':
		c.d.pos++
	}
	return false
}

// Name returns the name of a member, in its quotes, and steps to the value.
func (c *Cursor) Name() []byte {
	start := c.At()
	if _, _, err := c.d.scanString(); err != nil {
		c.d.pos = len(c.d.data)
		return nil
	}

	name := c.d.data[start:c.d.pos]
	if c.d.peek() == ':' {
		c.d.pos++
	}
	return name
}

// Empty reports whether the value is without content: see [Empty].
func (c *Cursor) Empty() bool {
	start := c.At()
	defer c.Go(start)

	switch c.Kind() {
	case 'n':
		return true
	case '"':
		text, err := c.d.str()
		return err == nil && len(bytes.TrimSpace(text)) == 0
	case '[', '{':
		return !c.Enter() && c.d.pos > start+1
	}
	return false
}

// Empty reports a value without content: absent or null, a blank text, or a list or
// object that holds nothing.
func Empty(raw json.RawMessage) bool { return NewCursor(raw).Empty() }

// Null reports a value that is absent or null.
func Null(raw json.RawMessage) bool { return NewCursor(raw).Kind() == 'n' }

// Text returns what a text in its quotes means. It is not ok for any other value.
func Text(raw json.RawMessage) (text string, ok bool) {
	c := NewCursor(raw)
	if c.Kind() != '"' {
		return "", false
	}

	meaning, err := c.d.str()
	if err != nil {
		return "", false
	}
	return string(meaning), true
}

// CompareNames orders names that are in their quotes by what they mean.
func CompareNames(a, b []byte) int {
	if bytes.IndexByte(a, '\\') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return bytes.Compare(a, b)
	}

	// Most are short, and take no memory of their own.
	var x, y [64]byte
	return bytes.Compare(unescape(x[:0], unquoted(a)), unescape(y[:0], unquoted(b)))
}

func unquoted(name []byte) []byte { return name[min(1, len(name)):max(1, len(name)-1)] }
