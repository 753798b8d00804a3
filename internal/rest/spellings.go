package rest

import (
	"encoding/base64"
	"html"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text in one of its readings: as it came, or with escapes resolved. Each
// byte remembers which bytes of the text it stands for.
type view struct {
	text     []byte
	from, to []int
}

func (v *view) put(b byte, from, to int) {
	v.text, v.from, v.to = append(v.text, b), append(v.from, from), append(v.to, to)
}

func (v *view) putAll(s string, from, to int) {
	for i := range len(s) {
		v.put(s[i], from, to)
	}
}

func viewOf(s string) *view {
	v := &view{text: []byte(s), from: make([]int, len(s)), to: make([]int, len(s))}
	for i := range len(s) {
		v.from[i], v.to[i] = i, i+1
	}
	return v
}

// unescaped is the view with one layer of escapes resolved: those of a URL or a form,
// of JSON and of Go, and of HTML. It is nil where there is none.
func (v *view) unescaped() *view {
	out, changed := &view{}, false
	for i := 0; i < len(v.text); {
		s, n := escape(v.text[i:])
		if n == 0 {
			out.put(v.text[i], v.from[i], v.to[i])
			i++
			continue
		}
		changed = true
		out.putAll(s, v.from[i], v.to[i+n-1])
		i += n
	}

	if !changed {
		return nil
	}
	return out
}

// escape reads the escape that a text begins with: what it stands for, and its length.
func escape(b []byte) (s string, n int) {
	switch b[0] {
	case '%':
		if c, ok := number(b, 1, 2); ok {
			return string([]byte{byte(c)}), 3
		}
	case '\\':
		return backslashed(b)
	case '&':
		const longest = 12
		for i := 2; i < min(len(b), longest); i++ {
			if b[i] == ';' {
				whole := string(b[:i+1])
				if s := html.UnescapeString(whole); s != whole {
					return s, i + 1
				}
				return "", 0
			}
		}
	}
	return "", 0
}

func backslashed(b []byte) (s string, n int) {
	if len(b) < 2 {
		return "", 0
	}

	switch c := b[1]; c {
	case '/', '\\', '"', '\'':
		return string(rune(c)), 2
	case 'n', 'r', 't', 'b', 'f', 'v':
		return " ", 2
	case 'x':
		if c, ok := number(b, 2, 2); ok {
			return string([]byte{byte(c)}), 4
		}
	case 'U':
		if r, ok := number(b, 2, 8); ok {
			return string(rune(r)), 10
		}
	case 'u':
		high, ok := number(b, 2, 4)
		if !ok {
			return "", 0
		}
		if low, ok := number(b, 8, 4); ok && b[6] == '\\' && b[7] == 'u' {
			if r := utf16.DecodeRune(rune(high), rune(low)); r != unicode.ReplacementChar {
				return string(r), 12
			}
		}
		return string(rune(high)), 6
	}

	return "", 0
}

// number reads n hexadecimal digits at a place.
func number(b []byte, at, n int) (int, bool) {
	if len(b) < at+n {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[at:at+n]), 16, 32)
	return int(v), err == nil
}

// folded is a text as it is compared: small letters, without blanks, control
// characters and plus signs, which stand for blanks in a form.
type folded struct {
	view
	gap  []bool // something was left out before this byte
	kind []byte // 'a' a letter, 'A' a capital, '0' anything else
	end  bool   // something was left out at the end
}

func (v *view) folded() *folded {
	f, gap := &folded{}, false

	for i := 0; i < len(v.text); {
		r, n := utf8.DecodeRune(v.text[i:])
		from, to := v.from[i], v.to[i+n-1]
		if r == '+' || unicode.IsSpace(r) {
			gap, i = true, i+n
			continue
		}
		if r != utf8.RuneError && !unicode.IsPrint(r) || r == utf8.RuneError && n > 1 {
			i += n // also the zeros of UTF-16
			continue
		}

		kind := byte('0')
		switch {
		case unicode.IsUpper(r):
			kind = 'A'
		case unicode.IsLetter(r):
			kind = 'a'
		}

		s := string(unicode.ToLower(r))
		if r == utf8.RuneError {
			s = string(v.text[i : i+1]) // no UTF-8: as it is
		}
		f.putAll(s, from, to)
		for range len(s) {
			f.gap, f.kind = append(f.gap, gap), append(f.kind, kind)
			gap = false
		}
		i += n
	}
	f.end = gap
	return f
}

// packed are the readings of the parts of a text that may be base64, which are guesses
// and mostly garbage, or hexadecimal.
func (v *view) packed() (guesses, plain []*view) {
	for _, part := range v.parts(func(c byte) bool { return digit64(c) || c <= ' ' }) {
		part = slices.DeleteFunc(part, func(i int) bool { return v.text[i] <= ' ' })
		// Where the code begins is not known: a word may stand before it.
		for skip := range min(4, len(part)) {
			guesses = append(guesses, v.base64(part[skip:]))
		}
	}

	for _, part := range v.parts(func(c byte) bool { return hexDigit(c) }) {
		plain = append(plain, v.hex(part), v.hex(part[1:]))
	}
	return guesses, plain
}

// parts are the places of the bytes that follow each other and fit.
func (v *view) parts(fits func(byte) bool) (out [][]int) {
	var part []int
	for i := range len(v.text) + 1 {
		if i < len(v.text) && fits(v.text[i]) {
			part = append(part, i)
			continue
		}
		if len(part) >= 2*shortest-2 {
			out = append(out, part)
		}
		part = nil
	}
	return out
}

func (v *view) base64(part []int) *view {
	code := make([]byte, len(part))
	for i, at := range part {
		switch code[i] = v.text[at]; code[i] {
		case '-':
			code[i] = '+'
		case '_':
			code[i] = '/'
		}
	}

	plain := make([]byte, base64.RawStdEncoding.DecodedLen(len(code)))
	n, _ := base64.RawStdEncoding.Decode(plain, code)
	out := &view{}
	for i, b := range plain[:n] {
		first, last := part[i*8/6], part[(i*8+7)/6]
		out.put(b, v.from[first], v.to[last])
	}
	return out
}

func (v *view) hex(part []int) *view {
	out := &view{}
	for i := 0; i+1 < len(part); i += 2 {
		b, _ := strconv.ParseUint(string([]byte{v.text[part[i]], v.text[part[i+1]]}), 16, 8)
		out.put(byte(b), v.from[part[i]], v.to[part[i+1]])
	}
	return out
}

func hexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func digit64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}
