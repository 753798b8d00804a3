package libh3lp_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestStoreSuspend_WritesAgainIfTheUserOptedIn: staff can opt in again at any time, so that a list
// which shows what was before one's own write may be the truth.
func TestStoreSuspend_WritesAgainIfTheUserOptedIn(t *testing.T) {
	sim, user, _ := staffed(t, 1)
	store := over(t, sim).Store()
	for range 2 {
		out, err := store.Suspend(t.Context(), queue(user, "34814"))
		require.NoError(t, err)
		require.Equal(t, core.ResultApplied, out[0].Result)
		require.Equal(t, []core.Assignment{{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: "34814", Name: "queue-0"}}},
			[]core.Assignment{*out[0].Before})
		require.False(t, sim.Links(8451)[0].Enabled)
		sim.SetEnabled(8451, 34814, true)
	}
}

// TestAssignments_ALinkWithoutAState is looked for: absent is off in a list, and nothing in
// the answer to a change.
func TestAssignments_ALinkWithoutAState(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("PUT", api+"/users/5/assignments/7", resttest.Answer(200, `[{"queueId":7,"queue":"q","userId":5,"user":"u"}]`))
	links := func(body string) {
		mt.RegisterResponder("GET", api+"/users/5/assignments", resttest.Answer(200, body))
	}
	links(`[{"queueId":7,"userId":5,"enabled":true}]`)
	_, err := c.Assignments.Update(t.Context(), 5, 7, false)
	require.ErrorIs(t, err, core.ErrNotApplied)
	l, err := c.Assignments.Update(t.Context(), 5, 7, true)
	require.NoError(t, err)
	require.True(t, bool(l.Enabled))
	links(`[{"queueId":7,"userId":5}]`)
	_, err = c.Assignments.Update(t.Context(), 5, 7, false)
	require.NoError(t, err)
	links(`[`)
	_, err = c.Assignments.Update(t.Context(), 5, 7, false)
	require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
}

// TestAssignmentsDelete_OfAnImpossibleLink says the same from whichever side the links are read.
func TestAssignmentsDelete_OfAnImpossibleLink(t *testing.T) {
	for _, missing := range []libh3lptest.Missing{libh3lptest.MissingNotFound, libh3lptest.MissingFailure, libh3lptest.MissingNull,
		libh3lptest.MissingEmptyArray} {
		sim, user, _ := staffed(t, 2, libh3lptest.WithMissing(missing), libh3lptest.WithAdministratorHidden())
		store := over(t, sim).Store()
		others := sim.AddUsers(3)
		queue := sim.AddQueue(`{"name":"empty"}`)
		remove := func(as ...core.Assignment) (out []any) {
			t.Helper()
			outcomes, _ := store.Unassign(t.Context(), as...)
			for _, o := range outcomes {
				out = append(out, string(o.Result)+o.Code)
			}
			return out
		}
		at := func(user, queue string) core.Assignment {
			return core.Assignment{UserID: user, Target: core.Target{Kind: core.KindQueue, ID: queue}}
		}
		q, no := str(queue), "failednot_found"
		require.Equal(t, []any{no}, remove(at(user, "99")), "%v", missing)
		require.Equal(t, []any{no, no}, remove(at(user, "99"), at(str(others[0]), "99")), "%v", missing)
		require.Equal(t, []any{no}, remove(at("9999", q)), "%v", missing)
		require.Equal(t, []any{"already", no, "already"}, remove(at(user, q), at("9999", q), at(str(others[0]), q)), "%v", missing)
		require.Equal(t, []any{"already"}, remove(at(user, q)), "%v", missing)
		require.Equal(t, []any{"already", no}, remove(at(user, q), at(user, "99")), "%v", missing)
		sim.Reset()
		require.Equal(t, []any{"already", "already", "already"}, remove(at(user, q), at(str(others[0]), q), at(str(others[1]), q)))
		require.Len(t, sim.Requests("Users.List"), 1, "one read for all")
		require.Empty(t, sim.Requests("Users.Get"))
		// If the look fails, there is still no such link.
		sim.Fault(libh3lptest.Fault{Op: "Queues.Get", Status: 403, Times: -1}, libh3lptest.Fault{Op: "Users.Get", Status: 403, Times: -1},
			libh3lptest.Fault{Op: "Users.List", Status: 403, Times: -1})
		require.Equal(t, []any{"already"}, remove(at(user, q)))
		require.Equal(t, []any{"already", "already"}, remove(at(user, q), at(str(others[0]), q)))
	}
}

// TestAssignments_ALinkThatIsListedTwice may stand in the place of another: the list is incomplete, and
// no write depends on it.
func TestAssignments_ALinkThatIsListedTwice(t *testing.T) {
	row := func(enabled string) string {
		return `{"queueId":7,"queue":"q","userId":5,"user":"u","enabled":` + enabled + `}`
	}
	c, mt := mocked(t)
	puts := 0
	mt.RegisterResponder("PUT", api+"/users/5/assignments/7", func(r *http.Request) (*http.Response, error) {
		puts++
		return resttest.Answer(200, `[`+row("null")+`]`)(r)
	})
	links := func(body string) {
		mt.RegisterResponder("GET", api+"/users/5/assignments", resttest.Answer(200, body))
	}
	// A folder is no link, whatever else it is.
	links(`[{"type":"folder","id":-3,"name":"F"},` + row("true") + `,{"type":"Folder","queueId":-3,"userId":5,"enabled":true}]`)
	b, err := c.Store().Block(t.Context(), "5")
	require.NoError(t, err)
	require.Equal(t, []string{"queue:7"}, b.Changed)
	require.Equal(t, 1, puts)

	a := core.Assignment{UserID: "5", Target: core.Target{Kind: core.KindQueue, ID: "7"}}
	for _, rows := range []string{row("true") + "," + row("true"), row("null") + "," + row("true"), row("true") + "," + row("null")} {
		links("[" + rows + "]")
		all, err := core.Collect(c.Assignments.List(t.Context(), 5))
		require.ErrorIs(t, err, core.ErrIncomplete)
		require.Len(t, all, 1, "each row once")
		_, err = c.Store().Block(t.Context(), "5")
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "twice")
		out, err := c.Store().Suspend(t.Context(), a)
		require.ErrorIs(t, err, core.ErrPartial)
		require.Equal(t, []any{core.ResultFailed, "incomplete"}, []any{out[0].Result, out[0].Code})
		require.Equal(t, 1, puts, "nothing is sent")
	}
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":5,"name":"u"},{"id":6,"name":"v"},{"id":5,"name":"u"}]`))
	users, err := core.Collect(c.Users.List(t.Context()))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, users, 2)

	// A folder that comes twice stands in place of a user too.
	mt.RegisterResponder("GET", api+"/users", resttest.Answer(200, `[{"id":7,"type":"folder","name":"F"},{"id":7,"name":"u"},{"id":7,`+
		`"type":"Folder","name":"F"}]`))
	users, err = core.Collect(c.Users.List(t.Context()))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.Len(t, users, 1)
	links(`[{"type":"folder","id":-3,"name":"F"},` + row("true") + `,{"type":"folder","id":-3,"name":"F"}]`)
	_, err = core.Collect(c.Assignments.List(t.Context(), 5))
	require.ErrorIs(t, err, core.ErrIncomplete)
}
