package liveperson_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/liveperson"
	"github.com/rollcall-go/rollcall/liveperson/livepersontest"
)

func TestCapabilities_Fields(t *testing.T) {
	byName := map[core.Field]core.FieldCapability{}
	for _, f := range liveperson.Capabilities().Fields {
		byName[f.Name] = f
		f.Note = ""
	}
	for name, want := range map[core.Field]core.FieldCapability{
		"login":       {Wire: "loginName", Readable: true, Settable: true, Required: true},
		"firstName":   {Wire: "fullName", Settable: true, Changeable: true, Clearable: true},
		"lastName":    {Wire: "fullName", Settable: true, Changeable: true, Clearable: true},
		"displayName": {Wire: "nickname", Readable: true, Settable: true, Changeable: true, Required: true},
		"email":       {Wire: "email", Readable: true, Settable: true, Changeable: true, Required: true},
		"enabled":     {Wire: "isEnabled", Readable: true, Settable: true, Changeable: true},
		"roles":       {},
	} {
		got := byName[name]
		want.Name, got.Note = name, ""
		assert.Equal(t, want, got)
	}
	profile, _ := liveperson.Capabilities().Kind(core.KindProfile)
	assert.Equal(t, 1, profile.Least)
}

// TestUpdateUser_If: nothing is written where the precondition does not hold.
func TestUpdateUser_If(t *testing.T) {
	z := newCentre(t)
	u, err := z.s.GetUser(t.Context(), str(z.a))
	require.NoError(t, err)
	change := func(if_ core.Precondition) error {
		_, err := z.s.UpdateUser(t.Context(), str(z.a), core.UserChange{DisplayName: core.Set("Anna"), If: if_})
		return err
	}
	for name, if_ := range map[string]core.Precondition{
		"another revision": {Revision: u.Revision + "9"},
		"another value":    {Values: map[string]any{"displayName": "Bo"}},
		"a vendor field":   {Values: map[string]any{"maxChats": 99}},
	} {
		err := change(if_)
		require.ErrorIs(t, err, core.ErrRevision, name)
		assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
	}
	assert.Empty(t, z.sim.Requests("Users.Replace"))

	require.NoError(t, change(core.Precondition{Revision: u.Revision, Values: map[string]any{"email": "A@Example.Test", "description": nil}}))
	stored, _ := z.sim.User(z.a)
	assert.Equal(t, "Anna", stored["nickname"])
}

// TestCreateUser_Links: they are made with the user, in the one request.
func TestCreateUser_Links(t *testing.T) {
	z := newCentre(t)
	spec := newcomer("new.one")
	spec.Links = append(spec.Links, core.Assignment{Target: core.Target{Kind: core.KindSkill, ID: str(z.s1)}},
		core.Assignment{Target: core.Target{Kind: core.KindLOB, ID: str(z.lob)}})
	u, err := z.s.CreateUser(t.Context(), spec)
	require.NoError(t, err)
	stored, _ := z.sim.User(parse(t, u.ID))
	assert.Equal(t, []any{[]int64{z.s1}, []int64{z.lob}, []int64{livepersontest.ProfileAgent}}, []any{stored["skillIds"], stored["lobIds"],
		stored["profileIds"]})
	z.sim.Reset()

	for name, link := range map[string]core.Assignment{
		"of a kind": {Target: core.Target{Kind: core.KindQueue, ID: "1"}}, "suspended": {Target: core.Target{Kind: core.KindSkill, ID: "1"},
			Suspended: true},
		"with a level": {Target: core.Target{Kind: core.KindSkill, ID: "1"}, Level: new(1)},
	} {
		bad := newcomer("other")
		bad.Links = append(bad.Links, link)
		_, err := z.s.CreateUser(t.Context(), bad)
		require.ErrorIs(t, err, errors.ErrUnsupported, name)
	}
	for name, link := range map[string]core.Assignment{
		"of somebody":    {UserID: "5", Target: core.Target{Kind: core.KindSkill, ID: "1"}},
		"a second group": {Target: core.Target{Kind: core.KindGroup, ID: "7"}},
		"of no id":       {Target: core.Target{Kind: core.KindSkill, ID: "x"}},
	} {
		bad := newcomer("other")
		bad.Links = append(bad.Links, link)
		_, err := z.s.CreateUser(t.Context(), bad)
		require.ErrorIs(t, err, core.ErrInvalid, name)
	}
	assert.Empty(t, z.sim.Requests())
}

func TestListTargets(t *testing.T) {
	z := newCentre(t)
	list := func(q core.TargetQuery) []string {
		targets, err := core.Collect(z.s.ListTargets(t.Context(), q))
		require.NoError(t, err)
		var out []string
		for _, v := range targets {
			out = append(out, v.String()+" "+v.Name)
		}
		return out
	}
	assert.Equal(t, []string{"skill:" + str(z.s1) + " s1"}, list(core.TargetQuery{Kind: core.KindSkill, Name: " S1"}))
	assert.Len(t, z.sim.Requests("Skills.List"), 1)
	assert.Empty(t, z.sim.Requests("AgentGroups.List", "Profiles.List", "LOBs.List"))
	assert.Equal(t, []string{"group:" + str(z.g2) + " g2", "managed-group:" + str(z.g2) + " g2"}, list(core.TargetQuery{Name: "g2"}))
	assert.Contains(t, list(core.TargetQuery{}), "lob:"+str(z.lob)+" l")
	assert.Contains(t, list(core.TargetQuery{Kind: core.KindProfile}), "profile:"+str(z.agent2)+" Senior")

	_, err := core.Collect(z.s.ListTargets(t.Context(), core.TargetQuery{Kind: core.KindQueue}))
	require.ErrorIs(t, err, errors.ErrUnsupported)
	z.sim.Fault(livepersontest.Fault{Op: "Profiles.List", Status: 403})
	targets, err := core.Collect(z.s.ListTargets(t.Context(), core.TargetQuery{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.ErrorIs(t, err, core.ErrPermission)
	assert.NotEmpty(t, targets)
	assert.Equal(t, string(core.OpListTargets), resttest.ErrorOf(t, err).Op)
}

func TestListAssignments_Everybodys(t *testing.T) {
	z := newCentre(t)
	all, err := core.Collect(z.s.ListAssignments(t.Context(), core.AssignmentQuery{}))
	require.NoError(t, err)
	assert.Len(t, z.sim.Requests("Users.List"), 1)
	assert.Contains(t, all, assignment(z.a, core.KindSkill, z.s1))
	assert.Contains(t, all, assignment(z.manager, core.KindManagedGroup, z.g1))
	assert.Len(t, all, 8)
}

func TestListUsers_MatchesRegardlessOfCase(t *testing.T) {
	z := newCentre(t)
	for _, q := range []core.UserQuery{{Login: " A"}, {Email: "A@EXAMPLE.test "}, {Login: "a", Email: "a@example.test"}} {
		users, err := core.Collect(z.s.ListUsers(t.Context(), q))
		require.NoError(t, err)
		require.Len(t, users, 1, q)
		assert.Equal(t, str(z.a), users[0].ID)
	}
}

// TestBlockLog: the intent is told before the first write, and its refusal ends it.
func TestBlockLog(t *testing.T) {
	sim := livepersontest.NewServer()
	id := str(sim.AddUser(`{"loginName":"a"}`))
	full := errors.New("the disk is full")
	var told []core.Block
	var answer error
	s := over(t, sim, func(cfg *liveperson.Config, _ *[]liveperson.Option) {
		cfg.Account = "emea"
		cfg.BlockLog = func(_ context.Context, b core.Block) error {
			assert.Empty(t, sim.Requests("Users.Replace"))
			told = append(told, b)
			return answer
		}
	}).Store()
	answer = full
	made, err := s.Block(t.Context(), id)
	require.ErrorIs(t, err, full)
	assert.Empty(t, made.Changed)
	assert.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)

	answer, told = nil, nil
	made, err = s.Block(t.Context(), id)
	require.NoError(t, err)
	want := core.Block{Vendor: "liveperson", Account: "emea", UserID: id, Changed: []string{"isEnabled", "disabledManually"}}
	assert.Equal(t, want, made)
	assert.Equal(t, []core.Block{want}, told)
	_, err = s.Block(t.Context(), id)
	require.NoError(t, err)
	assert.Len(t, told, 1, "nothing was to be changed")

	made.Account = "apac"
	require.ErrorIs(t, s.Unblock(t.Context(), id, made), core.ErrInvalid)
}

// TestAccountAndOperation: the caller's label is in users and errors, and errors of the
// Store have the Store's names.
func TestAccountAndOperation(t *testing.T) {
	sim := livepersontest.NewServer()
	id := sim.AddUser(`{"loginName":"a"}`)
	c := over(t, sim, func(cfg *liveperson.Config, _ *[]liveperson.Option) { cfg.Account = "emea" })
	s := c.Store()
	u, err := s.GetUser(t.Context(), str(id))
	require.NoError(t, err)
	assert.Equal(t, "emea", u.Account)
	for op, err := range map[core.Operation]error{
		core.OpGetUser: second(s.GetUser(t.Context(), "99")), core.OpUpdateUser: second(s.UpdateUser(t.Context(), "99",
			core.UserChange{Email: core.Set("b@x.test")})),
		core.OpDeleteUser: s.DeleteUser(t.Context(), "99"), core.OpAssign: second(s.Assign(t.Context(), assignment(99, core.KindSkill, 1))),
		core.OpBlock: second(s.Block(t.Context(), "99")), core.OpLiftBlocks: s.LiftBlocks(t.Context(), "99"),
		core.OpCreateUser: second(s.CreateUser(t.Context(), core.UserSpec{})),
		core.OpSuspend:    second(s.Suspend(t.Context())), core.OpSetPresence: s.SetPresence(t.Context(), "99", core.Away),
		core.OpPresence: second(s.Presence(t.Context(), "99")),
	} {
		e := resttest.ErrorOf(t, err)
		assert.Equal(t, []string{"liveperson", "emea", string(op)}, []string{e.Vendor, e.Account, e.Op})
	}
	for op, err := range map[string]error{
		"Users.Get": second(c.Users.Get(t.Context(), 99)), "Users.Create": second(c.Users.Create(t.Context(), liveperson.User{})),
		"Users.Delete": c.Users.Delete(t.Context(), 99, ""), "AgentView.Get": second(c.Skills.Get(t.Context(), 99)),
	} {
		e := resttest.ErrorOf(t, err)
		assert.Equal(t, "emea", e.Account, op)
	}
}

// TestWritesOfMany_AreLookedInto: what Create, Replace and Delete of one look into, those of many do.
func TestWritesOfMany_AreLookedInto(t *testing.T) {
	c, mt := mocked(t)
	other := with(shown("a"), map[string]string{"nickname": `"else"`})
	mt.RegisterResponder("POST", usersURL, says(201, "["+other+"]"))
	mt.RegisterResponder("GET", at(5), says(200, other))
	made, err := c.Users.CreateMany(t.Context(), []liveperson.User{newUser("a")})
	half, ok := errors.AsType[*liveperson.BatchError](err)
	require.True(t, ok)
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, int64(5), made[0].ID)
	assert.True(t, half.Results[0].Done)
	assert.Contains(t, half.Results[0].Err.Error(), "differs from what was asked for: nickname")

	user := newUser("a")
	user.ID, user.Revision, user.PasswordSh = 5, "3", core.Secret{}
	mt.RegisterResponder("PUT", usersURL, says(200, "["+other+"]"))
	got, err := c.Users.ReplaceMany(t.Context(), []liveperson.User{user})
	require.ErrorIs(t, err, core.ErrPartial)
	require.ErrorIs(t, err, core.ErrNotApplied)
	assert.Equal(t, "else", got[0].Nickname.Or(""))

	// No user is reported as deleted who still exists.
	for _, answer := range []string{`{"success":false,"message":"denied"}`, `"denied"`, `false`, `{}`, ``, `[]`} {
		mt.RegisterResponder("DELETE", usersURL, says(200, answer))
		err = c.Users.DeleteMany(t.Context(), []int64{5}, liveperson.AnyRevision)
		require.ErrorIs(t, err, core.ErrPartial, answer)
		require.ErrorIs(t, err, core.ErrNotApplied, answer)
	}
	mt.RegisterResponder("GET", at(5), says(404, notFound))
	require.NoError(t, c.Users.DeleteMany(t.Context(), []int64{5}, liveperson.AnyRevision))

	for answer, done := range map[string]bool{``: true, `{}`: true, whole(5, ""): true, whole(6, ""): false, `{"success":false}`: false,
		`"denied"`: false, `false`: false} {
		mt.RegisterResponder("PUT", at(5)+"/resetPassword", says(200, answer))
		err := c.Users.ResetPassword(t.Context(), 5, core.NewSecret("Another-1"))
		if done {
			require.NoError(t, err, answer)
			continue
		}
		require.ErrorIs(t, err, core.ErrProtocol, answer)
		assert.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied)
	}
}

// TestListThatRepeatsItself: each row is handed out once, and the list is incomplete.
func TestListThatRepeatsItself(t *testing.T) {
	c, mt := mocked(t)
	mt.RegisterResponder("GET", usersURL, says(200, "["+whole(5, "")+","+whole(6, "")+","+whole(5, "")+"]"))
	users, err := core.Collect(c.Store().ListUsers(t.Context(), core.UserQuery{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	assert.Len(t, users, 2)
}

func TestStore_TextThatIsNotUTF8IsInvalidBeforeAnyTraffic(t *testing.T) {
	const bad = "J\xfcrg"
	c, mt := mocked(t)
	s := c.Store()
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: "a", FirstName: bad, LastName: "Be", Email: "a@b.cc"})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "firstName"+" holds text that is not UTF-8")

	_, err = s.UpdateUser(t.Context(), "7", core.UserChange{DisplayName: core.Set(bad)})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "displayName"+" holds text that is not UTF-8")
	_, err = s.UpdateUser(t.Context(), "7", core.UserChange{Fields: map[string]any{"costCentre": map[string]any{"city": bad}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "costCentre.city holds text that is not UTF-8")
	require.Zero(t, mt.GetTotalCallCount())
}
