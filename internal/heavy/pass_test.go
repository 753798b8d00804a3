package heavy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPass_MeetsEveryCellOnce(t *testing.T) {
	kinds := []string{"a", "b", "a", "a", "b", "a"}
	for op := range 5 {
		met := make([]int, len(kinds))
		for pass := range 4 {
			n := 0
			for i, in := range Pass(kinds, op, pass) {
				if in {
					met[i]++
					n++
				}
			}
			require.Equal(t, 2, n, "one of each kind")
		}
		require.Equal(t, []int{1, 2, 1, 1, 2, 1}, met)
	}
}
