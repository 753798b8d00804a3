package lucs_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
)

// utf16s writes a text as Windows may: each byte order, with and without its mark.
func utf16s(text string) (all []string) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		var plain, marked []byte
		marked = order.AppendUint16(marked, 0xfeff)
		for _, c := range utf16.Encode([]rune(text)) {
			plain, marked = order.AppendUint16(plain, c), order.AppendUint16(marked, c)
		}
		all = append(all, string(plain), string(marked))
	}
	return all
}

// TestErrorsInUTF16AreLegible, and what must not be repeated is found in them.
func TestErrorsInUTF16AreLegible(t *testing.T) {
	for text, want := range map[string]string{
		"<html><head><title>500 – Für die Ressource 😀</title></head></html>": "an HTML page: 500 – Für die Ressource 😀",
		"\r\n <h1>Dienst nicht verfügbar</h1>":                               "an HTML page: Dienst nicht verfügbar",
		`{"Message":"Zugriff für ` + key + ` verweigert"}`:                   "Zugriff für [redacted] verweigert",
		`"key ` + key + `"`:                 "key [redacted]",
		"<html>" + key + "</html>":          "an HTML page: [redacted]",
		"Service Unavailable (" + key + ")": "Service Unavailable ([redacted])",
		"":                                  "",
	} {
		for i, body := range utf16s(text) {
			c, mt := mocked(t, lucs.Dialect{})
			mt.RegisterNoResponder(resttest.Answer(403, body))
			_, err := core.Collect(c.Services.List(t.Context()))
			e := resttest.ErrorOf(t, err)
			require.Equal(t, want, e.Message, "way %d of %q", i, text)
		}
	}
	// Half a character at the end, and a stray NUL in what is no UTF-16.
	require.Equal(t, "an HTML page: ab", lucs.Explain([]byte(utf16s("<h1>ab</h1>")[1]+"x")).Message)
	require.Equal(t, "a\x00 text of one byte a letter, and long enough for that", lucs.Explain([]byte("a\x00 text of one byte a letter, and long enough for that")).Message)
	long := lucs.Explain([]byte(utf16s("<title>" + strings.Repeat("ü", 100_000))[1])).Message
	require.Less(t, len([]rune(long)), 230)
}
