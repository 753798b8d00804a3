package webex

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/internal/wire"
)

const (
	keyA = "9508978d-9bad-4faa-a9c4-09d85d8fdce6"
	keyB = "bc2214e6-3c7e-4dd0-977c-374e9a6d981c"
)

// forms are the ways to write the id of one agent.
func forms(key string) map[string]ID {
	h := NewID(TypePerson, key)
	return map[string]ID{
		"hydra": h, "padded": h + ID(strings.Repeat("=", (4-len(h)%4)%4)), "uuid": ID(key), "upper": ID(strings.ToUpper(key)),
		"workspace": NewID(TypeWorkspace, key), "line": NewID(TypeVirtualLine, key), "address": ID("ciscospark://us/PEOPLE/" + key),
	}
}

func added(ids ...ID) (out []AgentChange) {
	for _, id := range ids {
		out = append(out, AgentChange{ID: id, Action: AddAgent})
	}
	return out
}

func readAnswer(t *testing.T, body string) *agentsAnswer {
	t.Helper()
	a := new(agentsAnswer)
	require.NoError(t, wire.Unmarshal([]byte(body), a))
	return a
}

func TestAnAnswerFindsItsAgentWhateverTheFormOfTheID(t *testing.T) {
	for asked, sent := range forms(keyA) {
		for told, id := range forms(keyA) {
			body := fmt.Sprintf(`{"supervisorAgentStatus":[{"id":%q,"status":"DUPLICATE","message":"[Error 6612] Agent %s is already assigned to `+
				`the supervisor."}]}`, id, keyA)
			got := readAnswer(t, body).results(added(ID(keyB), sent), http.StatusPartialContent, false)
			require.Equal(t, []AgentResult{
				{ID: ID(keyB), Action: AddAgent, State: AgentDone},
				{ID: sent, Action: AddAgent, State: AgentRefused, Status: AgentDuplicate,
					Message: "[Error 6612] Agent " + keyA + " is already assigned to the supervisor."},
			}, got, "sent as %s, told as %s", asked, told)
		}
	}
}

func TestWhatAnAnswerMeansForEachAgent(t *testing.T) {
	const a, b = `"id":"` + keyA + `"`, `"id":"` + keyB + `"`
	list := func(items ...string) string { return `{"supervisorAgentStatus":[` + strings.Join(items, ",") + `]}` }
	for name, c := range map[string]struct {
		status   int
		repeated bool
		body     string
		want     [2]AgentState
	}{
		"nothing, 204":         {204, false, ``, [2]AgentState{AgentDone, AgentDone}},
		"nothing, 200":         {200, false, ``, [2]AgentState{AgentDone, AgentDone}},
		"an empty object, 201": {201, false, `{}`, [2]AgentState{AgentDone, AgentDone}},
		"the supervisor, 201":  {201, false, `{"id":"x"}`, [2]AgentState{AgentDone, AgentDone}},
		"an empty list, 200":   {200, false, list(), [2]AgentState{AgentDone, AgentDone}},
		"an empty list, 206":   {206, false, list(), [2]AgentState{AgentUnclear, AgentUnclear}},
		"no list, 206":         {206, false, `{}`, [2]AgentState{AgentUnclear, AgentUnclear}},
		"null, 206":            {206, false, `{"supervisorAgentStatus":null}`, [2]AgentState{AgentUnclear, AgentUnclear}},
		"one refused": {206, false, list(`{` + b + `,"status":"NOT_AVAILABLE","message":"no"}`),
			[2]AgentState{AgentDone, AgentRefused}},
		"one refused, 200": {200, false, list(`{` + a + `,"status":"DUPLICATE"}`), [2]AgentState{AgentRefused, AgentDone}},
		"in the other order": {206, false, list(`{`+b+`,"status":"X"}`, `{`+a+`,"status":"Y"}`),
			[2]AgentState{AgentRefused, AgentRefused}},
		"all listed": {206, false, list(`{`+b+`,"status":"success"}`, `{`+a+`,"status":"Ok"}`),
			[2]AgentState{AgentDone, AgentDone}},
		"an undocumented word":  {206, false, list(`{` + a + `,"status":"FAILED"}`), [2]AgentState{AgentRefused, AgentDone}},
		"no status":             {206, false, list(`{` + a + `}`), [2]AgentState{AgentUnclear, AgentDone}},
		"a status that is none": {206, false, list(`{` + a + `,"status":{"x":1}}`), [2]AgentState{AgentUnclear, AgentDone}},
		"a number for a status": {206, false, list(`{` + a + `,"status":6612}`), [2]AgentState{AgentRefused, AgentDone}},
		"by the message alone": {206, false, list(`{"status":"NOT_AVAILABLE","message":"Agent ` + strings.ToUpper(keyB) +
			`. is not available."}`), [2]AgentState{AgentDone, AgentRefused}},
		"about nobody": {206, false, list(`{"id":"zz","status":"NOT_AVAILABLE","message":"who?"}`),
			[2]AgentState{AgentUnclear, AgentUnclear}},
		"about one and about nobody": {206, false, list(`{`+a+`,"status":"DUPLICATE"}`, `{"status":"X"}`),
			[2]AgentState{AgentRefused, AgentUnclear}},
		"something good about nobody": {206, false, list(`{`+a+`,"status":"DUPLICATE"}`, `{"id":"zz","status":"OK"}`),
			[2]AgentState{AgentRefused, AgentDone}},
		"an entry that cannot be read": {206, false, list(`{`+a+`,"status":"DUPLICATE"}`, `"oops"`, `7`),
			[2]AgentState{AgentRefused, AgentUnclear}},
		"twice, good and bad": {206, false, list(`{`+a+`,"status":"NOT_AVAILABLE"}`, `{`+a+`,"status":"OK"}`),
			[2]AgentState{AgentRefused, AgentDone}},
		"twice, bad and good": {206, false, list(`{`+a+`,"status":"OK"}`, `{`+a+`,"status":"NOT_AVAILABLE"}`),
			[2]AgentState{AgentRefused, AgentDone}},
		"a duplicate and a refusal": {206, false, list(`{`+a+`,"status":"DUPLICATE"}`, `{`+a+`,"status":"NOT_AVAILABLE"}`),
			[2]AgentState{AgentRefused, AgentDone}},
		"a duplicate and nothing clear": {206, false, list(`{`+a+`,"status":"DUPLICATE"}`, `{`+a+`}`), [2]AgentState{AgentUnclear, AgentDone}},
		"nothing clear and a duplicate": {206, false, list(`{`+a+`}`, `{`+a+`,"status":"DUPLICATE"}`), [2]AgentState{AgentUnclear, AgentDone}},
		"nothing clear and a refusal":   {206, false, list(`{`+a+`}`, `{`+a+`,"status":"X"}`), [2]AgentState{AgentRefused, AgentDone}},
		"taken, and not done yet":       {202, false, ``, [2]AgentState{AgentUnclear, AgentUnclear}},
		"taken, and one refused":        {202, false, list(`{` + a + `,"status":"NOT_AVAILABLE"}`), [2]AgentState{AgentRefused, AgentUnclear}},
		"a duplicate on a repeat": {206, true, list(`{`+a+`,"status":"duplicate"}`, `{`+b+`,"status":"NOT_AVAILABLE"}`),
			[2]AgentState{AgentDone, AgentRefused}},
		"type and other fields are there": {206, false, list(`{` + a + `,"status":"DUPLICATE","type":"PEOPLE","more":[1]}`),
			[2]AgentState{AgentRefused, AgentDone}},
	} {
		t.Run(name, func(t *testing.T) {
			answer := new(agentsAnswer)
			if c.body != "" {
				answer = readAnswer(t, c.body)
			}
			got := answer.results(added(ID(keyA), ID(keyB)), c.status, c.repeated)
			require.Equal(t, c.want, [2]AgentState{got[0].State, got[1].State}, "%+v", got)
		})
	}
}

// TestOfTwoEntriesTheWorseCounts, in whatever order they come.
func TestOfTwoEntriesTheWorseCounts(t *testing.T) {
	for _, order := range [][2]string{{"DUPLICATE", "NOT_AVAILABLE"}, {"NOT_AVAILABLE", "DUPLICATE"}} {
		answer := readAnswer(t, fmt.Sprintf(`{"supervisorAgentStatus":[{"id":%[1]q,"status":%[2]q},{"id":%[1]q,"status":%[3]q}]}`, keyA, order[0],
			order[1]))
		got := answer.results(added(ID(keyA)), http.StatusPartialContent, false)
		require.Equal(t, []any{AgentRefused, AgentNotAvailable}, []any{got[0].State, got[0].Status}, order)
	}
}

func TestADuplicateOnARepeatedRemovalIsNotDone(t *testing.T) {
	answer := readAnswer(t, `{"supervisorAgentStatus":[{"id":"`+keyA+`","status":"DUPLICATE"}]}`)
	got := answer.results([]AgentChange{{ID: ID(keyA), Action: DeleteAgent}}, http.StatusPartialContent, true)
	require.Equal(t, AgentRefused, got[0].State)
}

// FuzzAgentsAnswer: whatever the answer, each agent gets one result, in order, and
// who is mentioned by its own id with a word of refusal is never called done.
func FuzzAgentsAnswer(f *testing.F) {
	for _, body := range []string{``, `{}`, `[]`, `{"supervisorAgentStatus":[{"id":"` + keyA + `","status":"DUPLICATE","message":"m"}]}`,
		`{"supervisorAgentStatus":{}}`, `{"supervisorAgentStatus":[null,1,{"id":null}]}`, `<html>`} {
		f.Add([]byte(body), 206, true)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int, repeated bool) {
		var a agentsAnswer
		if wire.Unmarshal(body, &a) != nil {
			return
		}
		sent := added(NewID(TypeWorkspace, keyA), ID(keyB))
		got := a.results(sent, status, repeated)
		require.Len(t, got, 2)
		for i, r := range got {
			require.Equal(t, sent[i].ID, r.ID)
			require.Contains(t, []AgentState{AgentDone, AgentRefused, AgentUnclear}, r.State)
		}
		for _, e := range a.entries {
			if e.ID == keyA && e.Status != "" && !AgentStatus(e.Status).done() && !(repeated && AgentStatus(e.Status).is(AgentDuplicate)) {
				require.NotEqual(t, AgentDone, got[0].State)
			}
		}
		if _, err := json.Marshal(got); err != nil {
			t.Fatal(err)
		}
	})
}
