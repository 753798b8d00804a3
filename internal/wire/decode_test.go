package wire

import (
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

func decode[T any](t *testing.T, doc string) T {
	t.Helper()
	var v T
	require.NoError(t, Unmarshal([]byte(doc), &v), doc)
	return v
}

func refuse[T any](t *testing.T, doc string) error {
	t.Helper()
	var v T
	err := Unmarshal([]byte(doc), &v)
	require.Error(t, err, doc)
	return err
}

func TestLenientIntegers(t *testing.T) {
	for doc, want := range map[string]int64{
		`4`: 4, `-4`: -4, `0`: 0, `-0`: 0, `2.0`: 2, `1e3`: 1000, `1E+3`: 1000, `1200e-2`: 12, `0.5e1`: 5, `0e999999999999`: 0,
		`"4"`: 4, `" 4 "`: 4, `"\u0034"`: 4, `"2.0"`: 2, `"1e3"`: 1000, ` 7 `: 7,
		`3705342610`: 3705342610, `9007199254740993`: 9007199254740993, `9007199254740993.0`: 9007199254740993,
		`9223372036854775807`: math.MaxInt64, `-9223372036854775808`: math.MinInt64, `"-9223372036854775808"`: math.MinInt64,
		`922337203685477580.7e1`: math.MaxInt64,
	} {
		require.Equal(t, want, decode[int64](t, doc), doc)
		require.Equal(t, want, decode[[]int64](t, "["+doc+"]")[0], doc)
		require.Equal(t, core.Set(want), decode[core.Opt[int64]](t, doc), doc)
	}
	for _, doc := range []string{
		`9223372036854775808`, `-9223372036854775809`, `1e19`, `1e400`, `"1e999999999999"`, `99999999999999999999999`, `18446744073709551616`,
	} {
		require.ErrorContains(t, refuse[int64](t, doc), "number out of range", doc)
	}
	for _, doc := range []string{`1.5`, `1e-1`, `"0.1"`, `1e-999999999999`} {
		require.ErrorContains(t, refuse[int64](t, doc), "number with a fraction", doc)
	}
	for _, doc := range []string{`""`, `" "`, `"4x"`, `"0x4"`, `"+4"`, `"04"`, `"4 4"`, `true`, `[4]`, `{}`, `"null"`} {
		require.ErrorAs(t, refuse[int64](t, doc), new(*TypeError), doc)
	}
}

func TestRanges(t *testing.T) {
	require.Equal(t, int8(-128), decode[int8](t, `-128`))
	require.Equal(t, uint64(math.MaxUint64), decode[uint64](t, `18446744073709551615`))
	require.Equal(t, uint8(255), decode[uint8](t, `"255"`))
	require.Equal(t, uint(0), decode[uint](t, `-0`))
	require.ErrorContains(t, refuse[int8](t, `128`), "out of range")
	require.ErrorContains(t, refuse[int8](t, `-129`), "out of range")
	require.ErrorContains(t, refuse[int32](t, `2147483648`), "out of range")
	require.ErrorContains(t, refuse[uint8](t, `256`), "out of range")
	require.ErrorContains(t, refuse[uint](t, `-1`), "out of range")
	require.ErrorContains(t, refuse[uint64](t, `18446744073709551616`), "out of range")
	require.ErrorContains(t, refuse[float64](t, `1e309`), "out of range")
	require.ErrorContains(t, refuse[float32](t, `1e39`), "out of range")
	require.Equal(t, 1.5, decode[float64](t, `"1.5"`))
	require.Equal(t, float32(2), decode[float32](t, `2`))
}

func TestLenientBooleansAndStrings(t *testing.T) {
	for doc, want := range map[string]bool{
		`true`: true, `false`: false, `"true"`: true, `"False"`: false, `"TRUE"`: true, `" true "`: true,
		`1`: true, `0`: false, `"1"`: true, `"0"`: false,
	} {
		require.Equal(t, want, decode[bool](t, doc), doc)
	}
	for _, doc := range []string{`2`, `-1`, `1.0`, `"2"`, `"yes"`, `""`, `"fal\u017fe"`, `[]`, `{}`} {
		require.ErrorAs(t, refuse[bool](t, doc), new(*TypeError), doc)
	}
	type name string
	for doc, want := range map[string]string{
		`"a"`: "a", `""`: "", `12`: "12", `1.50e2`: "1.50e2", `-0`: "-0", `"a\"\\\/\b\f\n\r\t\u00e9"`: "a\"\\/\b\f\n\r\té",
		`"\ud83d\ude00"`: "😀", `"\ud83d"`: "\xff\xed\xa0\xbd", `"\ude00\ud83dx"`: "\xff\xed\xb8\x80\xff\xed\xa0\xbdx",
		`"\ud83d\u0041"`:       "\xff\xed\xa0\xbdA",
		`"é😀"`:                 "é😀",
		`"\u00E9\uD83D\uDE00"`: "é😀",
	} {
		require.Equal(t, want, decode[string](t, doc), doc)
		require.Equal(t, name(want), decode[name](t, doc), doc)
		require.Equal(t, []string{want}, decode[[]string](t, "["+doc+"]"), doc)
	}
	require.ErrorAs(t, refuse[string](t, `true`), new(*TypeError))
}

func TestNullOfKnownMembers(t *testing.T) {
	type inner struct{ A int }
	type target struct {
		Opt   core.Opt[int]   `json:"opt,omitzero"`
		Ptr   *int            `json:"ptr,omitzero"`
		Slice []int           `json:"slice,omitzero"`
		Map   map[string]int  `json:"map,omitzero"`
		Int   int             `json:"int,omitzero"`
		Str   string          `json:"str,omitzero"`
		Obj   inner           `json:"obj,omitzero"`
		Time  time.Time       `json:"time,omitzero"`
		Any   any             `json:"any,omitzero"`
		Raw   json.RawMessage `json:"raw,omitzero"`
		IDs   []int64         `json:"ids,omitzero"`
		Opts  core.Opt[[]int] `json:"opts,omitzero"`
		Bool  bool            `json:"bool,omitzero"`
		Float float64         `json:"float,omitzero"`
		Bytes []byte          `json:"bytes,omitzero"`
		Array [2]int          `json:"array,omitzero"`
		Extra core.Extra      `json:"-"`
	}
	one := 1
	v := target{Ptr: &one, Slice: []int{1}, Map: map[string]int{"a": 1}, Int: 1, Str: "s", Obj: inner{1},
		Time: time.Now(), Any: 1, IDs: []int64{1}, Bool: true, Float: 1, Bytes: []byte{1}, Array: [2]int{1}}
	doc := `{"opt":null,"ptr":null,"slice":null,"map":null,"int":null,"str":null,"obj":null,"time":null,` +
		`"any":null,"raw":null,"ids":null,"opts":null,"bool":null,"float":null,"bytes":null,"array":null}`
	require.NoError(t, Unmarshal([]byte(doc), &v))
	require.True(t, v.Opt.IsClear())
	require.True(t, v.Opts.IsClear())
	names := []string{}
	for name, raw := range v.Extra {
		require.Equal(t, "null", string(raw))
		names = append(names, name)
	}
	require.ElementsMatch(t, []string{"ptr", "slice", "map", "int", "str", "obj", "time", "any", "ids", "bool", "float", "bytes", "array"},
		names)
	require.Equal(t, target{Opt: v.Opt, Opts: v.Opts, Raw: json.RawMessage("null"), Extra: v.Extra}, v)

	out, err := Marshal(v)
	require.NoError(t, err)
	require.JSONEq(t, doc, string(out), "every null goes back")

	v.Int = 5
	out, err = Marshal(v)
	require.NoError(t, err)
	require.Contains(t, string(out), `"int":5`)
	require.Equal(t, 1, strings.Count(string(out), `"int"`), "a field that is set hides the null")
}

func TestExtraAtEveryLevel(t *testing.T) {
	doc := `{"id":1,"x":{"a" : [1, 2]},"memberOf":{"agentGroupId":"5","y":1.50},"managerOf":[{"agentGroupId":6,"z":"\u00e9"},` +
		`{"agentGroupId":7}],"features":{"voice":"true","w":null}}`
	data := []byte(doc)
	var u optUser
	require.NoError(t, Unmarshal(data, &u))
	clear(data) // nothing may refer to the input
	require.Equal(t, core.Extra{"x": json.RawMessage(`{"a" : [1, 2]}`)}, u.Extra)
	m, _ := u.MemberOf.Get()
	require.Equal(t, core.Extra{"y": json.RawMessage(`1.50`)}, m.Extra)
	require.Equal(t, core.Extra{"z": json.RawMessage(`"\u00e9"`)}, u.ManagerOf[0].Extra)
	require.Nil(t, u.ManagerOf[1].Extra)
	f, _ := u.Features.Get()
	require.Equal(t, core.Extra{"w": json.RawMessage(`null`)}, f.Extra)
	out, err := Marshal(&u)
	require.NoError(t, err)
	require.Equal(t, `{"id":1,"memberOf":{"agentGroupId":5,"y":1.50},"managerOf":[{"agentGroupId":6,"z":"\u00e9"},{"agentGroupId":7}],`+
		`"features":{"voice":true,"w":null},"x":{"a" : [1, 2]}}`, string(out))
}

func TestExtraIsNotSharedBetweenCopies(t *testing.T) {
	a := decode[optUser](t, `{"x":1}`)
	b := a
	require.NoError(t, Unmarshal([]byte(`{"y":2}`), &b))
	require.Equal(t, core.Extra{"x": json.RawMessage("1")}, a.Extra)
	require.Equal(t, core.Extra{"x": json.RawMessage("1"), "y": json.RawMessage("2")}, b.Extra)
	b.Extra["x"] = append(b.Extra["x"], '0')
	require.Equal(t, "1", string(a.Extra["x"]))
}

func TestLastDuplicateWins(t *testing.T) {
	type inner struct {
		A, B  int
		Extra core.Extra `json:"-"`
	}
	type target struct {
		S     []int
		M     map[string]int
		O     inner
		P     *inner
		L     []inner
		N     int
		Opt   core.Opt[[]int]
		Extra core.Extra `json:"-"`
	}
	v := decode[target](t, `{"S":[1,2,3],"M":{"a":1},"O":{"A":1,"x":1},"P":{"A":1},"L":[{"A":1},{"A":2}],"N":null,"Opt":[1,2],"x":1,`+
		`"S":[9],"M":{"b":2},"O":{"B":2},"P":{"B":2},"L":[{"B":2}],"N":3,"Opt":[9],"x":2}`)
	require.Equal(t, target{S: []int{9}, M: map[string]int{"b": 2}, O: inner{B: 2}, P: &inner{B: 2}, L: []inner{{B: 2}}, N: 3,
		Opt: core.Set([]int{9}), Extra: core.Extra{"x": json.RawMessage("2")}}, v)
	v = decode[target](t, `{"N":3,"N":null,"Opt":[1],"Opt":null}`)
	require.Equal(t, target{Opt: core.Clear[[]int](), Extra: core.Extra{"N": json.RawMessage("null")}}, v)
	require.Equal(t, map[string][]int{"a": {2}}, decode[map[string][]int](t, `{"a":[1,1],"a":[2]}`))
}

func TestTopLevelStructKeepsWhatIsNotNamed(t *testing.T) {
	v := membership{AgentGroupID: 1, AssignmentDate: "d"}
	require.NoError(t, Unmarshal([]byte(`{"agentGroupId":2}`), &v))
	require.Equal(t, membership{AgentGroupID: 2, AssignmentDate: "d"}, v)
}

func TestKeysAreExact(t *testing.T) {
	u := decode[membership](t, `{"AgentGroupId":1,"\u0061gentGroupId":2}`)
	require.Equal(t, int64(2), u.AgentGroupID)
	require.Equal(t, core.Extra{"AgentGroupId": json.RawMessage("1")}, u.Extra)
}

type base struct {
	ID     int `json:"id"`
	Hidden int `json:"name"`
}

type deep struct {
	Deep  string     `json:"deep,omitzero"`
	Extra core.Extra `json:"-"`
}

func TestEmbedding(t *testing.T) {
	type Ptr struct{ P int }
	type target struct {
		base
		deep
		*Ptr
		Name string `json:"name"`
		Skip int    `json:"-"`
		//lint:ignore SA5008 encoding/json names such a field "-", and so do we
		Dash int `json:"-,"`
	}
	v := decode[target](t, `{"id":1,"name":"n","deep":null,"P":4,"Skip":5,"-":6}`)
	require.Equal(t, target{base: base{ID: 1}, deep: deep{Extra: core.Extra{"deep": json.RawMessage("null"), "Skip": json.RawMessage("5")}},
		Ptr: &Ptr{4}, Name: "n", Dash: 6}, v)
	out, err := Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{"id":1,"P":4,"name":"n","-":6,"Skip":5,"deep":null}`, string(out))
	out, err = Marshal(target{})
	require.NoError(t, err)
	require.Equal(t, `{"id":0,"name":"","-":0}`, string(out))
}

func TestWithoutExtraUnknownIsSkipped(t *testing.T) {
	require.Equal(t, plainMembership{AgentGroupID: 1},
		decode[plainMembership](t, `{"x":{"y":[null,{}]},"agentGroupId":1,"assignmentDate":null}`))
	require.ErrorAs(t, refuse[plainMembership](t, `{"x":{"y":[nul]}}`), new(*SyntaxError))
}

func TestErrorsNameThePlaceAndNoValue(t *testing.T) {
	type features struct {
		Voice bool `json:"voice"`
	}
	type user struct {
		Features features         `json:"features"`
		ByName   map[string]int   `json:"byName"`
		When     time.Time        `json:"when"`
		Grid     [][]int          `json:"grid"`
		Opt      core.Opt[uint8]  `json:"opt"`
		Sub      core.Opt[*user]  `json:"sub"`
		Blob     []byte           `json:"blob"`
		Pair     [2]int           `json:"pair"`
		Stringer interface{ F() } `json:"stringer"`
	}
	type page struct {
		Users []user `json:"users"`
	}
	for doc, want := range map[string]string{
		`{"users":[{},{},{},{"features":{"voice":"secret"}}]}`: "wire: users[3].features.voice: found JSON string, want bool",
		`{"users":[{"features":"secret"}]}`:                    "wire: users[0].features: found JSON string, want wire.features",
		`{"users":"secret"}`:                                   "wire: users: found JSON string, want []wire.user",
		`{"users":[{"byName":{"secret":[]}}]}`:                 "wire: users[0].byName.*: found JSON array, want int",
		`{"users":[{"when":"secret"}]}`:                        "wire: users[0].when: found JSON string that the type refuses, want time.Time",
		`{"users":[{"grid":[[1],[1,{"secret":1}]]}]}`:          "wire: users[0].grid[1][1]: found JSON object, want int",
		`{"users":[{"opt":256}]}`:                              "wire: users[0].opt: found JSON number out of range, want uint8",
		`{"users":[{"sub":{"sub":{"opt":true}}}]}`:             "wire: users[0].sub.sub.opt: found JSON boolean, want uint8",
		`{"users":[{"blob":"secret!"}]}`:                       "wire: users[0].blob: found JSON string that is not base64, want []uint8",
		`{"users":[{"pair":[1,2,3]}]}`:                         "wire: users[0].pair: found JSON array of more elements, want [2]int",
		`{"users":[{"stringer":1}]}`:                           "wire: users[0].stringer: found JSON number, want interface { F() }",
		`"secret"`:                                             "wire: found JSON string, want wire.page",
		`{"users":[{"features":"secret]}`:                      "wire: invalid JSON at byte 31: unexpected end",
		`{"users":[{"features":secret}]}`:                      "wire: invalid JSON at byte 22: expected a value",
	} {
		require.EqualError(t, refuse[page](t, doc), want, doc)
	}
	require.EqualError(t, refuse[[]int](t, `[1,"x"]`), "wire: [1]: found JSON string, want int")
	require.EqualError(t, refuse[map[string][]int64](t, `{"k":[1,null,"x"]}`), "wire: *[1]: found JSON null, want int64")
	require.EqualError(t, refuse[map[string][]int64](t, `{"k":[1,2,"x"]}`), "wire: *[2]: found JSON string, want int64")
}

func TestTruncatedInput(t *testing.T) {
	doc := `{"id":12,"loginName":"a\u00e9\n","features":{"voice":true},"skillIds":[1,-2.5e1],"x":[null,false]}`
	for i := range len(doc) {
		for _, v := range []any{new(optUser), new(any), new(json.RawMessage), new(struct{})} {
			err := Unmarshal([]byte(doc[:i]), v)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, doc[:i])
			var se *SyntaxError
			require.ErrorAs(t, err, &se)
			require.EqualValues(t, i, se.Offset)
		}
	}
	require.NotErrorIs(t, refuse[any](t, `[1 2]`), io.ErrUnexpectedEOF)
}

func TestGrammarIsStrict(t *testing.T) {
	for _, doc := range []string{
		``, ` `, `{} {}`, `1 2`, `[1,]`, `{"a":1,}`, `[,]`, `{,}`, `{a:1}`, `{"a" 1}`, `01`, `-`, `1.`, `.5`, `1e`, `+1`, `--1`, `1e+`, `0x1`,
		`tru`, `TRUE`, `nulll`, `NaN`, "\"a\nb\"", `"\x"`, `"\u12g4"`, `"a`, `'a'`, "\xef\xbb\xbf1", `[1`, `]`, `{"a":}`, "1\x00", "\v1", `//1`,
		`{"a":1 "b":2}`, `[1 2]`, `{"a":{]}`, `"\u123`, `"\`,
	} {
		require.False(t, json.Valid([]byte(doc)), doc)
		require.ErrorAs(t, refuse[any](t, doc), new(*SyntaxError), doc)
		require.ErrorAs(t, refuse[json.RawMessage](t, doc), new(*SyntaxError), doc)
		require.ErrorAs(t, refuse[struct{ X core.Extra }](t, `{"x":`+doc+`,}`), new(*SyntaxError), doc)
	}
}

func TestDepth(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	decode[any](t, nested(maxDepth))
	decode[json.RawMessage](t, nested(maxDepth))
	require.ErrorContains(t, refuse[any](t, nested(maxDepth+1)), "nested too deeply")
	require.ErrorContains(t, refuse[json.RawMessage](t, nested(maxDepth+1)), "nested too deeply")
	require.ErrorContains(t, refuse[struct{}](t, `{"x":`+nested(maxDepth)+`}`), "nested too deeply")
	type node struct{ N *node }
	require.ErrorContains(t, refuse[node](t, strings.Repeat(`{"N":`, 5000)), "nested too deeply")
}

func TestOtherKinds(t *testing.T) {
	type kind string
	type tree struct {
		Kids []*tree         `json:"kids,omitzero"`
		By   map[string]tree `json:"by,omitzero"`
	}
	type target struct {
		N  json.Number
		R  json.RawMessage
		T  time.Time
		P  **int
		B  []byte
		A  [3]int
		MK map[kind]kind
		MI map[string]any
		Tr tree
		X  any
	}
	v := decode[target](t, `{"N":"12.50","R":{"a" :1},"T":"2015-06-22T19:20:03Z","P":4,"B":"aGk=","A":[1,2],"MK":{"a":"b"},"MI":{"x":[1,`+
		`{"y":null}]},"Tr":{"kids":[{"kids":[]},null],"by":{"k":{}}},"X":{"big":12345678901234567890.5}}`)
	require.Equal(t, json.Number("12.50"), v.N)
	require.Equal(t, `{"a" :1}`, string(v.R))
	require.Equal(t, 2015, v.T.Year())
	require.Equal(t, 4, **v.P)
	require.Equal(t, "hi", string(v.B))
	require.Equal(t, [3]int{1, 2, 0}, v.A)
	require.Equal(t, map[kind]kind{"a": "b"}, v.MK)
	require.Equal(t, map[string]any{"x": []any{json.Number("1"), map[string]any{"y": nil}}}, v.MI)
	require.Equal(t, tree{Kids: []*tree{{Kids: []*tree{}}, nil}, By: map[string]tree{"k": {}}}, v.Tr)
	require.Equal(t, map[string]any{"big": json.Number("12345678901234567890.5")}, v.X)
	out, err := Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{"N":12.50,"R":{"a" :1},"T":"2015-06-22T19:20:03Z","P":4,"B":"aGk=","A":[1,2,0],"MK":{"a":"b"},"MI":{"x":[1,`+
		`{"y":null}]},"Tr":{"kids":[{"kids":[]},null],"by":{"k":{}}},"X":{"big":12345678901234567890.5}}`, string(out))
}

func TestSlices(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 100, 5000} {
		want := make([]int, n)
		for i := range want {
			want[i] = i * 37
		}
		doc, _ := json.Marshal(want)
		require.Equal(t, want, decode[[]int](t, string(doc)))
		type num int
		require.Len(t, decode[[]num](t, string(doc)), n)
		require.Len(t, decode[[]int64](t, string(doc)), n)
		require.Len(t, decode[any](t, string(doc)), n)
	}
	require.NotNil(t, decode[[]int](t, `[ ]`))
	require.NotNil(t, decode[[]string](t, `[]`))
	require.Nil(t, decode[[]int](t, `null`))
	require.Nil(t, decode[[]string](t, `null`))
	require.Equal(t, []string{"[", "]\"", "{"}, decode[[]string](t, `["[","]\"","{"]`))
}

// The strings of a page's elements do not share memory; see text.go.
func TestLongStringsAndManyStrings(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	type target struct{ A, B, C string }
	for range 3 { // with and without experience
		require.Equal(t, target{long, "b", long + "é"}, decode[target](t, `{"A":"`+long+`","B":"b","C":"`+long+`\u00e9"}`))
		require.Equal(t, target{"a", "b", "c"}, decode[target](t, `{"A":"a","B":"b","C":"c"}`))
	}
	users := decode[[]optUser](t, string(usersJSON(200)))
	require.Len(t, users, 200)
	for i, u := range users {
		var want optUser
		require.NoError(t, Unmarshal(userJSON(i), &want))
		require.Equal(t, want, u)
	}
}

func TestTargetMustBePointer(t *testing.T) {
	for _, v := range []any{nil, 1, optUser{}, (*optUser)(nil)} {
		require.ErrorAs(t, Unmarshal([]byte(`{}`), v), new(*UnsupportedError))
	}
	require.ErrorAs(t, Unmarshal([]byte(`{}`), new(chan int)), new(*UnsupportedError))
	require.ErrorAs(t, Unmarshal([]byte(`{}`), new(map[int]int)), new(*UnsupportedError))
	require.ErrorAs(t, Unmarshal([]byte(`{}`), new(struct {
		A int `json:",string"`
	})), new(*UnsupportedError))
}

// bouncing has methods that call wire, as vendor types do.
type bouncing struct {
	Name  string     `json:"name,omitzero"`
	Extra core.Extra `json:"-"`
}

var bounces int

func (b *bouncing) UnmarshalJSON(data []byte) error { bounces++; return UnmarshalFields(data, b) }
func (b bouncing) MarshalJSON() ([]byte, error)     { bounces++; return MarshalFields(b) }

// direct says in addition that its methods do nothing else.
type direct struct {
	Name  string     `json:"name,omitzero"`
	Extra core.Extra `json:"-"`
}

func (*direct) WirePlan()                         {}
func (d *direct) UnmarshalJSON(data []byte) error { panic("not to be called") }
func (d direct) MarshalJSON() ([]byte, error)     { panic("not to be called") }

func TestMethods(t *testing.T) {
	type target struct {
		B  bouncing            `json:"b"`
		D  direct              `json:"d"`
		OB core.Opt[bouncing]  `json:"ob"`
		OD core.Opt[direct]    `json:"od"`
		L  []direct            `json:"l"`
		M  map[string]bouncing `json:"m"`
		P  *bouncing           `json:"p"`
	}
	doc := `{"b":{"name":"1","x":1},"d":{"name":"2","x":2},"ob":{"name":"3","x":3},"od":{"name":"4","x":4},"l":[{"x":5}],"m":{"k":{"x":6}},` +
		`"p":{"x":7}}`
	bounces = 0
	v := decode[target](t, doc)
	require.Equal(t, 4, bounces)
	out, err := Marshal(v)
	require.NoError(t, err)
	require.Equal(t, doc, string(out))
	require.Equal(t, 8, bounces)

	// Both of encoding/json and wire come to the same.
	var viaStd bouncing
	require.NoError(t, json.Unmarshal([]byte(`{"name":"1","x":1}`), &viaStd))
	require.Equal(t, v.B, viaStd)

	require.EqualError(t, refuse[target](t, `{"b":{"name":[]}}`), "wire: b.name: found JSON array, want string")
}

func TestTextMethods(t *testing.T) {
	type target struct {
		L level `json:"l"`
	}
	require.Equal(t, target{3}, decode[target](t, `{"l":"+++"}`))
	require.Equal(t, []shade{"<red>", "", "<blue>"}, decode[[]shade](t, `["red", null, "blue"]`))
	require.ErrorAs(t, refuse[level](t, `7`), new(*TypeError))
	require.EqualError(t, refuse[target](t, `{"l":"secret"}`), "wire: l: found JSON string that the type refuses, want wire.level")
	out, err := Marshal(target{2})
	require.NoError(t, err)
	require.Equal(t, `{"l":"++"}`, string(out))
}

type level int

func (l *level) UnmarshalText(b []byte) error {
	if *l = level(len(b)); strings.Trim(string(b), "+") != "" {
		return &json.SyntaxError{}
	}
	return nil
}

func (l level) MarshalText() ([]byte, error) { return []byte(strings.Repeat("+", int(l))), nil }

// shade is a text that is read by a method.
type shade string

func (s *shade) UnmarshalText(text []byte) error {
	*s = shade("<" + string(text) + ">")
	return nil
}

// idSet reads itself and has no JSON form to be written in.
type idSet map[int64]bool

func (s *idSet) UnmarshalJSON(data []byte) error {
	var ids []int64
	err := Unmarshal(data, &ids)
	*s = idSet{}
	for _, id := range ids {
		(*s)[id] = true
	}
	return err
}

func TestATypeMayHaveOnlyOneWay(t *testing.T) {
	require.Equal(t, idSet{4: true, 7: true}, decode[idSet](t, `[4,7]`))
	_, err := Marshal(idSet{4: true})
	var unsupported *UnsupportedError
	require.ErrorAs(t, err, &unsupported)
}
