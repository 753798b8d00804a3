package rest

import (
	"bytes"
	"encoding/base64"
)

// maxPlain bounds the texts that are judged at a glance.
const maxPlain = 96

// harmless reports, at a glance and without memory, a text that surely holds nothing
// to be blanked. It is for the id of a request, which each answer has: letters and
// digits without escapes and blanks. It judges no other text.
func harmless(s string, sets []*needles) bool {
	if len(s) > maxPlain {
		return false
	}

	var small, code, plain [maxPlain]byte
	for i := range len(s) {
		c := s[i]
		if !digit64(c) && c != '.' && c != ':' && c != '=' || c == '+' {
			return false
		}
		if small[i] = c; 'A' <= c && c <= 'Z' {
			small[i] += 'a' - 'A'
		}
	}

	if mayHold(small[:len(s)], sets) {
		return false
	}

	if hexMayHold(small[:len(s)], sets) {
		return false
	}

	// Where base64 begins is not known: each run of its letters is read from four places.
	for from := 0; from < len(s); from++ {
		n := 0
		for ; from+n < len(s) && digit64(s[from+n]); n++ {
			switch code[n] = s[from+n]; code[n] {
			case '-':
				code[n] = '+'
			case '_':
				code[n] = '/'
			}
		}

		for skip := range min(4, n) {
			size, _ := base64.RawStdEncoding.Decode(plain[:], code[skip:n])
			if mayHold(lowered(plain[:size]), sets) {
				return false
			}
		}
		from += n
	}
	return true
}

// hexMayHold looks into the hexadecimal parts of a text.
func hexMayHold(s []byte, sets []*needles) bool {
	var plain [maxPlain]byte
	for from := 0; from < len(s); from++ {
		n := 0
		for from+n < len(s) && hexDigit(s[from+n]) {
			n++
		}

		for skip := range min(2, n) {
			size := 0
			for i := from + skip; i+1 < from+n; i += 2 {
				plain[size] = nibble(s[i])<<4 | nibble(s[i+1])
				size++
			}
			if mayHold(lowered(plain[:size]), sets) {
				return true
			}
		}
		from += n
	}
	return false
}

func nibble(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}

// lowered folds in place.
func lowered(b []byte) []byte {
	out := b[:0]
	for _, c := range b {
		switch {
		case c <= ' ' || c == '+' || c == 0x7f:
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return out
}

// mayHold reports a folded text that shares a gram with a needle.
func mayHold(b []byte, sets []*needles) bool {
	for _, n := range sets {
		for _, i := range n.short {
			if bytes.Contains(b, n.all[i].text) {
				return true
			}
		}

		for i := 0; len(n.edges) > 0 && i+edge <= len(b); i++ {
			if len(n.edges[[edge]byte(b[i:])]) > 0 {
				return true
			}
		}

		if len(n.grams) == 0 {
			continue
		}
		for i := 0; i+gram <= len(b); i++ {
			if len(n.at(b[i:])) > 0 {
				return true
			}
		}
	}
	return false
}
