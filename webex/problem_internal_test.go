package webex

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// TestInspect_TakesWorkInProportion: with work that grows with the square this
// would take minutes.
func TestInspect_TakesWorkInProportion(t *testing.T) {
	var errors []string
	for i := range 40_000 {
		errors = append(errors, fmt.Sprintf(`{"message":"m%d","code":"%d"}`, i, i+1))
	}
	e := inspect([]byte(`{"errors":[` + strings.Join(errors, ",") + `]}`))
	require.NotNil(t, e)
	require.Equal(t, "1", e.Code)
	require.Contains(t, e.Message, "m0; m1; ")
	require.Less(t, len(e.Message), 2*maxMessage)

	long := inspect([]byte(`{"errors":[{"message":"` + strings.Repeat("m", 1<<20) + `"},{"message":"x"}]}`))
	require.Equal(t, core.ClassInvalid, long.Class)
}
