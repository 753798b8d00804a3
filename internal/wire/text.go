package wire

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads the string at d.pos. The bytes belong to the input or to the
// decoder's scratch space: they hold until the next call.
func (d *decoder) str() ([]byte, error) {
	text, clean, err := d.scanString()
	if err != nil || clean {
		return text, err
	}
	if bytes.IndexByte(text, '\\') < 0 {
		return text, nil
	}
	d.scratch = unescape(slices.Grow(d.scratch[:0], len(text)), text) // the meaning is never longer
	return d.scratch, nil
}

// Half of a surrogate pair, which is what is left of an emoji that was cut at a limit
// of length, has no place in a Go string, and must go back as it came in a full
// replacement. So it is kept behind a byte that occurs in no UTF-8: no text of a
// caller's is taken for it, and when printed it shows as a replacement character.

const (
	// aside begins what JSON can say and Go cannot. Nulls in lists are kept behind it
	// as well, see null.go.
	aside = 0xff
	// loneLen is the length of a lone surrogate: the byte, and the three that would
	// be its UTF-8 if it had one.
	loneLen = 4
)

// appendLone appends a lone surrogate.
func appendLone(dst []byte, r rune) []byte {
	return append(dst, aside, byte(0xe0|r>>12), byte(0x80|r>>6&0x3f), byte(0x80|r&0x3f))
}

// loneSurrogate returns the one that s begins with.
func loneSurrogate(s string) (r rune, ok bool) {
	if len(s) < loneLen || s[0] != aside || s[1] != 0xed || s[2]&0xe0 != 0xa0 || s[3]&0xc0 != 0x80 {
		return 0, false
	}
	return 0xd000 | rune(s[2]&0x3f)<<6 | rune(s[3]&0x3f), true
}

// unescape appends the meaning of a string that is UTF-8 and whose escapes are
// known to be well formed.
func unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\\' && text[i+1] == 'u':
			r := hex4(text[i+2:])
			i += 6
			if utf16.IsSurrogate(r) {
				second := rune(utf8.RuneError)
				if i+6 <= len(text) && text[i] == '\\' && text[i+1] == 'u' {
					second = hex4(text[i+2:])
				}
				pair := utf16.DecodeRune(r, second)
				if pair == utf8.RuneError {
					dst = appendLone(dst, r)
					continue
				}
				r = pair
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
		case c == '\\':
			dst = append(dst, unescaped(text[i+1]))
			i += 2
		default:
			dst = append(dst, c)
			i++
		}
	}

	return dst
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c // a quote, a slash or a backslash
}

func hex4(b []byte) rune {
	var r rune
	for _, c := range b[:4] {
		switch {
		case c <= '9':
			c -= '0'
		case c <= 'F':
			c -= 'A' - 10
		default:
			c -= 'a' - 10
		}
		r = r<<4 | rune(c)
	}
	return r
}

// The strings of one document share an allocation: keep copies each of them to
// the end of a strings.Builder that has room, and returns that part of it. Room
// is never made by growing, which would copy, but by beginning a new block.
//
// A block holds only the strings of one document, or of one element of a page,
// so that who keeps one user does not pin the others. Its size is what the last
// documents of the type needed. Against one copy of the whole document this saves
// the names of the members, the numbers and the punctuation: about half.

const (
	maxBlock  = 4 << 10 // larger blocks would pin too much for one string
	longText  = 1 << 10 // longer strings get an allocation of their own
	minBlock  = 32
	firstPart = 3 // without experience: a third of the document, and no more than longText
)

// keep returns a string of its own for b.
func (d *decoder) keep(b []byte) string {
	n := len(b)
	if n == 0 {
		return ""
	}

	if n > d.block.Cap()-d.block.Len() {
		if n > longText {
			return string(b)
		}
		d.newBlock(n)
	}

	d.used += n
	at := d.block.Len()
	d.block.Write(b)
	return d.block.String()[at:]
}

func (d *decoder) newBlock(n int) {
	left := len(d.data) - d.pos
	size := min(left/firstPart, longText)
	if d.owner != nil {
		if need := int(d.owner.strings.Load()); need > d.used {
			size = need - d.used
		} else if need > 0 {
			size = min(size, need/4)
		}
	}

	d.block.Reset()
	d.block.Grow(max(n, minBlock, min(size, left+n, maxBlock)))
}

// own begins the strings of a document, or of an element, of the type of p.
func (d *decoder) own(p *plan) {
	d.block.Reset()
	d.owner, d.used = p, 0
}

// disown ends them, and remembers how much they needed. The memory is written
// only when it is far off, so that concurrent decoders do not fight over it.
func (d *decoder) disown() {
	if d.owner != nil && d.used > 0 {
		used := int32(min(d.used, maxBlock))
		if known := d.owner.strings.Load(); used > known || used < known/2 {
			d.owner.strings.Store(used)
		}
	}

	d.block.Reset()
	d.owner, d.used = nil, 0
}
