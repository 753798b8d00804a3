package lucs_test

import (
	"encoding/binary"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func TestErrorsAreReadInWhateverFormTheyCome(t *testing.T) {
	for body, want := range map[string]string{
		"":                           "",
		" ":                          "",
		`{"Message":"No such user"}`: "No such user",
		`{"message":"lower"}`:        "lower",
		`{"Message":"An error has occurred.","ExceptionMessage":"Object reference","ExceptionType":"X",` +
			`"StackTrace":"at Foo()"}`: "An error has occurred.: Object reference",
		`{"Message":"The request is invalid.","ModelState":{"dto.B":["b","c"],"dto.A":"a","":["x"],"D":[]}}`: "The request " +
			"is invalid.: x; D; dto.A: a; dto.B: b c",
		`{"title":"One or more validation errors occurred.","status":400,"errors":{"SipUri":["required"]}}`: "One or more " +
			"validation errors occurred.: SipUri: required",
		`{"Message":null,"ModelState":7}`: "",
		`{"Message":{"deep":1}}`:          "",
		`"just a text"`:                   "just a text",
		`Service Unavailable`:             "Service Unavailable",
		`["x"]`:                           "",
		`{"Message":`:                     "",
		lucstest.HTMLPage(503):            "an HTML page: 503 - Dienst nicht verfügbar; Serverfehler",
		"<html><head><script>var title='<h1>no</h1>'</script></head><body>Just <b>text</b> &amp; more</body>": "an HTML page: Just text & more",
		"<html></html>":                                    "the answer is an HTML page without text",
		"\xef\xbb\xbf<h1>Mit BOM</h1>":                     "an HTML page: Mit BOM",
		"<title>Ung\xfcltig</title>":                       "an HTML page: Ungültig",
		"<title>a\n\t b</title><h1>a b</h1><h2>a b c</h2>": "an HTML page: a b; a b c",
		"<title>&#60;b&#62; is no tag</title>":             "an HTML page: <b> is no tag",
	} {
		require.Equal(t, want, lucs.Explain([]byte(body)).Message, body)
	}
	long := lucs.Explain([]byte("<title>" + strings.Repeat("ü", 100_000))).Message
	require.Less(t, utf8.RuneCountInString(long), 230)
	require.True(t, utf8.ValidString(long), "cut between letters")
	require.Equal(t, "17", lucs.Explain([]byte(`{"Message":"x","ErrorCode":17}`)).Code)
}

func TestAPageIsATypedErrorWithAShortExcerpt(t *testing.T) {
	for status, class := range map[int]core.Class{401: core.ClassUnauthenticated, 404: core.ClassProtocol, 400: core.ClassInvalid,
		411: core.ClassInvalid, 503: core.ClassUnavailable, 500: core.ClassUnavailable} {
		c, mt := mocked(t, lucs.Dialect{})
		mt.RegisterNoResponder(resttest.Answer(status, lucstest.HTMLPage(status), "Content-Type", "text/html"))
		_, err := core.Collect(c.Services.List(t.Context()))
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{class, status}, []any{e.Class, e.Status})
		require.True(t, strings.HasPrefix(e.Message, "an HTML page: "), e.Message)
		require.NotContains(t, err.Error(), "<")
		require.NotContains(t, err.Error(), "\n")
	}
}

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

// TestProblem_IsLegibleInUTF16, and what must not be repeated is found in them.
func TestProblem_IsLegibleInUTF16(t *testing.T) {
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
	require.Equal(t, "a\x00 text of one byte a letter, and long enough for that",
		lucs.Explain([]byte("a\x00 text of one byte a letter, and long enough for that")).Message)
	long := lucs.Explain([]byte(utf16s("<title>" + strings.Repeat("ü", 100_000))[1])).Message
	require.Less(t, len([]rune(long)), 230)
}

// TestProblem_NotFoundIsAboutTheThingAlone: that of a list, of a whole address, and the page of
// something between are not about a user. A page of IIS may be LUCS's own.
func TestProblem_NotFoundIsAboutTheThingAlone(t *testing.T) {
	const nginx = "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not " +
		"Found</h1></center><hr><center>nginx</center></body></html>"
	there := func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/services") }
	for name, c := range map[string]struct {
		body     string
		services int
		found    bool
	}{
		"own words":       {`{"Message":"User not found."}`, 200, true},
		"nothing":         {"", 200, true},
		"a page of IIS":   {lucstest.HTMLPage(404), 200, true},
		"a page of nginx": {nginx, 200, false},
		"no such route":   {`{"Message":"No HTTP resource was found that matches the request URI 'https://x'."}`, 200, false},
		"half an answer":  {`{"Message":"User no`, 200, false},
		"a wrong address": {`{"Message":"User not found."}`, 404, false},
	} {
		client, mt := mocked(t, lucs.Dialect{Routes: direct})
		mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			if there(r) && c.services == 200 {
				return httpmock.NewStringResponse(200, "[]"), nil
			}
			return httpmock.NewStringResponse(404, c.body), nil
		})
		_, err := client.Store().GetUser(t.Context(), aGUID)
		want := core.ErrProtocol
		if c.found {
			want = core.ErrNotFound
		}
		require.ErrorIs(t, err, want, name)
		_, err = core.Collect(client.Store().ListUsers(t.Context(), core.UserQuery{Login: newcomer}))
		require.ErrorIs(t, err, core.ErrProtocol, "%s, of a list", name)
		require.NotErrorIs(t, err, core.ErrNotFound, name)
	}
}
