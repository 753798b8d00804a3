package lucs_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/lucs"
	"github.com/rollcall-go/rollcall/lucs/lucstest"
)

func account(cfg *lucs.Config) { cfg.Account = "emea" }

// TestStore_NamesAreReadOnly: they are shown, and refused before anything is sent.
func TestStore_NamesAreReadOnly(t *testing.T) {
	sim := sample(lucstest.WithDirectRoutes())
	s := overAs(t, sim, lucs.Dialect{Routes: direct}, account).Store()
	u, err := s.GetUser(t.Context(), lucstest.UserMara)
	require.NoError(t, err)
	require.Equal(t, []string{"Mara", "Keller", "emea"}, []string{u.FirstName, u.LastName, u.Account})
	sim.Reset()
	for _, change := range []core.UserChange{{FirstName: core.Set("M")}, {LastName: core.Set("K")}, {FirstName: core.Clear[string]()},
		{Email: core.Set("a@b.c")}, {Enabled: core.Set(true)}, {Roles: core.Set([]string{"R"})}, {DisplayName: core.Set("M")}} {
		_, err := s.UpdateUser(t.Context(), lucstest.UserMara, change)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassUnsupported, core.AppliedNo, "users.update", "emea"}, []any{e.Class, e.Applied, e.Op, e.Account})
	}
	_, err = s.CreateUser(t.Context(), core.UserSpec{Login: newcomer, Links: []core.Assignment{{Target: core.Target{Kind: core.KindQueue, ID: other}}}})
	require.ErrorIs(t, err, core.ErrUnsupported)
	require.Empty(t, sim.Requests())

	caps := s.Capabilities()
	require.Equal(t, core.FieldCapability{Name: "login", Wire: "SipUri", Readable: true, Settable: true, Changeable: true, Required: true}, caps.Field("login"))
	first := caps.Field("firstName")
	require.Equal(t, []bool{true, false, false}, []bool{first.Readable, first.Settable, first.Changeable})
}

// TestStore_APreconditionThatDoesNotHold writes nothing.
func TestStore_APreconditionThatDoesNotHold(t *testing.T) {
	sim := sample(lucstest.WithDirectRoutes())
	s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
	for _, change := range []core.UserChange{set("NumberOfSimultaneousIm", 5), {}} {
		change.If = core.Precondition{Values: map[string]any{"login": "sip:somebody@example.internal"}}
		_, err := s.UpdateUser(t.Context(), lucstest.UserMara, change)
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassRevision, core.AppliedNo}, []any{e.Class, e.Applied})
	}
	require.Empty(t, sim.Requests("Users.Replace"))

	change := set("NumberOfSimultaneousIm", 5)
	change.If = core.Precondition{Values: map[string]any{"login": "SIP:mara.keller@example.internal", "firstName": "Mara", "NumberOfSimultaneousIm": 2}}
	_, err := s.UpdateUser(t.Context(), lucstest.UserMara, change)
	require.NoError(t, err)
}

// TestStore_TargetsAreServices, by kind and by name.
func TestStore_TargetsAreServices(t *testing.T) {
	sim := sample()
	s := over(t, sim).Store()
	all, err := core.Collect(s.ListTargets(t.Context(), core.TargetQuery{}))
	require.NoError(t, err)
	require.Len(t, all, 4)
	require.Equal(t, core.KindQueue, all[0].Kind)
	one, err := core.Collect(s.ListTargets(t.Context(), core.TargetQuery{Kind: core.KindQueue, Name: " hELPDESK "}))
	require.NoError(t, err)
	require.Len(t, one, 1)
	require.Equal(t, lucstest.ServiceHelpdesk, one[0].ID)
	require.Equal(t, []string{"Services.List", "Services.List"}, ops(sim))
	_, err = core.Collect(s.ListTargets(t.Context(), core.TargetQuery{Kind: core.KindSkill}))
	require.ErrorIs(t, err, core.ErrUnsupported)
}

// TestStore_EverybodysAssignments walks every service once, and says that somebody may
// be missing.
func TestStore_EverybodysAssignments(t *testing.T) {
	sim := sample()
	s := over(t, sim).Store()
	all, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{}))
	require.NoError(t, err)
	require.Equal(t, []string{"Services.List", "Services.ListUsers", "Services.ListUsers", "Services.ListUsers", "Services.ListUsers"}, ops(sim))
	var one []core.Assignment
	for _, a := range all {
		if a.Target.ID == lucstest.ServiceHelpdesk {
			require.NotEmpty(t, a.Target.Name)
			one = append(one, a)
		}
	}
	of, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{Target: core.Target{Kind: core.KindQueue, ID: lucstest.ServiceHelpdesk}}))
	require.NoError(t, err)
	require.Len(t, one, len(of))
	for _, op := range []core.Operation{core.OpListUsers, core.OpListAll, core.OpListByUser, core.OpListByTarget, core.OpListTargets} {
		require.True(t, s.Capabilities().Of(op).Partial, op)
		require.NotEmpty(t, s.Capabilities().Of(op).Note, op)
	}
}

// TestStore_UnblockWithoutARecordSendsNothing, and LiftBlocks lifts.
func TestStore_UnblockWithoutARecordSendsNothing(t *testing.T) {
	sim := sample()
	s := over(t, sim).Store()
	require.NoError(t, s.Unblock(t.Context(), lucstest.UserNils))
	require.Empty(t, sim.Requests())
	require.NoError(t, s.LiftBlocks(t.Context(), lucstest.UserNils))
	u, _ := sim.User(lucstest.UserNils)
	require.Equal(t, false, u["IsBlockedByLuwareApi"])
}

// TestStore_TheBlockLogIsToldFirst, and what it refuses is not sent.
func TestStore_TheBlockLogIsToldFirst(t *testing.T) {
	sim := sample()
	var told []core.Block
	var refuses error
	s := over(t, sim, account, func(cfg *lucs.Config) {
		cfg.BlockLog = func(_ context.Context, intent core.Block) error {
			require.Empty(t, sim.Requests("Users.Block"))
			told = append(told, intent)
			return refuses
		}
	}).Store()
	refuses = errors.New("disk full")
	block, err := s.Block(t.Context(), lucstest.UserMara)
	require.ErrorIs(t, err, refuses)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.AppliedNo, "presence.block"}, []any{e.Applied, e.Op})
	require.Empty(t, block.Changed)
	require.Empty(t, sim.Requests("Users.Block"))

	refuses = nil
	block, err = s.Block(t.Context(), lucstest.UserMara)
	require.NoError(t, err)
	require.Equal(t, block, told[1])
	require.Equal(t, "emea", block.Account)
}

// TestStore_ErrorsHaveTheNamesOfTheStore, and those of a client its own.
func TestStore_ErrorsHaveTheNamesOfTheStore(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{Routes: direct}, account)
	mt.RegisterNoResponder(resttest.Answer(403, `{"Message":"no"}`))
	s := c.Store()
	for op, do := range map[string]func() error{
		"users.list":   func() error { _, err := core.Collect(s.ListUsers(t.Context(), core.UserQuery{})); return err },
		"users.get":    func() error { _, err := s.GetUser(t.Context(), aGUID); return err },
		"users.create": func() error { _, err := s.CreateUser(t.Context(), core.UserSpec{Login: newcomer}); return err },
		"users.update": func() error { _, err := s.UpdateUser(t.Context(), aGUID, set("A", 1)); return err },
		"users.delete": func() error { return s.DeleteUser(t.Context(), aGUID) },
		"targets.list": func() error { _, err := core.Collect(s.ListTargets(t.Context(), core.TargetQuery{})); return err },
		"assignments.list": func() error {
			_, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{}))
			return err
		},
		"assignments.list-by-user": func() error {
			_, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{UserID: aGUID}))
			return err
		},
		"presence.get":         func() error { _, err := s.Presence(t.Context(), aGUID); return err },
		"presence.set":         func() error { return s.SetPresence(t.Context(), aGUID, core.Away) },
		"presence.block":       func() error { _, err := s.Block(t.Context(), aGUID); return err },
		"presence.lift-blocks": func() error { return s.LiftBlocks(t.Context(), aGUID) },
	} {
		e := resttest.ErrorOf(t, do())
		require.Equal(t, []any{op, "emea", core.ClassPermission}, []any{e.Op, e.Account, e.Class})
	}
	_, err := c.Users.Get(t.Context(), aGUID)
	require.Equal(t, "Users.Get", resttest.ErrorOf(t, err).Op)
}

func TestStore_TextThatIsNotUTF8IsInvalidBeforeAnyTraffic(t *testing.T) {
	const bad = "J\xfcrg"
	c, mt := mocked(t, lucs.Dialect{Routes: lucs.Routes{ReplaceUser: "POST /users/{userId}"}})
	s := c.Store()
	_, err := s.CreateUser(t.Context(), core.UserSpec{Login: "sip:a" + bad + "@b.cc"})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "login"+" holds text that is not UTF-8")

	_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Login: core.Set("sip:a" + bad + "@b.cc")})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "login"+" holds text that is not UTF-8")
	_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"costCentre": map[string]any{"city": bad}}})
	require.ErrorIs(t, err, core.ErrInvalid)
	require.ErrorContains(t, err, "costCentre.city holds text that is not UTF-8")
	require.Zero(t, mt.GetTotalCallCount())
}

// TestStoreUpdateUser_SendsAClearAsNull, because a server may keep what is left out.
func TestStoreUpdateUser_SendsAClearAsNull(t *testing.T) {
	for name, opts := range map[string][]lucstest.Option{
		"replaces": {lucstest.WithDirectRoutes()},
		"merges":   {lucstest.WithDirectRoutes(), lucstest.WithMergedUpdates()},
	} {
		for _, field := range []string{"Traits", "profiles", "Roles", "DefaultProfile", "RetargetTo", "Tomorrow", "tomorrow"} {
			sim := sample(opts...)
			sim.ChangeUser(lucstest.UserMara, map[string]any{"Tomorrow": []int{1}, "RetargetTo": "sip:x@y.z"})
			s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
			_, err := s.UpdateUser(t.Context(), lucstest.UserMara, clearing(field))
			require.NoError(t, err, "%s, %s", name, field)
			u, _ := sim.User(lucstest.UserMara)
			for member, v := range u {
				if strings.EqualFold(member, field) {
					require.Nil(t, v, "%s, %s", name, field)
				}
			}
			sent := sim.Requests("Users.Replace")
			require.Len(t, sent, 1)
			require.Contains(t, strings.ToLower(string(sent[0].Body)), strings.ToLower(`"`+field+`":null`))
		}
		sim := sample(opts...)
		s := overAs(t, sim, lucs.Dialect{Routes: direct}).Store()
		_, err := s.UpdateUser(t.Context(), lucstest.UserMara, clearing("NumberOfSimultaneousIm"))
		require.ErrorIs(t, err, core.ErrInvalid, "the server's to say")

		sim.Reset()
		_, err = s.UpdateUser(t.Context(), lucstest.UserMara, clearing("DefaultProfile", "Bogus"))
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassInvalid, core.AppliedNo}, []any{e.Class, e.Applied})
		require.Contains(t, e.Message, "Bogus")
		require.Empty(t, sim.Requests("Users.Replace"), "an unknown field is not cleared by writing everything else")
	}
}

func TestStoreUpdateUser_AClearThatDoesNotShowIsNotApplied(t *testing.T) {
	for field, shown := range map[string]string{"Traits": `[{"TraitNode":"A"}]`, "RetargetTo": `"sip:x@y.z"`, "Tomorrow": `7`, "IsBusySelectable": "true"} {
		user := `{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","Profiles":[],"Roles":[],"Traits":[{"TraitNode":"A"}],"` + field + `":` + shown + `}`
		_, err := withUser(t, user, new(string)).UpdateUser(t.Context(), aGUID, clearing(field))
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassNotApplied, core.AppliedUnknown}, []any{e.Class, e.Applied}, field)
		require.Contains(t, e.Message, field)
	}
	for field, shown := range map[string]string{"Traits": `[]`, "RetargetTo": `""`, "DefaultProfile": "null"} {
		user := `{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","Profiles":[],"Roles":[],"Traits":null,"` + field + `":` + shown + `}`
		_, err := withUser(t, user, new(string)).UpdateUser(t.Context(), aGUID, clearing(field))
		require.NoError(t, err, field)
	}
}

// TestStoreUpdateUser_DeletesNothingUnread: of the lists that a replacement would delete each
// must have been read, or be named by the caller.
func TestStoreUpdateUser_DeletesNothingUnread(t *testing.T) {
	lists := map[string]string{"Traits": `[{"TraitNode":"A"}]`, "Profiles": `[{"Name":"P","Responsibilities":null}]`, "Roles": `[{"OrganizationUnit":"S","Role":"R","Permission":"Allow"}]`}
	doc := func(missing, value string) string {
		var user strings.Builder
		user.WriteString(`{"Id":"` + aGUID + `","SipUri":"sip:a@b.c","CurrentProfile":"P","DefaultProfile":"P"`)
		for name, list := range lists {
			switch {
			case name != missing:
				user.WriteString(`,"` + name + `":` + list)
			case value != "":
				user.WriteString(`,"` + strings.ToLower(name) + `":` + value)
			}
		}
		return user.String() + "}"
	}
	for missing := range lists {
		var body string
		s := withUser(t, doc(missing, ""), &body)
		_, err := s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"AAConfiguration": "X"}})
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassIncomplete, core.AppliedNo}, []any{e.Class, e.Applied}, missing)
		require.Contains(t, e.Message, missing)
		require.Empty(t, body)
		_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{missing: []any{}}})
		require.NoError(t, err, "the caller says what it is to be")
		require.Contains(t, body, `"`+missing+`":[]`)
		_, err = s.UpdateUser(t.Context(), aGUID, clearing(missing))
		require.NoError(t, err)
		require.Contains(t, body, `"`+missing+`":null`)

		s = withUser(t, doc(missing, "null"), &body)
		_, err = s.UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"CurrentProfile": "P"}})
		require.NoError(t, err, "null is what it is")
		require.Contains(t, body, `"`+missing+`":null`, "and goes back")
	}
	c, mt := mocked(t, lucs.Dialect{Routes: direct})
	mt.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		return httpmock.NewStringResponse(200, doc("Roles", "")), nil
	})
	_, err := c.Store().UpdateUser(t.Context(), aGUID, core.UserChange{Fields: map[string]any{"CurrentProfile": "Q"}})
	require.ErrorIs(t, err, core.ErrIncomplete, "also where one user can be read")
}
