package main

import (
	"flag"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
)

// TestHelp_TellsEveryFlag: what is defined is told, and what is told is defined.
func TestHelp_TellsEveryFlag(t *testing.T) {
	c := &command{given: map[string]bool{}, fields: map[string]any{}}
	fs := flag.NewFlagSet("rollcall", flag.ContinueOnError)
	c.define(fs)
	defined := []string{"field", "help", "h"} // which parse defines, and package flag
	fs.VisitAll(func(f *flag.Flag) { defined = append(defined, f.Name) })
	require.ElementsMatch(t, defined, allFlags)
	for _, v := range verbs {
		for _, name := range v.flags {
			require.Contains(t, namesOf(ownTexts), name, v)
		}
	}
}

// TestHelp_OfEachCommand says what it does, its flags, the settings, an example and the
// exit codes, in 80 columns.
func TestHelp_OfEachCommand(t *testing.T) {
	for _, v := range verbs {
		help := rollcall(t, nil, append([]string{"help"}, v.words...)...)
		require.Equal(t, exitDone, help.code, v)
		require.Equal(t, help.out, rollcall(t, nil, append(v.words[:len(v.words):len(v.words)], "--help")...).out)
		for _, want := range append([]string{v.about, "\nusage", "example:\n  rollcall ", "exit: 0 done", "--timeout D"}, dash(v.flags)...) {
			require.Contains(t, help.out, want, v)
		}
		if v.local == nil && !v.offline() {
			for _, vendor := range all {
				for _, name := range vendor.Variables() {
					require.Contains(t, help.out, name, v)
				}
			}
		}
		fits(t, help.out, helpWidth)

		// The example is one that the program takes, up to what is not there.
		line, _, _ := strings.Cut(v.example, " >")
		_, err := parse(strings.Fields(strings.ReplaceAll(line, "'", "")), func(string) string { return "x" })
		if v.String() != "plan" {
			require.NoError(t, err, v)
		}
	}

	r := rollcall(t, nil, "help")
	fits(t, r.out, helpWidth)
	for _, v := range verbs {
		require.Contains(t, r.out, "\n  "+v.String(), "every command is listed")
		require.Contains(t, r.out, v.about)
	}
	require.Contains(t, rollcall(t, nil, "help", "presence").out, "presence unblock USER")
	require.Contains(t, rollcall(t, nil, args("--json help aply")...).silent().fails(exitUsage, "invalid")["message"], `perhaps "apply"`)
}

// TestHelp_ExamplesAreOffered: the example of a word is at a vendor that offers it.
func TestHelp_ExamplesAreOffered(t *testing.T) {
	tried := 0
	for _, v := range verbs {
		op := core.Operation(strings.Join(v.words, "."))
		_, after, named := strings.Cut(v.example, "--vendor ")
		if !named || !slices.Contains(core.Operations(), op) {
			continue
		}
		name, _, _ := strings.Cut(after, " ")
		vendor, err := fleet.Named(name)
		require.NoError(t, err, v)
		require.NotEqual(t, core.NotOffered, vendor.Capabilities().Of(op).Support, v)
		tried++
	}
	require.GreaterOrEqual(t, tried, 12)
}

func dash(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, "  --"+name)
	}
	return out
}

// fits wants no line to be wider than a terminal.
func fits(t *testing.T, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\n"))), width, line)
	}
}

func TestAWordThatMayBeMeantIsNamed(t *testing.T) {
	for line, says := range map[string]string{
		"users lst":                                        `perhaps "users list"`,
		"users":                                            "users goes with list, get, create, update or delete",
		"users list --vender avaya":                        "perhaps --vendor is meant",
		"users list --time 5s":                             "perhaps --timeout is meant",
		"users list --nam x":                               "perhaps --name is meant",
		"--vendor avya users list":                         "perhaps avaya is meant",
		"census --vendor avaya,webx":                       "perhaps webex is meant",
		"--vendor avaya assignments add queu:1 u":          "perhaps queue is meant",
		"--vendor avaya assignments list --target gruop:1": "perhaps group is meant",
		"apply x --most users.delet=3":                     "perhaps users.delete is meant",
		"--vendor avaya presence set a awy":                "perhaps away is meant",
	} {
		e := simOf(t, "", nil)(args("--json --vendor=avaya "+line)...).silent().fails(exitUsage, "invalid")
		require.Contains(t, e["message"], says, line)
	}

	// What only the vendor knows ends as before, and names what is near.
	e := sim(t, args("targets list --kind gruop")...).silent().fails(exitFailed, "unsupported")
	require.Contains(t, e["message"], "perhaps group is meant")
	e = sim(t, args("users update "+simID(t, "dana.reyes@example.com")+" --clear lastNam")...).silent().fails(exitFailed, "invalid")
	require.Contains(t, e["message"], "perhaps lastName is meant")
}

func TestVersion_TellsWhatWasBuilt(t *testing.T) {
	for _, line := range []string{"version", "--version"} {
		r := rollcall(t, nil, line)
		require.Equal(t, exitDone, r.code)
		require.True(t, strings.HasPrefix(r.out, "rollcall "), r.out)
		got := rollcall(t, nil, "--json", line).done()
		require.Equal(t, []string{"go", "modified", "platform", "revision", "time", "version"}, keys(got[0]))
	}

	b := buildOf(&debug.BuildInfo{GoVersion: "go1.99", Main: debug.Module{Version: "v0.3.0"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}, {Key: "vcs.time", Value: "2026-11-30T00:00:00Z"}}})
	require.Equal(t, build{"v0.3.0", "abc", true, "2026-11-30T00:00:00Z", "go1.99", b.Platform}, b)
	require.Equal(t, "(devel)", buildOf(nil).Version)
}
