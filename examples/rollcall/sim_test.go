package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func TestVendors(t *testing.T) {
	r := rollcall(t, nil, "--json", "vendors")
	for i, line := range r.done() {
		require.Equal(t, all[i].Name, line["vendor"])
		require.Len(t, line["operations"], len(core.Operations()))
		for op, c := range line["operations"].(object) {
			require.Contains(t, []any{"native", "emulated", "unsupported"}, c.(object)["support"], op)
		}
	}
	require.Len(t, r.lines(), len(all))
	r = rollcall(t, nil, "vendors")
	require.Equal(t, exitDone, r.code)
	for _, want := range []string{"OPERATION", "AVAYA", "users.create", "presence.block", "kind queue", "with level", "one at a time"} {
		require.Contains(t, r.out, want)
	}
	require.Empty(t, r.err)
}

func TestSimUsers(t *testing.T) {
	users := sim(t, "users", "list").done()
	require.Len(t, users, 25)
	for _, u := range users {
		require.Equal(t, "avaya", u["vendor"])
		require.IsType(t, "", u["id"])
		require.Subset(t, []string{"vendor", "id", "login", "firstName", "lastName", "displayName", "email", "roles"}, keys(u))
		require.NotContains(t, u, "enabled", "a neutral field that the vendor lacks is absent when read")
		require.NotContains(t, u, "deferred")
	}
	byMail := sim(t, "users", "list", "--email", "dana.reyes@example.com").done()
	require.Len(t, byMail, 1)
	require.Empty(t, sim(t, "users", "list", "--login", "dana.reyes@example.co").done())
	require.Empty(t, sim(t, "users", "list", "--login", "dana.reyes@example.com", "--email", "amir.sahl@example.com").done())

	id := byMail[0]["id"].(string)
	whole := sim(t, "users", "get", id).done()[0]
	require.Equal(t, "Reyes, Dana", whole["native"].(object)["displayName"], "the vendor's own fields by their wire name")
	delete(whole, "native")
	require.Equal(t, byMail[0], whole)

	made := sim(t, "users", "create", "--login", "neo@example.com", "--first", "Neo", "--last", "One", "--email", "neo1@example.com",
		"--role", "Agent", "--role", "Supervisor").done()
	require.Len(t, made, 1)
	require.Equal(t, []string{"email", "firstName", "id", "lastName", "login", "roles", "vendor"}, keys(made[0]))
	require.Equal(t, []any{"Agent", "Supervisor"}, made[0]["roles"])

	changed := sim(t, "users", "update", id, "--last", "Roth").done()
	require.Len(t, changed, 1)
	byMail[0]["lastName"] = "Roth"
	require.Equal(t, byMail[0], changed[0], "and nothing else")

	require.Equal(t, []object{{"ok": true}}, sim(t, "users", "delete", id).done())
	require.Equal(t, []object{{"ok": true}}, sim(t, "users", "delete", id, "--no-wait").done())
}

func TestSimAssignments(t *testing.T) {
	id, other := simID(t, "tomas.brandt@example.com"), simID(t, "oona.kessler@example.com")
	all := sim(t, "assignments", "list", "--user", other).done()
	require.NotEmpty(t, all)
	queue := ""
	for _, a := range all {
		require.Equal(t, []string{"level", "suspended", "target", "userId"}, keys(a))
		target := a["target"].(object)
		require.Equal(t, []string{"id", "kind", "name"}, keys(target))
		require.Equal(t, other, a["userId"])
		require.Equal(t, false, a["suspended"])
		if target["kind"] == "queue" {
			require.NotNil(t, a["level"])
			queue = target["id"].(string)
		} else {
			require.Nil(t, a["level"])
		}
	}
	found := false
	for _, a := range sim(t, "assignments", "list", "--target", "queue:"+queue).done() {
		require.Equal(t, queue, a["target"].(object)["id"])
		found = found || a["userId"] == other
	}
	require.True(t, found)

	out := sim(t, "assignments", "add", "queue:"+queue+"@3", id, other).done()
	require.Len(t, out, 2)
	for i, o := range out {
		require.Equal(t, []string{"assignment", "before", "code", "message", "result"}, keys(o))
		a := o["assignment"].(object)
		require.Equal(t, []string{id, other}[i], a["userId"])
		require.Equal(t, "3", a["level"].(interface{ String() string }).String())
		require.Equal(t, "applied", o["result"])
	}
	require.Equal(t, "already", sim(t, "assignments", "remove", "queue:"+queue, id).done()[0]["result"])
	require.Equal(t, "applied", sim(t, "assignments", "remove", "queue:"+queue, other).done()[0]["result"])
	moved := sim(t, "assignments", "add", "profile:NGHTV1", simID(t, "dana.reyes@example.com")).done()
	require.Contains(t, moved[0]["message"], "OMNI01")

	const nobody = "00000000-0000-4000-8000-000000000000"
	r := sim(t, "assignments", "add", "skill:Language.German", other, nobody, id)
	e := r.fails(exitPartial, "partial")
	require.Equal(t, "yes", e["applied"])
	require.Equal(t, "avaya", e["vendor"])
	lines := r.lines()
	require.Len(t, lines, 3, "the outcomes are printed anyway, in order")
	require.Equal(t, []any{"applied", "failed", "applied"}, []any{lines[0]["result"], lines[1]["result"], lines[2]["result"]})
	require.Equal(t, nobody, lines[1]["assignment"].(object)["userId"])
	require.NotEmpty(t, lines[1]["code"])
	require.NotEmpty(t, lines[1]["message"])

	r = sim(t, "assignments", "add", "skill:Language.German", nobody)
	require.Equal(t, "no", r.fails(exitPartial, "partial")["applied"], "also when all of them failed")
	require.Len(t, r.lines(), 1)
}

func TestSimRefusals(t *testing.T) {
	id := simID(t, "dana.reyes@example.com")
	for line, class := range map[string]string{
		"users get 00000000-0000-4000-8000-000000000000":               "not_found",
		"users delete 00000000-0000-4000-8000-000000000000":            "not_found",
		"users update 00000000-0000-4000-8000-000000000000 --last X":   "not_found",
		"assignments list --user 00000000-0000-4000-8000-000000000000": "not_found",
		"users get ..":                      "invalid",
		"users get a/b":                     "invalid",
		"users delete .":                    "invalid",
		"users update .. --last X":          "invalid",
		"assignments list --user ..":        "invalid",
		"assignments add skill:X ..":        "invalid",
		"assignments add queue:.. " + id:    "invalid",
		"assignments add queue:a/b@3 " + id: "invalid",
		"assignments add queue:10000000-0000-4000-8000-000000000000@17 " + id:  "invalid",
		"assignments add queue:10000000-0000-4000-8000-000000000000@-1 " + id:  "invalid",
		"assignments add lob:1 " + id:                                          "unsupported",
		"assignments list --target lob:1":                                      "unsupported",
		"assignments add skill:X@3 " + id:                                      "unsupported",
		"assignments remove profile:OMNI01 " + id:                              "unsupported",
		"assignments suspend queue:1 " + id:                                    "unsupported",
		"assignments resume queue:1 " + id:                                     "unsupported",
		"presence get " + id:                                                   "unsupported",
		"presence set " + id + " away":                                         "unsupported",
		"presence block " + id:                                                 "unsupported",
		"presence unblock " + id:                                               "unsupported",
		"users update " + id + " --enabled=false":                              "unsupported",
		"users create --login a@example.com --first An --last Other --enabled": "unsupported",
		"users create --login a@example.com --last Other":                      "invalid",
		"users create --login a@example.com --first An":                        "invalid",
		"users create --login dana.reyes@example.com --first An --last Other":  "conflict",
		"users update " + id + " --clear last":                                 "invalid",
		"users update " + id + " --clear firstName":                            "invalid",
		"users update " + id + " --clear loginId":                              "invalid",
		"users update " + id + " --clear organizationNodeId":                   "invalid",
		"users update " + id + " --clear userId":                               "invalid",
		"users update " + id + " --clear password":                             "invalid",
		"users update " + id + " --field lastName=null":                        "invalid",
		`users update ` + id + ` --field lastName=""`:                          "invalid",
		`users update ` + id + ` --field userId="x"`:                           "invalid",
	} {
		t.Run(line, func(t *testing.T) {
			e := sim(t, args(line)...).silent().fails(exitFailed, class)
			require.Equal(t, "no", e["applied"])
			require.Equal(t, "avaya", e["vendor"])
			if class == "invalid" || class == "unsupported" {
				require.Equal(t, "0", e["attempts"].(interface{ String() string }).String(), "nothing was sent")
			}
		})
	}
}

func TestSimForPeople(t *testing.T) {
	plain := func(line string) (r result) {
		synctest.Test(t, func(t *testing.T) { r = rollcall(t, nil, args("--sim --vendor avaya "+line)...) })
		r.t = t
		return r
	}
	r := plain("users list")
	require.Equal(t, exitDone, r.code)
	require.Equal(t, 26, strings.Count(r.out, "\n"))
	require.True(t, strings.HasPrefix(r.out, "ID "), r.out)
	require.Contains(t, r.out, "Dana Reyes")
	require.Empty(t, r.err)
	require.Equal(t, "nothing found\n", plain("users list --login nobody@example.com").out)

	id := simID(t, "dana.reyes@example.com")
	require.Contains(t, plain("users get "+id).out, "dana.reyes@example.com")
	require.Contains(t, plain("assignments list --user "+id).out, "profile")
	require.Contains(t, plain("assignments add skill:Language.Basque "+id).out, "applied")
	require.Contains(t, plain("users delete "+id).out, "deleted "+id)

	r = plain("presence get " + id)
	require.Equal(t, exitFailed, r.code)
	require.Equal(t, 1, strings.Count(r.err, "\n"), "one plain sentence")
	require.Contains(t, r.err, "rollcall: avaya: presence.get: unsupported")
	require.NotContains(t, r.err, "{")
	require.Empty(t, r.out)
}

func TestErrorsPrintNothingElse(t *testing.T) {
	for _, line := range []string{"users get ..", "assignments list --target lob:1", "assignments add lob:1 u", "assignments suspend queue:1 u",
		"assignments list --user 00000000-0000-4000-8000-000000000000",
		"presence block u", "users create --login a@example.com"} {
		synctest.Test(t, func(t *testing.T) {
			r := rollcall(t, nil, args("--sim --vendor avaya "+line)...).silent()
			require.Equal(t, exitFailed, r.code, line)
			require.Equal(t, 1, strings.Count(r.err, "\n"), "one plain sentence: %q", r.err)
		})
	}
}

func TestAnEmptyListThatFailedIsNotNothingFound(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := rollcallIn(t, ctx, nil, "", args("--sim --vendor avaya users list")...).silent()
	require.Equal(t, exitFailed, r.code)
	require.Contains(t, r.err, "canceled")
}

func TestProgressIsShownToPeopleOnly(t *testing.T) {
	for _, c := range []struct {
		terminal bool
		flags    string
		shown    bool
	}{{true, "", true}, {false, "", false}, {true, "--json", false}} {
		synctest.Test(t, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := run(t.Context(), args("--sim --vendor avaya --poll 8s users create --login p@example.com --first Pro --last Gress "+c.flags),
				func(string) string { return "" }, streams{out: &out, err: &errs, terminal: c.terminal})
			require.Equal(t, exitDone, code)
			require.Equal(t, c.shown, strings.Contains(errs.String(), "still at it"), errs.String())
			require.Equal(t, c.shown, strings.HasSuffix(errs.String(), "\r\033[K"), "and wiped away")
			require.NotContains(t, out.String(), "still at it")
		})
	}
}

func TestSimTakesNothingFromTheEnvironment(t *testing.T) {
	env, _ := silent(t, "avaya")
	env["AVAYA_BASE_URL"] = "http://127.0.0.1:1"
	synctest.Test(t, func(t *testing.T) {
		users := rollcall(t, env, args("--sim --vendor avaya --json users list")...).done()
		require.Len(t, users, 25)
	})
}

func TestSimTimeoutIsVirtualToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := rollcall(t, nil, args("--sim --vendor avaya --json --timeout 100ms users create --login q@example.com --first Qu --last Eue")...)
		e := r.fails(exitFailed, "canceled")
		require.Equal(t, "yes", e["applied"], "the user exists")
		require.Len(t, r.lines(), 1)
		require.LessOrEqual(t, time.Since(start), 100*time.Millisecond)
	})
}

// changedIn is what the record of a block says was changed.
func changedIn(t *testing.T, r result) []any {
	t.Helper()
	lines := r.lines()
	require.Len(t, lines, 1, r.err)
	return lines[0]["record"].(object)["changed"].([]any)
}

func TestLibH3lpSim(t *testing.T) {
	h3 := simOf(t, "libh3lp", map[string]string{"NEW_PASSWORD": somePassword})
	users := h3("users", "list").done()
	require.Len(t, users, 13)
	hugo := h3("users", "list", "--login", "hugo.marchand").done()[0]["id"].(string)
	require.Len(t, h3("users", "get", hugo).done(), 1)
	h3("users", "create", "--login", "new-desk", "--email", "new@library.example", "--password-env", "NEW_PASSWORD").done()
	h3("users", "update", hugo, "--clear", "email").done()
	of := h3("assignments", "list", "--user", hugo).done()
	require.Len(t, of, 4)
	target := "queue:" + of[0]["target"].(object)["id"].(string)
	require.NotEmpty(t, h3("assignments", "list", "--target", target).done())
	for _, verb := range []string{"add", "suspend", "resume", "remove"} {
		require.Len(t, h3("assignments", verb, target, hugo).done(), 1, verb)
	}
	require.Equal(t, "offline", h3("presence", "get", hugo).done()[0]["availability"])
	h3("presence", "set", hugo, "away").silent().fails(exitFailed, "unsupported")
	require.Len(t, changedIn(t, h3("presence", "block", hugo)), 1)
	h3("presence", "unblock", hugo).done()
	h3("users", "delete", hugo).done()
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
}
