package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// loopback runs a command against a naive server, polling fast.
func loopback(t *testing.T, n *naive, words ...string) result {
	t.Helper()
	return rollcall(t, n.env(), append([]string{"--vendor", "avaya", "--json", "--poll", "5ms", "--log"}, words...)...)
}

func TestListHonoursPaging(t *testing.T) {
	n := newNaive(t)
	var want []any
	for i := range 123 {
		want = append(want, n.person(fmt.Sprintf("Nn%03d", i)))
	}
	got := loopback(t, n, "users", "list").done()
	var ids []any
	for _, u := range got {
		ids = append(ids, u["id"])
	}
	require.Equal(t, want, ids)
	require.Len(t, n.requests("GET", "/users"), 3)
	require.Len(t, n.requests("POST", "/token"), 1)

	found := loopback(t, n, args("users list --login Nn007@example.com")...).done()
	require.Len(t, found, 1)
	require.Equal(t, want[7], found[0]["id"])
	require.Len(t, loopback(t, n, args("users list --email Nn008.mail@example.com")...).done(), 1)
	require.Len(t, loopback(t, n, args("users list --email nn008.MAIL@example.com")...).done(), 1, "in any case")

	n.extra = 5 // the vendor names more than it sends
	r := loopback(t, n, "users", "list")
	e := r.fails(exitFailed, "incomplete")
	require.Equal(t, "no", e["applied"])
	require.Len(t, r.lines(), 123, "what was listed is real")
	n.extra = -5
	loopback(t, n, "users", "list").fails(exitFailed, "incomplete")
}

// keeper is a user full of what no client knows.
const keeper = `{"loginId":"keep@example.com","organizationNodeId":"ABCDEF","firstName":"Kee","lastName":"Per","displayName":"Per, Kee",
"emailId":null,"roles":["Agent","Very Special Role"],"memberOfGroups":[],"profileId":null,"resourcePartitions":["p1"],
"big":123456789012345678901234567890,"precise":0.10000000000000000555,"exp":1E+400,"minus":-0,"nothing":null,"none":[],"empty":{},
"text":"<b>& \u2028 \ud83d\ude00 \"q\" \\ /","nested":{"a":[1,[2,{"b":null,"c":[]}],"x"],"z":{"big":9007199254740993}},"true":true,
"addresses":[{"addressId":"a1","city":"Bilbao","floor":12345678901234567890,"zip":null}],
"accountAddresses":[{"addressId":"b1","isDefault":false,"novel":[null]}],
"features":{"voice":{"autoAnswer":false,"afterContactWorkTimer":30,"ring":{"tone":7.50}},"matching":{"attributes":["A.B"],
"queues":[{"queueId":"30000000-0000-4000-8000-000000000001","proficiency":3,"weight":0.25},{"queueId":"30000000-0000-4000-8000-000000000002"}],"novel":{}},
"hologram":{"on":true,"level":12345678901234567890},"recorder":{}}}`

func TestUpdateKeepsWhatItDoesNotKnow(t *testing.T) {
	for _, c := range []struct {
		words  []string
		change func(o object)
	}{
		{args("--last X2"), func(o object) { o["lastName"] = "X2" }},
		{args("--first Ka --login new@example.com --email e@example.com"), func(o object) {
			o["firstName"], o["loginId"], o["emailId"] = "Ka", "new@example.com", "e@example.com"
		}},
		{args("--role One --role Two"), func(o object) { o["roles"] = []any{"One", "Two"} }},
		{args("--clear roles"), func(o object) { delete(o, "roles") }},
		{args("--clear email"), func(o object) { delete(o, "emailId") }},
		{args("--clear emailId"), func(o object) { delete(o, "emailId") }},
		{args("--clear displayName"), func(o object) { delete(o, "displayName") }},
		{args("--clear big --clear features"), func(o object) { delete(o, "big"); delete(o, "features") }},
		{args(`--field displayName="Shown" --field novel={"n":12345678901234567890,"l":[null]} --field nothing=1`), func(o object) {
			o["displayName"], o["nothing"] = "Shown", json.Number("1")
			o["novel"] = object{"n": json.Number("12345678901234567890"), "l": []any{nil}}
		}},
		{args("--password-env NEW_PASSWORD"), func(o object) { o["password"] = somePassword }},
	} {
		t.Run(strings.Join(c.words, " "), func(t *testing.T) {
			n := newNaive(t)
			id := n.add(keeper)
			changed := loopback(t, n, append([]string{"users", "update", id}, c.words...)...).done()
			require.Equal(t, id, changed[0]["id"])
			puts := n.requests("PUT", "/users/"+id)
			require.Len(t, puts, 1)
			want := decode(t, keeper)
			c.change(want)
			require.Equal(t, want, decode(t, string(puts[0].body)), "value for value, digit for digit")
		})
	}
}

func TestUpdateKeepsWhatAssignmentsDoNotName(t *testing.T) {
	n := newNaive(t)
	id := n.add(keeper)
	out := loopback(t, n, "assignments", "add", "queue:30000000-0000-4000-8000-000000000009@2", id).done()
	require.Equal(t, "applied", out[0]["result"])
	want := decode(t, keeper)
	matching := want["features"].(object)["matching"].(object)
	matching["queues"] = append(matching["queues"].([]any), object{"queueId": "30000000-0000-4000-8000-000000000009", "proficiency": json.Number("2")})
	puts := n.requests("PUT", id)
	require.Len(t, puts, 1)
	require.Equal(t, want, decode(t, string(puts[0].body)))
	require.Equal(t, "already", loopback(t, n, "assignments", "add", "queue:30000000-0000-4000-8000-000000000009", id).done()[0]["result"])
	require.Len(t, n.requests("PUT", id), 1, "what is so already is not written")
}

func TestCreate(t *testing.T) {
	n := newNaive(t)
	made := loopback(t, n, "users", "create", "--login", "c@example.com", "--first", "Cy", "--last", "Lee", "--email", "cy@example.com",
		"--role", "Agent", "--role", "Reporting", "--password-env", "NEW_PASSWORD",
		"--field", `features={"voice":{"autoAnswer":true}}`, "--field", "weight=12345678901234567890").done()
	require.Len(t, made, 1)
	posts := n.requests("POST", "/users")
	require.Len(t, posts, 1)
	require.Equal(t, object{"loginId": "c@example.com", "firstName": "Cy", "lastName": "Lee", "emailId": "cy@example.com",
		"organizationNodeId": naiveAccount, "roles": []any{"Agent", "Reporting"}, "password": somePassword,
		"features": object{"voice": object{"autoAnswer": true}}, "weight": json.Number("12345678901234567890")}, decode(t, string(posts[0].body)))
	require.Equal(t, object{"vendor": "avaya", "id": made[0]["id"], "login": "c@example.com", "firstName": "Cy", "lastName": "Lee",
		"email": "cy@example.com", "roles": []any{"Agent", "Reporting"}}, made[0])
	require.NotEmpty(t, n.requests("POST", ":listStatuses"), "it waits until the change is carried out")
}

func TestNoWait(t *testing.T) {
	n := newNaive(t)
	id := loopback(t, n, args("users create --login c@example.com --first Cy --last Lee --no-wait")...).done()[0]["id"].(string)
	require.Equal(t, "Low", loopback(t, n, args("users update --no-wait --last Low "+id)...).done()[0]["lastName"])
	require.Equal(t, []object{{"ok": true}}, loopback(t, n, args("users delete --no-wait "+id)...).done())
	require.Empty(t, n.requests("POST", ":listStatuses"))
}

const failedRole = `"action":"ADD","status":"FAILED","message":"not all was done","role":{"action":"ADD","status":"FAILED","message":"no such role"},
"features":{"voice":{"action":"ADD","status":"COMPLETED","message":""},"chat":{"action":"ADD","status":"Failed","message":"no licence"}}`

func TestCreateThatFailsLater(t *testing.T) {
	n := newNaive(t)
	n.end = func(string) string { return failedRole }
	r := loopback(t, n, args("users create --login f@example.com --first Fay --last Led")...)
	e := r.fails(exitFailed, "failed")
	require.Equal(t, "yes", e["applied"])
	require.Contains(t, e["message"], "role")
	require.Contains(t, e["message"], "chat")
	require.NotContains(t, e["message"], "voice", "only what failed is named")
	lines := r.lines()
	require.Len(t, lines, 1, "the user is printed: its id is needed")
	require.Equal(t, "f@example.com", lines[0]["login"])
	require.NotEmpty(t, lines[0]["id"])

	id := n.person("Upd")
	r = loopback(t, n, args("users update "+id+" --last Led")...)
	require.Equal(t, "unknown", r.silent().fails(exitFailed, "failed")["applied"], "what did not fail is in effect")
	n.end = func(string) string { return `"action":"DELETE","status":"DELETE_FAILED","message":"in use"` }
	r = loopback(t, n, args("users delete "+id)...)
	require.Equal(t, "no", r.silent().fails(exitFailed, "failed")["applied"])
}

func TestDeferred(t *testing.T) {
	n := newNaive(t)
	n.end = func(string) string { return `"action":"ADD","status":"PENDING","message":"agent is logged in"` }
	deferred := func(r result) object {
		t.Helper()
		lines := r.done()
		require.Len(t, lines, 1)
		require.Equal(t, true, lines[0]["deferred"])
		require.Contains(t, r.err, "later", "a sentence on standard error")
		require.NotContains(t, r.err, `{"error"`)
		return lines[0]
	}
	u := deferred(loopback(t, n, args("users create --login p@example.com --first Pen --last Ding")...))
	require.Equal(t, "p@example.com", u["login"])
	id := u["id"].(string)
	require.Equal(t, "Late", deferred(loopback(t, n, args("users update "+id+" --last Late")...))["lastName"])
	n.end = func(string) string { return `"action":"DELETE","status":"PENDING","message":"agent is logged in"` }
	require.Equal(t, object{"ok": true, "deferred": true}, deferred(loopback(t, n, args("users delete "+id)...)))

	r := rollcall(t, n.env(), args("--vendor avaya --poll 5ms users update "+id+" --last Later")...)
	require.Equal(t, exitDone, r.code)
	require.Contains(t, r.err, "later")
}

func TestDeleteWaits(t *testing.T) {
	n := newNaive(t)
	id := n.person("Del")
	require.Equal(t, []object{{"ok": true}}, loopback(t, n, "users", "delete", id).done())
	require.Empty(t, n.users)
	require.Equal(t, "no", loopback(t, n, "users", "delete", id).silent().fails(exitFailed, "not_found")["applied"])

	// The answer is lost, and the 404 after it says that it was done.
	id = n.person("Lost")
	n.on("DELETE", id, func(w http.ResponseWriter, _ *http.Request, nth int) bool {
		if nth > 1 {
			return false
		}
		n.mu.Lock()
		delete(n.users, id)
		n.mu.Unlock()
		lose(w)
		return true
	})
	require.Equal(t, []object{{"ok": true}}, loopback(t, n, "users", "delete", id).done())
	require.Len(t, n.requests("DELETE", id), 2)
}

func TestCreateIsSentOnce(t *testing.T) {
	create := args("users create --login o@example.com --first One --last Time")
	for name, spoil := range map[string]func(w http.ResponseWriter){
		"answer lost":   lose,
		"500":           func(w http.ResponseWriter) { problem(w, 500, "boom") },
		"502 with html": func(w http.ResponseWriter) { w.WriteHeader(502); fmt.Fprint(w, "<html>proxy</html>") },
		"504":           func(w http.ResponseWriter) { w.WriteHeader(504) },
		"200 with html": func(w http.ResponseWriter) { fmt.Fprint(w, "<html>login please</html>") },
		"half an answer": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "900")
			w.WriteHeader(202)
			fmt.Fprint(w, `{"userId":"1000`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNaive(t)
			n.on("POST", "/users", func(w http.ResponseWriter, _ *http.Request, _ int) bool { spoil(w); return true })
			r := loopback(t, n, create...).silent()
			class := "unavailable"
			if name == "200 with html" {
				class = "protocol"
			}
			if name == "half an answer" {
				require.Equal(t, exitFailed, r.code)
				class = r.lastClass()
				require.Contains(t, []string{"unavailable", "protocol"}, class)
			}
			e := r.fails(exitFailed, class)
			require.Equal(t, "unknown", e["applied"])
			require.Equal(t, json.Number("1"), e["attempts"])
			require.Len(t, n.requests("POST", "/users"), 1)
		})
	}
	t.Run("refused for sure, and so sent again", func(t *testing.T) {
		n := newNaive(t)
		n.on("POST", "/users", func(w http.ResponseWriter, _ *http.Request, nth int) bool {
			if nth > 2 {
				return false
			}
			w.Header().Set("Retry-After", "0")
			problem(w, []int{503, 401}[nth-1], "not now")
			return true
		})
		require.Len(t, loopback(t, n, create...).done(), 1)
		require.Len(t, n.requests("POST", "/users"), 3)
		require.Len(t, n.requests("POST", "/token"), 2, "a fresh token after the 401")
	})
}

func (r result) lastClass() string {
	lines := strings.Split(strings.TrimSpace(r.err), "\n")
	return decode(r.t, lines[len(lines)-1])["error"].(object)["class"].(string)
}

func TestErrorsOfTheVendor(t *testing.T) {
	for _, c := range []struct {
		name, flags string
		status      int
		header      string
		class       string
		attempts    string
		after       string
	}{
		{"400", "", 400, "", "invalid", "1", "0"},
		{"403", "", 403, "", "permission", "1", "0"},
		{"404", "", 404, "", "not_found", "1", "0"},
		{"409", "", 409, "", "conflict", "1", "0"},
		{"a wait longer than allowed", "--max-wait 1s", 429, "3600", "rate_limited", "1", "3600"},
		{"a wait longer than the time left", "--timeout 5s", 429, "90", "rate_limited", "1", "90"},
		{"unavailable for long", "--max-wait 1s", 503, "120", "unavailable", "1", "120"},
		{"as often as told", "--max-attempts 2", 500, "", "unavailable", "2", "0"},
		{"once", "--max-attempts 1", 502, "", "unavailable", "1", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := newNaive(t)
			id := n.person("Err")
			n.on("GET", id, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				problem(w, c.status, "so it is")
				return true
			})
			start := time.Now()
			e := loopback(t, n, append(args(c.flags), "users", "get", id)...).silent().fails(exitFailed, c.class)
			require.Less(t, time.Since(start), 4*time.Second, "nothing longer is slept")
			require.Equal(t, json.Number(fmt.Sprint(c.status)), e["status"])
			require.Equal(t, json.Number(c.attempts), e["attempts"])
			require.Equal(t, json.Number(c.after), e["retryAfterSeconds"])
			require.Equal(t, "req-77", e["requestId"])
			require.Equal(t, "no", e["applied"])
			require.Equal(t, "users.get", e["op"])
			require.Contains(t, e["message"], "so it is")
			require.Len(t, n.requests("GET", id), int(c.attempts[0]-'0'))
		})
	}
	t.Run("401 is asked once more with a fresh token", func(t *testing.T) {
		n := newNaive(t)
		n.on("GET", "/users", func(w http.ResponseWriter, _ *http.Request, _ int) bool { problem(w, 401, "no"); return true })
		loopback(t, n, "users", "list").silent().fails(exitFailed, "unauthenticated")
		require.Len(t, n.requests("GET", "/users"), 2)
	})
	t.Run("401 of the token service is final", func(t *testing.T) {
		n := newNaive(t)
		env := n.env()
		env["AVAYA_CLIENT_ID"] = "somebody-else"
		rollcall(t, env, args("--vendor avaya --json --log users list")...).silent().fails(exitFailed, "unauthenticated")
		require.Len(t, n.seen, 1)
	})
	t.Run("nobody there", func(t *testing.T) {
		n := newNaive(t)
		n.srv.Close()
		loopback(t, n, args("--max-attempts 1 users list")...).silent().fails(exitFailed, "unavailable")
	})
	t.Run("a passing refusal is waited out", func(t *testing.T) {
		n := newNaive(t)
		id := n.person("Sly")
		n.on("GET", id, func(w http.ResponseWriter, _ *http.Request, nth int) bool {
			if nth > 1 {
				return false
			}
			w.Header().Set("Retry-After", "1")
			problem(w, 429, "slow down")
			return true
		})
		require.Len(t, loopback(t, n, "users", "get", id).done(), 1)
	})
}

func TestTimeout(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request, _ int) bool { <-r.Context().Done(); return true }
	n := newNaive(t)
	id := n.person("Tim")
	n.on("GET", "/users/"+id, hang)
	e := loopback(t, n, args("users get "+id+" --timeout 150ms")...).silent().fails(exitFailed, "canceled")
	require.Equal(t, "no", e["applied"], "a read")

	n = newNaive(t)
	n.on("POST", "/users", hang)
	e = loopback(t, n, args("users create --login t@example.com --first To --last Late --timeout 150ms")...).silent().fails(exitFailed, "canceled")
	require.Equal(t, "unknown", e["applied"])
	require.Len(t, n.requests("POST", "/users"), 1)

	n = newNaive(t)
	n.end = func(string) string { return `"action":"ADD","status":"IN_PROGRESS","message":""` }
	r := loopback(t, n, args("users create --login t@example.com --first To --last Late --timeout 1500ms")...)
	require.Equal(t, "yes", r.fails(exitFailed, "canceled")["applied"])
	made := r.lines()
	require.Len(t, made, 1)
	e = loopback(t, n, args("users update --last Later --timeout 1500ms "+made[0]["id"].(string))...).silent().fails(exitFailed, "canceled")
	require.Equal(t, "unknown", e["applied"])
	require.Contains(t, e["message"], "IN_PROGRESS", "the last thing seen is named")

	n = newNaive(t)
	id = n.person("Kil")
	ctx, cancel := context.WithCancel(t.Context())
	n.on("GET", "/users/"+id, func(w http.ResponseWriter, r *http.Request, nth int) bool { cancel(); return hang(w, r, nth) })
	rollcallIn(t, ctx, n.env(), "", args("--vendor avaya --json users get "+id)...).silent().fails(exitFailed, "canceled")
}

func TestRefusedBeforeTraffic(t *testing.T) {
	n := newNaive(t)
	id := n.person("Ida")
	for line, class := range map[string]string{
		"users update " + id + " --clear last":                                            "invalid",
		"users update " + id + " --clear lastName":                                        "invalid",
		"users update " + id + " --clear login":                                           "invalid",
		"users update " + id + " --clear loginId":                                         "invalid",
		"users update " + id + " --field firstName=null":                                  "invalid",
		`users update ` + id + ` --field firstName=""`:                                    "invalid",
		"users update " + id + " --first=":                                                "invalid",
		"users update " + id + " --email=":                                                "invalid",
		"users update " + id + " --enabled":                                               "unsupported",
		"users update " + id + " --email n@example.com --clear emailId":                   "invalid",
		"users update " + id + ` --login a@example.com --field loginId="c@example.com"`:   "invalid",
		"users create --login x@example.com --first F --last L --role R --field roles=[]": "invalid",
		"users update " + id + " --clear features.voice":                                  "invalid",
		"users update " + id + " --clear id":                                              "invalid",
		"users update " + id + " --role=":                                                 "invalid",
		"assignments remove queue:Q1@3 " + id:                                             "invalid",
		"users update .. --last X":                                                        "invalid",
		"users get ../users":                                                              "invalid",
		"users delete a/b":                                                                "invalid",
		"users create --login x@example.com":                                              "invalid",
		"assignments list --user .":                                                       "invalid",
		"assignments add skill:a@1 " + id:                                                 "unsupported",
		"assignments suspend queue:1 " + id:                                               "unsupported",
		"presence block " + id:                                                            "unsupported",
		"users create --login x --first F --last L --field lastName=null":                 "invalid",
	} {
		e := loopback(t, n, args(line)...).silent().fails(exitFailed, class)
		require.Equal(t, "no", e["applied"], line)
		require.Empty(t, n.seen, line)
	}
	r := loopback(t, n, "users", "get", "")
	r.silent().fails(exitFailed, "invalid")
	loopback(t, n, "assignments", "list", "--user", "").silent().fails(exitFailed, "invalid")
	require.Empty(t, n.seen)
}

func TestLogTellsWithoutSecrets(t *testing.T) {
	n := newNaive(t)
	id := n.person("Log")
	r := loopback(t, n, args("users update "+id+" --last Led --password-env NEW_PASSWORD")...)
	r.done()
	for _, want := range []string{"Users.Get", "Users.Replace", "Token", "status=200", "status=202"} {
		require.Contains(t, r.err, want)
	}
	require.NotContains(t, r.err, "?", "no query")
	require.False(t, slices.ContainsFunc([]string{"Authorization", "Bearer", "appkey", "password"}, func(s string) bool {
		return strings.Contains(strings.ToLower(r.err), strings.ToLower(s))
	}), r.err)
	quiet := rollcall(t, n.env(), args("--vendor avaya --json users get "+id)...)
	require.Empty(t, quiet.err, "off by default")

	// A vendor that repeats the credentials in its error does not make us do so.
	n.on("GET", id, func(w http.ResponseWriter, r *http.Request, _ int) bool {
		problem(w, 400, "your token was "+r.Header.Get("Authorization")+" and your password "+naiveSecret)
		return true
	})
	e := loopback(t, n, "users", "get", id).silent().fails(exitFailed, "invalid")
	require.Contains(t, e["message"], "your token was")
}

func TestAChangeThatTheUserDoesNotShowIsNotApplied(t *testing.T) {
	n := newNaive(t)
	id := n.person("Uma")
	n.on("PUT", id, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, `{"userId":"`+id+`"}`)
		return true
	})
	e := rollcall(t, n.env(), args("--json --vendor avaya --poll 5ms users update "+id+" --last Changed")...).silent().fails(exitFailed, "not_applied")
	require.Contains(t, e["message"], "lastName")
}

func TestAChangeThatIsMadeIsNotDeniedWhenReadingItAgainFails(t *testing.T) {
	n := newNaive(t)
	id := n.person("Uma")
	n.on("GET", id, func(w http.ResponseWriter, _ *http.Request, nth int) bool {
		if nth == 1 {
			return false // the read before the write
		}
		problem(w, 403, "no more")
		return true
	})
	e := rollcall(t, n.env(), args("--json --vendor avaya --poll 5ms users update "+id+" --last Changed")...).silent().fails(exitFailed, "permission")
	require.Equal(t, "unknown", e["applied"], "the vendor accepted it, and it could not be looked at")
}

// accept answers a write with 202 and leaves everything as it was.
func accept(w http.ResponseWriter, body string) bool {
	answer(w, http.StatusAccepted, body)
	return true
}

func TestADeferredAssignmentIsDone(t *testing.T) {
	n := newNaive(t)
	id := n.person("Uma")
	n.end = func(string) string { return `"action":"UPDATE","status":"PENDING","message":"agent is logged in"` }
	n.on("PUT", id, func(w http.ResponseWriter, _ *http.Request, _ int) bool { return accept(w, `{"userId":"`+id+`"}`) })
	r := loopback(t, n, "assignments", "add", "queue:30000000-0000-4000-8000-000000000001", id)
	out := r.done()
	require.Equal(t, "applied", out[0]["result"])
	require.Equal(t, true, out[0]["deferred"])
	require.Contains(t, r.err, "later")
}

func TestAnAssignmentThatFailedLaterMayHaveBeenDoneInPart(t *testing.T) {
	const queue = "30000000-0000-4000-8000-000000000001"
	n := newNaive(t)
	id := n.person("Uma")
	n.end = func(string) string {
		return `"action":"UPDATE","status":"FAILED","message":"","features":{"matching":{"action":"UPDATE","status":"FAILED","message":"no"}}`
	}
	r := loopback(t, n, "assignments", "add", "queue:"+queue, id)
	e := r.fails(exitPartial, "partial")
	require.Equal(t, "unknown", e["applied"])
	require.Equal(t, "failed", r.lines()[0]["result"])

	n = newNaive(t)
	id = n.person("Uma")
	n.on("PUT", id, func(w http.ResponseWriter, _ *http.Request, _ int) bool { return accept(w, `{"userId":"`+id+`"}`) })
	r = loopback(t, n, "assignments", "add", "queue:"+queue, id)
	require.Equal(t, "unknown", r.fails(exitPartial, "partial")["applied"], "accepted, and not shown")
	n.disturb = nil
	r = loopback(t, n, "assignments", "add", "queue:"+queue, "00000000-0000-4000-8000-000000000000")
	require.Equal(t, "no", r.fails(exitPartial, "partial")["applied"])
}

func TestAVendorFieldThatWasDroppedIsNotDone(t *testing.T) {
	for field, value := range map[string]string{
		"displayName": `"Xx Yy"`, "email": `"z@example.com"`, "novel": `{"a":[1,2]}`, "memberOfGroups": `["g1"]`, "features": `{"voice":{"autoAnswer":true},"aci":{}}`,
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel() // each waits for the change to show
			n := newNaive(t)
			id := n.person("Uma")
			n.on("PUT", id, func(w http.ResponseWriter, _ *http.Request, _ int) bool { return accept(w, `{"userId":"`+id+`"}`) })
			e := loopback(t, n, "users", "update", id, "--field", field+"="+value).silent().fails(exitFailed, "not_applied")
			require.Equal(t, "unknown", e["applied"])
			require.Contains(t, e["message"], field)
			require.Contains(t, []any{"users.update", "users.settle"}, e["op"])
			n.disturb = nil
			require.Len(t, loopback(t, n, "users", "update", id, "--field", field+"="+value).done(), 1, "%s that is kept", field)

			n.on("PUT", id, func(w http.ResponseWriter, _ *http.Request, _ int) bool { return accept(w, `{"userId":"`+id+`"}`) })
			loopback(t, n, "users", "update", id, "--clear", field).silent().fails(exitFailed, "not_applied")
		})
	}
}

func TestACreateIsComparedWithWhatWasMade(t *testing.T) {
	create := args("users create --login c@example.com --first Cy --last Lee --email cy@example.com --role Agent --field displayName=\"Cy\"")
	for _, dropped := range []string{"roles", "emailId", "displayName", "lastName"} {
		n := newNaive(t)
		n.on("GET", "", func(w http.ResponseWriter, r *http.Request, _ int) bool {
			for _, u := range n.users {
				delete(u, dropped)
			}
			return false
		})
		r := loopback(t, n, create...)
		e := r.fails(exitFailed, "not_applied")
		require.Equal(t, "yes", e["applied"])
		require.Contains(t, []any{"users.create", "users.settle"}, e["op"])
		require.Contains(t, e["message"], strings.TrimSuffix(dropped, "Id"))
		require.Len(t, r.lines(), 1, "the user is printed: its id is needed")
	}

	n := newNaive(t)
	other := n.person("Other")
	n.on("POST", "/users", func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		return accept(w, `{"userId":"`+other+`","loginId":"somebody@else.example"}`)
	})
	require.Equal(t, "unknown", loopback(t, n, create...).silent().fails(exitFailed, "protocol")["applied"])

	n = newNaive(t)
	other = n.person("Other")
	n.on("POST", "/users", func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		return accept(w, `{"userId":"`+other+`","loginId":"c@example.com"}`)
	})
	e := loopback(t, n, create...).silent().fails(exitFailed, "protocol")
	require.Equal(t, "unknown", e["applied"])
	require.Contains(t, e["message"], "login")
}

func TestAnUpdateStaysWithTheIDThatWasAskedFor(t *testing.T) {
	n := newNaive(t)
	id, other := n.person("Uma"), n.person("Other")
	n.on("PUT", id, func(w http.ResponseWriter, _ *http.Request, _ int) bool { return accept(w, `{"userId":"`+other+`"}`) })
	e := loopback(t, n, args("users update "+id+" --last Changed")...).silent().fails(exitFailed, "protocol")
	require.Equal(t, "unknown", e["applied"])
	require.Empty(t, n.requests("GET", other))

	n = newNaive(t)
	id = n.add(`{"loginId":"hex@example.com","organizationNodeId":"ABCDEF","firstName":"Hex","lastName":"Doe"}`)
	n.mu.Lock()
	hex := "abcdefab-0000-4000-8000-000000000001"
	n.users[hex] = n.users[id]
	n.mu.Unlock()
	n.on("PUT", hex, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		n.mu.Lock()
		n.users[hex]["lastName"] = json.RawMessage(`"Changed"`)
		n.mu.Unlock()
		return accept(w, `{"userId":"`+strings.ToUpper(hex)+`"}`)
	})
	require.Equal(t, hex, loopback(t, n, args("users update "+hex+" --last Changed")...).done()[0]["id"])
	for _, r := range n.requests("", "") {
		require.NotContains(t, r.path+string(r.body), strings.ToUpper(hex))
	}
}

func TestSettlingIsNotLongerThanTheLongestWait(t *testing.T) {
	n := newNaive(t)
	id := n.person("Uma")
	n.on("POST", ":listStatuses", func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("Retry-After", "10")
		problem(w, 429, "slow down")
		return true
	})
	start := time.Now()
	e := loopback(t, n, args("--max-wait 2s users update "+id+" --last Changed")...).silent().fails(exitFailed, "rate_limited")
	require.Less(t, time.Since(start), 4*time.Second)
	require.Equal(t, []any{json.Number("429"), json.Number("10"), "unknown"}, []any{e["status"], e["retryAfterSeconds"], e["applied"]})
	e = loopback(t, n, args("--timeout 5s users update "+id+" --last Changed")...).silent().fails(exitFailed, "rate_limited")
	require.Equal(t, []any{json.Number("429"), json.Number("10"), "unknown"}, []any{e["status"], e["retryAfterSeconds"], e["applied"]})
}
