package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestTheTourHolds(t *testing.T) {
	var out strings.Builder
	require.NoError(t, tour(t.Context(), &out, ""))
	for _, d := range days {
		_, day, ok := strings.Cut(out.String(), d.title)
		require.True(t, ok)
		day, _, _ = strings.Cut(day, "──\n\n")
		require.Contains(t, day, "✗", "what a plain client would have lost at %s", d.title)
	}
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, utf8.RuneCountInString(line), columns+1, line)
	}
	require.Contains(t, out.String(), "One job over all five")
	require.Contains(t, out.String(), "the receipt was altered")
	for _, op := range core.Operations() {
		require.Contains(t, out.String(), string(op), "the table at the end names every operation")
	}
}

func TestTheTourOfOneVendor(t *testing.T) {
	var out strings.Builder
	require.NoError(t, tour(t.Context(), &out, "lucs"))
	require.Contains(t, out.String(), "Luware LUCS")
	require.NotContains(t, out.String(), "Webex Calling")
	require.Error(t, tour(t.Context(), &out, "acme"))
}
