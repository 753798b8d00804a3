package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// literal is a LivePerson server that believes the vendor's appendix and nothing
// else: a PUT replaces the user by exactly the JSON that came, strings and all,
// and every write moves the one revision. It shares no code with the simulator.
type literal struct {
	t   *testing.T
	srv *httptest.Server

	mu       sync.Mutex
	users    map[string]map[string]json.RawMessage
	revision int
	seen     []string
	loggedIn bool
	// fault, if set, may answer a request for users in the server's place.
	fault func(w http.ResponseWriter, r *http.Request, id string, in map[string]json.RawMessage) bool
}

const (
	literalSecret   = "oauth2-SECRET-5"
	literalPassword = "login-SECRET-6"
	literalToken    = "token-SECRET-7"
)

func newLiteral(t *testing.T) *literal {
	l := &literal{t: t, users: map[string]map[string]json.RawMessage{}, revision: 7}
	l.srv = httptest.NewServer(l)
	t.Cleanup(l.srv.Close)
	l.add(`{"id":"987654321","deleted":"false","loginName":"unique@gmail.com","fullName":"","nickname":"agent1","isEnabled":"true",
		"maxChats":"4","email":"myEmail@gmail.com","disabledManually":false,"skillIds":[2359235912,2359235922],"profileIds":[2359273612],
		"memberOf":{"agentGroupId":"-1","assignmentDate":"2015-06-22 19:20:03"},"managerOf":[],"permissionGroups":["1"],"employeeId":"",
		"maxAsyncChats":"10","dateUpdated":"year-month-date hrs:min:sec","isApiUser":false,"userTypeId":1,"tomorrow":{"x":[1,{"y":null}]}}`)
	return l
}

func (l *literal) add(doc string) {
	var u map[string]json.RawMessage
	require.NoError(l.t, json.Unmarshal([]byte(doc), &u))
	l.users[idOf(u)] = u
}

func idOf(u map[string]json.RawMessage) string { return strings.Trim(string(u["id"]), `"`) }

// ways is the environment for each way to authenticate.
func (l *literal) ways() map[string]map[string]string {
	host := map[string]string{"LIVEPERSON_ACCOUNT_ID": "le90", "LIVEPERSON_DOMAIN_URL": l.srv.URL, "NEW_PASSWORD": somePassword}
	way := func(pairs ...string) map[string]string {
		env := maps.Clone(host)
		for i := 0; i < len(pairs); i += 2 {
			env[pairs[i]] = pairs[i+1]
		}
		return env
	}
	return map[string]map[string]string{
		"token":              way("LIVEPERSON_TOKEN", literalToken),
		"client credentials": way("LIVEPERSON_CLIENT_ID", "cid", "LIVEPERSON_CLIENT_SECRET", literalSecret),
		"login":              way("LIVEPERSON_USERNAME", "ops", "LIVEPERSON_PASSWORD", literalPassword),
		"base URL": {"LIVEPERSON_ACCOUNT_ID": "le90", "LIVEPERSON_BASE_URL": l.srv.URL, "LIVEPERSON_TOKEN": literalToken,
			"NEW_PASSWORD": somePassword},
	}
}

func (l *literal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	l.seen = append(l.seen, r.Method+" "+r.URL.Path)
	say := func(status int, v any) {
		w.Header().Set("ac-revision", strconv.Itoa(l.revision))
		w.WriteHeader(status)
		if v != nil {
			json.NewEncoder(w).Encode(v)
		}
	}
	path, ok := strings.CutPrefix(r.URL.Path, "/api/account/le90/")
	switch {
	case strings.HasPrefix(path, "service/"):
		service := strings.Split(path, "/")[1]
		say(200, map[string]string{"service": service, "account": "le90", "baseURI": strings.TrimPrefix(l.srv.URL, "http://")})
		return
	case r.URL.Path == "/sentinel/api/v2/account/le90/app/token":
		if string(body) != "client_id=cid&client_secret="+literalSecret+"&grant_type=client_credentials" {
			say(401, map[string]string{"error": "invalid_client"})
			return
		}
		say(200, map[string]string{"access_token": literalToken, "token_type": "Bearer", "expires_in": "3599"})
		return
	case path == "login":
		http.SetCookie(w, &http.Cookie{Name: "Session_id", Value: "s1"})
		l.loggedIn = strings.Contains(string(body), literalPassword)
		say(200, map[string]string{"bearer": literalToken, "csrf": "csrf-SECRET", "sessionTTl": "28800000"})
		return
	case path == "logout":
		l.loggedIn = false
		say(200, nil)
		return
	case r.Header.Get("Authorization") != "Bearer "+literalToken:
		say(401, nil)
		return
	case r.URL.Path == "/manager_workspace/api/account/le90/agent_view":
		say(200, json.RawMessage(`{"agentViewRecords":[{"agentId":"987654321","agentCurrentStatus":"AWAY","agentCurrentStatusReasonId":"NA"}]}`))
		return
	}
	path, users := strings.CutPrefix(path, "configuration/le-users/users")
	if !ok || !users || r.URL.Query().Get("v") != "6.0" {
		say(404, nil)
		return
	}
	if m := r.Header.Get("If-Match"); r.Method != "GET" && r.Method != "POST" && m != "-1" && m != strconv.Itoa(l.revision) {
		say(412, nil)
		return
	}
	id := strings.TrimPrefix(path, "/")
	u := l.users[id]
	var in map[string]json.RawMessage
	if r.Method == "PUT" || r.Method == "POST" {
		if err := json.Unmarshal(body, &in); err != nil { // no batches here
			say(405, nil)
			return
		}
		for _, name := range []string{"loginName", "fullName", "nickname", "email", "isEnabled", "maxChats", "profileIds"} {
			if in[name] == nil {
				say(400, map[string]string{"message": name + " is required"})
				return
			}
		}
	}
	switch {
	case l.fault != nil && l.fault(w, r, id, in):
	case r.Method == "GET" && id == "":
		var list []any
		for _, id := range slices.Sorted(maps.Keys(l.users)) {
			list = append(list, l.users[id])
		}
		say(200, list)
	case r.Method == "POST":
		l.revision++
		in["id"] = json.RawMessage(fmt.Sprint(4_000_000_000 + l.revision))
		delete(in, "passwordSh")
		in["fullName"] = json.RawMessage(`""`)
		l.users[idOf(in)] = in
		say(201, in)
	case u == nil:
		say(404, map[string]any{"error": map[string]any{"message": "Data Not Found", "internalCode": 17}})
	case r.Method == "GET":
		say(200, u)
	case r.Method == "PUT":
		l.revision++
		l.users[id] = in
		say(200, in)
	case r.Method == "DELETE":
		l.revision++
		delete(l.users, id)
		say(200, nil)
	}
}

func TestLivePersonEveryCommandWithEachWayToAuthenticate(t *testing.T) {
	for name := range newLiteral(t).ways() {
		t.Run(name, func(t *testing.T) {
			l := newLiteral(t)
			env := l.ways()[name]
			lp := func(words ...string) result {
				r := rollcall(t, env, append([]string{"--vendor", "liveperson", "--json"}, words...)...)
				for _, secret := range []string{literalSecret, literalPassword, literalToken, "csrf-SECRET"} {
					require.NotContains(t, r.out+r.err, secret)
				}
				require.False(t, l.loggedIn, "every command logs out")
				return r
			}
			const id = "987654321"
			users := lp("users", "list").done()
			require.Len(t, users, 1)
			require.Equal(t, object{"vendor": "liveperson", "id": id, "login": "unique@gmail.com", "displayName": "agent1",
				"email": "myEmail@gmail.com", "enabled": true, "revision": "7"}, users[0])
			require.Empty(t, lp("users", "list", "--login", "unique@gmail.co").done())
			require.Len(t, lp("users", "list", "--email", "myEmail@gmail.com").done(), 1)
			require.Equal(t, users[0], neutral(lp("users", "get", id).done()[0]))

			made := lp("users", "create", "--login", "kim", "--first", "Kim", "--last", "Park", "--display", "Kim", "--email", "k@example.test",
				"--password-env", "NEW_PASSWORD", "--field", "profileIds=[2359273612]", "--field", "maxChats=3", "--field", `memberOf={"agentGroupId":-1}`).done()[0]
			require.Equal(t, true, made["enabled"])
			other := made["id"].(string)
			lp("users", "create", "--login", "kim", "--first", "Kim", "--display", "Kim", "--email", "k@example.test",
				"--password-env", "NEW_PASSWORD", "--field", "maxChats=3").silent().fails(exitFailed, "invalid")

			changed := lp("users", "update", id, "--display", "Nan", "--enabled=false", "--field", `description="d"`).done()[0]
			require.Equal(t, "Nan", changed["displayName"])
			require.Equal(t, false, changed["enabled"])
			stored := l.users[id]
			require.JSONEq(t, `{"x":[1,{"y":null}]}`, string(stored["tomorrow"]))
			require.Equal(t, "null", string(stored["passwordSh"]))
			for name, want := range map[string]string{"id": id, "maxChats": "4", "maxAsyncChats": "10", "isEnabled": "false", "disabledManually": "true",
				"permissionGroups": "[1]", "memberOf": `{"agentGroupId":-1}`, "skillIds": "[2359235912,2359235922]", "fullName": `""`} {
				require.Equal(t, want, string(stored[name]), name)
			}
			lp("users", "update", id, "--enabled", "--clear", "description").done()
			require.NotContains(t, l.users[id], "description")
			lp("users", "update", id, "--login", "x").silent().fails(exitFailed, "unsupported")
			lp("users", "update", id, "--role", "x").silent().fails(exitFailed, "unsupported")
			lp("users", "update", id, "--clear", "email").silent().fails(exitFailed, "invalid")
			lp("users", "update", id, "--clear", "nickname").silent().fails(exitFailed, "invalid")
			lp("users", "update", id, "--first", "A").silent().fails(exitFailed, "invalid")
			require.Equal(t, "not_found", lp("users", "get", "5").silent().fails(exitFailed, "not_found")["class"])

			require.Len(t, lp("assignments", "list", "--user", id).done(), 4)
			require.Len(t, lp("assignments", "list", "--target", "skill:2359235912").done(), 1)
			o := lp("assignments", "add", "skill:77", id, other).done()
			require.Equal(t, "applied", o[0]["result"])
			require.Equal(t, "applied", o[1]["result"])
			require.Equal(t, "already", lp("assignments", "add", "skill:77", id).done()[0]["result"])
			require.Equal(t, "applied", lp("assignments", "remove", "skill:77", id).done()[0]["result"])
			require.Equal(t, "already", lp("assignments", "remove", "skill:77", id).done()[0]["result"])
			require.Equal(t, "moved from group -1", lp("assignments", "add", "group:12", id).done()[0]["message"])
			require.Equal(t, "applied", lp("assignments", "add", "managed-group:-1", id).done()[0]["result"])
			require.Equal(t, "applied", lp("assignments", "add", "lob:9", id).done()[0]["result"])
			require.Equal(t, "applied", lp("assignments", "add", "profile:9", id).done()[0]["result"])
			r := lp("assignments", "add", "lob:8", id, "5")
			r.fails(exitPartial, "partial")
			require.Equal(t, []any{"applied", "failed"}, []any{r.lines()[0]["result"], r.lines()[1]["result"]})
			lp("assignments", "remove", "group:12", id).silent().fails(exitFailed, "unsupported")
			lp("assignments", "suspend", "skill:1", id).silent().fails(exitFailed, "unsupported")
			lp("assignments", "resume", "skill:1", id).silent().fails(exitFailed, "unsupported")
			lp("assignments", "add", "skill:1@3", id).silent().fails(exitFailed, "unsupported")
			lp("assignments", "add", "queue:1", id).silent().fails(exitFailed, "unsupported")

			if name == "base URL" {
				lp("presence", "get", id).silent().fails(exitFailed, "unsupported")
			} else {
				p := lp("presence", "get", id).done()[0]
				require.Equal(t, []any{"away", "AWAY", false, false}, []any{p["availability"], p["raw"], p["blocked"], p["routable"]})
			}
			lp("presence", "set", id, "away").silent().fails(exitFailed, "unsupported")
			record := filepath.Join(t.TempDir(), "record")
			blocked := lp("presence", "block", id)
			blocked.done()
			require.NoError(t, os.WriteFile(record, []byte(blocked.out), 0o600))
			require.Equal(t, "false", string(l.users[id]["isEnabled"]))
			lp("presence", "unblock", id, "--record", record).done()
			require.Equal(t, "true", string(l.users[id]["isEnabled"]))
			lp("presence", "block", id).done()
			lp("presence", "unblock", id).done()
			require.Equal(t, "true", string(l.users[id]["isEnabled"]))

			lp("users", "delete", other).done()
			lp("users", "delete", other).silent().fails(exitFailed, "not_found")
			lp("users", "get", "x").silent().fails(exitFailed, "invalid")
		})
	}
}

func TestLivePersonSim(t *testing.T) {
	lp := simOf(t, "liveperson", nil)
	users := lp("users", "list").done()
	require.Len(t, users, 25)
	id := users[6]["id"].(string)
	lp("users", "get", id).done()
	lp("users", "update", id, "--display", "x").done()
	require.NotEmpty(t, lp("assignments", "list", "--user", id).done())
	lp("assignments", "add", "group:-1", id).done()
	lp("presence", "get", id).done()
	lp("presence", "block", id).done()
	lp("presence", "unblock", id).done()
	lp("users", "delete", id).done()
	// A change of role: what the vendor drops is named.
	e := lp("users", "update", id, "--field", "profileIds=[23590002010]").silent().fails(exitFailed, "not_applied")
	require.Equal(t, "yes", e["applied"])
	require.Contains(t, e["message"], "maxChats, memberOf, skillIds")
}

func TestLivePersonSettings(t *testing.T) {
	l := newLiteral(t)
	usage := func(env map[string]string, want string) {
		t.Helper()
		e := rollcall(t, env, "--vendor", "liveperson", "--json", "users", "list").silent().fails(exitUsage, "invalid")
		require.Contains(t, e["message"], want)
	}
	without := func(way, name string) map[string]string {
		env := l.ways()[way]
		delete(env, name)
		return env
	}
	usage(nil, "LIVEPERSON_ACCOUNT_ID")
	usage(without("token", "LIVEPERSON_ACCOUNT_ID"), "LIVEPERSON_ACCOUNT_ID")
	usage(without("token", "LIVEPERSON_TOKEN"), "LIVEPERSON_TOKEN")
	usage(without("client credentials", "LIVEPERSON_CLIENT_SECRET"), "LIVEPERSON_CLIENT_SECRET")
	usage(without("client credentials", "LIVEPERSON_CLIENT_ID"), "LIVEPERSON_CLIENT_ID")
	usage(without("login", "LIVEPERSON_PASSWORD"), "LIVEPERSON_PASSWORD")
	usage(without("login", "LIVEPERSON_USERNAME"), "LIVEPERSON_USERNAME")
	for _, name := range []string{"LIVEPERSON_BASE_URL", "LIVEPERSON_DOMAIN_URL"} {
		env := l.ways()["token"]
		env[name] = "http://config.example.com"
		usage(env, "plain http")
	}
	require.Empty(t, l.seen)
}

func TestTheErrorIsTheLastLineThoughASessionIsEnded(t *testing.T) {
	l := newLiteral(t)
	r := rollcall(t, l.ways()["login"], "--vendor", "liveperson", "--json", "--log", "users", "get", "4711")
	r.silent().fails(exitFailed, "not_found")
	require.Contains(t, r.err, "Login.Logout", "the session was ended, before the error")
	require.False(t, l.loggedIn)
}

// TestLivePersonSaysWhatIsNotKnown: answers that are lost, short, or of a change that
// was not made.
func TestLivePersonSaysWhatIsNotKnown(t *testing.T) {
	const id = "987654321"
	l := newLiteral(t)
	lp := func(words ...string) result {
		return rollcall(t, l.ways()["token"], append([]string{"--vendor", "liveperson", "--json"}, words...)...)
	}
	// The block is carried out, its answer lost, and then nobody may look.
	puts := 0
	l.fault = func(w http.ResponseWriter, r *http.Request, id string, in map[string]json.RawMessage) bool {
		switch {
		case r.Method == "PUT" && puts == 0:
			puts++
			l.revision++
			l.users[id] = in
			panic(http.ErrAbortHandler)
		case r.Method == "GET" && puts > 0:
			w.WriteHeader(http.StatusForbidden)
			return true
		}
		return false
	}
	r := lp("presence", "block", id)
	require.Equal(t, "unknown", r.fails(exitFailed, "permission")["applied"])
	require.Equal(t, false, r.lines()[0]["ok"])
	require.Equal(t, "false", string(l.users[id]["isEnabled"]))
	l.fault = nil
	record := filepath.Join(t.TempDir(), "record")
	require.NoError(t, os.WriteFile(record, []byte(r.out), 0o600))
	lp("presence", "unblock", id, "--record", record).done()
	require.Equal(t, "true", string(l.users[id]["isEnabled"]))

	// A yes, and nothing is done.
	l.users[id]["description"] = json.RawMessage(`"old"`)
	l.fault = func(w http.ResponseWriter, r *http.Request, id string, _ map[string]json.RawMessage) bool {
		if r.Method == "PUT" {
			json.NewEncoder(w).Encode(l.users[id])
		}
		return r.Method == "PUT"
	}
	for _, words := range [][]string{{"--field", `description="new"`}, {"--field", "skillIds=[]"}, {"--clear", "memberOf"}, {"--field", "maxChats=9"}} {
		e := lp(append([]string{"users", "update", id}, words...)...).silent().fails(exitFailed, "not_applied")
		require.Equal(t, "no", e["applied"], words)
	}
	// A user that is made otherwise than asked is printed: its id is needed.
	l.fault = func(w http.ResponseWriter, r *http.Request, _ string, in map[string]json.RawMessage) bool {
		if r.Method == "POST" {
			in["id"], in["isEnabled"] = json.RawMessage("77"), json.RawMessage("true")
			json.NewEncoder(w).Encode(in)
		}
		return r.Method == "POST"
	}
	r = lp("users", "create", "--login", "kim", "--first", "Kim", "--last", "Park", "--display", "Kim", "--email", "k@example.test", "--enabled=false",
		"--password-env", "NEW_PASSWORD", "--field", "profileIds=[2359273612]", "--field", "maxChats=3", "--field", `memberOf={"agentGroupId":-1}`)
	require.Equal(t, "yes", r.fails(exitFailed, "not_applied")["applied"])
	require.Equal(t, "77", r.lines()[0]["id"])

	// A list that does not show what is looked for.
	l.fault = nil
	l.add(`{"id":5,"pid":"p","deleted":false,"loginName":"short"}`)
	for _, words := range [][]string{{"users", "list", "--email", "x@y.test"}, {"assignments", "list", "--target", "skill:1"}, {"assignments", "list", "--user", "5"}} {
		lp(words...).silent().fails(exitFailed, "incomplete")
	}
	lp("users", "list").done()
}
