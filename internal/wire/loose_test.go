package wire

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// roundTrip reads a document into T and writes it back.
func roundTrip[T any](t *testing.T, doc string) string {
	t.Helper()
	var v T
	require.NoError(t, Unmarshal([]byte(doc), &v), doc)
	return encode(t, &v)
}

type texts struct {
	Name   string              `json:"name,omitzero"`
	Opt    core.Opt[string]    `json:"opt,omitzero"`
	Word   core.Opt[word]      `json:"word,omitzero"`
	List   []string            `json:"list,omitzero"`
	Words  []word              `json:"words,omitzero"`
	Lists  core.Opt[[]string]  `json:"lists,omitzero"`
	Map    map[string]string   `json:"map,omitzero"`
	Nums   []json.Number       `json:"nums,omitzero"`
	Any    any                 `json:"any,omitzero"`
	Secret core.Secret         `json:"secret,omitzero"`
	Inner  *texts              `json:"inner,omitzero"`
	Extra  core.Extra          `json:"-"`
	Opts   []core.Opt[string]  `json:"opts,omitzero"`
	Deep   map[string][]string `json:"deep,omitzero"`

	Objects []membership `json:"objects,omitzero"`
}

type word string

func TestLoneSurrogatesGoBackAsTheyCame(t *testing.T) {
	for _, text := range []string{`Ann \ud83d`, `\ude00`, `\ud83d\ud83dx`, `\ude00\ud83d`, `é\udfffé`, `\ud800 \udbff \udc00`} {
		for _, doc := range []string{
			`{"name":"X"}`, `{"opt":"X"}`, `{"word":"X"}`, `{"list":["a","X"]}`, `{"words":["X"]}`, `{"lists":["X"]}`, `{"map":{"X":"X"}}`,
			`{"any":{"X":["X"]}}`,
			`{"secret":"X"}`, `{"extra":{"deep":["X"]}}`, `{"X":"X"}`, `{"inner":{"inner":{"name":"X"}}}`, `{"opts":["X",null]}`,
			`{"deep":{"a":["X"]}}`,
		} {
			doc = strings.ReplaceAll(doc, "X", text)
			require.Equal(t, doc, roundTrip[texts](t, doc))
			require.Equal(t, doc, roundTrip[any](t, doc))
		}
	}

	// Two of them are two names, and two halves that meet are a whole.
	require.Equal(t, `{"\ud83d":1,"\ud83e":2}`, roundTrip[core.Extra](t, `{"\ud83d":1,"\ud83e":2}`))
	require.Equal(t, `"\ud83d\ude00"`, encode(t, decode[string](t, `"\ud83d"`)+decode[string](t, `"\ude00"`)))
	require.NotEqual(t, decode[any](t, `"\ud83d"`), decode[any](t, `"\ud83e"`))
}

func TestNullsInListsOfTextsGoBackAsTheyCame(t *testing.T) {
	for _, doc := range []string{
		`{"list":["a",null,"b"]}`, `{"list":[null]}`, `{"words":[null,"a"]}`, `{"lists":[null]}`, `{"map":{"a":null,"b":"x"}}`,
		`{"nums":[1,null]}`, `{"any":[null,""]}`, `{"inner":{"list":[null]}}`, `{"deep":{"a":[null]}}`, `{"name":null}`, `{"list":null}`,
		`{"objects":[null,{"agentGroupId":0},{"agentGroupId":1,"x":null}]}`, `{"list":["a",null],"inner":{"list":["",""]},"lists":[""]}`,
	} {
		require.JSONEq(t, doc, roundTrip[texts](t, doc))
	}
	v := decode[texts](t, `{"list":["a",null]}`)
	require.Equal(t, []string{"a", ""}, v.List)
	v.List = append(v.List, "b")
	require.Equal(t, `{"list":["a",null,"b"]}`, encode(t, v))
	v.List = nil
	require.Equal(t, `{}`, encode(t, v))
	require.NoError(t, Unmarshal([]byte(`{"list":["a",""]}`), &v))
	require.Equal(t, `{"list":["a",""]}`, encode(t, v), "which were not null")
	v = decode[texts](t, `{"objects":[null]}`)
	v.Objects[0].AgentGroupID = 5
	require.Equal(t, `{"objects":[{"agentGroupId":5}]}`, encode(t, v))

	// What has no form for it is not read as something else.
	for _, err := range []error{refuse[[]int64](t, `[1,null]`), refuse[[]int](t, `[null]`), refuse[map[string]bool](t, `{"a":null}`),
		refuse[[2]int](t, `[null]`)} {
		require.ErrorAs(t, err, new(*TypeError))
		require.ErrorContains(t, err, "found JSON null")
	}
}

func TestTextThatIsNotUTF8IsNotWritten(t *testing.T) {
	for _, bad := range []string{"J\xfcrg", "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\xbd", "\xed\xa0\xbd\xed\xb8\x80", "\xf8\x88\x80\x80\x80",
		"\xff\xed", "\xff\xed\xa0", "\xff\xed\x9f\xbf", "\xffnulx"} {
		raw := json.RawMessage(`"` + bad + `"`)
		for path, v := range map[string]any{
			"name": texts{Name: bad}, "opt": texts{Opt: core.Set(bad)}, "word": &texts{Word: core.Set(word(bad))},
			"list[1]":  texts{List: []string{"a", bad}},
			"lists[0]": texts{Lists: core.Set([]string{bad})}, "map.k": texts{Map: map[string]string{"k": bad}},
			"map.the name of a member": texts{Map: map[string]string{bad: "a"}},
			"any.a[0]":                 texts{Any: map[string]any{"a": []any{bad}}}, "secret": texts{Secret: core.NewSecret(bad)},
			"inner.inner.name": texts{Inner: &texts{Inner: &texts{Name: bad}}},
			"city":             texts{Extra: core.Extra{"city": raw}}, "inner.city": texts{Inner: &texts{Extra: core.Extra{"city": raw}}},
			"the name of a member": texts{Extra: core.Extra{bad: json.RawMessage("1")}},
			"costCentre":           map[string]any{"costCentre": json.RawMessage(`{"a":[` + string(raw) + `]}`)},
		} {
			_, err := Marshal(v)
			te, ok := err.(*TextError)
			require.True(t, ok, "%s %q: %v", path, bad, err)
			require.Equal(t, path, te.Path)
			require.NotContains(t, err.Error(), bad)
		}
		_, err := Marshal(bad)
		require.EqualError(t, err, "wire: text that is not UTF-8")
		require.ErrorContains(t, Overlay(&texts{}, map[string]any{"name": bad}), "text that is not UTF-8")

		// Nor is it read, known or not.
		for _, doc := range []string{`{"name":"X"}`, `{"other":["X"]}`, `{"X":1}`, `"X"`, `[{"X":"\u00e9"}]`} {
			doc = strings.ReplaceAll(doc, "X", bad)
			var raw json.RawMessage
			for _, v := range []any{new(texts), new(any), &raw, new(core.Extra), new(struct{})} {
				require.Error(t, Unmarshal([]byte(doc), v), "%q", doc)
			}
			require.Error(t, Unmarshal([]byte(doc), &raw))
		}
	}
}

type loose struct {
	IDs     []int64                `json:"ids,omitzero"`
	Small   []int8                 `json:"small,omitzero"`
	Roles   []string               `json:"roles,omitzero"`
	Own     ownIDs                 `json:"own,omitzero"`
	Groups  []membership           `json:"groups,omitzero"`
	Ptrs    []*membership          `json:"ptrs,omitzero"`
	Member  core.Opt[membership]   `json:"member,omitzero"`
	Plain   *membership            `json:"plain,omitzero"`
	OwnOne  core.Opt[ownObject]    `json:"ownOne,omitzero"`
	OwnMany core.Opt[[]ownObject]  `json:"ownMany,omitzero"`
	On      core.Opt[bool]         `json:"on,omitzero"`
	Off     *bool                  `json:"off,omitzero"`
	Hard    bool                   `json:"hard,omitzero"`
	Extra   core.Extra             `json:"-"`
	Any     core.Opt[[]core.Extra] `json:"any,omitzero"`
}

// ownIDs and ownObject read themselves, as types of vendors do.
type ownIDs []int64

func (o *ownIDs) UnmarshalJSON(data []byte) error { return Unmarshal(data, (*[]int64)(o)) }

type ownObject struct {
	A     int64      `json:"a"`
	Extra core.Extra `json:"-"`
}

func (o *ownObject) UnmarshalJSON(data []byte) error { return UnmarshalFields(data, o) }

func (o ownObject) MarshalJSON() ([]byte, error) { return MarshalFields(&o) }

func TestOneIsReadInPlaceOfItsListAndTheOtherWayRound(t *testing.T) {
	for doc, want := range map[string]string{
		`{"ids":5}`:                              `{"ids":[5]}`,
		`{"ids":"5"}`:                            `{"ids":[5]}`,
		`{"small":-5}`:                           `{"small":[-5]}`,
		`{"roles":"admin"}`:                      `{"roles":["admin"]}`,
		`{"roles":7}`:                            `{"roles":["7"]}`,
		`{"own":5}`:                              `{"own":[5]}`,
		`{"groups":{"agentGroupId":5,"x":1.50}}`: `{"groups":[{"agentGroupId":5,"x":1.50}]}`,
		`{"ptrs":{"agentGroupId":5}}`:            `{"ptrs":[{"agentGroupId":5}]}`,
		`{"member":[{"agentGroupId":5,"x":1}]}`:  `{"member":{"agentGroupId":5,"x":1}}`,
		`{"plain":[ {"agentGroupId":5} ]}`:       `{"plain":{"agentGroupId":5}}`,
		`{"ownOne":[{"a":5,"x":1}]}`:             `{"ownOne":{"a":5,"x":1}}`,
		`{"ownMany":{"a":5}}`:                    `{"ownMany":[{"a":5}]}`,
		`{"on":1,"off":"0","hard":"1"}`:          `{"on":true,"off":false,"hard":true}`,
	} {
		require.Equal(t, want, roundTrip[loose](t, doc), doc)
		// An element that arrives in pieces is read in the same way.
		got, err := list[loose](NewArray(strings.NewReader("[" + doc + "]")))
		require.NoError(t, err, doc)
		require.Equal(t, want, encode(t, got[0]), doc)
	}

	for _, doc := range []string{
		`{"ids":true}`, `{"ids":{}}`, `{"ids":""}`, `{"roles":""}`, `{"roles":" "}`, `{"roles":"a,b"}`, `{"roles":"a; b"}`, `{"roles":true}`,
		`{"roles":{"a":1}}`, `{"own":"x"}`,
		`{"groups":5}`, `{"groups":"x"}`, `{"member":[]}`, `{"member":[{},{}]}`, `{"member":[5]}`, `{"plain":[null]}`,
		`{"ownOne":[{"a":1},{"a":2}]}`, `{"ownOne":[]}`, `{"hard":"yes"}`,
	} {
		require.ErrorAs(t, refuse[loose](t, doc), new(*TypeError), doc)
	}
	// At the top it is an answer of another shape, and may be a refusal.
	require.ErrorAs(t, refuse[[]membership](t, `{"error":"denied"}`), new(*TypeError))
	require.ErrorAs(t, refuse[[]string](t, `"denied"`), new(*TypeError))
	require.ErrorAs(t, refuse[membership](t, `[{"agentGroupId":5}]`), new(*TypeError))
	require.ErrorAs(t, refuse[loose](t, `{"ids":[5}`), new(*SyntaxError))
	require.ErrorAs(t, refuse[loose](t, `{"member":[{"agentGroupId":5}`), new(*SyntaxError))
}

// A flag in unknown words hides neither its object nor the list, and goes
// back as it came until it is set.
func TestAFlagInOtherWordsIsNotKnownAndKept(t *testing.T) {
	for _, raw := range []string{`"yes"`, `2`, `"on"`, `["x"]`, `{"a":1.0}`, `""`} {
		doc := `{"on":` + raw + `,"off":` + raw + `,"roles":["a"]}`
		v := decode[loose](t, doc)
		require.True(t, v.On.IsZero(), doc)
		require.Nil(t, v.Off)
		require.JSONEq(t, doc, encode(t, v))
		v.On = core.Set(true)
		v.Off = new(bool)
		require.JSONEq(t, `{"on":true,"off":false,"roles":["a"]}`, encode(t, v))
	}
	type forgetful struct {
		On core.Opt[bool] `json:"on"`
	}
	// What a caller gives is yes or no.
	require.ErrorAs(t, Overlay(&loose{}, map[string]any{"on": "yes"}), new(*TypeError))
	require.ErrorAs(t, Overlay(&loose{}, map[string]any{"roles": 5}), new(*TypeError))
	v := decode[loose](t, `{"on":"yes"}`)
	require.NoError(t, Overlay(&v, map[string]any{"roles": []string{"a"}}))
	require.Equal(t, `{"roles":["a"],"on":"yes"}`, encode(t, v))
	require.ErrorAs(t, refuse[forgetful](t, `{"on":"yes"}`), new(*TypeError), "it has nowhere to keep it")
}
