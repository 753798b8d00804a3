package libh3lp

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestJudge_ReadsTheBeginningOfALongReason, wherever it is cut.
func TestJudge_ReadsTheBeginningOfALongReason(t *testing.T) {
	for _, unit := range []string{"a", `\nx`, `\u00e9`, `\ud83d\ude00`, "é", "😀", `\\`, `\"`} {
		for shift := range 12 {
			reason := "not found " + strings.Repeat("x", shift) + strings.Repeat(unit, 100_000)
			v, ok := judge([]byte(`{"success":false,"message":"` + reason + `"}`))
			require.True(t, ok)
			require.True(t, v.failed())
			require.True(t, strings.HasPrefix(v.reason, "not found "+strings.Repeat("x", shift)), "%s, %d", unit, shift)
			require.Len(t, v.reason, maxReason)
		}
	}

	long := json.RawMessage("[" + strings.Repeat("1,", 100_000) + "1]")
	require.Equal(t, long, beginning(long), "what is no text is left to who reads it")
}
