package wire

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func encode(t *testing.T, v any) string {
	t.Helper()
	out, err := Marshal(v)
	require.NoError(t, err)
	require.True(t, json.Valid(out), "%s", out)
	return string(out)
}

func TestOmission(t *testing.T) {
	type inner struct{ A int }
	type target struct {
		Keep  core.Opt[int]      `json:"keep"` // omitted without the option
		Clear core.Opt[int]      `json:"clear"`
		Set   core.Opt[int]      `json:"set,omitzero"`
		Named core.Opt[[]string] `json:"named"`
		Z     []int              `json:"z,omitzero"`
		E     []int              `json:"e,omitempty"`
		N     []int              `json:"n"`
		ZS    inner              `json:"zs,omitzero"`
		ES    inner              `json:"es"`
		P     *inner             `json:"p,omitempty"`
		S     string             `json:"s,omitempty"`
	}
	require.Equal(t, `{"clear":null,"set":0,"n":null,"es":{"A":0}}`, encode(t, target{Clear: core.Clear[int](), Set: core.Set(0)}))
	require.Equal(t, `{"clear":null,"named":[],"z":[],"n":[],"zs":{"A":1},"es":{"A":0},"p":{"A":0},"s":"s"}`,
		encode(t, &target{Clear: core.Clear[int](), Named: core.Set([]string{}), Z: []int{}, E: []int{}, N: []int{}, ZS: inner{1}, P: &inner{},
			S: "s"}))
	require.Equal(t, `[null,null,7]`, encode(t, []core.Opt[int8]{{}, core.Clear[int8](), core.Set[int8](7)}))
}

func TestOptKinds(t *testing.T) {
	type word string
	require.Equal(t, `"a"`, encode(t, core.Set("a")))
	require.Equal(t, `"a"`, encode(t, core.Set(word("a"))))
	require.Equal(t, `true`, encode(t, core.Set(true)))
	require.Equal(t, `1.5`, encode(t, core.Set(1.5)))
	require.Equal(t, `{"agentGroupId":1}`, encode(t, core.Set(membership{AgentGroupID: 1})))
	require.Equal(t, `null`, encode(t, core.Set[any](nil)))
	require.Equal(t, `[1]`, encode(t, core.Set[any]([]int{1})))
	require.Equal(t, `null`, encode(t, core.Set[*int](nil)))
}

func TestExtraGoesLastAndYieldsToFields(t *testing.T) {
	m := membership{AgentGroupID: 1, Extra: core.Extra{"b": json.RawMessage("2"), "a": json.RawMessage(`"é\u00e9"`),
		"agentGroupId": json.RawMessage("9"), "assignmentDate": json.RawMessage("null"), "c": nil}}
	require.Equal(t, `{"agentGroupId":1,"a":"é\u00e9","assignmentDate":null,"b":2,"c":null}`, encode(t, m))
	m.AssignmentDate = "d"
	require.Equal(t, `{"agentGroupId":1,"assignmentDate":"d","a":"é\u00e9","b":2,"c":null}`, encode(t, m))
	m.Extra["b"] = json.RawMessage(`{"x":secret}`)
	_, err := Marshal(m)
	require.ErrorAs(t, err, new(*SyntaxError))
	require.NotContains(t, err.Error(), "secret")
}

func TestStringsAndNumbers(t *testing.T) {
	require.Equal(t, `"<a href=\"x\">&\\\n\r\t\u0001`+"\u2028\x7f"+`é😀"`, encode(t, "<a href=\"x\">&\\\n\r\t\x01\u2028\x7fé😀"))
	for _, f := range []float64{0, 1, -1.5, 1e20, 1e21, 1e-6, 1e-7, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64,
		math.Copysign(0, -1)} {
		want, _ := json.Marshal(f)
		require.Equal(t, string(want), encode(t, f))
		want, _ = json.Marshal(float32(f * 1e-290))
		require.Equal(t, string(want), encode(t, float32(f*1e-290)))
	}
	for _, v := range []any{math.NaN(), math.Inf(1), json.Number("x"), func() {}, map[int]int{}, make(chan int)} {
		_, err := Marshal(v)
		require.ErrorAs(t, err, new(*UnsupportedError))
	}
	require.Equal(t, `0`, encode(t, json.Number("")))
	require.Equal(t, `{"a":1,"b":2,"c":3}`, encode(t, map[string]int{"c": 3, "a": 1, "b": 2}))
	require.Equal(t, `null`, encode(t, nil))
	require.Equal(t, `null`, encode(t, (*int)(nil)))
	require.Equal(t, `[1,true,null,"s",{"a":[]},1.5,null]`, encode(t, []any{1, true, nil, "s", map[string]any{"a": []any{}}, 1.5,
		(*int)(nil)}))
}

func TestMarshalDoesNotShareItsBuffer(t *testing.T) {
	a := encode(t, "first")
	b, err := Marshal("a")
	require.NoError(t, err)
	_ = encode(t, "bbbbbbb")
	require.Equal(t, `"first"`, a)
	require.Equal(t, `"a"`, string(b))
}

type failing struct{}

var errFailing = errors.New("failing")

func (failing) MarshalJSON() ([]byte, error) { return nil, errFailing }

type mangled struct{}

func (mangled) MarshalJSON() ([]byte, error) { return []byte(`{"secret"`), nil }

func TestMarshalerErrors(t *testing.T) {
	_, err := Marshal([]any{failing{}})
	require.ErrorIs(t, err, errFailing)
	_, err = Marshal(&mangled{})
	require.ErrorContains(t, err, "wire.mangled.MarshalJSON")
	require.NotContains(t, err.Error(), "secret")
}

func TestCyclesEnd(t *testing.T) {
	type node struct{ Next *node }
	n := &node{}
	n.Next = n
	_, err := Marshal(n)
	require.ErrorAs(t, err, new(*UnsupportedError))
	type ptr *ptr
	var p ptr
	p = &p
	_, err = Marshal(p)
	require.ErrorAs(t, err, new(*UnsupportedError))
	m := map[string]any{}
	m["m"] = m
	_, err = Marshal(m)
	require.ErrorAs(t, err, new(*UnsupportedError))
}
