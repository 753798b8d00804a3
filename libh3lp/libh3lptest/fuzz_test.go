package libh3lptest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// Whatever is asked, the simulator answers it, and its two views of the links
// agree.
func FuzzServe(f *testing.F) {
	for _, seed := range [][4]string{
		{"POST", api + "/auth/login", form, credentials(Username, Password)},
		{"POST", api + "/auth/login", "multipart/form-data; boundary=x", "--x\r\n\r\n--x--"},
		{"GET", api + "/users", "", ""},
		{"POST", api + "/users", "application/json", `{"name":"a","password":"p","parent_id":77,"type":"user"}`},
		{"PUT", api + "/users/8451", "application/json", `{"name":"b","email":"a@b.example","password":"x"}`},
		{"POST", api + "/users/8451?_method=DELETE", "application/json", `{}`},
		{"POST", api + "/users/8452/assignments", form, "queueId=34816"},
		{"PUT", api + "/users/8451/assignments/34814", "application/json", `{"enabled":null}`},
		{"DELETE", api + "/queues/34814/operators/8451", "", ""},
		{"PATCH", api2 + "/queues/34814/operators/8451", "application/json", `{"enabled":false}`},
		{"GET", "/presence/jid/ref-main/chat.libraryh3lp.com/js?cb=f", "", ""},
		{"GET", "/presence/image/simpletext/chat", "", ""},
		{"GET", "//users/%zz", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, method, target, contentType, body string) {
		u, err := url.Parse(target)
		if err != nil || strings.ContainsAny(method, " \r\n") || method == "" {
			t.Skip()
		}
		sim := NewServer(WithSampleData(), WithFolders(), WithLaxVersions())
		login := httptest.NewRecorder()
		r := httptest.NewRequest("POST", api+"/auth/login", strings.NewReader(credentials(Username, Password)))
		r.Header.Set("Content-Type", form)
		sim.ServeHTTP(login, r)
		r = &http.Request{Method: method, URL: u, Header: http.Header{"Content-Type": {contentType}}, Body: http.NoBody, Proto: "HTTP/1.1"}
		if body != "" {
			r.Body = httptest.NewRequest("POST", "/", strings.NewReader(body)).Body
		}
		r.AddCookie(login.Result().Cookies()[0])
		w := httptest.NewRecorder()
		sim.ServeHTTP(w, r)
		require.GreaterOrEqual(t, w.Code, 200)
		var ofUsers, ofQueues int
		for _, u := range sim.Users() {
			ofUsers += len(sim.Links(u["id"].(int64)))
		}
		for _, q := range sim.Queues() {
			ofQueues += len(sim.Operators(q["id"].(int64)))
		}
		require.Equal(t, ofUsers, ofQueues)
	})
}
