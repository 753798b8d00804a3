package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

// tersely is a LUCS server that believes the vendor's help pages and no more of
// them than it must: members come in odd cases and kinds, block answers in three
// ways by turns, and an unknown parameter is ignored. It shares no code with the
// simulator.
type tersely struct {
	t   *testing.T
	srv *httptest.Server

	mu       sync.Mutex
	services [][2]string
	serves   map[string][]string
	users    map[string]map[string]any
	seen     []string
	turns    int
	deaf     bool                                              // says yes and does nothing
	disturb  func(w http.ResponseWriter, r *http.Request) bool // true: answered
}

const (
	terseKey  = "lucs-SECRET-4711"
	terseOne  = "c0000000-0000-4000-8000-000000000001" // of services
	terseTwo  = "c0000000-0000-4000-8000-000000000002"
	terseAnna = "A0000000-0000-4000-8000-00000000000A" // of users
	terseBen  = "a0000000-0000-4000-8000-00000000000b"
)

func newTersely(t *testing.T) *tersely {
	l := &tersely{t: t,
		services: [][2]string{{terseOne, "One"}, {terseTwo, "Two"}},
		serves:   map[string][]string{terseOne: {terseAnna}, terseTwo: {terseBen, terseAnna}},
		users: map[string]map[string]any{
			terseAnna: {"id": terseAnna, "sipUri": "sip:Anna@example.internal ", "isBlockedByLuwareApi": "false", "IsSelectable": true,
				"CurrentPresence": "online", "NotReadyReason": nil, "RetargetType": map[string]any{"odd": 1}, "RecordingType": 3, "Traits": nil},
			terseBen: {"Id": terseBen, "SipUri": "sip:ben@example.internal", "IsBlockedByLuwareApi": false, "IsSelectable": false,
				"CurrentPresence": "Im Home Office", "NotSelectableReason": "SomethingNew", "Profiles": []any{map[string]any{"Name": "OffDuty", "Responsibilities": nil}}},
		},
	}
	l.srv = httptest.NewServer(l)
	t.Cleanup(l.srv.Close)
	return l
}

func (l *tersely) env() map[string]string {
	return map[string]string{"LUCS_BASE_URL": l.srv.URL + "/behind/proxy", "LUCS_API_KEY": terseKey, "LUCS_API_KEY_HEADER": "X-Lucs-Key"}
}

func (l *tersely) run(words ...string) result {
	l.t.Helper()
	r := rollcall(l.t, l.env(), append([]string{"--vendor", "lucs", "--json"}, words...)...)
	require.NotContains(l.t, r.out+r.err, terseKey)
	return r
}

func (l *tersely) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	path, ok := strings.CutPrefix(r.URL.Path, "/behind/proxy/v1.0/")
	l.seen = append(l.seen, r.Method+" "+path)
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v)
	}
	if l.disturb != nil && l.disturb(w, r) {
		return
	}
	switch {
	case r.Header.Get("X-Lucs-Key") != terseKey || r.Header.Get("Authorization") != "":
		say(401, map[string]string{"Message": "Authorization has been denied for this request."})
		return
	case !ok:
		say(404, nil)
		return
	case r.Method == "POST" && r.ContentLength < 0:
		say(411, nil)
		return
	}
	parts := strings.Split(path, "/")
	switch {
	case r.Method == "GET" && path == "services":
		var list []any
		for _, s := range l.services {
			list = append(list, map[string]any{"ServiceId": s[0], "Name": s[1], "Sip": "sip:" + s[1] + "@example.internal", "Agents": 7})
		}
		say(200, list)
	case r.Method == "GET" && len(parts) == 3 && parts[0] == "services" && parts[2] == "users":
		ids, there := l.serves[parts[1]]
		if !there {
			say(404, map[string]string{"Message": "no such service"})
			return
		}
		list := []any{}
		for _, id := range ids {
			u := maps.Clone(l.users[id])
			if parts[1] == terseTwo { // another component writes ids in another case
				for name, v := range u {
					if strings.EqualFold(name, "id") {
						u[name] = strings.ToLower(v.(string))
					}
				}
			}
			list = append(list, u)
		}
		say(200, list)
	case r.Method == "POST" && path == "users":
		var in map[string]any
		exact := json.NewDecoder(bytes.NewReader(body))
		exact.UseNumber()
		if exact.Decode(&in) != nil || in["SipUri"] == nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			say(400, map[string]any{"Message": "The request is invalid.", "ModelState": map[string]any{"dto.SipUri": []string{"Required."}}})
			return
		}
		for _, u := range l.users {
			if strings.EqualFold(fmt.Sprint(u["SipUri"], u["sipUri"]), fmt.Sprint(in["SipUri"], nil)) {
				say(409, map[string]string{"Message": "taken"})
				return
			}
		}
		id := fmt.Sprintf("b0000000-0000-4000-8000-%012d", len(l.users))
		in["Id"] = id
		l.users[id], l.serves[terseTwo] = in, append(l.serves[terseTwo], id)
		say(201, id)
	case r.Method == "POST" && len(parts) == 3 && parts[0] == "users":
		l.control(w, parts[1], parts[2], body, say)
	default:
		say(404, nil)
	}
}

func (l *tersely) control(w http.ResponseWriter, id, verb string, body []byte, say func(int, any)) {
	var u map[string]any
	for known := range l.users {
		if strings.EqualFold(known, id) {
			u = l.users[known]
		}
	}
	if u == nil {
		say(404, map[string]string{"Message": "no such user"})
		return
	}
	set := func(name string, v any) {
		if l.deaf {
			return
		}
		for known := range u {
			if strings.EqualFold(known, name) {
				delete(u, known)
			}
		}
		u[name] = v
	}
	switch verb {
	case "block", "unblock":
		require.Empty(l.t, body)
		set("IsBlockedByLuwareApi", verb == "block")
		set("IsSelectable", false)
		l.turns++
		switch l.turns % 3 {
		case 0:
			say(200, u)
		case 1:
			say(200, []any{u})
		default:
			say(200, map[string]any{"IsBlockedByLuwareApi": verb == "block"})
		}
	case "setpresence":
		var in map[string]string
		require.NoError(l.t, json.Unmarshal(body, &in))
		set("CurrentPresence", in["PresenceState"])
		w.WriteHeader(200)
	default:
		say(404, nil)
	}
}

func TestLUCSEveryCommand(t *testing.T) {
	l := newTersely(t)
	users := l.run("users", "list").done()
	anna := strings.ToLower(terseAnna) // in the one spelling that every command gives out
	require.Equal(t, []object{
		{"vendor": "lucs", "id": anna, "login": "sip:Anna@example.internal"},
		{"vendor": "lucs", "id": terseBen, "login": "sip:ben@example.internal"},
	}, users, "who is in two services comes once")
	require.Len(t, l.run("users", "list", "--login", "SIP:anna@EXAMPLE.internal").done(), 1)
	require.Empty(t, l.run("users", "list", "--login", "sip:anna@example.interna").done())
	l.run("users", "list", "--email", "a@b.c").silent().fails(exitFailed, "unsupported")
	require.Equal(t, users[0], neutral(l.run("users", "get", anna).done()[0]))
	require.Equal(t, users[0], neutral(l.run("users", "get", "{"+terseAnna+"}").done()[0]))

	const nobody = "00000000-0000-4000-8000-000000000000"
	e := l.run("users", "get", nobody).silent().fails(exitFailed, "not_found")
	require.Contains(t, e["message"], "it may still exist")

	made := l.run("users", "create", "--login", " sip:kim@example.internal", "--field", `Traits=[{"TraitNode":"Language/French","Attribute":"Native"}]`,
		"--field", `Profiles=[{"Name":"OffDuty","Responsibilities":null}]`, "--field", "Tomorrow=[12345678901234567890]").done()
	require.Equal(t, "sip:kim@example.internal", made[0]["login"])
	kim := l.users[made[0]["id"].(string)]
	require.Equal(t, []any{map[string]any{"Name": "OffDuty", "Responsibilities": nil}}, kim["Profiles"])
	require.ElementsMatch(t, []string{"Id", "SipUri", "Traits", "Profiles", "Tomorrow"}, slices.Collect(maps.Keys(kim)), "nothing that was not named")
	e = l.run("users", "create", "--login", "sip:kim@example.internal").silent().fails(exitFailed, "conflict")
	require.Equal(t, []any{"no", "taken"}, []any{e["applied"], e["message"]})
	for _, line := range []string{"--login kim@example.internal", "--login sip:kim", "--login sip:k@x.y --field SipUri=null", "--login sip:k@x.y --field IsSelectable=true",
		`--login sip:k@x.y --field CurrentPresence="Online"`, "--login sip:k@x.y --field Traits=7", "--login sip:k@x.y --field isBlockedByLuwareApi=true"} {
		before := len(l.seen)
		l.run(append([]string{"users", "create"}, args(line)...)...).silent().fails(exitFailed, "invalid")
		require.Len(t, l.seen, before, line)
	}
	for _, line := range []string{"users create --login sip:k@x.y --first K", "users create --login sip:k@x.y --last K", "users create --login sip:k@x.y --display K",
		"users create --login sip:k@x.y --email k@x.y", "users create --login sip:k@x.y --enabled", "users create --login sip:k@x.y --role R",
		"users update " + terseBen + " --login sip:b@x.y", "users delete " + terseBen, "assignments list --target skill:1",
		"assignments add queue:" + terseOne + " " + terseBen, "assignments add queue:" + terseOne + "@3 " + terseBen, "assignments remove queue:" + terseOne + " " + terseAnna,
		"assignments suspend queue:" + terseOne + " " + terseAnna, "assignments resume queue:" + terseOne + " " + terseAnna, "presence set " + terseBen + " offline"} {
		before := len(l.seen)
		e := l.run(args(line)...).silent().fails(exitFailed, "unsupported")
		require.Equal(t, "no", e["applied"])
		require.Len(t, l.seen, before, line)
	}

	targets := l.run("targets", "list", "--name", " ONE").done()
	require.Equal(t, []object{{"kind": "queue", "id": terseOne, "name": "One"}}, targets)
	require.Len(t, l.run("targets", "list", "--kind", "queue").done(), 2)
	l.run("targets", "list", "--kind", "skill").silent().fails(exitFailed, "unsupported")

	links := l.run("assignments", "list", "--user", terseAnna).done()
	require.Len(t, links, 2)
	require.Equal(t, object{"kind": "queue", "id": terseOne, "name": "One"}, links[0]["target"])
	require.Len(t, l.run("assignments", "list", "--target", "queue:"+strings.ToUpper(terseTwo)).fails(exitFailed, "not_found"), 12, "ids are the server's to compare")
	inTwo := l.run("assignments", "list", "--target", "queue:"+terseTwo).done()
	require.Len(t, inTwo, 3)
	require.Equal(t, []any{anna, anna, terseTwo, links[1]["target"].(object)["id"]},
		[]any{links[1]["userId"], inTwo[1]["userId"], inTwo[1]["target"].(object)["id"], terseTwo}, "which can be joined")
	l.run("assignments", "list", "--user", nobody).silent().fails(exitFailed, "not_found")

	p := l.run("presence", "get", terseAnna).done()[0]
	require.Equal(t, object{"userId": anna, "availability": "available", "raw": "online", "blocked": false, "routable": true, "reason": ""}, p)
	p = l.run("presence", "get", terseBen).done()[0]
	require.Equal(t, object{"userId": terseBen, "availability": "unknown", "raw": "Im Home Office", "blocked": false, "routable": false, "reason": "SomethingNew"}, p)
	for to, word := range map[string]string{"available": "Online", "busy": "Busy", "away": "Away", "dnd": "DoNotDisturb"} {
		require.Equal(t, []object{{"ok": true}}, l.run("presence", "set", terseBen, to).done())
		p = l.run("presence", "get", terseBen).done()[0]
		require.Equal(t, []any{to, word}, []any{p["availability"], p["raw"]})
	}

	for range 3 { // the three ways to answer
		blocked := l.run("presence", "block", terseAnna)
		require.Equal(t, []any{"IsBlockedByLuwareApi"}, blocked.done()[0]["record"].(object)["changed"])
		file := filepath.Join(t.TempDir(), "record")
		require.NoError(t, os.WriteFile(file, []byte(blocked.out), 0o600))
		p = l.run("presence", "get", terseAnna).done()[0]
		require.Equal(t, []any{true, false, "available"}, []any{p["blocked"], p["routable"], p["availability"]})
		again := l.run("presence", "block", terseAnna)
		require.Empty(t, again.done()[0]["record"].(object)["changed"])
		emptyFile := filepath.Join(t.TempDir(), "empty")
		require.NoError(t, os.WriteFile(emptyFile, []byte(again.out), 0o600))
		before := len(l.seen)
		l.run("presence", "unblock", terseAnna, "--record", emptyFile).done()
		require.Len(t, l.seen, before, "nothing was changed, so nothing is restored")
		l.run("presence", "unblock", terseBen, "--record", file).silent().fails(exitFailed, "invalid")
		l.run("presence", "unblock", terseAnna, "--record", file).done()
		p = l.run("presence", "get", terseAnna).done()[0]
		require.Equal(t, []any{false, false}, []any{p["blocked"], p["routable"]}, "unblocked and not selectable is success")
	}
	l.run("presence", "unblock", terseAnna).done()
}

func TestLUCSWhoSaysYesAndDoesNothingIsCaught(t *testing.T) {
	for _, c := range []struct {
		words, state, applied string
		turns                 int // 0: the next answer shows what the user is, 1: what was asked for
		blocked, record       bool
	}{
		{"set " + terseAnna + " dnd", "shows the presence online", "unknown", 0, false, false},
		{"set " + terseAnna + " busy", "shows the presence online", "unknown", 0, false, false},
		{"block " + terseAnna, "shows IsBlockedByLuwareApi: false", "unknown", 0, false, true},
		{"block " + terseAnna, "though the answer to the change says otherwise", "unknown", 1, false, true},
		{"unblock " + terseAnna, "shows IsBlockedByLuwareApi: true", "unknown", 0, true, false},
		{"unblock " + terseAnna, "though the answer to the change says otherwise", "unknown", 1, true, false},
	} {
		t.Run(fmt.Sprint(c.words, ", ", c.turns), func(t *testing.T) {
			t.Parallel()
			l := newTersely(t)
			l.deaf, l.turns = true, c.turns
			l.users[terseAnna]["isBlockedByLuwareApi"] = c.blocked
			r := l.run(args("presence "+c.words, "--poll", "1ms", "--timeout", "6s")...)
			e := r.fails(exitFailed, "not_applied")
			require.Equal(t, c.applied, e["applied"])
			require.Contains(t, e["message"], c.state)
			require.Equal(t, c.record, strings.Contains(r.out, `"changed":["IsBlockedByLuwareApi"]`), "who may be blocked is on record")
		})
	}
}

func TestLUCSWhatGoesWrong(t *testing.T) {
	const page = `<!DOCTYPE html><html><head><title>401 - Nicht autorisiert: Zugriff verweigert</title><style>x{}</style></head><body><h2>Serverfehler</h2></body></html>`
	post := func(path string) func(r *http.Request) bool {
		return func(r *http.Request) bool { return r.Method == "POST" && strings.HasSuffix(r.URL.Path, path) }
	}
	for name, c := range map[string]struct {
		when    func(r *http.Request) bool
		do      func(w http.ResponseWriter)
		line    string
		class   string
		applied string
		times   int
		says    string
	}{
		"a page for a 401": {func(*http.Request) bool { return true }, func(w http.ResponseWriter) { w.WriteHeader(401); io.WriteString(w, page) },
			"users list", "unauthenticated", "no", 1, "an HTML page: 401 - Nicht autorisiert: Zugriff verweigert; Serverfehler"},
		"an empty 401":       {func(*http.Request) bool { return true }, func(w http.ResponseWriter) { w.WriteHeader(401) }, "presence block " + terseAnna, "unauthenticated", "no", 1, "API role"},
		"a service is down":  {func(r *http.Request) bool { return strings.Contains(r.URL.Path, terseTwo) }, func(w http.ResponseWriter) { w.WriteHeader(503) }, "users list", "incomplete", "no", 2, terseTwo},
		"a service is gone":  {func(r *http.Request) bool { return strings.Contains(r.URL.Path, terseTwo) }, func(w http.ResponseWriter) { w.WriteHeader(404) }, "assignments list --user " + terseAnna, "incomplete", "no", 1, terseTwo},
		"a create is lost":   {post("/users"), lose, "users create --login sip:k@x.y", "unavailable", "unknown", 1, "may have been created and is not sent again"},
		"a create times out": {post("/users"), func(w http.ResponseWriter) { w.WriteHeader(504) }, "users create --login sip:k@x.y", "unavailable", "unknown", 1, "not finding it proves nothing"},
		"ModelState": {post("/users"), func(w http.ResponseWriter) {
			w.WriteHeader(400)
			io.WriteString(w, `{"Message":"The request is invalid.","ModelState":{"dto.Traits":["unknown trait","x"],"dto.A":["y"]}}`)
		}, "users create --login sip:k@x.y", "invalid", "no", 1, "The request is invalid.: dto.A: y; dto.Traits: unknown trait x"},
		"a proxy's yes":     {post("/block"), func(w http.ResponseWriter) { io.WriteString(w, page) }, "presence block " + terseAnna, "protocol", "unknown", 1, ""},
		"half an answer":    {post("/block"), func(w http.ResponseWriter) { io.WriteString(w, `{"Id":"`) }, "presence block " + terseAnna, "protocol", "unknown", 1, ""},
		"another user":      {post("/block"), func(w http.ResponseWriter) { io.WriteString(w, `{"Id":"`+terseBen+`"}`) }, "presence block " + terseAnna, "protocol", "unknown", 1, "another user"},
		"no list of people": {func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/services") }, func(w http.ResponseWriter) { io.WriteString(w, `{"Items":[]}`) }, "users list", "protocol", "no", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTersely(t)
			n := 0
			l.disturb = func(w http.ResponseWriter, r *http.Request) bool {
				if !c.when(r) {
					return false
				}
				n++
				c.do(w)
				return true
			}
			e := l.run(append(args(c.line), "--max-attempts", "2")...).fails(exitFailed, c.class)
			require.Equal(t, c.applied, e["applied"])
			require.Contains(t, e["message"], c.says)
			l.mu.Lock()
			defer l.mu.Unlock()
			require.Equal(t, c.times, n)
			require.Less(t, len(e["message"].(string)), 700)
		})
	}
}

func TestLUCSALostBlockIsLookedAt(t *testing.T) {
	l := newTersely(t)
	lost := 0
	l.disturb = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/block") {
			return false
		}
		lost++
		l.users[terseAnna]["isBlockedByLuwareApi"] = true // and carried out
		lose(w)
		return true
	}
	made := l.run("presence", "block", terseAnna, "--max-attempts", "1").done()[0]["record"].(object)
	require.Equal(t, []any{"IsBlockedByLuwareApi"}, made["changed"])
	l.mu.Lock()
	defer l.mu.Unlock()
	require.Equal(t, 1, lost)
}

func TestLUCSSim(t *testing.T) {
	run := simOf(t, "lucs", nil)
	users := run("users", "list").done()
	require.Len(t, users, 10)
	id := users[0]["id"].(string)
	require.Equal(t, users[0], neutral(run("users", "get", id).done()[0]))
	run("users", "create", "--login", "sip:noemi.graf@example.internal", "--field", `CurrentProfile="Early Shift"`).done()
	require.NotEmpty(t, run("assignments", "list", "--user", id).done())
	run("presence", "get", id).done()
	run("presence", "set", id, "dnd").done()
	run("presence", "block", id).done()
	run("presence", "unblock", id).done()
	run("users", "delete", id).silent().fails(exitFailed, "unsupported")

	run = simOf(t, "lucs", map[string]string{"LUCS_DIALECT": `{"Routes":{"DeleteUser":"DELETE /users/{userId}"}}`})
	run("users", "delete", id).done()
	run = simOf(t, "lucs", map[string]string{"LUCS_DIALECT": `{"Ruotes":{}}`})
	run("users", "list").silent().fails(exitUsage, "invalid")

	synctest.Test(t, func(t *testing.T) {
		r := rollcall(t, nil, args("--sim --vendor lucs users create --login sip:noemi.graf@example.internal")...)
		require.Equal(t, exitDone, r.code)
		require.Equal(t, 3, strings.Count(r.err, "note: no "), "people are told what the user lacks: %s", r.err)
	})
}

func TestLUCSSettings(t *testing.T) {
	l := newTersely(t)
	for change, want := range map[[2]string]string{
		{"LUCS_BASE_URL", ""}:                                 "LUCS_BASE_URL",
		{"LUCS_API_KEY", ""}:                                  "LUCS_API_KEY",
		{"LUCS_API_KEY", " "}:                                 "APIKey.Key is missing",
		{"LUCS_BASE_URL", "http://lucs.example.com"}:          "plain http",
		{"LUCS_BASE_URL", "lucs.example.com"}:                 "https://",
		{"LUCS_BASE_URL", "https://lucs.example.com/V1.0/"}:   "ends in the version",
		{"LUCS_API_KEY_HEADER", "X Key"}:                      "not the name of a header",
		{"LUCS_ALLOW_HTTP", "yes"}:                            "LUCS_ALLOW_HTTP",
		{"LUCS_API_KEY", "a\nb"}:                              "a header cannot carry",
		{"LUCS_BASE_URL", "https://user:pw@lucs.example.com"}: "must not hold a user",
	} {
		env := l.env()
		env[change[0]] = change[1]
		e := rollcall(t, env, "--vendor", "lucs", "--json", "users", "list").silent().fails(exitUsage, "invalid")
		require.Contains(t, e["message"], want)
	}
	require.Empty(t, l.seen)

	env := l.env()
	env["LUCS_BASE_URL"], env["LUCS_ALLOW_HTTP"] = "http://lucs.invalid", "1"
	rollcall(t, env, args("--vendor lucs --json --max-attempts 1 users list")...).silent().fails(exitFailed, "unavailable")

	delete(env, "LUCS_API_KEY_HEADER")
	env["LUCS_BASE_URL"] = l.srv.URL + "/behind/proxy/"
	rollcall(t, env, args("--vendor lucs --json users list")...).silent().fails(exitFailed, "unauthenticated")
	require.Len(t, l.seen, 1, "a 401 is returned once")
}

// TestLUCSDialect: a server of which everything is otherwise takes a line in the
// environment, and every command works.
func TestLUCSDialect(t *testing.T) {
	sim := lucstest.NewServer(lucstest.WithSampleData(), lucstest.WithBasePath("behind/proxy"), lucstest.WithVersion("v2.0"),
		lucstest.WithKeyHeader("X-Lucs-Key", "ApiKey "), lucstest.WithSelectableParameter("frei"),
		lucstest.WithPresenceEncoding(lucstest.PresenceQuery, "zustand"), lucstest.WithPresenceField("Zustand"),
		lucstest.WithPresenceWords("Online", "Besetzt", "Away", "DoNotDisturb", "Offline"),
		lucstest.WithRoute("Services.List", "GET /points"), lucstest.WithRoute("Services.ListUsers", "GET /people?of={id}"),
		lucstest.WithRoute("Users.Create", "PUT /people"), lucstest.WithRoute("Users.Block", "PUT /people/{id}/lock"),
		lucstest.WithRoute("Users.Unblock", "DELETE /people/{id}/lock"), lucstest.WithRoute("Users.SetPresence", "PATCH /people/{id}"),
		lucstest.WithRoute("Users.Get", "GET /people/{id}"), lucstest.WithRoute("Users.List", "GET /everybody"),
		lucstest.WithRoute("Users.Replace", "PUT /people/{id}"), lucstest.WithRoute("Users.Delete", "DELETE /people/{id}"))
	defer sim.Close()
	base, err := sim.Start()
	require.NoError(t, err)
	env := map[string]string{"LUCS_BASE_URL": base, "LUCS_API_KEY": lucstest.APIKey, "LUCS_DIALECT": `{
		"Version": "v2.0", "KeyHeader": "X-Lucs-Key", "KeyPrefix": "ApiKey ", "SelectableParameter": "frei",
		"PresenceEncoding": "query", "PresenceParameter": "zustand", "PresenceNames": ["Zustand"], "PresenceWords": {"Busy": "Besetzt", "Offline": "Offline"},
		"Routes": {"Services": "/points", "ServiceUsers": "/people?of={serviceId}", "CreateUser": "PUT /people",
			"BlockUser": "PUT /people/{userId}/lock", "UnblockUser": "DELETE /people/{userId}/lock", "SetPresence": "PATCH /people/{userId}",
			"Users": "/everybody", "User": "/people/{userId}", "ReplaceUser": "PUT /people/{userId}", "DeleteUser": "DELETE /people/{userId}"}}`}
	run := func(words ...string) result {
		return rollcall(t, env, append([]string{"--vendor", "lucs", "--json"}, words...)...)
	}
	id := lucstest.UserMara
	require.Greater(t, len(run("users", "list").done()), 10, "also who is in no service")
	require.Equal(t, id, run("users", "get", id).done()[0]["id"])
	made := run("users", "create", "--login", "sip:noemi.graf@example.internal", "--field", `CurrentProfile="Early Shift"`).done()[0]["id"].(string)
	run("users", "update", id, "--field", "NumberOfSimultaneousIm=3").done()
	user, _ := sim.User(id)
	require.Equal(t, json.Number("3"), user["NumberOfSimultaneousIm"])
	run("users", "delete", made).done()
	require.NotEmpty(t, run("assignments", "list", "--user", id).done())
	require.NotEmpty(t, run("assignments", "list", "--target", "queue:"+lucstest.ServiceHelpdesk).done())
	run("assignments", "add", "queue:"+lucstest.ServiceHelpdesk, id).silent().fails(exitFailed, "unsupported")
	run("presence", "block", id).done()
	require.Equal(t, true, run("presence", "get", id).done()[0]["blocked"])
	run("presence", "unblock", id).done()
	for _, word := range []string{"busy", "away", "dnd", "offline", "available"} {
		run("presence", "set", id, word).done()
		require.Equal(t, word, run("presence", "get", id).done()[0]["availability"])
	}
	require.Empty(t, sim.Requests("unknown"))

	env["LUCS_API_KEY_HEADER"] = "X-Other"
	run("users", "list").silent().fails(exitFailed, "unauthenticated")
	for text, want := range map[string]string{
		`{"Versoin":"v2.0"}`:                    "Versoin",
		`{"Version":"v2.0"} {}`:                 "LUCS_DIALECT",
		`["v2.0"]`:                              "LUCS_DIALECT",
		`{"Routes":{"BlockUser":"POST /lock"}}`: "{userId}",
	} {
		env["LUCS_DIALECT"] = text
		require.Contains(t, run("users", "list").silent().fails(exitUsage, "invalid")["message"], want)
	}
}
