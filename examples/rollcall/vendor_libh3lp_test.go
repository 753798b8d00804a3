package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// desk is a server that believes the vendor's pages: it shares no code with the
// simulator, so that the two cannot be wrong together. What the pages leave open it
// does in one way or the other.
type desk struct {
	t   *testing.T
	srv *httptest.Server

	mu      sync.Mutex
	users   map[string]object // by id
	queues  map[string]object
	links   map[string]map[string]bool // user, queue, enabled
	next    int
	session int      // 0: nobody is logged in
	logins  int      // how often somebody tried
	seen    []string // method and path

	// gone answers a request without a session.
	gone func(w http.ResponseWriter)
	// no is success in a refusal.
	no any
	// show overrides what the presence service answers for a name.
	show map[string]string
	// disturb is asked before anything is done: true, and it has answered.
	disturb func(w http.ResponseWriter, r *http.Request) bool
	// strange makes the presence service know nobody.
	strange bool
	// deaf ignores every update.
	deaf bool
}

const (
	deskUser     = "head-librarian"
	deskPassword = naiveSecret // which no run may print
)

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, users: map[string]object{}, queues: map[string]object{}, links: map[string]map[string]bool{}, next: 8450, show: map[string]string{},
		gone: func(w http.ResponseWriter) { http.Error(w, `{"success": null}`, http.StatusUnauthorized) }}
	d.srv = httptest.NewServer(d)
	t.Cleanup(d.srv.Close)
	return d
}

func (d *desk) env(t *testing.T) map[string]string {
	return map[string]string{"LIBH3LP_BASE_URL": d.srv.URL, "LIBH3LP_USERNAME": deskUser, "LIBH3LP_PASSWORD": deskPassword,
		"NEW_PASSWORD": somePassword, "HOME": t.TempDir()}
}

// add puts a user or queue in place.
func (d *desk) add(into map[string]object, kind, name string, more object) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next++
	o := object{"id": d.next, "type": kind, "name": name, "email": nil, "show": "available", "status": ""}
	maps.Copy(o, more)
	id := strconv.Itoa(d.next)
	into[id] = o
	return id
}

func (d *desk) user(name string, links map[string]bool) string {
	id := d.add(d.users, "user", name, object{"email": name + "@lib.example", "desk": "by the window"})
	d.links[id] = map[string]bool{}
	maps.Copy(d.links[id], links)
	return id
}

func (d *desk) queue(name string) string { return d.add(d.queues, "queue", name, nil) }

// state is the links of a user.
func (d *desk) state(user string) map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.links[user])
}

func (d *desk) count(method, end string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.seen {
		if m, path, _ := strings.Cut(s, " "); m == method && strings.HasSuffix(path, end) {
			n++
		}
	}
	return n
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.seen = append(d.seen, r.Method+" "+r.URL.Path)
	disturb := d.disturb
	d.mu.Unlock()
	if disturb != nil && disturb(w, r) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if path[0] == "presence" {
		d.presence(w, path)
		return
	}
	if path[0] != "2011-12-03" {
		http.NotFound(w, r)
		return
	}
	if r.URL.Path == "/2011-12-03/auth/login" {
		d.login(w, r)
		return
	}
	if r.Header.Get("X-Api-Version") != "2011-12-03" {
		http.Error(w, `{"success": null, "message": "version"}`, http.StatusBadRequest)
		return
	}
	if c := r.Header.Get("Cookie"); d.session == 0 || c != fmt.Sprintf("libraryh3lp-session=s-%d", d.session) {
		d.gone(w)
		return
	}
	body, _ := io.ReadAll(r.Body)
	in := object{}
	if len(body) > 0 && json.Unmarshal(body, &in) != nil {
		http.Error(w, `{"success": null, "message": "no JSON"}`, http.StatusBadRequest)
		return
	}
	d.serve(w, r.Method, path[1:], in)
}

func (d *desk) say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "text/html") // nobody promises another
	json.NewEncoder(w).Encode(v)
}

func (d *desk) refuse(w http.ResponseWriter, why string) {
	d.say(w, object{"success": d.no, "message": why})
}

func (d *desk) login(w http.ResponseWriter, r *http.Request) {
	d.logins++
	body, _ := io.ReadAll(r.Body)
	if r.Method != "POST" || r.URL.RawQuery != "" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" ||
		string(body) != "password="+deskPassword+"&username="+deskUser {
		d.refuse(w, "Wrong name or password.")
		return
	}
	d.session = d.logins
	w.Header().Set("Set-Cookie", fmt.Sprintf("libraryh3lp-session=s-%d; Domain=somewhere.else; Secure; HttpOnly", d.session))
	d.say(w, object{"success": true, "username": deskUser, "account_id": 1085})
}

func (d *desk) presence(w http.ResponseWriter, path []string) {
	if d.strange || len(path) != 5 || path[1] != "jid" || path[3] != "libraryh3lp.com" || path[4] != "text" {
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "<html>Not found</html>")
		return
	}
	for _, u := range d.users {
		if u["name"] == path[2] {
			word, ok := d.show[path[2]]
			if !ok {
				word = u["show"].(string)
			}
			io.WriteString(w, word+"\n")
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
}

func (d *desk) serve(w http.ResponseWriter, method string, path []string, in object) {
	things, other := d.users, d.queues
	if path[0] == "queues" {
		things, other = d.queues, d.users
	}
	kind := strings.TrimSuffix(path[0], "s")
	if len(path) == 1 {
		switch method {
		case "GET":
			list := []object{{"id": -4, "type": "folder", "name": "Reference"}}
			for _, id := range slices.Sorted(maps.Keys(things)) {
				list = append(list, things[id])
			}
			d.say(w, list)
		case "POST":
			d.create(w, kind, things, in)
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
		return
	}
	thing := things[path[1]]
	if thing == nil {
		d.refuse(w, "There is no such "+kind+".")
		return
	}
	switch {
	case len(path) == 2 && method == "GET":
		d.say(w, thing)
	case len(path) == 2 && method == "PUT":
		d.update(thing, in)
		d.say(w, []object{thing})
	case len(path) == 2 && method == "DELETE":
		delete(things, path[1])
		delete(d.links, path[1])
		d.say(w, object{"success": true})
	case len(path) == 3 && method == "GET":
		list := []object{}
		for user, of := range d.links {
			for queue := range of {
				if user == path[1] || queue == path[1] {
					list = append(list, d.link(user, queue))
				}
			}
		}
		d.say(w, list)
	case len(path) == 3 && method == "POST":
		key := map[string]string{"users": "queueId", "queues": "userId"}[path[0]]
		to := fmt.Sprint(in[key])
		user, queue := path[1], to
		if path[0] == "queues" {
			user, queue = to, path[1]
		}
		if _, there := d.links[user][queue]; other[to] == nil || there {
			d.refuse(w, "It cannot be assigned.")
			return
		}
		d.links[user][queue] = true
		d.say(w, object{"success": true})
	case len(path) == 4 && (method == "PUT" || method == "DELETE"):
		user, queue := path[1], path[3]
		if path[0] == "queues" {
			user, queue = queue, user
		}
		if _, there := d.links[user][queue]; !there {
			d.refuse(w, "It is not assigned.")
			return
		}
		if method == "DELETE" {
			delete(d.links[user], queue)
			d.say(w, object{"success": true})
			return
		}
		if v, named := in["enabled"]; named && !d.deaf && (v == nil || v == true) {
			d.links[user][queue] = v == true
		}
		d.say(w, []object{d.link(user, queue)})
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

func (d *desk) link(user, queue string) object {
	u, q := d.users[user], d.queues[queue]
	l := object{"queueId": q["id"], "queue": q["name"], "queueShow": "unavailable", "userId": u["id"], "user": u["name"], "userShow": u["show"], "enabled": nil}
	if d.links[user][queue] {
		l["enabled"] = true
	}
	return l
}

func (d *desk) create(w http.ResponseWriter, kind string, things map[string]object, in object) {
	name, _ := in["name"].(string)
	for _, all := range []map[string]object{d.users, d.queues} {
		for _, o := range all {
			if o["name"] == name {
				d.refuse(w, "The name is already in use.")
				return
			}
		}
	}
	if name == "" || strings.ContainsAny(name, ` "&'/:<>@\`) || in["password"] == nil {
		d.refuse(w, `User names cannot contain spaces or any of the characters "&'/:<>@\.`)
		return
	}
	d.next++
	id := strconv.Itoa(d.next)
	things[id] = object{"id": d.next, "type": kind, "name": name, "email": nil, "show": "unavailable", "status": ""}
	d.links[id] = map[string]bool{}
	d.say(w, []object{things[id]})
}

func (d *desk) update(thing, in object) {
	for name, v := range in {
		text, ok := v.(string)
		if _, known := thing[name]; known && name != "id" && !d.deaf && (v == nil || ok && !strings.Contains(text, "no-mail")) {
			thing[name] = v
		}
	}
}

// trouble sets what disturbs the requests from now on.
func (d *desk) trouble(disturb func(http.ResponseWriter, *http.Request) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.disturb = disturb
}

// h3 runs the program at a desk.
func (d *desk) h3(t *testing.T, env map[string]string) func(words ...string) result {
	return func(words ...string) result {
		t.Helper()
		return rollcall(t, env, append([]string{"--vendor", "libh3lp", "--json"}, words...)...)
	}
}

func TestLibH3lpAtALiteralServer(t *testing.T) {
	for name, no := range map[string]any{"null": nil, "a word": "false", "false": false} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.no = no
			main, law, night := d.queue("ref-main"), d.queue("law-desk"), d.queue("after-hours")
			anna := d.user("desk-anna", map[string]bool{main: true, law: false})
			bo := d.user("desk-bo", map[string]bool{main: true})
			h3 := d.h3(t, d.env(t))

			users := h3("users", "list").done()
			require.Len(t, users, 2, "the folder is none")
			require.Equal(t, object{"vendor": "libh3lp", "id": anna, "login": "desk-anna", "email": "desk-anna@lib.example"}, users[0])
			require.Equal(t, bo, h3("users", "list", "--login", "desk-bo").done()[0]["id"])
			require.Equal(t, bo, h3("users", "list", "--email", "desk-bo@lib.example").done()[0]["id"])
			require.Empty(t, h3("users", "list", "--login", "desk-b").done())
			require.Equal(t, users[0], neutral(h3("users", "get", anna).done()[0]))

			made := h3("users", "create", "--login", "desk-cy", "--email", "cy@lib.example", "--password-env", "NEW_PASSWORD").done()[0]
			require.Equal(t, []any{"desk-cy", "cy@lib.example"}, []any{made["login"], made["email"]})
			cy := made["id"].(string)
			half := h3("users", "create", "--login", "desk-half", "--email", "no-mail", "--password-env", "NEW_PASSWORD")
			require.Equal(t, "yes", half.fails(exitFailed, "not_applied")["applied"], "it exists, and its address was not taken")
			require.Len(t, half.lines(), 1)
			h3("users", "delete", half.lines()[0]["id"].(string)).done()
			require.Equal(t, "no", h3("users", "create", "--login", "ref-main", "--password-env", "NEW_PASSWORD").silent().fails(exitFailed, "conflict")["applied"])
			for _, bad := range []string{"Anna", "an na", "an&na", "an/na", `an\na`, "an@na", strings.Repeat("a", 41)} {
				e := h3("users", "create", "--login", bad, "--password-env", "NEW_PASSWORD").silent().fails(exitFailed, "invalid")
				require.Equal(t, json.Number("0"), e["attempts"], bad)
			}
			h3("users", "create", "--login", "desk-di").silent().fails(exitFailed, "invalid")
			h3("users", "create", "--login", "desk-di", "--first", "Di", "--password-env", "NEW_PASSWORD").silent().fails(exitFailed, "unsupported")
			posts := d.count("POST", "/users")
			require.Equal(t, 3, posts, "what cannot be is not sent")

			require.Equal(t, "c@lib.example", h3("users", "update", cy, "--email", "c@lib.example").done()[0]["email"])
			require.NotContains(t, h3("users", "update", cy, "--clear", "email").done()[0], "email")
			require.Equal(t, "desk-cyd", h3("users", "update", cy, "--login", "desk-cyd").done()[0]["login"])
			h3("users", "update", cy, "--password-env", "NEW_PASSWORD").done()
			e := h3("users", "update", cy, "--field", `desk="by the door"`).silent().fails(exitFailed, "not_applied")
			require.Equal(t, "unknown", e["applied"], "this server ignores it, and does not show it")
			h3("users", "update", cy, "--field", "parent_id=77").done() // which is never shown
			require.Equal(t, "by the door", func() any {
				h3("users", "update", anna, "--field", `desk="by the door"`).done()
				return d.users[anna]["desk"]
			}())
			e = h3("users", "update", cy, "--email", "no-mail").silent().fails(exitFailed, "not_applied")
			require.Equal(t, "no", e["applied"])
			require.Contains(t, e["message"], "email")
			for _, words := range [][]string{{"--clear", "login"}, {"--clear", "name"}, {"--field", "name=null"}, {"--clear", "password"}, {"--field", "id=5"}, {"--field", `show="chat"`}, {"--login", "A B"}} {
				h3(append([]string{"users", "update", cy}, words...)...).silent().fails(exitFailed, "invalid")
			}
			h3("users", "update", cy, "--enabled=false").silent().fails(exitFailed, "unsupported")
			h3("users", "update", cy, "--clear", "role").silent().fails(exitFailed, "unsupported")
			for _, words := range [][]string{{"users", "get"}, {"users", "delete"}, {"presence", "get"}, {"presence", "block"}, {"presence", "unblock"}, {"assignments", "list", "--user"}} {
				require.Equal(t, "no", h3(append(words, "4711")...).silent().fails(exitFailed, "not_found")["applied"], words)
				require.Equal(t, json.Number("0"), h3(append(words, "0x1")...).silent().fails(exitFailed, "invalid")["attempts"], words)
			}
			h3("users", "update", "4711", "--email", "x@lib.example").silent().fails(exitFailed, "not_found")
			h3("assignments", "list", "--target", "queue:4711").silent().fails(exitFailed, "not_found")

			of := h3("assignments", "list", "--user", anna).done()
			require.Len(t, of, 2)
			for _, a := range of {
				target := a["target"].(object)
				require.Equal(t, a["suspended"], target["id"] == law)
				require.Equal(t, d.queues[target["id"].(string)]["name"], target["name"])
			}
			require.Len(t, h3("assignments", "list", "--target", "queue:"+main).done(), 2)
			require.Empty(t, h3("assignments", "list", "--user", cy).done())
			results := func(words ...string) (out []any) {
				for _, o := range h3(append([]string{"assignments"}, words...)...).done() {
					out = append(out, o["result"])
				}
				return out
			}
			require.Equal(t, []any{"applied", "already"}, results("add", "queue:"+main, cy, bo))
			require.Equal(t, []any{"already"}, results("add", "queue:"+law, anna))
			require.False(t, d.state(anna)[law], "it stays suspended")
			require.Equal(t, []any{"applied", "applied", "applied"}, results("suspend", "queue:"+main, cy, bo, anna))
			require.Equal(t, []any{"already"}, results("suspend", "queue:"+main, bo))
			require.Equal(t, []any{"applied", "applied", "applied"}, results("resume", "queue:"+main, anna, bo, cy))
			require.Equal(t, []any{"already"}, results("resume", "queue:"+main, bo))
			require.Equal(t, []any{"applied"}, results("remove", "queue:"+main, cy))
			require.Equal(t, []any{"already"}, results("remove", "queue:"+main, cy))
			r := h3("assignments", "add", "queue:"+night, bo, "4711", cy)
			require.Equal(t, "yes", r.fails(exitPartial, "partial")["applied"])
			require.Equal(t, []any{"applied", "failed", "applied"}, []any{r.lines()[0]["result"], r.lines()[1]["result"], r.lines()[2]["result"]})
			require.Equal(t, "not_found", r.lines()[1]["code"])
			require.Equal(t, "failed", func() any {
				r := h3("assignments", "suspend", "queue:"+law, bo)
				r.fails(exitPartial, "partial")
				return r.lines()[0]["result"]
			}())
			h3("assignments", "add", "queue:4711", bo).fails(exitPartial, "partial")
			h3("assignments", "add", "skill:1", bo).silent().fails(exitFailed, "unsupported")
			h3("assignments", "add", "queue:"+main+"@3", bo).silent().fails(exitFailed, "unsupported")

			p := h3("presence", "get", anna).done()[0]
			require.Equal(t, object{"userId": anna, "availability": "available", "raw": "available", "blocked": false, "routable": true, "reason": ""}, p)
			h3("presence", "set", anna, "away").silent().fails(exitFailed, "unsupported")
			h3("users", "delete", cy).done()
			h3("users", "delete", cy).silent().fails(exitFailed, "not_found")
		})
	}
}

func TestLibH3lpPresence(t *testing.T) {
	d := newDesk(t)
	main := d.queue("ref-main")
	anna := d.user("desk-anna", map[string]bool{main: true})
	d.users[anna]["status"] = "in a meeting"
	h3 := d.h3(t, d.env(t))
	for answer, want := range map[string][]any{
		"available":     {"available", "available", true, ""},
		"chat":          {"available", "chat", true, ""},
		"Chat ":         {"available", "Chat", true, ""},
		"dnd":           {"dnd", "dnd", false, "in a meeting"},
		"away":          {"away", "away", false, "in a meeting"},
		"xa":            {"away", "xa", false, "in a meeting"},
		"unavailable":   {"offline", "unavailable", false, "in a meeting"},
		"":              {"unknown", "", nil, ""},
		"lunching":      {"unknown", "lunching", nil, ""},
		"not available": {"unknown", "not available", nil, ""},
	} {
		d.show["desk-anna"] = answer
		p := h3("presence", "get", anna).done()[0]
		require.Equal(t, want, []any{p["availability"], p["raw"], p["routable"], p["reason"]}, "%q", answer)
	}
	// A page is somebody else's word.
	d.show["desk-anna"] = "<html>\n<body>available</body></html>"
	h3("presence", "get", anna).silent().fails(exitFailed, "protocol")
	// Where the service does not know the name, the user's own object speaks.
	d.strange = true
	d.users[anna]["show"] = "dnd"
	require.Equal(t, "dnd", h3("presence", "get", anna).done()[0]["availability"])
}

// block gives what the record of a block says was changed.
func changedIn(t *testing.T, r result) []any {
	t.Helper()
	lines := r.lines()
	require.Len(t, lines, 1, r.err)
	return lines[0]["record"].(object)["changed"].([]any)
}

func TestLibH3lpBlock(t *testing.T) {
	d := newDesk(t)
	a, b, c, off := d.queue("a"), d.queue("b"), d.queue("c"), d.queue("off")
	states := map[string]bool{a: true, b: true, c: true, off: false}
	anna, idle := d.user("desk-anna", states), d.user("idle", nil)
	env := d.env(t)
	h3 := d.h3(t, env)
	file := func(outs ...result) string {
		name := filepath.Join(t.TempDir(), "record")
		var text strings.Builder
		for _, r := range outs {
			text.WriteString(r.out)
		}
		require.NoError(t, os.WriteFile(name, []byte(text.String()), 0o600))
		return name
	}

	first := h3("presence", "block", anna)
	first.done()
	require.ElementsMatch(t, []any{"queue:" + a, "queue:" + b, "queue:" + c}, changedIn(t, first))
	require.Equal(t, map[string]bool{a: false, b: false, c: false, off: false}, d.state(anna))
	require.Equal(t, true, h3("presence", "get", anna).done()[0]["blocked"])
	again := h3("presence", "block", anna)
	again.done()
	require.Empty(t, changedIn(t, again), "it was blocked before")
	h3("presence", "unblock", anna, "--record", file(again)).done()
	require.False(t, d.state(anna)[a])
	h3("presence", "unblock", anna, "--record", file(first)).done()
	require.Equal(t, states, d.state(anna))

	// What was printed for people is taken back, too.
	people := rollcall(t, env, "--vendor", "libh3lp", "presence", "block", anna)
	require.Equal(t, exitDone, people.code)
	h3("presence", "unblock", anna, "--record", file(people)).done()
	require.Equal(t, states, d.state(anna))

	h3("presence", "block", anna).done()
	h3("presence", "unblock", anna).done()
	require.Equal(t, map[string]bool{a: true, b: true, c: true, off: true}, d.state(anna), "without a record every link")
	d.links[anna][off] = false

	require.Equal(t, "no", h3("presence", "block", idle).silent().fails(exitFailed, "not_applied")["applied"])
	h3("presence", "unblock", idle, "--record", file(first)).silent().fails(exitFailed, "invalid")

	d.deaf = true
	require.Equal(t, "no", h3("presence", "block", anna).silent().fails(exitFailed, "not_applied")["applied"])
	require.Equal(t, states, d.state(anna))
}

func TestLibH3lpBlockThatFailsHalfWay(t *testing.T) {
	d := newDesk(t)
	a, b, c, off := d.queue("a"), d.queue("b"), d.queue("c"), d.queue("off")
	states := map[string]bool{a: true, b: true, c: true, off: false}
	anna := d.user("desk-anna", states)
	h3 := d.h3(t, d.env(t))
	d.trouble(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PUT" || !strings.HasSuffix(r.URL.Path, "/"+b) {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	first := h3("presence", "block", anna)
	e := first.fails(exitPartial, "partial")
	require.Equal(t, []any{"yes", json.Number("403"), json.Number("1")}, []any{e["applied"], e["status"], e["attempts"]}, "those of the write that was refused")
	require.Regexp(t, `^suspended: `, e["message"])
	for _, q := range []string{a, c} {
		require.Regexp(t, `suspended: (queue:\d+ )?queue:`+q, e["message"])
	}
	require.Contains(t, e["message"], "not: queue:"+b)
	require.ElementsMatch(t, []any{"queue:" + a, "queue:" + c}, changedIn(t, first))
	require.True(t, d.state(anna)[b])

	d.trouble(nil)
	second := h3("presence", "block", anna)
	second.done()
	require.Subset(t, changedIn(t, second), []any{"queue:" + b})
	require.NotContains(t, changedIn(t, second), "queue:"+off)
	name := filepath.Join(t.TempDir(), "records")
	require.NoError(t, os.WriteFile(name, []byte(first.out+second.out), 0o600))
	h3("presence", "unblock", anna, "--record", name).done()
	require.Equal(t, states, d.state(anna), "the records of both, in one file")
}

// TestBeTheProgram is the program itself, for the test that kills it.
func TestBeTheProgram(t *testing.T) {
	words := os.Getenv("ROLLCALL_TEST_WORDS")
	if words == "" {
		t.Skip("only for TestLibH3lpBlockThatIsKilled")
	}
	os.Exit(run(context.Background(), strings.Fields(words), os.Getenv, streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

func TestLibH3lpBlockThatIsKilled(t *testing.T) {
	d := newDesk(t)
	var queues []string
	states := map[string]bool{}
	for i := range 9 {
		queues = append(queues, d.queue(fmt.Sprintf("q%d", i)))
		states[queues[i]] = i%3 != 0
	}
	anna := d.user("desk-anna", states)
	env := d.env(t)

	reached, release := make(chan struct{}), make(chan struct{})
	puts := 0
	d.trouble(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PUT" {
			return false
		}
		d.mu.Lock()
		puts++
		n := puts
		d.mu.Unlock()
		if n == 3 {
			close(reached)
		}
		if n >= 3 {
			<-release
			return true
		}
		return false
	})
	cmd := exec.Command(os.Args[0], "-test.run=^TestBeTheProgram$")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, "ROLLCALL_TEST_WORDS=--vendor libh3lp --json presence block "+anna)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	select {
	case <-reached:
	case <-time.After(20 * time.Second):
		t.Error("the block never came that far")
	}
	require.NoError(t, cmd.Process.Kill())
	cmd.Wait()
	close(release)
	d.trouble(nil)
	require.NotEqual(t, states, d.state(anna), "half of it is done")

	_, record, told := strings.Cut(stderr.String(), "lifts what it did: ")
	require.True(t, told, stderr.String())
	name := filepath.Join(t.TempDir(), "record")
	require.NoError(t, os.WriteFile(name, []byte(record), 0o600))
	d.h3(t, env)("presence", "unblock", anna, "--record", name).done()
	require.Equal(t, states, d.state(anna))
}

func TestLibH3lpBlockThatRunsOutOfTime(t *testing.T) {
	d := newDesk(t)
	a, b := d.queue("a"), d.queue("b")
	states := map[string]bool{a: true, b: true}
	anna := d.user("desk-anna", states)
	h3 := d.h3(t, d.env(t))
	d.trouble(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PUT" && strings.HasSuffix(r.URL.Path, "/"+b) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			return true
		}
		return false
	})
	r := h3("--timeout", "2s", "presence", "block", anna)
	e := r.fails(exitFailed, "canceled")
	require.Equal(t, "unknown", e["applied"])
	require.Contains(t, e["message"], "suspended: queue:"+a)
	require.ElementsMatch(t, []any{"queue:" + a, "queue:" + b}, changedIn(t, r), "what may have been done is in the record")
	d.trouble(nil)
	name := filepath.Join(t.TempDir(), "record")
	require.NoError(t, os.WriteFile(name, []byte(r.out), 0o600))
	h3("presence", "unblock", anna, "--record", name).done()
	require.Equal(t, states, d.state(anna))
}

func TestLibH3lpLostAnswers(t *testing.T) {
	d := newDesk(t)
	main := d.queue("ref-main")
	anna := d.user("desk-anna", nil)
	h3 := d.h3(t, d.env(t))
	lose := func(method, end string) {
		var once sync.Once
		d.trouble(func(w http.ResponseWriter, r *http.Request) (done bool) {
			if r.Method == method && strings.HasSuffix(r.URL.Path, end) {
				once.Do(func() {
					d.mu.Lock()
					disturb := d.disturb
					d.disturb = nil
					d.mu.Unlock()
					d.ServeHTTP(httptest.NewRecorder(), r)
					d.mu.Lock()
					d.disturb = disturb
					d.mu.Unlock()
					done = true
				})
			}
			if done {
				panic(http.ErrAbortHandler)
			}
			return false
		})
	}
	lose("POST", "/users")
	e := h3("users", "create", "--login", "lost", "--password-env", "NEW_PASSWORD").silent().fails(exitFailed, "unavailable")
	require.Equal(t, "unknown", e["applied"])
	require.Equal(t, json.Number("1"), e["attempts"])
	require.Len(t, h3("users", "list", "--login", "lost").done(), 1)
	lose("POST", "/assignments")
	require.Equal(t, "applied", h3("assignments", "add", "queue:"+main, anna).done()[0]["result"], "a list shows that it was done")
	require.Equal(t, 2, d.count("POST", "/assignments"), "one request, which is counted when it comes and when it is carried out: it was not sent again")
	lose("DELETE", "/"+anna)
	h3("users", "delete", anna).done()
}

// TestLibH3lpYesThatIsNone: an answer that is no proof is not told as success.
func TestLibH3lpYesThatIsNone(t *testing.T) {
	d := newDesk(t)
	main, empty := d.queue("ref-main"), d.queue("empty")
	anna, bo := d.user("desk-anna", map[string]bool{main: true}), d.user("desk-bo", map[string]bool{main: true})
	h3 := d.h3(t, d.env(t))
	answers := func(method string, say ...string) {
		d.trouble(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != method || strings.HasSuffix(r.URL.Path, "/login") {
				return false
			}
			status, text, _ := strings.Cut(say[0], " ")
			if len(say) > 1 {
				say = say[1:]
			}
			code, _ := strconv.Atoi(status)
			w.WriteHeader(code)
			io.WriteString(w, text)
			return true
		})
	}
	of := func(r result, code int, class string) string {
		t.Helper()
		return r.fails(code, class)["applied"].(string)
	}
	// A lost attempt, and a 404 about who knows what.
	answers("DELETE", "502", `404 {"success": null}`)
	require.Equal(t, "unknown", of(h3("users", "delete", anna), exitFailed, "not_applied"), "the list still has her, and may be older")
	answers("DELETE", "502", `404 {"success": null}`)
	r := h3("assignments", "remove", "queue:"+main, anna)
	require.Equal(t, "unknown", of(r, exitPartial, "partial"))
	require.Equal(t, "not_applied", r.lines()[0]["code"])
	answers("DELETE", `200 {"success": null, "message": "Cannot delete: no such folder"}`)
	require.Equal(t, "no", of(h3("users", "delete", anna), exitFailed, "invalid"))
	answers("PUT", `200 {"success": null, "message": "There is no mailbox at that address"}`)
	require.Equal(t, "no", of(h3("users", "update", anna, "--email", "a@b.example"), exitFailed, "invalid"))
	for _, nothing := range []string{"200 ", "200 null", "200 []"} {
		answers("PUT", nothing)
		require.Equal(t, "unknown", of(h3("users", "update", anna, "--password-env", "NEW_PASSWORD").silent(), exitFailed, "protocol"))
		require.Equal(t, "unknown", of(h3("users", "update", anna, "--field", "parent_id=7").silent(), exitFailed, "protocol"))
	}
	answers("PUT", "204")
	h3("users", "update", anna, "--password-env", "NEW_PASSWORD").done()
	answers("POST", `200 [{"type":"user","name":"desk-new"}]`)
	require.Equal(t, "unknown", of(h3("users", "create", "--login", "desk-new", "--password-env", "NEW_PASSWORD").silent(), exitFailed, "protocol"))
	id, _ := strconv.Atoi(anna)
	answers("PUT", fmt.Sprintf(`200 [{"queueId":%s,"userId":%d}]`, main, id))
	r = h3("assignments", "suspend", "queue:"+main, anna)
	r.fails(exitPartial, "partial")
	require.Equal(t, "not_applied", r.lines()[0]["code"], "it does not show what the link is now")
	d.trouble(nil)

	require.Equal(t, "no", of(h3("users", "update", anna, "--clear", "Email").silent(), exitFailed, "invalid"), "a misspelt name")
	require.Equal(t, "unknown", of(h3("users", "update", anna, "--field", "Email=null").silent(), exitFailed, "not_applied"))
	r = h3("users", "create", "--login", "desk-new", "--password-env", "NEW_PASSWORD", "--field", "enabled=false", "--field", "bogus=1")
	require.Equal(t, "yes", of(r, exitFailed, "not_applied"))
	require.Regexp(t, `created with the id \d+; .* bogus, enabled$`, r.fails(exitFailed, "not_applied")["message"])
	require.Len(t, r.lines(), 1, "whose id is needed")

	// Who or what does not exist is told alike, however many are named.
	codes := func(words ...string) (out []any) {
		for _, o := range h3(append([]string{"assignments", "remove"}, words...)...).lines() {
			out = append(out, o["result"].(string)+" "+o["code"].(string))
		}
		return out
	}
	require.Equal(t, []any{"failed not_found"}, codes("queue:99", anna))
	require.Equal(t, []any{"failed not_found", "failed not_found"}, codes("queue:99", anna, bo))
	require.Equal(t, []any{"failed not_found"}, codes("queue:"+empty, "9999"))
	require.Equal(t, []any{"already ", "failed not_found"}, codes("queue:"+empty, anna, "9999"))
}

func TestLibH3lpSessions(t *testing.T) {
	for name, gone := range map[string]func(http.ResponseWriter){
		"401":      func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) },
		"redirect": func(w http.ResponseWriter) { w.Header().Set("Location", "/login"); w.WriteHeader(http.StatusFound) },
		"page":     func(w http.ResponseWriter) { io.WriteString(w, "<html>Please log in</html>") },
		"words":    func(w http.ResponseWriter) { io.WriteString(w, "Please log in") },
		"refusal": func(w http.ResponseWriter) {
			io.WriteString(w, `{"success": null, "message": "You are not logged in."}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.gone = gone
			a, b := d.queue("a"), d.queue("b")
			anna := d.user("desk-anna", map[string]bool{a: true})
			env := d.env(t)
			ended := false
			end := func(method, end string) {
				ended = false
				d.trouble(func(_ http.ResponseWriter, r *http.Request) bool {
					d.mu.Lock()
					defer d.mu.Unlock()
					if !ended && r.Method == method && strings.HasSuffix(r.URL.Path, end) {
						ended, d.session = true, 0
					}
					return false
				})
			}
			h3 := d.h3(t, env)
			for _, c := range []struct{ method, end, words string }{
				{"GET", "/users", "users list"},
				{"GET", "/users/" + anna, "users get " + anna},
				{"PUT", "/users/" + anna, "users update " + anna + " --email e@lib.example"},
				{"GET", "/assignments", "assignments list --user " + anna},
				{"PUT", "/" + a, "presence block " + anna},
				{"PUT", "/" + a, "presence unblock " + anna},
			} {
				end(c.method, c.end)
				before := d.logins
				h3(args(c.words)...).done()
				require.True(t, ended)
				require.Equal(t, 2, d.logins-before, "%s: one login, and one when the session had ended", c.words)
			}
			// A create is sent again after a 401 alone.
			end("POST", "/users")
			before := d.count("POST", "/users")
			r := h3("users", "create", "--login", "desk-new", "--password-env", "NEW_PASSWORD")
			switch {
			case name == "401":
				r.done()
				require.Equal(t, 2, d.count("POST", "/users")-before)
			case name == "refusal":
				require.Equal(t, "no", r.fails(exitFailed, "unauthenticated")["applied"])
			default:
				require.Equal(t, "unknown", r.fails(exitFailed, "protocol")["applied"])
				require.Equal(t, 1, d.count("POST", "/users")-before)
			}
			end("POST", "/assignments")
			r = h3("assignments", "add", "queue:"+b, anna)
			if name == "401" {
				r.done()
			} else {
				require.Equal(t, exitPartial, r.code)
			}
		})
	}
}

// TestLibH3lpSessionThatEndsAmongMany: one command, fifty writes, and one new login.
func TestLibH3lpSessionThatEndsAmongMany(t *testing.T) {
	for name, gone := range map[string]func(http.ResponseWriter){
		"401":      func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) },
		"redirect": func(w http.ResponseWriter) { w.Header().Set("Location", "/login"); w.WriteHeader(http.StatusFound) },
		"page":     func(w http.ResponseWriter) { io.WriteString(w, "<html>Please log in</html>") },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.gone = gone
			main := d.queue("ref-main")
			var users []string
			for i := range 50 {
				users = append(users, d.user(fmt.Sprintf("desk-%d", i), map[string]bool{main: true}))
			}
			h3 := d.h3(t, d.env(t))
			run := func(verb, method string) {
				n := 0
				d.trouble(func(_ http.ResponseWriter, r *http.Request) bool {
					d.mu.Lock()
					defer d.mu.Unlock()
					if r.Method == method && !strings.HasSuffix(r.URL.Path, "/login") {
						if n++; n == 20 {
							d.session = 0
						}
					}
					return false
				})
				before := d.logins
				for _, o := range h3(append([]string{"assignments", verb, "queue:" + main}, users...)...).done() {
					require.Equal(t, "applied", o["result"])
				}
				require.Equal(t, 2, d.logins-before, verb)
			}
			run("suspend", "PUT")
			run("resume", "PUT")
			run("remove", "DELETE")
			if name == "401" {
				run("add", "POST")
			}
		})
	}
}

func TestLibH3lpWrongPassword(t *testing.T) {
	for name, status := range map[string]int{"as documented": 200, "with a status": 401, "with another": 403} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			a := d.queue("a")
			env := d.env(t)
			env["LIBH3LP_PASSWORD"] = "not it"
			d.trouble(func(w http.ResponseWriter, r *http.Request) bool {
				if status == 200 || !strings.HasSuffix(r.URL.Path, "/login") {
					return false
				}
				d.logins++
				w.WriteHeader(status)
				io.WriteString(w, `{"success": null, "message": "Wrong name or password."}`)
				return true
			})
			for i, words := range []string{"users list", "users get 5", "users delete 5", "presence block 5", "users create --login x --password-env NEW_PASSWORD"} {
				e := d.h3(t, env)(args(words)...).silent().fails(exitFailed, "unauthenticated")
				require.Equal(t, "no", e["applied"])
				require.NotEmpty(t, e["op"])
				require.Contains(t, e["message"], "Wrong name or password.")
				require.Equal(t, i+1, d.logins, "one attempt a command")
			}
			r := d.h3(t, env)("assignments", "add", "queue:"+a, "1", "2", "3", "4", "5", "6", "7", "8")
			require.Equal(t, "no", r.fails(exitPartial, "partial")["applied"])
			require.Len(t, r.lines(), 8)
			require.Equal(t, 6, d.logins, "also for eight users")
		})
	}
}

func TestLibH3lpSettings(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"LIBH3LP_BASE_URL", "LIBH3LP_USERNAME", "LIBH3LP_PASSWORD"} {
		env := d.env(t)
		delete(env, name)
		require.Contains(t, d.h3(t, env)("users", "list").silent().fails(exitUsage, "invalid")["message"], name)
	}
	env := d.env(t)
	env["LIBH3LP_BASE_URL"] = "http://libraryh3lp.example.com"
	require.Contains(t, d.h3(t, env)("users", "list").silent().fails(exitUsage, "invalid")["message"], "plain http")
	require.Empty(t, d.seen)
}

func TestLibH3lpSim(t *testing.T) {
	h3 := simOf(t, "libh3lp", map[string]string{"NEW_PASSWORD": somePassword})
	users := h3("users", "list").done()
	require.Len(t, users, 13)
	hugo := h3("users", "list", "--login", "hugo.marchand").done()[0]["id"].(string)
	require.Len(t, h3("users", "get", hugo).done(), 1)
	h3("users", "create", "--login", "new-desk", "--email", "new@library.example", "--password-env", "NEW_PASSWORD").done()
	h3("users", "update", hugo, "--clear", "email").done()
	of := h3("assignments", "list", "--user", hugo).done()
	require.Len(t, of, 4)
	target := "queue:" + of[0]["target"].(object)["id"].(string)
	require.NotEmpty(t, h3("assignments", "list", "--target", target).done())
	for _, verb := range []string{"add", "suspend", "resume", "remove"} {
		require.Len(t, h3("assignments", verb, target, hugo).done(), 1, verb)
	}
	require.Equal(t, "offline", h3("presence", "get", hugo).done()[0]["availability"])
	h3("presence", "set", hugo, "away").silent().fails(exitFailed, "unsupported")
	require.Len(t, changedIn(t, h3("presence", "block", hugo)), 1)
	h3("presence", "unblock", hugo).done()
	h3("users", "delete", hugo).done()
}

// TestLibH3lpRecordThatCannotBePrinted: the disk is full, and a record is not to be had
// again.
func TestLibH3lpRecordThatCannotBePrinted(t *testing.T) {
	d := newDesk(t)
	queue := d.queue("q0")
	anna := d.user("desk-anna", map[string]bool{queue: true})
	env := d.env(t)
	var stderr strings.Builder
	words := args("--vendor libh3lp --json presence block " + anna)
	code := run(t.Context(), words, func(name string) string { return env[name] }, streams{in: strings.NewReader(""), out: &full{}, err: &stderr})
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr.String(), `"record":{"vendor":"libh3lp","userId":"`+anna+`","changed":["queue:`+queue+`"]}`)
}
