package lucs_test

import (
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

func TestATaskIsSentAsDocumented(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	var body string
	mt.RegisterResponder("POST", base+"/v1.0/tasks", resttest.AnswerTo(nil, &body, 200, `"`+aGUID+`"`))
	id, err := c.Tasks.Create(t.Context(), lucs.Task{
		ID: other, State: core.Set(lucs.TaskPending), ExternalTaskID: core.Set("ticket-48113"), Service: other, Caller: core.Set("Ticket 48113"),
		PreferredAgents: []lucs.SIPURI{" sip:mara.keller@example.internal"}, ConsiderPreferredAgentsOnly: core.Set(false),
		DistributeToAgentRONATimeoutInSeconds: core.Set[int64](30),
	})
	require.NoError(t, err)
	require.Equal(t, aGUID, id)
	require.JSONEq(t, `{"ExternalTaskId":"ticket-48113","Service":"`+other+`","Caller":"Ticket 48113",
		"PreferredAgents":["sip:mara.keller@example.internal"],"ConsiderPreferredAgentsOnly":false,
		"Required":{"Im":false,"Audio":false,"Video":false,"DesktopSharing":false,"ConversationContext":false},
		"DistributeToAgent":true,"DistributeToAgentRONATimeoutInSeconds":30}`, body)
	for _, bad := range []lucs.Task{{}, {Service: "sip:x@y.z"}, {Service: other, PreferredAgents: []lucs.SIPURI{"mara"}}} {
		_, err := c.Tasks.Create(t.Context(), bad)
		require.ErrorIs(t, err, core.ErrInvalid)
	}
	require.Equal(t, 1, mt.GetTotalCallCount())
}

func TestATasksIDIsFoundInWhateverIsAnswered(t *testing.T) {
	for body, want := range map[string]string{
		`"` + aGUID + `"`: aGUID, aGUID: aGUID, " " + aGUID + "\r\n": aGUID, `{"Id":"` + aGUID + `"}`: aGUID, `{"taskId":"` + aGUID + `","State":"Pending"}`: aGUID,
		`[{"Id":"` + aGUID + `"}]`: aGUID, "4711": "4711",
		"": "", "{}": "", "[]": "", `""`: "", "<html>": "", `{"Id":`: "", "it is done": "", `"a/b"`: "",
	} {
		c, mt := mocked(t, lucs.Dialect{})
		mt.RegisterNoResponder(resttest.Answer(200, body))
		id, err := c.Tasks.Create(t.Context(), lucs.Task{Service: other})
		require.Equal(t, want, id, body)
		if want == "" {
			e := resttest.ErrorOf(t, err)
			require.Equal(t, []any{core.ClassProtocol, core.AppliedUnknown}, []any{e.Class, e.Applied}, body)
			require.Contains(t, e.Hint, "ExternalTaskId")
			continue
		}
		require.NoError(t, err)
	}
}

func TestTasksOverTheSimulator(t *testing.T) {
	for name, opts := range map[string][]lucstest.Option{
		"text": {lucstest.WithTaskAnswer(lucstest.TaskText)}, "id object": {lucstest.WithTaskAnswer(lucstest.TaskIDObject), lucstest.WithTaskArray()},
		"object": {lucstest.WithTaskAnswer(lucstest.TaskObject)},
	} {
		t.Run(name, func(t *testing.T) {
			sim := lucstest.NewServer(append(opts, lucstest.WithSampleData())...)
			c := over(t, sim)
			id, err := c.Tasks.Create(t.Context(), lucs.Task{Service: lucstest.ServiceFrench, ExternalTaskID: core.Set("t-1"), Required: lucs.Modalities{Audio: true}})
			require.NoError(t, err)
			task, err := c.Tasks.Get(t.Context(), strings.ToUpper(id))
			require.NoError(t, err)
			require.Equal(t, []any{id, "t-1", lucs.TaskState("Accepted"), true}, []any{task.ID, task.ExternalTaskID.Or(""), task.State.Or(""), task.Required.Audio})
			_, err = c.Tasks.Get(t.Context(), aGUID)
			require.ErrorIs(t, err, core.ErrNotFound)
			all, err := core.Collect(c.Services.ListTasks(t.Context(), lucstest.ServiceFrench))
			require.NoError(t, err)
			require.Len(t, all, 1)
			_, err = core.Collect(c.Services.ListTasks(t.Context(), aGUID))
			require.ErrorIs(t, err, core.ErrNotFound)
		})
	}
	// A service that has its fill declines more.
	sim := lucstest.NewServer(lucstest.WithSampleData())
	c := over(t, sim)
	for _, id := range []string{lucstest.UserSara, lucstest.UserEva} {
		sim.SetPresence(id, "Offline")
	}
	for i := range 3 {
		_, err := c.Tasks.Create(t.Context(), lucs.Task{Service: lucstest.ServiceClaims})
		if i < 2 {
			require.NoError(t, err)
			continue
		}
		e := resttest.ErrorOf(t, err)
		require.Equal(t, []any{core.ClassConflict, core.AppliedNo}, []any{e.Class, e.Applied})
	}
}

func TestATaskThatWasNotAskedForIsNotReturned(t *testing.T) {
	c, mt := mocked(t, lucs.Dialect{})
	mt.RegisterNoResponder(resttest.Answer(200, `[{"Id":"1"},{"Id":"2","Status":"Whatever"}]`))
	_, err := c.Tasks.Get(t.Context(), "3")
	require.ErrorIs(t, err, core.ErrNotFound)
	task, err := c.Tasks.Get(t.Context(), "2")
	require.NoError(t, err)
	require.Equal(t, lucs.TaskState("Whatever"), task.State.Or(""))
	mt.Reset()
	mt.RegisterNoResponder(httpmock.NewErrorResponder(http.ErrAbortHandler))
	_, err = c.Tasks.Get(t.Context(), "2")
	require.Equal(t, core.AppliedNo, resttest.ErrorOf(t, err).Applied)
}
