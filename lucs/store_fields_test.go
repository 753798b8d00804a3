package lucs_test

import (
	"context"
	"errors"
	"testing"

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
	require.Equal(t, []string{"Services.List", "Users.OfService", "Users.OfService", "Users.OfService", "Users.OfService"}, ops(sim))
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
