package main

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core/roster"
)

// TestAhead_UndoAndReapTellTheirSteps before the first of them, so that a forecast can be
// made.
func TestAhead_UndoAndReapTellTheirSteps(t *testing.T) {
	c := newCentre(t)
	now := time.Now()
	until := now.Add(time.Hour).UTC().Format(time.RFC3339)
	file, id := c.plan(`{"blocked":["ana.silva@example.com","omar.haddad@example.com"],"until":"`+until+`"}`, "--vendor", "webex")
	c.run("--vendor", "webex", "apply", file).done()

	getenv := func(name string) string { return c.env[name] }
	command, err := parse(args("--vendor webex undo "+id), getenv)
	require.NoError(t, err)
	j := &job{command: command, getenv: getenv, io: streams{out: io.Discard, err: io.Discard}}
	j.p = newPrinter(j.io, command)
	f, end, err := j.fleet(t.Context())
	require.NoError(t, err)
	defer end(t.Context())
	journal, err := openJournal(c.at("rollcall.journal"))
	require.NoError(t, err)
	defer journal.Close()
	run := j.run(f, journal, j.tell())
	var ahead []roster.Step
	tell := func(p roster.Plan) { ahead = p.Steps }

	require.NoError(t, allDue(t.Context(), run, now, tell))
	require.Empty(t, ahead, "no lease is due")
	require.NoError(t, allDue(t.Context(), run, now.Add(2*time.Hour), tell))
	require.Len(t, ahead, 2)

	ahead = nil
	report, err := undoing(id)(t.Context(), run, tell)
	require.NoError(t, err)
	require.Equal(t, 2, report.Applied)
	require.Len(t, ahead, 2)
}
