package lucstest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	. "github.com/rollcall-go/rollcall/lucs/lucstest"
)

// Whatever is asked, the answer is a success or a refusal, and JSON where it says so.
func FuzzRequests(f *testing.F) {
	user, err := json.Marshal(full())
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range everything() {
		f.Add(r.method, r.path, string(user))
	}
	f.Add("POST", "/tasks", `{"Service":"`+ServiceFrench+`","Required":{},"DistributeToAgent":true,"newTask":null}`)
	f.Add("POST", "/callbacks", `{"Target":"tel:+41","SecondsBetweenRetries":0,"Priority":"Low",`+
		`"ServiceSip":"sip:helpdesk@example.internal","DueDate":"2030-01-01T00:00:00Z"}`)
	f.Add("POST", "/callbacks/search", `{"From":null,"To":"2030-01-01T00:00:00Z"}`)
	f.Add("POST", "/users/"+UserMara+"/setpresence?presence=Away", "")
	f.Add("POST", "/users", `{"SipUri":"sip:a@b","\u0022:":["\\"],"Wing":1e999}`)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		target, err := url.ParseRequestURI("/v1.0" + path)
		if err != nil || !strings.HasPrefix(path, "/") {
			return
		}
		for _, opts := range [][]Option{nil, {WithDirectRoutes(), WithUnknownFieldsKept(), WithMergedUpdates(), WithCamelCase(),
			WithExactNames()}} {
			r := &http.Request{
				Method: method, URL: target, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
				Header: http.Header{"Authorization": {APIKey}, "Content-Type": {"application/json"}},
			}
			w := httptest.NewRecorder()
			sample(t, opts...).ServeHTTP(w, r)
			if w.Code != 200 && (w.Code < 400 || w.Code > 499) {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
			isJSON := strings.HasPrefix(w.Header().Get("Content-Type"), "application/json")
			if isJSON && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: not JSON: %s", method, path, w.Body)
			}
		}
	})
}
