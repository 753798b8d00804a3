package rest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Text is UTF-8. An answer that is declared to be in one of the two charsets of one
// byte that servers fall back to is decoded as it arrives, whole or as a list. Any
// other declaration is ignored: a success that is not UTF-8 is unreadable, and what it
// holds is never written back.

var errNotText = errors.New("it is not UTF-8")

// inUTF8 returns the body of an answer in UTF-8, as far as its head tells.
func inUTF8(res *http.Response) io.ReadCloser {
	switch charsetOf(res.Header.Get("Content-Type")) {
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1":
		return &oneByte{ReadCloser: res.Body}
	case "windows-1252", "cp1252", "cp-1252":
		return &oneByte{ReadCloser: res.Body, upper: &windows1252}
	}
	return res.Body
}

// charsetOf returns the charset of a content type in lower case. UTF-8, which nearly
// all declare, costs nothing.
func charsetOf(contentType string) string {
	_, params, _ := strings.Cut(contentType, ";")
	for params != "" {
		var param string
		param, params, _ = strings.Cut(params, ";")
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "charset") {
			return strings.ToLower(strings.Trim(strings.TrimSpace(value), `"'`))
		}
	}
	return ""
}

// windows1252 are the bytes from 0x80 to 0x9f where they are not those of Latin-1.
// The five that are not assigned stand for themselves.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}

// oneByte decodes a body whose letters are single bytes.
type oneByte struct {
	io.ReadCloser
	upper *[32]rune // the letters from 0x80 to 0x9f, nil for Latin-1

	raw     [1 << 10]byte
	decoded []byte // what is not handed out, in the memory of text
	text    []byte
	err     error
}

// Read implements io.Reader.
func (o *oneByte) Read(p []byte) (int, error) {
	if len(o.decoded) == 0 {
		if o.err != nil {
			return 0, o.err
		}

		var n int
		n, o.err = o.ReadCloser.Read(o.raw[:])
		o.text = o.text[:0]
		for _, c := range o.raw[:n] {
			o.text = utf8.AppendRune(o.text, o.letter(c))
		}
		if o.decoded = o.text; n == 0 {
			return 0, o.err
		}
	}

	n := copy(p, o.decoded)
	o.decoded = o.decoded[n:]
	return n, nil
}

func (o *oneByte) letter(c byte) rune {
	if o.upper != nil && 0x80 <= c && c < 0xa0 {
		return o.upper[c-0x80]
	}
	return rune(c)
}
