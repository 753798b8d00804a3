package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// profiles are two accounts of Avaya and one of LibraryH3lp, at the simulators of a centre.
func profiles(c *centre) string {
	return fmt.Sprintf(`{"profiles": {
  "day": {"accounts": {
    "emea": {"vendor": "avaya", "rate": "50/10", "settings": {
      "AVAYA_BASE_URL": %[1]q, "AVAYA_ACCOUNT_ID": %[2]q, "AVAYA_CLIENT_ID": %[3]q,
      "AVAYA_APP_KEY": {"env": "EMEA_KEY"}, "AVAYA_CLIENT_SECRET": {"env": "EMEA_SECRET"}}},
    "apac": {"vendor": "avaya", "settings": {
      "AVAYA_BASE_URL": %[1]q, "AVAYA_ACCOUNT_ID": %[2]q, "AVAYA_CLIENT_ID": %[3]q,
      "AVAYA_APP_KEY": {"env": "EMEA_KEY"}, "AVAYA_CLIENT_SECRET": {"env": "APAC_SECRET"}}},
    "library": {"vendor": "libh3lp", "settings": {
      "LIBH3LP_BASE_URL": %[4]q, "LIBH3LP_USERNAME": %[5]q, "LIBH3LP_PASSWORD": {"command": ["printf", %[6]q]}}}}},
  "night": {"accounts": {"library": {"vendor": "libh3lp", "settings": {
      "LIBH3LP_BASE_URL": %[4]q, "LIBH3LP_USERNAME": %[5]q, "LIBH3LP_PASSWORD": {"command": ["printf", %[6]q]}}}}}
}}`, c.env["AVAYA_BASE_URL"], avayatest.AccountID, avayatest.ClientID, c.env["LIBH3LP_BASE_URL"], libh3lptest.Username,
		libh3lptest.Password+`\n`)
}

// TestProfile_NamesAccountsAndSettings: several accounts of one vendor, each with its
// label, and nothing of them from the environment but what the profile names.
func TestProfile_NamesAccountsAndSettings(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no printf")
	}
	c := newCentre(t)
	env := map[string]string{"ROLLCALL_CONFIG": c.write("rollcall.json", profiles(c)), "EMEA_KEY": avayatest.AppKey,
		"EMEA_SECRET": avayatest.ClientSecret,
		"APAC_SECRET": avayatest.ClientSecret, "LIBH3LP_USERNAME": "somebody else", "LIBH3LP_BASE_URL": "https://elsewhere.example"}
	run := func(line string, more ...string) result {
		t.Helper()
		return rollcall(t, withEnv(env, more...), args("--json "+line)...)
	}

	users := run("--profile night users list").done()
	require.NotEmpty(t, users)
	require.Equal(t, "library", users[0]["account"], "the account's label")
	require.Equal(t, users, run("users list", "ROLLCALL_PROFILE", "night").done())
	require.Equal(t, users, run("--profile day --vendor libh3lp users list", "ROLLCALL_PROFILE", "none").done(), "the flag wins")
	require.Equal(t, users, run("--profile day --account library users list").done())

	verdicts, people := run("--profile day census").certificates()
	require.Equal(t, []string{"apac", "emea", "library"}, keys(asObject(verdicts)))
	require.Equal(t, []string{"apac", "emea"}, keys(people["dana.reyes@example.com"]["accounts"].(object)))
	verdicts, _ = run("--profile day --account emea --account library census").certificates()
	require.Len(t, verdicts, 2)
	more := run("--profile day --account emea --account us=avaya census", "US_AVAYA_BASE_URL", c.env["AVAYA_BASE_URL"])
	require.Contains(t, more.fails(exitUsage, "invalid")["message"], "US_AVAYA_ACCOUNT_ID",
		"an account beside the profile's is the environment's")

	for line, says := range map[string]string{
		"--profile dya users list":                  "perhaps day is meant",
		"--profile day users list":                  "apac, emea, library",
		"--profile day --vendor avaya users list":   "apac, emea",
		"--profile day --vendor lucs users list":    `profile "day" has no account at lucs`,
		"--profile day --account nobody users list": "there are apac, emea, library",
		"--profile day --account emea=avaya census": "give the other one another name",
		"--profile= census":                         "--profile is empty",
	} {
		require.Contains(t, run(line).silent().fails(exitUsage, "invalid")["message"], says, line)
	}
	e := run("--profile day --account apac users list", "APAC_SECRET", "").silent().fails(exitUsage, "invalid")
	require.Contains(t, e["message"], "AVAYA_CLIENT_SECRET is in the environment variable APAC_SECRET, which is not set")
	e = rollcall(t, nil, args("--json --profile day users list")...).silent().fails(exitUsage, "invalid")
	require.Contains(t, e["message"], "ROLLCALL_CONFIG")
	require.Equal(t, exitDone, run("--profile day --sim --account emea users list", "EMEA_KEY", "").code, "a simulator needs no secret")
}

// TestProfile_TheREADMEsIsRight: and it takes each kind of value.
func TestProfile_TheREADMEsIsRight(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, text, ok := strings.Cut(string(readme), "```json\n")
	require.True(t, ok)
	text, _, _ = strings.Cut(text, "```")
	c, err := parseConfig([]byte(text))
	require.NoError(t, err)
	require.True(t, c.runs())
	require.Equal(t, []string{"pass", "show", "avaya/emea"}, c.Profiles["day"].Accounts["emea"].Settings["AVAYA_CLIENT_SECRET"].command)
	for _, v := range verbs {
		require.Contains(t, string(readme), "`"+v.String()+"`", "the README has every word")
	}
}

func asObject[T any](m map[string]T) object {
	o := object{}
	for name, value := range m {
		o[name] = value
	}
	return o
}

// TestProfile_RefusesAFileThatCannotBeMeant: and above all a secret in it, which no error
// repeats.
func TestProfile_RefusesAFileThatCannotBeMeant(t *testing.T) {
	account := func(text string) string { return `{"profiles":{"p":{"accounts":{"a":` + text + `}}}}` }
	for file, says := range map[string]string{
		account(`{"vendor":"webex","settings":{"WEBEX_TOKEN":"` + somePassword + `"}}`): "WEBEX_TOKEN is a secret, and none stands in this file",
		account(`{"vendor":"webex","settings":{"WEBEX_TOKN":{"env":"X"}}}`):             "perhaps WEBEX_TOKEN is meant",
		account(`{"vendor":"webex","settings":{"AVAYA_APP_KEY":{"env":"X"}}}`):          "webex has no setting AVAYA_APP_KEY",
		account(`{"vendor":"webx"}`):                                                              "perhaps webex is meant",
		account(`{"vendor":"webex","token":"` + somePassword + `"}`):                              "unknown field",
		account(`{"vendor":"webex","rate":"fast"}`):                                               "PER_SECOND/BURST",
		account(`{"vendor":"webex","settings":{"WEBEX_TOKEN":{"env":"X","command":["y"]}}}`):      "a setting is",
		account(`{"vendor":"webex","settings":{"WEBEX_TOKEN":{"value":"` + somePassword + `"}}}`): "a setting is",
		account(`{"vendor":"webex","settings":{"WEBEX_TOKEN":{"command":["./print"]}}}`):          "neither a bare name nor an absolute path",
		account(`{"vendor":"webex","settings":{"WEBEX_TOKEN":{"command":[]}}}`):                   "a setting is",
		account(`{"vendor":"webex","settings":{"WEBEX_TOKEN":null}}`):                             "a setting is",
		account(`{"vendor":"webex","settings":{"WEBEX_TOKEN":7}}`):                                "a setting is",
		account(`{"vendor":"webex","settings":{"WEBEX_ORG_ID":"a","WEBEX_ORG_ID":"b"}}`):          `"WEBEX_ORG_ID" stands there twice`,
		`{"profiles":{"p":{"accounts":{"a b":{"vendor":"webex"}}}}}`:                              "letters, digits and _",
		`{"profiles":{"p":{"accounts":{}}}}`:                                                      "has no accounts",
		`{"profile":{}}`:                                                                          "unknown field",
		`{"profiles":{}`:                                                                          "",
		``:                                                                                        "",
		`[]`:                                                                                      "",
	} {
		path := filepath.Join(t.TempDir(), "rollcall.json")
		require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
		e := rollcall(t, map[string]string{"ROLLCALL_CONFIG": path}, args("--json --profile p users list")...).silent().fails(exitUsage,
			"invalid")
		require.Contains(t, e["message"], says, file)
		require.Contains(t, e["message"], path)
	}
}

// TestProfile_RunsCommandsOnlyOfAFileThatOthersCannotWrite, without a shell, and prints
// nothing of what they print.
func TestProfile_RunsCommandsOnlyOfAFileThatOthersCannotWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are not in the mode there")
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o755))
	run := func(mode os.FileMode, argv string) string {
		t.Helper()
		path := filepath.Join(dir, "rollcall.json")
		os.Remove(path)
		text := `{"profiles":{"p":{"accounts":{"a":{"vendor":"webex","settings":{"WEBEX_BASE_URL":"http://127.0.0.1:1/v1",` +
			`"WEBEX_TOKEN":{"command":` + argv + `}}}}}}}`
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chmod(path, mode))
		r := rollcall(t, map[string]string{"ROLLCALL_CONFIG": path}, args("--json --profile p --max-attempts 1 users list")...)
		lines := strings.Split(strings.TrimSpace(r.err), "\n")
		return decode(t, lines[len(lines)-1])["error"].(object)["message"].(string)
	}
	ran := filepath.Join(dir, "ran")
	touch := `["touch",` + fmt.Sprintf("%q", ran) + `]`
	for _, mode := range []os.FileMode{0o622, 0o620, 0o602, 0o777} {
		require.Contains(t, run(mode, touch), "others can write it", mode)
	}
	require.NoError(t, os.Chmod(dir, 0o777))
	require.Contains(t, run(0o600, touch), "others can replace it")
	require.NoError(t, os.Chmod(dir, 0o755))
	require.NoFileExists(t, ran, "nothing was run")

	require.Contains(t, run(0o644, touch), "printed nothing")
	require.FileExists(t, ran)
	require.Contains(t, run(0o600, `["false"]`), "the command false failed: exit status 1")
	require.Contains(t, run(0o600, `["no-such-program-here"]`), "failed")
	require.Contains(t, run(0o600, `["printf","`+somePassword+`\\nx"]`), "more than one line")
	require.Contains(t, run(0o600, `["head","-c","70000","/dev/zero"]`), "failed")
	require.Contains(t, run(0o600, `["printf","`+somePassword+`; touch `+ran+`2"]`), "Bearer.Token", "it is one argument, and no shell")
	require.NoFileExists(t, ran+"2")
}
