package wire_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/wire"
)

func TestEachMember(t *testing.T) {
	for doc, want := range map[string][]string{
		`{}`:                              nil,
		` { "a" : 1 , "b":[1,{"a":2}] } `: {`a=1`, `b=[1,{"a":2}]`},
		`{"a\"}":"}]\\","b":null}`:        {`a"}="}]\\"`, `b=null`},
		`{"\u0061":-1.5e3}`:               {`a=-1.5e3`},
	} {
		var got []string
		require.True(t, wire.EachMember([]byte(doc), func(name, value []byte) bool {
			got = append(got, string(name)+"="+string(value))
			return true
		}), doc)
		require.Equal(t, want, got)
	}
	for _, doc := range []string{``, `[]`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1 "b":2}`, `{a:1}`, `{"a":[1}`, `"a"`} {
		require.False(t, wire.EachMember([]byte(doc), func([]byte, []byte) bool { return true }), doc)
	}
}

// FuzzEachMember finds in a valid object what encoding/json finds.
func FuzzEachMember(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":[1,{"c":"}"}],"\u0061":"\\\""}`))
	f.Add([]byte("{\"\xff\":1}"))
	f.Add([]byte(`{"\ud800":1}`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		var want map[string]json.RawMessage
		valid := json.Unmarshal(doc, &want) == nil && want != nil
		got := map[string]json.RawMessage{}
		ok := wire.EachMember(doc, func(name, value []byte) bool {
			got[string(name)] = value
			return true
		})
		if !valid {
			return
		}
		require.True(t, ok)
		for name := range want {
			// encoding/json puts U+FFFD where the text is not UTF-8, or half a character.
			if name != "" && json.Valid([]byte(`"`+name+`"`)) && !strings.ContainsRune(name, utf8.RuneError) {
				require.Contains(t, slices.Collect(maps.Keys(got)), name)
				require.Equal(t, string(want[name]), string(got[name]))
			}
		}
	})
}

func TestEachElement_StopsAndTellsWhatIsNoList(t *testing.T) {
	var got []string
	add := func(v []byte) bool { got = append(got, string(v)); return true }
	require.True(t, wire.EachElement([]byte(` [1, {"a":[2]} ,"x,]"] `), add))
	require.Equal(t, []string{"1", `{"a":[2]}`, `"x,]"`}, got)
	for _, bad := range []string{"", "{}", "[", "[1", "[1,", "[,]", "[1 2]"} {
		require.False(t, wire.EachElement([]byte(bad), func([]byte) bool { return true }), bad)
	}

	for doc, want := range map[string]int{"[]": 0, "[1]": 1, "[1,2]": 2, "[1,2,3]": 2, "{}": -1, "[1": -1} {
		_, n := wire.Only([]byte(doc))
		require.Equal(t, want, n, doc)
	}
}

func TestEachMember_ReadsNamesWithEscapes(t *testing.T) {
	var got []string
	require.True(t, wire.EachMember([]byte(`{"\u0061":1,"b\/":2,"c":3}`), func(name, _ []byte) bool {
		got = append(got, string(name))
		return true
	}))
	require.Equal(t, []string{"a", "b/", "c"}, got)
}
