package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func TestWordIsNeverAnError(t *testing.T) {
	for doc, want := range map[string]Word{
		`"a"`: "a", `" a\n"`: "a", `12`: "12", `12.50`: "12.50", `null`: "", `true`: "", `false`: "", `{"a":1}`: "", `["a"]`: "", `"\u00e9"`: "é",
	} {
		got := struct {
			W Word `json:"w"`
		}{"before"}
		require.NoError(t, Unmarshal([]byte(`{"w":`+doc+`}`), &got), doc)
		require.Equal(t, want, got.W, doc)
	}
}

func TestOneOrMany(t *testing.T) {
	for doc, want := range map[string][]int{`{"n":1}`: {1}, ` {"n":2} `: {2}, `[{"n":1},{"n":3}]`: {1, 3}, `[]`: nil, `null`: nil} {
		var got OneOrMany[struct {
			N int `json:"n"`
		}]
		require.NoError(t, Unmarshal([]byte(doc), &got), doc)
		require.Len(t, got, len(want), doc)
		for i := range want {
			require.Equal(t, want[i], got[i].N)
		}
	}
	for _, doc := range []string{`"a"`, `1`, `{"n":"x"}`, `[1]`} {
		got := OneOrMany[struct {
			N int `json:"n"`
		}]{{N: 7}}
		require.Error(t, Unmarshal([]byte(doc), &got), doc)
	}
}

func TestCleared(t *testing.T) {
	for _, v := range []any{nil, "", core.Clear[string](), core.Clear[int](), core.Secret{}, json.RawMessage("null"), json.RawMessage(` "" `),
		json.RawMessage("[]"), []string{}, map[string]int{}, (*int)(nil)} {
		require.True(t, Cleared(v), "%#v", v)
	}
	for _, v := range []any{"a", " ", 0, false, core.Set(""), core.Set(0), core.Opt[string]{}, core.NewSecret("s"), json.RawMessage("0"),
		json.RawMessage("false"), []string{""}, func() {}} {
		require.False(t, Cleared(v), "%T", v)
	}
}
