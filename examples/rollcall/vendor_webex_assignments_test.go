package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The request and the answer of the vendor's own page.
const (
	pageFirst      = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS85NTA4OTc4ZC05YmFkLTRmYWEtYTljNC0wOWQ4NWQ4ZmRjZTY"
	pageSecond     = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS9iYzIyMTRlNi0zYzdlLTRkZDAtOTc3Yy0zNzRlOWE2ZDk4MWM"
	pageFirstUUID  = "9508978d-9bad-4faa-a9c4-09d85d8fdce6"
	pageSecondUUID = "bc2214e6-3c7e-4dd0-977c-374e9a6d981c"
	pageMessage    = "[Error 6612] Agent 9508978d-9bad-4faa-a9c4-09d85d8fdce6 is already assigned to the supervisor."
)

// crew is a server where person 0 supervises person 1, in one tier, and all others
// are nobody's.
func crew(t *testing.T, assist bool, people int) (h *hardline, ids []string, wx func(words ...string) result) {
	h = newHardline(t)
	for n := range people {
		ids = append(ids, h.person(n))
	}
	h.supervisors[assist][uuid(0)] = []string{uuid(1)}
	tier := "basic"
	if assist {
		tier = "assist"
	}
	return h, ids, func(words ...string) result {
		t.Helper()
		return rollcall(t, h.env(tier), append([]string{"--vendor", "webex", "--json"}, words...)...)
	}
}

func column(r result, name string) (out []any) {
	r.t.Helper()
	for _, o := range r.lines() {
		out = append(out, o[name])
	}
	return out
}

func padding(id string) string { return id + strings.Repeat("=", (4-len(id)%4)%4) }

func TestWebexThePagesOwnDuplicate(t *testing.T) {
	for _, assist := range []bool{true, false} {
		h, ids, wx := crew(t, assist, 2)
		path := "PUT /v1/telephony/config/supervisors/" + ids[0]
		for _, told := range []string{pageFirst, padding(pageFirst), pageFirstUUID, hydraID("PLACE", pageFirstUUID)} {
			refused := ""
			h.supervisors[assist][uuid(0)] = []string{pageFirstUUID, pageSecondUUID, uuid(3)}
			h.disturb = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != "PUT" {
					return false
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(206)
				fmt.Fprintf(w, `{ "supervisorAgentStatus": [ { "id": %q, "status": "DUPLICATE", "message": %q }%s ] }`, told, pageMessage, refused)
				return true
			}
			for _, asked := range [][]string{{pageFirst, pageSecond}, {padding(pageFirst), padding(pageSecond)}, {pageFirstUUID, pageSecondUUID}} {
				h.bodies = map[string][]string{}
				r := wx("assignments", "add", "supervisor:"+ids[0], asked[0], asked[1])
				r.done()
				require.Equal(t, []any{"already", "applied"}, column(r, "result"))
				require.Equal(t, []any{"DUPLICATE", ""}, column(r, "code"))
				require.Equal(t, []any{pageMessage, ""}, column(r, "message"))
				for i, o := range r.lines() {
					require.Equal(t, asked[i], o["assignment"].(object)["userId"], "as it was given")
				}
				require.Equal(t, []string{`{"agents":[{"id":"` + pageFirst + `","action":"ADD"},{"id":"` + pageSecond + `","action":"ADD"}]}`}, h.bodies[path])
				require.Contains(t, query(h), fmt.Sprint("hasCxEssentials=", assist))
			}
			refused = `,{"id":"bc2214e6-3c7e-4dd0-977c-374e9a6d981c","status":"NOT_AVAILABLE","message":"[Error 6612] Agent bc2214e6-3c7e-4dd0-977c-374e9a6d981c is not available."}`
			third := hydraID("PEOPLE", uuid(3))
			r := wx("assignments", "add", "supervisor:"+ids[0], third, pageSecond, pageFirst)
			e := r.fails(exitPartial, "partial")
			require.Equal(t, "yes", e["applied"])
			require.Equal(t, []any{"applied", "failed", "already"}, column(r, "result"), "in the order asked")
			require.Equal(t, []any{"", "NOT_AVAILABLE", "DUPLICATE"}, column(r, "code"))
			require.Equal(t, "[Error 6612] Agent bc2214e6-3c7e-4dd0-977c-374e9a6d981c is not available.", r.lines()[1]["message"])
		}
	}
}

// query is that of the latest request.
func query(h *hardline) string {
	_, q, _ := strings.Cut(h.seen[len(h.seen)-1], "?")
	return q
}

func TestWebexAnswersAboutAgentsThatTellNothing(t *testing.T) {
	for name, body := range map[string]string{
		"nothing": ``, "an object": `{}`, "an empty list": `{"supervisorAgentStatus":[]}`, "a page": `<html>`, "half": `{"supervisorAgentStatus":[{"id":"x"`,
		"a stranger": `{"supervisorAgentStatus":[{"id":"x","status":"NOT_AVAILABLE","message":"?"}]}`, "no objects": `{"supervisorAgentStatus":["x",7]}`,
	} {
		h, ids, wx := crew(t, true, 4)
		h.disturb = func(w http.ResponseWriter, r *http.Request) bool {
			w.WriteHeader(206)
			fmt.Fprint(w, body)
			return true
		}
		r := wx("assignments", "add", "supervisor:"+ids[0], ids[2], ids[3])
		e := r.fails(exitPartial, "partial")
		require.Equal(t, "unknown", e["applied"], name)
		require.Equal(t, []any{"unknown", "unknown"}, column(r, "result"), name)
	}
}

func TestWebexLostAnswersOfAWriteOfAgents(t *testing.T) {
	for _, attempts := range []string{"1", "4"} {
		h, ids, wx := crew(t, false, 4)
		h.disturb = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "PUT" { // carried out, and the answer is lost
				h.disturb = nil
				h.supervisors[false][uuid(0)] = append(h.supervisors[false][uuid(0)], uuid(2))
				lose(w)
				return true
			}
			return false
		}
		r := wx("--max-attempts", attempts, "assignments", "add", "supervisor:"+ids[0], ids[2], ids[3])
		if attempts == "1" {
			require.Equal(t, "unknown", r.fails(exitPartial, "partial")["applied"])
			require.Equal(t, []any{"applied", "unknown"}, column(r, "result"), "one of them shows")
			continue
		}
		r.done()
		require.Equal(t, []any{"applied", "applied"}, column(r, "result"), "the duplicate is our own work")
		require.Equal(t, []string{uuid(1), uuid(2), uuid(3)}, h.supervisors[false][uuid(0)])
	}
}

func TestWebexRefusalsOfAWholeWrite(t *testing.T) {
	for status, c := range map[int]struct {
		after string
		class string
	}{403: {"", "permission"}, 409: {"", "conflict"}, 423: {"90", "unavailable"}, 429: {"90", "rate_limited"}} {
		h, ids, wx := crew(t, true, 3)
		h.disturb = func(w http.ResponseWriter, r *http.Request) bool {
			if c.after != "" {
				w.Header().Set("Retry-After", c.after)
			}
			h.no(w, status, 25008, "not now")
			return true
		}
		r := wx("--max-wait", "10ms", "assignments", "add", "supervisor:"+ids[0], ids[2])
		require.Equal(t, "no", r.fails(exitPartial, "partial")["applied"])
		require.Equal(t, []any{"failed"}, column(r, "result"))
		require.Equal(t, []any{"25008"}, column(r, "code"))
		require.Contains(t, r.lines()[0]["message"], "not now")
		if c.after != "" {
			require.Contains(t, r.lines()[0]["message"], "asked to wait 1m30s")
		}
		require.Len(t, h.seen, 1, "the vendor is not hammered")
	}
}

func TestWebexTheOtherTier(t *testing.T) {
	for _, assist := range []bool{true, false} {
		h, ids, wx := crew(t, assist, 3)
		other := h.supervisors[!assist]
		other[uuid(2)] = []string{uuid(1)}
		queue := hydraID("CALL_QUEUE", uuid(900))
		h.queues[!assist][uuid(900)] = object{"id": queue, "name": "Support", "locationId": "TG9j", "agents": []any{object{"id": ids[1]}}}
		for _, line := range []string{
			"add supervisor:" + ids[2] + " " + ids[0], "remove supervisor:" + ids[2] + " " + ids[1],
			"add queue:" + queue + " " + ids[0], "remove queue:" + queue + " " + ids[1], "suspend queue:" + queue + " " + ids[1],
		} {
			r := wx(args("assignments " + line)...)
			require.Equal(t, "no", r.fails(exitPartial, "partial")["applied"], line)
			require.Equal(t, []any{"failed"}, column(r, "result"), line)
			require.Contains(t, r.lines()[0]["message"], map[bool]string{true: "basic cannot be seen", false: "assist cannot be seen"}[assist], line)
		}
		for _, target := range []string{"supervisor:" + ids[2], "queue:" + queue} {
			e := wx("assignments", "list", "--target", target).silent().fails(exitFailed, "not_found")
			require.Equal(t, "no", e["applied"])
		}
		require.Equal(t, []string{uuid(1)}, other[uuid(2)])
		for _, r := range h.seen {
			require.False(t, strings.HasPrefix(r, "POST"), "nobody is made a supervisor unasked: %s", r)
			require.NotContains(t, r, "PUT /v1/telephony/config/locations")
		}
	}
}

func TestWebexAThousandAgentsInOneCommand(t *testing.T) {
	h, ids, wx := crew(t, true, 1002)
	users := slices.Clone(ids[2:])
	users[500], users[501] = hydraID("PEOPLE", uuid(99999)), ids[1] // nobody, and one who is there
	slices.Reverse(users)
	r := wx(append([]string{"assignments", "add", "supervisor:" + ids[0]}, users...)...)
	r.fails(exitPartial, "partial")
	for i, o := range r.lines() {
		want := "applied"
		switch users[i] {
		case ids[1]:
			want = "already"
		case hydraID("PEOPLE", uuid(99999)):
			want = "failed"
		}
		require.Equal(t, want, o["result"])
		require.Equal(t, users[i], o["assignment"].(object)["userId"])
	}
	require.Len(t, h.seen, 3, "one write and one look, a page and its end")
	require.Len(t, h.supervisors[true][uuid(0)], 999)
}

func TestWebexAgentsForPeople(t *testing.T) {
	h, ids, _ := crew(t, true, 3)
	plain := func(line string) result { return rollcall(t, h.env("assist"), args("--vendor webex "+line)...) }
	r := plain("assignments add supervisor:" + ids[0] + " " + ids[1] + " " + uuid(77) + " " + ids[2])
	require.Equal(t, exitPartial, r.code)
	require.Equal(t, 4, strings.Count(r.out, "\n"))
	for _, word := range []string{"already", "DUPLICATE", "failed", "NOT_AVAILABLE", "applied"} {
		require.Contains(t, r.out, word)
	}
	require.Equal(t, 1, strings.Count(r.err, "\n"), "one plain sentence: %s", r.err)
	r = plain("assignments remove supervisor:" + ids[0] + " " + ids[1] + " " + ids[2])
	require.Equal(t, exitPartial, r.code)
	require.Contains(t, r.out, "without an agent")
	require.Contains(t, plain("assignments list --target supervisor:"+ids[0]).out, ids[2])
}
