package wire

import (
	"bytes"
)

// What a server sends must not cost memory out of proportion to its bytes: the
// three bytes of {}, become a struct of a thousand. So a document is given memory
// as its values come, and no more than a multiple of the bytes read. A page of
// users takes about twice its bytes.

const (
	// freeMemory is what any document may take: some thousand users with few fields
	// each.
	freeMemory = 4 << 20
	// maxPerByte is what each byte adds to that.
	maxPerByte = 4
	// maxObject bounds one object that is kept whole, in bytes: a user, a queue with its
	// agents. A page of them is bounded by its memory alone.
	maxObject = 2 << 20
	// maxLooks bounds how often a byte is looked at to count ahead.
	maxLooks = 4

	entrySize = 112 // of a member in a map, beside its value, and of the maps that it grew out of
	rawSize   = 32  // of a raw value, beside its bytes
	boxSize   = 32  // of a value in an interface
	emptyMap  = 48  // of a map without members

	interfaceSize = 16
	mapSize       = 400 // of a map with its first few members
)

// take counts memory that the document is given.
func (d *decoder) take(n int) error {
	d.made += n
	if d.made > freeMemory && d.made > freeMemory+maxPerByte*d.pos {
		return &LimitError{What: "what the document holds in memory", Limit: freeMemory + maxPerByte*d.pos}
	}
	return nil
}

// bound bounds the object that begins here and is kept whole, and returns what bounds
// the object around it.
func (d *decoder) bound() (outer int) {
	outer = d.limit
	if d.limit == 0 {
		d.limit = d.pos + maxObject
	}
	return outer
}

// outside reports a position beyond the bound of the object that is read.
func (d *decoder) outside(pos int) error {
	if d.limit > 0 && pos > d.limit {
		return &LimitError{What: "object", Limit: maxObject}
	}
	return nil
}

// takeExtra counts a member of an Extra, and with the first of them the map.
func (d *decoder) takeExtra(first bool) error {
	if first {
		return d.take(mapSize)
	}
	return d.take(entrySize + rawSize)
}

// takeUnseen is take for a value that the type reads by itself. What that will take
// is guessed by what is in it: as much as an object for each brace.
func (d *decoder) takeUnseen(raw []byte) error {
	const little, object, element = 64, 256, 32
	if len(raw) < little {
		return nil
	}
	return d.take(object*bytes.Count(raw, []byte("{")) + element*bytes.Count(raw, []byte(",")))
}

// worth returns for how many of n elements room is made before they come: no more
// than the bytes in which they were counted may take.
func (d *decoder) worth(n, size, window int) int {
	left := min(len(d.data)-d.pos, window)
	budget := freeMemory + maxPerByte*(d.pos+left) - d.made
	return max(1, min(n, budget/max(size, 1)))
}
