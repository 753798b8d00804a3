package wire

import (
	"encoding/json"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

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
