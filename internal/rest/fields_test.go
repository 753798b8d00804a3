package rest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPointerToNothingIsAbsent(t *testing.T) {
	require.True(t, Absent(nil))
	require.True(t, Absent((*Bearer)(nil)))
	require.False(t, Absent(Bearer{}))
	require.False(t, Absent(&Bearer{}))
}
