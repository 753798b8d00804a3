package webex

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestParseLinks_TakesWorkInProportion: with work that grows with the square this
// would take minutes.
func TestParseLinks_TakesWorkInProportion(t *testing.T) {
	for _, unit := range []string{",", "<,", "<a>,", `"`, `<a>;"`, " ,", "<>;"} {
		links, _ := parseLinks([]string{strings.Repeat(unit, 2<<20/len(unit))})
		require.LessOrEqual(t, len(links), 2<<20/len(unit), unit)
	}
}
