package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrongUsage(t *testing.T) {
	const id = "10000000-0000-4000-8000-000000000001"
	for _, line := range []string{
		"", "users", "users fly", "fly", "list users", "vendors now", "users list now", "users get", "users get a b", "users create",
		"users create X --login a@example.com", "users create --login=", "users update", "users update a b --last X", "users update " + id,
		"users delete", "users delete a b", "users get X --last Y", "users list --role R", "users delete X --last Y",
		"users create --login a --clear email",
		"assignments list", "assignments list --user a --target queue:1", "assignments list --target nope", "assignments list --target team:1",
		"assignments list --target queue:", "assignments list X --user a", "assignments add queue:1", "assignments add", "assignments add 1 u",
		"assignments add team:1 u", "assignments remove queue:1", "assignments suspend queue:1", "assignments resume queue:1",
		"assignments add queue:1 u --no-wait",
		"presence get", "presence get a b", "presence set a", "presence set a lunch", "presence set a unknown", "presence set a away b",
		"presence block", "presence unblock", "presence unblock a --record /no/such/file", "presence block a --record x",
		"users list --nonsense", "users list --timeout soon", "users list --timeout 0s", "users list --timeout -1s", "users list --max-attempts 0",
		"users list --max-attempts -1", "users list --max-attempts many", "users list --max-wait 0s", "users list --poll 0s", "users list --poll -1s",
		"users list --login", "users update X --field", "users update X --field a", "users update X --field =1", "users update X --field a=b",
		"users update X --field a={", "users update X --enabled=maybe", "users update X --enabled false", "users update X --password-env UNSET",
		"users create --login a --password-env UNSET", "users update X --last Y --clear last", "users update X --role R --clear roles",
		"assignments add queue:1@99999999999999999999 u",
		// A variable that was not set, and one thing said twice.
		"users list --login=", "users list --email=", "users update X --clear=",
		"users list --login a --login b", "users update X --email a --email b", "users update X --enabled --enabled=false",
		"users update X --field a=1 --field a=2", "users update X --field a=1 --clear a", "assignments list --user a --user b",
		"presence unblock a --record - --record -",
	} {
		t.Run(line, func(t *testing.T) {
			env, run := silent(t, "avaya")
			e := run(env, args("--json "+line)...).silent().fails(exitUsage, "invalid")
			require.Equal(t, "no", e["applied"])

			r := run(env, args(line)...).silent()
			require.Equal(t, exitUsage, r.code)
			require.Equal(t, 1, strings.Count(r.err, "\n"), r.err)
			require.True(t, strings.HasPrefix(r.err, "rollcall: "), r.err)
		})
	}
}

func TestWrongUsageIsToldInJSONHoweverThatWasAskedFor(t *testing.T) {
	for _, line := range []string{"--nonsense --json", "--nonsense -json", "--nonsense --json=true", "--nonsense -json=1"} {
		rollcall(t, nil, args(line)...).silent().fails(exitUsage, "invalid")
	}
	for _, line := range []string{"--nonsense", "--nonsense --json=false", "json --nonsense", "--nonsense --json=maybe"} {
		require.True(t, strings.HasPrefix(rollcall(t, nil, args(line)...).err, "rollcall: "), line)
	}
}

// TestAFieldIsNamedOnce: of a flag and the vendor's own name for it one would be
// dropped.
func TestAFieldIsNamedOnce(t *testing.T) {
	env := map[string]string{"PW": somePassword}
	for vendor, lines := range map[string][]string{
		"avaya":      {`users update 1 --email a@b.c --field emailId="c"`, `users create --login a --first F --last L --field loginId="b"`},
		"libh3lp":    {`users update 1 --email a@b.c --field email="c"`, `users create --login a --password-env PW --field password="b"`},
		"liveperson": {`users update 1 --display D --field nickname="x"`, `users create --login a --first F --last L --field fullName="b"`},
		"lucs":       {`users create --login sip:a@b.c --field sipUri="sip:c@b.c"`},
		"webex":      {`users update 1 --first A --field firstName="B"`, `users update 1 --role A --field roles=["B"]`, `users create --login a@b.c --first A --field emails=["b@b.c"]`},
	} {
		for _, line := range lines {
			e := simOf(t, vendor, env)(args(line)...).silent().fails(exitFailed, "invalid")
			require.Contains(t, e["message"], "in two ways", line)
			require.Equal(t, []any{"no", json.Number("0")}, []any{e["applied"], e["attempts"]}, line)
		}
	}
}

func TestWrongVendor(t *testing.T) {
	require.Contains(t, rollcall(t, nil, args("users list --json")...).silent().fails(exitUsage, "invalid")["message"], "--vendor")
	require.Contains(t, rollcall(t, nil, args("users list --json --vendor acme")...).silent().fails(exitUsage, "invalid")["message"], "acme")
	require.Contains(t, rollcall(t, nil, args("users list --json --vendor=")...).silent().fails(exitUsage, "invalid")["message"], "--vendor")
}

func TestUsageRepeatsNoSecret(t *testing.T) {
	for _, field := range []string{`password="` + somePassword, somePassword} {
		r := rollcall(t, nil, "--vendor", "avaya", "--json", "users", "update", "X", "--field", field)
		r.silent().fails(exitUsage, "invalid") // rollcall looks for the secret
	}
}

func TestHelp(t *testing.T) {
	for _, line := range []string{"--help", "-h", "nonsense --help"} {
		r := rollcall(t, nil, args(line)...)
		require.Equal(t, exitDone, r.code, line)
		for _, want := range []string{"users create", "assignments suspend", "presence unblock", "recheck RECEIPT", "--sim", "--max-wait", "--poll", "LUCS_API_KEY"} {
			require.Contains(t, r.out, want)
		}
	}
	for line, others := range map[string]string{"users --help": "presence unblock", "users create --help": "users list", "apply -h": "undo PLAN"} {
		r := rollcall(t, nil, args(line)...)
		require.Equal(t, exitDone, r.code, line)
		require.Contains(t, r.out, "\n  "+strings.TrimSuffix(strings.Fields(line)[0], " "))
		require.Contains(t, r.out, "--max-wait")
		require.NotContains(t, r.out, others, line)
	}
}

func TestMissingSettingsAreNamed(t *testing.T) {
	settings, _ := silent(t, "avaya")
	for name := range settings {
		if !strings.HasPrefix(name, "AVAYA_") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			env, run := silent(t, "avaya")
			delete(env, name)
			e := run(env, args("--json users list")...).silent().fails(exitUsage, "invalid")
			require.Contains(t, e["message"], name)
			r := run(env, args("users list")...).silent()
			require.Equal(t, exitUsage, r.code)
			require.Contains(t, r.err, name)
		})
	}
	require.Equal(t, exitUsage, rollcall(t, nil, args("--vendor avaya users list")...).silent().code, "never the simulator instead")
}

func TestWrongSettings(t *testing.T) {
	for name, base := range map[string]string{
		"plain http to another host": "http://avaya.example.com", "and with a port": "http://10.0.0.1:8080", "no scheme": "eu.api.avayacloud.com",
		"another scheme": "ftp://127.0.0.1", "a password in it": "https://u:" + somePassword + "@127.0.0.1", "a query": "https://127.0.0.1/?a=b",
		"looks like loopback": "http://127.0.0.1.example.com", "localhost is in the path": "http://example.com/localhost", "broken": "https://[::1",
	} {
		t.Run(name, func(t *testing.T) {
			env, run := silent(t, "avaya")
			env["AVAYA_BASE_URL"] = base
			run(env, args("--json users list --timeout 5s")...).silent().fails(exitUsage, "invalid")
		})
	}
	env, run := silent(t, "avaya")
	env["AVAYA_ACCOUNT_ID"] = "TOOLONG"
	run(env, args("--json users list")...).silent().fails(exitUsage, "invalid")
}

func TestAWordThatIsNearlyRight(t *testing.T) {
	for line, meant := range map[string]string{"aply x": `"apply"`, "user list": `"users list"`, "assigments add a b": `"assignments add"`, "stauts x": `"status"`} {
		require.Contains(t, rollcall(t, nil, append(args(line), "--json")...).fails(exitUsage, "invalid")["message"], "perhaps "+meant)
	}
	require.NotContains(t, rollcall(t, nil, "dance", "--json").fails(exitUsage, "invalid")["message"], "perhaps")
}
