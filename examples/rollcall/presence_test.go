package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/storekit"
	"github.com/rollcall-go/rollcall/examples/internal/fleet"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// stub is a store with what Avaya lacks. Only what a test calls is there.
type stub struct {
	core.Store
	presence core.Presence
	set      core.Availability
	made     core.Block
	blockErr error
	lifted   [][]core.Block
	suspend  []core.Assignment
}

func (s *stub) Presence(context.Context, string) (core.Presence, error) { return s.presence, nil }

func (s *stub) SetPresence(_ context.Context, _ string, to core.Availability) error {
	s.set = to
	return nil
}

func (s *stub) Block(context.Context, string) (core.Block, error) { return s.made, s.blockErr }

func (s *stub) Unblock(_ context.Context, _ string, made ...core.Block) error {
	s.lifted = append(s.lifted, made)
	return nil
}

func (s *stub) LiftBlocks(context.Context, string) error {
	s.lifted = append(s.lifted, nil)
	return nil
}

func (s *stub) Close(context.Context) error { return nil }

func (s *stub) Suspend(_ context.Context, as ...core.Assignment) ([]core.Outcome, error) {
	s.suspend = as
	out := make([]core.Outcome, len(as))
	for i, a := range as {
		out[i] = core.Outcome{Assignment: a, Result: core.ResultUnknown, Code: "E9", Message: "lost", Err: errors.New("lost")}
	}
	return out, storekit.OutcomesError("stub", "Assignments.Suspend", out)
}

// with adds a vendor to the program for one test.
func with(t *testing.T, s core.Store) func(words ...string) result {
	old := all
	all = append(slices.Clone(all), fleet.Vendor{Name: "stub", Open: func(fleet.Settings) (core.Store, error) { return s, nil },
		Capabilities: func() core.Capabilities { return core.Capabilities{Vendor: "stub"} }})
	fleet.All = all
	t.Cleanup(func() { all, fleet.All = old, old })
	return func(words ...string) result {
		t.Helper()
		return rollcall(t, nil, append([]string{"--vendor", "stub", "--json"}, words...)...)
	}
}

func TestPresence(t *testing.T) {
	s := &stub{presence: core.Presence{UserID: "u1", Availability: core.Unknown}}
	stubbed := with(t, s)
	require.Equal(t, []object{{"userId": "u1", "availability": "unknown", "raw": "", "blocked": nil, "routable": nil, "reason": ""}},
		stubbed("presence", "get", "u1").done(), "what a vendor does not say is null")
	s.presence = core.Presence{UserID: "u1", Availability: core.DND, Raw: "DoNotDisturb", Blocked: new(true), Routable: new(false), Reason: "lunch"}
	require.Equal(t, []object{{"userId": "u1", "availability": "dnd", "raw": "DoNotDisturb", "blocked": true, "routable": false, "reason": "lunch"}},
		stubbed("presence", "get", "u1").done())
	for _, to := range []string{"available", "busy", "away", "dnd", "offline"} {
		require.Equal(t, []object{{"ok": true}}, stubbed("presence", "set", "u1", to).done())
		require.Equal(t, core.Availability(to), s.set)
	}
}

func TestBlockAndUnblock(t *testing.T) {
	s := &stub{made: core.Block{Vendor: "stub", UserID: "u1", Changed: []string{"queue:7", "queue:é"}}}
	stubbed := with(t, s)
	r := stubbed("presence", "block", "u1")
	require.Equal(t, []object{{"ok": true, "record": object{"vendor": "stub", "userId": "u1", "changed": []any{"queue:7", "queue:é"}}}}, r.done())

	file := filepath.Join(t.TempDir(), "record")
	require.NoError(t, os.WriteFile(file, []byte(r.out), 0o600))
	require.Equal(t, []object{{"ok": true}}, stubbed("presence", "unblock", "u1", "--record", file).done())
	require.Equal(t, [][]core.Block{{s.made}}, s.lifted, "the whole line is taken back")

	_, record, _ := strings.Cut(strings.TrimSpace(r.out), `"record":`)
	rollcallIn(t, t.Context(), nil, strings.TrimSuffix(record, "}"), args("--vendor stub --json presence unblock --record - u1")...).done()
	require.Equal(t, []core.Block{s.made}, s.lifted[1], "the record alone, too, and from standard input")

	stubbed("presence", "unblock", "u1").done()
	require.Empty(t, s.lifted[2], "without a record it lifts every block")

	for _, text := range []string{"", "nonsense", "{}", `{"ok":true}`, "[]"} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		stubbed("presence", "unblock", "u1", "--record", file).silent().fails(exitUsage, "invalid")
	}
	require.Len(t, s.lifted, 3)
}

func TestBlockThatEndsHalfWay(t *testing.T) {
	s := &stub{made: core.Block{Vendor: "stub", UserID: "u1", Changed: []string{"queue:7"}},
		blockErr: &core.Error{Vendor: "stub", Op: "Presence.Block", Class: core.ClassPartial, Applied: core.AppliedYes, Message: "one of two"}}
	r := with(t, s)("presence", "block", "u1")
	require.Equal(t, "yes", r.fails(exitPartial, "partial")["applied"])
	lines := r.lines()
	require.Len(t, lines, 1, "what was switched off must be known to be switched on again")
	require.Equal(t, []any{"queue:7"}, lines[0]["record"].(object)["changed"])
	require.Equal(t, false, lines[0]["ok"])
}

func TestAnErrorOfNobodyHasAClass(t *testing.T) {
	s := &stub{blockErr: errors.New("what nobody thought of")}
	with(t, s)("presence", "block", "u1").silent().fails(exitFailed, "protocol")
}

func TestUnknownOutcomes(t *testing.T) {
	s := &stub{}
	r := with(t, s)("assignments", "suspend", "queue:a@3", "u1", "u2")
	require.Equal(t, "unknown", r.fails(exitPartial, "partial")["applied"])
	require.Len(t, r.lines(), 2)
	require.Equal(t, object{"assignment": object{"userId": "u1", "target": object{"kind": "queue", "id": "a@3", "name": ""}, "level": nil,
		"suspended": false}, "result": "unknown", "code": "E9", "message": "lost", "before": nil}, r.lines()[0])
	require.Len(t, s.suspend, 2)
	require.Nil(t, s.suspend[0].Level, "only add takes a level")
}

// TestBlock_KilledHalfWay: the record was told before the first write, and takes back what
// was done.
func TestBlock_KilledHalfWay(t *testing.T) {
	c := newCentre(t)
	hugo := c.run("--vendor", "libh3lp", "users", "list", "--login", "hugo.marchand").done()[0]["id"].(string)
	for _, target := range c.run("--vendor", "libh3lp", "targets", "list").done() {
		for _, verb := range []string{"add", "resume"} {
			c.run("--vendor", "libh3lp", "assignments", verb, "queue:"+target["id"].(string), hugo).done()
		}
	}
	links := func() []object { return c.run("--vendor", "libh3lp", "assignments", "list", "--user", hugo).done() }
	before, writes := links(), func() int { return len(c.libh3lp.Requests("Assignments.Update")) }
	resumed := writes()
	c.libh3lp.Fault(libh3lptest.Fault{Op: "Assignments.Update", Skip: 2, Times: -1, Delay: time.Hour})

	p := c.start("--vendor", "libh3lp", "presence", "block", hugo)
	c.until("some links are suspended", func() bool { return writes() > resumed+2 })
	require.NoError(t, p.Process.Kill())
	p.Wait()
	require.NotEqual(t, before, links(), "half of it is done")

	c.libh3lp.Reset()
	_, record, told := strings.Cut(p.err.String(), "lifts what it did: ")
	require.True(t, told, p.err.String())
	c.run("--vendor", "libh3lp", "presence", "unblock", hugo, "--record", c.write("record", record)).done()
	require.Equal(t, before, links())
}

// TestBlock_ARecordThatCannotBePrinted is printed elsewhere: it is not to be had again.
func TestBlock_ARecordThatCannotBePrinted(t *testing.T) {
	hugo := simOf(t, "libh3lp", nil)("users", "list", "--login", "hugo.marchand").done()[0]["id"].(string)
	synctest.Test(t, func(t *testing.T) {
		var stderr strings.Builder
		code := run(t.Context(), args("--sim --vendor libh3lp --json presence block "+hugo), func(string) string { return "" },
			streams{in: strings.NewReader(""), out: &full{}, err: &stderr})
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr.String(), `"record":{"vendor":"libh3lp","userId":"`+hugo+`","changed":["queue:`)
	})
}
