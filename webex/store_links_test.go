package webex_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall-go/rollcall/core"
	"github.com/rollcall-go/rollcall/internal/rest/resttest"
	"github.com/rollcall-go/rollcall/webex"
	"github.com/rollcall-go/rollcall/webex/webextest"
)

func TestListTargets_ByKindAndName(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData(), webextest.WithTelephonyPages(1, 1))
	s := over(t, sim, webex.Assist).Store()
	list := func(q core.TargetQuery) (out []string) {
		all, err := core.Collect(s.ListTargets(t.Context(), q))
		require.NoError(t, err)
		for _, target := range all {
			require.NotEmpty(t, target.ID)
			out = append(out, string(target.Kind)+" "+target.Name)
		}
		return out
	}
	require.Equal(t, []string{"queue Support", "queue Billing"}, list(core.TargetQuery{Kind: core.KindQueue})[:2])
	require.Contains(t, list(core.TargetQuery{}), "supervisor Dana Reyes")
	require.Equal(t, []string{"queue Support"}, list(core.TargetQuery{Name: " SUPPORT "}))
	require.Empty(t, list(core.TargetQuery{Kind: core.KindSupervisor, Name: "Support"}))
	_, err := core.Collect(s.ListTargets(t.Context(), core.TargetQuery{Kind: core.KindSkill}))
	require.ErrorIs(t, err, errors.ErrUnsupported)

	sim.Fault(webextest.Fault{Op: "Supervisors.List", Times: -1, Status: http.StatusForbidden})
	_, err = core.Collect(s.ListTargets(t.Context(), core.TargetQuery{}))
	require.ErrorIs(t, err, core.ErrIncomplete)
	require.ErrorIs(t, err, core.ErrPermission)
	require.Equal(t, string(core.OpListTargets), resttest.ErrorOf(t, err).Op)
}

// TestListAssignments_Everybody is what each target's list holds, in one walk.
func TestListAssignments_Everybody(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	s := over(t, sim, webex.Assist).Store()
	targets, err := core.Collect(s.ListTargets(t.Context(), core.TargetQuery{}))
	require.NoError(t, err)
	var want []core.Assignment
	for _, target := range targets {
		links, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{Target: target}))
		require.NoError(t, err)
		for _, a := range links {
			a.Target.Name = target.Name
			want = append(want, a)
		}
	}
	sim.Reset()
	got, err := core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{}))
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Len(t, sim.Requests("Queues.List"), 2, "a page and its end")
	require.Equal(t, len(sim.Requests("Queues.Get"))+len(sim.Requests("Supervisors.Get"))/2, len(targets),
		"one read each, and the end of a page")

	sim.Fault(webextest.Fault{Op: "Supervisors.Get", Times: -1, Status: http.StatusForbidden})
	got, err = core.Collect(s.ListAssignments(t.Context(), core.AssignmentQuery{}))
	require.ErrorIs(t, err, core.ErrPermission)
	require.NotEmpty(t, got, "what came is real")
	require.Equal(t, string(core.OpListAll), resttest.ErrorOf(t, err).Op)
}

func TestCreateUser_TellsWhichLinksFailed(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	s := over(t, sim, webex.Assist).Store()
	spec := kim
	spec.Links = []core.Assignment{{Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana}}} // who has no licence
	u, err := s.CreateUser(t.Context(), spec)
	e := resttest.ErrorOf(t, err)
	require.Equal(t, []any{core.ClassNotApplied, core.AppliedYes, "users.create"}, []any{e.Class, e.Applied, e.Op})
	require.Contains(t, e.Message, "assignments")
	require.ErrorIs(t, err, core.ErrPartial)
	require.NotEmpty(t, u.ID)

	sim.Reset()
	for _, bad := range []core.Assignment{{Target: core.Target{Kind: core.KindSkill, ID: "7"}},
		{Target: core.Target{Kind: core.KindQueue, ID: "a/b"}},
		{Target: core.Target{Kind: core.KindQueue, ID: webextest.QueueSupport}, Level: new(0)}} {
		spec.Links = []core.Assignment{bad}
		_, err = s.CreateUser(t.Context(), spec)
		require.Error(t, err)
		require.Empty(t, sim.Requests(), "nothing is sent")
	}
}

func TestBlock_TellsItsIntentBeforeItWrites(t *testing.T) {
	sim := webextest.NewServer(webextest.WithSampleData())
	var told []core.Block
	var refuse error
	c := over(t, sim, webex.Assist, func(cfg *webex.Config, _ *[]webex.Option) {
		cfg.Account = "emea"
		cfg.BlockLog = func(_ context.Context, b core.Block) error {
			require.Empty(t, sim.Requests("People.Replace"))
			told = append(told, b)
			return refuse
		}
	})
	s := c.Store()
	refuse = errors.New("the disk is full")
	made, err := s.Block(t.Context(), webextest.PersonAna)
	require.ErrorIs(t, err, refuse)
	require.Empty(t, made.Changed)
	require.Empty(t, sim.Requests("People.Replace"))

	refuse = nil
	made, err = s.Block(t.Context(), webextest.PersonAna)
	require.NoError(t, err)
	require.Equal(t, core.Block{Vendor: "webex", Account: "emea", UserID: webextest.PersonAna, Changed: []string{"loginEnabled"}}, made)
	require.Equal(t, made, told[1])
	_, err = s.Block(t.Context(), webextest.PersonAna)
	require.NoError(t, err)
	require.Len(t, told, 2, "there is nothing to change")

	sim.Reset()
	require.NoError(t, s.Unblock(t.Context(), webextest.PersonAna))
	require.Empty(t, sim.Requests(), "without a record nothing is sent")
	require.NoError(t, s.LiftBlocks(t.Context(), webextest.PersonAna))
	u, err := s.GetUser(t.Context(), webextest.PersonAna)
	require.NoError(t, err)
	require.True(t, *u.Enabled)
	require.Equal(t, "emea", u.Account)
}

// TestStore_AYesInUnfamiliarWordsIsLookedInto: a success that is not the documented one
// proves nothing.
func TestStore_AYesInUnfamiliarWordsIsLookedInto(t *testing.T) {
	for _, body := range []string{`{"success":false,"message":"denied"}`, `{"message":"denied"}`, `"denied"`, `false`, `{}`} {
		sim := webextest.NewServer(webextest.WithSampleData())
		s := over(t, sim, webex.Assist, attempts(1)).Store()
		for _, op := range []string{"Supervisors.UpdateAgents", "People.Delete", "QueueAgents.UpdateSettings", "Queues.ReplaceAgents"} {
			sim.Fault(webextest.Fault{Op: op, Times: -1, Status: 200, ContentType: "application/json", Body: body})
		}
		link := core.Assignment{UserID: webextest.PersonBen, Target: core.Target{Kind: core.KindSupervisor, ID: webextest.PersonDana}}
		outcomes, err := s.Assign(t.Context(), link)
		require.ErrorIs(t, err, core.ErrPartial, body)
		require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes), body)
		link.UserID = webextest.PersonAna
		outcomes, err = s.Unassign(t.Context(), link)
		require.ErrorIs(t, err, core.ErrPartial, body)
		require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes), body)
		outcomes, err = s.Suspend(t.Context(), core.Assignment{UserID: webextest.PersonAna, Target: core.Target{Kind: core.KindQueue,
			ID: webextest.QueueSupport}})
		require.ErrorIs(t, err, core.ErrPartial, body)
		require.Equal(t, []core.Result{core.ResultUnknown}, results(outcomes), body)
		err = s.DeleteUser(t.Context(), webextest.PersonMarco)
		require.Error(t, err, body)
		require.Equal(t, core.AppliedUnknown, resttest.ErrorOf(t, err).Applied, body)
	}
}
