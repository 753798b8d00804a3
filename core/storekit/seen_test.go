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
