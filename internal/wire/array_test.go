package wire

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// list reads a whole array, element by element.
func list[T any](a *Array) (all []T, err error) {
	defer a.Close()
	for {
		var v T
		ok, err := a.Next(&v)
		if !ok {
			return all, err
		}
		all = append(all, v)
	}
}

func TestArrayTop(t *testing.T) {
	for doc, want := range map[string][]int{
		`[]`: nil, ` [ ] `: nil, `[1]`: {1}, " [ 1 , \"2\",3.0 ]\n": {1, 2, 3},
	} {
		got, err := list[int](NewArray(iotest.OneByteReader(strings.NewReader(doc))))
		require.NoError(t, err, doc)
		require.Equal(t, want, got, doc)
		got, err = list[int](NewArray(iotest.DataErrReader(strings.NewReader(doc))))
		require.NoError(t, err, doc)
		require.Equal(t, want, got, doc)
	}
}

func TestArrayMember(t *testing.T) {
	doc := `{"total":"3","x":{"users":[9]},"us\u0065rs":[{"agentGroupId":1},{"agentGroupId":2,"y":1}],"next":"/p2","z":null}`
	for _, r := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
		a := NewArray(r, Member("users"))
		got, err := list[membership](a)
		require.NoError(t, err)
		require.Equal(t, []membership{{AgentGroupID: 1}, {AgentGroupID: 2, Extra: core.Extra{"y": json.RawMessage("1")}}}, got)
		var rest struct {
			Total int        `json:"total"`
			Next  string     `json:"next"`
			Extra core.Extra `json:"-"`
		}
		require.NoError(t, a.Rest(&rest))
		require.Equal(t, 3, rest.Total)
		require.Equal(t, "/p2", rest.Next)
		require.Equal(t, core.Extra{"x": json.RawMessage(`{"users":[9]}`), "z": json.RawMessage("null")}, rest.Extra)
		require.NoError(t, a.Rest(&rest), "twice")
	}
}

func TestArrayOfAnotherShape(t *testing.T) {
	_, err := list[int](NewArray(strings.NewReader(`{"error":1}`), Member("users")))
	require.ErrorAs(t, err, new(*MissingError))
	_, err = list[int](NewArray(strings.NewReader(`{"error":1}`), Member("users"), Optional()))
	require.NoError(t, err)
	_, err = list[int](NewArray(strings.NewReader(`{}`), Member("users"), Optional()))
	require.NoError(t, err)
	_, err = list[int](NewArray(strings.NewReader(`{"users":null}`), Member("users")))
	require.EqualError(t, err, "wire: users: found JSON null, want array")
	a := NewArray(strings.NewReader(`{"users":null,"n":1}`), Member("users"), Optional())
	_, err = list[int](a)
	require.NoError(t, err)
	var rest map[string]int
	require.NoError(t, a.Rest(&rest))
	require.Equal(t, map[string]int{"n": 1}, rest)
	_, err = list[int](NewArray(strings.NewReader(`{"a":1}`)))
	require.EqualError(t, err, "wire: found JSON object, want array")
	_, err = list[int](NewArray(strings.NewReader(`[1]`), Member("users")))
	require.EqualError(t, err, "wire: found JSON array, want object")
	_, err = list[int](NewArray(strings.NewReader(`<html>`)))
	require.ErrorAs(t, err, new(*SyntaxError))
	_, err = list[int](NewArray(strings.NewReader(`{"users":[1],"users":[2]}`), Member("users")))
	require.ErrorContains(t, err, "occurs twice")
}

func TestArrayErrorsNameThePlace(t *testing.T) {
	_, err := list[optUser](NewArray(strings.NewReader(`{"users":[{},{"features":{"voice":[]}}]}`), Member("users")))
	require.EqualError(t, err, "wire: users[1].features.voice: found JSON array, want bool")
	_, err = list[optUser](NewArray(strings.NewReader(`[{},{"features":{"voice":[]}}]`)))
	require.EqualError(t, err, "wire: [1].features.voice: found JSON array, want bool")
	_, err = list[optUser](NewArray(strings.NewReader(`[{},{"id":x}]`)))
	require.EqualError(t, err, "wire: invalid JSON at byte 10: expected a value")
}

// However a stream is cut, it does not end cleanly, and all that arrived whole comes out.
func TestArrayCut(t *testing.T) {
	doc := `{"total":2,"users":[{"agentGroupId":1,"assignmentDate":"\u00e9"},{"agentGroupId":-2.0e0}],"next":[{},"a\"",1]}`
	broken := errors.New("connection reset")
	for i := range len(doc) {
		for _, r := range []io.Reader{strings.NewReader(doc[:i]), iotest.OneByteReader(strings.NewReader(doc[:i]))} {
			a := NewArray(r, Member("users"))
			got, err := list[membership](a)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, doc[:i])
			require.Len(t, got, min(2, strings.Count(doc[:i], "}")), doc[:i])
			require.ErrorIs(t, a.Rest(&struct{}{}), io.ErrUnexpectedEOF)
			_, again := a.Next(&membership{})
			require.Equal(t, err, again, "an error is final")

			_, err = list[membership](NewArray(io.MultiReader(strings.NewReader(doc[:i]), iotest.ErrReader(broken)), Member("users")))
			require.Equal(t, broken, err)
		}
	}
	_, err := list[membership](NewArray(io.MultiReader(strings.NewReader(doc), iotest.ErrReader(broken)), Member("users")))
	require.Equal(t, broken, err, "the end of the document is not the end of the stream")
}

func TestArrayMalformed(t *testing.T) {
	for _, doc := range []string{
		`[1,]`, `[,1]`, `[1 2]`, `[1]]`, `[1]x`, `[1}`, `[1`, `[01]`, `[1x]`, `[tru]`, `["a]`, `[{"a":1]]`, `[-]`, `[1.]`, ``, ` `, `[[1,2}]`, `[{}{}]`, `[2.5`, `["\u12"]`, `[:]`,
		`["a"x]`, `[nul,1]`,
	} {
		for _, r := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
			_, err := list[any](NewArray(r))
			require.ErrorAs(t, err, new(*SyntaxError), doc)
		}
		for _, around := range []string{`{"users":%}`, `{"a":%,"users":[]}`, `{"users":[],"a":%}`} {
			r := iotest.OneByteReader(strings.NewReader(strings.ReplaceAll(around, "%", doc)))
			_, err := list[any](NewArray(r, Member("users")))
			require.ErrorAs(t, err, new(*SyntaxError), doc)
		}
	}
	for _, doc := range []string{
		`{"users":[]`, `{"users":[]]`, `{"users":[],}`, `{"users":[]}}`, `{"users":[]"a":1}`, `{,"users":[]}`, `{"a":,"users":[]}`, `{"a":tru,"users":[]}`,
		`{"a":-,"users":[]}`, `{a:1,"users":[]}`, `{"a","users":[]}`, `{"users"}`, `{"a":1 "users":[]}`, `{"\x":1}`, `{"users":[]}1`,
	} {
		for _, opts := range [][]ArrayOption{{Member("users")}, {Member("users"), Optional()}} {
			_, err := list[any](NewArray(iotest.OneByteReader(strings.NewReader(doc)), opts...))
			require.ErrorAs(t, err, new(*SyntaxError), doc)
			if doc != `{"users":[]` {
				require.NotErrorIs(t, err, io.ErrUnexpectedEOF, doc)
			}
		}
	}
}

func TestArrayFirstElementBeforeTheLastByte(t *testing.T) {
	r, w := io.Pipe()
	a := NewArray(r, Member("users"))
	defer a.Close()
	go func() { _, _ = io.WriteString(w, `{"users":[{"agentGroupId":1}`) }()
	var m membership
	ok, err := a.Next(&m)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, int64(1), m.AgentGroupID)
	go func() { _, _ = io.WriteString(w, `,{"agentGroupId":2}]}`); _ = w.Close() }()
	ok, err = a.Next(&m)
	require.NoError(t, err)
	require.True(t, ok)
	ok, err = a.Next(&m)
	require.NoError(t, err)
	require.False(t, ok)
	ok, err = a.Next(&m)
	require.NoError(t, err)
	require.False(t, ok, "the end stays the end")
}

func TestArrayResets(t *testing.T) {
	a := NewArray(strings.NewReader(`[{"skillIds":[1],"loginName":"a","x":1},{},{"skillIds":[2,3]}]`))
	defer a.Close()
	var u optUser
	for range 2 {
		_, err := a.Next(&u)
		require.NoError(t, err)
	}
	require.Equal(t, optUser{}, u)
}

func TestArrayLimits(t *testing.T) {
	elem := `"` + strings.Repeat("x", 98) + `"` // 100 bytes
	for _, chunk := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader} {
		read := func(doc string, opts ...ArrayOption) error {
			_, err := list[any](NewArray(chunk(strings.NewReader(doc)), opts...))
			return err
		}
		var le *LimitError
		require.NoError(t, read(`[`+elem+`,`+elem+`]`, MaxElement(100)))
		require.ErrorAs(t, read(`[1,`+elem+`]`, MaxElement(99)), &le)
		require.Equal(t, LimitError{What: "element", Limit: 99}, *le)
		require.NoError(t, read(`[ 1234 , 1 ]`, MaxElement(4)))
		require.ErrorAs(t, read(`[ 12345 ,1]`, MaxElement(4)), &le)
		require.NoError(t, read(`[`+strings.Repeat(" ", 1000)+`1`+strings.Repeat(" ", 1000)+`]`, MaxElement(4)))
		require.NoError(t, read(`{"a":`+elem+`,"u":[]}`, Member("u"), MaxRest(110)))
		require.ErrorAs(t, read(`{"a":`+elem+`,"u":[]}`, Member("u"), MaxRest(100)), &le)
		require.Equal(t, 100, le.Limit)
		require.ErrorAs(t, read(`{"u":[],"a":`+elem+`,"b":`+elem+`}`, Member("u"), MaxRest(150)), &le)
	}
	big := `["` + strings.Repeat("x", defaultMaxElement) + `"]`
	_, err := list[string](NewArray(strings.NewReader(big)))
	require.ErrorAs(t, err, new(*LimitError))
	_, err = list[string](NewArray(strings.NewReader(big), MaxElement(defaultMaxElement+2)))
	require.NoError(t, err)
}

func TestArrayMisuse(t *testing.T) {
	a := NewArray(strings.NewReader(`[1,2]`))
	require.ErrorAs(t, a.Rest(&struct{}{}), new(*UnsupportedError))
	var n int
	ok, err := a.Next(&n)
	require.True(t, ok)
	require.NoError(t, err)
	a.Close()
	a.Close()
	_, err = a.Next(&n)
	require.ErrorIs(t, err, ErrClosed)
	_, err = NewArray(strings.NewReader(`[1]`)).Next(1)
	require.ErrorAs(t, err, new(*UnsupportedError))
	_, err = list[int](NewArray(stuck{}))
	require.ErrorIs(t, err, io.ErrNoProgress)
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// chunked hands out pieces of random length.
type chunked struct {
	data []byte
	rng  *rand.Rand
	max  int
}

func (c *chunked) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.data[:min(len(c.data), 1+c.rng.IntN(c.max))])
	c.data = c.data[n:]
	if len(c.data) == 0 && c.rng.IntN(2) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func TestArrayKeepsNothingOfTheBuffer(t *testing.T) {
	doc := usersJSON(300)
	a := NewArray(&chunked{data: doc, rng: rand.New(rand.NewPCG(1, 2)), max: 5000})
	got, err := list[optUser](a)
	require.NoError(t, err)
	require.Len(t, got, 300)
	for i := range got {
		var want optUser
		require.NoError(t, Unmarshal(userJSON(i), &want))
		require.Equal(t, want, got[i])
	}
}
