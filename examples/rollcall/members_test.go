package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// staff are the logins at a LibraryH3lp queue; those who are suspended have a "-" before.
func (c *centre) staff(queue string) (logins []string) {
	c.t.Helper()
	for _, line := range c.run("--vendor", "libh3lp", "assignments", "list", "--target", "queue:"+queue).done() {
		u := c.run("--vendor", "libh3lp", "users", "get", line["userId"].(string)).done()[0]
		login := u["login"].(string)
		if line["suspended"] == true {
			login = "-" + login
		}
		logins = append(logins, login)
	}
	slices.Sort(logins)
	return logins
}

// TestMembers_OfAShift: adds come first, whoever is in neither team stays, and it can be
// taken back.
func TestMembers_OfAShift(t *testing.T) {
	c := newCentre(t)
	before := c.staff("34814")
	require.Subset(t, before, []string{"desk-anna", "desk-bo", "desk-cy"})
	require.NotContains(t, before, "elif.demir")
	want := `{"members":[{"account":"libh3lp","target":{"kind":"queue","id":"34814"},"mode":"exact","people":["desk-bo","elif.demir"],
		"within":["desk-anna","desk-bo","desk-cy","elif.demir"],"floor":2}]}`
	file, id := c.plan(want, "--vendor", "libh3lp")
	r := c.run("--vendor", "libh3lp", "apply", file)
	r.done()
	require.Len(t, r.steps(), 3)
	for step, result := range r.steps() {
		require.Equal(t, "applied", result, step)
	}
	after := c.staff("34814")
	require.Subset(t, after, []string{"desk-bo", "elif.demir"})
	require.NotContains(t, after, "desk-anna")
	require.NotContains(t, after, "desk-cy")
	require.Len(t, after, len(before)-1, "whoever is in neither team stays")

	// Add and remove, which take nobody else away.
	file, _ = c.plan(`{"members":[{"account":"libh3lp","target":{"kind":"queue","id":"34814"},"mode":"add","people":["desk-anna"]},
		{"account":"libh3lp","target":{"kind":"queue","id":"34814"},"mode":"remove","people":["elif.demir"]}]}`, "--vendor", "libh3lp")
	c.run("--vendor", "libh3lp", "apply", file).done()
	require.Contains(t, c.staff("34814"), "desk-anna")
	require.NotContains(t, c.staff("34814"), "elif.demir")
	require.Equal(t, exitDone, c.run("--vendor", "libh3lp", "undo", id, "--journal", c.at("rollcall.journal")).code)
	require.Equal(t, before, c.staff("34814"), "what is so already is left alone")
}

// TestMembers_TheFloorHolds: the last who work stay, and somebody suspended does not count.
func TestMembers_TheFloorHolds(t *testing.T) {
	c := newCentre(t)
	queue := "34818"
	for _, login := range c.staff(queue) {
		login = strings.TrimPrefix(login, "-")
		c.run("--vendor", "libh3lp", "assignments", "remove", "queue:"+queue, "login:"+login).done()
	}
	c.run("--vendor", "libh3lp", "assignments", "add", "queue:"+queue, "login:desk-anna", "login:desk-bo", "login:desk-cy").done()
	c.run("--vendor", "libh3lp", "assignments", "suspend", "queue:"+queue, "login:desk-bo").done()
	require.Equal(t, []string{"-desk-bo", "desk-anna", "desk-cy"}, c.staff(queue))

	file, _ := c.plan(`{"members":[{"account":"libh3lp","target":{"kind":"queue","id":"`+queue+`"},"mode":"remove","people":["desk-anna",`+
		`"desk-cy"],"floor":1}]}`,
		"--vendor", "libh3lp")
	r := c.run("--vendor", "libh3lp", "--timeout", "1s", "apply", file) // it would wait for a minute
	r.fails(exitPartial, "canceled")
	require.Equal(t, json.Number("1"), r.report()["applied"], r.out)
	require.Equal(t, json.Number("1"), r.report()["waiting"], r.out)
	require.Len(t, c.staff(queue), 2, "one who works, and the one who is suspended")

	// When somebody works there again, the same line goes on.
	c.run("--vendor", "libh3lp", "assignments", "resume", "queue:"+queue, "login:desk-bo").done()
	c.run("--vendor", "libh3lp", "apply", file).done()
	require.Equal(t, []string{"desk-bo"}, c.staff(queue))
}

// TestMembers_OfAnEmptyWant: nobody is taken out of everywhere by a list that was lost.
func TestMembers_OfAnEmptyWant(t *testing.T) {
	c := newCentre(t)
	for _, text := range []string{`"mode":"exact","people":["desk-bo"]`, `"mode":"exact","people":[],"within":"everyone"`,
		`"mode":"exact","people":["desk-bo"],"within":[]`} {
		want := c.write("want.json", `{"members":[{"account":"libh3lp","target":{"kind":"queue","id":"34814"},`+text+`}]}`)
		c.quiet(func() result { return c.run("--vendor", "libh3lp", "plan", want) }).fails(exitUsage, "invalid")
	}
}

// TestPlan_TellsWhoChangedWhatWasApplied, by what the journal says was applied last.
func TestPlan_TellsWhoChangedWhatWasApplied(t *testing.T) {
	c := newCentre(t)
	want := `{"members":[{"account":"libh3lp","target":{"kind":"queue","id":"34818"},"mode":"add","people":["desk-cy"]}]}`
	night := func() string {
		t.Helper()
		r := rollcall(t, c.env, args("--vendor libh3lp plan --force", c.write("want.json", want))...)
		require.Equal(t, exitDone, r.code, r.err)
		c.run("--vendor", "libh3lp", "apply", c.at("want.plan.json")).done()
		return r.out
	}
	require.NotContains(t, night(), "changed it")
	c.run("--vendor", "libh3lp", "assignments", "remove", "queue:34818", "login:desk-cy").done()
	require.Contains(t, night(), "queue:34818: somebody else changed it")
	require.Contains(t, night(), "There is nothing to do.")

	// Who changes it back again and again is not fought.
	for range 3 {
		c.run("--vendor", "libh3lp", "assignments", "remove", "queue:34818", "login:desk-cy").done()
		c.plan(want, "--vendor", "libh3lp")
		c.run("--vendor", "libh3lp", "apply", c.at("want.plan.json")).done()
	}
	c.run("--vendor", "libh3lp", "assignments", "remove", "queue:34818", "login:desk-cy").done()
	file, _ := c.plan(want, "--vendor", "libh3lp")
	r := c.run("--vendor", "libh3lp", "apply", file)
	require.Contains(t, r.fails(exitPartial, "partial")["message"], "1 gap")
	require.NotContains(t, c.staff("34818"), "desk-cy")
}

// TestBudget_OverADay: forty small plans in a day are one big one.
func TestBudget_OverADay(t *testing.T) {
	c := newCentre(t)
	var people []string
	for _, line := range c.run("--vendor", "avaya", "users", "list").done() {
		people = append(people, line["login"].(string))
	}
	require.Len(t, people, 25)
	leave := func(i int, budget ...string) (result, string) {
		file, id := c.plan(fmt.Sprintf(`{"gone":[%q]}`, people[i]), "--vendor", "avaya", "--out", c.at(fmt.Sprintf("%d.json", i)))
		return c.run(append([]string{"--vendor", "avaya", "apply", file}, budget...)...), id
	}
	left, tripped := 0, ""
	for ; left < len(people) && tripped == ""; left++ {
		writes := len(c.writes())
		r, id := leave(left)
		if r.code == exitDone {
			continue
		}
		require.Equal(t, exitOver, r.code, r.err)
		require.Len(t, r.over(), 1)
		require.Equal(t, writes, len(c.writes()), "nothing was written")
		tripped = id
	}
	require.Equal(t, 5, left, "four of 25 have left, and a fifth one would be more than a fifth of the rest")

	// One who has read it releases it, for this once; the next one trips again.
	c.run("--vendor", "avaya", "apply", c.at("4.json"), "--release", tripped).done()
	r, _ := leave(left)
	require.Equal(t, exitOver, r.code)
	r, _ = leave(left, "--share", "users.delete=100")
	r.done()
}
