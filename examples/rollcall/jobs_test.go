package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// everyVendor is a want with something to do at all five.
const everyVendor = `{
	"have": [
		{"person": "kim@example.com", "account": "avaya", "password": "FIRST",
		 "spec": {"login": "kim@example.com", "firstName": "Kim", "lastName": "Park", "email": "kim@example.com", "roles": ["Agent"]},
		 "links": [{"target": {"kind": "skill", "id": "Language.English"}}]},
		{"person": "kim.park", "account": "libh3lp", "password": "FIRST", "spec": {"login": "kim.park"},
		 "links": [{"target": {"kind": "queue", "id": "34815"}}]},
		{"person": "kim@example.com", "account": "webex", "spec": {"login": "kim@example.com", "firstName": "Kim", "lastName": "Park"}}],
	"gone": ["chiara.fonti@example.com", "nobody@example.com"],
	"blocked": ["sip:tom.brandt@example.internal", "ines.aldana@example.test"],
	"change": {"tomas.brandt@example.test": {"liveperson": {"displayName": "Tom"}}}
}`

// TestJobs_ByEveryWord is a job over the five vendors, each word in a process of its own.
func TestJobs_ByEveryWord(t *testing.T) {
	c := newCentre(t)
	want := c.write("want.json", everyVendor)
	r := c.run("plan", want, "--actor", "ops", "--why", "a new shift", "--expires", "24h")
	lines := r.done()
	require.Empty(t, c.writes(), "a plan reads")
	plan := lines[len(lines)-1]["plan"].(object)
	require.Equal(t, []string{"absent", "calls", "file", "gaps", "id", "seconds", "steps"}, keys(plan))
	require.Equal(t, []any{"nobody@example.com"}, plan["absent"])
	file := c.at("want.plan.json")
	require.Equal(t, file, plan["file"])
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())

	vendors := map[any]bool{}
	gaps := 0
	for _, line := range lines {
		if step, ok := line["step"].(object); ok {
			vendors[step["account"]] = true
		}
		if line["gap"] != nil {
			gaps++
		}
	}
	require.Len(t, vendors, 5)
	require.NotZero(t, gaps, "that LUCS has nobody cannot be proven")

	shown := c.quiet(func() result { return rollcall(t, nil, "--json", "show", file) }).done()
	require.Equal(t, lines[:len(lines)-1], shown[:len(shown)-1], "as plan printed it, without any settings")

	id := plan["id"].(string)
	c.quiet(func() result { return c.run("status", id, "--journal", c.at("rollcall.journal")) }).fails(exitFailed, "not_found")
	r = c.run("apply", file)
	require.Equal(t, exitPartial, r.code, r.err)
	e := r.fails(exitPartial, "partial")
	require.Contains(t, e["message"], "gaps")
	for step, result := range r.steps() {
		require.Equal(t, "applied", result, "%s: %s", step, r.out)
	}
	require.Equal(t, plan["steps"], json.Number(r.report()["applied"].(json.Number)))
	require.NotNil(t, c.user("avaya", "kim@example.com"))
	require.Nil(t, c.user("avaya", "chiara.fonti@example.com"))

	// What is done stays done.
	before := len(c.writes())
	again := c.run("apply", file)
	require.Equal(t, exitPartial, again.code)
	require.Equal(t, r.report(), again.report())
	require.Equal(t, before, len(c.writes()))

	journal := c.at("rollcall.journal")
	status := c.quiet(func() result { return rollcall(t, nil, "--json", "status", id, "--journal", journal) })
	status.done()
	require.Equal(t, json.Number("0"), status.report()["open"])
	require.Equal(t, r.steps(), status.steps())

	c.receipts(journal)

	// Undone is what can be: a delete is a gap.
	r = c.run("undo", id, "--journal", journal)
	require.Equal(t, exitPartial, r.code, r.err)
	require.NotContains(t, r.out, `"failed","message"`)
	require.Nil(t, c.user("avaya", "kim@example.com"))
	require.Nil(t, c.user("webex", "kim@example.com"))
	require.Equal(t, "Tomas", c.user("liveperson", "tomas.brandt")["displayName"])
}

// receipts proves what was done for two people, and finds who is back.
func (c *centre) receipts(journal string) {
	t := c.t
	private, public := c.keyFiles("ours")
	_, other := c.keyFiles("other")
	file := c.at("chiara.receipt")
	c.quiet(func() result {
		return rollcall(t, nil, "--json", "receipt", "Chiara.Fonti@Example.com", "--journal", journal, "--out", file, "--sign-key", private)
	}).done()
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	lines := c.quiet(func() result { return rollcall(t, nil, "--json", "verify", file, "--key", other, "--key", public) }).done()
	require.Equal(t, []string{"ok", "person", "plan", "why"}, keys(lines[0]))
	require.Equal(t, true, lines[0]["ok"])
	require.Equal(t, "chiara.fonti@example.com", lines[0]["person"])

	r := rollcall(t, nil, "--json", "verify", file, "--key", other)
	require.Contains(t, r.fails(exitFailed, "invalid")["message"], "another key")
	require.Equal(t, false, r.lines()[0]["ok"])
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	altered := c.write("altered", strings.Replace(string(data), "chiara", "chiarb", 1))
	require.Contains(t, rollcall(t, nil, "--json", "verify", altered).fails(exitFailed, "invalid")["message"], "altered")
	c.quiet(func() result { return c.run("recheck", altered) }).fails(exitUsage, "invalid")

	unsigned := rollcall(t, nil, "receipt", "kim@example.com", "--journal", journal)
	require.Equal(t, exitDone, unsigned.code)
	plain := c.write("kim.receipt", unsigned.out)
	rollcall(t, nil, "--json", "verify", plain).done()
	rollcall(t, nil, "--json", "verify", plain, "--key", public).fails(exitFailed, "invalid")
	rollcall(t, nil, "--json", "receipt", "stranger@example.com", "--journal", journal).fails(exitFailed, "not_found")

	lines = c.run("recheck", file).done()
	require.Equal(t, true, lines[0]["ok"])
	c.run("--vendor", "avaya", "users", "create", "--login", "chiara.fonti@example.com", "--first", "Chi", "--last", "Fo").done()
	r = c.run("recheck", file)
	r.fails(exitFailed, "conflict")
	require.Equal(t, false, r.lines()[0]["ok"])
	require.Contains(t, r.lines()[0]["why"], "chiara.fonti@example.com")
}

// TestJobs_OnTheSimulatorsOfTwoProcesses: what one process planned on its simulators,
// another applies on its own.
func TestJobs_OnTheSimulatorsOfTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(dir+"/want.json", []byte(everyVendor), 0o600))
	env := map[string]string{"FIRST": "Sample-passw0rd"}
	run := func(words ...string) (r result) {
		synctest.Test(t, func(t *testing.T) {
			r = rollcall(t, env, append([]string{"--sim", "--vendor", fiveVendors, "--json"}, words...)...)
		})
		r.t = t
		return r
	}
	run("plan", dir+"/want.json").done()
	r := run("apply", dir+"/want.plan.json")
	require.Equal(t, exitPartial, r.code, r.err)
	for step, result := range r.steps() {
		require.Equal(t, "applied", result, step)
	}
}

// TestJobs_OfPeopleInAFile takes the columns of onboard, for one account.
func TestJobs_OfPeopleInAFile(t *testing.T) {
	c := newCentre(t)
	people := c.write("people.csv",
		"login,first,last,email,roles,assign\nnoor@example.com,Noor,Haddad,noor@example.com,Agent,skill:Language.English\n"+
			"amir.sahl@example.com,,,,,skill:Language.Spanish\n")
	c.quiet(func() result { return c.run("plan", people) }).fails(exitUsage, "invalid")
	c.run("--vendor", "avaya", "plan", people, "--password-env", "FIRST").done()
	plan, err := os.ReadFile(c.at("people.plan.json"))
	require.NoError(t, err)
	require.Contains(t, string(plan), `"password":"FIRST"`)
	require.NotContains(t, string(plan), c.env["FIRST"])
	r := c.run("--vendor", "avaya", "apply", c.at("people.plan.json"))
	r.done()
	require.Equal(t, map[string]string{"noor@example.com/avaya/users.create": "applied",
		"amir.sahl@example.com/avaya/assignments.add": "applied"}, r.steps())

	// Now nothing is left to do.
	lines := c.run("--vendor", "avaya", "plan", people, "--out", c.at("second.json")).done()
	require.Equal(t, json.Number("0"), lines[len(lines)-1]["plan"].(object)["steps"])
	c.run("--vendor", "avaya", "apply", c.at("second.json")).done()
}

// TestJobs_OverTwoAccountsOfOneVendor, each with variables of its own.
func TestJobs_OverTwoAccountsOfOneVendor(t *testing.T) {
	c := newCentre(t)
	env := map[string]string{"FIRST": c.env["FIRST"]}
	for name, value := range c.env {
		if strings.HasPrefix(name, "LIBH3LP_") {
			env["EMEA_"+name] = value
		}
		if strings.HasPrefix(name, "AVAYA_") {
			env["US_2_"+name] = value
		}
	}
	want := c.write("want.json", `{"gone":["desk-anna","amir.sahl@example.com"]}`)
	flags := args("--json --poll 10ms --account emea=libh3lp --account us_2=avaya")
	rollcall(t, env, append(flags, "plan", want)...).done()
	r := rollcall(t, env, append(flags, "apply", c.at("want.plan.json"))...)
	r.done()
	require.Contains(t, r.steps(), "amir.sahl@example.com/us_2/users.delete")
	require.Contains(t, r.steps(), "desk-anna/emea/users.delete")

	e := rollcall(t, c.env, args("--json --account emea=avaya plan", want)...).fails(exitUsage, "invalid")
	require.Contains(t, e["message"], "EMEA_AVAYA_BASE_URL")
	for _, wrong := range []string{"--account emea", "--account e-mea=avaya", "--account =avaya", "--account emea=acme",
		"--vendor avaya --account avaya=lucs",
		"--vendor avaya,avaya", "--vendor avaya,", "--account a=avaya --account A=lucs"} {
		rollcall(t, c.env, append(args("--json "+wrong+" plan"), want)...).fails(exitUsage, "invalid")
	}
}

// TestJobs_ALeaseEndsByItself: reap restores just what the block changed.
func TestJobs_ALeaseEndsByItself(t *testing.T) {
	c := newCentre(t)
	reap := func() result { return c.run("reap", "--journal", c.at("rollcall.journal")) }
	file, id := c.plan(`{"blocked":["ines.aldana@example.test","sip:tom.brandt@example.internal"],"until":"2020-01-01T00:00:00Z"}`)
	reap().fails(exitFailed, "not_found")
	c.run("apply", file).done()
	r := reap()
	r.done()
	require.Equal(t, "applied", r.steps()["tom.brandt@example.internal/lucs/presence.unblock"], r.out)
	require.Empty(t, c.quiet(reap).done(), "it is closed")
	require.NotEmpty(t, id)
}

// TestJobs_ForPeople prints tables, and one sentence that says what to do next.
func TestJobs_ForPeople(t *testing.T) {
	c := newCentre(t)
	want := c.write("want.json", `{"gone":["chiara.fonti@example.com","misspelt@example.com"]}`)
	run := func(words ...string) result {
		return rollcall(t, c.env, append(args("--vendor avaya --poll 10ms"), words...)...)
	}
	r := run("plan", want)
	require.Equal(t, exitDone, r.code, r.err)
	require.Contains(t, r.out, "Nobody has the name misspelt@example.com at any account")
	require.Contains(t, r.out, "rollcall [flags] apply "+c.at("want.plan.json"))
	plan, err := readPlan(c.at("want.plan.json"))
	require.NoError(t, err)
	require.Contains(t, run("show", c.at("want.plan.json")).out, plan.ID())
	r = run("apply", c.at("want.plan.json"))
	require.Equal(t, exitDone, r.code, r.err)
	require.Contains(t, r.out, "1 of 1 steps are done")
	require.Empty(t, r.err, "in a pipe it is quiet")
	require.Contains(t, run("status", plan.ID(), "--journal", c.at("rollcall.journal")).out, "1 applied")
	require.Contains(t, run("receipt", "chiara.fonti@example.com", "--journal", c.at("rollcall.journal"), "--out", c.at("r")).out,
		"not signed")
	require.Contains(t, run("verify", c.at("r")).out, "every byte")
	r = run("undo", plan.ID(), "--journal", c.at("rollcall.journal"))
	require.Equal(t, exitPartial, r.code)
	require.Contains(t, r.out, "cannot be brought back")
	require.Equal(t, 1, strings.Count(r.err, "\n"), r.err)
}

func TestPlan_KeepsAFileThatSaysSomethingElse(t *testing.T) {
	c := newCentre(t)
	one := c.write("one.json", `{"gone":["chiara.fonti@example.com"]}`)
	two := c.write("two.json", `{"gone":["amir.sahl@example.com"]}`)
	out := c.at("plan.json")
	plan := func(want string, more ...string) result {
		return c.run(append([]string{"--vendor", "avaya", "plan", want, "--out", out}, more...)...)
	}
	plan(one).done()
	first, err := os.ReadFile(out)
	require.NoError(t, err)
	e := plan(two).fails(exitUsage, "invalid")
	require.Contains(t, e["message"], "--force")
	kept, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, first, kept)
	plan(one).done()
	plan(two, "--force").done()
	now, err := roster.ParsePlan(must(os.ReadFile(out)))
	require.NoError(t, err)
	require.Equal(t, "amir.sahl@example.com/avaya/users.delete", now.Steps[0].ID)

	// A link is not followed, and its target stays as it is.
	victim := c.write("victim", "precious")
	link := c.at("link")
	require.NoError(t, os.Symlink(victim, link))
	for _, more := range [][]string{{"--out", link}, {"--out", link, "--force"}} {
		c.run(append([]string{"--vendor", "avaya", "plan", one}, more...)...).fails(exitUsage, "invalid")
	}
	require.Equal(t, "precious", string(must(os.ReadFile(victim))))
	require.Equal(t, exitUsage, c.run("--vendor", "avaya", "plan", one, "--out", c.at("no/such/folder")).code)
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

// TestUndo_OfALeaver leaves the block alone of somebody who is deleted.
func TestUndo_OfALeaver(t *testing.T) {
	c := newCentre(t)
	file, id := c.plan(`{"gone":["ana.silva@example.com"]}`, "--vendor", "webex")
	c.run("--vendor", "webex", "apply", file).done()
	r := c.run("--vendor", "webex", "undo", id, "--journal", c.at("rollcall.journal"))
	require.Contains(t, r.fails(exitPartial, "partial")["message"], "1 gap is left")
	require.Empty(t, r.steps(), "there is nobody to give anything back to")
}

// TestApply_ShowsPeopleHowFarItIs, one line per account, and wipes it away.
func TestApply_ShowsPeopleHowFarItIs(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(`{"blocked":["ana.silva@example.com","sip:tom.brandt@example.internal","omar.haddad@example.com"]}`, "--vendor",
		"lucs,webex")
	var out, errs bytes.Buffer
	code := run(t.Context(), args("--vendor lucs,webex --workers 1 apply", file), func(name string) string { return c.env[name] },
		streams{out: &out, err: &errs, terminal: true})
	require.Equal(t, exitDone, code, errs.String())
	require.Contains(t, errs.String(), "webex: 2 of 2 done, 0 not")
	require.Contains(t, errs.String(), "lucs: 1 of 1 done, 0 not")
	require.Contains(t, errs.String(), " a second")
	require.True(t, strings.HasSuffix(errs.String(), "\033[J"), "wiped away")
	require.NotContains(t, out.String(), "\033")
}

// TestApply_WithinATime: a job ends when it is done, unless --timeout says otherwise.
func TestApply_WithinATime(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(c.crowd(9, "avaya", "libh3lp", "webex"), "--vendor", "avaya,libh3lp,webex")
	c.webex.Fault(webextest.Fault{Op: "People.Create", Delay: 100 * time.Millisecond, Times: -1})
	r := c.run("--vendor", "avaya,libh3lp,webex", "apply", file, "--workers", "1", "--timeout", "150ms")
	r.fails(exitPartial, "canceled")
	c.run("--vendor", "avaya,libh3lp,webex", "apply", file).done()
}
