package storekit

import (
	"hash/maphash"
	"slices"
)

// Seen remembers keys by 8 bytes each, to find rows that come twice in a listing. The
// zero value is empty. Of a million keys two share a hash once in forty million listings,
// which then counts as a repeat.
//
// Fewer bytes would not do. Whether all rows of a list differ cannot be told in one pass
// without a trace of each row: with 5 bytes, one list of 100,000 in a few hundred would be
// called incomplete without a reason, and with the last pages alone, a row that moved
// further than these would hide the one that it took the place of.
type Seen struct {
	seed    maphash.Seed
	buckets [][]uint64 // hashes by their first bits; the number of buckets is a power of two
	shift   int        // from a hash to its bucket
	used    int
	again   int // keys that were there before
}

const (
	// maxBucket is how many hashes a bucket has on average before there are twice as
	// many buckets. Each is split alone: there are never two copies of all of them.
	maxBucket = 64
	// bucketRoom: a full bucket grows by an eighth of itself, half of which is empty on
	// average.
	bucketRoom = 8
)

// Add remembers a key, and reports whether the key was not there before. It keeps nothing
// of the string.
func (s *Seen) Add(key string) bool {
	if s.buckets == nil {
		s.seed, s.buckets, s.shift = maphash.MakeSeed(), [][]uint64{make([]uint64, 0, maxBucket)}, 64
	}
	h := maphash.String(s.seed, key)
	bucket := &s.buckets[h>>s.shift]
	if slices.Contains(*bucket, h) {
		s.again++
		return false
	}

	if len(*bucket) == cap(*bucket) {
		*bucket = append(make([]uint64, 0, len(*bucket)+len(*bucket)/bucketRoom+1), *bucket...)
	}
	*bucket = append(*bucket, h)
	if s.used++; s.used > maxBucket*len(s.buckets) {
		s.split()
	}
	return true
}

// split doubles the number of buckets.
func (s *Seen) split() {
	s.shift--
	halves := make([][]uint64, 2*len(s.buckets))
	for i, bucket := range s.buckets {
		low := 0
		for _, h := range bucket {
			if h>>s.shift&1 == 0 {
				low++
			}
		}

		high := len(bucket) - low
		halves[2*i] = make([]uint64, 0, low+low/bucketRoom)
		halves[2*i+1] = make([]uint64, 0, high+high/bucketRoom)

		for _, h := range bucket {
			half := &halves[h>>s.shift]
			*half = append(*half, h)
		}
		s.buckets[i] = nil
	}
	s.buckets = halves
}

// maxAgain is how many rows may come again in a listing, however few there are.
const maxAgain = 1000

// Floods reports a listing in which most rows, a thousand or more, have come before. It is
// broken, and its walk should end: nothing new is to be expected.
func (s *Seen) Floods() bool { return s.again > max(maxAgain, s.used) }
