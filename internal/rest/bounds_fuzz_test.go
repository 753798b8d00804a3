package rest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzCharset: whatever a type says and a body holds, what is declared to be of single
// bytes comes out as UTF-8 of at most three bytes each, and all else as it came.
func FuzzCharset(f *testing.F) {
	f.Add("application/json; charset=iso-8859-1", "Andr\xe9")
	f.Add("text/plain;charset=\"CP1252\"", "\x80")
	f.Add("application/json;;;charset", "\xff\xfe\x00")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		res := &http.Response{Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(iotest.OneByteReader(strings.NewReader(body)))}
		r := inUTF8(res)
		out, err := io.ReadAll(r)
		require.NoError(t, err)
		if _, decoded := r.(*oneByte); !decoded {
			require.Equal(t, body, string(out))
			return
		}
		require.True(t, utf8.Valid(out))
		require.Equal(t, len(body), utf8.RuneCount(out))
		require.LessOrEqual(t, len(out), 3*len(body))
	})
}

// FuzzBody: a body comes out as it came, up to its limit, however long it was announced to
// be, and the buffer is not much larger than what came.
func FuzzBody(f *testing.F) {
	f.Add("{}", 3, int64(-1), false)
	f.Add("[1,2]", 20_000, int64(1)<<40, false)
	f.Add("no", 40_000, int64(0), true)
	f.Fuzz(func(t *testing.T, unit string, n int, announced int64, refused bool) {
		if n < 0 || n > 1<<16 || len(unit) > 64 {
			return
		}
		body := strings.Repeat(unit, n)
		res := &http.Response{StatusCode: 200, ContentLength: max(announced, -1), Body: io.NopCloser(strings.NewReader(body))}
		want := body
		if refused {
			res.StatusCode = 400
			want = body[:min(len(body), maxError)]
		}
		x := new(exchange)
		x.readBody(res)
		require.True(t, bytes.Equal([]byte(want), x.bytes()))
		require.Equal(t, len(want) < len(body), x.cut == errTooBig)
		require.LessOrEqual(t, x.body.Cap(), 2*grown*len(body)+4*pooled)
	})
}

// FuzzMessage: what a vendor says is one short line in an error, and holds no secret.
func FuzzMessage(f *testing.F) {
	c := New(Config{Vendor: "v"})
	const secret = "CaNaRy-s3cr3t-needle"
	c.KeepCredential(secret)
	f.Add("no\nway "+secret, "")
	f.Add(strings.Repeat("\\u0043", 5000), secret)
	f.Fuzz(func(t *testing.T, before, after string) {
		text := c.Text(before + " " + secret + " " + after)
		require.NotContains(t, text, secret)
		require.NotContains(t, text, "\n")
		require.NotContains(t, text, "\r")
		require.LessOrEqual(t, len(text), 4<<10)
		require.True(t, utf8.ValidString(text))
	})
}
