package lucs_test

import (
	"strings"
	"testing"
	"unicode/utf8"

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
		`{"Message":"An error has occurred.","ExceptionMessage":"Object reference","ExceptionType":"X","StackTrace":"at Foo()"}`: "An error has occurred.: Object reference",
		`{"Message":"The request is invalid.","ModelState":{"dto.B":["b","c"],"dto.A":"a","":["x"],"D":[]}}`:                     "The request is invalid.: x; D; dto.A: a; dto.B: b c",
		`{"title":"One or more validation errors occurred.","status":400,"errors":{"SipUri":["required"]}}`:                      "One or more validation errors occurred.: SipUri: required",
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
	for status, class := range map[int]core.Class{401: core.ClassUnauthenticated, 404: core.ClassProtocol, 400: core.ClassInvalid, 411: core.ClassInvalid, 503: core.ClassUnavailable, 500: core.ClassUnavailable} {
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
