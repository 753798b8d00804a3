package rest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// textsIn gathers the texts of a document by a tree of it, sorted.
func textsIn(t *testing.T, doc string) (texts []string) {
	t.Helper()
	var walk func(name string, value any)
	walk = func(name string, value any) {
		switch value := value.(type) {
		case string:
			texts = append(texts, name+"="+value)
		case []any:
			for _, one := range value {
				walk(name, one)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				texts = append(texts, name+"=")
				walk(name, value[name])
			}
		}
	}
	var v any
	require.NoError(t, json.Unmarshal([]byte(doc), &v))
	walk("", v)
	slices.Sort(texts)
	return texts
}

func TestEachText_FindsTextsAndTheirNames(t *testing.T) {
	for _, doc := range []string{
		`"a"`, `["a","b"]`, `{}`, `{"a":"b"}`, `{"a" : "b" , "c":["d",{"e":"f"},"g"],"h":{"i":[["j"]],"k":1},"l":"m"}`,
		`{"a\"b":"c\\","d":"\u00e9\ud83d\ude00","e":":","f":"{[","g":"]}"}`, `[[[{"a":[1,true,null,"b"]}]],"c"]`, "{\"a\"\n:\t\"b\"}",
	} {
		var got []string
		eachText([]byte(doc), func(name, value []byte) bool {
			got = append(got, unquoted(name)+"="+unquoted(value))
			return true
		})
		slices.Sort(got)
		require.Equal(t, textsIn(t, doc), got, doc)
	}

	n := 0
	eachText([]byte(`["a","b","c"]`), func(_, _ []byte) bool { n++; return n < 2 })
	require.Equal(t, 2, n)
	for _, broken := range []string{``, `"`, `"\`, `{"a`, `]]]]"a"`, `{"a":"b"}}}`} {
		eachText([]byte(broken), func(_, _ []byte) bool { return true })
	}
}

// A long value of ours is blanked where the vendor repeats how it begins or how it ends.
func TestOurs_LongValuesAreFoundByTheirEnds(t *testing.T) {
	long := "Vera Suite of " + strings.Repeat("a long street ", 1000) + "in Rotterdam-Zuid"
	for _, said := range []string{long, long[:200], "the name " + long[len(long)-200:] + " is too long"} {
		c := newClient(talk(says(400, said)), func(c *Config) { c.Explain = func(body []byte, e *core.Error) { e.Message = string(body) } })
		_, err := c.Do(t.Context(), Request{Op: opPut, Base: testBase, Args: []string{"7"}, Body: map[string]string{"displayName": long}})
		require.NotContains(t, failure(t, err).Error(), "Vera Suite")
		require.NotContains(t, failure(t, err).Error(), "Rotterdam-Zuid")
	}
}

// TestEachText_TakesNoMemory: what a vendor sent goes back with a full replacement, whatever
// is in it.
func TestEachText_TakesNoMemory(t *testing.T) {
	doc := []byte("{" + strings.Repeat(`"\u006bname":{"a":["x\n"]},`, 10_000) + `"b":0}`)
	n := 0
	allocs := testing.AllocsPerRun(1, func() { eachText(doc, func(_, _ []byte) bool { n++; return true }) })
	require.Less(t, allocs, 20.0)
	require.Equal(t, 2*30_001, n)
}
