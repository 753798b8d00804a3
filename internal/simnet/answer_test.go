package simnet_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/internal/simnet"
)

// served is what a client gets of an answer.
func served(a *simnet.Answer) *httptest.ResponseRecorder {
	var s simnet.Script
	w := httptest.NewRecorder()
	s.Serve(w, httptest.NewRequest("GET", "/", nil), "op", func(*http.Request, []byte) *simnet.Answer { return a })
	return w
}

func TestAnswer_IsSentAsItIs(t *testing.T) {
	w := served(simnet.JSON(201, "application/json", map[string]string{"a": "<b>"}).Set("eTag", "7"))
	require.Equal(t, 201, w.Code)
	require.Equal(t, `{"a":"<b>"}`, w.Body.String())
	require.Equal(t, http.Header{"Content-Type": {"application/json"}, "Content-Length": {"11"}, "Etag": {"7"}}, w.Header())

	w = served(&simnet.Answer{Status: 200})
	require.Equal(t, http.Header{"Content-Length": {"0"}}, w.Header())

	w = served(&simnet.Answer{Status: 204})
	require.Empty(t, w.Header(), "there is no body to have a length")
}

func TestAnswer_CutAnnouncesTheWholeBody(t *testing.T) {
	for name, a := range map[string]*simnet.Answer{
		"at once":    simnet.Text(200, "text/plain", "0123456789"),
		"bit by bit": {Status: 200, Write: func(w *bufio.Writer) { w.WriteString("0123456789") }},
	} {
		t.Run(name, func(t *testing.T) {
			var s simnet.Script
			s.Add(simtest.Fault{CutBody: 3})
			w := httptest.NewRecorder()
			require.PanicsWithValue(t, http.ErrAbortHandler, func() {
				s.Serve(w, httptest.NewRequest("GET", "/", nil), "op", func(*http.Request, []byte) *simnet.Answer { return a })
			})
			require.Equal(t, "10", w.Header().Get("Content-Length"))
			require.Equal(t, "012", w.Body.String())
		})
	}
}
