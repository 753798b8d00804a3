package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
)

func TestPlan_RefusesAWantBeforeItSendsAnything(t *testing.T) {
	c := newCentre(t)
	for text, why := range map[string]string{
		`{"hvae":[]}`:                 "hvae",
		`{"gone":["a"],"gone":["b"]}`: "twice",
		`{"gone":["a@example.com"],"blocked":["A@example.com"]}`:                                             "blocked",
		`{"gone":["a"],"until":"2030-01-01T00:00:00Z"}`:                                                      "until",
		`{"members":[{"account":"avaya","target":{"kind":"queue","id":"1"},"people":["a"]}]}`:                "mode",
		`{"members":[{"account":"avaya","target":{"kind":"queue","id":"1"},"mode":"exact","people":[]}]}`:    "floor",
		`{"members":[{"account":"avaya","target":{"kind":"queue","id":"1"},"mode":"exact","within":["a"]}]}`: "people",
		`{"have":[{"person":"a","account":"acme","spec":{"login":"a"}}]}`:                                    "acme",
		`{"change":{"a":{"acme":{"lastName":"x"}}}}`:                                                         "acme",
		`{"members":[{"account":"acme","target":{"kind":"queue","id":"1"},"mode":"add","people":["a"]}]}`:    "acme",
		`{"have":[{"person":"a","account":"avaya","spec":{"login":"a","password":"secret-pw"}}]}`:            "password",
		`{"have":[{"person":"a","account":"avaya","spec":{"login":"a","fields":{"password":"secret-pw"}}}]}`: "password",
		`{`: "",
		``:  "",
	} {
		want := c.write("want.json", text)
		e := c.quiet(func() result { return c.run("plan", want) }).silent().fails(exitUsage, "invalid")
		require.Contains(t, e["message"], why, text)
		require.NotContains(t, e["message"], "secret-pw")
		require.NoFileExists(t, c.at("want.plan.json"))
	}
	c.quiet(func() result { return c.run("plan", c.at("none.json")) }).fails(exitUsage, "invalid")
	people := c.write("people.csv", "login,first\na;b\n")
	c.quiet(func() result { return c.run("--vendor", "avaya", "plan", people) }).fails(exitUsage, "invalid")
}

// TestPlan_NamesBothOfAnAmbiguousPerson, and guesses nothing.
func TestPlan_NamesBothOfAnAmbiguousPerson(t *testing.T) {
	c := newCentre(t)
	one, two := c.user("libh3lp", "desk-anna")["id"].(string), c.user("libh3lp", "desk-bo")["id"].(string)
	c.run("--vendor", "libh3lp", "users", "update", one, "--email", "Bo@library.example").done()
	e := c.run("--vendor", "libh3lp", "plan", c.write("want.json", `{"gone":["bo@library.example"]}`)).fails(exitFailed, "conflict")
	require.Contains(t, e["message"], "libh3lp:"+one)
	require.Contains(t, e["message"], "libh3lp:"+two)
	c.run("--vendor", "libh3lp", "plan", c.write("want.json", `{"gone":["libh3lp:`+one+`"]}`)).done()
}

func TestApply_RefusesWhatIsNotThePlanThatWasRead(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(`{"gone":["chiara.fonti@example.com"]}`, "--vendor", "avaya", "--expires", "1h")
	plan := must(os.ReadFile(file))
	apply := func(name string, data []byte, words ...string) object {
		path := c.write(name, string(data))
		r := c.quiet(func() result { return c.run(append([]string{"--vendor", "avaya", "apply", path}, words...)...) })
		return r.silent().fails(exitUsage, "invalid")
	}

	// Each changed byte is found, and a newer version is named.
	for i := 0; i < len(plan); i += 7 {
		altered := bytes.Clone(plan)
		altered[i] ^= 1
		apply("altered.json", altered)
	}
	require.Contains(t, apply("newer.json", bytes.Replace(plan, []byte(`"version":1`), []byte(`"version":2`), 1))["message"], "later rollcall")
	require.Contains(t, apply("doubled.json", bytes.Replace(plan, []byte(`"why":`), []byte(`"why":"x","why":`), 1))["message"], "changed")

	// Another server, another account, an account that is not here.
	env := c.env
	other := avayatest.NewServer(avayatest.WithSampleData())
	defer other.Close()
	base, err := other.Start()
	require.NoError(t, err)
	c.env = withEnv(env, "AVAYA_BASE_URL", base)
	require.Contains(t, apply("p.json", plan)["message"], "the plan was made for")
	require.Empty(t, other.Requests())
	c.env = withEnv(env, "AVAYA_ACCOUNT_ID", "ZZZZZZ")
	apply("p.json", plan)
	c.env = env
	require.Contains(t, c.quiet(func() result { return c.run("--vendor", "lucs", "apply", file) }).silent().fails(exitUsage,
		"invalid")["message"], "avaya")

	// A credential that was changed since is no other account.
	c.env = withEnv(env, "AVAYA_CLIENT_SECRET", "another-secret")
	c.run("--vendor", "avaya", "apply", file).fails(exitPartial, "partial")
	c.env = env
	c.run("--vendor", "avaya", "apply", file).done()
}

func TestApply_RefusesAnExpiredPlan(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(`{"gone":["chiara.fonti@example.com"]}`, "--vendor", "avaya", "--expires", "1ms")
	time.Sleep(2 * time.Millisecond)
	e := c.quiet(func() result { return c.run("--vendor", "avaya", "apply", file) }).silent().fails(exitUsage, "invalid")
	require.Contains(t, e["message"], "expired")
}

func TestApply_RefusesWithoutAPasswordThatAStepNames(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(`{"have":[{"person":"kim.park","account":"libh3lp","password":"FIRST","spec":{"login":"kim.park"}}],`+
		`"gone":["desk-anna"]}`, "--vendor", "libh3lp")
	env := c.env
	c.env = withEnv(env, "FIRST", "")
	e := c.quiet(func() result { return c.run("--vendor", "libh3lp", "apply", file) }).silent().fails(exitUsage, "invalid")
	require.Contains(t, e["message"], "FIRST")
	c.env = env
	c.run("--vendor", "libh3lp", "apply", file).done()
	for _, name := range []string{file, c.at("rollcall.journal")} {
		require.NotContains(t, string(must(os.ReadFile(name))), env["FIRST"])
	}
}

// TestApply_OverBudget: nothing is written, every limit and step is told, and the plan is
// released once by its id.
func TestApply_OverBudget(t *testing.T) {
	c := newCentre(t)
	file, id := c.plan(`{"gone":["chiara.fonti@example.com","amir.sahl@example.com"]}`, "--vendor", "avaya")
	for _, budget := range []string{"--most users.delete=1", "--most users.delete=0", "--share users.delete=4", "--share users.delete=0",
		"--protect chiara.fonti@example.com",
		"--protect amir.sahl@example.com --most users.delete=5", "--most users.delete=5 --most users.delete=1 --over 1h"} {
		r := c.run(append(args("--vendor avaya apply", file), args(budget)...)...).silent()
		require.Equal(t, exitOver, r.code, "%s: %s", budget, r.err)
		require.Empty(t, c.writes(), budget)
		over := r.over()
		require.Len(t, over, 1, budget)
		require.Equal(t, []string{"limit", "planned", "steps"}, keys(over[0].(object)))
		require.NotEmpty(t, over[0].(object)["steps"])
	}
	r := c.run("--vendor", "avaya", "apply", file, "--most", "users.delete=1", "--release", "sha256:another")
	require.Equal(t, exitOver, r.code)
	c.run("--vendor", "avaya", "apply", file, "--most", "users.delete=1", "--release", id).done()

	// What other plans did lately counts; a released plan does not.
	file, _ = c.plan(`{"gone":["bea.lindholm@example.com"]}`, "--vendor", "avaya", "--out", c.at("b.json"))
	c.run("--vendor", "avaya", "apply", file, "--most", "users.delete=1").done()
	file, _ = c.plan(`{"gone":["dana.reyes@example.com"]}`, "--vendor", "avaya", "--out", c.at("d.json"))
	r = c.run("--vendor", "avaya", "apply", file, "--most", "users.delete=1")
	require.Equal(t, exitOver, r.code, r.err)
	c.run("--vendor", "avaya", "apply", file, "--most", "users.delete=1", "--over", "1ms").done()
}

// TestApply_HasADefaultBudget for deletions, from 20 users on, which a share lifts.
func TestApply_HasADefaultBudget(t *testing.T) {
	c := newCentre(t)
	var gone []string
	for _, u := range c.run("--vendor", "avaya", "users", "list").done()[:6] {
		gone = append(gone, `"`+u["login"].(string)+`"`)
	}
	file, _ := c.plan(`{"gone":[`+strings.Join(gone, ",")+`]}`, "--vendor", "avaya")
	r := c.run("--vendor", "avaya", "apply", file).silent()
	require.Equal(t, exitOver, r.code, r.err)
	require.Contains(t, r.over()[0].(object)["limit"], "20 %")
	require.Empty(t, c.writes())
	c.run("--vendor", "avaya", "apply", file, "--share", "users.delete=100").done()
}

// TestApply_OfGapsAlone sends nothing, and is not all that was wanted.
func TestApply_OfGapsAlone(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(`{"blocked":["dana.reyes@example.com","stranger@example.com"]}`, "--vendor", "avaya")
	r := c.quiet(func() result { return c.run("--vendor", "avaya", "apply", file) })
	require.Contains(t, r.fails(exitPartial, "partial")["message"], "2 gaps")
	require.Equal(t, json.Number("0"), r.report()["applied"])
}

// TestUndo_IsBudgeted like any plan.
func TestUndo_IsBudgeted(t *testing.T) {
	c := newCentre(t)
	file, id := c.plan(`{"have":[{"person":"kim@example.com","account":"webex","spec":{"login":"kim@example.com","firstName":"Kim",`+
		`"lastName":"Park"}}]}`, "--vendor", "webex")
	c.run("--vendor", "webex", "apply", file).done()
	before := len(c.writes())
	journal := []string{"--journal", c.at("rollcall.journal")}
	r := c.run(append([]string{"--vendor", "webex", "undo", id, "--most", "users.delete=0"}, journal...)...)
	require.Equal(t, exitOver, r.code, r.err)
	require.Len(t, c.writes(), before)
	c.run(append([]string{"--vendor", "webex", "undo", id}, journal...)...).done()
	require.Nil(t, c.user("webex", "kim@example.com"))
	c.run(append([]string{"--vendor", "webex", "undo", id}, journal...)...).done()
	c.quiet(func() result { return c.run(append([]string{"--vendor", "webex", "undo", "sha256:x"}, journal...)...) }).fails(exitFailed,
		"not_found")
}

// TestApply_StopsWhereTheWorldHasMoved, and overwrites nothing.
func TestApply_StopsWhereTheWorldHasMoved(t *testing.T) {
	c := newCentre(t)
	file, id := c.plan(`{"change":{"omar.haddad@example.com":{"webex":{"lastName":"Lund"}},`+
		`"ana.silva@example.com":{"webex":{"lastName":"Souza"}}}}`, "--vendor", "webex")
	omar := c.user("webex", "omar.haddad@example.com")["id"].(string)
	c.run("--vendor", "webex", "users", "update", omar, "--last", "Berg").done()
	r := c.run("--vendor", "webex", "apply", file)
	r.fails(exitMoved, "partial")
	require.Equal(t, map[string]string{"omar.haddad@example.com/webex/users.update": "moved",
		"ana.silva@example.com/webex/users.update": "applied"}, r.steps())
	require.Equal(t, "Berg", c.user("webex", "omar.haddad@example.com")["lastName"])
	status := rollcall(t, nil, "--json", "status", id, "--journal", c.at("rollcall.journal"))
	status.done()
	require.Equal(t, json.Number("1"), status.report()["moved"])
}

// TestApply_GoesOnWhereAStepFailed: exit 3, and the same line tries again.
func TestApply_GoesOnWhereAStepFailed(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(`{"gone":["chiara.fonti@example.com"],"blocked":["sip:tom.brandt@example.internal"]}`, "--vendor", "avaya,lucs")
	c.avaya.Fault(avayatest.Fault{Op: "Users.Delete", Status: 409, ContentType: "application/problem+json",
		Body: `{"title":"busy","status":409}`, Times: -1})
	r := c.run("--vendor", "avaya,lucs", "apply", file)
	require.Equal(t, exitPartial, r.code, r.err)
	require.Equal(t, "failed", r.steps()["chiara.fonti@example.com/avaya/users.delete"])
	require.Equal(t, "applied", r.steps()["tom.brandt@example.internal/lucs/presence.block"])
	c.avaya.Reset()
	r = c.run("--vendor", "avaya,lucs", "apply", file)
	require.Equal(t, "applied", r.steps()["chiara.fonti@example.com/avaya/users.delete"])
}

// TestJournal_Damaged can be read up to the damage, and takes nothing more.
func TestJournal_Damaged(t *testing.T) {
	c := newCentre(t)
	file, id := c.plan(`{"gone":["chiara.fonti@example.com","amir.sahl@example.com"]}`, "--vendor", "avaya")
	c.run("--vendor", "avaya", "apply", file, "--workers", "1").done()
	journal := c.at("rollcall.journal")
	lines := strings.Split(string(must(os.ReadFile(journal))), "\n")
	lines[6] = strings.Replace(lines[6], `"crc"`, `"cRc"`, 1)
	c.write("rollcall.journal", strings.Join(lines, "\n"))

	e := c.quiet(func() result { return c.run("--vendor", "avaya", "apply", file) }).silent().fails(exitFailed, "protocol")
	require.Contains(t, e["message"], "damaged")
	require.Contains(t, e["message"], "planned anew")
	for _, words := range [][]string{{"undo", id}, {"reap"}} {
		c.quiet(func() result {
			return c.run(append(append([]string{"--vendor", "avaya"}, words...), "--journal", journal)...)
		}).fails(exitFailed, "protocol")
	}
	r := c.quiet(func() result { return rollcall(t, nil, "--json", "status", id, "--journal", journal) })
	require.Len(t, r.done(), 3)
	require.Contains(t, r.err, "damaged")
	r = rollcall(t, nil, "receipt", "chiara.fonti@example.com", "--journal", journal)
	require.Equal(t, exitDone, r.code, r.err)
	rollcall(t, nil, "--json", "verify", c.write("r", r.out)).done()
}

func TestJobs_WrongUsage(t *testing.T) {
	c := newCentre(t)
	c.write("want.json", `{}`)
	file, _ := c.plan(`{}`, "--vendor", "avaya")
	for _, line := range []string{
		"plan", "plan a b", "plan WANT --out=", "plan WANT --expires 0s", "plan WANT --expires soon", "plan WANT --journal x",
		"plan WANT --most users.delete=1",
		"plan WANT --password-env=", "plan WANT --why=", "plan WANT --actor a --actor b", "plan WANT --login x", "plan WANT --no-wait",
		"show", "show PLAN PLAN", "show /no/such/file", "show WANT",
		"apply", "apply /no/such/file", "apply WANT", "apply PLAN --workers 0", "apply PLAN --workers=-1", "apply PLAN --over 0s",
		"apply PLAN --over=-1h",
		"apply PLAN --most users.delete", "apply PLAN --most users.delete=x", "apply PLAN --most users.delete=-1",
		"apply PLAN --most users.fly=1",
		"apply PLAN --most users.list=1", "apply PLAN --share users.delete=101", "apply PLAN --share users.delete=-1",
		"apply PLAN --share users.delete=NaN",
		"apply PLAN --share =5", "apply PLAN --journal /no/such/folder/j", "apply PLAN --journal WANT", "apply PLAN --release=",
		"apply PLAN --protect=", "apply PLAN --journal=", "apply PLAN --out x", "apply PLAN --timeout 0s",
		"undo", "undo a b", "reap now", "reap --most users.delete=1", "status", "status a b", "status a --workers 2", "receipt", "receipt a b",
		"receipt a --sign-key /no/such/file", "receipt a --sign-key WANT", "receipt a --key x", "verify", "verify /no/such/file",
		"verify PLAN --key /no/such/file",
		"verify PLAN --key WANT", "recheck", "recheck /no/such/file", "recheck PLAN",
	} {
		t.Run(line, func(t *testing.T) {
			line := strings.NewReplacer("WANT", c.at("want.json"), "PLAN", file).Replace(line)
			r := c.quiet(func() result { return rollcall(t, c.env, args("--vendor avaya --json "+line)...) })
			r.silent().fails(exitUsage, "invalid")
			r = rollcall(t, c.env, args("--vendor avaya "+line)...)
			require.Equal(t, exitUsage, r.code)
			require.Equal(t, 1, strings.Count(r.err, "\n"), r.err)
		})
	}
	for _, line := range []string{"plan WANT", "apply PLAN", "reap"} {
		line := strings.NewReplacer("WANT", c.at("want.json"), "PLAN", file).Replace(line)
		journal := c.at("rollcall.journal")
		if strings.HasPrefix(line, "reap") {
			c.run("--vendor", "avaya", "apply", file).done()
			line += " --journal " + journal
		}
		e := rollcall(t, c.env, args("--json "+line)...).silent().fails(exitUsage, "invalid")
		require.Contains(t, e["message"], "vendor", line)
	}
	rollcall(t, c.env, args("--json --vendor avaya,lucs users list")...).silent().fails(exitUsage, "invalid")
	rollcall(t, c.env, args("--json --account a=avaya users list")...).silent().fails(exitUsage, "invalid")
}
