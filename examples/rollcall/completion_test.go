package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestComplete_KnowsWhatMayFollow: the bar is the cursor.
func TestComplete_KnowsWhatMayFollow(t *testing.T) {
	c := newCentre(t)
	env := map[string]string{"ROLLCALL_CONFIG": c.write("rollcall.json", profiles(c))}
	for line, want := range map[string]string{
		"u|":                                 "users undo",
		"users |":                            "list get create update delete",
		"users u|":                           "update",
		"--vendor avaya users l|":            "list",
		"--vendor |":                         "avaya libh3lp liveperson lucs webex",
		"--vendor=l|":                        "--vendor=libh3lp --vendor=liveperson --vendor=lucs",
		"--vendor avaya,we|":                 "avaya,webex",
		"users list --em|":                   "--email",
		"users list --ve|":                   "--vendor",
		"vendors --out|":                     "",
		"plan --ou|":                         "--out",
		"plan w|":                            "",
		"targets list --kind s|":             "skill supervisor",
		"--vendor libh3lp assignments add |": "queue: queue:name:",
		"assignments add queue:1 |":          "login:",
		"assignments add queue:1 a b l|":     "login:",
		"presence set kim a|":                "available away",
		"presence set kim away |":            "",
		"--vendor libh3lp users update 1 --clear |": "email",
		"users update 1 --clear first|":             "firstName",
		"apply p --most users.d|":                   "users.delete=",
		"--profile |":                               "day night",
		"--profile day --account |":                 "apac emea library",
		"--profile night --account |":               "library",
		"--account |":                               "",
		"help users c|":                             "create",
		"completion |":                              "bash fish zsh",
		"--json=true us|":                           "users",
		"--sim --json ap|":                          "apply",
		"nonsense |":                                "",
	} {
		t.Run(line, func(t *testing.T) {
			words := strings.Split(strings.TrimSuffix(line, "|"), " ")
			r := rollcall(t, env, append([]string{completing}, words...)...)
			require.Equal(t, exitDone, r.code)
			require.Empty(t, r.err)
			require.Equal(t, strings.Fields(want), strings.Fields(r.out))
		})
	}
	require.Zero(t, c.requests())
}

func TestCompletion_HasAScriptPerShell(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		r := rollcall(t, nil, "completion", shell)
		require.Equal(t, exitDone, r.code)
		require.Contains(t, r.out, completing)
	}
	require.Contains(t, rollcall(t, nil, args("--json completion bsh")...).silent().fails(exitUsage, "invalid")["message"],
		"perhaps bash is meant")
}

// TestCompletion_WorksInTheShell: bash itself runs the script, which asks the program.
func TestCompletion_WorksInTheShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	program := filepath.Join(dir, "rollcall")
	require.NoError(t, os.WriteFile(program, []byte("#!"+bash+"\n"+asProgram+"=1 exec "+self+` "$@"`+"\n"), 0o700))
	script := filepath.Join(dir, "completion.bash")
	require.NoError(t, os.WriteFile(script, []byte(rollcall(t, nil, "completion", "bash").out), 0o600))

	for line, want := range map[string]string{
		"rollcall users u":                     "update",
		"rollcall --vendor avaya presence ":    "get set block unblock",
		"rollcall --vendor=we":                 "webex", // behind the =, at which bash takes the word apart
		"rollcall assignments add queue:na":    "name:",
		"rollcall assignments add que":         "queue: queue:name:",
		"rollcall plan ":                       "",
		"rollcall users update 1 --clear disp": "displayName",
	} {
		cmd := exec.CommandContext(t.Context(), bash, "-c", `
compopt() { :; } # it works at a prompt alone
source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
_rollcall
printf '%s\n' "${COMPREPLY[@]}"`, "bash", script, line)
		cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, strings.Fields(want), strings.Fields(string(out)), line)
	}
}
