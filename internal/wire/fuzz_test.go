package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func seeds(f *testing.F) {
	for _, s := range []string{
		``, `null`, `true`, `-1.5e+3`, `"a\u00e9\ud83d\ude00\\"`, `[]`, `{}`, `[1,"2",null,{"a":[true]}]`, string(userJSON(1)),
		`{"id":"4","skillIds":["1",2.0],"memberOf":{"agentGroupId":1,"x":[1]},"a":1,"a":{"b":null}}`, "\"\xff\xc3\"",
		`{"child":{"list":[{"x":1},null]},"opt":null}`,
		`{"users":[1,{"a":"]"}],"n":1}`, `[1`, `{"a"`, `[1.`, `"\ud800`, `[[[[]]]]`,
	} {
		f.Add([]byte(s))
	}
}

// tooDeep reports whether a document goes beyond the depth that we accept.
func tooDeep(data []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '[' || c == '{':
			if depth++; depth > maxDepth {
				return true
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return false
}

// meaning reads a document as encoding/json does, or, where that would take one lone
// surrogate for the other, as we do.
func meaning(data []byte) (v any, err error) {
	if regexp.MustCompile(`(?i)\\ud[89a-f]`).Match(data) {
		err = Unmarshal(data, &v)
		return v, err
	}
	return generic(data)
}

// FuzzUnmarshal: what is valid is what encoding/json says, and means the same.
func FuzzUnmarshal(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		valid := json.Valid(data) && utf8.Valid(data) && !tooDeep(data)
		var raw json.RawMessage
		require.Equal(t, valid, Unmarshal(data, &raw) == nil)
		var v any
		err := Unmarshal(data, &v)
		require.Equal(t, valid, err == nil, "%v", err)
		if valid {
			want, err := meaning(data)
			require.NoError(t, err)
			require.Equal(t, want, v)
		} else {
			require.ErrorAs(t, err, new(*SyntaxError))
		}
		// Into structs there can be a TypeError, but never an acceptance of what is invalid.
		for _, target := range []any{new(optUser), new([]optUser), new(node), new([]string), new([2]int8), new(core.Opt[float64]),
			new(map[string]*bool), new(json.Number)} {
			err := Unmarshal(data, target)
			if err == nil {
				require.True(t, valid)
				continue
			}
			if te, ok := errors.AsType[*TypeError](err); !ok {
				require.ErrorAs(t, err, new(*SyntaxError))
				require.False(t, valid, "%v", err)
			} else {
				require.True(t, utf8.ValidString(te.Error()))
			}
		}
	})
}

// node has no field that changes what it reads.
type node struct {
	Child *node            `json:"child,omitzero"`
	List  []*node          `json:"list,omitzero"`
	By    map[string]*node `json:"by,omitzero"`
	Any   any              `json:"any,omitzero"`
	Raw   json.RawMessage  `json:"raw,omitzero"`
	Num   json.RawMessage  `json:"num,omitempty"`
	Opt   core.Opt[any]    `json:"opt"`
	Sub   core.Opt[node2]  `json:"sub"`
	Extra core.Extra       `json:"-"`
}

type node2 struct {
	Opt   core.Opt[[]core.Opt[any]] `json:"opt"`
	Extra core.Extra                `json:"-"`
}

// FuzzRoundTrip: whatever can be read is written back as the same document.
func FuzzRoundTrip(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var n node
		if Unmarshal(data, &n) == nil && bytes.IndexByte(data, '{') >= 0 {
			out, err := Marshal(&n)
			require.NoError(t, err)
			want, err := meaning(data)
			require.NoError(t, err)
			got, err := meaning(out)
			require.NoError(t, err, "%s", out)
			require.Equal(t, want, got, "%s", out)
		}
		// With lenient fields the first pass may change a spelling, the second must not.
		var u, again optUser
		if Unmarshal(data, &u) == nil {
			out, err := Marshal(&u)
			require.NoError(t, err)
			require.NoError(t, Unmarshal(out, &again), "%s", out)
			require.Equal(t, u, again)
			twice, err := Marshal(&again)
			require.NoError(t, err)
			require.Equal(t, string(out), string(twice))
		}
	})
}

// FuzzArray: a list that is streamed in random pieces gives what it gives whole,
// both its elements and its errors.
func FuzzArray(f *testing.F) {
	for _, s := range []string{`[]`, `[1,2]`, `[{"a":"]"},"\\\"",[[]],null]`, `[1`, `[1]x`, `[1,]`, `[-1.5e3 , true]`, `[nul]`, `["\u12`,
		`[{{}1`} {
		f.Add([]byte(s), uint64(1), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64, most uint8) {
		pieces := func(data []byte) io.Reader {
			return &chunked{data: data, rng: rand.New(rand.NewPCG(seed, 0)), max: 1 + int(most)}
		}
		var whole []any
		wholeErr := Unmarshal(data, &whole)
		got, err := list[any](NewArray(pieces(data)))
		if null := strings.TrimSpace(string(data)) == "null"; null {
			require.Error(t, err)
			return
		}
		require.Equal(t, wholeErr == nil, err == nil, "%v / %v", wholeErr, err)
		if err == nil {
			require.Len(t, got, len(whole))
			if len(whole) > 0 {
				require.Equal(t, whole, got)
			}
		} else if _, ok := err.(*TypeError); !ok {
			require.Equal(t, errors.Is(wholeErr, io.ErrUnexpectedEOF), errors.Is(err, io.ErrUnexpectedEOF), "%v / %v", wholeErr, err)
		}
	})
}
