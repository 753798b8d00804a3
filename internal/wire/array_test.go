package wire

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
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

func TestArrayOfAnotherShape(t *testing.T) {
	for doc, want := range map[string]string{
		`{"a":1}`: "wire: found JSON object, want array", `"a"`: "wire: found JSON string, want array",
		`1`:    "wire: found JSON number, want array",
		`null`: "wire: found JSON null, want array",
	} {
		_, err := list[int](NewArray(strings.NewReader(doc)))
		require.EqualError(t, err, want)
	}
	_, err := list[int](NewArray(strings.NewReader(`<html>`)))
	require.ErrorAs(t, err, new(*SyntaxError))
}

func TestArrayOptional(t *testing.T) {
	for doc, good := range map[string]bool{
		`null`: true, " null\n": true, `[]`: true, `nul`: false, `nulx`: false, `null1`: false, `null null`: false, `nulll`: false, `{}`: false,
		``: false,
	} {
		for _, r := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
			got, err := list[int](NewArray(r, Optional()))
			require.Equal(t, good, err == nil, "%q: %v", doc, err)
			require.Empty(t, got)
		}
	}
	_, err := list[int](NewArray(io.MultiReader(strings.NewReader("nu"), iotest.ErrReader(io.ErrClosedPipe)), Optional()))
	require.Equal(t, io.ErrClosedPipe, err)
}

func TestArrayErrorsNameThePlace(t *testing.T) {
	_, err := list[optUser](NewArray(strings.NewReader(`[{},{"features":{"limit":[]}}]`)))
	require.EqualError(t, err, "wire: [1].features.limit: found JSON array, want int64")
	_, err = list[optUser](NewArray(strings.NewReader(`[{},{"id":x}]`)))
	require.EqualError(t, err, "wire: invalid JSON at byte 10: expected a value")
}

// However a stream is cut, it does not end cleanly, and all that arrived whole comes out.
func TestArrayCut(t *testing.T) {
	doc := `[{"agentGroupId":1,"assignmentDate":"\u00e9 a\""},{"agentGroupId":-2.0e0,"y":[{}]}]`
	broken := errors.New("connection reset")
	for i := range len(doc) {
		for _, r := range []io.Reader{strings.NewReader(doc[:i]), iotest.OneByteReader(strings.NewReader(doc[:i]))} {
			a := NewArray(r)
			got, err := list[membership](a)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, doc[:i])
			require.Len(t, got, min(2, strings.Count(strings.ReplaceAll(doc[:i], "{}", ""), "}")), doc[:i])
			_, again := a.Next(&membership{})
			require.Equal(t, err, again, "an error is final")

			_, err = list[membership](NewArray(io.MultiReader(strings.NewReader(doc[:i]), iotest.ErrReader(broken))))
			require.Equal(t, broken, err)
		}
	}
	_, err := list[membership](NewArray(io.MultiReader(strings.NewReader(doc), iotest.ErrReader(broken))))
	require.Equal(t, broken, err, "the end of the document is not the end of the stream")
}

func TestArrayMalformed(t *testing.T) {
	for _, doc := range []string{
		`[1,]`, `[,1]`, `[1 2]`, `[1]]`, `[1]x`, `[1}`, `[1`, `[01]`, `[1x]`, `[tru]`, `["a]`, `[{"a":1]]`, `[-]`, `[1.]`, ``, ` `, `[[1,2}]`,
		`[{}{}]`, `[2.5`, `["\u12"]`, `[:]`,
		`["a"x]`, `[nul,1]`,
	} {
		for _, r := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
			_, err := list[any](NewArray(r))
			require.ErrorAs(t, err, new(*SyntaxError), doc)
		}
	}
}

func TestArrayFirstElementBeforeTheLastByte(t *testing.T) {
	r, w := io.Pipe()
	a := NewArray(r)
	defer a.Close()
	go func() { _, _ = io.WriteString(w, `[{"agentGroupId":1}`) }()
	var m membership
	ok, err := a.Next(&m)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, int64(1), m.AgentGroupID)
	go func() { _, _ = io.WriteString(w, `,{"agentGroupId":2}]`); _ = w.Close() }()
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
	}
	big := `["` + strings.Repeat("x", defaultMaxElement) + `"]`
	_, err := list[string](NewArray(strings.NewReader(big)))
	require.ErrorAs(t, err, new(*LimitError))
	_, err = list[string](NewArray(strings.NewReader(big), MaxElement(defaultMaxElement+2)))
	require.NoError(t, err)
}

func TestArrayMisuse(t *testing.T) {
	a := NewArray(strings.NewReader(`[1,2]`))
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
