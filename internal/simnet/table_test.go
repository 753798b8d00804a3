package simnet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

func TestTable_KeepsTheOrder(t *testing.T) {
	var table simnet.Table[string, int]
	require.Empty(t, table.All())
	table.Add("c", 3)
	table.Add("a", 1)
	table.Add("b", 2)

	before := table.All()
	table.Remove("a")
	table.Remove("a")
	table.Add("d", 4)

	require.Equal(t, []int{3, 2, 4}, table.All())
	require.Equal(t, []int{3, 1, 2}, before, "somebody may walk over what was there")
	v, ok := table.Get("b")
	require.True(t, ok)
	require.Equal(t, 2, v)
	_, ok = table.Get("a")
	require.False(t, ok)
	require.Zero(t, table.At("a"))
}
