package storekit_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/storekit"
)

func TestSeen_KnowsEachKeyAgain(t *testing.T) {
	var s storekit.Seen
	for round := range 2 {
		for i := range 10_000 {
			require.Equal(t, round == 0, s.Add(strconv.Itoa(i)))
		}
	}
}

func TestSeen_TellsAListThatOnlyRepeats(t *testing.T) {
	var s storekit.Seen
	for i := range 5000 {
		s.Add(strconv.Itoa(i))
	}
	for i := range 5000 {
		s.Add(strconv.Itoa(i))
		require.False(t, s.Floods(), "each row twice")
	}
	s.Add("1")
	require.True(t, s.Floods())

	var few storekit.Seen
	for range 1001 {
		few.Add("1")
		require.False(t, few.Floods())
	}
	few.Add("1")
	require.True(t, few.Floods())
}

// BenchmarkSeen remembers the keys of one listing.
func BenchmarkSeen(b *testing.B) {
	for _, n := range []int{50, 10_000, 1_000_000} {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = "11111111-1111-4111-8111-" + strconv.Itoa(i)
		}
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var s storekit.Seen
				for _, key := range keys {
					if !s.Add(key) {
						b.Fatal(key)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/key")
		})
	}
}
