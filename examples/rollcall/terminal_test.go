package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// atTerminal runs the program for somebody who watches both outputs at a terminal of so
// many columns.
func (c *centre) atTerminal(width int, words ...string) (out, errs string) {
	c.t.Helper()
	var o, e bytes.Buffer
	run(c.t.Context(), words, func(name string) string { return c.env[name] },
		streams{in: strings.NewReader(""), out: &o, err: &e, terminal: true, width: width, errWidth: width})
	return o.String(), e.String()
}

// steering is what moves the cursor of a terminal to the beginning of a line.
var steering = regexp.MustCompile("\x1b\\[[0-9]*[A-Z]|\r")

// TestTerminal_NoLineWraps at 80 and 120 columns, whatever is printed.
func TestTerminal_NoLineWraps(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes and waits for their terminals")
	}
	want := `{"gone":["carla.mendes@example.com","dana.reyes@example.com","tomas.brandt@example.test"],
 "blocked":["mara.keller@example.internal","ana.silva@example.com"],
 "change":{"oona.kessler@example.com":{"avaya":{"lastName":"Kessler-Hernandez von und zu Hohenstein am Unteren Ring"}}},
 "members":[{"account":"libh3lp","target":{"kind":"queue","id":"34814"},"mode":"add","people":["night-student"]}]}`
	for _, width := range []int{80, 120} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			c := newCentre(t)
			t.Chdir(c.dir)
			c.write("want.json", want)
			lines := []string{"vendors", "show want.plan.json"}
			for vendor := range strings.SplitSeq(fiveVendors, ",") {
				lines = append(lines, "--vendor "+vendor+" users list", "--vendor "+vendor+" targets list",
					"--vendor "+vendor+" users list --login nobody-of-that-name", "--vendor "+vendor+" users get login:nobody-of-that-name@example.com")
			}
			fleet := "--vendor " + fiveVendors + " "
			for _, line := range append([]string{fleet + "plan want.json", fleet + "plan want.json --rate webex=2", fleet + "census",
				fleet + "census --person dana.reyes@example.com", fleet + "doctor want.plan.json", fleet + "apply want.plan.json"}, lines...) {
				out, errs := c.atTerminal(width, strings.Fields(line)...)
				require.NotEmpty(t, out+errs, line)
				fits(t, out, width)
				fits(t, steering.ReplaceAllString(errs, "\n"), width)
			}
			for _, line := range []string{"--vendor avaya assignments list --user login:oona.kessler@example.com",
				"--vendor webex assignments list --target queue:name:Support", "--vendor webex presence get login:ana.silva@example.com",
				"--vendor webex assignments suspend queue:name:Support login:ana.silva@example.com login:nora.lind@example.com"} {
				out, errs := c.atTerminal(width, strings.Fields(line)...)
				require.NotEmpty(t, out, line+errs)
				fits(t, out, width)
				fits(t, errs, width)
			}

			for vendor, login := range map[string]string{"avaya": "oona.kessler@example.com", "libh3lp": "ines.aldana",
				"liveperson": "nadia.kovar", "lucs": "sip:mara.keller@example.internal", "webex": "nora.lind@example.com"} {
				id := c.run("--vendor", vendor, "users", "get", "login:"+login).done()[0]["id"].(string)
				out, _ := c.atTerminal(width, "--vendor", vendor, "users", "get", id)
				fits(t, out, width)
				require.Contains(t, out, id+"\n", "it is there to be copied")
			}
			out, errs := c.atTerminal(width, "--vendor", "webex", "users", "delete",
				c.run("--vendor", "webex", "users", "get", "login:nora.lind@example.com").done()[0]["id"].(string))
			require.Contains(t, out, "deleted ", errs)
			fits(t, out, width)
		})
	}
}

// TestTerminal_ShortensIDsThereAlone: in a pipe and with --json they are whole.
func TestTerminal_ShortensIDsThereAlone(t *testing.T) {
	c := newCentre(t)
	users := c.run("--vendor", "webex", "users", "list", "--login", "nora.lind@example.com").done()
	id := users[0]["id"].(string)

	line := args("--vendor webex users list --login nora.lind@example.com")
	piped := rollcall(t, c.env, line...).out
	require.Contains(t, piped, id)
	require.True(t, strings.HasPrefix(piped, "ID "), "scripts count columns")
	require.Contains(t, strings.SplitN(piped, "\n", 2)[0], "ENABLED")

	out, _ := c.atTerminal(80, line...)
	require.True(t, strings.HasPrefix(out, "LOGIN "), "names before ids")
	require.NotContains(t, out, id)
	require.Contains(t, out, id[:3])
	require.Contains(t, out, id[len(id)-3:]+"\n")
	require.Contains(t, out, "nora.lind@example.com  Nora Lind  \"", "the address is the login")
	out, _ = c.atTerminal(300, line...)
	require.Contains(t, out, id, "there is room for it")

	lucs, _ := c.atTerminal(80, args("--vendor lucs users list")...)
	require.NotContains(t, lucs, "EMAIL", "the vendor has none")
	require.NotContains(t, lucs, "ROLES")
}

func TestWidthOf_AsksTheTerminal(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer file.Close()
	columns := func(text string) func(string) string { return func(string) string { return text } }
	require.Zero(t, widthOf(file, columns("120")), "a file is no terminal")

	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	if !isTerminal(null) {
		t.Skip("the null device does not pass for a terminal here")
	}
	require.Equal(t, 120, widthOf(null, columns("120")))
	for _, none := range []string{"", "wide", "3", "-80"} {
		require.Equal(t, unknownWidth, widthOf(null, columns(none)), none)
	}
}

// TestLogins_NameUsersEverywhere: whoever was named by a login is told by it at a terminal.
func TestLogins_NameUsersEverywhere(t *testing.T) {
	c := newCentre(t)
	for line, says := range map[string]string{
		"--vendor webex presence get login:ana.silva@example.com":                           "ana.silva@example.com is ",
		"--vendor avaya assignments list --user login:oona.kessler@example.com":             "oona.kessler@example.com",
		"--vendor webex assignments suspend queue:name:Support login:ana.silva@example.com": "ana.silva@example.com",
		"--vendor libh3lp users delete login:night-student":                                 "deleted night-student",
	} {
		out, errs := c.atTerminal(120, args(line)...)
		require.Contains(t, out, says, line+errs)
	}

	_, people := c.run("census", "--person", "login:tomas.brandt").certificates()
	require.Contains(t, people, "tomas.brandt@example.test", "a person of a job, too")

	_, errs := c.atTerminal(400, args("--vendor webex assignments suspend queue:name:Support login:nora.lind@example.com")...)
	require.Contains(t, errs, "nora.lind@example.com failed", "also in an error")
}
