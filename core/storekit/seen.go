package storekit

import (
	"hash/maphash"
	"math/bits"
)

// Seen remembers keys by 8 bytes each, to find rows that come twice in a listing. The
// table is filled to between 68 and 85 percent; the zero value is empty. Of a million
// keys two share a hash once in forty million listings, which then counts as a repeat.
type Seen struct {
	seed  maphash.Seed
	slots []uint64 // open addressing; 0 is free
	used  int
	again int // keys that were there before
}

// Add remembers a key, and reports whether the key was not there before.
func (s *Seen) Add(key string) bool {
	if s.slots == nil {
		s.seed, s.slots = maphash.MakeSeed(), make([]uint64, 64)
	}
	if s.used >= len(s.slots)/20*17 {
		old := s.slots
		s.slots = make([]uint64, len(old)+len(old)/4)
		for _, h := range old {
			if h != 0 {
				s.slots[s.find(h)] = h
			}
		}
	}

	h := max(1, maphash.String(s.seed, key))
	i := s.find(h)
	if s.slots[i] == h {
		s.again++
		return false
	}
	s.slots[i] = h
	s.used++
	return true
}

// maxAgain is how many rows may come again in a listing, however few there are.
const maxAgain = 1000

// Floods reports a listing most of whose rows have come before, a thousand or more. It
// is a broken one, and its walk should end: of what follows nothing is to be expected.
func (s *Seen) Floods() bool { return s.again > max(maxAgain, s.used) }

// find returns the slot of a hash, or the free one where it belongs.
func (s *Seen) find(h uint64) int {
	i, _ := bits.Mul64(h, uint64(len(s.slots)))
	for s.slots[i] != 0 && s.slots[i] != h {
		if i++; i == uint64(len(s.slots)) {
			i = 0
		}
	}
	return int(i)
}
