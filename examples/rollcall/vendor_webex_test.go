package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
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

// hardline is a Webex server that believes the vendor's documentation and nothing
// else: a PUT of a person deletes what it leaves out, one of a queue replaces its
// agents, one tier does not see the other, and the agents of a supervisor are
// answered one by one, by bare UUIDs. It shares no code with the simulator.
type hardline struct {
	t   *testing.T
	srv *httptest.Server

	mu          sync.Mutex
	people      map[string]object                             // by key
	order       []string                                      // of people
	supervisors map[bool]map[string][]string                  // keys of agents, by tier and key
	queues      map[bool]map[string]object                    // by tier and key
	seen        []string                                      // method, path and query
	bodies      map[string][]string                           // by method and path
	disturb     func(http.ResponseWriter, *http.Request) bool // true: answered
}

const hardlineToken = "webex-SECRET-8"

func newHardline(t *testing.T) *hardline {
	h := &hardline{t: t, people: map[string]object{}, bodies: map[string][]string{},
		supervisors: map[bool]map[string][]string{true: {}, false: {}}, queues: map[bool]map[string]object{true: {}, false: {}}}
	h.srv = httptest.NewServer(h)
	t.Cleanup(h.srv.Close)
	return h
}

func (h *hardline) env(tier string) map[string]string {
	return map[string]string{"WEBEX_TOKEN": hardlineToken, "WEBEX_BASE_URL": h.srv.URL + "/v1", "WEBEX_TIER": tier}
}

func hydraID(kind, key string) string {
	return base64.RawStdEncoding.EncodeToString([]byte("ciscospark://us/" + kind + "/" + key))
}

// keyOf takes an id apart, and is strict about what a request may hold: unpadded
// Hydra, of a person, workspace or line.
func keyOf(id string) (key string, ok bool) {
	raw, err := base64.RawStdEncoding.DecodeString(id)
	parts := strings.SplitN(string(raw), "/", 5)
	if err != nil || len(parts) < 5 {
		return "", false
	}
	return parts[4], true
}

func uuid(n int) string { return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n) }

// person adds one; n is its number.
func (h *hardline) person(n int) string {
	id := hydraID("PEOPLE", uuid(n))
	h.people[uuid(n)] = object{"id": id, "emails": []any{fmt.Sprintf("p%d@example.com", n)}, "displayName": fmt.Sprintf("Person %d", n),
		"firstName": "Person", "lastName": strconv.Itoa(n), "title": "Agent", "locationId": "TG9j", "extension": fmt.Sprint(1000 + n),
		"licenses": []any{"TGlj"}, "phoneNumbers": []any{object{"type": "work", "value": "+15125550100"}, object{"type": "work_extension", "value": "841000"}},
		"loginEnabled": "true", "status": "meeting", "type": "person", "tomorrow": object{"x": []any{1, nil}}}
	h.order = append(h.order, uuid(n))
	return id
}

func (h *hardline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	raw, _ := io.ReadAll(r.Body)
	h.seen = append(h.seen, r.Method+" "+r.URL.RequestURI())
	h.bodies[r.Method+" "+r.URL.Path] = append(h.bodies[r.Method+" "+r.URL.Path], string(raw))
	w.Header().Set("TrackingID", "ROUTER_1")
	if h.disturb != nil && h.disturb(w, r) {
		return
	}
	var body object
	if r.Method == "PUT" || r.Method == "POST" {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || json.Unmarshal(raw, &body) != nil {
			h.no(w, 400, 25024, "Invalid JSON format in request body")
			return
		}
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	assist := r.URL.Query().Get("hasCxEssentials") == "true"
	switch {
	case r.Header.Get("Authorization") != "Bearer "+hardlineToken:
		h.no(w, 401, 0, "The request requires a valid access token set in the Authorization request header.")
	case path[0] == "people" && len(path) == 1:
		h.peopleAll(w, r, body)
	case path[0] == "people" && len(path) == 2:
		h.peopleOne(w, r, path[1], body)
	case len(path) >= 3 && path[2] == "supervisors":
		h.supervisor(w, r, path[3:], assist, body)
	case len(path) == 5 && path[2] == "queues" && path[3] == "agents" && r.Method == "GET":
		h.agentQueues(w, r, path[4], assist)
	case len(path) == 6 && path[2] == "queues" && path[5] == "settings" && r.Method == "PUT":
		h.join(w, path[4], assist, body)
	case len(path) == 3 && path[2] == "queues" && r.Method == "GET":
		rows := []any{}
		for _, key := range sortedKeys(h.queues[assist]) {
			q := h.queues[assist][key]
			rows = append(rows, object{"id": q["id"], "name": q["name"], "locationId": q["locationId"], "enabled": true, "hasCxEssentials": strconv.FormatBool(assist)})
		}
		yes(w, 200, object{"queues": rows})
	case len(path) == 6 && path[2] == "locations" && path[4] == "queues":
		h.queue(w, r, path[3], path[5], assist, body)
	default:
		h.no(w, 404, 0, "no such path")
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func yes(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	if v != nil {
		json.NewEncoder(w).Encode(v)
	}
}

func (h *hardline) no(w http.ResponseWriter, status, code int, message string) {
	yes(w, status, object{"errorCode": code, "message": message, "errors": []any{object{"errorCode": code, "description": message}}, "trackingId": "ROUTERGW_1"})
}

func (h *hardline) peopleAll(w http.ResponseWriter, r *http.Request, body object) {
	q := r.URL.Query()
	if r.Method == "POST" {
		mail := body["emails"].([]any)[0]
		for _, p := range h.people {
			if p["emails"].([]any)[0] == mail {
				h.no(w, 409, 0, "User already exists.")
				return
			}
		}
		n := 500 + len(h.people)
		body["id"], body["loginEnabled"], body["type"] = hydraID("PEOPLE", uuid(n)), true, "person"
		h.people[uuid(n)] = body
		h.order = append(h.order, uuid(n))
		yes(w, 200, body)
		return
	}
	var found []object
	for _, key := range h.order {
		if p := h.people[key]; p != nil && (q.Get("email") == "" || p["emails"].([]any)[0] == q.Get("email")) {
			found = append(found, p)
		}
	}
	from, _ := strconv.Atoi(q.Get("after"))
	size, _ := strconv.Atoi(q.Get("max"))
	end := min(len(found), from+min(size, 100))
	if end < len(found) {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s/v1/people?max=%d&before&after=%d>; rel="next"`, r.Host, size, end))
	}
	yes(w, 200, object{"notFoundIds": nil, "items": append([]object{}, found[min(from, len(found)):end]...)})
}

// own are the fields that a PUT neither sets nor deletes.
var ownOfPeople = []string{"id", "status", "type"}

func (h *hardline) peopleOne(w http.ResponseWriter, r *http.Request, id string, body object) {
	key, ok := keyOf(id)
	p := h.people[key]
	switch {
	case !ok:
		h.no(w, 400, 0, "not a Webex ID")
	case p == nil:
		h.no(w, 404, 0, "Person not found")
	case r.Method == "GET":
		yes(w, 200, p)
	case r.Method == "DELETE":
		delete(h.people, key)
		yes(w, 204, nil)
	case body["displayName"] == nil || body["loginEnabled"] != true && body["loginEnabled"] != false || body["locationId"] != p["locationId"]:
		h.no(w, 400, 0, "displayName and loginEnabled are wanted, and the location stays")
	default:
		for _, name := range ownOfPeople {
			if _, sent := body[name]; sent {
				h.no(w, 400, 0, name+" is read only")
				return
			}
			body[name] = p[name]
		}
		h.people[key] = body
		yes(w, 200, body)
	}
}

func (h *hardline) supervisor(w http.ResponseWriter, r *http.Request, path []string, assist bool, body object) {
	all := h.supervisors[assist]
	if len(path) == 0 {
		rows := []any{}
		for _, key := range sortedKeys(all) {
			rows = append(rows, object{"id": hydraID("PEOPLE", key), "firstName": "Super", "lastName": "Visor", "agentCount": len(all[key])})
		}
		start, _ := strconv.Atoi(r.URL.Query().Get("start"))
		yes(w, 200, object{"supervisors": rows[min(start, len(rows)):]})
		return
	}
	key, ok := keyOf(path[0])
	agents, there := all[key]
	switch {
	case !ok:
		h.no(w, 400, 0, "not a Webex ID")
	case !there:
		h.no(w, 404, 4008, "no such supervisor")
	case r.Method == "GET":
		rows := []any{}
		for _, a := range agents {
			rows = append(rows, object{"id": hydraID("PEOPLE", a), "firstName": "A"})
		}
		start, _ := strconv.Atoi(r.URL.Query().Get("start"))
		yes(w, 200, object{"id": path[0], "agents": rows[min(start, len(rows)):]})
	case r.Method == "PUT":
		var refused []any
		refuse := func(key, status, why string) {
			refused = append(refused, object{"id": key, "status": status, "message": "[Error 6612] Agent " + key + " " + why})
		}
		for _, item := range body["agents"].([]any) {
			key, ok := keyOf(item.(object)["id"].(string))
			switch action := item.(object)["action"]; {
			case !ok:
				h.no(w, 400, 0, "not a Webex ID")
				return
			case action == "ADD" && slices.Contains(agents, key):
				refuse(key, "DUPLICATE", "is already assigned to the supervisor.")
			case action == "ADD" && h.people[key] == nil:
				refuse(key, "NOT_AVAILABLE", "is not available.")
			case action == "ADD":
				agents = append(agents, key)
			default:
				agents = slices.DeleteFunc(slices.Clone(agents), func(a string) bool { return a == key })
			}
		}
		if all[key] = agents; len(agents) == 0 {
			delete(all, key)
		}
		if refused == nil {
			yes(w, 204, nil)
			return
		}
		yes(w, 206, object{"supervisorAgentStatus": refused})
	}
}

func (h *hardline) queue(w http.ResponseWriter, r *http.Request, location, id string, assist bool, body object) {
	key, _ := keyOf(id)
	q := h.queues[assist][key]
	if r.Method == "PUT" { // which declares no tier
		for _, tier := range h.queues {
			if tier[key] != nil {
				q = tier[key]
			}
		}
	}
	switch {
	case q == nil || q["locationId"] != location:
		h.no(w, 404, 4008, "no such queue")
	case r.Method == "GET":
		yes(w, 200, q)
	default:
		for _, a := range body["agents"].([]any) {
			a := a.(object)
			if key, ok := keyOf(a["id"].(string)); !ok || h.people[key] == nil || a["firstName"] != nil || a["type"] != nil {
				h.no(w, 400, 0, "no such agent, or a read only field")
				return
			}
			if a["joinEnabled"] == nil {
				a["joinEnabled"] = true
			}
		}
		q["agents"] = body["agents"]
		yes(w, 204, nil)
	}
}

func (h *hardline) agentQueues(w http.ResponseWriter, r *http.Request, id string, assist bool) {
	agent, _ := keyOf(id)
	q := r.URL.Query()
	if q.Get("max") == "" || q.Get("start") == "" {
		h.no(w, 400, 25008, "missing mandatory field name: start")
		return
	}
	var rows []any
	for _, key := range sortedKeys(h.queues[assist]) {
		q := h.queues[assist][key]
		for _, a := range q["agents"].([]any) {
			if k, _ := keyOf(a.(object)["id"].(string)); k == agent {
				rows = append(rows, object{"id": q["id"], "name": q["name"], "routingPrefix": "84", "locationId": q["locationId"], "locationName": "A",
					"joinEnabled": a.(object)["joinEnabled"]})
			}
		}
	}
	start, _ := strconv.Atoi(q.Get("start"))
	if start >= len(rows) {
		h.no(w, 404, 4008, "no more")
		return
	}
	yes(w, 200, object{"agent": object{"id": id, "type": "PEOPLE"}, "queues": rows[start:]})
}

func (h *hardline) join(w http.ResponseWriter, id string, assist bool, body object) {
	agent, _ := keyOf(id)
	for _, s := range body["settings"].([]any) {
		key, _ := keyOf(s.(object)["queueId"].(string))
		q := h.queues[assist][key]
		if q == nil {
			h.no(w, 404, 4008, "no such queue")
			return
		}
		for _, a := range q["agents"].([]any) {
			if k, _ := keyOf(a.(object)["id"].(string)); k == agent {
				a.(object)["joinEnabled"] = s.(object)["joinEnabled"]
			}
		}
	}
	yes(w, 204, nil)
}

func TestWebexEveryCommandInBothTiers(t *testing.T) {
	for _, tier := range []string{"assist", "basic"} {
		t.Run(tier, func(t *testing.T) {
			h := newHardline(t)
			wx := func(words ...string) result {
				r := rollcall(t, h.env(tier), append([]string{"--vendor", "webex", "--json"}, words...)...)
				require.NotContains(t, r.out+r.err, hardlineToken)
				return r
			}
			var ids []string
			for n := range 6 {
				ids = append(ids, h.person(n))
			}
			boss, ana, ben := ids[0], ids[1], ids[2]
			assist := tier == "assist"
			h.supervisors[assist][uuid(0)] = []string{uuid(5)}
			queueKey, location := uuid(900), "TG9jYXRpb24"
			queue := hydraID("CALL_QUEUE", queueKey)
			h.queues[assist][queueKey] = object{"id": queue, "name": "Support", "locationId": location, "hasCxEssentials": assist, "enabled": true,
				"callPolicies": object{"routingType": "SKILL_BASED", "policy": "CIRCULAR"},
				"agents":       []any{object{"id": ids[5], "firstName": "A", "type": "PEOPLE", "skillLevel": 4, "joinEnabled": false}}}

			// Users.
			users := wx("users", "list").done()
			require.Len(t, users, 6)
			require.Equal(t, object{"vendor": "webex", "id": ana, "login": "p1@example.com", "email": "p1@example.com", "firstName": "Person", "lastName": "1",
				"displayName": "Person 1", "enabled": true}, users[1])
			require.Len(t, wx("users", "list", "--login", "p1@example.com").done(), 1)
			require.Empty(t, wx("users", "list", "--email", "p1@example.co").done())
			require.Equal(t, users[1], neutral(wx("users", "get", ana).done()[0]))
			require.Equal(t, users[1], neutral(wx("users", "get", uuid(1)).done()[0]))
			require.Equal(t, users[1], neutral(wx("users", "get", ana+strings.Repeat("=", (4-len(ana)%4)%4)).done()[0]))
			made := wx("users", "create", "--login", "kim@example.com", "--first", "Kim", "--last", "Park", "--field", `title="Agent"`).done()[0]
			require.Equal(t, "kim@example.com", made["login"])
			wx("users", "create", "--login", "kim@example.com", "--first", "Kim").silent().fails(exitFailed, "conflict")
			h.disturb = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != "POST" {
					return false
				}
				// Refused, and done.
				h.disturb = nil
				h.person(400)
				h.people[uuid(400)]["emails"] = []any{"ghost@example.com"}
				h.no(w, 400, 400000, "licence not recognised")
				return true
			}
			ghost := wx("users", "create", "--login", "ghost@example.com", "--first", "G")
			require.Equal(t, "yes", ghost.fails(exitFailed, "invalid")["applied"])
			require.Equal(t, hydraID("PEOPLE", uuid(400)), ghost.lines()[0]["id"])
			wx("users", "create", "--login", "lee@example.com").silent().fails(exitFailed, "invalid")
			before := h.people[uuid(1)]
			changed := wx("users", "update", ana, "--last", "Silva").done()[0]
			require.Equal(t, "Silva", changed["lastName"])
			for name, was := range before {
				switch name {
				case "lastName":
					was = "Silva"
				case "loginEnabled":
					was = true
				}
				require.EqualValues(t, toJSON(was), toJSON(h.people[uuid(1)][name]), name)
			}
			require.Len(t, h.people[uuid(1)], len(before))
			wx("users", "update", ana, "--field", `locationId="T3RoZXI"`).silent().fails(exitFailed, "invalid")
			wx("users", "update", ana, "--clear", "displayName").silent().fails(exitFailed, "invalid")
			wx("users", "update", ana, "--clear", "title").done()
			require.NotContains(t, h.people[uuid(1)], "title")
			wx("users", "get", uuid(99)).silent().fails(exitFailed, "not_found")
			wx("users", "get", "..").silent().fails(exitFailed, "invalid")
			wx("users", "delete", made["id"].(string)).done()
			wx("users", "delete", made["id"].(string)).silent().fails(exitFailed, "not_found")

			// The agents of a supervisor, answered by bare UUIDs.
			results := func(r result) (out []any) {
				for _, o := range r.lines() {
					out = append(out, o["result"])
				}
				return out
			}
			target := "supervisor:" + boss
			require.Equal(t, []any{"applied", "applied"}, results(wx("assignments", "add", target, ana, ben)))
			r := wx("assignments", "add", target, ana, uuid(2))
			r.done()
			require.Equal(t, []any{"already", "already"}, results(r), "in both forms of the id")
			require.Equal(t, "DUPLICATE", r.lines()[0]["code"])
			r = wx("assignments", "add", target, ana, uuid(77), ids[3])
			r.fails(exitPartial, "partial")
			require.Equal(t, []any{"already", "failed", "applied"}, results(r))
			require.Equal(t, "NOT_AVAILABLE", r.lines()[1]["code"])
			require.Contains(t, r.lines()[1]["message"], "is not available")
			require.Len(t, wx("assignments", "list", "--target", target).done(), 4)
			require.Len(t, wx("assignments", "list", "--target", "supervisor:"+uuid(0)).done(), 4)
			require.Equal(t, []any{"applied", "applied"}, results(wx("assignments", "remove", target, ben, ids[3])))
			require.Equal(t, []any{"already"}, results(wx("assignments", "remove", target, ben)))
			require.Equal(t, []any{"failed", "failed"}, results(wx("assignments", "remove", target, ana, ids[5])), "the last agents")
			require.Len(t, h.supervisors[assist][uuid(0)], 2)
			wx("assignments", "suspend", target, ana).silent().fails(exitFailed, "unsupported")
			wx("assignments", "add", target+"@2", ben).silent().fails(exitFailed, "unsupported")
			wx("assignments", "list", "--target", "supervisor:"+ben).silent().fails(exitFailed, "not_found")

			// The agents of a queue: nobody else in it is touched.
			queueTarget := "queue:" + queue
			require.Equal(t, []any{"applied", "applied"}, results(wx("assignments", "add", queueTarget+"@2", ana, ben)))
			require.Equal(t, []any{"already"}, results(wx("assignments", "add", queueTarget+"@2", uuid(1))))
			links := wx("assignments", "list", "--target", "queue:"+queueKey).done()
			require.Len(t, links, 3)
			require.Equal(t, []any{json.Number("4"), true}, []any{links[0]["level"], links[0]["suspended"]})
			require.Equal(t, []any{"applied"}, results(wx("assignments", "suspend", queueTarget, ana)))
			require.Equal(t, []any{"already"}, results(wx("assignments", "suspend", queueTarget, ana)))
			mine := wx("assignments", "list", "--user", ana).done()
			require.Len(t, mine, 2)
			suspended := map[any]any{}
			for _, a := range mine {
				suspended[a["target"].(object)["kind"]] = a["suspended"]
			}
			require.Equal(t, map[any]any{"queue": true, "supervisor": false}, suspended)
			require.Equal(t, []any{"applied"}, results(wx("assignments", "resume", queueTarget, ana)))
			require.Equal(t, []any{"applied"}, results(wx("assignments", "remove", queueTarget, ben)))
			require.Equal(t, []any{"already"}, results(wx("assignments", "remove", queueTarget, ben)))
			require.Equal(t, []any{"failed"}, results(wx("assignments", "suspend", queueTarget, ben)), "there is no link")
			agents := h.queues[assist][queueKey]["agents"].([]any)
			require.Len(t, agents, 2)
			require.EqualValues(t, `{"id":"`+ids[5]+`","joinEnabled":false,"skillLevel":4}`, toJSON(agents[0]))
			wx("assignments", "add", "skill:1", ana).silent().fails(exitFailed, "unsupported")

			// Presence.
			p := wx("presence", "get", ana).done()[0]
			require.Equal(t, object{"userId": ana, "availability": "busy", "raw": "meeting", "blocked": false, "routable": nil, "reason": ""}, p)
			wx("presence", "set", ana, "away").silent().fails(exitFailed, "unsupported")
			record := filepath.Join(t.TempDir(), "record")
			blocked := wx("presence", "block", ana)
			blocked.done()
			require.NoError(t, os.WriteFile(record, []byte(blocked.out), 0o600))
			require.Equal(t, false, h.people[uuid(1)]["loginEnabled"])
			require.Equal(t, true, wx("presence", "get", ana).done()[0]["blocked"])
			wx("presence", "unblock", ana, "--record", record).done()
			require.Equal(t, true, h.people[uuid(1)]["loginEnabled"])
			wx("presence", "block", ana).done()
			wx("presence", "unblock", ana).done()
			require.Equal(t, true, h.people[uuid(1)]["loginEnabled"])

			// The other tier sees none of it.
			other := map[string]string{"assist": "basic", "basic": "assist"}[tier]
			r = rollcall(t, h.env(other), "--vendor", "webex", "--json", "assignments", "list", "--target", target)
			r.fails(exitFailed, "not_found")
		})
	}
}

func toJSON(v any) string {
	doc, _ := json.Marshal(v)
	return string(doc)
}

func TestWebexTwoThousandPeopleAndABusyPage(t *testing.T) {
	h := newHardline(t)
	for n := range 2000 {
		h.person(n)
	}
	pages, busy := map[string]bool{}, 0
	h.disturb = func(w http.ResponseWriter, r *http.Request) bool {
		pages[r.URL.RawQuery] = true
		if len(pages) == 3 && busy < 2 {
			busy++
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(429)
			return true
		}
		return false
	}
	users := rollcall(t, h.env(""), "--vendor", "webex", "--json", "users", "list").done()
	require.Len(t, users, 2000)
	for n, u := range users {
		require.Equal(t, fmt.Sprintf("p%d@example.com", n), u["login"])
	}
	require.Equal(t, 2, busy)
	require.Len(t, h.seen, 22)
	// A random wait is no reason to come back at once.
	h.disturb = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Retry-After", "rand(30),add(30)")
		w.WriteHeader(429)
		return true
	}
	h.seen = nil
	e := rollcall(t, h.env(""), "--vendor", "webex", "--json", "--timeout", "5s", "users", "list").silent().fails(exitFailed, "rate_limited")
	asked, err := e["retryAfterSeconds"].(json.Number).Int64()
	require.NoError(t, err)
	require.True(t, 30 <= asked && asked <= 60, "%d", asked)
	require.Len(t, h.seen, 1)
}

func TestWebexSim(t *testing.T) {
	wx := simOf(t, "webex", nil)
	users := wx("users", "list").done()
	require.GreaterOrEqual(t, len(users), 16)
	ana := wx("users", "list", "--login", "ana.silva@example.com").done()[0]["id"].(string)
	links := wx("assignments", "list", "--user", ana).done()
	require.NotEmpty(t, links)
	for _, a := range links {
		target := a["target"].(object)
		name := target["kind"].(string) + ":" + target["id"].(string)
		require.NotEmpty(t, wx("assignments", "list", "--target", name).done())
		require.Equal(t, "already", wx("assignments", "add", name, ana).done()[0]["result"])
	}
	wx("users", "update", ana, "--last", "Sousa").done()
	wx("presence", "get", ana).done()
	wx("presence", "block", ana).done()
	wx("presence", "unblock", ana).done()
	wx("users", "delete", ana).done()
	e := wx("users", "get", "me").silent().fails(exitFailed, "invalid")
	require.Equal(t, json.Number("0"), e["attempts"])
}

func TestWebexSettings(t *testing.T) {
	h := newHardline(t)
	usage := func(change func(map[string]string), want string) {
		t.Helper()
		env := h.env("assist")
		change(env)
		e := rollcall(t, env, "--vendor", "webex", "--json", "users", "list").silent().fails(exitUsage, "invalid")
		require.Contains(t, e["message"], want)
	}
	usage(func(env map[string]string) { delete(env, "WEBEX_TOKEN") }, "WEBEX_TOKEN")
	usage(func(env map[string]string) { env["WEBEX_TIER"] = "premium" }, "WEBEX_TIER")
	usage(func(env map[string]string) { env["WEBEX_BASE_URL"] = "http://webex.example/v1" }, "plain http")
	usage(func(env map[string]string) { env["WEBEX_ORG_ID"] = "a b" }, "organisation")
	require.Empty(t, h.seen)
	env := h.env("")
	env["WEBEX_ORG_ID"], env["WEBEX_TOKEN"] = uuid(1), "another"
	rollcall(t, env, "--vendor", "webex", "--json", "users", "list").silent().fails(exitFailed, "unauthenticated")
	require.Len(t, h.seen, 1, "a fixed token is not tried again")
	require.Contains(t, h.seen[0], "orgId="+hydraID("ORGANIZATION", uuid(1)))
}

// TestWebexAnswersThatClaimTooMuch: what a command says is what the vendor shows.
func TestWebexAnswersThatClaimTooMuch(t *testing.T) {
	h := newHardline(t)
	ana, ben := h.person(1), h.person(2)
	wx := func(args ...string) result {
		return rollcall(t, h.env("assist"), append([]string{"--vendor", "webex", "--json"}, args...)...)
	}
	on := func(method string, f func(w http.ResponseWriter, r *http.Request) bool) {
		h.disturb = func(w http.ResponseWriter, r *http.Request) bool { return r.Method == method && f(w, r) }
	}
	// A creation that is answered with somebody else: who is not blocked for it.
	on("POST", func(w http.ResponseWriter, _ *http.Request) bool { yes(w, 200, h.people[uuid(2)]); return true })
	r := wx("users", "create", "--login", "new@example.com", "--first", "New", "--enabled=false").silent()
	e := r.fails(exitFailed, "protocol")
	require.Equal(t, []any{"unknown", "ROUTER_1"}, []any{e["applied"], e["requestId"]})
	require.Equal(t, "true", h.people[uuid(2)]["loginEnabled"])
	// Numbers that the vendor will not have back, and would forget.
	h.people[uuid(1)]["phoneNumbers"] = []any{object{"type": "work", "value": "+15125550100"}, object{"type": "mobile", "value": "+15125550111"}}
	on("PUT", func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(h.bodies["PUT "+r.URL.Path][len(h.bodies["PUT "+r.URL.Path])-1], "mobile") {
			return false
		}
		h.no(w, 400, 0, "Only phoneNumbers of type work may be set")
		return true
	})
	e = wx("users", "update", ana, "--last", "Moss").silent().fails(exitFailed, "invalid")
	require.Equal(t, "no", e["applied"])
	require.Len(t, h.people[uuid(1)]["phoneNumbers"], 2)
	h.disturb = nil
	// A slip in the name of a field.
	e = wx("users", "update", ben, "--clear", "lastname").silent().fails(exitFailed, "invalid")
	require.Equal(t, "no", e["applied"])
	// A person who is not shown whole.
	for _, name := range []string{"emails", "displayName", "loginEnabled"} {
		was := h.people[uuid(2)][name]
		delete(h.people[uuid(2)], name)
		wx("users", "update", ben, "--last", "Moss").silent().fails(exitFailed, "incomplete")
		h.people[uuid(2)][name] = was
	}
	require.Equal(t, "2", h.people[uuid(2)]["lastName"])
}
