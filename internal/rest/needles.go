package rest

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode"
)

// needles are what is looked for in a text, in all its spellings.
type needles struct {
	all   []needle
	grams map[uint64][]place
	bits  []uint64 // of the grams by their hash: most texts have none of them
	short []int    // those too short for a gram
	edges map[[edge]byte][]end
}

// edge is how many bytes of what tells of a person are enough, at its beginning or at its
// end: vendors cut short what they repeat.
const edge = 6

// end is the beginning of a needle, or its end.
type end struct {
	needle int
	last   bool
}

// at returns where the gram that a text begins with stands.
func (n *needles) at(b []byte) []place {
	key := binary.LittleEndian.Uint64(b)
	if word, bit := hashOf(key); n.bits[word]&bit == 0 {
		return nil
	}
	return n.grams[key]
}

// bitWords is the size of the bits in words of 64.
const bitWords = 512

func hashOf(gram uint64) (word int, bit uint64) {
	h := gram * 0x9e3779b97f4a7c15 >> 49 // 15 bits
	return int(h >> 6), 1 << (h & 63)
}

// needle is a secret, or a value of the caller's, folded.
type needle struct {
	text []byte
	kind []byte
	// whole is set where nothing but all of it counts, between the ends of words.
	whole bool
	// person is set on a whole one that tells of a person: most of it counts too, as a
	// vendor writes that cuts what it repeats.
	person bool
	// broken is set where it holds blanks itself.
	broken bool
	bound  int
}

// place is where a gram stands in a needle.
type place struct{ needle, at int }

const (
	// gram is the number of bytes that are looked up together.
	gram = 8
	// A secret is blanked in part too: a run of eight characters of it, or of sixteen
	// where it is long. Long ones are tokens, of which many begin alike. A run that is
	// a plain word is left ("password" of the secret "Password2024"), unless it is as
	// long as no word is.
	minRun     = gram
	minLongRun = 16
	longSecret = 64
	// maxPlaces bounds what is remembered of a gram that repeats.
	maxPlaces = 8
)

// add takes a secret. One that is too short is not looked for: blanking "a" would
// destroy every text.
func (n *needles) add(secret string) {
	if len(secret) >= shortest {
		n.put(secret, false, false)
	}
}

// addWhole takes a value that is not secret, but must not be repeated either.
func (n *needles) addWhole(value string, person bool) { n.put(value, true, person) }

func (n *needles) put(value string, whole, person bool) {
	f := viewOf(value).folded()
	if len(f.text) == 0 {
		return
	}

	one := needle{text: f.text, kind: f.kind, whole: whole, person: person, broken: slices.Contains(f.gap, true), bound: minRun}
	if len(f.text) > longSecret {
		one.bound = minLongRun
	}

	if n.has(one) {
		return
	}

	at := len(n.all)
	n.all = append(n.all, one)
	if person {
		n.putEnds(at)
	}

	if len(one.text) < gram {
		n.short = append(n.short, at)
		return
	}
	if n.grams == nil {
		n.grams, n.bits = map[uint64][]place{}, make([]uint64, bitWords)
	}

	step := 1 + one.bound - minRun // a run of 16 holds each eighth gram, or more
	last := len(one.text) - gram
	for i := 0; i <= last; i += min(step, gram) {
		key := binary.LittleEndian.Uint64(one.text[i:])
		if len(n.grams[key]) < maxPlaces {
			n.grams[key] = append(n.grams[key], place{at, i})
		}
		word, bit := hashOf(key)
		n.bits[word] |= bit

		// A value that counts only as a whole is found by one gram.
		switch {
		case !whole:
		case person && i < last:
			i = last - min(step, gram) // what begins like it, and what ends like it
		default:
			i = last
		}
	}
}

// putEnds remembers how a needle begins and ends.
func (n *needles) putEnds(at int) {
	text := n.all[at].text
	if len(text) <= edge {
		return
	}
	if n.edges == nil {
		n.edges = map[[edge]byte][]end{}
	}

	for _, last := range []bool{false, true} {
		key := [edge]byte(text)
		if last {
			key = [edge]byte(text[len(text)-edge:])
		}
		if len(n.edges[key]) < maxPlaces {
			n.edges[key] = append(n.edges[key], end{at, last})
		}
	}
}

func (n *needles) has(one needle) bool {
	if len(one.text) >= gram {
		for _, p := range n.grams[binary.LittleEndian.Uint64(one.text)] {
			if old := n.all[p.needle]; p.at == 0 && old.whole == one.whole && old.person == one.person && bytes.Equal(old.text, one.text) {
				return true
			}
		}
		return false
	}

	return slices.ContainsFunc(n.short, func(i int) bool {
		return n.all[i].whole == one.whole && bytes.Equal(n.all[i].text, one.text)
	})
}

// span is a part of a text that is blanked.
type span struct{ from, to int }

// find returns where the needles stand in a reading of a text. In one that may be
// garbage, what a guess at base64 gave, short ones mean nothing.
func (n *needles) find(f *folded, guess bool) (out []span) {
	mark := func(from, to int) { out = append(out, span{f.from[from], f.to[to-1]}) }

	// Those too short for a gram, one by one.
	for _, i := range n.short {
		one := &n.all[i]
		if guess && one.whole {
			continue
		}
		for at := 0; ; at++ {
			next := bytes.Index(f.text[at:], one.text)
			if next < 0 {
				break
			}
			at += next
			if one.fits(f, at, at+len(one.text)) {
				mark(at, at+len(one.text))
			}
		}
	}

	// What tells of a person, cut short.
	if len(n.edges) > 0 && !guess {
		for at := 0; at+edge <= len(f.text); at++ {
			for _, e := range n.edges[[edge]byte(f.text[at:])] {
				if from, to, is := n.all[e.needle].cutShort(f, at, e.last); is {
					mark(from, to)
				}
			}
		}
	}

	if len(n.grams) == 0 {
		return out
	}

	// All others: a gram that the text shares with one is extended in both directions.
	for at := 0; at+gram <= len(f.text); at++ {
		end := 0
		for _, p := range n.at(f.text[at:]) {
			one := &n.all[p.needle]
			from, to := one.run(f.text, at, p.at)
			if one.counts(f, from, to, guess) {
				mark(from, to)
				end = max(end, to)
			}
		}
		at = max(at, end-gram) // the rest of that run is blanked
	}

	return out
}

// run extends a gram that a text and the needle have in common, and returns its ends
// in the text.
func (n *needle) run(text []byte, at, pos int) (from, to int) {
	from, to = at, at+gram
	for i := pos; i > 0 && from > 0 && text[from-1] == n.text[i-1]; i-- {
		from--
	}
	for i := pos + gram; i < len(n.text) && to < len(text) && text[to] == n.text[i]; i++ {
		to++
	}
	return from, to
}

// counts reports whether a run is blanked. Beside a guess stands garbage, which ends
// no word.
func (n *needle) counts(f *folded, from, to int, guess bool) bool {
	size := to - from
	if size == len(n.text) {
		return !n.whole || guess || n.fits(f, from, to)
	}

	if n.whole {
		return n.person && !guess && n.cut(f, from, to)
	}
	if size < n.bound {
		return false
	}
	return size >= minLongRun || !plainWord(f.kind[from:to])
}

// cut reports whether most of a value, two thirds of it, stands there by itself and not
// as a part of a word. What a vendor puts where it cut may look like more of the value.
func (n *needle) cut(f *folded, from, to int) bool {
	for from < to && !wordByte(f.text[from]) {
		from++
	}
	for from < to && !wordByte(f.text[to-1]) {
		to--
	}
	return (to-from)*3 >= len(n.text)*2-3 && n.fits(f, from, to)
}

// cutShort reports whether a text holds the beginning of a value at a place, or its end,
// that stands by itself, and from where to where. The end of an address counts only with
// something of what stands before its @: the rest is a domain, of which errors tell.
func (n *needle) cutShort(f *folded, at int, last bool) (from, to int, is bool) {
	from, to = at, at+edge
	if last {
		for i := len(n.text) - edge; i > 0 && from > 0 && f.text[from-1] == n.text[i-1]; i-- {
			from--
		}
		if domain := len(n.text) - 1 - bytes.LastIndexByte(n.text, '@'); domain < len(n.text) && to-from <= domain+1 {
			return from, to, false
		}
	} else {
		for i := edge; i < len(n.text) && to < len(f.text) && f.text[to] == n.text[i]; i++ {
			to++
		}
	}

	before, after := from == 0 || f.gap[from], to == len(f.text) || f.gap[to]
	before = before || !wordByte(f.text[from-1]) || bytes.HasSuffix(f.text[:from], ellipsis)
	after = after || !wordByte(f.text[to]) || bytes.HasPrefix(f.text[to:], ellipsis)
	return from, to, before && after
}

// ellipsis is what some put where they cut, a single character.
var ellipsis = []byte("…")

// fits reports whether a short or a whole needle stands there as such: not put
// together over blanks, nor a part of a word where it is no secret.
func (n *needle) fits(f *folded, from, to int) bool {
	if !n.broken && len(n.text) < gram && slices.Contains(f.gap[from+1:to], true) {
		return false
	}
	if !n.whole {
		return true
	}

	before := from == 0 || f.gap[from] || !wordByte(f.text[from-1]) || !wordByte(f.text[from])
	after := to == len(f.text) || f.gap[to] || !wordByte(f.text[to]) || !wordByte(f.text[to-1])
	return before && after
}

func wordByte(b byte) bool {
	return b >= 0x80 || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))
}

// plainWord reports a run of letters as a word is written: small, in capitals, or
// with one capital at its beginning.
func plainWord(kind []byte) bool {
	if bytes.IndexByte(kind, '0') >= 0 {
		return false
	}
	capitals := bytes.Count(kind, []byte("A"))
	return capitals == 0 || capitals == len(kind) || capitals == 1 && kind[0] == 'A'
}
