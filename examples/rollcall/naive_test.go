package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// naive is a server that believes the vendor's page and nothing else: a PUT
// replaces the user by exactly the JSON that came. It shares no code with the
// simulator, so that the two cannot be wrong together.
type naive struct {
	t   *testing.T
	srv *httptest.Server

	mu      sync.Mutex
	users   map[string]map[string]json.RawMessage
	order   []string
	seen    []request
	looks   map[string]int // status requests since the last write
	next    int
	tokens  int
	extra   int                                                            // added to the total of lists
	end     func(id string) string                                         // the status of a change when it is over
	disturb func(w http.ResponseWriter, r *http.Request, body []byte) bool // true: answered
}

type request struct {
	method, path, query string
	body                []byte
}

const (
	naiveAccount = "ABCDEF"
	naiveKey     = "app-key-SECRET-1"
	naiveClient  = "naive-client"
	naiveSecret  = "client-SECRET-2"
	naiveToken   = "bearer-SECRET-3"
	somePassword = "Pass-SECRET-4!"
)

func newNaive(t *testing.T) *naive {
	n := &naive{t: t, users: map[string]map[string]json.RawMessage{}, looks: map[string]int{}}
	n.srv = httptest.NewServer(n)
	t.Cleanup(n.srv.Close)
	return n
}

func (n *naive) env() map[string]string {
	return map[string]string{"AVAYA_BASE_URL": n.srv.URL, "AVAYA_ACCOUNT_ID": naiveAccount, "AVAYA_APP_KEY": naiveKey,
		"AVAYA_CLIENT_ID": naiveClient, "AVAYA_CLIENT_SECRET": naiveSecret, "NEW_PASSWORD": somePassword}
}

// add puts a user in place; the document is kept to the letter.
func (n *naive) add(doc string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var u map[string]json.RawMessage
	require.NoError(n.t, json.Unmarshal([]byte(doc), &u))
	return n.put("", u)
}

func (n *naive) put(id string, u map[string]json.RawMessage) string {
	if id == "" {
		n.next++
		id = fmt.Sprintf("10000000-0000-4000-8000-%012d", n.next)
		n.order = append(n.order, id)
	}
	n.users[id] = u
	return id
}

func (n *naive) person(first string) string {
	return n.add(fmt.Sprintf(`{"loginId":"%[1]s@example.com","emailId":"%[1]s.mail@example.com","organizationNodeId":"ABCDEF","firstName":"%[1]s","lastName":"Doe","roles":["Agent"]}`, first))
}

// requests returns what was asked with a method and an end of the path.
func (n *naive) requests(method, suffix string) (out []request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.seen {
		if (method == "" || r.method == method) && strings.HasSuffix(r.path, suffix) {
			out = append(out, r)
		}
	}
	return out
}

func (n *naive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n.mu.Lock()
	n.seen = append(n.seen, request{r.Method, r.URL.Path, r.URL.RawQuery, body})
	disturb := n.disturb
	n.mu.Unlock()
	if disturb != nil && disturb(w, r, body) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	path, isAPI := strings.CutPrefix(r.URL.Path, "/api/admin/user/v1/accounts/"+naiveAccount)
	if r.URL.Path == "/api/auth/v1/"+naiveAccount+"/protocol/openid-connect/token" && r.Method == http.MethodPost {
		form, _ := url.ParseQuery(string(body))
		if r.Header.Get("appkey") != naiveKey || form.Get("client_secret") != naiveSecret || form.Get("client_id") != naiveClient {
			problem(w, 401, "bad client")
			return
		}
		n.tokens++
		answer(w, 200, fmt.Sprintf(`{"access_token":"%s-%d","expires_in":900,"token_type":"Bearer"}`, naiveToken, n.tokens))
		return
	}
	switch {
	case !isAPI:
		problem(w, 404, "no such path")
		return
	case r.Header.Get("appkey") != naiveKey || r.Header.Get("Authorization") != fmt.Sprintf("Bearer %s-%d", naiveToken, n.tokens):
		problem(w, 401, "bad token")
		return
	}
	id := strings.TrimPrefix(path, "/users/")
	switch {
	case r.Method == http.MethodGet && path == "/users":
		n.list(w, r.URL.Query())
	case r.Method == http.MethodPost && path == "/users":
		u := n.body(w, r, body)
		if u == nil {
			return
		}
		for _, other := range n.users {
			if string(other["loginId"]) == string(u["loginId"]) {
				problem(w, 409, "taken")
				return
			}
		}
		delete(u, "password")
		id := n.put("", u)
		n.looks[id] = 0
		answer(w, 202, n.render(id))
	case r.Method == http.MethodPost && path == "/users:listStatuses":
		n.statuses(w, body)
	case id == path || strings.Contains(id, "/"):
		problem(w, 404, "no such path")
	case n.users[id] == nil:
		problem(w, 404, "User not found")
	case r.Method == http.MethodGet:
		answer(w, 200, n.render(id))
	case r.Method == http.MethodPut:
		u := n.body(w, r, body)
		if u == nil {
			return
		}
		delete(u, "password")
		n.put(id, u)
		n.looks[id] = 0
		answer(w, 202, n.render(id))
	case r.Method == http.MethodDelete:
		if n.end == nil {
			delete(n.users, id)
		}
		n.looks[id] = 0
		w.WriteHeader(204)
	default:
		problem(w, 405, "no")
	}
}

// body reads a user and insists on what is required.
func (n *naive) body(w http.ResponseWriter, r *http.Request, body []byte) map[string]json.RawMessage {
	var u map[string]json.RawMessage
	if r.Header.Get("Content-Type") != "application/json" || json.Unmarshal(body, &u) != nil {
		problem(w, 400, "not JSON")
		return nil
	}
	for _, name := range []string{"loginId", "firstName", "lastName", "organizationNodeId"} {
		if v := string(u[name]); v == "" || v == "null" || v == `""` {
			problem(w, 400, name+" is required")
			return nil
		}
	}
	return u
}

func (n *naive) render(id string) string {
	u := maps.Clone(n.users[id])
	u["userId"] = json.RawMessage(strconv.Quote(id))
	data, err := json.Marshal(u)
	require.NoError(n.t, err)
	return string(data)
}

func (n *naive) list(w http.ResponseWriter, q url.Values) {
	number, _ := strconv.Atoi(q.Get("pageNumber"))
	size, _ := strconv.Atoi(q.Get("pageSize"))
	if number < 1 || size < 5 || size > 50 {
		problem(w, 400, "bad page")
		return
	}
	var found []string
	field, value, filtered := strings.Cut(q.Get("filter"), "=")
	for _, id := range n.order {
		if u := n.users[id]; u != nil && (!filtered || string(u[field]) == strconv.Quote(value)) {
			found = append(found, id)
		}
	}
	total := len(found) + n.extra
	var page []string
	for i := (number - 1) * size; i < min(number*size, len(found)); i++ {
		page = append(page, n.render(found[i]))
	}
	answer(w, 200, fmt.Sprintf(`{"pagination":{"pageNumber":%d,"pageSize":%d,"total":%d},"users":[%s],"links":null}`,
		number, size, total, strings.Join(page, ",")))
}

// statuses shows each change on its way once, and then its end.
func (n *naive) statuses(w http.ResponseWriter, body []byte) {
	var ask struct{ UserIDs []string }
	if json.Unmarshal(body, &ask) != nil || len(ask.UserIDs) == 0 || len(ask.UserIDs) > 50 {
		problem(w, 400, "bad ids")
		return
	}
	var out []string
	for _, id := range ask.UserIDs {
		if n.users[id] == nil {
			continue
		}
		n.looks[id]++
		end := `"action":"ADD","status":"COMPLETED","message":""`
		if n.end != nil {
			end = n.end(id)
		}
		if n.looks[id] == 1 {
			end = `"action":"ADD","status":"IN_PROGRESS","message":""`
		}
		out = append(out, `{"userId":`+strconv.Quote(id)+`,`+end+`}`)
	}
	answer(w, 200, "["+strings.Join(out, ",")+"]")
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// problem is an error; like careless servers it repeats what it should not.
func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Request-Id", "req-77")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"about:#e-%d","title":"Trouble","status":%d,"detail":%q}`, status, status,
		detail+" ("+naiveKey+" "+naiveSecret+")")
}

// lose ends the connection without an answer.
func lose(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

// on makes a disturbance for one method and end of the path; f gets how often it
// was asked, from 1.
func (n *naive) on(method, suffix string, f func(w http.ResponseWriter, r *http.Request, nth int) bool) {
	nth := 0
	old := n.disturb
	n.disturb = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if old != nil && old(w, r, body) {
			return true
		}
		if r.Method != method || !strings.HasSuffix(r.URL.Path, suffix) {
			return false
		}
		n.mu.Lock()
		nth++
		i := nth
		n.mu.Unlock()
		return f(w, r, i)
	}
}
