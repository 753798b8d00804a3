package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/avaya/avayatest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// asProgram is the variable that makes this test the program itself.
const asProgram = "ROLLCALL_TEST_AS_PROGRAM"

// process is a run of the program as a process of its own.
type process struct {
	*exec.Cmd
	out, err bytes.Buffer
}

func (c *centre) start(words ...string) *process {
	exe, err := os.Executable()
	require.NoError(c.t, err)
	p := &process{Cmd: exec.CommandContext(c.t.Context(), exe, append([]string{"--json", "--poll", "10ms"}, words...)...)}
	p.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range c.env {
		p.Env = append(p.Env, name+"="+value)
	}
	p.Stdout, p.Stderr = &p.out, &p.err
	require.NoError(c.t, p.Start())
	return p
}

// until waits for something that another process does.
func (c *centre) until(what string, seen func() bool) {
	c.t.Helper()
	require.Eventually(c.t, seen, 20*time.Second, 5*time.Millisecond, what)
}

// crowd is a want of n new people, spread over vendors.
func (c *centre) crowd(n int, vendors ...string) (want string) {
	var have []string
	for i := range n {
		row := map[string]string{
			"avaya": `{"person":"new%d@example.com","account":"avaya","password":"FIRST","spec":{"login":"new%[1]d@example.com",` +
				`"firstName":"New","lastName":"Person","email":"new%[1]d@example.com","roles":["Agent"]}}`,
			"libh3lp": `{"person":"new%d","account":"libh3lp","password":"FIRST","spec":{"login":"new%[1]d"},"links":[{"target":{"kind":"queue",` +
				`"id":"34815"}}]}`,
			"webex": `{"person":"new%d@example.com","account":"webex","spec":{"login":"new%[1]d@example.com","firstName":"New",` +
				`"lastName":"Person"}}`,
		}[vendors[i%len(vendors)]]
		have = append(have, fmt.Sprintf(row, i))
	}
	return `{"have":[` + strings.Join(have, ",") + `]}`
}

// creates counts the creates that reached the vendors.
func (c *centre) creates() int {
	return len(c.libh3lp.Requests("Users.Create")) + len(c.avaya.Requests("Users.Create")) + len(c.webex.Requests("People.Create"))
}

// TestApply_IsResumedAfterAKill: a process is killed in the middle, the same line goes on,
// and every effect took place once.
func TestApply_IsResumedAfterAKill(t *testing.T) {
	c := newCentre(t)
	const people = 24
	file, id := c.plan(c.crowd(people, "avaya", "libh3lp", "webex"), "--vendor", "avaya,libh3lp,webex")
	slow := 40 * time.Millisecond
	c.avaya.Fault(avayatest.Fault{Op: "Users.Create", Delay: slow, Times: -1})
	c.libh3lp.Fault(libh3lptest.Fault{Op: "Users.Create", Delay: slow, Times: -1})
	c.webex.Fault(webextest.Fault{Op: "People.Create", Delay: slow, Times: -1})

	p := c.start("--vendor", "avaya,libh3lp,webex", "apply", file, "--workers", "4")
	c.until("some are created", func() bool { return c.creates() >= people/3 })
	require.NoError(t, p.Process.Kill())
	p.Wait()
	require.NotContains(t, p.out.String(), "report", "it was killed in the middle")

	status := c.quiet(func() result { return rollcall(t, nil, "--json", "status", id, "--journal", c.at("rollcall.journal")) })
	status.done()
	require.NotEqual(t, json.Number("0"), status.report()["open"])

	r := c.run("--vendor", "avaya,libh3lp,webex", "apply", file)
	r.done()
	require.Equal(t, json.Number(fmt.Sprint(people)), r.report()["applied"], r.out)
	for _, vendor := range []string{"avaya", "libh3lp", "webex"} {
		logins := map[any]int{}
		for _, u := range c.run("--vendor", vendor, "users", "list").done() {
			logins[u["login"]]++
		}
		for i := range people {
			for _, login := range []string{fmt.Sprintf("new%d", i), fmt.Sprintf("new%d@example.com", i)} {
				require.LessOrEqual(t, logins[login], 1, login)
			}
		}
	}
	made := 0
	for _, asked := range c.traffic() {
		for _, r := range asked {
			if (r.Op == "Users.Create" || r.Op == "People.Create") && r.Status/100 == 2 {
				made++
			}
		}
	}
	require.LessOrEqual(t, made, people, "nobody is created twice")
	r = c.quiet(func() result { return rollcall(t, nil, "--json", "status", id, "--journal", c.at("rollcall.journal")) })
	require.Equal(t, json.Number("0"), r.report()["open"])
}

// TestApply_EndsGentlyOnASignal: what is under way is finished, and it says how to go on.
func TestApply_EndsGentlyOnASignal(t *testing.T) {
	c := newCentre(t)
	const people = 40
	file, _ := c.plan(c.crowd(people, "webex"), "--vendor", "webex")
	slow := 100 * time.Millisecond
	c.webex.Fault(webextest.Fault{Op: "People.Create", Delay: slow, Times: -1})

	p := c.start("--vendor", "webex", "apply", file, "--workers", "2")
	c.until("some are created", func() bool { return c.creates() >= 4 })
	require.NoError(t, p.Process.Signal(os.Interrupt))
	p.Wait()
	r := result{t, p.ProcessState.ExitCode(), p.out.String(), p.err.String()}
	e := r.fails(exitPartial, "canceled")
	require.Contains(t, e["message"], "apply the same plan again")
	require.Equal(t, "yes", e["applied"], r.out)
	require.Contains(t, r.err, "no step is begun any more")
	require.Len(t, r.steps(), people)
	require.NotContains(t, r.steps(), "unknown", "what was under way was finished")
	require.Equal(t, json.Number("0"), r.report()["unknown"])
	require.NotEqual(t, json.Number("0"), r.report()["waiting"])

	r = c.run("--vendor", "webex", "apply", file)
	r.done()
	require.Equal(t, json.Number(fmt.Sprint(people)), r.report()["applied"])
	require.LessOrEqual(t, c.creates(), people)
}

// TestApply_EndsAtOnceOnASecondSignal.
func TestApply_EndsAtOnceOnASecondSignal(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(c.crowd(4, "libh3lp", "webex"), "--vendor", "libh3lp,webex")
	c.libh3lp.Fault(libh3lptest.Fault{Op: "Users.Create", Delay: 5 * time.Second, Times: -1})
	c.webex.Fault(webextest.Fault{Op: "People.Create", Delay: 5 * time.Second, Times: -1})
	p := c.start("--vendor", "libh3lp,webex", "apply", file)
	c.until("some are under way", func() bool { return c.creates() >= 2 })
	require.NoError(t, p.Process.Signal(os.Interrupt))
	start := time.Now()
	done := make(chan error, 1)
	go func() { done <- p.Wait() }()
	// The first signal has to be taken before the second can end the program.
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case <-again.C:
			p.Process.Signal(os.Interrupt)
		}
	}
	require.Less(t, time.Since(start), 3*time.Second)
	status, ok := p.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok && status.Signaled(), "it ended by the signal")
}

// TestApply_TellsEachStepAsItEnds: a pipe sees the first steps while others are open.
func TestApply_TellsEachStepAsItEnds(t *testing.T) {
	c := newCentre(t)
	file, _ := c.plan(c.crowd(4, "libh3lp", "webex"), "--vendor", "libh3lp,webex")
	c.libh3lp.Fault(libh3lptest.Fault{Op: "Users.Create", Delay: 300 * time.Millisecond, Times: -1})
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), exe, "--json", "--vendor", "libh3lp,webex", "apply", file)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range c.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line := make([]byte, 8)
	_, err = out.Read(line)
	require.NoError(t, err)
	require.Equal(t, `{"step":`, string(line))
	rest := new(bytes.Buffer)
	_, err = rest.ReadFrom(out)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait())
	require.Contains(t, rest.String(), `"report"`)
}

// TestApply_ByTwoProcessesAtOnce: each step takes place once, and both see all of it.
func TestApply_ByTwoProcessesAtOnce(t *testing.T) {
	c := newCentre(t)
	const people = 18
	file, _ := c.plan(c.crowd(people, "avaya", "libh3lp", "webex"), "--vendor", "avaya,libh3lp,webex")
	one := c.start("--vendor", "avaya,libh3lp,webex", "apply", file)
	two := c.start("--vendor", "avaya,libh3lp,webex", "apply", file)
	for _, p := range []*process{one, two} {
		err := p.Wait()
		r := result{t, p.ProcessState.ExitCode(), p.out.String(), p.err.String()}
		require.NoError(t, err, "%s%s", r.out, r.err)
		require.Equal(t, json.Number(fmt.Sprint(people)), r.report()["applied"])
		require.Len(t, r.steps(), people)
	}
	require.Equal(t, people, c.creates())
}
