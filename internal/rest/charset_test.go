package rest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
)

// read gets a thing that is answered with that body.
func read(t *testing.T, op *Op, contentType, body string) (out thing, err error) {
	_, err = newClient(talk(says(200, body, "Content-Type", contentType))).Do(t.Context(), call(op, &out))
	return out, err
}

func TestABodyInADeclaredCharsetIsDecoded(t *testing.T) {
	for _, w := range []struct{ contentType, body, name, more string }{
		{"application/json; charset=ISO-8859-1", "J\xfcrg", "Jürg", "Z\xfcrich"},
		{"application/json;charset=\"latin1\"", "J\xfcrg\x80", "Jürg\u0080", "\xff"},
		{"application/json; q=1; Charset = Windows-1252", "\x80 J\xfcrg \x9f", "€ Jürg Ÿ", "\x93x\x94"},
		{"application/json; charset=utf-8", "Jürg", "Jürg", "Zürich"},
		{"application/json; charset=us-ascii", "Jurg", "Jurg", "x"},
		{"application/json; charset=us-ascii", "Jürg", "Jürg", "x"},
		{"application/json", "Jürg 😀", "Jürg 😀", "Zürich"},
		{"", "Jürg", "Jürg", "x"},
	} {
		doc := `{"id":"a","name":"` + w.body + `","city":"` + w.more + `"}`
		out, err := read(t, opGet, w.contentType, doc)
		require.NoError(t, err, w.contentType)
		require.Equal(t, w.name, out.Name, w.contentType)

		ids, err := walk(plain(t.Context(), newClient(talk(says(200, "["+doc+"]", "Content-Type", w.contentType)))))
		require.NoError(t, err, w.contentType)
		require.Equal(t, []string{"a"}, ids)
		for v, err := range plain(t.Context(), newClient(talk(says(200, "["+doc+"]", "Content-Type", w.contentType)))) {
			require.NoError(t, err)
			require.Equal(t, w.name, v.Name, w.contentType)
		}
	}
}

func TestABodyThatIsNotUTF8IsAProtocolError(t *testing.T) {
	for _, contentType := range []string{"", "application/json", "application/json; charset=utf-8", "application/json; charset=us-ascii", "application/json; charset=iso-8859-15"} {
		for _, doc := range []string{"{\"id\":\"J\xfcrg\"}", "{\"id\":\"a\",\"x\":[{\"y\":\"\xed\xa0\xbd\"}]}", "{\"\xff\":1,\"id\":\"a\"}"} {
			for _, op := range opsByClass {
				_, err := read(t, op, contentType, doc)
				e := failure(t, err)
				require.Equal(t, core.ClassProtocol, e.Class, "%q", doc)
				require.Equal(t, appliedAfter(op), e.Applied)
				require.Equal(t, 1, e.Attempts, "another answer would be no better")
				require.Contains(t, e.Message, "not UTF-8")
			}

			ids, err := walk(plain(t.Context(), newClient(talk(says(200, `[{"id":"first"},`+doc+"]", "Content-Type", contentType)))))
			require.ErrorIs(t, err, core.ErrProtocol, "%q", doc)
			require.ErrorIs(t, err, core.ErrIncomplete)
			require.Equal(t, []string{"first"}, ids)
			_, err = walk(plain(t.Context(), newClient(talk(says(200, doc, "Content-Type", contentType)))))
			require.Equal(t, core.ClassProtocol, failure(t, err).Class, "%q", doc)
		}
	}

	// Also where nothing is wanted of it.
	_, err := newClient(talk(says(200, "Gel\xf6scht"))).Do(t.Context(), call(opPut, nil))
	require.Equal(t, core.AppliedUnknown, failure(t, err).Applied)
	// An error says what it says, in whatever letters.
	require.Equal(t, core.ClassPermission, failure(t, do(t.Context(), newClient(talk(says(403, "Gel\xf6scht"))), opPut)).Class)
}

func TestTextThatIsNotUTF8IsRefusedBeforeAnythingIsSent(t *testing.T) {
	mock := httpmock.NewMockTransport()
	c := newClient(mock)
	for _, w := range []struct {
		r    Request
		says string
	}{
		{Request{Op: opPut, Args: []string{"a"}, Body: thing{Name: "J\xfcrg"}}, "name holds text that is not UTF-8"},
		{Request{Op: opPut, Args: []string{"a"}, Body: map[string]any{"users": []thing{{}, {Name: "\xed\xa0\xbd"}}}}, "users[1].name holds text"},
		{Request{Op: opPut, Args: []string{"a"}, Body: thing{More: core.Extra{"city": []byte("{\"z\":\"\xfc\"}")}}}, "city holds text"},
		{Request{Op: opPut, Args: []string{"a"}, Body: url.Values{"user": {"J\xfcrg"}}}, "form field user holds text"},
		{Request{Op: opList, Query: options{Name: "J\xfcrg"}}, "parameter name holds text"},
		{Request{Op: opList, Query: options{IDs: []string{"a", "\xff"}}}, "parameter ids holds text"},
		{Request{Op: opList, Query: url.Values{"\xff": {"a"}}}, "name of the query parameter"},
		{Request{Op: opGet, Args: []string{"J\xfcrg"}}, "id holds text that is not UTF-8"},
	} {
		w.r.Base = testBase
		_, err := c.Do(t.Context(), w.r)
		e := failure(t, err)
		require.Equal(t, core.ClassInvalid, e.Class, w.says)
		require.Equal(t, core.AppliedNo, e.Applied)
		require.Contains(t, e.Message, w.says)
		require.NotContains(t, e.Message, "rg", "the text itself is not shown")
	}
	require.Zero(t, mock.GetTotalCallCount())
}

// An emoji that was cut at a limit goes back as the half of it that is left.
func TestALoneSurrogateGoesBackAsItCame(t *testing.T) {
	const doc = `{"id":"a","name":"Ann \ud83d","city":"\uDE00 \ud83d"}`
	got, err := read(t, opGet, "application/json", doc)
	require.NoError(t, err)
	p := talk(ok())
	_, err = newClient(p).Do(t.Context(), Request{Op: opPut, Base: testBase, Args: []string{"a"}, Body: got})
	require.NoError(t, err)
	require.Equal(t, doc, p.all()[0].Body)
}

func TestOneByteDecodesInWhateverPiecesItArrives(t *testing.T) {
	raw := make([]byte, 5000)
	var want strings.Builder
	for i := range raw {
		raw[i] = byte(i)
		want.WriteRune(rune(byte(i)))
	}
	for _, r := range []io.Reader{bytes.NewReader(raw), iotest.OneByteReader(bytes.NewReader(raw)), iotest.DataErrReader(bytes.NewReader(raw))} {
		got, err := io.ReadAll(&oneByte{ReadCloser: io.NopCloser(r)})
		require.NoError(t, err)
		require.Equal(t, want.String(), string(got))
	}
}

func TestNothingIsAllocatedForABodyThatIsOnlyAnnounced(t *testing.T) {
	announces := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: maxBody,
			Body: io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
	})
	c := newClient(announces, func(cfg *Config) { cfg.MaxAttempts = 1 })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 20 {
		require.Error(t, do(t.Context(), c, opGet))
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20*(2*pooled)+(1<<20)))
}

// What is allocated is in proportion to what came, announced or not.
func TestABodyIsAllocatedAsItArrives(t *testing.T) {
	for _, size := range []int{0, 1, pooled, pooled + 1, 300 << 10, 3 << 20} {
		doc := []byte(`{"id":"a","x":"` + strings.Repeat("x", size) + `"}`)
		for _, announced := range []int64{-1, int64(len(doc)), maxBody} {
			var out thing
			_, err := newClient(roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: announced, Body: io.NopCloser(bytes.NewReader(doc))}, nil
			})).Do(t.Context(), call(opGet, &out))
			require.NoError(t, err)
			require.Equal(t, "a", out.ID)
			require.Len(t, out.More["x"], size+2)
		}
	}
}
