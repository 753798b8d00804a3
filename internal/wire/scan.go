package wire

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// maxDepth bounds nesting, so that a hostile document cannot exhaust the stack.
const maxDepth = 1000

// peek moves to the next byte that is not space and returns it, or 0 at the end
// of the input. As no JSON token begins with 0, callers that do not find what
// they look for call syntax, which tells an end from a wrong byte.
func (d *decoder) peek() byte {
	if d.pos < len(d.data) && d.data[d.pos] > ' ' {
		return d.data[d.pos]
	}
	return d.peekSpace()
}

func (d *decoder) peekSpace() byte {
	for ; d.pos < len(d.data); d.pos++ {
		if c := d.data[d.pos]; !isSpace(c) {
			return c
		}
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// syntax is the error for the byte at d.pos, or for its absence.
func (d *decoder) syntax(msg string) error {
	if d.pos >= len(d.data) {
		d.short = true
		return truncated(d.base + int64(len(d.data)))
	}
	return &SyntaxError{Offset: d.base + int64(d.pos), Msg: msg}
}

// enter steps over the bracket that opens an array or object.
func (d *decoder) enter() error {
	if d.depth >= maxDepth {
		return d.syntax("nested too deeply")
	}
	d.depth++
	d.pos++
	return nil
}

// leave steps over the bracket that closes it.
func (d *decoder) leave() {
	d.depth--
	d.pos++
}

// colon steps over the colon after a name, to the value.
func (d *decoder) colon() error {
	if d.peek() != ':' {
		return d.syntax("expected ':'")
	}
	d.pos++
	return nil
}

// more steps to the next element or member and reports whether there is one;
// otherwise it leaves the container.
func (d *decoder) more(closing byte) (bool, error) {
	c := d.peek()
	if err := d.outside(d.pos); err != nil {
		return false, err
	}

	switch c {
	case ',':
		d.pos++
		return true, nil
	case closing:
		d.leave()
		return false, nil
	}
	if closing == ']' {
		return false, d.syntax("expected ',' or ']'")
	}
	return false, d.syntax("expected ',' or '}'")
}

// literal steps over true, false or null.
func (d *decoder) literal(word string) error {
	for i := range len(word) {
		if d.pos >= len(d.data) || d.data[d.pos] != word[i] {
			return d.syntax("malformed literal")
		}
		d.pos++
	}
	return nil
}

func (d *decoder) null() error { return d.literal("null") }

// skip steps over one value of any kind and checks its grammar.
func (d *decoder) skip() error {
	switch c := d.peek(); c {
	case '"':
		_, _, err := d.scanString()
		return err
	case '{':
		return d.skipObject()
	case '[':
		return d.skipArray()
	case 't':
		return d.literal("true")
	case 'f':
		return d.literal("false")
	case 'n':
		return d.literal("null")
	default:
		if c == '-' || isDigit(c) {
			_, err := d.scanNumber()
			return err
		}
		return d.syntax("expected a value")
	}
}

func (d *decoder) skipArray() error {
	if err := d.enter(); err != nil {
		return err
	}
	if d.peek() == ']' {
		d.leave()
		return nil
	}

	for {
		if err := d.skip(); err != nil {
			return err
		}
		if more, err := d.more(']'); !more {
			return err
		}
	}
}

func (d *decoder) skipObject() error {
	if err := d.enter(); err != nil {
		return err
	}
	if d.peek() == '}' {
		d.leave()
		return nil
	}

	for {
		if d.peek() != '"' {
			return d.syntax("expected a member name")
		}
		if _, _, err := d.scanString(); err != nil {
			return err
		}
		if err := d.colon(); err != nil {
			return err
		}
		if err := d.skip(); err != nil {
			return err
		}
		if more, err := d.more('}'); !more {
			return err
		}
	}
}

// raw steps over one value and returns its bytes, which belong to the input.
func (d *decoder) raw() ([]byte, error) {
	d.peek()
	start := d.pos
	if err := d.skip(); err != nil {
		return nil, err
	}
	return d.data[start:d.pos], nil
}

// scanString steps over the string at d.pos and returns what is between its
// quotes. It is not clean where escapes or bytes outside ASCII occur in it.
func (d *decoder) scanString() (text []byte, clean bool, err error) {
	data := d.data
	start := d.pos + 1
	i := start
	clean = true

	for {
		i = plainRun(data, i)
		if i >= len(data) {
			d.pos = i
			return nil, false, d.syntax("")
		}

		switch c := data[i]; {
		case c == '"':
			d.pos = i + 1
			return data[start:i], clean, d.outside(i)
		case c == '\\':
			clean = false
			n := escapeLen(data[i:])
			if n <= 0 {
				d.pos = i - n
				return nil, false, d.syntax("malformed escape in a string")
			}
			i += n
		case c < ' ':
			d.pos = i
			return nil, false, d.syntax("control character in a string")
		default:
			clean = false
			run := i
			for i++; i < len(data) && data[i] >= utf8.RuneSelf; i++ {
			}
			// A run that touches the end may be cut off in the middle of a letter.
			if i < len(data) && !utf8.Valid(data[run:i]) {
				d.pos = run
				return nil, false, d.syntax(notUTF8)
			}
		}
	}
}

// plainRun returns the index of the first byte from i on that needs attention
// inside a string: a quote, a backslash, a control character, or a byte outside
// ASCII. It looks at eight bytes at a time.
func plainRun(data []byte, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quote := w ^ ones*'"'
		slash := w ^ ones*'\\'
		// The usual test for a zero byte, thrice; the lowest hit is exact.
		hit := (w | (w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & tops
		if hit != 0 {
			return i + bits.TrailingZeros64(hit)/8
		}
	}

	for ; i < len(data); i++ {
		if c := data[i]; c == '"' || c == '\\' || c < ' ' || c >= 0x80 {
			break
		}
	}
	return i
}

// escapeLen returns the length of the escape that b begins with. Where it is
// malformed or cut off, the result is minus the index of the offending byte.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return -len(b)
	}

	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		for i := 2; i < 6; i++ {
			if i >= len(b) || !isHex(b[i]) {
				return -i
			}
		}
		return 6
	}
	return -1
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// scanNumber steps over the number at d.pos and returns its text. Where more of
// the document must follow, a number that touches the end may have been cut off.
func (d *decoder) scanNumber() ([]byte, error) {
	n, ok := numberLen(d.data[d.pos:])
	start := d.pos
	d.pos += n
	if !ok || d.pos == len(d.data) && d.depth > d.outer {
		return nil, d.syntax("malformed number")
	}
	return d.data[start:d.pos], d.outside(d.pos)
}

// numberLen returns the length of the JSON number that b begins with, or, where
// there is none, the index of the byte that spoils it.
func numberLen(b []byte) (n int, ok bool) {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}

	switch {
	case i >= len(b) || !isDigit(b[i]):
		return i, false
	case b[i] == '0':
		i++
	default:
		i = digits(b, i)
	}

	if i < len(b) && b[i] == '.' {
		i++
		if i >= len(b) || !isDigit(b[i]) {
			return i, false
		}
		i = digits(b, i)
	}

	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i >= len(b) || !isDigit(b[i]) {
			return i, false
		}
		i = digits(b, i)
	}

	return i, true
}

func digits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}

// kindOf names the kind of the value that begins with c, for errors.
func kindOf(c byte) string {
	switch c {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// mismatch is the error for the value at d.pos where want cannot take it. A value
// that is malformed is that in the first place.
func (d *decoder) mismatch(want string) error {
	got := kindOf(d.peek())
	if err := d.skip(); err != nil {
		return err
	}
	return &TypeError{Want: want, Got: got}
}

// countAhead estimates, from the place after '[', how many elements the array
// has, by looking at a piece of it that is bounded by window. whole says that the
// end was in sight and the number is exact. It does not check the grammar.
func (d *decoder) countAhead(window int) (n int, whole bool) {
	data := d.data[d.pos:min(len(d.data), d.pos+window)]
	depth, i := 0, 0
	defer func() { d.counted += i }()

	n = 1
	for ; i < len(data); i++ {
		switch data[i] {
		case ',':
			if depth == 0 {
				n++
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth == 0 {
				return n, true
			}
			depth--
		case '"':
			for i = plainRun(data, i+1); i < len(data) && data[i] != '"'; i = plainRun(data, i+1) {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}

	return n, false
}
