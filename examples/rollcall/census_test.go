package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// certificates are the verdicts of a census, by account; people its other lines, by key.
func (r result) certificates() (verdicts map[string]object, people map[string]object) {
	r.t.Helper()
	verdicts, people = map[string]object{}, map[string]object{}
	last := ""
	for _, line := range r.lines() {
		if account, ok := line["account"].(string); ok {
			require.Equal(r.t, []string{"account", "certificate"}, keys(line))
			require.Equal(r.t, []string{"users", "verdict", "why"}, keys(line["certificate"].(object)))
			verdicts[account] = line["certificate"].(object)
			continue
		}
		require.Empty(r.t, verdicts, "people come before certificates")
		require.Subset(r.t, []string{"accounts", "ambiguous", "links", "person"}, keys(line))
		key := line["person"].(string)
		if line["ambiguous"] == nil {
			require.Less(r.t, last, key, "by key")
			last = key
		}
		people[key] = line
	}
	return verdicts, people
}

// TestCensus_JoinsPeopleOverAllAccounts, and says of each list how far it can be believed.
func TestCensus_JoinsPeopleOverAllAccounts(t *testing.T) {
	c := newCentre(t)
	r := c.run("census")
	r.done()
	require.Empty(t, c.writes())
	verdicts, people := r.certificates()
	for vendor := range strings.SplitSeq(fiveVendors, ",") {
		require.Equal(t, "complete", verdicts[vendor]["verdict"], vendor)
	}
	dana := people["dana.reyes@example.com"]
	require.Equal(t, []string{"avaya", "webex"}, keys(dana["accounts"].(object)))
	require.Equal(t, "avaya", dana["links"].([]any)[0].(object)["account"])
	_, err := roster.ReadCensus(strings.NewReader(r.out), nil)
	require.NoError(t, err, "what it prints can be read back")

	// By key, by login, by any address, in any case, and by id.
	for name, want := range map[string]string{"DANA.Reyes@example.com": "dana.reyes@example.com", "tomas.brandt": "tomas.brandt@example.test",
		"sip:Tom.Brandt@example.internal": "tom.brandt@example.internal", "desk-bo": "bo@library.example", "libh3lp:8451": "desk-anna"} {
		r := c.run("census", "--person", name)
		r.done()
		verdicts, people := r.certificates()
		require.Len(t, verdicts, 5)
		require.Equal(t, []string{want}, slices.Collect(maps.Keys(people)), name)
	}
	r = c.run("census", "--person", "misspelt@example.com")
	r.done()
	require.Contains(t, r.err, "nobody is called misspelt@example.com")
}

// TestCensus_NamesBothOfAnAmbiguousPerson: asked for it is an error; else each stands on
// a line of its own.
func TestCensus_NamesBothOfAnAmbiguousPerson(t *testing.T) {
	c := newCentre(t)
	c.run("--vendor", "libh3lp", "users", "update", "8451", "--email", "Bo@library.example").done()
	ambiguous := func(r result) {
		t.Helper()
		_, people := r.certificates()
		for _, id := range []string{"libh3lp:8451", "libh3lp:8452"} {
			require.Equal(t, "bo@library.example", people[id]["ambiguous"], r.out)
		}
	}
	r := c.run("census")
	r.done()
	ambiguous(r)

	r = c.run("census", "--person", "bo@library.example", "--person", "ana.silva@example.com")
	e := r.fails(exitFailed, "conflict")
	require.Contains(t, e["message"], "libh3lp:8451 or libh3lp:8452")
	ambiguous(r)
	_, people := r.certificates()
	require.Contains(t, people, "ana.silva@example.com", "it hides nobody else")
	c.run("census", "--person", "libh3lp:8451").done()
}

// TestCensus_OfWhatCanBeRead: what fails at one account does not hide the others.
func TestCensus_OfWhatCanBeRead(t *testing.T) {
	c := newCentre(t)
	c.webex.Fault(webextest.Fault{Status: 403, Body: `{"message":"no"}`, Times: -1})
	r := c.run("census")
	e := r.fails(exitFailed, "permission")
	require.Equal(t, "webex", e["account"])
	verdicts, people := r.certificates()
	require.Equal(t, "broken", verdicts["webex"]["verdict"])
	require.Equal(t, "complete", verdicts["avaya"]["verdict"])
	require.Contains(t, people, "desk-anna")

	plan := c.run("plan", c.write("want.json", `{"gone":["ana.silva@example.com"]}`))
	plan.silent().fails(exitFailed, "permission")
	require.NoFileExists(t, c.at("want.plan.json"), "a plan does not leave an account out")
}

// TestCensus_ForPeople has names before ids, and fits.
func TestCensus_ForPeople(t *testing.T) {
	c := newCentre(t)
	r := rollcall(t, c.env, args("--vendor avaya,libh3lp,liveperson,lucs,webex census")...)
	require.Equal(t, exitDone, r.code, r.err)
	require.Contains(t, r.out, "Dana Reyes")
	require.Contains(t, r.out, "webex: complete, 16 users")
	require.Contains(t, r.out, "The list of lucs is not proven whole")
	table, proofs, _ := strings.Cut(r.out, "\n\n")
	for line := range strings.Lines(table) {
		id := strings.LastIndex(line, "  ")
		require.LessOrEqual(t, id, 70, "all but the id: %s", line)
	}
	for line := range strings.Lines(proofs) {
		require.LessOrEqual(t, len([]rune(line)), 81, line)
	}
	r = rollcall(t, c.env, args("--vendor avaya,webex census --person carla.mendes@example.com")...)
	require.Contains(t, r.out, "  staffs queue Support (")
	require.Contains(t, r.out, "1 person was found; 2 accounts were asked.")
}
