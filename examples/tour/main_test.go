package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestTheTourHolds(t *testing.T) {
	var out strings.Builder
	require.NoError(t, tour(t.Context(), &out))
	for _, d := range days {
		require.Contains(t, out.String(), d.title)
	}
	require.Contains(t, out.String(), "One job over all five")
	require.Contains(t, out.String(), "the receipt was altered")
	for _, op := range core.Operations() {
		require.Contains(t, out.String(), string(op), "the table at the end names every operation")
	}
}
