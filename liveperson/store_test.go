package liveperson_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func assignment(user int64, kind core.Kind, target int64) core.Assignment {
	return core.Assignment{UserID: str(user), Target: core.Target{Kind: kind, ID: str(target)}}
}

func results(outcomes []core.Outcome) (out []core.Result) {
	for _, o := range outcomes {
		out = append(out, o.Result)
	}
	return out
}

func TestStoreUsers(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithSampleData())
	s := over(t, sim).Store()
	u, err := s.CreateUser(t.Context(), core.UserSpec{
		Login: "new.one", FirstName: "New", LastName: "One", DisplayName: "Newt", Email: "n@example.test", Password: core.NewSecret("Init-pass-01"),
		Fields: map[string]any{"profileIds": []int64{livepersontest.ProfileAgent}, "maxChats": 2, "memberOf": json.RawMessage(`{"agentGroupId":-1}`)},
	})
	require.NoError(t, err)
	assert.Equal(t, "liveperson", u.Vendor)
	assert.True(t, *u.Enabled)
	assert.Equal(t, "Newt", u.DisplayName)
	id := parse(t, u.ID)
	stored, _ := sim.User(id)
	assert.Equal(t, "New One", stored["fullName"])
	assert.Equal(t, false, stored["disabledManually"])

	var found []core.User
	for u, err := range s.ListUsers(t.Context(), core.UserQuery{Login: "new.one", Email: "n@example.test"}) {
		require.NoError(t, err)
		found = append(found, u)
	}
	require.Len(t, found, 1)
	assert.Equal(t, u.ID, found[0].ID)
	assert.Empty(t, found[0].FirstName)
	assert.NotEmpty(t, found[0].Revision)
	assert.IsType(t, &liveperson.User{}, found[0].Native)

	u, err = s.UpdateUser(t.Context(), u.ID, core.UserChange{FirstName: core.Set("Ann"), LastName: core.Set("Other"), DisplayName: core.Set("Ann"),
		Email: core.Set("a@example.test"), Password: core.Set(core.NewSecret("Other-pass-1")),
		Fields: map[string]any{"description": "d", "lobIds": core.Clear[any](), "unknownYet": map[string]any{"x": 1}}})
	require.NoError(t, err)
	stored, _ = sim.User(id)
	assert.Equal(t, "Ann Other", stored["fullName"])
	assert.Equal(t, "Other-pass-1", stored["passwordSh"])
	assert.Equal(t, "d", stored["description"])
	assert.NotNil(t, stored["unknownYet"])
	_, err = s.UpdateUser(t.Context(), u.ID, core.UserChange{Fields: map[string]any{"description": core.Clear[any]()}})
	require.NoError(t, err)
	stored, _ = sim.User(id)
	assert.Nil(t, stored["description"])
	assert.NotNil(t, stored["unknownYet"])

	require.NoError(t, s.DeleteUser(t.Context(), u.ID))
	_, err = s.GetUser(t.Context(), u.ID)
	require.ErrorIs(t, err, core.ErrNotFound)
}

func parse(t testing.TB, id string) int64 {
	var n int64
	_, err := fmt.Sscan(id, &n)
	require.NoError(t, err)
	return n
}

func TestStoreRefusesBeforeAnyTraffic(t *testing.T) {
	c, mt := mocked(t)
	s := c.Store()
	update := func(ch core.UserChange) error { _, err := s.UpdateUser(t.Context(), "5", ch); return err }
	fields := func(name string, v any) error { return update(core.UserChange{Fields: map[string]any{name: v}}) }
	level := 3
	for name, err := range map[string]error{
		"roles":          update(core.UserChange{Roles: core.Set([]string{"x"})}),
		"roles clear":    update(core.UserChange{Roles: core.Clear[[]string]()}),
		"login":          update(core.UserChange{Login: core.Set("b")}),
		"login field":    fields("loginName", "b"),
		"create roles":   second(s.CreateUser(t.Context(), core.UserSpec{Roles: []string{"x"}})),
		"suspend":        second(s.Suspend(t.Context(), assignment(5, core.KindSkill, 1))),
		"resume":         second(s.Resume(t.Context(), assignment(5, core.KindSkill, 1))),
		"queue":          second(s.Assign(t.Context(), assignment(5, core.KindQueue, 1))),
		"supervisor":     second(s.Unassign(t.Context(), assignment(5, core.KindSupervisor, 1))),
		"leave group":    second(s.Unassign(t.Context(), assignment(5, core.KindGroup, 1))),
		"level":          second(s.Assign(t.Context(), core.Assignment{UserID: "5", Target: core.Target{Kind: core.KindSkill, ID: "1"}, Level: &level})),
		"suspended link": second(s.Assign(t.Context(), core.Assignment{UserID: "5", Target: core.Target{Kind: core.KindSkill, ID: "1"}, Suspended: true})),
		"set presence":   s.SetPresence(t.Context(), "5", core.Away),
		"presence":       second(s.Presence(t.Context(), "5")),
	} {
		require.ErrorIs(t, err, errors.ErrUnsupported, name)
	}
	for name, err := range map[string]error{
		"login clear": update(core.UserChange{Login: core.Clear[string]()}), "email clear": update(core.UserChange{Email: core.Clear[string]()}),
		"email empty": update(core.UserChange{Email: core.Set("")}), "display clear": update(core.UserChange{DisplayName: core.Clear[string]()}),
		"enabled clear": update(core.UserChange{Enabled: core.Clear[bool]()}), "password clear": update(core.UserChange{Password: core.Clear[core.Secret]()}),
		"first alone": update(core.UserChange{FirstName: core.Set("A")}), "last alone": update(core.UserChange{LastName: core.Clear[string]()}),
		"no name":       update(core.UserChange{FirstName: core.Clear[string](), LastName: core.Set(" ")}),
		"profiles":      fields("profileIds", json.RawMessage(`[]`)),
		"profiles none": fields("profileIds", json.RawMessage(` null `)), "nickname": fields("nickname", json.RawMessage(`""`)),
		"maxChats": fields("maxChats", core.Clear[any]()), "fullName": fields("fullName", ""), "nil": fields("email", nil),
		"password field": fields("passwordSh", core.Secret{}),
		"id":             fields("id", 7), "pid": fields("pid", "x"), "deleted": fields("deleted", true), "dateUpdated": fields("dateUpdated", core.Clear[any]()),
		"confirmPassword": fields("confirmPassword", "x"),
		"word":            second(s.GetUser(t.Context(), "abc")), "slash": second(s.GetUser(t.Context(), "1/2")), "zero": second(s.GetUser(t.Context(), "0")),
		"other spelling": second(s.GetUser(t.Context(), "007")), "plus": s.DeleteUser(t.Context(), "+7"),
		"assign":     second(s.Assign(t.Context(), core.Assignment{UserID: "x", Target: core.Target{Kind: core.KindSkill, ID: "1"}})),
		"target":     second(s.Assign(t.Context(), core.Assignment{UserID: "5", Target: core.Target{Kind: core.KindSkill, ID: "x"}})),
		"two groups": second(s.Assign(t.Context(), assignment(5, core.KindGroup, 1), assignment(5, core.KindGroup, 2))),
		"create":     second(s.CreateUser(t.Context(), core.UserSpec{Login: "x"})),
		"block":      second(s.Block(t.Context(), "x")), "unblock": s.Unblock(t.Context(), "5", core.Block{UserID: "6"}),
		"record": s.Unblock(t.Context(), "5", core.Block{UserID: "5", Changed: []string{"other"}}),
	} {
		require.ErrorIs(t, err, core.ErrInvalid, name)
		assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	}
	for _, err := range s.ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: "1"}}) {
		require.ErrorIs(t, err, core.ErrUnsupported)
	}
	assert.Zero(t, mt.GetTotalCallCount())
}

func second[T any](_ T, err error) error { return err }

// centre is a small account.
type centre struct {
	sim                        *livepersontest.Server
	c                          *liveperson.Client
	s                          *liveperson.Store
	s1, s2, g1, g2, lob        int64
	a, b, agent2, manager, adm int64
}

func newCentre(t testing.TB, opts ...livepersontest.Option) *centre {
	sim := livepersontest.NewServer(opts...)
	c := over(t, sim)
	z := &centre{sim: sim, c: c, s: c.Store(), s1: sim.AddSkill(`{"name":"s1"}`), s2: sim.AddSkill(`{"name":"s2"}`),
		g1: sim.AddGroup(`{"name":"g1"}`), g2: sim.AddGroup(`{"name":"g2"}`), lob: sim.AddLOB(`{"name":"l"}`)}
	z.agent2 = sim.AddProfile(fmt.Sprintf(`{"name":"Senior","roleTypeId":%d}`, liveperson.RoleAgent))
	z.a = sim.AddUser(fmt.Sprintf(`{"loginName":"a","skillIds":[%d],"memberOf":{"agentGroupId":%d}}`, z.s1, z.g1))
	z.b = sim.AddUser(fmt.Sprintf(`{"loginName":"b","memberOf":{"agentGroupId":%d}}`, z.g1))
	z.manager = sim.AddUser(fmt.Sprintf(`{"loginName":"m","profileIds":[%d],"maxChats":0,"managerOf":[{"agentGroupId":%d,"x":1}]}`, livepersontest.ProfileAgentManager, z.g1))
	z.adm = sim.AddUser(fmt.Sprintf(`{"loginName":"adm","profileIds":[%d],"maxChats":0}`, livepersontest.ProfileAdministrator))
	return z
}

func TestAssignManyOfOneUserInOnePut(t *testing.T) {
	z := newCentre(t)
	outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s1), assignment(z.a, core.KindSkill, z.s2),
		assignment(z.a, core.KindGroup, z.g2), assignment(z.a, core.KindLOB, z.lob))
	require.NoError(t, err)
	assert.Equal(t, []core.Result{core.ResultAlready, core.ResultApplied, core.ResultApplied, core.ResultApplied}, results(outcomes))
	assert.Equal(t, "moved from group "+str(z.g1), outcomes[2].Message)
	assert.Len(t, z.sim.Requests("Users.Replace"), 1)
	u, _ := z.sim.User(z.a)
	assert.Equal(t, []int64{z.s1, z.s2}, u["skillIds"])

	outcomes, err = z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s1))
	require.NoError(t, err)
	assert.Equal(t, core.ResultAlready, outcomes[0].Result)
	assert.Len(t, z.sim.Requests("Users.Replace"), 1, "nothing to write")

	outcomes, err = z.s.Unassign(t.Context(), assignment(z.a, core.KindSkill, z.s1), assignment(z.a, core.KindSkill, z.s2),
		assignment(z.a, core.KindLOB, z.lob), assignment(z.a, core.KindProfile, livepersontest.ProfileAgent), assignment(z.a, core.KindProfile, 1))
	require.ErrorIs(t, err, core.ErrPartial)
	require.ErrorIs(t, err, core.ErrInvalid)
	assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied, core.ResultApplied, core.ResultFailed, core.ResultAlready}, results(outcomes))
	u, _ = z.sim.User(z.a)
	assert.Empty(t, u["skillIds"])
	assert.Equal(t, []int64{livepersontest.ProfileAgent}, u["profileIds"])
}

func TestManagedGroups(t *testing.T) {
	z := newCentre(t)
	outcomes, err := z.s.Assign(t.Context(), assignment(z.manager, core.KindManagedGroup, z.g2), assignment(z.manager, core.KindManagedGroup, -1))
	require.NoError(t, err)
	assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
	outcomes, err = z.s.Unassign(t.Context(), assignment(z.manager, core.KindManagedGroup, z.g2))
	require.NoError(t, err)
	assert.Equal(t, core.ResultApplied, outcomes[0].Result)
	u, _ := z.sim.User(z.manager)
	of := u["managerOf"].([]map[string]any)
	require.Len(t, of, 2)
	assert.Equal(t, json.Number("1"), of[0]["x"], "what is not known stays")
	// An agent manages nothing: the vendor's word.
	outcomes, err = z.s.Assign(t.Context(), assignment(z.a, core.KindManagedGroup, z.g2))
	require.ErrorIs(t, err, core.ErrPartial)
	assert.Equal(t, core.ResultFailed, outcomes[0].Result)
	assert.Contains(t, outcomes[0].Message, "only an agent manager")
}

func TestProfilesAndWhatGoesWithThem(t *testing.T) {
	z := newCentre(t)
	outcomes, err := z.s.Assign(t.Context(), assignment(z.adm, core.KindProfile, livepersontest.ProfileAgentManager))
	require.NoError(t, err)
	assert.Equal(t, core.ResultApplied, outcomes[0].Result)
	// Taking the agent's profile takes the agent's things: the outcome says so.
	_, err = z.s.Assign(t.Context(), assignment(z.a, core.KindProfile, livepersontest.ProfileAdministrator))
	require.NoError(t, err)
	outcomes, err = z.s.Unassign(t.Context(), assignment(z.a, core.KindProfile, livepersontest.ProfileAgent))
	require.NoError(t, err)
	assert.Equal(t, core.ResultApplied, outcomes[0].Result)
	assert.Equal(t, "the vendor dropped maxChats, memberOf, skillIds of the user", outcomes[0].Message)
	// And a skill that was assigned in the same breath is not there.
	_, err = z.s.Assign(t.Context(), assignment(z.b, core.KindProfile, livepersontest.ProfileAdministrator))
	require.NoError(t, err)
}

func TestManyUsersInOneBatch(t *testing.T) {
	z := newCentre(t)
	ids := z.sim.AddUsers(120)
	var as []core.Assignment
	for _, id := range ids {
		as = append(as, assignment(id, core.KindSkill, z.s1))
	}
	as = append(as, assignment(z.a, core.KindSkill, z.s1), assignment(z.b, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, z.s1))
	outcomes, err := z.s.Assign(t.Context(), as...)
	require.NoError(t, err)
	for i, o := range outcomes {
		want := core.ResultApplied
		if i == 120 {
			want = core.ResultAlready
		}
		assert.Equal(t, want, o.Result, i)
		assert.Equal(t, as[i], o.Assignment)
	}
	assert.Len(t, z.sim.Requests("Users.ReplaceMany"), 3)
	assert.Empty(t, z.sim.Requests("Users.Replace"))

	n := 0
	for a, err := range z.s.ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindSkill, ID: str(z.s1)}}) {
		require.NoError(t, err)
		assert.Equal(t, str(z.s1), a.Target.ID)
		n++
	}
	assert.Equal(t, 122, n)
	assert.Len(t, z.sim.Requests("Users.List"), 1, "one scan")
}

func TestBatchThatOneUserSpoils(t *testing.T) {
	for name, opts := range map[string][]livepersontest.Option{"all or none": nil, "by halves": {livepersontest.WithPartialBatches()}} {
		t.Run(name, func(t *testing.T) {
			z := newCentre(t, opts...)
			gone := z.sim.AddUser(`{"loginName":"gone"}`)
			// It goes between the read and the write.
			first := true
			z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Match: func(*http.Request, []byte) bool {
				if first {
					first = false
					z.sim.ChangeUser(gone, `{"deleted":true}`)
				}
				return false
			}})
			outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(gone, core.KindSkill, z.s2),
				assignment(z.b, core.KindSkill, z.s2), assignment(999, core.KindSkill, z.s2))
			require.ErrorIs(t, err, core.ErrPartial)
			require.ErrorIs(t, err, core.ErrNotFound)
			assert.Equal(t, []core.Result{core.ResultApplied, core.ResultFailed, core.ResultApplied, core.ResultFailed}, results(outcomes))
		})
	}
	t.Run("a reference that does not exist", func(t *testing.T) {
		z := newCentre(t)
		outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, 12345))
		require.ErrorIs(t, err, core.ErrPartial)
		assert.Equal(t, []core.Result{core.ResultApplied, core.ResultFailed}, results(outcomes))
		assert.Contains(t, outcomes[1].Message, "no skill 12345")
	})
	t.Run("one that is dropped in silence", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			z := newCentre(t, livepersontest.WithUnknownReferencesIgnored())
			outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, 12345))
			require.ErrorIs(t, err, core.ErrNotApplied)
			assert.Equal(t, []core.Result{core.ResultApplied, core.ResultUnknown}, results(outcomes), "the revision has moved")
		})
	})
	t.Run("no batches at all", func(t *testing.T) {
		z := newCentre(t)
		z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Status: 405, Times: -1})
		outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, z.s2))
		require.NoError(t, err)
		assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
	})
}

func TestBatchUnderContention(t *testing.T) {
	z := newCentre(t)
	z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Times: -1, Match: func(*http.Request, []byte) bool { z.sim.BumpRevision("users"); return false }})
	outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, z.s2))
	require.NoError(t, err)
	assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
	assert.Len(t, z.sim.Requests("Users.ReplaceMany"), 4, "then one by one")
}

func TestLostAnswersOfAssignments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newCentre(t)
		z.sim.Fault(livepersontest.Fault{Op: "Users.Replace", LoseAnswer: true}, livepersontest.Fault{Op: "Users.ReplaceMany", LoseAnswer: true})
		outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2))
		require.NoError(t, err)
		assert.Equal(t, core.ResultApplied, outcomes[0].Result, "it was not so before")
		outcomes, err = z.s.Assign(t.Context(), assignment(z.a, core.KindLOB, z.lob), assignment(z.b, core.KindSkill, z.s2))
		require.NoError(t, err)
		assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
		z.sim.Fault(livepersontest.Fault{Op: "Users.Replace", LoseAnswer: true})
		b, err := z.s.Block(t.Context(), str(z.a))
		require.NoError(t, err)
		assert.NotEmpty(t, b.Changed)
		assert.Empty(t, z.sim.Unstruck())

		// Only lost answers: in doubt.
		z.sim.Fault(livepersontest.Fault{Op: "Users.ReplaceMany", Times: -1, Status: 502}, livepersontest.Fault{Op: "Users.Replace", Times: -1, Status: 502})
		outcomes, err = z.s.Unassign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, z.s1))
		require.ErrorIs(t, err, core.ErrPartial)
		assert.Equal(t, []core.Result{core.ResultUnknown, core.ResultUnknown, core.ResultAlready}, results(outcomes))
		outcomes, err = z.s.Unassign(t.Context(), assignment(z.a, core.KindSkill, z.s2))
		require.ErrorIs(t, err, core.ErrPartial)
		assert.Equal(t, core.ResultUnknown, outcomes[0].Result)
	})
}

// TestTheRecordOfABlockThatNobodySaw: every answer to the write is lost; the record
// must undo it anyway.
func TestTheRecordOfABlockThatNobodySaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newCentre(t)
		z.sim.Fault(livepersontest.Fault{Op: "Users.Replace", LoseAnswer: true}, livepersontest.Fault{Op: "Users.Replace", Times: -1, Status: 502})
		// The one read before the write is answered, and none after it.
		z.sim.Fault(livepersontest.Fault{Op: "Users.Get", Skip: 1, Times: -1, Status: 502})
		made, err := z.s.Block(t.Context(), str(z.a))
		require.Error(t, err)
		require.True(t, core.MaybeApplied(err), "%v", err)
		require.NotEmpty(t, made.Changed)
		stored, _ := z.sim.User(z.a)
		require.Equal(t, false, stored["isEnabled"])
		z.sim.Reset()
		require.NoError(t, z.s.Unblock(t.Context(), str(z.a), made))
		stored, _ = z.sim.User(z.a)
		require.Equal(t, true, stored["isEnabled"])
	})
}

func TestListAssignmentsOfAUser(t *testing.T) {
	z := newCentre(t)
	var got []string
	for a, err := range z.s.ListAssignments(t.Context(), core.AssignmentQuery{UserID: str(z.a)}) {
		require.NoError(t, err)
		got = append(got, a.Target.String())
	}
	assert.Equal(t, []string{"skill:" + str(z.s1), "group:" + str(z.g1), "profile:" + str(livepersontest.ProfileAgent)}, got)
	for _, err := range z.s.ListAssignments(t.Context(), core.AssignmentQuery{UserID: "5"}) {
		require.ErrorIs(t, err, core.ErrNotFound)
	}
	n := 0
	for _, err := range z.s.ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindManagedGroup, ID: str(z.g1)}}) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 1, n)
}

func TestBlockAndUnblock(t *testing.T) {
	z := newCentre(t)
	enabled := func() [2]any { u, _ := z.sim.User(z.a); return [2]any{u["isEnabled"], u["disabledManually"]} }
	b, err := z.s.Block(t.Context(), str(z.a))
	require.NoError(t, err)
	assert.Equal(t, []string{"isEnabled", "disabledManually"}, b.Changed)
	assert.Equal(t, [2]any{false, true}, enabled())
	second, err := z.s.Block(t.Context(), str(z.a))
	require.NoError(t, err)
	assert.Equal(t, []string{}, second.Changed)
	require.NoError(t, z.s.Unblock(t.Context(), str(z.a), second))
	assert.Equal(t, [2]any{false, true}, enabled(), "that block changed nothing, and lifts nothing")

	data, err := json.Marshal(b)
	require.NoError(t, err)
	var back core.Block
	require.NoError(t, json.Unmarshal(data, &back))
	require.NoError(t, z.s.Unblock(t.Context(), str(z.a), back))
	assert.Equal(t, [2]any{true, false}, enabled())
	require.NoError(t, z.s.LiftBlocks(t.Context(), str(z.a)))
	_, err = z.s.Block(t.Context(), str(z.a))
	require.NoError(t, err)
	z.sim.Reset()
	require.NoError(t, z.s.Unblock(t.Context(), str(z.a)))
	assert.Equal(t, [2]any{false, true}, enabled(), "no record, no change")
	assert.Empty(t, z.sim.Requests())
	require.NoError(t, z.s.LiftBlocks(t.Context(), str(z.a)))
	assert.Equal(t, [2]any{true, false}, enabled())
	_, err = z.s.Block(t.Context(), "5")
	require.ErrorIs(t, err, core.ErrNotFound)
	u, _ := z.sim.User(z.a)
	assert.Equal(t, []int64{z.s1}, u["skillIds"])
}

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		c := over(t, sim, option(liveperson.WithAgentView()))
		s := c.Store()
		assert.Equal(t, core.Native, s.Capabilities().Of(core.OpPresence).Support)
		assert.Equal(t, core.NotOffered, over(t, sim).Store().Capabilities().Of(core.OpPresence).Support)
		read := func() core.Presence {
			p, err := s.Presence(t.Context(), str(id))
			require.NoError(t, err)
			assert.Equal(t, str(id), p.UserID)
			return p
		}
		p := read()
		assert.Equal(t, core.Unknown, p.Availability, "never logged in")
		assert.Equal(t, false, *p.Blocked)
		assert.Nil(t, p.Routable)
		for status, want := range map[string]core.Availability{livepersontest.Online: core.Available, livepersontest.Away: core.Away,
			livepersontest.BackSoon: core.Away, livepersontest.Offline: core.Offline} {
			sim.SetPresence(id, status, "725000312")
			p := read()
			assert.Equal(t, want, p.Availability)
			assert.Equal(t, status, p.Raw)
			assert.Equal(t, want == core.Available, *p.Routable)
			assert.Equal(t, map[bool]string{true: "", false: "725000312"}[want == core.Available], p.Reason)
		}
		sim.SetPresence(id, livepersontest.Online, "")
		sim.SetConversations(id, 10, 10)
		assert.False(t, *read().Routable, "no slot is free")
		sim.SetPresence(id, livepersontest.Offline, "")
		time.Sleep(25 * time.Hour)
		assert.Equal(t, core.Unknown, read().Availability)
		_, err := s.Block(t.Context(), str(id))
		require.NoError(t, err)
		p = read()
		assert.True(t, *p.Blocked)
		assert.False(t, *p.Routable)
		_, err = s.Presence(t.Context(), "5")
		require.ErrorIs(t, err, core.ErrNotFound)
	})
}

func TestPresenceWithoutTheReport(t *testing.T) {
	sim := livepersontest.NewServer(livepersontest.WithForbidden("AgentView.Get"))
	id := sim.AddUser(`{"loginName":"a"}`)
	p, err := over(t, sim, option(liveperson.WithAgentView())).Store().Presence(t.Context(), str(id))
	require.ErrorIs(t, err, core.ErrPermission)
	assert.Equal(t, core.Presence{UserID: str(id), Availability: core.Unknown, Blocked: new(false)}, p, "what the user's own object says")
	for _, f := range []livepersontest.Fault{
		{Op: "AgentView.Get", Status: 404},
		{Op: "Domain.Get", Status: 404, Match: func(r *http.Request, _ []byte) bool {
			return r.URL.Path[len(r.URL.Path)-34:] == "agentManagerWorkspace/baseURI.json" || true
		}, Skip: 1},
	} {
		sim := livepersontest.NewServer()
		id := sim.AddUser(`{"loginName":"a"}`)
		sim.Fault(f)
		_, err := over(t, sim, option(liveperson.WithAgentView())).Store().Presence(t.Context(), str(id))
		require.ErrorIs(t, err, errors.ErrUnsupported)
		assert.Empty(t, sim.Unstruck())
	}
}

func TestCapabilitiesSayEverything(t *testing.T) {
	caps := liveperson.Capabilities()
	for _, op := range core.Operations() {
		c, ok := caps.Operations[op]
		assert.True(t, ok, op)
		if c.Support != core.Native {
			assert.NotEmpty(t, c.Note, op)
		}
	}
	k, ok := caps.Kind(core.KindGroup)
	assert.True(t, ok && k.Single)
	assert.True(t, caps.Revisions)
}

func TestBlockThatSomebodyElseMadeMeanwhile(t *testing.T) {
	z := newCentre(t)
	z.sim.Fault(livepersontest.Fault{Op: "Users.Replace", Match: func(*http.Request, []byte) bool {
		if u, _ := z.sim.User(z.a); u["isEnabled"] == true {
			z.sim.ChangeUser(z.a, `{"isEnabled":false,"disabledManually":true}`)
		}
		return false
	}})
	b, err := z.s.Block(t.Context(), str(z.a))
	require.NoError(t, err)
	assert.Equal(t, []string{}, b.Changed, "it is not ours to lift")
}

func TestBatchesReadFromTheReadWriteHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newCentre(t, livepersontest.WithReplicationDelay(time.Hour))
		for _, target := range []core.Target{{Kind: core.KindSkill, ID: str(z.s2)}, {Kind: core.KindLOB, ID: str(z.lob)}} {
			outcomes, err := z.s.Assign(t.Context(), core.Assignment{UserID: str(z.a), Target: target}, core.Assignment{UserID: str(z.b), Target: target})
			require.NoError(t, err)
			assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
		}
		assert.Len(t, z.sim.Requests("Users.ReplaceMany"), 2, "no write was stale")
		assert.Empty(t, z.sim.Requests("Users.Replace"))
	})
}

func TestADeletedUserIsGone(t *testing.T) {
	const dead = `{"id":6,"deleted":"true","loginName":"b","nickname":"n","isEnabled":true,"email":"e","profileIds":[1],"skillIds":[3]}`
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/6", resttest.Answer(200, dead))
	mt.RegisterResponder("GET", usersURL, resttest.Answer(200, `[`+stub+`,`+dead+`]`))
	_, err := c.Store().GetUser(t.Context(), "6")
	require.ErrorIs(t, err, core.ErrNotFound)
	n := 0
	for u, err := range c.Store().ListUsers(t.Context(), core.UserQuery{}) {
		require.NoError(t, err)
		assert.Equal(t, "5", u.ID)
		n++
	}
	assert.Equal(t, 1, n)
	for range c.Store().ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindSkill, ID: "3"}}) {
		t.Error("of a deleted user")
	}
}

func TestAShortAnswerIsNoEmptyList(t *testing.T) {
	c, mt := mocked(t)
	s := c.Store()
	mt.RegisterResponder("GET", usersURL, says(200, "["+shortOf(5)+"]"))
	mt.RegisterResponder("GET", at(5), says(200, shortOf(5)))
	skill := core.Target{Kind: core.KindSkill, ID: "1"}
	_, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{Email: "e@x.test"}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	for _, q := range []core.AssignmentQuery{{UserID: "5"}, {Target: skill}, {Target: core.Target{Kind: core.KindProfile, ID: "1"}}} {
		_, err := core.Collect(s.ListAssignments(t.Context(), q))
		require.ErrorIs(t, err, core.ErrIncomplete)
		assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	}
	// What is not looked at need not be there.
	for _, q := range []core.UserQuery{{}, {Login: "u5"}, {Login: "other", Email: "e@x.test"}} {
		_, err := core.Collect(s.ListUsers(t.Context(), q))
		require.NoError(t, err)
	}
	// A user without an address, and without links but its profile.
	mt.RegisterResponder("GET", usersURL, says(200, `[{"id":5,"loginName":"a","email":null,"profileIds":[1]}]`))
	users, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{Email: "e@x.test"}))
	require.NoError(t, err)
	assert.Empty(t, users)
	links, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{Target: skill}))
	require.NoError(t, err)
	assert.Empty(t, links)
}

func TestAnswersThatDoNotShowTheChange(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL+"/5", resttest.Answer(200, stub, "ac-revision", "3"))
	mt.RegisterResponder("PUT", usersURL+"/5", resttest.Answer(200, stub, "ac-revision", "4"))
	s := c.Store()
	outcomes, err := s.Assign(t.Context(), assignment(5, core.KindSkill, 9))
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, core.ResultUnknown, outcomes[0].Result, "the answer tells a later revision than the reads")
	_, err = s.UpdateUser(t.Context(), "5", core.UserChange{DisplayName: core.Set("other")})
	require.ErrorIs(t, err, core.ErrNotApplied)
	_, err = s.Block(t.Context(), "5")
	require.ErrorIs(t, err, core.ErrNotApplied)
	// A write under the revision of the read, also where fields went through Overlay.
	var put http.Request
	mt.RegisterResponder("PUT", usersURL+"/5", resttest.AnswerTo(&put, nil, 200, stub, "ac-revision", "4"))
	_, err = s.UpdateUser(t.Context(), "5", core.UserChange{Fields: map[string]any{"description": "d"}})
	require.NoError(t, err)
	assert.Equal(t, "4", put.Header.Get("If-Match"), "the latest that this client was told")
}

func TestAReportThatCountsMoreThanItHolds(t *testing.T) {
	for body, want := range map[string]error{
		`{"metadata":{"count":1},"agentViewRecords":[]}`:                                              core.ErrIncomplete,
		`{"metadata":{"count":0},"agentViewRecords":[]}`:                                              nil,
		`{"agentViewRecords":[]}`:                                                                     nil,
		`{"metadata":{"count":1},"agentViewRecords":[{"agentId":"5","agentCurrentStatus":"ONLINE"}]}`: nil,
	} {
		sim := livepersontest.NewServer()
		sim.Fault(livepersontest.Fault{Op: "AgentView.Get", Status: 200, Body: body, ContentType: "application/json"})
		_, _, err := over(t, sim).AgentView.Get(t.Context(), 5)
		require.ErrorIs(t, err, want, body)
	}
}

// TestASwitchAndItsOppositeMayBothBeNamed, where they say the same.
func TestASwitchAndItsOppositeMayBothBeNamed(t *testing.T) {
	sim := livepersontest.NewServer()
	s := over(t, sim).Store()
	id := str(sim.AddUsers(1)[0])
	for enabled, disabled := range map[bool]bool{true: false, false: true} {
		u, err := s.UpdateUser(t.Context(), id, core.UserChange{Enabled: core.Set(enabled), Fields: map[string]any{"disabledManually": disabled}})
		require.NoError(t, err)
		require.Equal(t, enabled, *u.Enabled)
		_, err = s.UpdateUser(t.Context(), id, core.UserChange{Enabled: core.Set(enabled), Fields: map[string]any{"disabledManually": enabled}})
		require.ErrorIs(t, err, core.ErrInvalid)
		require.Contains(t, err.Error(), "contradicts")
	}
}

// TestLimitsOfChatsAreForAgents: everybody must have them, and only agents keep them.
func TestLimitsOfChatsAreForAgents(t *testing.T) {
	for group, done := range map[string]bool{``: true, `,"memberOf":{"agentGroupId":7}`: false} {
		c, mt := mocked(t)
		mt.RegisterResponder("POST", usersURL, resttest.Answer(201, `{"id":5,"loginName":"boss","nickname":"B","email":"b@example.test","isEnabled":true,"profileIds":[9],"maxChats":0`+group+`}`))
		user := newUser("boss")
		user.MemberOf, user.ProfileIDs = nil, []int64{9}
		user.Nickname, user.Email = core.Set("B"), core.Set("b@example.test")
		_, err := c.Users.Create(t.Context(), user)
		require.Equal(t, done, err == nil, "%v", err)
	}
}

// TestStore_EndsAppliedIfReadsLag: every operation ends applied, and what a client has written itself
// is never undone by a read that is older.
func TestStore_EndsAppliedIfReadsLag(t *testing.T) {
	for name, opts := range map[string][]livepersontest.Option{
		"answers are the state": {livepersontest.WithReadLag(time.Second)},
		"empty deletes":         {livepersontest.WithReadLag(time.Second), livepersontest.WithEmptyDeletes()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := newCentre(t, opts...)
				_, err := z.s.UpdateUser(t.Context(), str(z.a), core.UserChange{DisplayName: core.Set("Anna")})
				require.NoError(t, err)
				_, err = z.s.UpdateUser(t.Context(), str(z.a), core.UserChange{Email: core.Set("anna@example.test")})
				require.NoError(t, err)
				outcomes, err := z.s.Assign(t.Context(), assignment(z.a, core.KindSkill, z.s2), assignment(z.b, core.KindSkill, z.s2))
				require.NoError(t, err)
				assert.Equal(t, []core.Result{core.ResultApplied, core.ResultApplied}, results(outcomes))
				outcomes, err = z.s.Unassign(t.Context(), assignment(z.a, core.KindSkill, z.s1))
				require.NoError(t, err)
				assert.Equal(t, []core.Result{core.ResultApplied}, results(outcomes))
				made, err := z.s.Block(t.Context(), str(z.a))
				require.NoError(t, err)
				assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)
				require.NoError(t, z.s.Unblock(t.Context(), str(z.a), made))

				u, _ := z.sim.User(z.a)
				assert.Equal(t, "Anna", u["nickname"])
				assert.Equal(t, "anna@example.test", u["email"])
				assert.Equal(t, []int64{z.s2}, u["skillIds"])
				assert.Equal(t, true, u["isEnabled"])

				// One who was just made is not seen for a second.
				born, err := z.s.CreateUser(t.Context(), newcomer("new.one"))
				require.NoError(t, err)
				_, err = z.s.UpdateUser(t.Context(), born.ID, core.UserChange{DisplayName: core.Set("Nena")})
				require.NoError(t, err)
				_, err = z.s.GetUser(t.Context(), born.ID)
				require.NoError(t, err)
				require.NoError(t, z.s.DeleteUser(t.Context(), born.ID))
				stored, _ := z.sim.User(parse(t, born.ID))
				assert.Equal(t, "Nena", stored["nickname"])
				assert.Equal(t, true, stored["deleted"])
			})
		})
	}
}

// TestStore_StaysInDoubtIfReadsNeverCatchUp: an accepted write is proven by the answer or in doubt, and
// never a refusal.
func TestStore_StaysInDoubtIfReadsNeverCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		z := newCentre(t, livepersontest.WithReadLag(time.Hour), livepersontest.WithEmptyDeletes())
		for _, change := range []core.UserChange{{DisplayName: core.Set("Anna")}, {Email: core.Set("anna@example.test")}} {
			_, err := z.s.UpdateUser(t.Context(), str(z.a), change)
			require.NoError(t, err)
		}
		u, _ := z.sim.User(z.a)
		assert.Equal(t, []any{"Anna", "anna@example.test"}, []any{u["nickname"], u["email"]})

		start := time.Now()
		err := z.s.DeleteUser(t.Context(), str(z.b))
		require.ErrorIs(t, err, core.ErrNotApplied)
		assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
		assert.Equal(t, 5*time.Second, time.Since(start), "the default")
	})
}

// TestStore_EndsAppliedIfReadsAndAnswersLag: some services answer a write with what was there before.
func TestStore_EndsAppliedIfReadsAndAnswersLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, mt := mocked(t, readBack(0))
		var written time.Time
		now := with(full, map[string]string{"isEnabled": "false", "disabledManually": "true"})
		answer := lagging(&written, says(200, full, "ac-revision", "3"), says(200, now, "ac-revision", "4"))
		mt.RegisterResponder("GET", at(5), answer)
		mt.RegisterResponder("PUT", at(5), writing(&written, answer))

		made, err := c.Store().Block(t.Context(), "5")
		require.NoError(t, err)
		assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)

		// For ever: the record holds what may have been changed.
		c, mt = mocked(t, readBack(0))
		mt.RegisterResponder("GET", at(5), says(200, full))
		mt.RegisterResponder("PUT", at(5), says(200, full))
		made, err = c.Store().Block(t.Context(), "5")
		require.ErrorIs(t, err, core.ErrNotApplied)
		assert.Equal(t, []string{"isEnabled", "disabledManually"}, made.Changed)
	})
}

// TestStoreUpdateUser_EndsAfterALostAnswer: a server that carries every write out and loses
// every answer is written to once for each attempt, and no more.
func TestStoreUpdateUser_EndsAfterALostAnswer(t *testing.T) {
	for name, fault := range map[string]livepersontest.Fault{
		"lost": {LoseAnswer: true}, "cut": {CutBody: 20},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				z := newCentre(t)
				fault.Op, fault.Times = "Users.Replace", -1
				z.sim.Fault(fault)
				u, err := z.s.UpdateUser(t.Context(), str(z.a), core.UserChange{DisplayName: core.Set("Anna")})
				require.NoError(t, err)
				assert.Equal(t, "Anna", u.DisplayName)
				assert.LessOrEqual(t, len(z.sim.Requests("Users.Replace")), 4)

				_, err = z.c.Users.Modify(t.Context(), z.a, func(u *liveperson.User) error {
					u.Description = core.Set(u.Description.Or("") + "+")
					return nil
				})
				require.NoError(t, err)
				stored, _ := z.sim.User(z.a)
				assert.Equal(t, "+", stored["description"], "once, though it would not stand a repeat")
			})
		})
	}
}
