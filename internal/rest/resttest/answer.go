package resttest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcall-go/rollcall/core"
)

// Answer makes a responder for httpmock. The headers are names and values in
// turn; a name may come twice.
func Answer(status int, text string, headers ...string) func(*http.Request) (*http.Response, error) {
	return AnswerTo(nil, nil, status, text, headers...)
}

// AnswerTo is Answer that keeps the request, its body, or both: what is nil is not
// kept.
func AnswerTo(seen *http.Request, body *string, status int, text string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		if seen != nil {
			*seen = *r
		}
		if body != nil && r.Body != nil {
			b, _ := io.ReadAll(r.Body)
			*body = string(b)
		}

		h := http.Header{}
		for i := 0; i+1 < len(headers); i += 2 {
			h.Add(headers[i], headers[i+1])
		}

		return &http.Response{
			Status: fmt.Sprintf("%03d %s", status, http.StatusText(status)), StatusCode: status,
			Header: h, Body: io.NopCloser(strings.NewReader(text)), ContentLength: -1,
		}, nil
	}
}

// ErrorOf returns err as the one error of this module, or what it wraps, and fails
// the test where it is neither.
func ErrorOf(t testing.TB, err error) *core.Error {
	t.Helper()
	e, ok := errors.AsType[*core.Error](err)
	if !ok {
		t.Fatalf("not a *core.Error: %v", err)
	}
	return e
}
