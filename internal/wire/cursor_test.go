package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEmpty(t *testing.T) {
	for _, text := range []string{"null", `""`, `" \t"`, `"\u0020"`, "[]", "{}", "", " [ ] ", "{\n}"} {
		require.True(t, Empty(json.RawMessage(text)), text)
	}
	for _, text := range []string{"0", "false", `"0"`, "[null]", `{"a":null}`, "[[]]", "{", "["} {
		require.False(t, Empty(json.RawMessage(text)), text)
	}
}

func TestNullAndText(t *testing.T) {
	for _, text := range []string{"", "null", " null "} {
		require.True(t, Null(json.RawMessage(text)), text)
	}
	for _, text := range []string{`""`, "false", "[]", "{}"} {
		require.False(t, Null(json.RawMessage(text)), text)
	}

	text, ok := Text(json.RawMessage(` "a\u00e9\n" `))
	require.True(t, ok)
	require.Equal(t, "aé\n", text)
	for _, other := range []string{"", "null", "1", `["a"]`, `"a`} {
		_, ok = Text(json.RawMessage(other))
		require.False(t, ok, other)
	}
}

func TestCompareNames_ByWhatTheyMean(t *testing.T) {
	require.Zero(t, CompareNames([]byte(`"a"`), []byte(`"\u0061"`)))
	require.Negative(t, CompareNames([]byte(`"a"`), []byte(`"\u0062"`)))
	require.Positive(t, CompareNames([]byte(`"b"`), []byte(`"a"`)))
	require.NotZero(t, CompareNames([]byte(`"\ud800"`), []byte(`"\ud801"`)))
}

// TestCursor_WalksWhatItStepsOver: a walk by a cursor meets every scalar and name, in
// order, and ends where stepping over the whole ends.
func TestCursor_WalksWhatItStepsOver(t *testing.T) {
	doc := ` {"a" : [ 1 , [ ] , {} , "x\"]" ] , "b":{"c":null , "":true},"d":-1.5e3 } `
	var met []string
	var walk func(c *Cursor)
	walk = func(c *Cursor) {
		switch kind := c.Kind(); kind {
		case '[', '{':
			for more := c.Enter(); more; more = c.More() {
				if kind == '{' {
					met = append(met, string(c.Name()))
				}
				walk(c)
			}
		default:
			met = append(met, string(c.Skip()))
		}
	}

	c := NewCursor([]byte(doc))
	start := c.At()
	walk(c)
	require.Equal(t, []string{`"a"`, "1", `"x\"]"`, `"b"`, `"c"`, "null", `""`, "true", `"d"`, "-1.5e3"}, met)
	require.Zero(t, c.Kind())

	c.Go(start)
	require.Equal(t, strings.TrimSpace(doc), string(c.Skip()))
	require.Zero(t, c.Kind())
}
