package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/core/roster"
	"github.com/rollcall-go/rollcall/examples/internal/jobs"
)

const threeGone = `{"gone":["ana.silva@example.com","ben.okoro@example.com","carla.mendes@example.com"]}`

// TestRate_TellsHowLongAPlanTakes: where a limit is told, or documented, and nowhere else.
func TestRate_TellsHowLongAPlanTakes(t *testing.T) {
	c := newCentre(t)
	seconds := func(words ...string) (calls int64, took any) {
		t.Helper()
		lines := c.run(append([]string{"plan", c.write("want.json", threeGone), "--force"}, words...)...).done()
		plan := lines[len(lines)-1]["plan"].(object)
		calls, _ = plan["calls"].(object)["webex"].(json.Number).Int64()
		return calls, plan["seconds"]
	}
	_, took := seconds()
	require.Nil(t, took, "Webex publishes no limit, and refused nothing")

	calls, took := seconds("--rate", "webex=2")
	require.Greater(t, calls, int64(6))
	s, err := took.(json.Number).Float64()
	require.NoError(t, err)
	require.InDelta(t, float64(calls)/2, s, float64(calls)/2*0.1+1, "two requests a second")

	lucs := c.run("plan", c.write("shut.json", `{"blocked":["mara.keller@example.internal"]}`)).done()
	require.NotNil(t, lucs[len(lucs)-1]["plan"].(object)["seconds"], "the client keeps a limit of its own at LUCS")
}

func TestRate_IsRefusedWhereItCannotBeMeant(t *testing.T) {
	c := newCentre(t)
	for _, rate := range []string{"webex", "webex=", "webex=0", "webex=-1", "webex=1/0", "webex=1/", "=1", "webex=NaN", "acme=1"} {
		e := c.run("census", "--rate", rate).silent().fails(exitUsage, "invalid")
		require.Contains(t, e["message"], "rate", rate)
	}
	c.run("census", "--rate", "webex=5", "--rate", "webex=6").silent().fails(exitUsage, "invalid")
	require.Zero(t, c.requests())
}

// TestProgress_KnowsTheEnd: not before the pace of the account allows it.
func TestProgress_KnowsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen strings.Builder
		p := jobs.NewProgress(&seen, io.Discard)
		p.Forecast = func(account string) (time.Duration, bool) { return time.Hour, account == "told" }
		time.Sleep(time.Second)
		for _, account := range []string{"told", "other"} {
			p.Step(roster.Event{Account: account, AccountDone: 1, AccountTotal: 10, Done: 2, Total: 2,
				StepReport: roster.StepReport{Result: core.ResultApplied}})
		}
		in := func(d time.Duration) string { return "ends about " + time.Now().Add(d).Format(time.TimeOnly) }
		require.Contains(t, seen.String(), "told: 1 of 10 done, 0 not, 1.0 a second, "+in(54*time.Minute))
		require.Contains(t, seen.String(), "other: 1 of 10 done, 0 not, 1.0 a second, "+in(9*time.Second))
	})
}
