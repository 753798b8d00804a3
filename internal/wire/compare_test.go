package wire

import (
	"encoding/json"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValueKeepsNumbersAsTheyAreSpelt(t *testing.T) {
	require.Equal(t, map[string]any{"a": []any{json.Number("1.0"), json.Number("12345678901234567890")}, "b": nil},
		Value(json.RawMessage(`{"a":[1.0,12345678901234567890],"b":null}`)))
	require.Nil(t, Value(nil))
	require.Nil(t, Value(json.RawMessage("null")))
	require.Equal(t, "{", Value(json.RawMessage("{")))
}

func TestEmpty(t *testing.T) {
	for _, text := range []string{"null", `""`, `" \t"`, "[]", "{}", ""} {
		require.True(t, Empty(Value(json.RawMessage(text))), text)
	}
	for _, text := range []string{"0", "false", `"0"`, "[null]", `{"a":null}`} {
		require.False(t, Empty(Value(json.RawMessage(text))), text)
	}
}

func TestMembersAndNamesAreThoseOfTheWire(t *testing.T) {
	type person struct {
		Name   string          `json:"name"`
		Mail   *string         `json:"mail"`
		Absent string          `json:"absent,omitzero"`
		Extra  json.RawMessage `json:"-"`
		Own    int
	}
	require.Equal(t, map[string]bool{"name": true, "mail": true, "absent": true}, Names(reflect.TypeFor[person]()))
	got := Members(person{Name: "A"})
	require.Equal(t, []string{`"A"`, "null", ""}, []string{string(got["name"]), string(got["mail"]), string(got["absent"])})
	require.NotContains(t, got, "absent")
}

// TestMembersOfManyListsTakeWhatTheyHold: each was a copy of all before it, too.
func TestMembersOfManyListsTakeWhatTheyHold(t *testing.T) {
	type lists struct{ A, B, C, D, E, F, G, H []string }
	list := slices.Repeat([]string{"some text"}, 50_000)
	all := lists{list, list, list, list, list, list, list, list}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	members := Members(&all)
	runtime.GC()
	runtime.ReadMemStats(&after)

	size := 0
	for _, raw := range members {
		size += len(raw)
	}
	require.Equal(t, 8*(50_000*len(`"some text",`)+1), size)
	require.Less(t, int(after.HeapAlloc-before.HeapAlloc), 3*size/2)
	runtime.KeepAlive(members)
}

func TestNumbersAreComparedByValue(t *testing.T) {
	same := func(a, b string) bool { return SameNumber(Value(json.RawMessage(a)), Value(json.RawMessage(b))) }
	for _, p := range [][2]string{{"30", "30.0"}, {"1e3", "1000"}, {"-0.0", "0"}, {"12345678901234567890", "12345678901234567890.0"},
		{"1e400", "10e399"}} {
		require.True(t, same(p[0], p[1]), p)
	}
	for _, p := range [][2]string{{"30", "31"}, {"12345678901234567890", "12345678901234567891"}, {"1", `"1"`}, {"1", "null"},
		{"0", "false"}} {
		require.False(t, same(p[0], p[1]), p)
	}
}
