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
