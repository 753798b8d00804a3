package simnet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/simnet"
)

func TestClone_SharesNothing(t *testing.T) {
	seed := func() map[string]any {
		return map[string]any{
			"list": []any{"a", map[string]any{"b": nil}}, "objects": []map[string]any{{"c": "d"}}, "ids": []int64{1, 2}, "n": 7,
		}
	}
	from := seed()

	copied := simnet.Clone(from)
	require.Equal(t, seed(), copied)

	copied["list"].([]any)[1].(map[string]any)["b"] = "changed"
	copied["objects"].([]map[string]any)[0]["c"] = "changed"
	copied["ids"].([]int64)[0] = 9
	require.Equal(t, seed(), from)

	require.Nil(t, simnet.Clone[any](nil))
}

func TestMustSeed_NamesWhatItWasFor(t *testing.T) {
	require.Equal(t, map[string]any{"a": "b"}, simnet.MustSeed("sim: user", `{"a":"b"}`))
	require.PanicsWithValue(t, `sim: user: not a JSON object: []`, func() { simnet.MustSeed("sim: user", "[]") })
}
