package roster_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
)

const wholeWant = `{
  "have":    [{"person": "kim@example.com", "account": "avaya", "password": "FIRST_PASSWORD",
               "spec": {"login": "kim@example.com", "firstName": "Kim", "lastName": "Park", "roles": ["Agent"], "fields": {"x": 1.50}},
               "links": [{"target": {"kind": "queue", "id": "Q1"}, "level": 3}]}],
  "gone":    ["lee@example.com"],
  "blocked": ["pat@example.com"],
  "members": [{"account": "libh3lp", "target": {"kind": "queue", "id": "34814"}, "mode": "exact",
               "people": ["ana"], "within": ["ana", "bo"], "level": null, "floor": 1},
              {"account": "libh3lp", "target": {"kind": "queue", "id": "1"}, "mode": "exact", "people": ["ana"], "within": "everyone"}],
  "change":  {"kim@example.com": {"avaya": {"lastName": "Souza", "email": null}}}
}`

func TestParseWant_ReadsTheWholeFormat(t *testing.T) {
	w, err := roster.ParseWant([]byte(`{"change":{"kim@example.com":{"avaya":{"lastName":"Souza","email":null}}}}`))
	require.NoError(t, err)
	change := w.Change["kim@example.com"]["avaya"]
	assert.Equal(t, "Souza", change.LastName.Or(""))
	assert.True(t, change.Email.IsClear())
	assert.True(t, change.FirstName.IsZero())

	_, err = roster.ParseWant([]byte(wholeWant))
	require.ErrorIs(t, err, roster.ErrRefused, "lastName has two values")
	assert.ErrorContains(t, err, "change.kim@example.com.avaya: lastName has another value in have[0].spec")
}

func TestParseWant_NamesThePlaceOfAMistake(t *testing.T) {
	for text, says := range map[string]string{
		`{"haev":[]}`:                 "haev: there is no such member",
		`{"Gone":[]}`:                 "Gone: there is no such member",
		`{"gone":["a"],"gone":["b"]}`: "gone stands there twice",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a",` +
			`"pasword":1}}]}`: "have[0].spec.pasword: there is no such member",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a",` +
			`"password":"s3"}}]}`: "have[0].spec.password: a want holds no password",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a",` +
			`"fields":{"Password":"s"}}}]}`: "have[0].spec.fields.Password: a want holds no password",
		`{"change":{"a":{"x":{"fields":{"userPwd":"s"}}}}}`: "change.a.x.fields.userPwd",
		`{"have":[{"person":"a",` +
			`"spec":{"login":"a"}}]}`: "have[0]: the account is missing",
		`{"have":[{"person":"a","account":"x","spec":{}}]}`:                                                          "have[0].spec: a login",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a"},"links":[{"target":{"kind":"quue","id":"1"}}]}]}`: "have[0].links[0]",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a"}},{"person":"A","account":"x",` +
			`"spec":{"login":"a"}}]}`: "have[1]: A is in have[0]",
		`{"gone":["a"],"blocked":["sip:A"]}`: `blocked[0]: sip:A ` +
			`is in "gone" as well`,
		`{"gone":[""]}`: "gone[0]: the person has no name",
		`{"gone":["a"],"until":"2026-12-01T18:00:00Z"}`: "until",
		`{"members":[{"account":"x","target":{"kind":"queue","id":"1"},` +
			`"people":["a"]}]}`: "members[0]: the mode is missing",
		`{"members":[{"account":"x","target":{"kind":"queue","id":"1"},"mode":"all","people":["a"]}]}`: `members[0].mode: ` +
			`there is no mode "all"`,
		`{"members":[{"account":"x","target":{"kind":"queue","id":"1"},"mode":"exact","within":["a"]}]}`:             "needs people",
		`{"members":[{"account":"x","target":{"kind":"queue","id":"1"},"mode":"exact","people":[],"within":["a"]}]}`: "empties the target",
		`{"members":[{"account":"x","target":{"kind":"queue","id":"1"},"mode":"exact","people":["a"]}]}`:             `needs "within"`,
		`{"members":[{"account":"x","target":{"kind":"queue","id":"1"},"mode":"add"}]}`:                              "needs people",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a"},"links":[{"target":{"kind":"queue","id":"1"}}]}],
		  "members":[{"account":"x","target":{"kind":"queue","id":"1"},"mode":"remove","people":["A"]}]}`: "takes away the link",
		`{"change":{"a":{"x":{"if":{"revision":"1"}}}}}`: "what must still hold",
		`{"gone":["a"]} {}`:          "text after the object",
		`{"gone":["a"]} x`:           "text after the object",
		`{"gone":["a"]}]`:            "text after the object",
		`{"gone":["a"]},`:            "text after the object",
		`[]`:                         "want",
		`null`:                       "not an object",
		"{\n\"gone\":[\"J\xfcrg\"]}": "line 2: the text is not UTF-8",
		`{"gone":["J\udcfcrg"]}`:     `\udcfc is half of a character`,
		`{"gone":["J\ud83d\u0041"]}`: `\ud83d is half of a character`,
		`{"change":{"a":{"x":{"email":"a@x"}},"A ` +
			`":{"x":{"email":"b@x"}}}}`: "is the same person",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a"},` +
			`"password":"S3cret!"}]}`: "have[0].password: it is the name",
		`{"have":[{"person":"a","account":"x","spec":{"login":"a"},"links":[{"target":{"kind":"queue","id":"1"},"level":1},` +
			`{"target":{"kind":"queue","id":"1"},"level":2}]}]}`: "have[0].links[1]: the link to queue:1 stands there with another level",
	} {
		_, err := roster.ParseWant([]byte(text))
		require.ErrorIs(t, err, roster.ErrRefused, text)
		assert.ErrorIs(t, err, core.ErrInvalid)
		assert.ErrorContains(t, err, says, text)
	}
	_, err := roster.ParseWant([]byte(`{"members":[{"account":"x","target":{"kind":"queue","id":"1"},"mode":"exact","people":[],` +
		`"within":"everyone","floor":0}]}`))
	assert.NoError(t, err)
	w, err := roster.ParseWant([]byte("\ufeff" + `{"gone":["\ud83d\ude00\\u00"],"blocked":["b"]}` + "\r\n"))
	require.NoError(t, err, "a byte order mark, a whole pair, and a blank line at the end")
	assert.Equal(t, []string{"😀\\u00"}, w.Gone)
}

// A person who is named in two ways is one person, for every rule about one person.
func TestWantPlan_RefusesTwoWishesForOnePersonUnderTwoNames(t *testing.T) {
	w := newWorld()
	id := w.add("kim@x.test", q1)
	u := w.users[id]
	u.Login = "kim"
	w.users[id] = u
	c, err := roster.Take(t.Context(), roster.Fleet{"fake": store{w}})
	require.NoError(t, err)

	link := func(target core.Target, level *int) []core.Assignment {
		return []core.Assignment{{Target: target, Level: level}}
	}
	hire := func(person string, links ...core.Assignment) roster.Hire {
		return roster.Hire{Person: person, Account: "fake", Spec: core.UserSpec{Login: person}, Links: links}
	}
	members := func(mode roster.Mode, level *int, people ...string) roster.Members {
		return roster.Members{Account: "fake", Target: q1, Mode: mode, People: people, Level: level}
	}
	rename := func(to string) map[string]core.UserChange {
		return map[string]core.UserChange{"fake": {LastName: core.Set(to)}}
	}
	for says, want := range map[string]roster.Want{
		`in "have" and in "gone"`: {Have: []roster.Hire{hire("kim")}, Gone: []string{"kim@x.test"}},
		`in "have" twice`:         {Have: []roster.Hire{hire("kim"), hire("kim@x.test")}},
		`in "have" or "gone"`:     {Gone: []string{"kim"}, Blocked: []string{"kim@x.test"}},
		`is in "blocked", and in`: {Have: []roster.Hire{hire("kim")}, Blocked: []string{"kim@x.test"}},
		"two values":              {Change: map[string]map[string]core.UserChange{"kim": rename("Park"), "kim@x.test": rename("Souza")}},
		"wanted and taken away":   {Members: []roster.Members{members(roster.Add, nil, "kim"), members(roster.Remove, nil, "kim@x.test")}},
		"two levels":              {Members: []roster.Members{members(roster.Add, new(2), "kim"), members(roster.Add, new(3), "kim@x.test")}},
		"gets the login NEW":      {Have: []roster.Hire{hire("new"), {Person: "other", Account: "fake", Spec: core.UserSpec{Login: "NEW"}}}},
	} {
		_, err := want.Plan(c)
		require.ErrorIs(t, err, roster.ErrRefused, says)
		assert.ErrorContains(t, err, says)
	}

	p, err := roster.Want{Have: []roster.Hire{hire("kim", link(q2, nil)...)},
		Members: []roster.Members{{Account: "fake", Target: q2, Mode: roster.Add, People: []string{"kim@x.test"}, Level: new(3)}}}.Plan(c)
	require.NoError(t, err, "one entry leaves the level open, the other names it")
	require.Len(t, p.Steps, 1)
	require.Len(t, p.Steps[0].Links, 1)
	assert.Equal(t, new(3), p.Steps[0].Links[0].Level)
}

// What the vendor does not offer is a gap in the plan, not a step that cannot succeed.
func TestWantPlan_TellsWhatTheVendorDoesNotOffer(t *testing.T) {
	w := newWorld()
	w.noField = "displayName"
	w.add("kim@x.test", q1)
	lob := core.Target{Kind: core.KindLOB, ID: "1"}
	add := func(target core.Target, level *int) roster.Want {
		return roster.Want{Members: []roster.Members{{Account: "fake", Target: target, Mode: roster.Add, People: []string{"kim@x.test"},
			Level: level}}}
	}
	for says, want := range map[string]roster.Want{
		"no assignments of kind lob":      add(lob, nil),
		"no level for the kind profile":   add(core.Target{Kind: core.KindProfile, ID: "p"}, new(1)),
		"the level 10 is not one of fake": add(q2, new(10)),
		"displayName cannot be changed":   {Change: map[string]map[string]core.UserChange{"kim@x.test": {"fake": {DisplayName: core.Set("K")}}}},
		"displayName cannot be set": {Have: []roster.Hire{{Person: "new", Account: "fake", Spec: core.UserSpec{Login: "new",
			DisplayName: "N"}}}},
		"displayName cannot be changed: ": {Have: []roster.Hire{{Person: "kim@x.test", Account: "fake", Spec: core.UserSpec{Login: "kim@x.test",
			DisplayName: "N"}}}},
	} {
		p := planOf(t, w, want)
		assert.Empty(t, p.Steps, says)
		require.Len(t, p.Gaps, 1, says)
		assert.Contains(t, p.Gaps[0].Why, says)
	}

	c, err := roster.Take(t.Context(), roster.Fleet{"fake": store{w}})
	require.NoError(t, err)
	for _, value := range []core.Opt[string]{core.Set(""), core.Clear[string]()} {
		_, err = roster.Want{Change: map[string]map[string]core.UserChange{"kim@x.test": {"fake": {Login: value}}}}.Plan(c)
		require.ErrorIs(t, err, roster.ErrRefused)
		assert.ErrorContains(t, err, "login of kim@x.test cannot be cleared")
	}
}

func TestWantPlan_ReadsAGUIDInAnyCase(t *testing.T) {
	w := newWorld()
	queue := core.Target{Kind: core.KindQueue, ID: "0d1f6a52-3f0e-4a44-9c1b-6a2f10c5e701"}
	w.users["5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b"] = core.User{Vendor: "fake", ID: "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b", Login: "kim",
		Enabled: new(true)}
	w.links["5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b"] = map[string]core.Assignment{
		queue.String(): {UserID: "5b0f9a8e-2c3d-4e5f-8a9b-1c2d3e4f5a6b", Target: queue}}
	upper := queue
	upper.ID = strings.ToUpper(queue.ID)

	p := planOf(t, w, roster.Want{Members: []roster.Members{{Account: "fake", Target: upper, Mode: roster.Remove,
		People: []string{"fake:5B0F9A8E-2C3D-4E5F-8A9B-1C2D3E4F5A6B"}}}})
	require.Len(t, p.Steps, 1)
	assert.Equal(t, core.OpUnassign, p.Steps[0].Op)
	assert.Equal(t, queue, p.Steps[0].Links[0].Target, "as the vendor spells it")
	p = planOf(t, w, roster.Want{Members: []roster.Members{{Account: "fake", Target: upper, Mode: roster.Add, People: []string{"kim"}}}})
	assert.Empty(t, p.Steps, "the link is there")
}

func TestWantPlan_AdoptsWhoIsThere(t *testing.T) {
	w := newWorld()
	id := w.add("kim@x.test", q1)
	u := w.users[id]
	u.Enabled = new(false)
	w.users[id] = u
	p := planOf(t, w, roster.Want{Have: []roster.Hire{{Person: "KIM@x.test", Account: "fake",
		Spec: core.UserSpec{Login: "kim@x.test", LastName: "Park"}, Links: []core.Assignment{{Target: q1}, {Target: q2}}}}})
	require.Len(t, p.Steps, 2)
	assert.Equal(t, core.OpUpdateUser, p.Steps[0].Op)
	assert.Equal(t, map[string]any{"lastName": nil}, p.Steps[0].If.Values)
	assert.Equal(t, core.OpAssign, p.Steps[1].Op)
	assert.Len(t, p.Steps[1].Links, 1)
	require.Len(t, p.Gaps, 1)
	assert.Contains(t, p.Gaps[0].Why, "is disabled")
	require.Len(t, p.Holds, 1)
}

func TestWantPlan_NeverGuesses(t *testing.T) {
	w := newWorld()
	a, b := w.add("one@x.test"), w.add("two@x.test")
	for _, id := range []string{a, b} {
		u := w.users[id]
		u.Email = "shared@x.test"
		w.users[id] = u
	}
	c, err := roster.Take(t.Context(), roster.Fleet{"fake": store{w}})
	require.NoError(t, err)
	_, err = roster.Want{Gone: []string{"shared@x.test"}}.Plan(c)
	var two *roster.Ambiguous
	require.ErrorAs(t, err, &two)
	assert.Equal(t, []string{a, b}, two.IDs)
	require.ErrorIs(t, err, core.ErrConflict)

	p, err := roster.Want{Gone: []string{"fake:" + b}}.Plan(c)
	require.NoError(t, err)
	for _, s := range p.Steps {
		assert.Equal(t, b, s.User)
	}
	_, err = c.Person("shared@x.test")
	assert.ErrorAs(t, err, &two)
	person, err := c.Person("ONE@x.test")
	require.NoError(t, err)
	assert.Equal(t, a, person.Accounts["fake"].ID)
}

func TestWantPlan_StripsWhoCannotBeDeleted(t *testing.T) {
	w := newWorld()
	w.lacks, w.least = []core.Operation{core.OpDeleteUser}, 1
	profile := core.Target{Kind: core.KindProfile, ID: "p"}
	w.add("lee@x.test", q1, profile)
	p := planOf(t, w, roster.Want{Gone: []string{"lee@x.test"}})
	var ops []core.Operation
	for _, s := range p.Steps {
		ops = append(ops, s.Op)
	}
	assert.Equal(t, []core.Operation{core.OpBlock, core.OpUnassign, core.OpUpdateUser}, ops)
	assert.Len(t, p.Steps[1].Links, 1)
	assert.Len(t, p.Gaps, 2, "the last profile stays, and the user stays")
}

func TestWantPlan_GoneNeedsAProof(t *testing.T) {
	w := newWorld()
	w.add("somebody@x.test")
	c, err := roster.Take(t.Context(), roster.Fleet{"fake": store{w}}, roster.Only("nobody@x.test"))
	require.NoError(t, err)
	assert.Equal(t, []string{"nobody@x.test"}, c.Absent())
	p, err := roster.Want{Gone: []string{"nobody@x.test"}}.Plan(c)
	require.NoError(t, err)
	assert.Empty(t, p.Steps)
	assert.Empty(t, p.Gaps)
	p, err = roster.Want{Gone: []string{"other@x.test"}}.Plan(c)
	require.NoError(t, err)
	assert.Len(t, p.Gaps, 1, "nobody asked for that person")
}

func TestWantPlan_FreesNamesFirst(t *testing.T) {
	w := newWorld()
	w.add("old@x.test")
	a, b := w.add("a@x.test"), w.add("b@x.test")
	p := planOf(t, w, roster.Want{
		Have: []roster.Hire{{Person: "new", Account: "fake", Spec: core.UserSpec{Login: "old@x.test"}}},
		Gone: []string{"old@x.test"},
		Change: map[string]map[string]core.UserChange{"fake:" + a: {"fake": {Login: core.Set("b@x.test")}},
			"fake:" + b: {"fake": {Login: core.Set("c@x.test")}}},
	})
	after := map[string][]string{}
	for _, s := range p.Steps {
		after[s.ID] = s.After
	}
	assert.Equal(t, []string{"old@x.test/fake/users.delete"}, after["new/fake/users.create"])
	assert.Equal(t, []string{"b@x.test/fake/users.update"}, after["a@x.test/fake/users.update"])
	_, err := runOn(w, newJournal(t)).Apply(t.Context(), p)
	require.NoError(t, err)

	// Two who swap their logins wait for each other.
	w = newWorld()
	a, b = w.add("a@x.test"), w.add("b@x.test")
	p = planOf(t, w, roster.Want{Change: map[string]map[string]core.UserChange{
		"fake:" + a: {"fake": {Login: core.Set("b@x.test")}}, "fake:" + b: {"fake": {Login: core.Set("a@x.test")}}}})
	assert.NotEmpty(t, p.Gaps)
}

func TestApply_KeepsAFloor(t *testing.T) {
	w := newWorld()
	for _, name := range []string{"ana", "bo"} {
		w.add(name+"@x.test", q1)
	}
	w.add("cy@x.test")
	one := 1
	want := roster.Want{Members: []roster.Members{{Account: "fake", Target: q1, Mode: roster.Exact, Floor: &one,
		People: []string{"cy@x.test"}, Within: roster.Within{"ana@x.test", "bo@x.test", "cy@x.test"}}}}
	p := planOf(t, w, want)
	require.Len(t, p.Steps, 3)
	report, err := runOn(w, newJournal(t)).Apply(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 3, report.Applied)
	assert.Contains(t, w.state(), "cy@x.test First  true blocked=false queue:q1@1")

	// The add fails: its removes wait, and nobody is taken away.
	w = newWorld()
	for _, name := range []string{"ana", "bo"} {
		w.add(name+"@x.test", q1)
	}
	w.add("cy@x.test")
	p = planOf(t, w, want)
	w.strike = func(int, core.Operation) fault { return refused }
	report, err = runOn(w, newJournal(t)).Apply(t.Context(), p)
	require.Error(t, err)
	assert.Equal(t, 1, report.Failed)
	assert.Equal(t, 2, report.Waiting)
	assert.Equal(t, 1, w.sent())
}

// TestWant_HoldsNoPasswordAmongFields however it was made: a plan would keep it in a file.
func TestWant_HoldsNoPasswordAmongFields(t *testing.T) {
	hire := func(fields map[string]any) roster.Want {
		return roster.Want{Have: []roster.Hire{{Person: "kim", Account: "fake", Spec: core.UserSpec{Login: "kim", Fields: fields}}}}
	}
	for place, want := range map[string]roster.Want{
		"have[0].spec.fields.password":               hire(map[string]any{"password": json.RawMessage(`"hunter2"`)}),
		"have[0].spec.fields.features.agentPassword": hire(map[string]any{"features": map[string]any{"agentPassword": 1234}}),
		"change.kim.fake.fields.PasswordSh": {Change: map[string]map[string]core.UserChange{
			"kim": {"fake": {Fields: map[string]any{"PasswordSh": "hunter2"}}}}},
	} {
		err := want.Check()
		require.ErrorIs(t, err, roster.ErrRefused)
		require.ErrorContains(t, err, place+": a want holds no password")
		require.NotContains(t, err.Error(), "hunter2")
	}

	require.NoError(t, hire(map[string]any{"changePwdNextLogin": true, "password": nil}).Check())
}
