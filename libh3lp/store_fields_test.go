package libh3lp_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/libh3lp"
	"github.com/rollcall-go/rollcall/libh3lp/libh3lptest"
)

// TestShows: what counts as the value that was sent. What is off is null, false, "false", or
// absent.
func TestShows(t *testing.T) {
	for _, c := range []struct {
		field, sent, shown string // shown "" is absent
		holds              bool
	}{
		{"name", `"new"`, `"new"`, true},
		{"name", `"new"`, `"old"`, false},
		{"name", `"new"`, `"New"`, false},
		{"name", "\"jose\u0301\"", `"josé"`, true},
		{"email", `"New@X.example"`, `"new@x.example"`, true},
		{"email", `"new@x.example"`, `"old@x.example"`, false},
		{"email", `"new@x.example"`, ``, false},
		{"email", `null`, `null`, true},
		{"email", `null`, `""`, true},
		{"email", `null`, `"old@x.example"`, false},
		{"transcripts", `true`, `true`, true},
		{"transcripts", `true`, `"true"`, true},
		{"transcripts", `true`, `null`, false},
		{"transcripts", `null`, `false`, true},
		{"transcripts", `null`, `"false"`, true},
		{"transcripts", `false`, `null`, true},
		{"transcripts", `false`, `"False"`, true},
		{"transcripts", `null`, `true`, false},
		{"nick", `7`, `"7"`, true},
		{"nick", `7`, `7.0`, true},
		{"nick", `7`, `8`, false},
		{"nick", `"false"`, `null`, true},
		{"nick", `[1,{"a":2}]`, `[1,{"a":2}]`, true},
		{"nick", `[1,2]`, `[2,1]`, false},
		{"nick", `1`, ``, false},
		{"nick", `null`, ``, false}, // of a field that is not known, absence tells nothing
		{"password", `"secret"`, ``, true},
		{"parent_id", `7`, ``, true},
	} {
		shown := map[string]json.RawMessage{"id": json.RawMessage("5")}
		if c.shown != "" {
			shown[c.field] = json.RawMessage(c.shown)
		}
		require.Equal(t, c.holds, libh3lp.Holds([]string{"name", "email", "transcripts"},
			map[string]json.RawMessage{c.field: json.RawMessage(c.sent)}, shown),
			"%s: %s shown as %q", c.field, c.sent, c.shown)
	}
}

func TestUpdateUser_HoldsToItsPrecondition(t *testing.T) {
	sim := libh3lptest.NewServer()
	id := str(sim.AddUser(`{"name":"ann","email":"ann@x.example","nick":"a"}`))
	store := over(t, sim).Store()
	change := func(values map[string]any) core.UserChange {
		return core.UserChange{Email: core.Set("new@x.example"), If: core.Precondition{Values: values}}
	}
	for _, values := range []map[string]any{{"email": "other@x.example"}, {"email": nil}, {"nick": "b"}, {"login": "bob"},
		{"nick": "a", "login": "bob"}} {
		_, err := store.UpdateUser(t.Context(), id, change(values))
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassRevision, core.AppliedNo, "users.update"}, []any{e.Class, e.Applied, e.Op}, "%v", values)
	}
	_, err := store.UpdateUser(t.Context(), id, core.UserChange{Email: core.Set("n@x.example"), If: core.Precondition{Revision: "7"}})
	require.ErrorIs(t, err, core.ErrRevision, "there are none")
	require.Empty(t, sim.Requests("Users.Update"))

	_, err = store.UpdateUser(t.Context(), id, change(map[string]any{"email": "ANN@x.example", "nick": "a", "login": "ann"}))
	require.NoError(t, err)
	require.Len(t, sim.Requests("Users.Update"), 1)
}

func TestUpdateUser_ClearsAFieldThatTheUserHas(t *testing.T) {
	c, mt := mocked(t)
	body := ""
	mt.RegisterResponder("GET", api+"/users/5", resttest.Answer(200, `{"id":5,"name":"u","nick":"n"}`))
	mt.RegisterResponder("PUT", api+"/users/5", resttest.AnswerTo(nil, &body, 200, `[{"id":5,"name":"u","nick":null}]`))
	_, err := c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{"nick": nil}})
	require.NoError(t, err)
	require.JSONEq(t, `{"nick":null}`, body, "and nothing else")

	_, err = c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{"nikc": nil}})
	require.ErrorIs(t, err, core.ErrInvalid)
	for _, field := range []string{"id", "type", "show", "status"} {
		_, err = c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{field: "x"}})
		require.ErrorContains(t, err, field+" is set by the vendor only")
	}
	for _, field := range []string{"name", "password"} {
		_, err = c.Store().UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{field: nil}})
		require.ErrorContains(t, err, field+" is required")
	}
	require.Equal(t, 1, mt.GetCallCountInfo()["PUT "+api+"/users/5"])
}

func TestListUsers_MatchesInAnyForm(t *testing.T) {
	sim := libh3lptest.NewServer()
	sim.AddUser("{\"name\":\"jose\u0301\",\"email\":\"Jose@X.example\"}")
	store := over(t, sim).Store()
	for _, q := range []core.UserQuery{{Login: " José "}, {Login: "JOSÉ"}, {Email: "jose@x.example "},
		{Login: "josé", Email: "jose@x.example"}} {
		users, err := core.Collect(store.ListUsers(t.Context(), q))
		require.NoError(t, err)
		require.Len(t, users, 1, "%+v", q)
	}
	for _, q := range []core.UserQuery{{Login: "jose"}, {Login: "josé", Email: "other@x.example"}} {
		users, err := core.Collect(store.ListUsers(t.Context(), q))
		require.NoError(t, err)
		require.Empty(t, users, "%+v", q)
	}
}

func TestTargetsAndEverybodysAssignments(t *testing.T) {
	sim := libh3lptest.NewServer(libh3lptest.WithSampleData(), libh3lptest.WithFolders())
	store := over(t, sim, func(c *libh3lp.Config) { c.Account = "main" }).Store()
	targets, err := core.Collect(store.ListTargets(t.Context(), core.TargetQuery{}))
	require.NoError(t, err)
	require.Len(t, targets, 5)
	targets, err = core.Collect(store.ListTargets(t.Context(), core.TargetQuery{Kind: core.KindQueue, Name: "REF-main"}))
	require.NoError(t, err)
	require.Equal(t, []core.Target{{Kind: core.KindQueue, ID: "34814", Name: "ref-main"}}, targets)
	_, err = core.Collect(store.ListTargets(t.Context(), core.TargetQuery{Kind: core.KindSkill}))
	require.ErrorIs(t, err, core.ErrUnsupported)

	sim.Reset()
	all, err := core.Collect(store.ListAssignments(t.Context(), core.AssignmentQuery{}))
	require.NoError(t, err)
	require.Len(t, sim.Requests(), 6, "one per queue, and one for the queues")
	want := 0
	for _, u := range sim.Users() {
		want += len(sim.Links(u["id"].(int64)))
	}
	require.Len(t, all, want)
	sim.Fault(libh3lptest.Fault{Op: "Operators.List", Skip: 2, Status: 403, Times: -1})
	_, err = core.Collect(store.ListAssignments(t.Context(), core.AssignmentQuery{}))
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassIncomplete, "assignments.list", "main"}, []any{e.Class, e.Op, e.Account})
	require.ErrorIs(t, err, core.ErrPermission)
}

func TestCreateUser_WithLinks(t *testing.T) {
	sim := libh3lptest.NewServer()
	a, b := str(sim.AddQueue(`{"name":"a"}`)), str(sim.AddQueue(`{"name":"b"}`))
	store := over(t, sim).Store()
	spec := core.UserSpec{Login: "kim", Password: core.NewSecret("Welcome-77"), Links: []core.Assignment{queue("", a), queue("", b)}}
	u, err := store.CreateUser(t.Context(), spec)
	require.NoError(t, err)
	links, err := core.Collect(store.ListAssignments(t.Context(), core.AssignmentQuery{UserID: u.ID}))
	require.NoError(t, err)
	require.Len(t, links, 2)

	spec.Login, spec.Links = "lee", append(spec.Links, queue("", "99"))
	u, err = store.CreateUser(t.Context(), spec)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes, "users.create"}, []any{e.Class, e.Applied, e.Op})
	require.NotErrorIs(t, err, core.ErrNotFound, "it was just made")
	require.Contains(t, e.Message, "created with the id "+u.ID+", and its links could not all be made")

	sim.Reset()
	for why, link := range map[string]core.Assignment{
		"must not name a user": queue("7", a), "not to a skill": {Target: core.Target{Kind: core.KindSkill, ID: a}},
		"assignments have no level": {Target: queue("", a).Target, Level: new(1)},
		"every link enabled":        {Target: queue("", a).Target, Suspended: true}, "impossible": queue("", "x"),
	} {
		spec.Links = []core.Assignment{link}
		_, err := store.CreateUser(t.Context(), spec)
		require.ErrorContains(t, err, why)
	}
	require.Empty(t, sim.Requests())
}

func TestUnblock_WithoutARecordSendsNothing(t *testing.T) {
	sim, user, _ := staffed(t, 3)
	store := over(t, sim).Store()
	require.NoError(t, store.Unblock(t.Context(), user))
	require.Empty(t, sim.Requests())
	require.NoError(t, store.LiftBlocks(t.Context(), user))
	require.Len(t, enabled(statesOf(t, sim, user)), 3)
}

func TestStore_TextThatIsNotUTF8IsInvalidBeforeAnyTraffic(t *testing.T) {
	const bad = "J\xfcrg"
	c, mt := mocked(t)
	s := c.Store()
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: bad, Password: core.NewSecret("long enough")})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "login"+" holds text that is not UTF-8")

	_, err = s.UpdateUser(t.Context(), "7", core.UserChange{Email: core.Set(bad)})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "email"+" holds text that is not UTF-8")
	_, err = s.UpdateUser(t.Context(), "7", core.UserChange{Fields: map[string]any{"costCentre": map[string]any{"city": bad}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "costCentre.city holds text that is not UTF-8")
	require.Zero(t, mt.GetTotalCallCount())
}
