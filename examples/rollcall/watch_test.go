package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/simtest"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

// changes are what a watch told: what of whom.
func (r result) changes() (told []string) {
	r.t.Helper()
	for _, line := range r.lines() {
		require.Equal(r.t, []string{"change"}, keys(line))
		ch := line["change"].(object)
		require.Equal(r.t, []string{"account", "after", "before", "person", "seen", "user", "what", "within"}, keys(ch))
		within, err := ch["within"].(json.Number).Float64()
		require.NoError(r.t, err)
		require.Positive(r.t, within)
		told = append(told, strings.Join([]string{ch["account"].(string), ch["what"].(string), ch["person"].(string)}, " "))
	}
	return told
}

// watching starts a watch as a process of its own, and returns when its first look is done.
func (c *centre) watching(words ...string) (looks func() int, end func() result) {
	c.t.Helper()
	p := c.start(append([]string{"watch", "--every", "100ms"}, words...)...)
	looks = func() int {
		n := 0
		for _, asked := range [][]simtest.Request{c.libh3lp.Requests(), c.webex.Requests()} {
			for _, r := range asked {
				if r.Op == "Queues.List" && r.Status < 400 {
					n++
				}
			}
		}
		return n
	}
	c.more(looks, 6)
	return looks, func() result {
		require.NoError(c.t, p.Process.Signal(os.Interrupt))
		p.Wait()
		return result{c.t, p.ProcessState.ExitCode(), p.out.String(), p.err.String()}
	}
}

// more waits until n more looks have been seen.
func (c *centre) more(looks func() int, n int) {
	c.t.Helper()
	was := looks()
	c.until("looks", func() bool { return looks() >= was+n })
}

// TestWatch_TellsWhatChangesUntilItIsInterrupted, and invents nothing.
func TestWatch_TellsWhatChangesUntilItIsInterrupted(t *testing.T) {
	c := newCentre(t)
	looks, end := c.watching("--vendor", "libh3lp,webex")
	c.run("--vendor", "libh3lp", "users", "update", "8452", "--email", "bo.new@library.example").done()
	c.run("--vendor", "libh3lp", "assignments", "add", "queue:34818", "8453").done()
	c.run("--vendor", "webex", "users", "delete", "login:ivan.petrov@example.com").done()
	c.run("--vendor", "webex", "presence", "block", "login:ana.silva@example.com").done()
	c.more(looks, 9)
	r := end()
	require.Equal(t, exitDone, r.code, r.err)
	told := r.changes()
	require.Subset(t, told, []string{"libh3lp user bo.new@library.example", "libh3lp assignment cy@library.example",
		"webex gone ivan.petrov@example.com"})
	require.Contains(t, told, "webex presence ana.silva@example.com", r.out)
	for _, change := range told {
		require.NotContains(t, change, "desk-anna", "nothing happened to her")
	}
}

// TestWatch_ABadDayInventsNothing: a list that is cut, an empty one and a vendor that is
// away are no changes, and the watch goes on.
func TestWatch_ABadDayInventsNothing(t *testing.T) {
	c := newCentre(t)
	l := c.behind("libh3lp")
	looks, end := c.watching("--vendor", "libh3lp,webex")
	for _, rows := range []int32{1, 0, -1} {
		l.rows.Store(rows)
		c.more(looks, 6)
	}
	c.webex.Fault(webextest.Fault{Status: 403, Body: `{"message":"no"}`, Times: 6})
	c.more(looks, 9)
	c.run("--vendor", "webex", "users", "delete", "login:ivan.petrov@example.com").done()
	c.more(looks, 9)
	r := end()
	require.Equal(t, exitDone, r.code, r.err)
	require.Equal(t, []string{"webex gone ivan.petrov@example.com"}, r.changes())
	require.Contains(t, r.err, "a look failed")
	require.Contains(t, r.err, "can be read again")
}

// TestWatch_AnAccountThatIsAwayAtFirst is nobody new when it comes back.
func TestWatch_AnAccountThatIsAwayAtFirst(t *testing.T) {
	c := newCentre(t)
	c.webex.Fault(webextest.Fault{Status: 403, Body: `{"message":"no"}`, Times: 3})
	looks, end := c.watching("--vendor", "libh3lp,webex")
	c.more(looks, 9)
	c.run("--vendor", "webex", "users", "delete", "login:ivan.petrov@example.com").done()
	c.more(looks, 9)
	r := end()
	require.Equal(t, exitDone, r.code, r.err)
	require.Equal(t, []string{"webex gone ivan.petrov@example.com"}, r.changes())
}

// TestWatch_EndsByItself: after --for, and at once where nothing can be read.
func TestWatch_EndsByItself(t *testing.T) {
	c := newCentre(t)
	r := c.run("watch", "--for", "2s", "--every", "100ms", "--person", "ana.silva@example.com", "--vendor", "webex")
	require.Empty(t, r.done())
	require.Contains(t, r.err, "watching 1 person at 1 account")
	require.Empty(t, c.writes())
	c.run("watch", "--for", "1ms").fails(exitFailed, "incomplete")
	c.run("watch", "--timeout", "600ms", "--vendor", "webex").fails(exitFailed, "canceled")
	env := withEnv(c.env, "WEBEX_TOKEN", "wrong")
	rollcall(t, env, args("--json --vendor webex watch")...).fails(exitFailed, "unauthenticated")
	for _, wrong := range []string{"--every 0s", "--for -1s", "--person ", "--workers 3"} {
		c.quiet(func() result { return c.run(append([]string{"watch"}, strings.SplitN(wrong, " ", 2)...)...) }).fails(exitUsage, "invalid")
	}
}
